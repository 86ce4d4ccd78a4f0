"""Telegram as a channel: `channel` is the class, `options` how it is reached; the other modules are its parts.

`client` asks Telegram for the bot's user name, before there is a channel.
"""

__all__ = ["channel", "client", "options"]
