"""Make invitations, for commands and for the team's pages alike.

`requests` checks what an invitation needs and makes it, `roster` reads a list of people to be invited, `links` writes
tokens as links and QR codes, and `mail_merge` as a file for letters and mails.
"""

__all__ = ["links", "mail_merge", "requests", "roster"]
