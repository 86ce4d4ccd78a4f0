"""Put into a simulated program what the outcomes report tells beside: coded words, links, reviews, cases that end."""

import json
import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from flows.coding.codebook import Codebook, CodebookCode
from storage.coding import codebooks, codings, excerpts, settlements
from storage.coding.codings import NewCoding
from storage.coding.texts import codable_texts
from storage.people import coordinators
from tests.support.measured_program import PROGRAM

MADE = datetime(2026, 7, 1, 9, tzinfo=UTC)
BOOK = Codebook(
    codebook=PROGRAM,
    version="1",
    codes=(
        CodebookCode(code="body", label="Body"),
        CodebookCode(code="nerves", label="Nerves", parent="body"),
        CodebookCode(code="feet", label="Feet", parent="nerves"),
        CodebookCode(code="worry", label="Worry"),
        CodebookCode(code="cost", label="Cost"),
    ),
)
LINKS = (
    ("theme", "worry", "objective", "autumn.o2", None),
    ("theme", "feet", "objective", "spring_symposium.one_plan", None),
    ("theme", "cost", "objective", "spring_symposium.one_plan", "2026-07-02 09:00:00.000000"),
    ("objective", "autumn.o2", "suggestion", "spring_symposium.teach_back", None),
    ("objective", "spring_symposium.plain_plan", "suggestion", "spring_symposium.one_page_plan", None),
)
"""From what to what, and when it was removed."""
CASES = (
    ("product_complaint", "acknowledged", "2026-04-02", "2026-04-03", "2026-04-02"),
    ("product_complaint", "not_an_event", "2026-05-06", "2026-05-07", "2026-05-09"),
    ("adverse_event", "sent", "2026-05-31", "2026-06-01", "2026-06-01"),
    ("adverse_event", "reviewing", "2026-07-20", "2026-09-09", None),
    ("distress", "cleared", "2026-06-03", "2026-06-03", "2026-06-03"),
)
"""Kind, status, and when it was opened, due and settled, at noon each."""
PEOPLE = """activity,person,function,patient,disclosure,start
spring_symposium,P-1,planner,yes,disclosed,
spring_symposium,P-1,faculty,yes,,2026-03-01
spring_symposium,P-2,faculty,no,missing,2027-01-01
spring_symposium,P-3,faculty,no,missing,
autumn,P-1,planner,yes,nothing_to_disclose,
autumn,P-4,reviewer,yes,,
"""


def add_report_noise(path: Path, seed: int) -> None:
    """Put it into the program of `tests.support.measured_program`, noise and all; by the same seed the same."""
    chance = random.Random(seed)
    with sqlite3.connect(path) as connection:
        for code in ("ANNA", "BERT"):
            connection.execute(
                "INSERT INTO coordinator (code, timezone, digest_hour, created_at) VALUES (?, 'UTC', 9, ?)",
                (code, "2026-03-01 09:00:00.000000"),
            )
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        _code(connection, chance)
    engine.dispose()
    with sqlite3.connect(path) as connection:
        _link(connection, chance)
        _meet_barriers(connection, chance)
        _open_cases(connection, chance)
        _change_words(connection, chance)
        _review(connection, chance)


def _code(connection: sa.Connection, chance: random.Random) -> None:
    """Have two coders code what patients wrote, not always alike; settle some of it."""
    anna, bert = (coordinators.by_code(connection, code) for code in ("ANNA", "BERT"))
    codebooks.load(connection, BOOK, by=anna, now=MADE)
    names = [one.code for one in BOOK.codes]
    texts = [one for one in codable_texts(connection, 1) if one.role != "hcp"]
    for place, text in enumerate(texts[:40]):
        mine = frozenset(chance.sample(names, place % 3))
        theirs = mine if chance.random() < 0.6 else frozenset(chance.sample(names, 2))
        codings.code(connection, 1, NewCoding(text.source, mine), by=anna, now=MADE)
        if place % 5:
            codings.code(connection, 1, NewCoding(text.source, theirs), by=bert, now=MADE)
    for place, one in enumerate(list(excerpts.coded_texts(connection, 1))):
        if one.is_open and one.id is not None and place % 2:
            settled = (("feet",), "Feet are meant")
            settlements.settle(connection, 1, one.id, settled, by=(anna, MADE))


def _link(connection: sqlite3.Connection, chance: random.Random) -> None:
    plain = connection.execute("SELECT id FROM commitment WHERE objective IS NULL AND confirmed ORDER BY id")
    own = [number for (number,) in plain]
    linked = [
        ("objective", "spring_symposium.one_plan", "commitment", str(number), None)
        for number in chance.sample(own, min(1, len(own)))
    ]
    for *ends, removed in (*LINKS, *linked):
        connection.execute(
            "INSERT INTO theme_link (program_id, from_kind, from_code, to_kind, to_code, reason, made_by, made_at,"
            " removed_at) VALUES (1, ?, ?, ?, ?, 'because', 1, '2026-07-01 09:00:00.000000', ?)",
            (*ends, removed),
        )
    connection.execute("UPDATE activity SET held_on = '2026-06-20' WHERE slug = 'autumn'")
    connection.execute(
        "UPDATE commitment SET objective = NULL WHERE id IN"
        " (SELECT id FROM commitment WHERE confirmed AND type NOT NULL ORDER BY id LIMIT 3)"
    )


def _meet_barriers(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Reports that something is not done yet, with what got in the way: mostly what was not foreseen."""
    told = [number for (number,) in connection.execute("SELECT id FROM implementation ORDER BY id")]
    for place, number in enumerate(chance.sample(told, min(9, len(told)))):
        status = ("planned", "partial", "dropped")[place % 3]
        connection.execute("UPDATE implementation SET status = ? WHERE id = ?", (status, number))
        for code in ("memory", "time", "none")[: 1 + place % 3]:
            connection.execute(
                "INSERT OR IGNORE INTO barrier (implementation_id, code) VALUES (?, ?)", (number, code)
            )


def _open_cases(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Cases of every kind and end; that of distress is about an answer of a clinician who committed."""
    told = "SELECT a.id, a.conversation_id, c.participant_id FROM answer a JOIN commitment c"
    on = "ON c.conversation_id = a.conversation_id"
    answers = connection.execute(
        f"{told} {on} WHERE a.kind = 'text' AND c.confirmed ORDER BY a.id"
    ).fetchall()
    for kind, status, *days in CASES:
        answer, talk, person = chance.choice(answers) if kind == "distress" else (None, None, 1)
        opened, due, settled = (None if day is None else f"{day} 12:00:00.000000" for day in days)
        connection.execute(
            "INSERT INTO safety_case (participant_id, program_id, answer_id, conversation_id, kind, status, opened_at,"
            " due_at, settled_at, elements, products, details) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, '[]', '[]', '{}')",
            (person, answer, talk, kind, status, opened, due, settled),
        )
    connection.execute(
        "UPDATE safety_case SET status = 'sent', settled_at = '2026-03-20 09:00:00.000000' WHERE id = 1"
    )


def _change_words(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Words with an address, taken back, personal or without anything to tell; one who submitted is erased."""
    made = [
        number for (number,) in connection.execute("SELECT id FROM commitment WHERE confirmed ORDER BY id")
    ]
    mailed, back = chance.sample(made, 2)
    connection.execute(
        "UPDATE commitment SET statement = 'Ask ann@example.org for a leaflet', redaction_rules = 0 WHERE id = ?",
        (mailed,),
    )
    connection.execute(
        "UPDATE answer SET message_deleted_at = '2026-06-01 09:00:00.000000', raw = (SELECT statement FROM commitment"
        " WHERE id = ?) WHERE id = (SELECT max(a.id) FROM answer a JOIN commitment c"
        " ON c.conversation_id = a.conversation_id WHERE c.id = ?)",
        (back, back),
    )
    sent = [
        number
        for (number,) in connection.execute(
            "SELECT id FROM conversation WHERE flow = 'best_practice' ORDER BY id"
        )
    ]
    changes = (
        ("f7", "value = '\"none\"', status = 'answered'"),
        ("f5", "message_deleted_at = '2026-06-01 09:00:00.000000'"),
        ("f4", "personal = 1"),
        (
            "f5_more",
            "status = 'unparsed', value = NULL, raw = 'Write to ben@example.org', redaction_rules = 0",
        ),
    )
    for question, change in changes:
        connection.execute(
            f"UPDATE answer SET {change} WHERE question_key = ? AND conversation_id = ?",
            (question, chance.choice(sent[1:])),
        )
    connection.execute(
        "UPDATE participant SET status = 'deleted' WHERE id = (SELECT participant_id FROM conversation WHERE id = ?)",
        (sent[0],),
    )
    spoken = [
        number
        for (number,) in connection.execute("SELECT answer_id FROM excerpt WHERE answer_id IS NOT NULL")
    ]
    for number, change in zip(
        chance.sample(spoken, 3), ("superseded_at", "message_deleted_at", "raw"), strict=True
    ):
        connection.execute(
            f"UPDATE answer SET {change} = '2026-07-03 09:00:00.000000' WHERE id = ?", (number,)
        )
    connection.execute("UPDATE participant SET role = 'carer' WHERE role = 'patient' AND id % 3 = 0")


def _review(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Reviews of content by patients, carers and a clinician, with decisions on some of their points."""
    people = connection.execute(
        "SELECT id FROM participant WHERE role IN ('patient', 'carer') ORDER BY id"
    ).fetchall()
    clinician = connection.execute("SELECT min(id) FROM participant WHERE role = 'hcp'").fetchone()
    flow_hash = connection.execute("SELECT min(hash) FROM flowversion").fetchone()[0]
    for (person,) in (*chance.sample(people, 5), clinician):
        made = connection.execute(
            "INSERT INTO conversation (participant_id, address_id, program_id, activity_id, flow, flow_hash, channel,"
            " status, outcome, state, turns, started_at, last_turn_at, ended_at) VALUES (?, 1, 1, 2, 'content_review',"
            " ?, 'simulated', 'ended', 'completed', '', 9, :at, :at, :at)".replace(
                ":at", "'2026-06-10 09:00:00.000000'"
            ),
            (person, flow_hash),
        )
        for key in ("b3", "b4"):
            words = chance.choice(("none", "More on sleep", "Less on drugs"))
            connection.execute(
                "INSERT INTO answer (conversation_id, slot, question_key, item, kind, value, raw, status, shown_text,"
                " language, channel, asked_at, answered_at, personal, identifiers, unheard) VALUES (?, ?, ?, '',"
                " 'text', ?, ?, 'answered', '', 'en', 'simulated', :at, :at, 0, 0, 0)".replace(
                    ":at", "'2026-06-10 09:00:00.000000'"
                ),
                (made.lastrowid, key, key, json.dumps(words), words),
            )
            decision = chance.choice(("used", "partly", "not_used", None))
            if decision is not None:
                connection.execute(
                    "INSERT INTO review_decision (conversation_id, slot, decision, reason, decided_at)"
                    " VALUES (?, ?, ?, 'because', '2026-06-20 09:00:00.000000')",
                    (made.lastrowid, key, decision),
                )
