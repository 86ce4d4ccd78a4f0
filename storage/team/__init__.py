"""Keep what the team may do, and how they are let into the console.

`roles` are what each may do and where, `sign_in` the links that let them in and the codes of a second step,
`recovery_codes` what stands in for one of those, `accounts` those of their organisation, and `sessions` the browsers in
which they are signed in. `scope` tells which program something belongs to.
"""

__all__ = ["accounts", "recovery_codes", "roles", "scope", "sessions", "sign_in"]
