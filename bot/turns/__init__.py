"""Answer inbound messages: from the row in the inbox to what is written in one transaction.

Read `runtime` first (store, take, commit), then `dispatch` (one message), which follows the route that `routing` finds.
`invitations` lets people in; `team_commands` answers coordinators. `catch_up` tells a channel up to where people were
heard. `turn_budget` says how much of one person is answered at once. `loading` reads ahead what the first turns need.
Public are `Runtime`, `RuntimeOptions`, `catch_up_points`, `settle`, the budget, and of `corrections` which ended
conversations may be changed still.
"""

__all__ = ["catch_up", "corrections", "loading", "runtime", "turn_budget"]
