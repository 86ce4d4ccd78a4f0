"""Look up flows: the current one of each name, and any version that a conversation began with."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.errors import BotError
from flows.engine.advance import open_prompt
from flows.engine.effects import Prompt
from flows.engine.state import decode_state
from flows.i18n.localized_flow import Localizations, LocalizedFlow
from flows.script.model import Flow
from storage.conversations.conversations import ConversationRecord
from storage.programs import flow_versions

WARMED = 32
"""Kept versions that are parsed at start: more are hardly in use at the same time."""


class UnknownFlow(BotError):
    """Raised when no flow has the name, or no kept version the hash, that was asked for."""


class FlowRegistry:
    """Finds flows by name, and their versions by hash; `flows` are the current ones by name.

    A hash never means another flow, so each version is parsed once and remembered. `localizations` are the flows'
    translations; what is found is the version in the language in which it was written.
    """

    def __init__(self, flows: Mapping[str, Flow], localizations: Localizations | None = None) -> None:
        self._current = flows
        self.localizations = localizations or Localizations()
        self._versions = {flow.hash: flow for flow in flows.values()}

    def has(self, name: str) -> bool:
        """Return whether there is a flow of that name."""
        return name in self._current

    def current(self, name: str) -> Flow:
        """
        Return the version of a flow that new conversations begin with, by the flow's name.

        Raises:
            UnknownFlow: there is none.
        """
        if name not in self._current:
            known = ", ".join(sorted(self._current))
            raise UnknownFlow(f"there is no flow {name!r}", f"use one of: {known}; or add its script")
        return self._current[name]

    def version(self, connection: Connection, flow_hash: str) -> Flow:
        """
        Return the version of a flow that has this hash: that which a conversation began with.

        Raises:
            UnknownFlow: it was never kept.
        """
        flow = self._versions.get(flow_hash) or flow_versions.load(connection, flow_hash)
        if flow is None:
            raise UnknownFlow(f"flow version {flow_hash[:12]} is not in the database", "restore a backup")
        self._versions[flow_hash] = flow
        return flow

    def warm(self, connection: Connection) -> None:
        """Parse the versions that were kept last, so that no turn has to."""
        for flow_hash in flow_versions.newest(connection, WARMED):
            self.version(connection, flow_hash)

    def keep_current(self, connection: Connection, name: str, now: datetime) -> Flow:
        """Store the current version of the flow of that name, if it is not yet in the database, and return it.

        Raises:
            UnknownFlow: there is none.
        """
        return self.keep(connection, self.current(name), now)

    def keep(self, connection: Connection, flow: Flow, now: datetime) -> Flow:
        """Store this version of a flow, if it is not yet in the database, and return it."""
        flow_versions.keep(connection, flow, now)
        return flow

    def open_prompt(
        self, connection: Connection, conversation: ConversationRecord, now: datetime
    ) -> Prompt | None:
        """Return the open question of a conversation as a prompt, in its language; None if none is open."""
        flow = self.version(connection, conversation.flow_hash)
        return open_prompt(LocalizedFlow(flow, self.localizations), decode_state(conversation.state), now)
