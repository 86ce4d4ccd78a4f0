"""How mails go out: what the settings say, as the channel takes it."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailConfig:
    """The mail server, who mails are from, and where their links lead. Nothing here shows a secret when printed.

    `public_url` is where people reach the web page, without a slash at its end. `unsubscribe` is the mailbox for mails
    that ask for no more, `maildir` the folder that is looked at for them and for bounces, `webhook_secret` what whoever
    posts bounces must know, `operator` where a mail of `said doctor` goes; None for none. `together` is for how long
    what is said at an address goes with the mail before it, since its link shows all of it.
    """

    host: str
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str
    sender_name: str = ""
    public_url: str
    unsubscribe: str | None = None
    maildir: Path | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    operator: str | None = None
    timeout: timedelta = timedelta(seconds=20)
    together: timedelta = timedelta(minutes=10)

    @property
    def has_https(self) -> bool:
        """Whether links lead to https, as one-click unsubscribing needs."""
        return self.public_url.startswith("https://")

    @property
    def domain(self) -> str:
        """The domain that mails are from."""
        return self.sender.rpartition("@")[2].lower()
