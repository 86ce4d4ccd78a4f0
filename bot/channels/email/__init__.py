"""E-mail as a channel: `channel` is the class, `options` how mails go out; the other modules are its parts.

A mail never says what it is about: it says that something waits, and carries a link to the web page. `address` reads
addresses as people write them, `mails` writes the mails, `bounces` reads those that come back, `diagnostics` one that
arrived; `port` is what the channel asks of the rest of the bot, and `sending` what that asks of the channel.
"""

__all__ = ["address", "bounces", "channel", "diagnostics", "mails", "options", "port", "sending"]
