"""Read what participants type: replies to questions, commands, languages, absences and link codes.

Public are `answers`, `commands`, `language_names`, `link_codes`, `absences`, `answer_quality` and `vocabulary`.
"""
