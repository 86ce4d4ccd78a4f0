"""Hold a conversation in the terminal, on the embedded database, with a clock that can be moved.

Turns, messages and what is due are handled one after another between two lines of input, so that a pipe and
a person see the same thing. The parts are the ones that every other channel runs on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channels.base import InboundKind
from bot.channels.terminal import LineStyle, ScreenLine, TerminalChannel, Write
from bot.errors import UsageError
from bot.terminal.try_mode import FIRST_FLOW, ClockOutcome, TryMode, in_words
from flows.i18n.say import FALLBACK, Sentence, say
from flows.script.model import Flow, Role
from storage.people import participants
from storage.reports import operators
from storage.reports.operators import Story
from storage.schema import ADDRESS, PARTICIPANT

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
class SessionScreen:
    """Where a session shows things: `write` is called with lines to show, `tell` with a participant's story."""

    write: Write
    tell: Callable[[Story], None]


class TerminalSession:
    """One participant's conversation at a terminal, with a clock that can be moved.

    After each line of input its turns and messages are handled before the next is read; what is due happens at the
    start and as the clock is moved.
    """

    def __init__(self, mode: TryMode, channel: TerminalChannel, screen: SessionScreen) -> None:
        self._mode = mode
        self._channel = channel
        self._role: Role | None = None
        self._write = screen.write
        self._tell = screen.tell
        self._commands = {
            "/clock": self._move_clock,
            "/why": self._why,
            "/help": self._help,
            "/start": self._start,
        }

    async def play(self, role: Role) -> None:
        """Begin a conversation in a role, or go on where its participant left; then read lines until their end.

        They end with the input, or by `/quit`. What fell due since the last time is done first.
        """
        self._role = role
        self._channel.play_as(role.value)
        await self._mode.catch_up()
        database = self._mode.app.database
        if await database.read(self._person) is None:
            await self._start("")
        elif await database.read(self._has_stopped):
            self._hint(say(Sentence.STOPPED_BEFORE, FALLBACK))  # to open the terminal is no wish to come back
        else:
            await self._mode.receive([self._channel.inbound(InboundKind.START, "")])
        await self._channel.run(self._mode.receive)

    def show(self, lines: list[ScreenLine]) -> None:
        """Show lines of what the bot says, under the time at which it says them while the clock is being moved."""
        heading = self._mode.take_heading()
        self._write([*([] if heading is None else _hints(f"--- {heading} ---")), *lines])

    async def command(self, line: str) -> bool:
        """Carry out a line that begins with /, such as `/clock +30d`; return False if it ends the session, else True.

        A command that is not the terminal's own is handed to the bot as what the participant said.
        """
        name, _, rest = line.partition(" ")
        if name in ("/quit", "/exit"):
            return False
        known = self._commands.get(name.lower())
        if known is None:
            await self._mode.receive([self._channel.inbound(InboundKind.TEXT, line)])
        else:
            await known(rest.strip())
        return True

    async def _start(self, token: str) -> None:
        """Open an invitation: the one given, or one made here for the role that is played."""
        assert self._role is not None  # it is played
        token = token or await self._mode.invite(self._role)
        await self._mode.receive([self._channel.inbound(InboundKind.START, token)])

    def _person(self, connection: Connection) -> str | None:
        query = sa.select(PARTICIPANT.c.code).join(ADDRESS, ADDRESS.c.participant_id == PARTICIPANT.c.id)
        return connection.scalar(query.where(ADDRESS.c.lookup == self._lookup()))

    def _has_stopped(self, connection: Connection) -> bool:
        found = participants.find_at(connection, self._lookup())
        return found is not None and not found.active

    def _lookup(self) -> bytes:
        return self._mode.app.database.identity.lookup(self._channel.address)

    async def _help(self, _rest: str) -> None:
        self._hint(*HELP)

    async def _why(self, _rest: str) -> None:
        database = self._mode.app.database
        code = await database.read(self._person)
        story = None if code is None else await database.read(partial(operators.participant_story, code=code))
        if story is None:
            self._hint("Nothing is known of you yet.")
        else:
            self._tell(story)

    async def _move_clock(self, text: str) -> None:
        """Move the clock to the moment that a text names, and say where it stands, or why it does not."""
        outcome = await self._mode.move(text)
        match outcome:
            case ClockOutcome.NOTHING_DUE:
                self._hint("Nothing is due: no question is to come.")
            case ClockOutcome.NO_TIME:
                self._hint(f"/clock {text} is not a time to come; write /clock +30d, +3h, a date, or next.")
            case ClockOutcome.MOVED_ON:
                self._hint("The programme writes at set hours only: the clock went on to the next of them.")
            case ClockOutcome.MOVED:
                pass
            case _:
                assert_never(outcome)
        if outcome.is_moved:
            self._hint(f"--- It is now {in_words(self._mode.now())}.{await self._outlook()} ---")

    async def _outlook(self) -> str:
        due = await self._mode.next_due()
        return "" if due is None else f" Next is due {in_words(due)}: /clock next."

    def _hint(self, *lines: str) -> None:
        self._write(_hints(*lines))


def _hints(*lines: str) -> list[ScreenLine]:
    return [ScreenLine(line, LineStyle.HINT) for line in lines]


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
