"""Turn settings into a running bot: the composition root, the only module that wires the parts together.

`make_channels` and `build` make the parts, `serve` runs them until it is told to stop. The channels' classes are
loaded by name (`flows.heavy_packages`), so that a bot without Slack does not load Slack's library.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from bot.channels.base import AccountChannel, CatchingUpChannel, Channel, ChannelRefused
from bot.channels.home import HomeChannel
from bot.channels.slack.options import SlackConfig
from bot.channels.telegram.options import TelegramOptions
from bot.channels.web.options import WebConfig
from bot.channels.web.source import PagedChannel
from bot.clock import Clock, SystemClock
from bot.conversations.language_detector import LanguageDetector
from bot.conversations.sight import ReadingTime
from bot.delivery.rate_limits import CHANNEL_RATES, ChannelRates, PaidRate
from bot.delivery.sender import Delivery, DeliveryOptions
from bot.health import service_manager
from bot.health.watch import HealthWatch
from bot.listeners import Say, serving_all, to_nobody
from bot.mail.start import look_after_mails
from bot.opening import all_flows, left_unknown
from bot.pages.conversation_pages import ConversationPages
from bot.schedule.language_detection import BackgroundDetection
from bot.schedule.rechecks import OpenerRecheck
from bot.schedule.scheduler import Scheduler
from bot.schedule.second_reading import SecondReading
from bot.schedule.sentence_encoder import PackagedEncoder
from bot.settings.mail import email_config
from bot.settings.settings import (
    Settings,
    SlackMode,
    SlackSettings,
    TelegramMode,
    TelegramSettings,
    WebSettings,
)
from bot.team import unheard
from bot.turns.catch_up import catch_up_points, forget_other_account
from bot.turns.runtime import Runtime, RuntimeOptions
from bot.turns.turn_budget import ORDINARY
from flows.heavy_packages import load
from storage.database.connection import Database
from storage.database.wakeups import WorkKind
from storage.errors import DatabaseLost
from storage.people import coordinators
from storage.programs import programs
from storage.restore.untold import look_at_journal

if TYPE_CHECKING:
    from flows.i18n.localized_flow import Localizations

log = structlog.get_logger(__name__)

CONNECTING_SECONDS = 0.3
"""How long the platforms are left to be asked for messages before word lists are read: both want the processor."""
LAST_MESSAGES_SECONDS = 10.0
"""How long a stop waits for messages that are ready to go. What is left goes out at the next start."""


@dataclass(frozen=True, slots=True)
class App:
    """A bot's parts, wired to each other; `channels` are by name. Nothing runs until `serve` is called."""

    settings: Settings
    database: Database
    clock: Clock
    runtime: Runtime
    scheduler: Scheduler
    delivery: Delivery
    hearing: BackgroundDetection
    reading: SecondReading
    channels: Mapping[str, Channel]
    health: HealthWatch


def make_channels(settings: Settings) -> dict[str, Channel]:
    """Make the channels that the settings configure, and return them by name (telegram, slack, web, email).

    Nothing is connected yet. Empty where none is set: then the terminal is used.

    Raises:
        PackageMissing: a channel's library is not installed.
    """
    channels: dict[str, Channel] = {}
    if settings.telegram is not None:
        channels["telegram"] = make_telegram(
            settings.telegram, partial(_languages_of, settings.localizations_now())
        )
    if settings.slack is not None:
        channels["slack"] = make_slack(settings.slack)
    if settings.web.public_url is not None:
        channels["web"] = make_web(settings.web, settings.web.public_url)
    if settings.email is not None:
        config = email_config(settings.email, settings.web.public_url or "")
        channels["email"] = load("bot.channels.email.channel").EmailChannel(config)
    return channels


def _languages_of(localizations: "Localizations") -> tuple[str, ...]:
    return localizations.languages


def make_telegram(settings: TelegramSettings, languages: Callable[[], tuple[str, ...]] = tuple) -> Channel:
    """Make the Telegram channel as the settings say, with a command menu in each of the languages it is told of.

    Nothing is connected yet, and `languages` is called in a thread once something is.

    Raises:
        PackageMissing: python-telegram-bot is not installed.
    """
    assert settings.token is not None  # the settings were checked
    webhook = settings.mode is TelegramMode.WEBHOOK and settings.webhook_url is not None
    secret = settings.webhook_secret
    options = TelegramOptions(
        token=settings.token.get_secret_value(),
        api_url=settings.api_url,
        webhook_url=settings.webhook_url if webhook else None,
        webhook_secret=secret.get_secret_value() if webhook and secret is not None else "",
        webhook_path=(urlsplit(settings.webhook_url or "").path if webhook else "") or "/telegram",
        languages=languages,
    )
    channel: Channel = load("bot.channels.telegram.channel").TelegramChannel(options)
    return channel


def make_slack(settings: SlackSettings) -> Channel:
    """Make the Slack channel as the settings say, for Socket Mode or for signed HTTP. Nothing is connected yet.

    Raises:
        PackageMissing: slack-bolt is not installed.
    """
    assert settings.bot_token is not None  # the settings were checked
    socket_mode = settings.mode is SlackMode.SOCKET
    app, signing = settings.app_token, settings.signing_secret
    config = SlackConfig(
        bot_token=settings.bot_token.get_secret_value(),
        app_token=app.get_secret_value() if socket_mode and app is not None else None,
        signing_secret=signing.get_secret_value() if not socket_mode and signing is not None else None,
        api_url=settings.api_url,
    )
    channel: Channel = load("bot.channels.slack.channel").SlackChannel(config)
    return channel


def make_web(settings: WebSettings, public_url: str) -> Channel:
    """Make the web channel, whose pages browsers see at `public_url`. Its `pages` are to be set before it is served."""
    config = WebConfig(public_url=public_url, behind_proxy=settings.behind_proxy)
    channel: Channel = load("bot.channels.web.channel").WebChannel(config)
    return channel


def rates_of(settings: Settings) -> Mapping[str, ChannelRates]:
    """Return how much each channel bears, by its name, with what may be paid for beyond that."""
    telegram = settings.telegram
    if telegram is None or not telegram.paid_messages:
        return CHANNEL_RATES
    paid = PaidRate(telegram.paid_broadcast_rate, telegram.paid_messages)
    return {**CHANNEL_RATES, "telegram": replace(CHANNEL_RATES["telegram"], paid=paid)}


def build(
    settings: Settings,
    database: Database,
    channels: Mapping[str, Channel],
    *,
    clock: Clock | None = None,
    say: Say = to_nobody,
) -> App:
    """Make a bot's parts for a database and these channels, wire them, and return them. Nothing runs yet.

    `clock` is the machine's clock if None. `say` is told, in one line, when a channel stops taking messages.
    """
    clock = clock or SystemClock()
    policy, flows, localizations = settings.policy_now(), all_flows(settings), settings.localizations_now()
    of_turns = RuntimeOptions(
        policy=policy,
        localizations=localizations,
        reading=ReadingTime(timedelta(seconds=settings.reading_seconds)),
        budget=ORDINARY,
        connecting_seconds=CONNECTING_SECONDS,
        openers_wait=True,
    )
    runtime = Runtime(database, flows, clock, with_taps(of_turns, channels))
    detector = LanguageDetector(localizations.enabled(flows.values()))
    hearing = BackgroundDetection(database, runtime, clock, detector, policy=policy)
    _show_pages(channels, ConversationPages(database, runtime, clock, policy, mails="email" in channels))
    runtime.wakeups.listen(WorkKind.WORDS, hearing.wake)
    reading = SecondReading(database, runtime, clock, PackagedEncoder())
    runtime.wakeups.listen(WorkKind.READING, reading.wake)
    options = DeliveryOptions(
        rates=rates_of(settings),
        alert=_alerted(say),
        localizations=localizations,
        wakeups=runtime.wakeups,
        recheck=OpenerRecheck(runtime, policy),
        contact_ended=look_after_mails(channels, database, clock, localizations, runtime.wakeups),
    )
    delivery = Delivery(database, channels, clock, options)
    scheduler = Scheduler(database, runtime, clock, policy=policy, localizations=localizations)
    scheduler.has_room = delivery.has_room
    runtime.wakeups.listen(WorkKind.OUTBOX, delivery.wake)
    for name, channel in channels.items():
        if isinstance(channel, CatchingUpChannel):
            channel.catch_up_from(catch_up_points(database, clock, name))
    return App(
        settings=settings,
        database=database,
        clock=clock,
        runtime=runtime,
        scheduler=scheduler,
        delivery=delivery,
        hearing=hearing,
        reading=reading,
        channels=channels,
        health=HealthWatch(database, clock, channels),
    )


def _show_pages(channels: Mapping[str, Channel], pages: ConversationPages) -> None:
    """Give the channels that show pages, or a tab of their own, what stands there."""
    for channel in channels.values():
        if isinstance(channel, HomeChannel):
            channel.home_tab.query = pages.runtime.home
        if isinstance(channel, PagedChannel):
            channel.pages = pages


def with_taps(options: RuntimeOptions, channels: Mapping[str, Channel]) -> RuntimeOptions:
    """Return the options with these channels told of taps whose turns are taken, those among them that edit."""
    edits = frozenset(name for name, channel in channels.items() if channel.edits)

    def taken(channel: str, external_id: str, toast: str | None) -> None:
        channels[channel].turn_taken(external_id, toast)

    return replace(options, edits=edits, taken=taken)


def _alerted(say: Say) -> Callable[[str, str], None]:
    def alert(channel: str, reason: str) -> None:
        log.error("channel_stopped", channel=channel)
        say(f"{channel} takes no messages: {reason}; see `said doctor`")

    return alert


async def serve(app: App, *, stop: asyncio.Event, say: Say) -> int:
    """Run a bot until `stop` is set or every channel has ended, and return the exit code: 0, or 1 with no channel left.

    `say` tells the operator, a line each, what starts and stops. A channel that its platform refuses is named, and the
    others go on. On the way out nothing new is received, what was received is answered, and what is ready is sent.
    """
    await _forget_other_accounts(app)
    async with serving_all(app, say):
        parts = (app.runtime, app.delivery, app.hearing, app.reading, app.health)
        workers = [asyncio.create_task(part.run()) for part in parts]
        workers.append(asyncio.create_task(_watch_file(app)))
        app.scheduler.start(app.settings.tick_seconds)
        receiving = {
            asyncio.create_task(channel.run(app.runtime.receive), name=name)
            for name, channel in app.channels.items()
        }
        say(f"running on {', '.join(app.channels)}; stop with Ctrl-C")
        service_manager.notify(
            "READY=1"
        )  # before the workers first run: one of them tells that the bot is alive
        try:
            await _warn_of_silence(app, say)
            await _warn_of_backup(app, say)
            return await _watch(receiving, workers, stop, say)
        finally:
            service_manager.notify("STOPPING=1")
            await _cancel(receiving)
            await app.scheduler.stop()
            await _cancel(workers)
            await _finish(app)


async def _forget_other_accounts(app: App) -> None:
    """Forget by which names another bot knew messages. Before anything can come in to this one."""
    for name, channel in app.channels.items():
        if isinstance(channel, AccountChannel):
            work = partial(forget_other_account, channel=name, account=channel.account)
            forgotten = await app.database.write(work)
            if forgotten is not None:
                log.warning("account_changed", channel=name, count=forgotten)


async def _warn_of_silence(app: App, say: Say) -> None:
    """Warn the operator if programs are loaded and no coordinator gets alerts.

    An alert that nobody gets is worse than none: it would be believed to have been read.
    """
    loaded = await app.database.read(programs.list_all)
    if loaded and not await app.database.read(coordinators.anyone_hears_alerts):
        log.warning("alerts_unheard")
        say(f"WARNING: {unheard.NOBODY}; {unheard.NOBODY_REMEDY}")


async def _warn_of_backup(app: App, say: Say) -> None:
    """Warn the operator if people left of whom the database does not know: it writes to them."""
    database = app.database
    look = await database.read(partial(look_at_journal, path=database.path, identity=database.identity))
    if look.untold:
        log.error("journal_unknown", count=len(look.untold))
        what, remedy = left_unknown(look, database.path)
        say(f"WARNING: {what}; {remedy}")


async def _watch(
    receiving: set[asyncio.Task[None]], workers: list[asyncio.Task[None]], stop: asyncio.Event, say: Say
) -> int:
    """Wait until the bot is to stop, and return the exit code. What a worker raises is raised here."""
    stopping = asyncio.create_task(_until(stop))
    left = set(receiving)
    try:
        while left:
            every: set[asyncio.Task[None]] = {*left, *workers, stopping}
            done, _ = await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
            for worker in done & set(workers):
                worker.result()  # a worker never ends by itself: whatever it raised is raised here
            for ended in done & left:
                left.discard(ended)
                _tell_end(ended, say)
            if stopping in done:
                say("stopping")
                return 0
    finally:
        await _cancel({stopping})
    say("no channel is left; see `said doctor`")
    return 1


async def _watch_file(app: App) -> None:
    """Look at each tick whether the database is the file at its path; end when that, or a commit, finds another.

    Raises:
        DatabaseLost: it is not: what is written to it is lost, so that nothing may be acknowledged any more.
    """
    lost = asyncio.wrap_future(app.database.lost)
    lost.add_done_callback(_looked_at)  # else the loop tells of it once more, where a tick found it first
    try:
        while True:
            app.database.confirm()
            await asyncio.wait({lost}, timeout=app.settings.tick_seconds)
    except DatabaseLost as error:
        reason = f"{error.what}; {error.remedy}"
        log.error("database_lost", reason=reason)  # noqa: TRY400 - a line, and no trace
        raise


def _looked_at(lost: asyncio.Future[None]) -> None:
    if not lost.cancelled():
        lost.exception()


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


def _tell_end(ended: asyncio.Task[None], say: Say) -> None:
    error = ended.exception()
    if isinstance(error, ChannelRefused):
        log.error("channel_refused", channel=ended.get_name())
        say(f"{ended.get_name()} is out of order: {error.reason}")
    elif error is not None:
        raise error
    else:
        say(f"{ended.get_name()} ended")


async def _finish(app: App) -> None:
    """Answer what was received and send what is ready, for a bounded time; then close the channels."""
    with suppress(TimeoutError, DatabaseLost):  # which ends the bot: see `_watch_file`
        async with asyncio.timeout(LAST_MESSAGES_SECONDS):
            await app.runtime.drain()
            await app.delivery.drain()
    for channel in app.channels.values():
        await channel.close()


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
