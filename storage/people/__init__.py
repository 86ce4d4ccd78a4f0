"""Keep who takes part, how they came in and are reached, and who coordinates.

`invitations` let people in, `participants` keeps them, and `account_links` joins their addresses; `coordinators` is the
team, and `contact_requests` what it is asked for.
"""

__all__ = ["account_links", "contact_requests", "coordinators", "invitations", "participants"]
