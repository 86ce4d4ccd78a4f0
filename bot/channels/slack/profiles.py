"""Cache what Slack tells of those who write to us: their language and their time zone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from bot.channels.base import Inbound, InboundKind, SendError
from bot.channels.slack.inbound import SlackProfile, from_profile, read_profile, user_of

log = structlog.get_logger(__name__)

REMEMBERED = 10_000
"""Profiles, at some 300 bytes each."""
PATIENCE = timedelta(seconds=1.5)
"""For users.info before a start is stored: Slack wants its acknowledgement within three seconds."""


class SlackProfiles:
    """Profiles by address. An address with None is one that is being asked for."""

    def __init__(self, fetch: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
        """Take `fetch`, which gets a user's id and answers with Slack's user object, or raises SendError."""
        self._fetch = fetch
        self._profiles: dict[str, SlackProfile | None] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def known(self, address: str) -> bool:
        """Say whether this user wrote to us since the process started."""
        return address in self._profiles

    def locale(self, address: str) -> str | None:
        """Return a user's locale; None where it is not known."""
        profile = self._profiles.get(address)
        return profile.locale if profile else None

    def remember(self, address: str, profile: SlackProfile | None) -> None:
        """Keep a user's profile (None: it is being asked for), and forget the oldest if there are too many."""
        self._profiles.pop(address, None)
        self._profiles[address] = profile
        if len(self._profiles) > REMEMBERED:
            del self._profiles[next(iter(self._profiles))]

    async def with_profile(self, inbound: Inbound) -> Inbound:
        """Fill in the locale and time zone of a start, if Slack tells them in time; return anything else as it is."""
        if inbound.kind is not InboundKind.START:
            return inbound
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                profile = await self._profile(inbound.address)
        except (SendError, TimeoutError):
            return inbound  # `learn` asks again behind the acknowledgement
        return replace(inbound, locale=profile.locale, timezone=profile.timezone)

    async def _profile(self, address: str) -> SlackProfile:
        known = self._profiles.get(address)
        if known is None:
            known = read_profile(await self._fetch(user_of(address)))
            self.remember(address, known)
        return known

    def learn(self, address: str, tell: Callable[[Inbound], Awaitable[None]]) -> None:
        """Ask in the background for the profile of whoever writes for the first time, and hand it to `tell`."""
        if not self.known(address):
            self.remember(address, None)
            task = asyncio.create_task(self._ask(address, tell))
            self._asking.add(task)
            task.add_done_callback(self._finished)

    async def _ask(self, address: str, tell: Callable[[Inbound], Awaitable[None]]) -> None:
        told = False
        try:
            await tell(from_profile(address, await self._profile(address)))
            told = True
        finally:
            if not told:
                self._profiles.pop(address, None)  # the next message asks again

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.warning("slack_profile_not_told", channel="slack", error=type(error).__name__)

    async def stop(self) -> None:
        """Give up questions without an answer."""
        asking = list(self._asking)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
