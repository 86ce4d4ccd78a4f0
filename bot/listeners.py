"""Serve what the settings open to a network while a bot runs: webhooks and pages, health, and the team's pages."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from bot.channels.base import Channel
from bot.clock import Clock
from bot.errors import SettingsError
from bot.health.watch import HealthWatch
from bot.settings.console import ConsoleSettings
from bot.settings.settings import Settings
from bot.turns.runtime import Runtime
from flows.heavy_packages import load
from storage.database.connection import Database

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

Say = Callable[[str], None]
"""Tells the operator something, in one line."""


def to_nobody(_text: str) -> None:
    """Take a line for the operator and show it nowhere: the default where nobody watches."""


class ServedApp(Protocol):
    """The parts of a bot that something is served of."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def database(self) -> Database:
        """The database."""

    @property
    def clock(self) -> Clock:
        """The clock."""

    @property
    def runtime(self) -> Runtime:
        """What plays turns."""

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The channels, by name."""

    @property
    def health(self) -> HealthWatch:
        """What tells how the bot stands."""


@asynccontextmanager
async def serving_all(app: ServedApp, say: Say) -> AsyncIterator[None]:
    """Serve all of it while the block runs; `say` tells the operator where."""
    async with _web(app, say), _health(app, say), _console(app, say):
        yield


@asynccontextmanager
async def _web(app: ServedApp, say: Say) -> AsyncIterator[None]:
    """Receive webhooks while the block runs, if a channel has routes."""
    routes = [route for channel in app.channels.values() for route in _routes(channel)]
    if not routes:
        yield
        return
    web = app.settings.web
    with _listening("web", web.host, web.port) as listener:
        host, port = listener.getsockname()[:2]
        say(f"webhooks are received at http://{host}:{port}")
        if web.public_url is not None:
            say(f"pages are at {web.public_url}")
        has_pages = web.public_url is not None
        unknown = next(filter(None, (getattr(one, "unknown", None) for one in app.channels.values())), None)
        async with load("bot.webhooks").serving(routes, listener, pages=has_pages, unknown=unknown):
            yield


@asynccontextmanager
async def _health(app: ServedApp, say: Say) -> AsyncIterator[None]:
    """Tell how the bot stands at an address of its own while the block runs, if the settings have one."""
    told = app.settings.health
    if told is None:
        yield
        return
    with _listening("health", told.host, told.port) as listener:
        host, port = listener.getsockname()[:2]
        say(f"health is told at http://{host}:{port}/health")
        async with load("bot.webhooks").serving(load("bot.health.pages").health_routes(app.health), listener):
            yield


def _provider(told: ConsoleSettings, url: str) -> Any:
    """Make what asks the provider of accounts, which leads browsers back to us at `url`; None where there is none."""
    if told.accounts is None:
        return None
    accounts, module = told.accounts, load("bot.console.access.account_provider")
    secret = accounts.client_secret.get_secret_value() if accounts.client_secret else ""
    options = module.ProviderOptions(accounts.issuer, accounts.client_id, secret, accounts.name)
    return module.AccountProvider(options, f"{url}/team/account/back")


@asynccontextmanager
async def _console(app: ServedApp, say: Say) -> AsyncIterator[None]:
    """Serve the team's pages at an address of their own while the block runs, if the settings have one."""
    told = app.settings.console
    if told is None:
        yield
        return
    with _listening("console", told.host, told.port) as listener:
        url = told.public_url or f"http://localhost:{listener.getsockname()[1]}"
        config = load("bot.console.options").ConsoleConfig(url, told.behind_proxy)
        jobs = load("bot.console.jobs").JobRunner(app.database.path, app.clock, app.settings.source)
        parts = load("bot.console.visit").ConsoleParts(
            app.database, app.clock, app.settings, app.runtime, config, app.health, jobs, _provider(told, url)
        )
        say(
            f"the team's pages are at {url}/team; `said coordinator console CODE` makes a link that lets in once"
        )
        console = load("bot.console.routes").ConsoleRoutes(parts)
        async with jobs.working(), load("bot.webhooks").serving(console.routes(), listener, pages=True):
            try:
                yield
            finally:
                await console.close()


def _routes(channel: Channel) -> "list[BaseRoute]":
    make: Callable[[], list[BaseRoute]] | None = getattr(channel, "routes", None)
    return [] if make is None else make()


@contextmanager
def _listening(section: str, host: str, port: int) -> Iterator[socket.socket]:
    """Open a listening socket here, so that a port in use is an error about a setting, of that section.

    Raises:
        SettingsError: the address cannot be listened at.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"{section}.port",
            f"{host}:{port} cannot be listened at ({error.strerror})",
            "choose another port",
        ) from error
    with listener:
        yield listener
