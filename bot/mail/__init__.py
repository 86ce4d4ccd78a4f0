"""Look after what mails lead to: `desk` keeps secrets, addresses and bounces, `code_needed` says what needs a code."""

__all__ = ["code_needed", "desk"]
