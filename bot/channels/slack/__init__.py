"""Slack as a channel: `channel` is the class, `options` how it is reached; the other modules are its parts."""

__all__ = ["channel", "options"]
