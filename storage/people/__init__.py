"""Keep who takes part, how they came in and are reached, and who coordinates.

`participants`, `invitations` and `account_links` let people in; `coordinators` and `contact_requests` are the team's.
"""
