"""Read what operators (`operators`) and the team in chat (`team`) look up. Codes only, nobody's words."""

__all__ = ["operators", "team"]
