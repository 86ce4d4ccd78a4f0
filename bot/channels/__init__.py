"""Speak with the platforms: `base` is the contract, `telegram`, `slack` and `terminal` keep it.

A channel knows neither storage nor another channel.
"""

__all__ = ["base", "slack", "telegram", "terminal"]
