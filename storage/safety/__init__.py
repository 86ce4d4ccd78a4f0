"""Keep safety cases from their opening to their end, and who has read what patients wrote.

`cases` holds the rows, `case_lists` finds them for a list, `case_workflow` has what coordinators do about them,
`case_text` the words behind them, `case_notes` what the team notes about them, `report_answers` what is answered for
a report; `same_cases` decides on those with the same words at once, `manual_flags` opens cases by hand, and `samples`
draws words that no rule found anything in.
`text_signals` keeps what was noticed in texts that open no case, and `second_reading` finds what the second reader has
still to read. `unread_rows` finds what nobody has read, `unread_texts` lists and counts it, `reading` shows it and
keeps who has read it, and `read_texts` lists what was read, and by whom. `rereadings` keeps what a person says
that words mean which were read with doubt.
"""

__all__ = [
    "case_lists",
    "case_notes",
    "case_text",
    "case_workflow",
    "cases",
    "manual_flags",
    "read_texts",
    "reading",
    "report_answers",
    "rereadings",
    "same_cases",
    "samples",
    "second_reading",
    "text_signals",
    "unread_rows",
    "unread_texts",
]
