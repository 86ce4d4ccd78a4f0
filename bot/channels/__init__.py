"""Speak with the platforms: `base` is their contract, which `telegram`, `slack` and `terminal` keep; `home`: Home tabs.

A channel knows neither storage nor another channel.
"""

__all__ = ["base", "home", "slack", "telegram", "terminal"]
