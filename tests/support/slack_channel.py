"""The real Slack channel, running against the emulator, with an inbox that keeps what it got."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.base import Inbound, InboundKind, Outbound
from bot.channels.slack.channel import EVENTS_PATH, SlackChannel
from bot.channels.slack.options import SlackConfig
from flows.engine.effects import Option, Prompt, PromptKind
from tests.emulators.slack.person import Person
from tests.emulators.slack.server import SlackEmulator

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy")
"""slack_sdk takes them from the environment, even for loopback; tests take them out."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine's between the channel and the emulator."""
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    """An emulated workspace on loopback."""
    async with SlackEmulator() as emulator:
        yield emulator


async def until(holds: Callable[[], object], *, seconds: float = 10) -> None:
    """Until something holds inside the program, which tells nobody about it."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is looked at has no event of its own
            await asyncio.sleep(0.002)


RUN = "the channel's run"


def run_task() -> asyncio.Task[None]:
    """The task in which the channel of `running` receives."""
    return next(task for task in asyncio.all_tasks() if task.get_name() == RUN)


@dataclass
class Inbox:
    """Stores as the runtime does: the same external id once. `fails` makes the next so many batches fail."""

    stored: list[Inbound] = field(default_factory=list)
    batches: list[list[Inbound]] = field(default_factory=list)
    fails: int = 0
    gate: asyncio.Event | None = None
    """While set and not open, storing waits."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, inbounds: list[Inbound]) -> None:
        self.batches.append(inbounds)
        if self.gate is not None:
            await self.gate.wait()
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is full")
        known = {one.external_id for one in self.stored}
        fresh = {one.external_id: one for one in inbounds if one.external_id not in known}
        self.stored += fresh.values()
        async with self.changed:
            self.changed.notify_all()

    @property
    def heard(self) -> list[Inbound]:
        """Everything but profiles."""
        return [one for one in self.stored if one.kind is not InboundKind.PROFILE]

    async def wait_for(self, count: int, *, profiles: bool = False) -> list[Inbound]:
        """Until so many have come."""

        def so_far() -> list[Inbound]:
            return [one for one in self.stored if (one.kind is InboundKind.PROFILE) is profiles]

        async def watch() -> list[Inbound]:
            async with self.changed:
                while len(so_far()) < count:
                    await self.changed.wait()
            return so_far()

        return await asyncio.wait_for(watch(), 10)


def config(slack: SlackEmulator, *, socket: bool = True, **changes: Any) -> SlackConfig:
    """The settings of the emulated workspace."""
    values = {
        "bot_token": slack.bot_token,
        "app_token": slack.app_token if socket else None,
        "signing_secret": slack.signing_secret,
        "api_url": slack.api_url,
        "timeout": timedelta(seconds=5),
        "gather": timedelta(0),
    }
    return SlackConfig(**(values | changes))


@contextlib.asynccontextmanager
async def running(
    slack: SlackEmulator, inbox: Inbox, *, socket: bool = True, **changes: Any
) -> AsyncIterator[SlackChannel]:
    """A channel with these settings, connected: by a socket, or by HTTP on a port of its own."""
    async with connected(
        SlackChannel(config(slack, socket=socket, **changes)), slack, inbox, socket=socket
    ) as channel:
        yield channel


@contextlib.asynccontextmanager
async def connected(
    channel: SlackChannel, slack: SlackEmulator, inbox: Inbox, *, socket: bool = True
) -> AsyncIterator[SlackChannel]:
    """A channel that was made before, connected; it is closed afterwards."""
    task = asyncio.create_task(channel.run(inbox.receive), name=RUN)
    try:
        async with contextlib.AsyncExitStack() as stack:
            if socket:
                await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
            else:
                slack.dispatcher.request_url = await stack.enter_async_context(serving(channel)) + EVENTS_PATH
            yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()


@contextlib.asynccontextmanager
async def serving(channel: SlackChannel) -> AsyncIterator[str]:
    """The channel's routes on loopback; yields the base URL."""
    app = Starlette(routes=channel.routes())
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, log_level="critical", lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def question(
    kind: PromptKind = PromptKind.SELECT_ONE, labels: tuple[str, ...] = (), **changes: Any
) -> Prompt:
    """A question numbered 1. A label that begins with "*" is a control."""
    options = tuple(Option(label.removeprefix("*"), control=label.startswith("*")) for label in labels)
    return Prompt(**({"text": "Which one?", "kind": kind, "ask": 1, "options": options} | changes))


def to(person: Person, prompt: Prompt, **changes: Any) -> Outbound:
    """A message of conversation 7 to a person."""
    return Outbound(
        address=f"slack:{person.slack.team}/{person.id}", prompt=prompt, **({"conversation": 7} | changes)
    )
