"""Cache what Slack tells of those who write to us: their language and their time zone."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from bot.channels.base import Inbound, InboundKind, SendError
from bot.channels.slack.inbound import SlackProfile, from_profile, read_profile, user_of

log = structlog.get_logger(__name__)

REMEMBERED = 10_000
"""Profiles, at some 300 bytes each."""
PATIENCE = timedelta(seconds=1.5)
"""For users.info before a start is stored: Slack wants its acknowledgement within three seconds."""


class SlackProfiles:
    """The profiles of those who wrote to us, by address, in memory and at most 10,000; None for one being asked for."""

    def __init__(self, fetch: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
        """Take `fetch`, which gets a user's id and answers with Slack's user object, or raises SendError."""
        self._fetch = fetch
        self._profiles: dict[str, SlackProfile | None] = {}
        self._asking: set[asyncio.Task[None]] = set()

    def known(self, address: str) -> bool:
        """Say whether the profile of the user at an address is here or being asked for."""
        return address in self._profiles

    def locale(self, address: str) -> str | None:
        """Return the locale of the user at an address, such as en-GB; None where it is not known."""
        profile = self._profiles.get(address)
        return profile.locale if profile else None

    def remember(self, address: str, profile: SlackProfile | None) -> None:
        """Keep the profile of the user at an address, and forget the oldest if there are too many.

        None stands for a profile that is being asked for.
        """
        self._profiles.pop(address, None)
        self._profiles[address] = profile
        if len(self._profiles) > REMEMBERED:
            del self._profiles[next(iter(self._profiles))]

    async def with_profile(self, inbound: Inbound) -> Inbound:
        """Return a start as it came, with the user's locale and time zone if Slack tells them within 1.5 seconds.

        Whatever is no start (`InboundKind.START`) comes back as it is.
        """
        if inbound.kind is not InboundKind.START:
            return inbound
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                profile = await self._profile(inbound.address)
        except (SendError, TimeoutError):
            return inbound  # `learn` asks again behind the acknowledgement
        return msgspec.structs.replace(inbound, locale=profile.locale, timezone=profile.timezone)

    async def _profile(self, address: str) -> SlackProfile:
        known = self._profiles.get(address)
        if known is None:
            known = read_profile(await self._fetch(user_of(address)))
            self.remember(address, known)
        return known

    def learn(self, address: str, tell: Callable[[Inbound], Awaitable[None]]) -> None:
        """Ask Slack in the background for the profile of whoever writes for the first time.

        It is kept here, and handed to `tell` as an `Inbound`. Nothing is done for a user who is known.
        """
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
        """Cancel the questions to Slack that have no answer yet."""
        asking = list(self._asking)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
