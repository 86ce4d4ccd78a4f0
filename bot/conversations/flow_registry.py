"""The flows at hand: the current one of each name, and any version that a conversation began with."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from bot.errors import BotError
from flows.i18n.localized_flow import Localizations
from flows.script.model import Flow
from storage.programs import flow_versions


class UnknownFlow(BotError):
    """A flow is asked for that is not there."""


class FlowRegistry:
    """Flows by name, and versions by hash. A hash never means another flow, so versions are parsed once.

    `localizations` has them in other languages; what is kept is the version as it was written.
    """

    def __init__(self, flows: Mapping[str, Flow], localizations: Localizations | None = None) -> None:
        self._current = flows
        self.localizations = localizations or Localizations()
        self._versions = {flow.hash: flow for flow in flows.values()}

    def current(self, name: str) -> Flow:
        """
        The flow of that name, as new conversations play it.

        Raises:
            UnknownFlow: there is none.
        """
        if name not in self._current:
            known = ", ".join(sorted(self._current))
            raise UnknownFlow(f"there is no flow {name!r}", f"use one of: {known}; or add its script")
        return self._current[name]

    def version(self, connection: Connection, flow_hash: str) -> Flow:
        """
        The version that a conversation began with.

        Raises:
            UnknownFlow: it was never kept.
        """
        flow = self._versions.get(flow_hash) or flow_versions.load(connection, flow_hash)
        if flow is None:
            raise UnknownFlow(f"flow version {flow_hash[:12]} is not in the database", "restore a backup")
        self._versions[flow_hash] = flow
        return flow

    def keep_current(self, connection: Connection, name: str, now: datetime) -> Flow:
        """The current flow of that name, after making sure that this version is kept."""
        return self.keep(connection, self.current(name), now)

    def keep(self, connection: Connection, flow: Flow, now: datetime) -> Flow:
        """The flow, after making sure that this version is kept."""
        flow_versions.keep(connection, flow, now)
        return flow
