"""Let members of the team in: by a link that is good once, or by an account of their organisation.

`sign_in` are the pages of links and of the second step, whose codes `codes` checks and `recovery` makes up for;
`accounts` those of accounts, which ask `account_provider`.
`device_names` tells one session from another.
"""

__all__ = ["account_provider", "accounts", "codes", "device_names", "recovery", "sign_in"]
