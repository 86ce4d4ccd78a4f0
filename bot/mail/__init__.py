"""Look after what mails lead to: `desk` keeps secrets, addresses and bounces, `code_needed` says what needs a code.

`start` opens the desk where mails go out.
"""

__all__ = ["code_needed", "desk", "start"]
