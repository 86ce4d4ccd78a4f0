"""Keep safety cases from their opening to their end, and the samples that show what the rules missed.

`cases` holds the rows, `case_workflow` what coordinators do about them, `case_text` the words behind them;
`manual_flags` opens cases by hand, and `samples` draws words that no rule found anything in.
"""
