"""Keep who takes part, how they came in and are reached, and who coordinates.

`invitations` let people in, `invitation_steps` keeps many of them, `invitation_states` tells how they stand and
`invitation_changes` ends them; `invitation_mails` keeps the mails that carry them;
`participants` keeps them, and `account_links` joins their addresses; `coordinators` is the team, and `contact_requests`
what it is asked for. `address_requests` keeps e-mail addresses until they are confirmed, `mail_tokens` the secrets in
mails, and `mail_addresses` tells who is reached by them. `role_change` puts a role right.
"""

__all__ = [
    "account_links",
    "address_requests",
    "contact_requests",
    "coordinators",
    "invitation_changes",
    "invitation_mails",
    "invitation_states",
    "invitation_steps",
    "invitations",
    "mail_addresses",
    "mail_tokens",
    "participants",
    "role_change",
]
