"""E-mail as a channel: `channel` is the class, `options` how mails go out; the other modules are its parts.

A mail never says what it is about: it says that something waits, and carries a link to the web page. `address` reads
addresses as people write them, `port` is what the channel asks of the rest of the bot.
"""

__all__ = ["address", "channel", "options", "port"]
