"""The views that analysts query: stable names and columns, no identity, and words in their redacted form alone.

A column is never renamed or taken away; new ones come at the end. The form of a text that SQL cannot vouch for is
`HIDDEN`: where the rules of today have not read it yet, and where what is redacted depends on the countries that are
known of its author (`storage.conversations.kept_redactions`). Answers and remarks under a question that is marked as
personal are not there.

Whoever changes a view adds a migration, so that older databases have it made anew: `storage.database.migrate` makes
the views after the last one.
"""

# ruff: noqa: S608 - these are texts of ours, and nothing that anybody typed

from typing import Final

HIDDEN: Final = "[redacted]"
"""What stands for words whose redacted form is not known."""
READ_BY_RULES: Final = 1
"""The version of the rules of redaction that the views trust: `storage.redaction.RULES`."""


def _words(row: str, column: str) -> str:
    """Return the SQL of the redacted words in a column of a row that has their redacted form beside them."""
    return f"""CASE WHEN {row}.{column} IS NULL OR {row}.{column} = '' THEN {row}.{column}
        WHEN {row}.redaction_rules <> {READ_BY_RULES} THEN '{HIDDEN}'
        WHEN {row}.redaction IS NULL THEN {row}.{column}
        WHEN json_type({row}.redaction, '$.places') IS NOT NULL THEN '{HIDDEN}'
        ELSE coalesce(json_extract({row}.redaction, '$.{column}'), {row}.{column}) END"""


def _json_words(row: str, column: str) -> str:
    """Return the SQL of the redacted words in a column that holds JSON text, as JSON text."""
    return f"""CASE WHEN {row}.{column} IS NULL THEN NULL
        WHEN {row}.redaction_rules <> {READ_BY_RULES} THEN json_quote('{HIDDEN}')
        WHEN {row}.redaction IS NULL THEN {row}.{column}
        WHEN json_type({row}.redaction, '$.places') IS NOT NULL THEN json_quote('{HIDDEN}')
        WHEN json_type({row}.redaction, '$.{column}') IS NULL THEN {row}.{column}
        ELSE json_quote(json_extract({row}.redaction, '$.{column}')) END"""


_VALUE: Final = (
    f"CASE WHEN a.kind IN ('date', 'number', 'scale') THEN a.value ELSE {_json_words('a', 'value')} END"
)
"""The redacted value of an answer, as JSON text; a date or a number that was asked for is no identifier."""


def _time(column: str) -> str:
    """Return the SQL of a time in ISO 8601 (UTC), to the second, as in exports."""
    return f"substr({column}, 1, 10) || 'T' || substr({column}, 12, 8) || 'Z'"


_ANSWERS: Final = f"""
SELECT n.code AS participant, n.role, p.slug AS program, x.slug AS activity, t.flow,
    substr(t.flow_hash, 1, 12) AS flow_version, t.id AS conversation, a.id AS answer, a.question_key, a.item, a.kind,
    {_words("a", "shown_text")} AS shown_text,
    {_VALUE} AS value,
    {_words("a", "raw")} AS raw,
    a.status, a.language, a.detected_language, a.detected_probability, a.channel,
    {_time("a.asked_at")} AS asked_at, {_time("a.answered_at")} AS answered_at,
    {_time("a.superseded_at")} AS superseded_at, {_time("a.message_deleted_at")} AS message_deleted_at,
    a.superseded_at IS NOT NULL AS superseded
FROM answer a JOIN conversation t ON t.id = a.conversation_id JOIN participant n ON n.id = t.participant_id
JOIN program p ON p.id = t.program_id LEFT JOIN activity x ON x.id = t.activity_id
WHERE NOT a.personal"""

_REMARKS: Final = f"""
SELECT n.code AS participant, n.role, p.slug AS program, x.slug AS activity, t.flow,
    substr(t.flow_hash, 1, 12) AS flow_version, t.id AS conversation, r.id AS remark, r.number, r.slot,
    {_words("r", "shown_text")} AS shown_text,
    {_words("r", "raw")} AS raw,
    r.language, r.detected_language, r.detected_probability, r.channel,
    {_time("r.said_at")} AS said_at, {_time("r.superseded_at")} AS superseded_at, r.taken_as,
    {_time("r.message_deleted_at")} AS message_deleted_at, r.superseded_at IS NOT NULL AS superseded
FROM remark r JOIN conversation t ON t.id = r.conversation_id JOIN participant n ON n.id = t.participant_id
JOIN program p ON p.id = t.program_id LEFT JOIN activity x ON x.id = t.activity_id
WHERE NOT r.personal"""

_CONSENTS: Final = f"""
SELECT s.id AS decision, n.code AS participant, n.role, p.slug AS program, x.slug AS activity,
    s.conversation_id AS conversation, s.purpose, s.granted, coalesce(s.flow, t.flow) AS flow,
    substr(t.flow_hash, 1, 12) AS flow_version, s.text_hash, s.source_hash, s.language, t.channel,
    {_time("s.decided_at")} AS decided_at,
    NOT EXISTS (SELECT 1 FROM consent l WHERE l.participant_id = s.participant_id AND l.program_id = s.program_id
        AND l.purpose = s.purpose AND l.id > s.id) AS newest
FROM consent s JOIN participant n ON n.id = s.participant_id JOIN program p ON p.id = s.program_id
LEFT JOIN conversation t ON t.id = s.conversation_id LEFT JOIN activity x ON x.id = t.activity_id"""

_COMMITMENTS: Final = f"""
SELECT n.code AS participant, n.role, p.slug AS program, x.slug AS activity, c.id AS "commitment", c.slot,
    {_words("c", "statement")} AS statement,
    c.suggestion, c.type, c.theme, c.objective,
    {_words("c", "if_then")} AS if_then,
    c.start_on, c.level, c.confidence,
    (SELECT coalesce(group_concat(j.value, '; '), '') FROM json_each(c.foreseen_barriers) j) AS foreseen_barriers,
    {_words("c", "coping")} AS coping,
    {_words("c", "foreseen_other")} AS foreseen_other,
    {_time("c.made_at")} AS made_at,
    (SELECT count(*) FROM commitmentrevision v WHERE v.commitment_id = c.id) AS revisions,
    c.confirmed, c.baseline_did, c.baseline_had
FROM "commitment" c JOIN participant n ON n.id = c.participant_id JOIN program p ON p.id = c.program_id
LEFT JOIN activity x ON x.id = c.activity_id"""

_FOLLOW_UPS: Final = f"""
SELECT n.code AS participant, n.role, p.slug AS program, x.slug AS activity, c.id AS "commitment", c.theme,
    c.confirmed, f.wave_days, f.after_start, {_time("f.due_at")} AS due_at, {_time("f.sent_at")} AS sent_at,
    f.reminded, {_time("f.answered_at")} AS answered_at, {_time("f.closed_at")} AS closed_at,
    f.status AS follow_up_status, f.reason AS follow_up_reason, m.status AS implementation,
    {_time("m.reported_at")} AS reported_at, m.late,
    (SELECT group_concat(b.code, '; ') FROM (SELECT code FROM barrier WHERE implementation_id = m.id ORDER BY code) b)
        AS barriers_met,
    f.status = 'no_response' AS no_response,
    {_json_words("m", "details")} AS details
FROM follow_up f JOIN "commitment" c ON c.id = f.commitment_id JOIN participant n ON n.id = c.participant_id
JOIN program p ON p.id = c.program_id LEFT JOIN activity x ON x.id = c.activity_id
LEFT JOIN implementation m ON m.follow_up_id = f.id"""

_RESPONSE: Final = f"""
SELECT p.slug AS program, x.slug AS activity, i.source, i.role, i.flow, count(*) AS links,
    sum(i.kind = 'single') AS for_one, sum(i.kind <> 'single') AS for_groups, sum(i.uses) AS uses,
    sum(EXISTS (SELECT 1 FROM enrollment e WHERE e.invitation_id = i.id)) AS opened,
    sum((SELECT count(*) FROM enrollment e WHERE e.invitation_id = i.id)) AS people,
    sum((SELECT count(*) FROM enrollment e WHERE e.invitation_id = i.id AND EXISTS (SELECT 1 FROM conversation t
        WHERE t.participant_id = e.participant_id AND t.program_id = i.program_id AND t.flow = i.flow))) AS began,
    {_time("min(i.created_at)")} AS first_made_at, {_time("max(i.created_at)")} AS last_made_at,
    sum((SELECT count(*) FROM enrollment e WHERE e.invitation_id = i.id AND EXISTS (SELECT 1 FROM conversation t
        WHERE t.participant_id = e.participant_id AND t.program_id = i.program_id AND t.flow = i.flow
        AND t.outcome = 'completed'))) AS finished
FROM invitation i JOIN program p ON p.id = i.program_id LEFT JOIN activity x ON x.id = i.activity_id
GROUP BY p.slug, x.slug, i.source, i.role, i.flow"""

_LOOP: Final = """
WITH joined AS (
    SELECT DISTINCT json_extract(j.value, '$.code') AS code, json_extract(j.value, '$.into') AS theme
    FROM json_tree((SELECT source FROM flowversion WHERE flow = 'patient_interview'
        ORDER BY first_used_at DESC LIMIT 1)) j
    WHERE j.type = 'object' AND json_extract(j.value, '$.into') IS NOT NULL
), picked AS (
    SELECT DISTINCT t.program_id, t.participant_id, coalesce(w.theme, j.value) AS theme
    FROM answer a JOIN conversation t ON t.id = a.conversation_id, json_each(a.value) j
    LEFT JOIN joined w ON w.code = j.value
    WHERE t.flow = 'patient_interview' AND a.question_key = 'a6' AND a.status = 'answered'
        AND a.superseded_at IS NULL AND a.value IS NOT NULL
), taught AS (
    SELECT x.program_id, o.activity_id, o.id, coalesce(w.theme, o.theme) AS theme
    FROM objective o JOIN activity x ON x.id = o.activity_id LEFT JOIN joined w ON w.code = o.theme
    WHERE o.theme IS NOT NULL
), waves AS (
    SELECT DISTINCT program_id, wave_days FROM follow_up WHERE NOT after_start
), told AS (
    SELECT f.commitment_id, coalesce(m.status, 'in_words') AS status,
        row_number() OVER (PARTITION BY f.commitment_id ORDER BY m.status IS NULL,
            coalesce(m.reported_at, f.answered_at) DESC, f.after_start, f.wave_days) AS back
    FROM follow_up f LEFT JOIN implementation m ON m.follow_up_id = f.id
    WHERE m.status IS NOT NULL OR f.status = 'answered'
), made AS (
    SELECT c.program_id, c.participant_id, coalesce(w.theme, c.theme, '') AS theme, d.status,
        d.status IS NOT NULL OR EXISTS (SELECT 1 FROM follow_up f WHERE f.commitment_id = c.id
            AND f.status <> 'scheduled' AND NOT (f.status = 'cancelled' AND f.reason IS 'nothing_left_to_ask'))
        OR (n.status <> 'active' OR (SELECT s.granted FROM consent s WHERE s.participant_id = c.participant_id
                AND s.program_id = c.program_id AND s.purpose = 'contact_again' ORDER BY s.id DESC LIMIT 1) IS 0)
            AND (NOT EXISTS (SELECT 1 FROM waves v WHERE v.program_id = c.program_id)
                OR EXISTS (SELECT 1 FROM waves v WHERE v.program_id = c.program_id AND NOT EXISTS
                    (SELECT 1 FROM follow_up f WHERE f.commitment_id = c.id AND f.wave_days = v.wave_days
                        AND NOT f.after_start))) AS due
    FROM "commitment" c JOIN participant n ON n.id = c.participant_id LEFT JOIN joined w ON w.code = c.theme
    LEFT JOIN told d ON d.commitment_id = c.id AND d.back = 1
    WHERE c.confirmed
), asked AS (
    SELECT DISTINCT t.program_id, t.participant_id, coalesce(w.theme, a.item) AS theme
    FROM answer a JOIN conversation t ON t.id = a.conversation_id LEFT JOIN joined w ON w.code = a.item
    WHERE t.flow = 'patient_follow_up' AND a.question_key IN ('e2', 'e3') AND a.superseded_at IS NULL
), themes AS (
    SELECT h.program_id, coalesce(w.theme, h.code) AS theme, h.label, min(h.id) AS place
    FROM theme h LEFT JOIN joined w ON w.code = h.code GROUP BY h.program_id, coalesce(w.theme, h.code)
), used AS (
    SELECT program_id, theme, label FROM themes
    UNION ALL
    SELECT program_id, theme, iif(theme = '', '(no theme)', theme)
    FROM (SELECT program_id, theme FROM taught UNION SELECT program_id, theme FROM made) u
    WHERE NOT EXISTS (SELECT 1 FROM themes h WHERE h.program_id = u.program_id AND h.theme = u.theme)
)
SELECT p.slug AS program, u.theme, u.label,
    (SELECT count(*) FROM picked k WHERE k.program_id = p.id AND k.theme = u.theme) AS raised,
    (SELECT count(DISTINCT activity_id) FROM taught k WHERE k.program_id = p.id AND k.theme = u.theme) AS activities,
    (SELECT count(*) FROM taught k WHERE k.program_id = p.id AND k.theme = u.theme) AS objectives,
    (SELECT count(*) FROM made k WHERE k.program_id = p.id AND k.theme = u.theme) AS commitments,
    (SELECT count(DISTINCT participant_id) FROM made k WHERE k.program_id = p.id AND k.theme = u.theme) AS clinicians,
    (SELECT count(*) FROM made k WHERE k.program_id = p.id AND k.theme = u.theme AND k.status IS NOT NULL) AS responded,
    (SELECT count(*) FROM made k WHERE k.program_id = p.id AND k.theme = u.theme AND k.due) AS due,
    (SELECT count(*) FROM made k WHERE k.program_id = p.id AND k.theme = u.theme AND k.status IN ('full', 'partial'))
        AS done,
    (SELECT count(*) FROM made k WHERE k.program_id = p.id AND k.theme = u.theme AND k.status = 'full') AS done_in_full,
    (SELECT count(*) FROM asked k WHERE k.program_id = p.id AND k.theme = u.theme) AS asked_later
FROM used u JOIN program p ON p.id = u.program_id"""

VIEWS: Final = {
    "v_answers": _ANSWERS,
    "v_remarks": _REMARKS,
    "v_consents": _CONSENTS,
    "v_commitments": _COMMITMENTS,
    "v_follow_ups": _FOLLOW_UPS,
    "v_response": _RESPONSE,
    "v_loop": _LOOP,
}
"""The query behind each view, for SQLite."""


def view_statements() -> dict[str, str]:
    """Return the statement that makes each view, by its name; it is the text that SQLite keeps."""
    return {name: f"CREATE VIEW {name} AS{query}" for name, query in VIEWS.items()}
