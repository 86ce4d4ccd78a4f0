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

    `telegram_bot` is the bot's user name on Telegram, for links to it; None where it is not known.
    """

    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    telegram_bot: str | None = None

    def allows(self, role: Role, channel: str) -> bool:
        """Return whether people in this role may be served on this channel: let in, and written to."""
        return role in self.roles.get(channel, EVERYBODY)

    def elsewhere(self, role: Role, channel: str, token: str) -> str | None:
        """Make a link that opens the same invitation elsewhere, for a role that `channel` may not serve.

        It leads to Telegram; None where that is `channel` itself, does not serve the role, or the bot's name there is
        not known. `token` is the invitation's secret part.
        """
        if self.telegram_bot is None or channel == "telegram" or not self.allows(role, "telegram"):
            return None
        return f"https://t.me/{self.telegram_bot}?start={quote(token, safe='')}"

    def way_in(self, role: Role, channel: str, token: str) -> "InvitationRoute | None":
        """Choose how somebody in this role opens an invitation that is passed on from `channel`; None if they cannot.

        A link to Telegram is best; else it is a command to write to the bot on `channel`. `token` is the invitation's
        secret part.
        """
        if self.telegram_bot is not None and self.allows(role, "telegram"):
            return InvitationRoute(link=f"https://t.me/{self.telegram_bot}?start={quote(token, safe='')}")
        return InvitationRoute(command=start_command(channel, token)) if self.allows(role, channel) else None


@dataclass(frozen=True, slots=True)
class InvitationRoute:
    """How an invitation is opened: by a link, or by a command that is written to the bot. The other one is None."""

    link: str | None = None
    command: str | None = None


def start_command(channel: str, token: str) -> str:
    """Return the text that opens an invitation when it is written to the bot on a channel, such as `/start TOKEN`."""
    return f"/said start {token}" if channel == "slack" else f"/start {token}"


EVERYWHERE: Final = ChannelPolicy()
"""Everybody on every channel."""


def policy_of(
    profile: DeploymentProfile, more: Mapping[str, frozenset[Role]], telegram_bot: str | None
) -> ChannelPolicy:
    """Make the channel policy of a deployment profile, with exceptions.

    `more` has the roles, by channel, that replace what the profile says of it. `telegram_bot` is the bot's user name
    on Telegram, None where it is not known.
    """
    return ChannelPolicy({**PROFILES[profile], **more}, telegram_bot)
