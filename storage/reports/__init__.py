"""Read what operators (`operators`) and the team in chat (`team`) look up, and how a running bot stands (`health`).

`today` is what waits for somebody, and `program_changes` tells what a new file of a program would touch. Codes and
numbers only, nobody's words.
"""

__all__ = ["health", "operators", "program_changes", "team", "today"]
