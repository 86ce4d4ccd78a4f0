"""The settings of the console: where coordinators reach it in a browser."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from pydantic import Field, SecretStr, model_validator

from bot.settings.section import Origin, SettingsSection, Url, secret_from_file


class AccountSettings(SettingsSection):
    """The provider of your organisation's accounts (OpenID Connect), by which the team may sign in."""

    issuer: Url = Field(description="Its address, without `/.well-known`; it must name itself just so.")
    client_id: str = Field(min_length=1, description="What this bot is called there.")
    client_secret: SecretStr | None = Field(None, description="The secret that it gave for that.")
    client_secret_file: Path | None = Field(None, description="A file that holds it, instead.")
    name: str = Field("your organisation", min_length=1, max_length=40, description="What people call it.")

    @model_validator(mode="before")
    @classmethod
    def _secret(cls, values: Any) -> Any:
        return secret_from_file(values, "client_secret")

    @model_validator(mode="after")
    def _has_secret(self) -> Self:
        if self.client_secret is None:
            raise ValueError("client_secret: is needed; set it, or client_secret_file")
        return self


class ConsoleSettings(SettingsSection):
    """The address at which the team's pages are served, at `/team`. Left out entirely, they are not."""

    host: str = Field("127.0.0.1", description="The address to listen at; this machine alone by default.")
    port: int = Field(8082, ge=0, le=65535, description="The port; 0 takes a free one.")
    public_url: Origin | None = Field(
        None,
        description="What browsers of the team see, such as https://team.example.org, where a proxy with TLS stands in"
        " front; http://localhost and the port if absent.",
    )
    behind_proxy: bool = Field(
        False,
        description="Whether a proxy of yours does TLS and names the client in X-Forwarded-For. Needed to listen at"
        " another address than this machine's own.",
    )

    accounts: AccountSettings | None = Field(
        None, description="Who is asked for accounts; left out, links alone let in."
    )

    @property
    def url(self) -> str | None:
        """Where browsers find the pages of the team, without a slash at its end; None where any free port is taken."""
        if self.public_url is not None or self.port == 0:
            return self.public_url
        return f"http://localhost:{self.port}"

    @model_validator(mode="after")
    def _is_guarded(self) -> Self:
        if not _is_loopback(self.host) and not self.behind_proxy:
            raise ValueError(
                "host: is not this machine's own, and nothing says that TLS stands in front;"
                " take 127.0.0.1, or set behind_proxy once a proxy with https does"
            )
        if self.public_url is None and self.behind_proxy:
            raise ValueError("public_url: is needed behind a proxy; set what browsers see")
        if self.public_url is not None and self.public_url.startswith("https://") and not self.behind_proxy:
            raise ValueError("behind_proxy: must be true where browsers come by https: a proxy does that")
        return self


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
