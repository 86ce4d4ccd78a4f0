"""The settings of e-mail: the server that takes our mails, who they are from, and where bounces are found."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bot.channels.email.address import normalised
from bot.channels.email.options import EmailConfig
from bot.settings.section import SettingsSection, secret_from_file

SHORTEST_SECRET = 32
"""Letters of the webhook's secret, at least: it cannot be guessed."""


class MailTls(StrEnum):
    """How the connection to the mail server is kept from being read."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def _address(written: str) -> str:
    found = normalised(written)
    if found is None:
        raise ValueError("is no e-mail address; write it as name@example.org")
    return found


MailAddress = Annotated[str, AfterValidator(_address)]


def _one_line(text: str) -> str:
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in text):  # noqa: PLR2004 - control characters
        raise ValueError("must be one line of plain text")
    return text


class EmailSettings(SettingsSection):
    """E-mail, which leads people to the web page. Left out entirely, the channel is off."""

    host: str = Field(min_length=1, description="The mail server that takes our mails (SMTP).")
    port: int = Field(587, ge=1, le=65535, description="Its port: 587 for 'starttls', 465 for 'tls'.")
    tls: MailTls = Field(
        MailTls.STARTTLS, description="'starttls', 'tls', or 'none' for a server on this machine."
    )
    user: str | None = Field(None, description="The name to log in with; without it nobody logs in.")
    password: SecretStr | None = Field(None, description="The password to log in with.")
    password_file: Path | None = Field(None, description="A file that holds it, instead.")
    sender: MailAddress = Field(description="The address that mails are from; it says nothing of health.")
    sender_name: Annotated[str, AfterValidator(_one_line)] = Field(
        "", max_length=60, description="The name beside it, for all to see: it says nothing of health either."
    )
    unsubscribe: MailAddress | None = Field(
        None, description="Where mails that ask for no more mails go: a mailbox that `maildir` holds."
    )
    maildir: Path | None = Field(
        None, description="The Maildir folder in which bounces, and mails to `unsubscribe`, are found."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="What a mail service sends along when it posts bounces to `/mail/bounces`."
    )
    webhook_secret_file: Path | None = Field(None, description="A file that holds it, instead.")
    operator: MailAddress | None = Field(
        None, description="Where `said doctor` sends a mail, to see what becomes of it on its way."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return secret_from_file(values, "password", "webhook_secret")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.user is not None and self.password is None:
            raise ValueError("password: is missing; set SAID_EMAIL__PASSWORD or email.password_file")
        if self.user is not None and self.tls is MailTls.NONE and not _is_here(self.host):
            raise ValueError("tls: must not be 'none' where a password is sent; use 'starttls' or 'tls'")
        secret = self.webhook_secret
        if secret is not None and len(secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(
                "webhook_secret: must have 32 letters or more; make one with `openssl rand -hex 32`"
            )
        return self


def _is_here(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"}


def email_config(settings: EmailSettings, public_url: str) -> EmailConfig:
    """Return how mails go out, as the settings say; their links lead to `public_url`."""
    password, secret = settings.password, settings.webhook_secret
    same = ("host", "port", "user", "sender", "sender_name", "unsubscribe", "operator")
    return EmailConfig(
        tls=settings.tls.value,
        password=None if password is None else password.get_secret_value(),
        public_url=public_url.rstrip("/"),
        maildir=None if settings.maildir is None else settings.maildir.expanduser(),
        webhook_secret=None if secret is None else secret.get_secret_value(),
        **{name: getattr(settings, name) for name in same},
    )
