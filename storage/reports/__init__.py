"""Read what operators (`operators`) and the team in chat (`team`) look up, and how a running bot stands (`health`).

`people` lists who takes part, `today` what a day of the team begins with: codes and numbers only. `spoken` alone has
what somebody said, redacted.
"""

__all__ = ["health", "operators", "people", "spoken", "team", "today"]
