"""What is needed to do something for a participant, beside the database."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.channel_policy import ChannelPolicy
from bot.conversations.flow_registry import FlowRegistry
from flows.i18n.localized_flow import Localizations
from flows.script.model import Flow
from storage.database.address_keys import AddressKeys
from storage.database.wakeups import EmbeddedWakeups, Wakeups
from storage.errors import StorageError


class CareRefused(StorageError):
    """What was to be done for somebody is not done: it says why, and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class CareParts:
    """What things are done with for a participant: scripts, languages, keys, and which role may be served where.

    `wakeups` tells the delivery of what is queued, where it runs in this process; `pick` chooses one letter of a text
    at random.
    """

    flows: Mapping[str, Flow]
    localizations: Localizations
    keys: AddressKeys
    policy: ChannelPolicy
    wakeups: Wakeups = field(default_factory=EmbeddedWakeups)
    pick: Callable[[str], str] = secrets.choice

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which the bot speaks, each once."""
        return tuple(dict.fromkeys(self.localizations.languages))

    @property
    def registry(self) -> FlowRegistry:
        """Return the scripts as conversations look them up."""
        return FlowRegistry(self.flows, self.localizations)
