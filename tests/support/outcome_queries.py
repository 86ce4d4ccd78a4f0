"""The plain SQL that recounts the tables of the outcomes report: `:p` is the program's short name, shares are JSON.

`people` is a table of what the file of people says, `redact` a function; what a report is made with comes as `:now`,
`:since` and `:until`.
"""

from tests.support.recount_coding import UNQUOTED
from tests.support.recount_queries import STANDINGS

FUNNEL = f"""{STANDINGS}
, here AS (SELECT id, settings FROM program WHERE slug = :p
), hcp AS (SELECT id AS who FROM participant WHERE role = 'hcp'
), made_it AS (SELECT DISTINCT who FROM made
), said_yes AS (
    SELECT who FROM made_it UNION SELECT s.participant_id FROM consent s JOIN here h ON h.id = s.program_id
    JOIN hcp ON hcp.who = s.participant_id WHERE s.purpose = 'take_part' AND s.granted
    AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = s.conversation_id
                    AND c.flow IN ('content_review', 'review_answer'))
), spoke AS (
    SELECT who FROM said_yes UNION SELECT c.participant_id FROM conversation c JOIN here h ON h.id = c.program_id
    JOIN hcp ON hcp.who = c.participant_id WHERE c.flow NOT IN ('content_review', 'review_answer')
), taught AS (
    SELECT e.* FROM enrollment e JOIN here h ON h.id = e.program_id JOIN hcp ON hcp.who = e.participant_id
    LEFT JOIN invitation i ON i.id = e.invitation_id WHERE ifnull(i.flow, '') <> 'content_review'
), entered AS (
    SELECT who FROM spoke UNION SELECT participant_id FROM taught
), link AS (
    SELECT i.id, i.kind, EXISTS (SELECT 1 FROM enrollment e WHERE e.invitation_id = i.id) AS used
    FROM invitation i JOIN here h ON h.id = i.program_id WHERE i.role = 'hcp' AND i.flow <> 'content_review'
), by_single AS (
    SELECT DISTINCT e.participant_id AS who FROM taught e JOIN invitation i ON i.id = e.invitation_id
    WHERE i.kind = 'single'
), crowd AS (
    SELECT EXISTS (SELECT 1 FROM link WHERE kind = 'group' AND NOT used)
        OR EXISTS (SELECT 1 FROM taught e JOIN invitation i ON i.id = e.invitation_id WHERE i.kind = 'group')
        OR EXISTS (SELECT 1 FROM entered WHERE who NOT IN (SELECT who FROM by_single)) AS yes
), trait AS (
    SELECT who, 'all' AS by, '' AS name FROM entered
    UNION ALL SELECT who, 'channel', ifnull((SELECT c.channel FROM conversation c JOIN here h ON h.id = c.program_id
        WHERE c.participant_id = entered.who AND entered.who IN (SELECT who FROM hcp)
          AND c.flow NOT IN ('content_review', 'review_answer') ORDER BY c.id LIMIT 1), '')
        FROM entered
    UNION ALL SELECT who, 'profession', ifnull((SELECT json_extract(a.value, '$') FROM answer a
        JOIN conversation c ON c.id = a.conversation_id JOIN here h ON h.id = c.program_id
        WHERE c.participant_id = entered.who AND entered.who IN (SELECT who FROM hcp) AND c.flow = 'hcp_commitment'
          AND a.question_key = 'c1' AND a.status = 'answered' AND a.superseded_at IS NULL AND a.value IS NOT NULL
        ORDER BY c.id DESC LIMIT 1), '') FROM entered
), wave AS (
    SELECT CAST(j.value AS INTEGER) AS d FROM here, json_each(here.settings, '$.schedule.waves') j
    UNION SELECT d FROM day WHERE d > 0
), step AS (
    SELECT 'came' AS step, NULL AS before, NULL AS wave UNION ALL SELECT 'started', 'came', NULL
    UNION ALL SELECT 'agreed', 'started', NULL UNION ALL SELECT 'committed', 'agreed', NULL
    UNION ALL SELECT 'answered_' || d, NULL, CAST(d AS TEXT) FROM wave
    UNION ALL SELECT 'answered_any', NULL, 'latest'
), seat AS (
    SELECT 'came' AS step, who FROM entered UNION SELECT 'started', who FROM spoke
    UNION SELECT 'agreed', who FROM said_yes UNION SELECT 'committed', who FROM made_it
    UNION SELECT k.step, s.who FROM step k JOIN stand s ON s.wave = k.wave AND s.place = 'responded'
), grouped AS (SELECT DISTINCT by, name FROM trait UNION SELECT 'all', ''
), tallied AS (
    SELECT g.by, g.name, k.step, k.before, k.wave,
        (SELECT count(*) FROM seat x JOIN trait t ON t.who = x.who AND t.by = g.by AND t.name = g.name
         WHERE x.step = k.step) AS n,
        (SELECT count(*) FROM seat x JOIN trait t ON t.who = x.who AND t.by = g.by AND t.name = g.name
         WHERE x.step = k.before) AS earlier,
        (SELECT count(*) FROM seat x JOIN trait t ON t.who = x.who AND t.by = g.by AND t.name = g.name
         WHERE x.step = 'committed') AS promised,
        (SELECT count(DISTINCT s.who) FROM stand s JOIN trait t ON t.who = s.who AND t.by = g.by AND t.name = g.name
         WHERE s.wave = k.wave AND s.place <> 'not_due') AS due
    FROM grouped g CROSS JOIN step k
), sought AS (
    SELECT (SELECT count(*) FROM entered) + (SELECT count(*) FROM link WHERE kind = 'single' AND NOT used) AS n
)
SELECT 'all', '', 'invited', n, NULL, NULL FROM sought
UNION ALL
SELECT by, name, step, n, CASE
        WHEN step = 'came' THEN iif(by = 'all' AND NOT (SELECT yes FROM crowd),
             json_array(n, (SELECT n FROM sought), (SELECT n FROM sought)), NULL)
        WHEN wave IS NULL THEN json_array(n, earlier, earlier) ELSE json_array(n, due, n) END,
    iif(wave IS NULL, NULL, json_array(n, promised, n))
FROM tallied
"""
WORDED = f"""
{UNQUOTED}, worded AS (
    SELECT c.*, ifnull(a.slug, '') AS activity, iif(c.conversation_id IN (SELECT talk FROM unquoted) OR EXISTS (
        SELECT 1 FROM answer w WHERE w.conversation_id = c.conversation_id AND w.message_deleted_at IS NOT NULL
           AND trim(w.raw) IN (c.statement, c.if_then)), 1, 0) AS hidden
    FROM commitment c JOIN program g ON g.id = c.program_id JOIN participant p ON p.id = c.participant_id
    LEFT JOIN activity a ON a.id = c.activity_id WHERE g.slug = :p AND c.confirmed AND p.status <> 'deleted'
)
"""
COMMITMENTS = f"""{STANDINGS}
, {WORDED}, told_at AS (
    SELECT id, days, iif(place = 'responded', told,
        place || iif(told IS NOT NULL AND standing <> 'answered', ', late ' || told, '')) AS words
    FROM placed WHERE NOT later AND days > 0
    UNION ALL SELECT id, 'after_start', ifnull(told, place) FROM stand WHERE wave = 'after_start'
)
SELECT 'k' || w.id, w.activity, w.type, w.theme, w.objective,
    iif(w.hidden OR w.statement = '', NULL, redact(w.statement)),
    iif(w.hidden OR w.if_then = '', NULL, redact(w.if_then)),
    w.start_on, ifnull(w.specificity, (SELECT points FROM specific x WHERE x.id = w.id)), w.confidence, w.level,
    (SELECT group_concat(value, '; ') FROM (SELECT value FROM json_each(w.foreseen_barriers) ORDER BY value)),
    (SELECT group_concat(days || ' ' || words, '; ') FROM (SELECT * FROM told_at t WHERE t.id = w.id
     ORDER BY t.days = 'after_start', CAST(t.days AS INTEGER))),
    (SELECT ifnull(s.told, s.place) FROM stand s WHERE s.id = w.id AND s.wave = 'latest')
FROM worded w
"""
BARRIER_RANKS = """
WITH plan AS (
    SELECT c.id, c.participant_id AS who, c.foreseen_barriers FROM commitment c JOIN program g ON g.id = c.program_id
    WHERE g.slug = :p AND c.confirmed AND EXISTS (SELECT 1 FROM implementation i WHERE i.commitment_id = c.id
          AND i.status IN ('partial', 'planned', 'dropped'))
), whole AS (SELECT count(*) AS n, count(DISTINCT who) AS people FROM plan
), expected AS (
    SELECT j.value AS code, count(DISTINCT p.id) AS n FROM plan p, json_each(p.foreseen_barriers) j
    WHERE j.value <> 'none' GROUP BY 1
), came AS (
    SELECT b.code, count(DISTINCT p.id) AS n FROM plan p JOIN implementation i ON i.commitment_id = p.id
    JOIN barrier b ON b.implementation_id = i.id
    WHERE i.status IN ('partial', 'planned', 'dropped') AND b.code <> 'none' GROUP BY 1
), expected_rank AS (SELECT code, n, rank() OVER (ORDER BY n DESC) AS r FROM expected
), came_rank AS (SELECT code, n, rank() OVER (ORDER BY n DESC) AS r FROM came
), code AS (SELECT code FROM expected UNION SELECT code FROM came)
SELECT k.code, json_array(ifnull(e.n, 0), w.n, w.people), json_array(ifnull(c.n, 0), w.n, w.people), e.r, c.r, e.r - c.r
FROM code k CROSS JOIN whole w LEFT JOIN expected_rank e ON e.code = k.code LEFT JOIN came_rank c ON c.code = k.code
"""
AIMS = """
WITH aimed AS (
    SELECT c.id, c.participant_id AS who, ifnull(a.slug, '') AS activity, c.objective, c.suggestion,
        c.objective IS NOT NULL OR EXISTS (SELECT 1 FROM theme_link l WHERE l.program_id = c.program_id
            AND l.removed_at IS NULL AND l.from_kind = 'objective'
            AND (l.to_kind = 'commitment' AND l.to_code = c.id OR
                 l.to_kind = 'suggestion' AND l.to_code = a.slug || '.' || c.suggestion)) AS linked
    FROM commitment c JOIN program g ON g.id = c.program_id LEFT JOIN activity a ON a.id = c.activity_id
    WHERE g.slug = :p AND c.confirmed
)
"""
ALIGNMENT = f"""{AIMS}
, spread AS (SELECT *, activity AS name FROM aimed UNION ALL SELECT *, '(all)' FROM aimed)
SELECT name, count(*), count(DISTINCT who), sum(suggestion IS NULL),
    json_array(sum(objective IS NOT NULL), count(*), count(DISTINCT who)),
    json_array(sum(linked), count(*), count(DISTINCT who))
FROM spread GROUP BY 1
"""
UNINTENDED = f"""{AIMS}
, {WORDED}
SELECT 'k' || w.id, w.activity, w.theme, w.type, iif(w.hidden OR w.statement = '', NULL, redact(w.statement))
FROM worded w JOIN aimed m ON m.id = w.id WHERE NOT m.linked
"""
TRACKED = f"""{STANDINGS}
, event AS (
    SELECT a.slug, a.title, a.held_on FROM activity a JOIN program g ON g.id = a.program_id WHERE g.slug = :p
      AND NOT EXISTS (SELECT 1 FROM json_each(g.settings, '$.reviews') r WHERE json_extract(r.value, '$.slug') = a.slug)
      AND (:since IS NULL OR a.held_on >= :since) AND (:until IS NULL OR a.held_on <= :until)
), role AS (
    SELECT * FROM people WHERE start = '' OR :now IS NULL OR start <= substr(:now, 1, 10)
), doer AS (
    SELECT activity, who, max(told IN ('full', 'partial')) AS some, max(told = 'full') AS whole
    FROM stand WHERE wave = 'latest' AND place = 'responded' GROUP BY 1, 2
), tracked AS (
    SELECT e.*,
        (SELECT count(DISTINCT person) FROM role WHERE activity = e.slug AND function = 'planner'
            AND patient = 'yes') AS pl,
        (SELECT count(DISTINCT person) FROM role WHERE activity = e.slug AND function = 'faculty'
            AND patient = 'yes') AS fa,
        (SELECT count(DISTINCT person) FROM role WHERE activity = e.slug AND function IN ('planner', 'faculty')
            AND disclosure IN ('', 'missing')) AS hushed,
        (SELECT group_concat(line, ', ') FROM (SELECT line FROM role WHERE activity = e.slug AND patient = 'yes'
            AND function IN ('planner', 'faculty') ORDER BY line)) AS proof,
        iif(held_on > substr(:now, 1, 10), 'no', iif(held_on IS NULL OR :now IS NULL, NULL, 'yes')) AS held,
        (SELECT count(DISTINCT who) FROM stand s WHERE s.activity = e.slug) AS promised,
        (SELECT count(*) FROM doer d WHERE d.activity = e.slug) AS answered,
        (SELECT ifnull(sum(some), 0) FROM doer d WHERE d.activity = e.slug) AS better,
        (SELECT ifnull(sum(whole), 0) FROM doer d WHERE d.activity = e.slug) AS best
    FROM event e
)
"""
ACTIVITIES = f"""{TRACKED}
SELECT slug, title, held_on, iif(:file, pl, NULL), iif(:file, fa, NULL), iif(:file, hushed, NULL),
    iif(:file, iif(pl > 0 AND fa > 0, 'yes', 'no'), NULL), promised, answered, json_array(better, answered, answered),
    json_array(best, answered, answered), json_array(better, promised, answered),
    iif(better * 2 > answered, 'yes', 'no'), held,
    'people.csv: ' || iif(instr(proof, ','), 'lines ', 'line ') || proof,
    iif(better, 'outcomes.commitments: activity = ' || slug || ', latest = full or partial', NULL),
    iif(better, 'commitments.csv: program = ' || :p || ', activity = ' || slug
        || ', confirmed = 1, implementation = full or partial', NULL)
FROM tracked
"""
CRITERIA = f"""{TRACKED}
, summed AS (
    SELECT count(*) AS n, ifnull(sum(pl > 0 AND fa > 0), 0) AS engaging,
        ifnull(sum(better * 2 > answered), 0) AS improving FROM tracked WHERE held IS NOT 'no'
), bar AS (
    SELECT n, max(2, (n + 9) / 10) AS wanted, CASE WHEN n < 40 THEN 'S' WHEN n <= 100 THEN 'M' WHEN n <= 250 THEN 'L'
        ELSE 'XL' END AS size FROM summed
), line AS (
    SELECT 'engages_patients' AS name, iif(:file, engaging, NULL) AS met, 'engages' AS shown,
        'people.csv: function = planner or faculty, patient = yes' AS filed FROM summed
    UNION ALL SELECT 'improves_performance', improving, 'improves',
        'commitments.csv: program = ' || :p || ', confirmed = 1, implementation = full or partial' FROM summed
), proof AS (SELECT 'S' AS size, 2 AS most UNION SELECT 'M', 4 UNION SELECT 'L', 6 UNION SELECT 'XL', 8)
SELECT l.name, b.n, l.met, b.wanted, max(0, b.wanted - l.met), b.size, p.most, max(0, p.most - l.met),
    'outcomes.activities: ' || l.shown || ' = yes', l.filed
FROM line l CROSS JOIN bar b JOIN proof p ON p.size = b.size
"""
SUBMITTED = f"""
WITH {UNQUOTED}, sent AS (
    SELECT c.id, c.participant_id AS who, ifnull(a.slug, '') AS activity FROM conversation c
    JOIN program g ON g.id = c.program_id JOIN participant p ON p.id = c.participant_id
    LEFT JOIN activity a ON a.id = c.activity_id
    WHERE g.slug = :p AND c.flow = 'best_practice' AND c.outcome = 'completed' AND p.status <> 'deleted'
), total AS (SELECT count(*) AS n, count(DISTINCT who) AS people FROM sent
), heading AS (
    SELECT 'methods' AS heading, 'f4' AS q UNION SELECT 'results', 'f5' UNION SELECT 'discussion', 'f5_more'
    UNION SELECT 'reflections', 'f7'
), word AS (
    SELECT s.id, s.activity, h.heading, iif(a.status = 'unparsed', a.raw, json_extract(a.value, '$')) AS words,
        a.personal OR a.message_deleted_at IS NOT NULL OR s.id IN (SELECT talk FROM unquoted) AS hidden
    FROM sent s JOIN answer a ON a.conversation_id = s.id JOIN heading h ON h.q = a.question_key
    WHERE a.superseded_at IS NULL AND (a.status = 'unparsed'
       OR a.status = 'answered' AND json_type(a.value) = 'text' AND json_extract(a.value, '$') <> 'none')
)
"""
GRIPP2 = f"""{SUBMITTED}
SELECT 'aim', 'no question asks for it', n, NULL FROM total
UNION ALL
SELECT h.heading, CASE h.q WHEN 'f4' THEN 'how they were found and prepared, and whether they were paid'
        WHEN 'f5' THEN 'what changed because of them, with an example'
        WHEN 'f7' THEN 'what did not go well' ELSE 'what would have happened without them' END, t.n,
    json_array((SELECT count(DISTINCT id) FROM word w WHERE w.heading = h.heading), t.n, t.people)
FROM heading h CROSS JOIN total t
"""
GRIPP2_WORDS = f"""{SUBMITTED}
SELECT CAST(id AS TEXT), heading, activity, redact(words) FROM word WHERE NOT hidden
"""
INVOLVEMENT = f"""{SUBMITTED}
SELECT j.value, json_array(count(DISTINCT s.id), t.n, t.people) FROM sent s JOIN answer a ON a.conversation_id = s.id,
    json_each(a.value) j CROSS JOIN total t
WHERE a.question_key = 'f2' AND a.status = 'answered' AND a.superseded_at IS NULL GROUP BY 1
"""
PATIENTS = """
WITH part AS (
    SELECT 'interviewed' AS part, 'patient_interview' AS flow UNION SELECT 'asked_again', 'patient_follow_up'
    UNION SELECT 'reviewed', 'content_review' UNION SELECT 'cosigned', 'best_practice_cosign'
), done AS (
    SELECT DISTINCT c.flow, p.id, p.role FROM conversation c JOIN program g ON g.id = c.program_id
    JOIN participant p ON p.id = c.participant_id WHERE g.slug = :p AND c.outcome = 'completed'
)
SELECT part, (SELECT count(*) FROM done d WHERE d.flow = part.flow AND d.role = 'patient'),
    (SELECT count(*) FROM done d WHERE d.flow = part.flow AND d.role = 'carer') FROM part
"""
POINTS = """
WITH point AS (
    SELECT ifnull(r.decision, 'open') AS decision, p.id AS who FROM answer a
    JOIN conversation c ON c.id = a.conversation_id JOIN program g ON g.id = c.program_id
    JOIN participant p ON p.id = c.participant_id
    LEFT JOIN review_decision r ON r.conversation_id = c.id AND r.slot = a.slot
    WHERE g.slug = :p AND c.flow = 'content_review' AND c.outcome = 'completed' AND p.role IN ('patient', 'carer')
      AND a.kind = 'text' AND a.status = 'answered' AND a.superseded_at IS NULL AND a.value IS NOT NULL
      AND json_extract(a.value, '$') IS NOT 'none' AND p.status <> 'deleted'
), kind AS (SELECT 'used' AS name UNION SELECT 'partly' UNION SELECT 'not_used' UNION SELECT 'open')
SELECT name, (SELECT count(*) FROM point WHERE decision = name),
    (SELECT count(DISTINCT who) FROM point WHERE decision = name) FROM kind
"""
SAFETY = """
WITH one AS (
    SELECT s.*, substr(s.opened_at, 1, 7) AS month FROM safety_case s JOIN program g ON g.id = s.program_id
    WHERE g.slug = :p
), moment AS (
    SELECT e.enrolled_at AS at FROM enrollment e JOIN program g ON g.id = e.program_id WHERE g.slug = :p
    UNION SELECT c.started_at FROM conversation c JOIN program g ON g.id = c.program_id WHERE g.slug = :p
    UNION SELECT opened_at FROM one
), later AS (
    SELECT at FROM moment
    UNION SELECT c.last_turn_at FROM conversation c JOIN program g ON g.id = c.program_id WHERE g.slug = :p
    UNION SELECT :now WHERE :now IS NOT NULL
), calendar(month) AS (
    SELECT substr(min(at), 1, 7) FROM moment HAVING count(*) > 0
    UNION SELECT substr(date(month || '-01', '+1 month'), 1, 7) FROM calendar
    WHERE month < (SELECT substr(max(at), 1, 7) FROM later)
), kind AS (SELECT 'adverse_event' AS kind UNION SELECT 'product_complaint' UNION SELECT 'distress'
), square AS (
    SELECT k.kind, c.month AS label, c.month FROM kind k CROSS JOIN calendar c
    UNION ALL SELECT kind, '(all)', '%' FROM kind
)
SELECT q.kind, q.label, count(o.id), ifnull(sum(o.status = 'new'), 0), ifnull(sum(o.status = 'reviewing'), 0),
    ifnull(sum(o.status = 'sent'), 0), ifnull(sum(o.status = 'acknowledged'), 0),
    ifnull(sum(o.status = 'not_an_event'), 0), ifnull(sum(o.status = 'cleared'), 0),
    ifnull(sum(o.settled_at <= o.due_at), 0), ifnull(sum(o.settled_at > o.due_at), 0),
    iif(:now IS NULL, NULL, ifnull(sum(o.status IN ('new', 'reviewing') AND o.due_at <= :now), 0))
FROM square q LEFT JOIN one o ON o.kind = q.kind AND o.month LIKE q.month GROUP BY 1, 2
"""
QUALITY = """
SELECT c.flow, count(DISTINCT c.id), sum(a.superseded_at IS NULL),
    json_array(sum(a.superseded_at IS NULL AND a.status = 'skipped'), sum(a.superseded_at IS NULL),
               count(DISTINCT iif(a.superseded_at IS NULL, c.participant_id, NULL))),
    json_array(sum(a.superseded_at IS NULL AND a.status = 'unparsed'), sum(a.superseded_at IS NULL),
               count(DISTINCT iif(a.superseded_at IS NULL, c.participant_id, NULL))),
    sum(a.superseded_at IS NOT NULL)
FROM answer a JOIN conversation c ON c.id = a.conversation_id JOIN program g ON g.id = c.program_id
WHERE g.slug = :p AND a.kind <> 'consent'
  AND (c.flow, a.question_key) NOT IN (SELECT v.flow, k.atom FROM flowversion v, json_tree(v.source) k
                                       WHERE k.key IN ('keeps_number', 'rotates') AND k.atom IS NOT NULL)
  AND c.participant_id NOT IN (SELECT id FROM participant WHERE status = 'deleted')
GROUP BY 1
"""
PARS = """
WITH event AS (
    SELECT a.id, a.slug, a.title, a.held_on FROM activity a JOIN program g ON g.id = a.program_id WHERE g.slug = :p
      AND NOT EXISTS (SELECT 1 FROM json_each(g.settings, '$.reviews') r WHERE json_extract(r.value, '$.slug') = a.slug)
), attended AS (
    SELECT DISTINCT c.activity_id AS act, c.participant_id AS who FROM conversation c WHERE c.flow = 'hcp_commitment'
), trade AS (
    SELECT c.activity_id AS act, c.participant_id AS who, json_extract(a.value, '$') AS name, row_number() OVER (
        PARTITION BY c.activity_id, c.participant_id ORDER BY c.id DESC) AS back
    FROM answer a JOIN conversation c ON c.id = a.conversation_id WHERE c.flow = 'hcp_commitment'
      AND a.question_key = 'c1' AND a.status = 'answered' AND a.superseded_at IS NULL AND a.value IS NOT NULL
), counted AS (
    SELECT e.*, (SELECT count(*) FROM attended t WHERE t.act = e.id) AS people,
        (SELECT count(*) FROM trade t WHERE t.act = e.id AND back = 1) AS named,
        (SELECT count(*) FROM trade t WHERE t.act = e.id AND back = 1 AND name = 'physician') AS doctors,
        (SELECT count(*) FROM commitment c WHERE c.activity_id = e.id AND c.confirmed) AS plans,
        (SELECT count(*) FROM commitment c JOIN follow_up f ON f.commitment_id = c.id
         WHERE c.activity_id = e.id AND c.confirmed) AS waves,
        (SELECT count(*) FROM commitment c JOIN follow_up f ON f.commitment_id = c.id
         JOIN implementation i ON i.follow_up_id = f.id WHERE c.activity_id = e.id AND c.confirmed) AS reports
    FROM event e
)
SELECT slug, title, ifnull(held_on, ''), '', '', '', iif(people, 'yes', 'no'), iif(waves, 'yes', 'no'), '',
    iif(plans, 'yes', 'no'), iif(reports, 'yes', 'no'), iif(EXISTS (
        SELECT 1 FROM answer a JOIN conversation c ON c.id = a.conversation_id JOIN program g ON g.id = c.program_id
        WHERE g.slug = :p AND c.flow = 'patient_follow_up' AND a.question_key = 'e2' AND a.status = 'answered'
          AND a.superseded_at IS NULL), '', 'no'),
    iif(named, doctors, ''), iif(named, named - doctors, ''), people - named, '', '', '', '', '', ''
FROM counted
"""
