"""Read what operators (`operators`) and the team in chat (`team`) look up, and how a running bot stands (`health`).

`today` is what a day of the team begins with. Codes and numbers only, nobody's words.
"""

__all__ = ["health", "operators", "team", "today"]
