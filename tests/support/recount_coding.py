"""The plain SQL on coded words, words of distress and added links, for the recounts; `:p` is the program's name."""

UNQUOTED = """
told_of AS (
    SELECT answer_id AS answer, remark_id AS remark FROM safety_case WHERE kind = 'distress'
    UNION ALL SELECT j.value, NULL FROM safety_case s, json_each(s.details, '$.also.answer_id') j
        WHERE s.kind = 'distress'
    UNION ALL SELECT NULL, j.value FROM safety_case s, json_each(s.details, '$.also.remark_id') j
        WHERE s.kind = 'distress'
), told_words AS (
    SELECT a.conversation_id AS talk, trim(a.raw) AS words FROM answer a JOIN told_of t ON t.answer = a.id
    UNION SELECT r.conversation_id, trim(r.raw) FROM remark r JOIN told_of t ON t.remark = r.id
), unquoted AS (
    SELECT a.id, a.conversation_id AS talk FROM answer a WHERE a.id IN (SELECT answer FROM told_of)
        OR EXISTS (SELECT 1 FROM told_words w WHERE w.talk = a.conversation_id AND w.words <> ''
                   AND instr(a.raw, w.words))
), unquoted_remark AS (
    SELECT r.id FROM remark r WHERE r.id IN (SELECT remark FROM told_of)
        OR EXISTS (SELECT 1 FROM told_words w WHERE w.talk = r.conversation_id AND w.words <> ''
                   AND instr(r.raw, w.words))
)
"""
"""The answers and remarks that hold words of distress, with the conversations of the answers."""

CODED = f"""
{UNQUOTED}, codes AS (
    SELECT b.content FROM codebook b JOIN program g ON g.id = b.program_id WHERE g.slug = :p ORDER BY b.id DESC LIMIT 1
), above(code, upper) AS (
    SELECT json_extract(j.value, '$.code'), json_extract(j.value, '$.code')
    FROM codes, json_each(codes.content, '$.codes') j
    UNION SELECT a.code, json_extract(j.value, '$.parent') FROM above a, codes, json_each(codes.content, '$.codes') j
    WHERE json_extract(j.value, '$.code') = a.upper AND json_extract(j.value, '$.parent') IS NOT NULL
), consenting AS (
    SELECT who, pg FROM (SELECT s.participant_id AS who, s.program_id AS pg, s.granted, row_number() OVER (
        PARTITION BY s.participant_id, s.program_id, ifnull(s.flow, d.flow) ORDER BY s.id DESC) AS back
        FROM consent s LEFT JOIN conversation d ON d.id = s.conversation_id WHERE s.purpose = 'take_part')
    WHERE back = 1 AND granted
), speaker AS (
    SELECT d.id AS talk, p.id AS who FROM conversation d JOIN participant p ON p.id = d.participant_id
    JOIN program g ON g.id = d.program_id JOIN consenting k ON k.who = p.id AND k.pg = g.id
    WHERE g.slug = :p AND p.status = 'active' AND p.role IN ('patient', 'carer')
), passage AS (
    SELECT e.id, s.who, e.end, length(a.raw) AS most FROM excerpt e JOIN answer a ON a.id = e.answer_id
    JOIN speaker s ON s.talk = a.conversation_id
    WHERE a.kind = 'text' AND a.status = 'answered' AND a.raw <> '' AND NOT a.personal AND a.superseded_at IS NULL
      AND a.message_deleted_at IS NULL AND a.id NOT IN (SELECT id FROM unquoted)
      AND (a.value IS NULL OR json_extract(a.value, '$') = a.raw OR json_extract(a.value, '$') GLOB '*[^a-z0-9_.:+-]*')
    UNION ALL
    SELECT e.id, s.who, e.end, length(r.raw) FROM excerpt e JOIN remark r ON r.id = e.remark_id
    JOIN speaker s ON s.talk = r.conversation_id
    WHERE r.raw <> '' AND NOT r.personal AND r.superseded_at IS NULL AND r.message_deleted_at IS NULL
      AND r.id NOT IN (SELECT id FROM unquoted_remark)
), agreed_code AS (
    SELECT t.excerpt_id AS id, j.value AS code FROM coding_settlement t, json_each(t.codes) j
    UNION
    SELECT c.excerpt_id, h.code FROM coding c JOIN theme h ON h.id = c.theme_id
    WHERE c.excerpt_id NOT IN (SELECT excerpt_id FROM coding_settlement)
      AND (SELECT count(*) FROM coded_excerpt x WHERE x.excerpt_id = c.excerpt_id) > 1
    GROUP BY 1, 2 HAVING count(*) = (SELECT count(*) FROM coded_excerpt x WHERE x.excerpt_id = c.excerpt_id)
), heard AS (
    SELECT DISTINCT p.who, ifnull(w.whole, ifnull(u.upper, a.code)) AS theme FROM passage p
    JOIN agreed_code a ON a.id = p.id LEFT JOIN above u ON u.code = a.code
    LEFT JOIN merged w ON w.code = ifnull(u.upper, a.code) WHERE p.end <= p.most
)
"""
"""Whose words two gave a theme (`heard`), with `merged` before it: which theme became part of which."""

ADDED = """
standing_link AS (
    SELECT l.* FROM theme_link l JOIN program g ON g.id = l.program_id WHERE g.slug = :p AND l.removed_at IS NULL
), goal AS (
    SELECT o.id, o.activity_id, a.slug || '.' || o.code AS name, o.theme FROM objective o
    JOIN activity a ON a.id = o.activity_id JOIN program g ON g.id = a.program_id WHERE g.slug = :p
), wide_aim AS (
    SELECT ifnull(w.whole, o.theme) AS theme, o.id, o.activity_id FROM goal o LEFT JOIN merged w ON w.code = o.theme
    WHERE o.theme IS NOT NULL
    UNION SELECT ifnull(w.whole, l.from_code), o.id, o.activity_id FROM standing_link l
    JOIN goal o ON o.name = l.to_code LEFT JOIN merged w ON w.code = l.from_code
    WHERE l.from_kind = 'theme' AND l.to_kind = 'objective'
), led AS (
    SELECT o.id AS goal, c.id, c.participant_id AS who FROM standing_link l JOIN goal o ON o.name = l.from_code
    JOIN commitment c ON c.program_id = l.program_id AND c.confirmed LEFT JOIN activity a ON a.id = c.activity_id
    WHERE l.from_kind = 'objective' AND (l.to_kind = 'commitment' AND l.to_code = CAST(c.id AS TEXT)
          OR l.to_kind = 'suggestion' AND l.to_code = a.slug || '.' || c.suggestion)
), wide_plan AS (
    SELECT whole AS theme, id, who FROM plan
    UNION SELECT m.theme, d.id, d.who FROM led d JOIN wide_aim m ON m.id = d.goal
)
"""
"""What themes reach by added links, too; `merged` and `plan` stand before it."""
