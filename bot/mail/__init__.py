"""Look after what mails lead to: `desk` makes links and ends mails, `code_needed` says what needs a code.

`mailed_invitations` does the same for those who take no part yet. `given_addresses` has addresses confirmed,
`access_codes` sends and takes codes, and `token_keeper` makes what is secret in both. `mailed_question` finds whether
the question that waits was mailed, and `start` opens the desk where mails go out.
"""

__all__ = [
    "access_codes",
    "code_needed",
    "desk",
    "given_addresses",
    "mailed_invitations",
    "mailed_question",
    "start",
    "token_keeper",
]
