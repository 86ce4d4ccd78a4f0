"""Keep what was said and promised in one SQLite file, and read it again.

`schema` holds the tables, `enums` their closed sets and `database` the file; `conversations`, `follow_up`, `people`,
`programs` and `safety` write rows; `reports`, `export` and `outcomes` read them; `privacy` deletes them. Nothing here
imports `bot`.
"""
