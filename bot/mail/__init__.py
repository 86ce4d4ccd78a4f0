"""Look after what mails lead to: `desk` keeps secrets, addresses and bounces, `code_needed` says what needs a code.

`mailed_question` finds whether the question that waits was mailed, and `start` opens the desk where mails go out.
"""

__all__ = ["code_needed", "desk", "mailed_question", "start"]
