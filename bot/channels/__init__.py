"""Speak with the platforms: `base` is the contract, `telegram`, `slack` and `terminal` keep it, `home` is for Home tabs.

A channel knows neither storage nor another channel.
"""

__all__ = ["base", "home", "slack", "telegram", "terminal"]
