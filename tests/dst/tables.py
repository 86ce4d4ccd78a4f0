"""Ask the tables, in plain SQL, what must hold: the second checker, which shares no code with the first.

Each promise is a query that finds what breaks it; what it finds is told. `told` has what the platforms saw: which
updates were acknowledged, and what was shown to whom.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Told:
    """What the platforms saw, as rows.

    acknowledged  channel, name of the delivery, and its former name (None for none)
    shown         lookup of the address, conversation, question (each None for none), text: one row for each time
    in_need       channel and name of the delivery: words of distress that were acknowledged
    """

    acknowledged: Sequence[tuple[str, str, str | None]]
    shown: Sequence[tuple[bytes, int | None, int | None, str]]
    in_need: Sequence[tuple[str, str]] = ()


_TOLD = """
CREATE TEMP TABLE acknowledged (channel TEXT, external_id TEXT, former_id TEXT);
CREATE TEMP TABLE shown (lookup BLOB, conversation_id INTEGER, ask INTEGER, text TEXT);
CREATE TEMP TABLE in_need (channel TEXT, external_id TEXT);
"""

PROMISES = {
    "every acknowledged update is stored exactly once": """
        SELECT a.channel || ' ' || a.external_id || ' is stored ' || count(w.place) || ' times'
        FROM (SELECT DISTINCT * FROM acknowledged) a
        LEFT JOIN witness_inbox w ON w.channel = a.channel AND w.external_id IN (a.external_id, a.former_id)
        GROUP BY a.channel, a.external_id HAVING count(w.place) = 0 OR sum(NOT w.gone) > 1""",
    "every update that was stored is handled, without an error": """
        SELECT 'inbox row ' || inbox_id || ' (' || external_id || '): ' || coalesce(error, 'not handled')
        FROM witness_inbox WHERE handled_at IS NULL OR error IS NOT NULL""",
    "a question has one answer that counts": """
        SELECT 'conversation ' || conversation_id || ' has ' || count(*) || ' answers in ' || slot
        FROM answer WHERE superseded_at IS NULL GROUP BY conversation_id, slot HAVING count(*) > 1""",
    "an answer stands under a text that its person was shown": """
        SELECT 'answer ' || answer.id || ' in ' || slot || ' stands under ' || substr(shown_text, 1, 60)
        FROM answer JOIN conversation ON conversation.id = answer.conversation_id
        WHERE shown_text != '' AND answer.status = 'answered' AND raw != '' AND NOT EXISTS (
            SELECT 1 FROM witness_outbox w
            WHERE w.conversation_id = answer.conversation_id
            AND (instr(w.text, shown_text) > 0 OR instr(w.lead, shown_text) > 0))""",
    "nothing waits to be sent at the end": """
        SELECT 'outbox row ' || id || ' (' || kind || ', ' || lane || ') is ' || status
        FROM outbox WHERE status IN ('queued', 'sending') AND kind != 'edit'""",
    "nothing is sent twice unless it is marked": """
        SELECT 'shown ' || s.times || ' times, sent ' || coalesce(w.most, 0) || ' at most: ' || substr(s.text, 1, 60)
        FROM (SELECT lookup, conversation_id, ask, text, count(*) times FROM shown GROUP BY 1, 2, 3, 4) s
        LEFT JOIN (
            SELECT lookup, conversation_id, ask, text, sum(CASE
                WHEN possibly_duplicate OR status IN ('failed', 'dropped') THEN attempts
                WHEN gone AND status = 'sending' THEN attempts
                WHEN status = 'sent' THEN 1 ELSE 0 END) most
            FROM witness_outbox WHERE kind != 'refresh' GROUP BY 1, 2, 3, 4) w
        ON w.lookup IS s.lookup AND w.conversation_id IS s.conversation_id AND w.ask IS s.ask AND w.text IS s.text
        WHERE s.times > coalesce(w.most, 0) AND NOT EXISTS ( -- help is no part of a talk any more once that is deleted
            SELECT 1 FROM witness_outbox h WHERE h.kind = 'help' AND h.possibly_duplicate
            AND (h.conversation_id IS NULL OR h.gone AND s.conversation_id IS NULL)
            AND h.lookup IS s.lookup AND h.text IS s.text)""",
    "what counts as sent was shown": """
        SELECT 'sent ' || w.least || ' times, shown ' || coalesce(s.times, 0) || ': ' || substr(w.text, 1, 60)
        FROM (SELECT lookup, conversation_id, ask, text, count(*) least FROM witness_outbox
            WHERE status = 'sent' AND kind NOT IN ('refresh', 'edit') GROUP BY 1, 2, 3, 4) w
        LEFT JOIN (SELECT lookup, conversation_id, ask, text, count(*) times FROM shown GROUP BY 1, 2, 3, 4) s
        ON w.lookup IS s.lookup AND w.conversation_id IS s.conversation_id AND w.ask IS s.ask AND w.text IS s.text
        WHERE w.least > coalesce(s.times, 0)""",
    "replies at an address go out in their order": """
        SELECT 'outbox row ' || later.outbox_id || ' was sent before ' || later.earlier
        FROM (SELECT outbox_id, sent_place, max(sent_place) OVER before AS highest,
                lag(outbox_id) OVER (PARTITION BY address_id ORDER BY place) AS earlier
            FROM witness_outbox WHERE status = 'sent' AND lane = 'reply' AND kind IN ('message', 'document')
            WINDOW before AS (PARTITION BY address_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) later WHERE highest > sent_place""",
    "a commitment has its follow-ups": """
        SELECT 'commitment ' || commitment.id || ' has ' || count(follow_up.id) || ' follow-ups'
        FROM commitment JOIN conversation ON conversation.id = commitment.conversation_id
        JOIN participant ON participant.id = commitment.participant_id
        LEFT JOIN follow_up ON follow_up.commitment_id = commitment.id AND NOT follow_up.after_start
        WHERE conversation.outcome IN ('completed', 'expired') AND participant.status = 'active'
        AND EXISTS (SELECT 1 FROM consent WHERE consent.participant_id = participant.id
            AND purpose = 'contact_again' AND granted)
        AND NOT EXISTS (SELECT 1 FROM consent WHERE consent.participant_id = participant.id
            AND purpose IN ('contact_again', 'take_part') AND NOT granted)
        AND EXISTS (SELECT 1 FROM answer WHERE answer.conversation_id = conversation.id AND question_key = 'c2'
            AND superseded_at IS NULL AND value = '"will_change"')
        GROUP BY commitment.id HAVING count(follow_up.id) != 3""",
    "no follow-up is lost": """
        SELECT 'follow-up ' || f.id || ' is ' || f.status || ', and nothing is set for it' FROM follow_up f
        WHERE f.status = 'scheduled' AND NOT EXISTS (
            SELECT 1 FROM timer WHERE timer.follow_up_id = f.id AND timer.kind = 'wave' AND timer.done_at IS NULL)
        UNION ALL
        SELECT 'follow-up ' || f.id || ' was sent, and nothing closes it' FROM follow_up f
        WHERE f.status = 'sent' AND NOT EXISTS (
            SELECT 1 FROM timer WHERE timer.conversation_id = f.conversation_id AND timer.kind = 'wave_close'
            AND timer.done_at IS NULL)
        UNION ALL
        SELECT 'follow-up ' || f.id || ' ended as ' || f.status || ' without a reason' FROM follow_up f
        WHERE f.status IN ('no_response', 'opted_out', 'cancelled') AND f.reason IS NULL
        UNION ALL
        SELECT 'follow-up ' || f.id || ' counts as answered, and nobody wrote' FROM follow_up f
        WHERE f.status = 'answered' AND f.answered_at IS NULL
        UNION ALL
        SELECT 'timer ' || id || ': ' || reason FROM timer WHERE reason LIKE 'failed%' AND reason != 'failed'""",
    "nobody is written to who has left": "SELECT what || ' ' || number FROM witness_wrong",
    "help for somebody at risk is sent": """
        SELECT 'help ' || outbox_id || ' is ' || status || ': ' || coalesce(reason, '') FROM witness_outbox w
        WHERE kind = 'help' AND NOT gone AND status != 'sent'
        AND NOT (status = 'dropped' AND reason IN ('blocked', 'unreachable') AND (ask IS NOT NULL
            OR EXISTS (SELECT 1 FROM address WHERE address.id = w.address_id AND address.status != 'active')))
        AND NOT (status = 'failed')""",
    "words of distress are answered with help": """
        SELECT 'no help is there for ' || in_need.channel || ' ' || in_need.external_id FROM in_need
        JOIN witness_inbox i ON i.channel = in_need.channel AND i.external_id = in_need.external_id
        WHERE i.person IS NOT NULL AND NOT EXISTS (SELECT 1 FROM witness_outbox w JOIN witness_inbox other
            ON other.lookup = w.lookup WHERE other.person = i.person AND w.kind = 'help')""",
    "a reminder counts once it was sent": """
        SELECT 'follow-up ' || id || ' counts ' || reminded || ' of ' || sent || ' to ' || in_all || ' sent'
        FROM (SELECT f.id, f.reminded, count(contact.id) AS in_all, count(contact.id) FILTER (
                WHERE contact.at < min(coalesce(f.answered_at, '9999-'), coalesce(f.closed_at, '9999-'))) AS sent
            FROM follow_up f LEFT JOIN contact ON timer_kind = 'wave_reminder' AND action = 'sent' AND (
                contact.conversation_id = f.conversation_id
                OR contact.conversation_id IN ( -- whoever begins the talk anew was reminded of the one before
                    SELECT opened.conversation_id FROM contact opened WHERE opened.follow_up_id = f.id))
            WHERE f.conversation_id IS NOT NULL GROUP BY f.id)
        WHERE reminded NOT BETWEEN sent AND in_all""",
    "a contact that counts as sent was handed over": """
        SELECT 'contact ' || contact.id || ' (' || timer_kind || ') counts as sent, and no message was'
        FROM contact WHERE action = 'sent'
        AND timer_kind IN ('wave', 'wave_reminder', 'interview_reminder', 'follow_on')
        AND conversation_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM witness_outbox w WHERE w.conversation_id = contact.conversation_id AND w.attempts > 0
            AND w.kind IN ('message', 'help') AND (contact.at IN (w.sent_at, max(w.created_at, contact.at))
                -- the clock may have been set back since the opener was queued
                OR timer_kind IN ('wave', 'follow_on') AND w.outbox_id = (SELECT min(first.outbox_id)
                    FROM witness_outbox first WHERE first.conversation_id = contact.conversation_id)))""",
}


def found(path: Path, told: Told) -> Iterator[str]:
    """Yield what breaks a promise, a sentence each. The database must not be written to meanwhile."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_TOLD)
        for table, rows in (
            ("acknowledged (channel, external_id, former_id)", told.acknowledged),
            ("shown (lookup, conversation_id, ask, text)", told.shown),
            ("in_need (channel, external_id)", told.in_need),
        ):
            marks = ", ".join("?" * (table.count(",") + 1))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        for name, query in PROMISES.items():
            for (what,) in connection.execute(query).fetchall():
                yield f"{name}: {what}"
