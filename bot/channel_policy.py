"""Which roles may be served on which channel (docs/howto/privacy.md).

The default refuses patients and carers on Slack: Slack's conditions for health data under HIPAA leave no room
for messages to patients and their families (https://phiguard.app/resources/guides/slack sums them up).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from flows.script.roles import Role

EVERYBODY: Final = frozenset(Role)
_STAFF: Final = frozenset({Role.HCP, Role.EDUCATOR})


class DeploymentProfile(StrEnum):
    """A channel policy by its name in the settings: which roles may be served where."""

    HIPAA = "hipaa"
    """Patients and carers everywhere but on Slack."""
    OPEN = "open"
    """Everybody everywhere."""


PROFILES: Final[Mapping[DeploymentProfile, Mapping[str, frozenset[Role]]]] = MappingProxyType(
    {
        DeploymentProfile.HIPAA: MappingProxyType({"slack": _STAFF}),
        DeploymentProfile.OPEN: MappingProxyType({}),
    }
)


@dataclass(frozen=True, slots=True)
class ChannelPolicy:
    """Says which roles may be served on which channel: `roles`, by the channel's name; all on one that is not named.

    `telegram_bot` is the bot's user name on Telegram, for links to it; None where it is not known. `web_url` is where
    the pages of the web channel are, None where there are none. `console_url` is where those of the team are.
    """

    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    telegram_bot: str | None = None
    web_url: str | None = None
    console_url: str | None = None

    def allows(self, role: Role, channel: str) -> bool:
        """Return whether people in this role may be served on this channel: let in, and written to."""
        return role in self.roles.get(channel, EVERYBODY)

    def elsewhere(self, role: Role, channel: str, token: str) -> str | None:
        """Make a link that opens the same invitation elsewhere, for a role that `channel` may not serve.

        It leads to Telegram, else to a page; None where that is `channel` itself, does not serve the role, or is not
        known. `token` is the invitation's secret part.
        """
        links = self._links(role, token)
        return next((link for name, link in links.items() if name != channel), None)

    def way_in(self, role: Role, channel: str, token: str) -> "InvitationRoute | None":
        """Choose how somebody in this role opens an invitation that is passed on from `channel`; None if they cannot.

        A link to Telegram is best, then one to a page; else it is a command to write to the bot on `channel`. `token`
        is the invitation's secret part.
        """
        link = next(iter(self._links(role, token).values()), None)
        if link is not None:
            return InvitationRoute(link=link)
        return InvitationRoute(command=start_command(channel, token)) if self.allows(role, channel) else None

    def _links(self, role: Role, token: str) -> dict[str, str]:
        """Return the links that open an invitation for a role, by channel, the best first."""
        known = {
            "telegram": None if self.telegram_bot is None else telegram_link(self.telegram_bot, token),
            "web": None if self.web_url is None else web_link(self.web_url, token),
        }
        return {name: link for name, link in known.items() if link is not None and self.allows(role, name)}


@dataclass(frozen=True, slots=True)
class InvitationRoute:
    """How an invitation is opened: by a link, or by a command that is written to the bot. The other one is None."""

    link: str | None = None
    command: str | None = None


def telegram_link(bot: str, token: str) -> str:
    """Return the link that opens an invitation on Telegram. `bot` is the bot's user name there."""
    return f"https://t.me/{bot}?start={quote(token, safe='')}"


def web_link(url: str, token: str) -> str:
    """Return the link that opens an invitation in a browser. `url` is where the pages are, with no slash at its end."""
    return f"{url}/c/{quote(token, safe='')}"


def code_link(url: str, code: str) -> str:
    """Return the link to the page where somebody gives an account-link code, with that in its field."""
    return f"{url}/link/{quote(code, safe='')}"


def start_command(channel: str, token: str) -> str:
    """Return the text that opens an invitation when it is written to the bot on a channel, such as `/start TOKEN`."""
    return f"/said start {token}" if channel == "slack" else f"/start {token}"


EVERYWHERE: Final = ChannelPolicy()
"""Everybody on every channel."""


def policy_of(
    profile: DeploymentProfile,
    more: Mapping[str, frozenset[Role]],
    telegram_bot: str | None,
    web_url: str | None = None,
) -> ChannelPolicy:
    """Make the channel policy of a deployment profile, with exceptions.

    `more` has the roles, by channel, that replace what the profile says of it. `telegram_bot` is the bot's user name
    on Telegram, `web_url` where the pages of the web channel are; None where that is not known.
    """
    return ChannelPolicy({**PROFILES[profile], **more}, telegram_bot, web_url)
