"""Speak with the platforms: `base` is their contract, which `telegram`, `slack`, `web` and `terminal` keep.

`home` is what Home tabs show, and `hearing` remembers when a platform was last heard.
A channel knows neither storage nor another channel.
"""

__all__ = ["base", "hearing", "home", "slack", "telegram", "terminal", "web"]
