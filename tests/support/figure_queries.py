"""The plain SQL that recounts what figures draw and what the helper for PARS lists; the program is `:p`."""

from tests.support.recount_queries import STANDINGS

BANDS = f"""{STANDINGS}
SELECT wave, ifnull(told, place), count(*) FROM stand GROUP BY 1, 2
"""
WAVE_PEOPLE = f"""{STANDINGS}
SELECT wave, count(DISTINCT iif(place = 'responded', who, NULL)) FROM stand GROUP BY 1
"""
WAYS = f"""{STANDINGS}
, merged AS (
    SELECT DISTINCT json_extract(t.value, '$.code') AS code, json_extract(t.value, '$.into') AS whole
    FROM (SELECT source FROM flowversion WHERE flow = 'patient_interview' ORDER BY first_used_at DESC LIMIT 1) v,
         json_tree(v.source) t WHERE t.type = 'object' AND json_extract(t.value, '$.into') IS NOT NULL
)
SELECT coalesce(w.whole, s.theme, ''), iif(c.objective IS NULL, '', s.activity || '.' || c.objective),
       coalesce(c.type, iif(c.suggestion IS NULL, '(own words)', '(no type)')), ifnull(s.told, s.place), count(*)
FROM stand s JOIN commitment c ON c.id = s.id LEFT JOIN merged w ON w.code = s.theme
WHERE s.wave = 'latest' GROUP BY 1, 2, 3, 4
"""
DAYS = f"""{STANDINGS}
, told AS (
    SELECT s.wave, s.who, s.place,
           (SELECT min(max(0, CAST(julianday(p.answered_at) - julianday(p.sent_at) AS INTEGER))) FROM placed p
            WHERE p.id = s.id AND iif(p.later, 'after_start', CAST(p.days AS TEXT)) = s.wave
              AND p.answered_at IS NOT NULL AND p.sent_at IS NOT NULL) AS days
    FROM stand s WHERE s.wave <> 'latest' AND s.place <> 'not_due'
)
SELECT wave, who, min(iif(place = 'responded', ifnull(days, 0), NULL)) FROM told GROUP BY 1, 2
"""
BARRIERS = """
WITH made AS (
    SELECT c.* FROM commitment c JOIN program g ON g.id = c.program_id WHERE g.slug = :p AND c.confirmed
), foreseen AS (
    SELECT j.value AS code, count(DISTINCT m.participant_id) AS n FROM made m, json_each(m.foreseen_barriers) j
    WHERE j.value <> 'none' GROUP BY 1
), met AS (
    SELECT b.code, count(DISTINCT m.participant_id) AS n FROM made m JOIN implementation i ON i.commitment_id = m.id
    JOIN barrier b ON b.implementation_id = i.id WHERE b.code <> 'none' GROUP BY 1
), every AS (SELECT code FROM foreseen UNION SELECT code FROM met)
SELECT e.code, ifnull(f.n, 0), ifnull(m.n, 0) FROM every e LEFT JOIN foreseen f ON f.code = e.code
LEFT JOIN met m ON m.code = e.code
"""
PARS = """
WITH act AS (
    SELECT a.* FROM activity a JOIN program g ON g.id = a.program_id WHERE g.slug = :p AND a.slug NOT IN
    (SELECT json_extract(j.value, '$.slug') FROM json_each(g.settings, '$.reviews') j)
), talk AS (
    SELECT c.id, c.activity_id, c.participant_id FROM conversation c WHERE c.flow = 'hcp_commitment'
), named AS (
    SELECT t.activity_id, t.participant_id, json_extract(w.value, '$') AS code,
           row_number() OVER (PARTITION BY t.activity_id, t.participant_id ORDER BY t.id DESC) AS back
    FROM talk t JOIN answer w ON w.conversation_id = t.id
    WHERE w.question_key = 'c1' AND w.status = 'answered' AND w.superseded_at IS NULL
), newest AS (SELECT * FROM named WHERE back = 1
), counts AS (
    SELECT a.id, (SELECT count(DISTINCT participant_id) FROM talk t WHERE t.activity_id = a.id) AS people,
           (SELECT count(*) FROM newest n WHERE n.activity_id = a.id) AS named,
           (SELECT count(*) FROM newest n WHERE n.activity_id = a.id AND code = 'physician') AS doctors
    FROM act a
)
SELECT a.slug, a.title, ifnull(a.held_on, ''), '', '', '', iif(k.people, 'yes', 'no'),
       iif(EXISTS (SELECT 1 FROM follow_up f JOIN commitment c ON c.id = f.commitment_id
                   WHERE c.activity_id = a.id AND c.confirmed), 'yes', 'no'), '',
       iif(EXISTS (SELECT 1 FROM commitment c WHERE c.activity_id = a.id AND c.confirmed), 'yes', 'no'),
       iif(EXISTS (SELECT 1 FROM implementation i JOIN commitment c ON c.id = i.commitment_id
                   WHERE c.activity_id = a.id AND c.confirmed), 'yes', 'no'),
       iif(EXISTS (SELECT 1 FROM answer w JOIN conversation c ON c.id = w.conversation_id
                   JOIN program g ON g.id = c.program_id WHERE g.slug = :p AND c.flow = 'patient_follow_up'
                   AND w.question_key = 'e2' AND w.status = 'answered' AND w.superseded_at IS NULL), '', 'no'),
       iif(k.named, k.doctors, ''), iif(k.named, k.named - k.doctors, ''), k.people - k.named,
       '', '', '', '', '', ''
FROM act a JOIN counts k ON k.id = a.id ORDER BY a.id
"""
