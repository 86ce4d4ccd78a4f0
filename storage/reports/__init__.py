"""Read what operators (`operators`) and the team in chat (`team`) look up, and how a running bot stands (`health`).

Codes and numbers only, nobody's words.
"""

__all__ = ["health", "operators", "team"]
