"""Conversations in a browser: `channel` is the channel, and `options` what it is made with.

`source` is what it asks for its pages, and `port` what those show.
"""

__all__ = ["channel", "options", "port", "source"]
