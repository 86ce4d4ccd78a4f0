"""Speak with the platforms: `base` is their contract, which `telegram`, `slack`, `web`, `email` and `terminal` keep.

`home` is what Home tabs show, `hearing` remembers when a platform was last heard, and `presence` who is on a page.
A channel knows neither storage nor another channel.
"""

__all__ = ["base", "email", "hearing", "home", "presence", "slack", "telegram", "terminal", "web"]
