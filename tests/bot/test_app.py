"""The composition root: starting, a channel that is refused, webhooks, stopping."""

import asyncio
import gc
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot import app as app_module
from bot.app import build, make_channels, serve
from bot.channels.base import ChannelRefused, Inbound, InboundKind, Outbound
from bot.channels.home import HomeState, nothing_known
from bot.cli.resources import telegram_name
from bot.errors import SettingsError
from bot.opening import all_flows, open_database
from bot.settings.settings import LanguageSettings, Settings, SlackSettings, TelegramSettings, WebSettings
from flows.i18n.say import Sentence, say
from flows.program.loader import PROGRAMS, load_program
from flows.script.model import Role
from storage.database.connection import Database, database_path
from storage.database.journal import Journal, JournalEntry, journal_path
from storage.errors import DatabaseLost, StorageError
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import JournalKind
from tests.emulators.telegram.server import TOKEN, TelegramEmulator
from tests.support.log_lines import logged_lines
from tests.support.ordered_chat import OrderedChat
from tests.support.turn_world import make_world, texts

PATIENCE = 200.0
"""Seconds that a process may take to start, or to end, on a machine that is busy with others."""
HELLO = Inbound(address="one:1", external_id="1", kind=InboundKind.TEXT, text="hello")


class FakeChannel:
    """Receives what it is given, then waits; or ends by an error."""

    def __init__(self, name: str, *inbounds: Inbound, error: Exception | None = None) -> None:
        self.name = name
        self.edits = False
        self.inbounds = list(inbounds)
        self.error = error
        self.sent: list[Outbound] = []
        self.closed = False
        self.running = asyncio.Event()

    async def run(self, receive) -> None:
        if self.error is not None:
            raise self.error
        await receive(self.inbounds)
        self.running.set()
        await asyncio.Event().wait()

    async def send(self, message: Outbound) -> str | None:
        self.sent.append(message)
        return "m1"

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Has no taps."""

    async def send_document(self, address: str, _name: str, _content: str, caption: str, /) -> str | None:
        return "m1"

    async def close(self) -> None:
        self.closed = True


class WebChannel(FakeChannel):
    def routes(self) -> list[Route]:
        async def hook(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"got {(await request.body()).decode()}")

        return [Route("/hook", hook, methods=["POST"])]


class LateChannel(FakeChannel):
    """Receives what it is given once it is told to, and keeps on trying where that fails, as platforms do."""

    def __init__(self, name: str, *inbounds: Inbound) -> None:
        super().__init__(name, *inbounds)
        self.go_on = asyncio.Event()
        self.acknowledged = False

    async def run(self, receive) -> None:
        self.running.set()
        await self.go_on.wait()
        with suppress(StorageError):
            await receive(self.inbounds)
            self.acknowledged = True
        await asyncio.Event().wait()


@pytest.fixture
def settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Settings(web=WebSettings(port=0))


@asynccontextmanager
async def served(
    settings: Settings, *channels: FakeChannel
) -> AsyncIterator[tuple[list[str], asyncio.Task[int]]]:
    """The app with these channels; on leaving it is told to stop, and has stopped."""
    said: list[str] = []
    stop = asyncio.Event()
    with open_database(settings) as database:
        app = build(settings, database, {channel.name: channel for channel in channels}, say=said.append)
        task = asyncio.create_task(serve(app, stop=stop, say=said.append))
        try:
            yield said, task
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)


async def up(channel: FakeChannel, task: asyncio.Task[int]) -> None:
    """Wait until a channel runs; an app that has ended instead shows why."""
    running = asyncio.create_task(channel.running.wait())
    await asyncio.wait({running, task}, return_when=asyncio.FIRST_COMPLETED)
    assert not task.done(), task.result()


async def test_a_database_that_is_taken_away_ends_the_bot(settings):
    """At the next tick, without a message too: it raises, which is an exit code, and the channels are closed."""
    settings = settings.model_copy(update={"tick_seconds": 0.05})
    channel = FakeChannel("one")
    async with served(settings, channel) as (_, task):
        await up(channel, task)
        for file in database_path(settings.database).parent.glob("said.sqlite*"):
            file.unlink()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(DatabaseLost, match="deleted or moved"):
                await task
    assert channel.closed


def _is_of_a_long_tick(line: dict[str, Any]) -> bool:
    """Whether a line tells that a tick was left out since the one before, of 10 ms here, took longer."""
    return (
        line["logger"] == "apscheduler.scheduler" and "maximum number of running instances" in line["event"]
    )


@pytest.mark.parametrize("found", ["by a tick", "by the look at it"])
def test_a_database_that_is_taken_away_is_told_in_one_line(settings, found):
    """The line has the remedy; neither the loop nor a library tells of it by a trace, whoever finds it first."""
    settings = settings.model_copy(update={"tick_seconds": 0.01 if found == "by a tick" else 1.0})

    async def main() -> None:
        channel = FakeChannel("one")
        async with served(settings, channel) as (_, task):
            await up(channel, task)
            database_path(settings.database).unlink()
            with suppress(DatabaseLost):
                await task

    with logged_lines("warning") as lines:
        asyncio.run(main())
        gc.collect()  # a future that nobody looked at is told of as it goes
        told = [one for one in lines() if not one["event"].endswith(("_wait", "_waits"))]  # of a part, short
        told = [one for one in told if not _is_of_a_long_tick(one)]
    assert [one["event"] for one in told] == ["database_lost"], told
    assert "put the right file in place" in told[0]["reason"]


@pytest.mark.parametrize("step", ["_warn_of_silence", "_warn_of_backup"])
async def test_a_database_that_is_taken_away_while_the_bot_starts_ends_it(settings, monkeypatch, step):
    """Whatever fails once channels run, they are closed, and no worker is left behind."""

    async def fails(*_: object) -> None:
        raise DatabaseLost("said.sqlite", "it was deleted or moved", Path("rescued"))

    monkeypatch.setattr(app_module, step, fails)
    channel = FakeChannel("one")
    async with served(settings, channel) as (_, task):
        with pytest.raises(DatabaseLost):
            await task
    assert channel.closed
    assert not [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]


async def test_a_message_for_a_database_that_is_gone_is_not_acknowledged(settings):
    """Long before the next tick: the platform keeps what the bot could only lose, and nobody is answered."""
    settings = settings.model_copy(update={"tick_seconds": 3_600.0})
    channel = LateChannel("one", HELLO)
    async with served(settings, channel) as (_, task):
        await up(channel, task)
        database_path(settings.database).unlink()
        channel.go_on.set()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(DatabaseLost, match="deleted or moved"):
                await task
    assert (channel.acknowledged, channel.sent, channel.closed) == (False, [], True)


async def test_people_who_left_and_are_not_known_to_have_are_told_at_the_start(settings):
    """As where a copy of before was put in place by hand: the journal has a line whose row is nowhere."""
    with open_database(settings) as database:
        journal = Journal.open(journal_path(database.path), database.identity)
        journal.append([JournalEntry(JournalKind.STOP, datetime.now(UTC), f"99:{'0' * 64}", who="somebody")])
    channel = FakeChannel("one")
    async with served(settings, channel) as (said, task):
        await up(channel, task)
    assert "WARNING: 1 line of the journal" in "".join(said)


@pytest.mark.parametrize(("changed", "taken"), [({}, False), ({"reading_seconds": 0.0}, True)])
async def test_reading_time_is_a_setting(settings, tmp_path, changed, taken):
    """Words typed at once under a question: by default they come too early, with 0 they are its answer."""
    world = make_world(tmp_path)
    settings = settings.model_copy(update=changed)
    world.runtime = build(settings, world.database, {}, clock=world.clock).runtime
    chat = OrderedChat(world)
    await chat.start(world.token("patient_interview", role=Role.PATIENT))
    told = texts(await chat.say("continue"))
    assert (told[0] == say(Sentence.TOO_EARLY, "en")) is not taken
    assert told[-1].startswith("Your answers help teach" if taken else "You can skip, pause or stop")
    world.database.close()


class Behind(FakeChannel):
    """A channel that can ask for what it missed."""

    points = None

    def catch_up_from(self, points) -> None:
        self.points = points


async def test_a_channel_that_can_catch_up_is_told_from_where(settings):
    """Who wrote on a channel lately is known to it from the database; others need not ask."""
    channel, other = (
        Behind("one", HELLO),
        FakeChannel("two", msgspec.structs.replace(HELLO, address="two:1")),
    )
    async with served(settings, channel, other) as (_, task):
        await up(channel, task)
        await up(other, task)
        [point] = await channel.points(timedelta(0))
    assert (point.address, point.asked) == ("one:1", False)


class Telegraph(FakeChannel):
    """A channel whose names of messages are those of one account."""

    account = "8"


async def test_names_that_another_account_gave_are_forgotten_before_anything_comes_in(settings):
    """As another bot counts anew."""
    lately = msgspec.structs.replace(HELLO, external_id="7:1")
    channel = FakeChannel("one", lately)
    async with served(settings, channel) as (_, task):
        await up(channel, task)
    with open_database(settings) as database:
        named = "UPDATE outbox SET message_id = '5000'"
        database.write_now(lambda c: c.exec_driver_sql(named))
    other = Telegraph("one")
    async with served(settings, other) as (_, task):
        await up(other, task)
        with closing(sqlite3.connect(database_path(settings.database))) as connection:
            names = connection.execute("SELECT DISTINCT message_id FROM outbox").fetchall()
    assert names == [(None,)]


class Homely(FakeChannel):
    """A channel whose platform has a Home tab."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.home_tab = SimpleNamespace(query=nothing_known)


async def test_a_channel_with_a_home_tab_can_ask_what_to_show_there(settings):
    """It is told where somebody stands from the database; others are not asked to show anything."""
    channel = Homely("one", HELLO)
    async with served(settings, channel) as (_, task):
        await up(channel, task)
        assert channel.home_tab.query is not nothing_known
        assert await channel.home_tab.query("one:1") == HomeState()


async def test_what_came_in_is_answered_before_the_end(settings):
    """A stop that comes at once leaves nobody without an answer: what was received is answered and sent."""
    channel = FakeChannel("one", HELLO)
    async with served(settings, channel) as (said, task):
        await up(channel, task)
    assert task.result() == 0
    assert len(channel.sent) == 1
    assert channel.closed
    assert said == ["running on one; stop with Ctrl-C", "stopping"]


class Listener(FakeChannel):
    """Tells when a text was sent."""

    def __init__(self, name: str, wanted: str, *inbounds: Inbound) -> None:
        super().__init__(name, *inbounds)
        self.wanted = wanted
        self.heard = asyncio.Event()

    async def send(self, message: Outbound) -> str | None:
        if message.prompt.text == self.wanted:
            self.heard.set()
        return await super().send(message)


async def test_a_running_bot_hears_in_which_language_people_write(settings):
    """All parts together: two Spanish answers in an English conversation bring the offer, without anybody asking."""
    settings = settings.model_copy(update={"languages": LanguageSettings(offered=("en", "es"))})
    statement = "preguntaré a cada paciente con mieloma por el hormigueo en cada visita"
    plan = "cuando vea a una persona antes de un ciclo nuevo, le preguntaré por las manos y los pies"
    texts = ["yes", "yes", "nurse", "1", "write my own", statement, "skip", plan]
    with open_database(settings) as database:
        token = invited(database)
    kinds = [(InboundKind.START, token), *((InboundKind.TEXT, text) for text in texts)]
    inbounds = [
        Inbound(address="one:1", external_id=str(place), kind=kind, text=text)
        for place, (kind, text) in enumerate(kinds)
    ]
    channel = Listener("one", say(Sentence.LANGUAGE_OFFER, "es"), *inbounds)
    async with served(settings, channel) as (_, task), asyncio.timeout(PATIENCE):
        await up(channel, task)
        await channel.heard.wait()
    assert task.result() == 0


def invited(database: Database) -> str:
    """The example program is loaded, and a clinician invited; the token."""
    now, token = datetime.now(UTC), "token"
    program = load_program(PROGRAMS / "myeloma.yaml")

    def invite(connection: Connection) -> None:
        loaded = programs.load(connection, program, "h", now)
        activity = programs.activity_id(connection, loaded.program_id, program.activities[0].slug)
        wanted = NewInvitation(
            program_id=loaded.program_id,
            role=Role.HCP,
            flow="hcp_commitment",
            source="test",
            activity_id=activity,
        )
        invitations.make_invitation(
            connection, wanted, token_hash=database.identity.token_hash(token), now=now
        )

    database.write_now(invite)
    return token


async def test_a_refused_channel_leaves_the_others(settings):
    """A channel whose token is refused is named to the operator; the others go on."""
    good, bad = FakeChannel("one", HELLO), FakeChannel("two", error=ChannelRefused("the token is not known"))
    async with served(settings, good, bad) as (said, task):
        await up(good, task)
        assert not task.done()
    assert "two is out of order: the token is not known" in said
    assert task.result() == 0


async def test_without_a_channel_there_is_nothing_to_do(settings):
    """When the last channel is refused the program ends with an exit code that says so."""
    async with served(settings, FakeChannel("two", error=ChannelRefused("gone"))) as (said, task):
        assert await task == 1
    assert said[-1] == "no channel is left; see `said doctor`"


async def test_an_unforeseen_error_of_a_channel_is_not_hidden(settings):
    """What is not a refusal is a fault of ours: the program stops in order and shows it."""
    channel = FakeChannel("one", error=ZeroDivisionError("x"))
    async with served(settings, channel) as (_, task):
        with pytest.raises(ZeroDivisionError):
            await task
    assert channel.closed


async def test_webhooks_are_received(settings):
    """A channel's routes are served, beside a page that says that the process is alive."""
    channel = WebChannel("one")
    async with served(settings, channel) as (said, task):
        await up(channel, task)
        base = said[0].removeprefix("webhooks are received at ")
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.post(f"{base}/hook", content="this")).text == "got this"
            assert (await client.get(f"{base}/health")).text == "ok\n"
            assert (await client.get(f"{base}/other")).status_code == 404


async def test_a_port_in_use_is_an_error_about_a_setting(settings):
    """The port that is taken is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        busy = settings.model_copy(update={"web": WebSettings(port=port)})
        async with served(busy, WebChannel("one")) as (_, task):
            with pytest.raises(SettingsError, match=r"web\.port"):
                await task


def test_channels_from_settings():
    """Each configured channel is made, and only those; webhooks bring a route."""
    assert make_channels(Settings()) == {}
    both = Settings(
        telegram=TelegramSettings(
            token=TOKEN,
            mode="webhook",
            webhook_url="https://bot.example.org/hooks/t",
            webhook_secret="s" * 32,
        ),
        slack=SlackSettings(bot_token="xoxb-1", signing_secret="x" * 32, mode="http"),
    )
    channels = make_channels(both.model_copy(update={"web": WebSettings(public_url="http://127.0.0.1:8080")}))
    assert list(channels) == ["telegram", "slack", "web"]
    assert "/talk" in [route.path for route in channels["web"].routes()]
    assert [route.path for route in channels["telegram"].routes()] == ["/hooks/t"]
    assert len(channels["slack"].routes()) == 1


def test_own_scripts(tmp_path):
    """A folder of scripts adds to the shipped ones; one that is not there is an error about the setting."""
    shipped = all_flows(Settings())
    (tmp_path / "mine.yaml").write_text(
        "flow: mine\ntitle: Mine\nlanguage: en\naudience: [hcp]\nsteps:\n"
        "  - {key: a, kind: say, text: Hello.}\n  - {key: z, kind: end}\n",
        encoding="utf-8",
    )
    assert set(all_flows(Settings(flows=(tmp_path,)))) == {*shipped, "mine"}
    with pytest.raises(SettingsError, match="flows"):
        all_flows(Settings(flows=(tmp_path / "absent",)))


async def test_the_name_of_the_bot(monkeypatch):
    """The name is taken from the settings, else asked of Telegram; a platform that refuses is no error."""
    assert await telegram_name(TelegramSettings(token=TOKEN, bot_name="@a_bot")) == "a_bot"
    async with TelegramEmulator() as telegram:
        assert await telegram_name(TelegramSettings(token=TOKEN, api_url=telegram.url)) is not None
        assert await telegram_name(TelegramSettings(token="1:wrong", api_url=telegram.url)) is None


async def test_the_whole_process_on_telegram(tmp_path):
    """`said run` with a token polls Telegram, answers a person, and leaves in peace when it is told to."""
    async with TelegramEmulator() as telegram:
        environment = {
            **os.environ,
            "SAID_TELEGRAM__TOKEN": telegram.token,
            "SAID_TELEGRAM__API_URL": telegram.url,
            "SAID_DATABASE": str(tmp_path / "said.sqlite"),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from bot.cli import main; main(['run'])", env=environment,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            person = telegram.person(42)
            await person.start("wrong-token")
            await person.wait_for_message(seconds=PATIENCE)
            process.send_signal(signal.SIGTERM)
            _, err = await asyncio.wait_for(process.communicate(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
    assert process.returncode == 0
    assert b"said: running on telegram" in err
    assert telegram.token.encode() not in err


async def test_health_has_an_address_of_its_own_also_where_updates_are_polled(tmp_path):
    """The whole process tells systemd that it is ready, alive and stopping, and whoever asks how it stands."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, socket.create_server(("", 0)) as free:
        manager.bind(address)
        manager.setblocking(False)
        port = free.getsockname()[1]
        free.close()
        async with TelegramEmulator() as telegram:
            environment = {
                **os.environ,
                "SAID_TELEGRAM__TOKEN": telegram.token,
                "SAID_TELEGRAM__API_URL": telegram.url,
                "SAID_DATABASE": str(tmp_path / "said.sqlite"),
                "SAID_HEALTH__PORT": str(port),
                "NOTIFY_SOCKET": address,
                "WATCHDOG_USEC": "200000",
            }
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from bot.cli import main; main(['run'])", env=environment,
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(PATIENCE):
                    assert await loop.sock_recv(manager, 100) == b"READY=1"
                    assert await loop.sock_recv(manager, 100) == b"WATCHDOG=1"
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
                process.send_signal(signal.SIGTERM)
                _, err = await asyncio.wait_for(process.communicate(), PATIENCE)
            finally:
                if process.returncode is None:
                    process.kill()
        assert b" 200 " in answer
        assert answer.endswith(b"ready\n")
        assert f"said: health is told at http://127.0.0.1:{port}/health".encode() in err
        states = []
        with suppress(BlockingIOError):
            while True:
                states.append(manager.recv(100))
        assert b"STOPPING=1" in states
