"""Keep safety cases from their opening to their end, and who has read what patients wrote.

`cases` holds the rows, `case_workflow` what coordinators do about them, `case_text` the words behind them;
`manual_flags` opens cases by hand, and `samples` draws words that no rule found anything in. `text_signals` keeps what
was noticed in texts that open no case.
"""

__all__ = ["case_text", "case_workflow", "cases", "manual_flags", "samples", "text_signals"]
