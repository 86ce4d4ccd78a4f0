"""Commands about safety cases: `safety` is the table of them, `shared` what they have in common.

Public modules:

- `flag`: `said safety flag`: a case for an answer, or a remark, that the rules missed.
"""

__all__ = ["flag"]
