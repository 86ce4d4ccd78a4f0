"""Hold a conversation in the terminal, on the embedded database, with a clock that can be moved.

Turns, messages and what is due are handled one after another between two lines of input, so that a pipe and
a person see the same thing. The parts are the ones that every other channel runs on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.app import App
from bot.channels.base import Inbound, InboundKind
from bot.channels.terminal import LineStyle, ScreenLine, TerminalChannel, Write
from bot.clock import MovableClock
from bot.durations import parse_duration, parse_moment
from bot.errors import UsageError
from flows.i18n.localized_program import translations_beside
from flows.i18n.say import FALLBACK, Sentence, say
from flows.program.loader import load_program, program_paths
from flows.program.model import ProgramFile
from flows.script.model import Flow, Role
from storage.follow_up import timers
from storage.people import invitations, participants
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.reports import operators
from storage.reports.operators import Story
from storage.schema import ADDRESS, PARTICIPANT

FIRST_FLOW = {
    Role.PATIENT: "patient_interview",
    Role.HCP: "hcp_commitment",
    Role.EDUCATOR: "best_practice",
}
"""What each role begins with."""
FORTUNATE_WAIT = timedelta(days=4)
"""How far `/clock` goes beyond the span asked for, to the next hour at which the program writes: the
longest gap in the usual window (Thursday evening to Monday noon) is less.
"""

HELP = (
    "Type your reply: a number, the words of a choice, or your own words.",
    "skip, back, pause, later, stop and help work at every question.",
    "/clock +30d   move the clock (also +3h, or a date); what falls due happens on the way",
    "/clock next   move it to the next thing that is due",
    "/why          what was sent to you, or not, and why",
    "/start        begin anew (with a token: that invitation)",
    "/quit         leave; the next start goes on from here",
)


@dataclass(frozen=True, slots=True)
class TerminalProgram:
    """The program in which the person at the terminal takes part: its id in the database, and its file."""

    program_id: int
    program: ProgramFile


def example_program(connection: Connection, now: datetime) -> TerminalProgram:
    """Return the first program in the database; if there is none, load the shipped example and return that."""
    known = programs.list_all(connection)
    if known:
        return TerminalProgram(known[0].id, programs.program_file(connection, known[0].id))
    program = load_program(program_paths()[0])
    words = translations_beside(program_paths()[0], program)
    loaded = programs.load(connection, program, programs.program_hash(program, words), now, words)
    return TerminalProgram(loaded.program_id, program)


@dataclass(frozen=True, slots=True)
class SessionScreen:
    """Where a session shows things: `write` is called with lines to show, `tell` with a participant's story."""

    write: Write
    tell: Callable[[Story], None]


class TerminalSession:
    """One participant's conversation at a terminal, with a clock that can be moved.

    After each line of input its turns and messages are handled before the next is read; what is due happens at the
    start and as the clock is moved. `role` is what the person takes part as.
    """

    def __init__(
        self,
        app: App,
        channel: TerminalChannel,
        clock: MovableClock,
        role: Role,
        screen: SessionScreen,
    ) -> None:
        self._app = app
        self._channel = channel
        self._clock = clock
        self._role = role
        self._write = screen.write
        self._tell = screen.tell
        self._delivered = 0
        self._came_at: datetime | None = None
        self._heading: str | None = None
        self._commands = {
            "/clock": self._move_clock,
            "/why": self._why,
            "/help": self._help,
            "/start": self._start,
        }

    async def play(self) -> None:
        """Begin a conversation, or go on where the participant left; then read lines until input ends or `/quit`.

        What fell due since the last time is done first.
        """
        await self._catch_up()
        if await self._app.database.read(self._person) is None:
            await self._start("")
        elif await self._app.database.read(self._has_stopped):
            self._hint(say(Sentence.STOPPED_BEFORE, FALLBACK))  # to open the terminal is no wish to come back
        else:
            await self._receive([self._channel.inbound(InboundKind.START, "")])
        await self._channel.run(self._receive)

    def show(self, lines: list[ScreenLine]) -> None:
        """Show lines of what the bot says, under the time at which it says them while the clock is being moved."""
        if self._heading is not None:
            self._hint(self._heading)
            self._heading = None
        self._write(lines)

    async def command(self, line: str) -> bool:
        """Carry out a line that begins with /, such as `/clock +30d`; return False if it ends the session, else True.

        A command that is not the terminal's own is handed to the bot as what the participant said.
        """
        name, _, rest = line.partition(" ")
        if name in ("/quit", "/exit"):
            return False
        known = self._commands.get(name.lower())
        if known is None:
            await self._receive([self._channel.inbound(InboundKind.TEXT, line)])
        else:
            await known(rest.strip())
        return True

    async def _receive(self, inbounds: list[Inbound]) -> None:
        await self._app.runtime.receive(inbounds)
        await self._settle()

    async def _settle(self) -> None:
        """Handle turns, language detection and delivery until nothing is left of any, and then read what was written.

        What the second reader has to say of it comes after the reply, as it does where it reads in the background.
        """
        while True:
            handled = await self._app.runtime.drain()
            heard = await self._app.hearing.drain()
            sent = await self._app.delivery.drain()
            self._delivered += sent
            self._came_at = self._clock.now() if sent else self._came_at
            if not handled and not heard and not sent and not await self._app.reading.drain():
                return

    async def _catch_up(self) -> None:
        """Do what fell due since the last time."""
        await self._app.scheduler.tick()
        await self._settle()

    async def _start(self, token: str) -> None:
        """Open an invitation: the one given, or one made here for the role that is played."""
        if not token:
            token = await self._app.database.write(self._invite)
        await self._receive([self._channel.inbound(InboundKind.START, token)])

    def _invite(self, connection: Connection) -> str:
        now = self._clock.now()
        place = example_program(connection, now)
        slugs = [activity.slug for activity in place.program.activities]
        new = NewInvitation(
            program_id=place.program_id,
            role=self._role,
            flow=FIRST_FLOW[self._role],
            source="terminal",
            activity_id=programs.activity_id(connection, place.program_id, slugs[0]) if slugs else None,
        )
        token = invitations.new_token()
        token_hash = self._app.database.identity.token_hash(token)
        invitations.make_invitation(connection, new, token_hash=token_hash, now=now)
        return token

    def _person(self, connection: Connection) -> str | None:
        lookup = self._app.database.identity.lookup(self._channel.address)
        query = sa.select(PARTICIPANT.c.code).join(ADDRESS, ADDRESS.c.participant_id == PARTICIPANT.c.id)
        return connection.scalar(query.where(ADDRESS.c.lookup == lookup))

    def _has_stopped(self, connection: Connection) -> bool:
        found = participants.find_at(connection, self._app.database.identity.lookup(self._channel.address))
        return found is not None and not found.active

    async def _help(self, _rest: str) -> None:
        self._hint(*HELP)

    async def _why(self, _rest: str) -> None:
        code = await self._app.database.read(self._person)
        story = (
            None
            if code is None
            else await self._app.database.read(partial(operators.participant_story, code=code))
        )
        if story is None:
            self._hint("Nothing is known of you yet.")
        else:
            self._tell(story)

    async def _move_clock(self, text: str) -> None:
        """Move the clock to the moment that a text names: what is due on the way happens at its own time."""
        target = await self._target(text)
        if target is None and text.lower() == "next":
            self._hint("Nothing is due: no question is to come.")
            return
        if target is None:
            self._hint(f"/clock {text} is not a time to come; write /clock +30d, +3h, a date, or next.")
            return
        self._came_at = None
        await self._run_until(target)
        if not self._came_since(target - FORTUNATE_WAIT):
            await self._go_on_to_open_hours()
        self._hint(f"--- It is now {self._local(self._clock.now())}.{await self._outlook()} ---")

    def _came_since(self, moment: datetime) -> bool:
        return self._came_at is not None and self._came_at >= moment

    async def _target(self, text: str) -> datetime | None:
        now = self._clock.now()
        if text.lower() == "next":
            return await self._next_due()
        span = parse_duration(text.removeprefix("+"))
        moment = now + span if span is not None else parse_moment(text)
        return moment if moment is not None and moment > now else None

    async def _next_due(self) -> datetime | None:
        return await self._app.database.read(timers.next_due)

    async def _run_until(self, target: datetime) -> None:
        """Move the clock to `target`, stopping at each moment at which something is due, and do it."""
        while (due := await self._next_due()) is not None and due <= target:
            if due > self._clock.now():
                self._clock.set(due)
            self._heading = f"--- {self._local(self._clock.now())} ---"
            if not await self._app.scheduler.tick():
                break
            await self._settle()
        self._heading = None
        if target > self._clock.now():
            self._clock.set(target)
        await self._settle()

    async def _go_on_to_open_hours(self) -> None:
        """Go on to the next hour at which the program writes, if it is near: nothing may have come for that reason."""
        due = await self._next_due()
        if due is None or due > self._clock.now() + FORTUNATE_WAIT:
            return
        before = self._delivered
        await self._run_until(due)
        if self._delivered > before:
            self._hint("The programme writes at set hours only: the clock went on to the next of them.")

    async def _outlook(self) -> str:
        due = await self._next_due()
        return "" if due is None else f" Next is due {self._local(due)}: /clock next."

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone()):%a %d %b %Y, %H:%M}"

    def _zone(self) -> ZoneInfo:
        place = self._app.database.read_now(_first_program)
        return ZoneInfo(place.timezone if place is not None else "UTC")

    def _hint(self, *lines: str) -> None:
        self._write([ScreenLine(line, LineStyle.HINT) for line in lines])


def _first_program(connection: Connection) -> ProgramFile | None:
    known = programs.list_all(connection)
    return programs.program_file(connection, known[0].id) if known else None


def start_of_clock(connection: Connection) -> datetime:
    """Return the time at which a session's clock starts: now, or the latest moment in the database if that is later.

    It is later where an earlier session moved its clock on; time does not go back.
    """
    now = datetime.now(UTC)
    latest = operators.latest_moment(connection)
    return now if latest is None or latest < now else latest


def check_role(flows: dict[str, Flow], role: Role) -> None:
    """Check that the terminal can be used in a role: that the flow with which it begins is among `flows`, by name.

    Raises:
        UsageError: it is not, or the role has none.
    """
    if FIRST_FLOW.get(role) not in flows:
        raise UsageError(
            f"the role {role.value!r} cannot be played in the terminal", "use --role patient or --role hcp"
        )
