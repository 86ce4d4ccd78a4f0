"""Who may be talked to where: which roles on which channel (docs/howto/privacy.md).

The default refuses patients and carers on Slack: Slack's conditions for health data under HIPAA leave no room
for messages to patients and their families (https://phiguard.app/resources/guides/slack sums them up).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from flows.script.model import Role

EVERYBODY: Final = frozenset(Role)
_STAFF: Final = frozenset({Role.HCP, Role.EDUCATOR})


class DeploymentProfile(StrEnum):
    """A policy by name."""

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
    """The roles that a channel may carry; a channel that is not named carries all. Made open to everybody.

    `telegram_bot` is the bot's user name, for a link to where a refused person is welcome.
    """

    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    telegram_bot: str | None = None

    def allows(self, role: Role, channel: str) -> bool:
        """Whether people in this role may be talked to on this channel."""
        return role in self.roles.get(channel, EVERYBODY)

    def elsewhere(self, role: Role, channel: str, token: str) -> str | None:
        """A link that opens the same invitation where this role is welcome; None if we know of none."""
        if self.telegram_bot is None or channel == "telegram" or not self.allows(role, "telegram"):
            return None
        return f"https://t.me/{self.telegram_bot}?start={quote(token, safe='')}"

    def way_in(self, role: Role, channel: str, token: str) -> "InvitationRoute | None":
        """How somebody in this role opens an invitation that is passed on from a channel; None if there is no way.

        A link that opens anywhere is best; else it is written to the bot where the invitation came from.
        """
        if self.telegram_bot is not None and self.allows(role, "telegram"):
            return InvitationRoute(link=f"https://t.me/{self.telegram_bot}?start={quote(token, safe='')}")
        return InvitationRoute(command=start_command(channel, token)) if self.allows(role, channel) else None


@dataclass(frozen=True, slots=True)
class InvitationRoute:
    """A link to open, or what is to be written to the bot."""

    link: str | None = None
    command: str | None = None


def start_command(channel: str, token: str) -> str:
    """What is written to the bot on a channel to open an invitation."""
    return f"/said start {token}" if channel == "slack" else f"/start {token}"


EVERYWHERE: Final = ChannelPolicy()
"""Everybody on every channel."""


def policy_of(
    profile: DeploymentProfile, more: Mapping[str, frozenset[Role]], telegram_bot: str | None
) -> ChannelPolicy:
    """A profile with exceptions of your own: `more` replaces what the profile says of a channel."""
    return ChannelPolicy({**PROFILES[profile], **more}, telegram_bot)
