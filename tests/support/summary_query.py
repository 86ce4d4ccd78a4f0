"""The plain SQL that recounts the first page of the report; it shares no code with what it checks."""

from tests.support.recount_queries import LOOP

_BY_THEME = LOOP.partition(", book AS (")[0]
"""Who picked which theme, what was taught, how each commitment stands, and how care was rated, by theme."""
SUMMARY = f"""{_BY_THEME}
, real AS (SELECT * FROM pick WHERE theme NOT IN ('', 'other', 'none')), tally AS (
    SELECT (SELECT count(DISTINCT who) FROM pick) AS heard, (SELECT count(DISTINCT theme) FROM real) AS themes,
        (SELECT count(DISTINCT theme) FROM real WHERE theme IN (SELECT theme FROM aim)) AS taught,
        count(*) AS made, count(DISTINCT who) AS clinicians,
        ifnull(sum(told IN ('full', 'partial')), 0) AS done, ifnull(sum(told = 'full'), 0) AS full,
        ifnull(sum(place = 'responded'), 0) AS answered, ifnull(sum(place <> 'not_due'), 0) AS due,
        count(DISTINCT iif(place = 'responded', who, NULL)) AS people
    FROM plan
), mean AS (
    SELECT who, avg(later - before) AS change FROM pairing WHERE back = 1 GROUP BY who
), said AS (
    SELECT who, max(value = 'better') AS better, max(value = 'worse') AS worse FROM judged
    WHERE back = 1 AND value <> 'cannot_say' GROUP BY who
)
SELECT :p, heard, themes, (SELECT count(DISTINCT activity_id) FROM aim), json_array(taught, themes, heard), made,
    clinicians, json_array(done, answered, people), json_array(done, due, people), json_array(full, answered, people),
    json_array(full, due, people), (SELECT count(DISTINCT who) FROM later),
    (SELECT json_array(ifnull(sum(change > 0), 0), count(*), count(*)) FROM mean),
    (SELECT json_array(ifnull(sum(change < 0), 0), count(*), count(*)) FROM mean),
    (SELECT json_array(ifnull(sum(better), 0), count(*), count(*)) FROM said),
    (SELECT json_array(ifnull(sum(worse), 0), count(*), count(*)) FROM said)
FROM tally
"""
