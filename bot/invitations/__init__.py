"""Make invitations, for commands and for the team's pages alike.

`requests` checks what an invitation needs and makes it, `roster` reads a list of people to be invited, `mailing` mails
them their links. `links` writes tokens as links and QR codes, and `mail_merge` as a file for letters and mails.
"""

__all__ = ["links", "mail_merge", "mailing", "requests", "roster"]
