"""The plain SQL of `tests.support.recounts`, for SQLite: the program's short name is `:p`, shares are JSON arrays."""

from tests.support.recount_coding import ADDED, CODED

ENTRIES = """
WITH beside AS (
    SELECT v.flow, k.atom FROM flowversion v, json_tree(v.source) k
    WHERE k.key IN ('keeps_number', 'rotates') AND k.atom IS NOT NULL
), erased AS (
    SELECT id FROM participant WHERE status = 'deleted'
), entry AS (
    SELECT i.id AS link, i.program_id AS pg, i.activity_id AS act, i.role, i.flow, i.source, i.kind,
           i.created_at AS made, e.participant_id AS who, e.enrolled_at AS came
    FROM invitation i LEFT JOIN enrollment e ON e.invitation_id = i.id
    UNION ALL
    SELECT NULL, e.program_id, e.activity_id, p.role,
           ifnull((SELECT c.flow FROM conversation c WHERE c.participant_id = p.id AND c.program_id = e.program_id
                   ORDER BY c.id LIMIT 1), ''), '', NULL, NULL, p.id, e.enrolled_at
    FROM enrollment e JOIN participant p ON p.id = e.participant_id WHERE e.invitation_id IS NULL
), talk AS (
    SELECT c.*, row_number() OVER (PARTITION BY participant_id, program_id, flow ORDER BY id DESC) AS back,
           (SELECT count(*) FROM answer a WHERE a.conversation_id = c.id AND a.kind <> 'consent'
                                            AND a.superseded_at IS NULL
                                            AND (c.flow, a.question_key) NOT IN beside
                                            AND c.participant_id NOT IN erased) AS said
    FROM conversation c
), long AS (
    SELECT t.flow, t.said, row_number() OVER (PARTITION BY t.flow ORDER BY t.said) AS place,
           count(*) OVER (PARTITION BY t.flow) AS many
    FROM talk t JOIN program g ON g.id = t.program_id
    WHERE g.slug = :p AND t.outcome = 'completed' AND t.said > 0
), half AS (
    SELECT flow, avg(said) / 2.0 AS least FROM long WHERE place IN ((many + 1) / 2, (many + 2) / 2) GROUP BY flow
), fact AS (
    SELECT e.*, ifnull(a.slug, '') AS activity, t.outcome, t.status, ifnull(t.said, 0) AS said, h.least,
           (SELECT min(d.ended_at) FROM conversation d WHERE d.participant_id = e.who AND d.program_id = e.pg
                                                         AND d.flow = e.flow AND d.outcome = 'completed') AS done,
           EXISTS (SELECT 1 FROM consent s JOIN conversation d ON d.id = s.conversation_id
                   WHERE d.participant_id = e.who AND d.program_id = e.pg AND d.flow = e.flow
                     AND s.purpose = 'take_part' AND s.granted) AS agreed,
           (SELECT p.status FROM participant p WHERE p.id = e.who) AS person
    FROM entry e JOIN program g ON g.id = e.pg LEFT JOIN activity a ON a.id = e.act
    LEFT JOIN talk t ON t.participant_id = e.who AND t.program_id = e.pg AND t.flow = e.flow AND t.back = 1
    LEFT JOIN half h ON h.flow = e.flow
    WHERE g.slug = :p
)
"""
LINKS = f"""{ENTRIES}
SELECT activity, role, flow, source,
       count(DISTINCT CASE WHEN kind = 'single' THEN link END), count(DISTINCT CASE WHEN kind = 'group' THEN link END),
       count(DISTINCT who), count(DISTINCT CASE WHEN agreed THEN who END),
       count(DISTINCT CASE WHEN said > 0 OR done IS NOT NULL THEN who END),
       count(DISTINCT CASE WHEN done IS NOT NULL THEN who END),
       json_array(count(DISTINCT CASE WHEN done IS NOT NULL THEN who END), count(DISTINCT who), count(DISTINCT who)),
       min(made), max(made), min(came), max(came), min(done), max(done)
FROM fact GROUP BY 1, 2, 3, 4
"""
DISPOSITIONS = f"""{ENTRIES}
, coded AS (
    SELECT *, CASE
        WHEN who IS NULL THEN iif(kind = 'single', 'unopened', 'group')
        WHEN done IS NOT NULL THEN 'complete'
        WHEN outcome = 'not_relevant' THEN 'not_eligible'
        WHEN status <> 'ended' THEN 'under_way'
        WHEN said >= least THEN 'partial'
        WHEN person <> 'active' OR outcome IN ('declined', 'withdrawn') THEN 'refusal'
        WHEN said > 0 THEN 'break_off' ELSE 'opened_only' END AS code
    FROM fact
), tallied AS (
    SELECT activity, role, flow, source, count(DISTINCT iif(code = 'complete', who, NULL)) AS i,
           count(DISTINCT iif(code = 'not_eligible', who, NULL)) AS ne,
           count(DISTINCT iif(code = 'under_way', who, NULL)) AS uw,
           count(DISTINCT iif(code = 'partial', who, NULL)) AS p,
           count(DISTINCT iif(code = 'refusal', who, NULL)) AS r,
           count(DISTINCT iif(code = 'break_off', who, NULL)) AS b,
           count(DISTINCT iif(code = 'opened_only', who, NULL)) AS o,
           count(DISTINCT iif(code = 'unopened', link, NULL)) AS u,
           ifnull(max(kind = 'group'), 0) AS crowd
    FROM coded GROUP BY 1, 2, 3, 4
)
SELECT activity, role, flow, source, i, ne, uw, p, r, b, o, u,
       iif(crowd, NULL, json_array(i, i + p + r + b + o + u + uw, i + p)),
       iif(crowd, NULL, json_array(i + p, i + p + r + b + o + u + uw, i + p)),
       iif(crowd, NULL, json_array(r + b + o, i + p + r + b + o + u + uw, i + p)),
       iif(crowd, NULL, json_array(i + p + r + b + o, i + p + r + b + o + u + uw, i + p)),
       json_array(i, i + p + r + b + o, i + p)
FROM tallied
"""
STANDINGS = """
WITH day AS (
    SELECT DISTINCT f.wave_days AS d FROM follow_up f JOIN commitment c ON c.id = f.commitment_id
    JOIN program g ON g.id = c.program_id WHERE g.slug = :p AND NOT f.after_start
    UNION SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM follow_up f JOIN commitment c ON c.id = f.commitment_id
    JOIN program g ON g.id = c.program_id WHERE g.slug = :p AND NOT f.after_start)
), made AS (
    SELECT c.id, c.participant_id AS who, ifnull(a.slug, '') AS activity, c.theme,
           (p.status <> 'active' OR ifnull((SELECT NOT s.granted FROM consent s WHERE s.participant_id = p.id
                AND s.program_id = c.program_id AND s.purpose = 'contact_again' ORDER BY s.id DESC LIMIT 1), 0)) AS gone
    FROM commitment c JOIN program g ON g.id = c.program_id JOIN participant p ON p.id = c.participant_id
    LEFT JOIN activity a ON a.id = c.activity_id WHERE g.slug = :p AND c.confirmed
), asked AS (
    SELECT m.*, d.d AS days, 0 AS later, f.id AS wave_id, (SELECT i.status FROM implementation i
           JOIN follow_up e ON e.id = i.follow_up_id WHERE e.commitment_id = m.id AND NOT e.after_start
           AND e.wave_days < d.d ORDER BY e.wave_days DESC LIMIT 1) AS before
    FROM made m CROSS JOIN day d
    LEFT JOIN follow_up f ON f.commitment_id = m.id AND f.wave_days = d.d AND NOT f.after_start
    UNION ALL
    SELECT m.*, f.wave_days, 1, f.id, NULL FROM made m JOIN follow_up f ON f.commitment_id = m.id AND f.after_start
), placed AS (
    SELECT k.*, f.sent_at, f.answered_at, CASE
            WHEN f.id IS NULL AND NOT k.gone THEN 'not_due'
            WHEN f.status = 'answered' THEN 'responded' WHEN f.status = 'sent' THEN 'waiting'
            WHEN f.status = 'scheduled' OR f.reason = 'nothing_left_to_ask' AND f.status = 'cancelled' THEN 'not_due'
            WHEN f.id IS NULL OR f.status = 'opted_out' THEN iif(k.before = 'dropped'
                OR k.before IN ('full', 'already') AND k.days < (SELECT max(d) FROM day), 'not_due', 'opted_out')
            ELSE 'no_response' END AS place,
        ifnull(m.status, iif(f.status = 'answered', 'in_words', NULL)) AS told,
        ifnull(m.reported_at, f.answered_at) AS at, f.status AS standing
    FROM asked k LEFT JOIN follow_up f ON f.id = k.wave_id LEFT JOIN implementation m ON m.follow_up_id = f.id
), whole AS (
    SELECT *, 'latest' AS wave FROM placed UNION ALL SELECT *, 'after_start' FROM placed WHERE later
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY id, wave ORDER BY told IS NULL, told = 'in_words', at DESC, CASE place
            WHEN 'waiting' THEN 1 WHEN 'opted_out' THEN 2 WHEN 'no_response' THEN 3 ELSE 4 END, later, days) AS first
    FROM whole
), stand AS (
    SELECT id, who, activity, theme, CAST(days AS TEXT) AS wave, place, iif(place = 'responded', told, NULL) AS told,
           told IS NOT NULL AND standing <> 'answered' AS late
    FROM placed WHERE NOT later AND days > 0
    UNION ALL
    SELECT id, who, activity, theme, wave, iif(told IS NULL, place, 'responded'), told, 0 FROM ranked WHERE first = 1
), total AS (
    SELECT activity, wave, count(*) AS n, sum(place <> 'not_due') AS due, sum(place = 'responded') AS answered,
           count(DISTINCT iif(place = 'responded', who, NULL)) AS people FROM stand GROUP BY 1, 2
)
"""
STATUSES = f"""{STANDINGS}
SELECT s.activity, s.wave, s.told, count(*), count(DISTINCT s.who), json_array(count(*), t.answered, t.people),
       json_array(count(*), t.due, t.people)
FROM stand s JOIN total t ON t.activity = s.activity AND t.wave = s.wave WHERE s.told IS NOT NULL GROUP BY 1, 2, 3
"""
IMPLEMENTED = f"""{STANDINGS}
SELECT s.activity, s.wave, t.n, k.n, t.due, t.answered, t.people,
       json_array(ifnull(sum(told IN ('full', 'partial')), 0), t.answered, t.people),
       json_array(ifnull(sum(told IN ('full', 'partial')), 0), t.due, t.people),
       json_array(ifnull(sum(told = 'full'), 0), t.answered, t.people),
       json_array(ifnull(sum(told = 'full'), 0), t.due, t.people),
       json_array(count(DISTINCT iif(told = 'full', who, NULL)), t.people, t.people),
       json_array(count(DISTINCT iif(told = 'full', who, NULL)), k.n, t.people)
FROM stand s JOIN total t ON t.activity = s.activity AND t.wave = s.wave
JOIN (SELECT activity, count(DISTINCT who) AS n FROM made GROUP BY 1) k ON k.activity = s.activity GROUP BY 1, 2
"""
WAVES = f"""{STANDINGS}
, source AS (
    SELECT e.participant_id AS who, p.role, ifnull(i.source, '') AS source,
           row_number() OVER (PARTITION BY e.participant_id ORDER BY e.id) AS first
    FROM enrollment e JOIN program g ON g.id = e.program_id JOIN participant p ON p.id = e.participant_id
    LEFT JOIN invitation i ON i.id = e.invitation_id WHERE g.slug = :p
), sent AS (
    SELECT id, iif(later, 'after_start', CAST(days AS TEXT)) AS wave, min(sent_at) AS first_sent,
           max(sent_at) AS last_sent, max(answered_at) AS last_said FROM placed GROUP BY 1, 2
), came AS (
    SELECT t.participant_id AS who, t.conversation_id AS after, row_number() OVER (PARTITION BY t.participant_id
           ORDER BY t.id DESC) AS back
    FROM timer t WHERE t.kind = 'follow_on' AND t.flow = 'patient_follow_up'
      AND (t.due_at <= (SELECT max(last_turn_at) FROM conversation)
           OR (t.done_at IS NOT NULL OR t.reason IS NOT NULL) AND ifnull(t.reason, '') NOT IN
              ('withdrawn', 'no_consent', 'no_longer_planned', 'snoozed_again'))
), later AS (
    SELECT ifnull(a.slug, '') AS activity, k.who, c.started_at AS first_sent, (SELECT min(w.answered_at) FROM answer w
           WHERE w.conversation_id = c.id AND w.kind <> 'consent'
             AND k.who NOT IN (SELECT id FROM participant WHERE status = 'deleted')) AS said
    FROM came k JOIN conversation b ON b.id = k.after JOIN program g ON g.id = b.program_id
    LEFT JOIN activity a ON a.id = b.activity_id
    LEFT JOIN conversation c ON c.participant_id = k.who AND c.program_id = g.id AND c.flow = 'patient_follow_up'
    WHERE k.back = 1 AND g.slug = :p
)
SELECT s.activity, ifnull(o.role, 'hcp'), ifnull(o.source, ''), s.wave,
       count(DISTINCT iif(s.place <> 'not_due', s.who, NULL)), count(DISTINCT iif(n.first_sent IS NULL, NULL, s.who)),
       count(DISTINCT iif(s.place = 'responded', s.who, NULL)), count(DISTINCT iif(s.late, s.who, NULL)),
       json_array(count(DISTINCT iif(s.place = 'responded', s.who, NULL)),
                  count(DISTINCT iif(s.place <> 'not_due', s.who, NULL)),
                  count(DISTINCT iif(s.place = 'responded', s.who, NULL))),
       min(n.first_sent), max(n.last_sent), max(n.last_said)
FROM stand s LEFT JOIN source o ON o.who = s.who AND o.first = 1 LEFT JOIN sent n ON n.id = s.id AND n.wave = s.wave
WHERE s.wave <> 'latest' GROUP BY 1, 2, 3, 4
UNION ALL
SELECT l.activity, ifnull(o.role, 'patient'), ifnull(o.source, ''), 'later', count(DISTINCT l.who),
       count(DISTINCT iif(l.first_sent IS NULL, NULL, l.who)), count(DISTINCT iif(l.said IS NULL, NULL, l.who)), 0,
       json_array(count(DISTINCT iif(l.said IS NULL, NULL, l.who)), count(DISTINCT l.who),
                  count(DISTINCT iif(l.said IS NULL, NULL, l.who))),
       min(l.first_sent), max(l.first_sent), max(l.said)
FROM later l LEFT JOIN source o ON o.who = l.who AND o.first = 1 GROUP BY 1, 2, 3, 4
"""
REMINDERS = """
WITH sending AS (
    SELECT c.flow, c.id, c.participant_id AS who, k.at,
           sum(k.timer_kind LIKE '%reminder') OVER (PARTITION BY c.id ORDER BY k.at, k.id) AS number,
           lead(k.at) OVER (PARTITION BY c.id ORDER BY k.at, k.id) AS until
    FROM contact k JOIN conversation c ON c.id = k.conversation_id JOIN program g ON g.id = c.program_id
    WHERE g.slug = :p AND k.action = 'sent'
      AND k.timer_kind IN ('wave', 'follow_on', 'wave_reminder', 'interview_reminder')
), result AS (
    SELECT flow, number, id, who, max(EXISTS (SELECT 1 FROM answer a WHERE a.conversation_id = s.id
           AND a.answered_at > s.at AND (s.until IS NULL OR a.answered_at <= s.until)
           UNION ALL SELECT 1 FROM conversation b WHERE b.id = s.id AND b.outcome = 'restarted'
           AND b.ended_at > s.at AND (s.until IS NULL OR b.ended_at <= s.until))
           AND who NOT IN (SELECT id FROM participant WHERE status = 'deleted')) AS came
    FROM sending s GROUP BY flow, number, id
)
SELECT flow, CAST(number AS TEXT), count(*), sum(came), json_array(sum(came), count(*), count(DISTINCT who))
FROM result r WHERE (SELECT max(number) FROM sending s WHERE s.flow = r.flow) > 0 GROUP BY flow, number
"""
QUESTIONS = """
WITH talk AS (
    SELECT c.id, c.participant_id AS who, c.flow, c.status, c.outcome, c.state,
           EXISTS (SELECT 1 FROM answer a WHERE a.conversation_id = c.id) AS said
    FROM conversation c JOIN program g ON g.id = c.program_id WHERE g.slug = :p
), ask AS (
    SELECT t.id, t.who, t.flow, json_extract(j.value, '$[0]') AS slot, j.key AS place,
           ifnull(json_extract(t.state, '$.open'), json_array_length(t.state, '$.asks') - 1) AS last,
           t.status = 'ended' AND t.outcome IN ('expired', 'withdrawn') AND t.said AS broken
    FROM talk t, json_each(t.state, '$.asks') j WHERE t.state <> ''
), mark AS (
    SELECT flow, slot, 'asked' AS what, id, who FROM ask
    UNION ALL SELECT flow, slot, 'broken', id, who FROM ask WHERE broken AND place = last
    UNION ALL SELECT t.flow, a.question_key, a.status, t.id, t.who FROM answer a JOIN talk t ON t.id = a.conversation_id
        WHERE (a.status = 'unparsed' OR a.status = 'skipped' AND a.superseded_at IS NULL)
          AND (t.flow, a.question_key) NOT IN (SELECT v.flow, k.atom FROM flowversion v, json_tree(v.source) k
              WHERE k.key IN ('keeps_number', 'rotates') AND k.atom IS NOT NULL)
          AND t.who NOT IN (SELECT id FROM participant WHERE status = 'deleted')
    UNION ALL SELECT t.flow, r.slot, 'remark', t.id, t.who FROM remark r JOIN talk t ON t.id = r.conversation_id
        WHERE r.slot <> '' AND r.superseded_at IS NULL
          AND t.who NOT IN (SELECT id FROM participant WHERE status = 'deleted')
), keyed AS (
    SELECT flow, substr(slot, 1, instr(slot || '[', '[') - 1) AS question, what, id, who FROM mark
), counted AS (
    SELECT flow, question, count(DISTINCT iif(what = 'asked', id, NULL)) AS asked,
           count(DISTINCT iif(what = 'broken', id, NULL)) AS broken,
           count(DISTINCT iif(what = 'asked', who, NULL)) AS people,
           count(DISTINCT iif(what = 'skipped', id, NULL)) AS skipped,
           count(DISTINCT iif(what = 'unparsed', id, NULL)) AS unread,
           count(DISTINCT iif(what = 'remark', id, NULL)) AS remarks FROM keyed GROUP BY 1, 2
)
SELECT flow, question, asked, broken, json_array(broken, asked, people), skipped, unread, remarks
FROM counted WHERE broken + skipped + unread + remarks > 0
"""
MINUTES = """
WITH talk AS (
    SELECT c.id, c.flow, c.started_at, c.ended_at FROM conversation c JOIN program g ON g.id = c.program_id
    WHERE g.slug = :p AND c.outcome = 'completed'
      AND c.participant_id NOT IN (SELECT id FROM participant WHERE status = 'deleted')
), moment AS (
    SELECT t.id, t.flow, min(a.asked_at) AS at FROM talk t JOIN answer a ON a.conversation_id = t.id
    WHERE a.answered_at <= ifnull(t.ended_at, a.answered_at) GROUP BY 1, 2
    UNION SELECT t.id, t.flow, a.answered_at FROM talk t JOIN answer a ON a.conversation_id = t.id
    WHERE a.answered_at <= ifnull(t.ended_at, a.answered_at)
), gap AS (
    SELECT id, flow, seconds(at) - lag(seconds(at)) OVER (PARTITION BY id ORDER BY at) AS s FROM moment
), spent AS (
    SELECT g.id, g.flow, ifnull(sum(iif(s <= 1800, s, 0)), 0) / 60 AS active,
           (seconds(t.ended_at) - seconds(t.started_at)) / 60 AS whole
    FROM gap g JOIN talk t ON t.id = g.id GROUP BY g.id, g.flow
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY flow ORDER BY active) AS a,
           row_number() OVER (PARTITION BY flow ORDER BY whole) AS w, count(*) OVER (PARTITION BY flow) AS n FROM spent
)
SELECT flow, n, avg(iif(a IN ((n + 1) / 2, (n + 2) / 2), active, NULL)),
       avg(iif(w IN ((n + 1) / 2, (n + 2) / 2), whole, NULL)) FROM placed GROUP BY flow
"""
BARRIERS = """
WITH made AS (
    SELECT c.id, c.participant_id AS who, c.foreseen_barriers FROM commitment c JOIN program g ON g.id = c.program_id
    WHERE g.slug = :p AND c.confirmed
), foreseen AS (
    SELECT DISTINCT m.id, m.who, j.value AS code FROM made m, json_each(m.foreseen_barriers) j
    WHERE j.value <> 'none'
), met AS (
    SELECT DISTINCT m.id, m.who, b.code FROM made m JOIN implementation i ON i.commitment_id = m.id
    JOIN barrier b ON b.implementation_id = i.id WHERE b.code <> 'none'
), asked AS (
    SELECT DISTINCT m.id, m.who FROM made m JOIN implementation i ON i.commitment_id = m.id
    WHERE i.status IN ('partial', 'planned', 'modified', 'dropped')
), code AS (SELECT code FROM foreseen UNION SELECT code FROM met)
SELECT k.code, (SELECT count(DISTINCT who) FROM foreseen f WHERE f.code = k.code),
       (SELECT count(DISTINCT who) FROM met m WHERE m.code = k.code),
       (SELECT count(DISTINCT m.who) FROM met m JOIN foreseen f ON f.id = m.id AND f.code = m.code
        WHERE m.code = k.code),
       (SELECT count(DISTINCT m.who) FROM met m WHERE m.code = k.code AND NOT EXISTS
        (SELECT 1 FROM foreseen f WHERE f.id = m.id AND f.code = m.code)),
       (SELECT count(DISTINCT f.who) FROM foreseen f WHERE f.code = k.code AND NOT EXISTS
        (SELECT 1 FROM met m WHERE f.id = m.id AND f.code = m.code)),
       json_array((SELECT count(*) FROM met m JOIN asked a ON a.id = m.id WHERE m.code = k.code),
                  (SELECT count(*) FROM asked), (SELECT count(DISTINCT who) FROM asked))
FROM code k
"""
PAIRS = """
WITH made AS (
    SELECT c.id, c.participant_id AS who, c.statement, ifnull(a.slug, '') AS activity,
           CASE WHEN c.baseline_did IS NOT NULL AND c.baseline_had > 0
                THEN min(1.0, 1.0 * c.baseline_did / c.baseline_had) END AS before,
           (SELECT min(f.sent_at) FROM follow_up f WHERE f.commitment_id = c.id) AS sent
    FROM commitment c JOIN program g ON g.id = c.program_id LEFT JOIN activity a ON a.id = c.activity_id
    WHERE g.slug = :p AND c.confirmed
), wording AS (
    SELECT r.commitment_id AS id, r.statement, r.replaced_at,
           lead(r.statement) OVER (PARTITION BY r.commitment_id ORDER BY r.id) AS next FROM commitmentrevision r
), other AS (
    SELECT m.id, min(w.replaced_at) AS since FROM made m JOIN wording w ON w.id = m.id
    WHERE w.statement <> ifnull(w.next, m.statement) AND (m.sent IS NULL OR w.replaced_at >= m.sent) GROUP BY 1
), report AS (
    SELECT m.*, iif(f.after_start, 'after_start', CAST(f.wave_days AS TEXT)) AS wave, f.wave_days, i.reported_at,
           CASE WHEN json_type(i.details, '$.of_10') = 'integer' THEN json_extract(i.details, '$.of_10') / 10.0
                WHEN json_extract(i.details, '$.had') > 0
                THEN 1.0 * json_extract(i.details, '$.did') / json_extract(i.details, '$.had') END AS after
    FROM made m JOIN follow_up f ON f.commitment_id = m.id JOIN implementation i ON i.follow_up_id = f.id
    LEFT JOIN other o ON o.id = m.id
    WHERE i.status NOT IN ('not_applicable', 'not_started_yet') AND (o.since IS NULL OR i.reported_at < o.since)
), pair AS (
    SELECT id, who, activity, wave, before, min(1.0, after) AS after, reported_at, wave_days
    FROM report WHERE before IS NOT NULL AND after IS NOT NULL
), newest AS (
    SELECT id, who, activity, 'latest' AS wave, before, after,
           row_number() OVER (PARTITION BY id ORDER BY reported_at DESC, wave_days DESC) AS back FROM pair
    UNION ALL
    SELECT id, who, activity, wave, before, after,
           row_number() OVER (PARTITION BY id, wave ORDER BY wave_days DESC) FROM pair
)
SELECT activity, wave, who, before, after,
       (SELECT count(*) FROM made m WHERE m.before IS NOT NULL AND m.activity = n.activity) FROM newest n WHERE back = 1
"""
LOOP = f"""{STANDINGS}
, merged AS (
    SELECT DISTINCT json_extract(t.value, '$.code') AS code, json_extract(t.value, '$.into') AS whole
    FROM (SELECT source FROM flowversion WHERE flow = 'patient_interview' ORDER BY first_used_at DESC LIMIT 1) v,
         json_tree(v.source) t WHERE t.type = 'object' AND json_extract(t.value, '$.into') IS NOT NULL
), pick AS (
    SELECT DISTINCT c.participant_id AS who, ifnull(w.whole, j.value) AS theme
    FROM answer a JOIN conversation c ON c.id = a.conversation_id JOIN program g ON g.id = c.program_id,
         json_each(a.value) j LEFT JOIN merged w ON w.code = j.value
    WHERE g.slug = :p AND c.flow = 'patient_interview' AND a.question_key = 'a6' AND a.status = 'answered'
      AND a.superseded_at IS NULL AND a.value IS NOT NULL
), aim AS (
    SELECT ifnull(w.whole, o.theme) AS theme, o.id, o.activity_id FROM objective o
    JOIN activity a ON a.id = o.activity_id JOIN program g ON g.id = a.program_id
    LEFT JOIN merged w ON w.code = o.theme WHERE g.slug = :p AND o.theme IS NOT NULL
), plan AS (
    SELECT s.*, coalesce(w.whole, s.theme, '') AS whole FROM stand s LEFT JOIN merged w ON w.code = s.theme
    WHERE s.wave = 'latest'
), met AS (
    SELECT p.whole, b.code, count(DISTINCT p.who) AS n,
           row_number() OVER (PARTITION BY p.whole ORDER BY count(DISTINCT p.who) DESC, b.code) AS place
    FROM plan p JOIN implementation i ON i.commitment_id = p.id JOIN barrier b ON b.implementation_id = i.id
    WHERE b.code <> 'none' GROUP BY 1, 2
), rating AS (
    SELECT c.participant_id AS who, c.id AS talk, a.id, a.question_key AS q, ifnull(w.whole, a.item) AS theme,
           json_extract(a.value, '$') AS value
    FROM answer a JOIN conversation c ON c.id = a.conversation_id JOIN program g ON g.id = c.program_id
    LEFT JOIN merged w ON w.code = a.item
    WHERE g.slug = :p AND a.superseded_at IS NULL AND (c.flow = 'patient_interview' AND a.question_key = 'a7'
       OR c.flow = 'patient_follow_up' AND a.question_key IN ('e2', 'e3'))
), paired AS (
    SELECT l.who, l.theme, l.value AS later, l.talk, l.id,
           (SELECT b.value FROM rating b WHERE b.q = 'a7' AND b.who = l.who AND b.theme = l.theme AND b.talk < l.talk
            AND b.value IS NOT NULL ORDER BY b.talk DESC, b.id DESC LIMIT 1) AS before
    FROM rating l WHERE l.q = 'e2' AND l.value IS NOT NULL
), pairing AS (
    SELECT *, row_number() OVER (PARTITION BY who, theme ORDER BY talk DESC, id DESC) AS back FROM paired
    WHERE before IS NOT NULL
), judged AS (
    SELECT who, theme, value, row_number() OVER (PARTITION BY who, theme ORDER BY talk DESC, id DESC) AS back
    FROM rating WHERE q = 'e3' AND value IS NOT NULL
), put AS (
    SELECT c.participant_id AS who, json_extract(j.value, '$[0]') AS slot
    FROM conversation c JOIN program g ON g.id = c.program_id, json_each(c.state, '$.asks') j
    WHERE g.slug = :p AND c.flow = 'patient_follow_up' AND c.state <> ''
), later AS (
    SELECT p.who, ifnull(w.whole, substr(p.slot, 4, length(p.slot) - 4)) AS theme
    FROM put p LEFT JOIN merged w ON w.code = substr(p.slot, 4, length(p.slot) - 4)
    WHERE substr(p.slot, 1, 3) IN ('e2[', 'e3[')
    UNION SELECT who, theme FROM rating WHERE q <> 'a7'
), {CODED}, {ADDED}, book AS (
    SELECT ifnull(w.whole, t.code) AS theme, t.label, min(t.id) AS place FROM theme t
    JOIN program g ON g.id = t.program_id LEFT JOIN merged w ON w.code = t.code WHERE g.slug = :p GROUP BY 1
), named AS (
    SELECT theme FROM pick UNION SELECT theme FROM aim UNION SELECT whole FROM plan UNION SELECT theme FROM rating
    UNION SELECT theme FROM later
    UNION SELECT theme FROM wide_aim UNION SELECT theme FROM wide_plan
), row AS (
    SELECT theme, label FROM book
    UNION SELECT theme, theme FROM named WHERE theme <> '' AND theme NOT IN (SELECT theme FROM book)
    UNION SELECT DISTINCT '', '(no theme)' FROM plan WHERE whole = ''
), tally AS (
    SELECT r.theme, r.label, (SELECT count(*) FROM pick k WHERE k.theme = r.theme) AS raised,
        iif((SELECT count(*) FROM codes), (SELECT count(*) FROM heard h WHERE h.theme = r.theme), NULL) AS coded,
        (SELECT count(DISTINCT activity_id) FROM aim m WHERE m.theme = r.theme) AS taught,
        (SELECT count(*) FROM aim m WHERE m.theme = r.theme) AS aims,
        (SELECT count(*) FROM plan p WHERE p.whole = r.theme) AS plans,
        (SELECT count(DISTINCT who) FROM plan p WHERE p.whole = r.theme) AS clinicians,
        (SELECT avg(x.points) FROM plan p JOIN specific x ON x.id = p.id WHERE p.whole = r.theme) AS points,
        (SELECT count(*) FROM plan p WHERE p.whole = r.theme AND p.told IN ('full', 'partial')) AS done,
        (SELECT count(*) FROM plan p WHERE p.whole = r.theme AND p.told = 'full') AS full,
        (SELECT count(*) FROM plan p WHERE p.whole = r.theme AND p.place = 'responded') AS answered,
        (SELECT count(*) FROM plan p WHERE p.whole = r.theme AND p.place <> 'not_due') AS due,
        (SELECT count(DISTINCT who) FROM plan p WHERE p.whole = r.theme AND p.place = 'responded') AS people,
        (SELECT code FROM met m WHERE m.whole = r.theme AND m.place = 1) AS barrier,
        (SELECT count(DISTINCT who) FROM later l WHERE l.theme = r.theme) AS asked,
        (SELECT count(*) FROM pairing g WHERE g.theme = r.theme AND back = 1) AS pairs,
        (SELECT count(*) FROM pairing g WHERE g.theme = r.theme AND back = 1 AND later > before) AS better,
        (SELECT json_group_array(later - before) FROM pairing g WHERE g.theme = r.theme AND back = 1) AS changes,
        (SELECT count(*) FROM judged j WHERE j.theme = r.theme AND back = 1 AND value = 'better') AS said,
        (SELECT count(*) FROM judged j WHERE j.theme = r.theme AND back = 1 AND value <> 'cannot_say') AS told,
        (SELECT count(DISTINCT activity_id) FROM wide_aim m WHERE m.theme = r.theme) AS wide_taught,
        (SELECT count(*) FROM wide_aim m WHERE m.theme = r.theme) AS wide_aims,
        (SELECT count(*) FROM wide_plan p WHERE p.theme = r.theme) AS wide_plans,
        (SELECT count(DISTINCT who) FROM wide_plan p WHERE p.theme = r.theme) AS wide_people
    FROM row r
)
SELECT theme, label, raised, coded, taught, aims, plans, clinicians, points, json_array(done, answered, people),
    json_array(done, due, people), json_array(full, answered, people), json_array(full, due, people), barrier, asked,
    json_array(better, pairs, pairs), changes, json_array(said, told, told), CASE
        WHEN theme IN ('', 'other', 'none') THEN NULL
        WHEN raised = 0 AND ifnull(coded, 0) = 0 THEN 'raised by 0'
        WHEN taught = 0 THEN 'raised by ' || iif(raised = 0, coded, raised) || ', taught in 0 activities'
        WHEN clinicians = 0 THEN 'taught in ' || taught || iif(taught = 1, ' activity', ' activities')
             || ', committed to by 0'
        WHEN done = 0 THEN 'committed to by ' || clinicians || ', 0 commitments implemented'
        WHEN asked = 0 THEN done || iif(done = 1, ' commitment', ' commitments') || ' implemented, 0 asked later'
        WHEN better = 0 THEN asked || ' asked later, better for 0' END,
    wide_taught, wide_aims, wide_plans, wide_people
FROM tally
"""
