"""Answer inbound messages: from the row in the inbox to what is written in one transaction.

Read `runtime` first (store, take, commit), then `dispatch` (one message), which follows the route that `routing` finds.
`invitations` lets people in; `team_commands` answers coordinators. Public are `Runtime` and `RuntimeOptions`.
"""

__all__ = ["runtime"]
