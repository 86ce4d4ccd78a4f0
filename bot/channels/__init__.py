"""Speak with the platforms: `base` is their contract, which `telegram`, `slack` and `terminal` keep; `home`: Home tabs.

`hearing` remembers when a platform was last heard.
A channel knows neither storage nor another channel.
"""

__all__ = ["base", "hearing", "home", "slack", "telegram", "terminal"]
