"""Conversations in a browser: `channel` is the channel, and `options` what it is made with.

`source` is what it asks for its pages, `port` what those show, and `mail_door` what the links of mails lead to.
"""

__all__ = ["channel", "mail_door", "options", "port", "source"]
