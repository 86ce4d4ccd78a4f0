"""What the team asks in chat, and what it is told: codes, numbers and times; no name, no address, nobody's words.

Every command is answered only where a coordinator has opened their link. Anybody else's words go their usual way.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from bot.playing import Player
from bot.reasons import in_words
from bot.rows import message_row
from flows.business import share_used
from flows.effects import Prompt
from flows.timing import at_local, local
from storage import audit, coordinators, outbox, participants, queries, safety_cases, team_queries
from storage.bulk import Row
from storage.coordinators import Coordinator
from storage.database import Database
from storage.models import AuditKind, SafetyKind, SafetyStatus
from storage.safety_cases import Case
from storage.team_queries import Item
from storage.turns import Taken, Writes

PAGE: Final = 20
"""Lines of a list in one message."""
STORY: Final = 15
"""Lines of a story in one message, the latest."""
HOLD_DAYS: Final = 7
"""How long `pause CODE` holds, where no number of days is given."""
HELP: Final = (
    "You are a coordinator. You can write:\n"
    "due: what is sent until tonight\n"
    "stuck: talks that wait for an answer\n"
    "why CODE: what was sent to a person, and why\n"
    "pause CODE [DAYS]: write nothing to a person for a while\n"
    "safety: open cases\n"
    "safety NUMBER: one case\n"
    "safety NUMBER clear REASON: somebody at risk was seen to\n"
    "safety NUMBER sent: the report has been passed on\n"
    "safety NUMBER not_event REASON: it is none; a second coordinator must say so too"
)
WELCOME: Final = "You are enrolled as coordinator {code}. Alerts and a daily digest come here.\n\n{help}"
WRONG_LINK: Final = "This link is not good any more. Ask for a new one: said coordinator enrol CODE"

_COMMAND = re.compile(
    r"\s*/?(?:said\s+)?(?P<verb>due|stuck|why|pause|safety)(?:@\w+)?(?:\s+(?P<rest>.*?))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_SHAPES: Final = {
    "due": re.compile(r"(?P<number>\d{1,4})?"),
    "stuck": re.compile(r"(?P<number>\d{1,4})?"),
    "why": re.compile(r"(?P<code>P-\w{1,20})", re.IGNORECASE),
    "pause": re.compile(r"(?P<code>P-\w{1,20})(?:\s+(?P<number>\d{1,3}))?", re.IGNORECASE),
    "safety": re.compile(
        r"(?:(?P<number>\d{1,9})(?:\s+(?P<act>clear|sent|not_event)(?:\s+(?P<reason>.+))?)?)?",
        re.IGNORECASE | re.DOTALL,
    ),
}


@dataclass(frozen=True, slots=True)
class Command:
    """What a coordinator asks. `number` is a page, days or a case."""

    verb: str
    number: int | None = None
    code: str = ""
    act: str = ""
    reason: str = ""


def read_command(text: str) -> Command | None:
    """The command that a whole message is, with or without '/' before it; None for all else."""
    found = _COMMAND.fullmatch(text)
    if found is None:
        return None
    verb = found["verb"].lower()
    rest = _SHAPES[verb].fullmatch(found["rest"] or "")
    if rest is None:
        return None
    parts = rest.groupdict()
    number = parts.get("number")
    return Command(
        verb,
        None if number is None else int(number),
        (parts.get("code") or "").upper(),
        (parts.get("act") or "").lower(),
        parts.get("reason") or "",
    )


@dataclass(frozen=True, slots=True)
class Team:
    """Answers coordinators."""

    player: Player

    def answer(self, connection: Connection, taken: Taken, text: str, now: datetime) -> Writes | None:
        """The answer to a coordinator; None where it is no coordinator, or no matter of theirs."""
        command = read_command(text)
        if command is None and taken.person is not None:
            return None
        asker = coordinators.at_address(connection, taken.address_id)
        if asker is None:
            return None
        writes = Writes()
        said = HELP if command is None else self._do(connection, asker, command, writes, now)
        writes.outbox.append(_row(said, taken.address_id, now))
        return writes

    def _do(
        self, connection: Connection, asker: Coordinator, command: Command, writes: Writes, now: datetime
    ) -> str:
        details = {"coordinator": asker.code, "command": command.verb, "number": command.number}
        person = queries.participant_id(connection, command.code) if command.code else None
        if command.code and person is None:
            return f"I know nobody by the code {command.code}."
        kind = AuditKind.VIEW if not (command.act or command.verb == "pause") else AuditKind.SETTINGS
        audit.record(connection, kind, participant_id=person, now=now, **details, act=command.act)
        match command.verb:
            case "due":
                items = team_queries.due(connection, _tonight(asker, now))
                return _listed("Due until tonight", items, asker, command)
            case "stuck":
                return _listed("Waiting for an answer", team_queries.stuck(connection, now), asker, command)
            case "why":
                return _story(connection, asker, command.code)
            case "pause":
                return _pause(connection, asker, person or 0, command, now)
            case _:
                return self._safety(connection, asker, command, writes, now)

    def _safety(
        self, connection: Connection, asker: Coordinator, command: Command, writes: Writes, now: datetime
    ) -> str:
        if command.number is None:
            return _cases(safety_cases.listed(connection), now)
        case = next(iter(safety_cases.listed(connection, case_id=command.number)), None)
        if case is None:
            return f"There is no safety case {command.number}."
        if not command.act:
            return _one_case(case, asker, now)
        problem = _refused(case, command)
        if problem is not None:
            return problem
        if command.act == "not_event":
            return _not_an_event(connection, case, asker, command, now)
        status = SafetyStatus.CLEARED if command.act == "clear" else SafetyStatus.SENT
        reason = command.reason or None
        safety_cases.settle(connection, case.id, status, by=asker.id, reason=reason, now=now)
        if status is SafetyStatus.CLEARED:
            writes.rare.append(partial(self.player.begin_next, participant_id=case.participant_id, now=now))
        return f"Safety case {case.id} is {status.value}."


def _refused(case: Case, command: Command) -> str | None:
    """Why a case cannot be settled so; None where it can."""
    distress = case.kind is SafetyKind.DISTRESS
    if not case.is_open:
        return f"Safety case {case.id} is {case.status.value.replace('_', ' ')} already."
    if distress != (command.act == "clear"):
        return "Distress is cleared; a report is sent, or is no event."
    if command.act != "sent" and not command.reason:
        return f"Say why: safety {case.id} {command.act} REASON"
    return None


def _not_an_event(
    connection: Connection, case: Case, asker: Coordinator, command: Command, now: datetime
) -> str:
    """Two coordinators must say so: the first one's word is kept with the case until another's comes."""
    first = case.details.get("no_event_says")
    if first is None or first == asker.code:
        details = {**case.details, "no_event_says": asker.code}
        status = SafetyStatus.REVIEWING
        safety_cases.settle(
            connection, case.id, status, by=asker.id, reason=command.reason, details=details, now=now
        )
        return f"Noted. A second coordinator must say the same of case {case.id}; until then it is open."
    status = SafetyStatus.NOT_AN_EVENT
    safety_cases.settle(connection, case.id, status, by=asker.id, reason=command.reason, now=now)
    return f"Safety case {case.id} is no event, as {first} and {asker.code} say."


def _cases(cases: tuple[Case, ...], now: datetime) -> str:
    if not cases:
        return "No safety case is open."
    lines = [
        f"{case.id}  {_plain(case.kind.value)}  {case.participant}  "
        f"{share_used(case.opened_at, case.due_at, now):.0%} of the time gone"
        for case in cases[:PAGE]
    ]
    more = [f"And {len(cases) - PAGE} more."] if len(cases) > PAGE else []
    return "\n".join([f"Open safety cases: {len(cases)}", *lines, *more])


def _one_case(case: Case, asker: Coordinator, now: datetime) -> str:
    answers = case.details.get("answers", {})
    contact = {"yes": "yes", "no": "no"}.get(answers.get("contact", ""), "not said")
    share = share_used(case.opened_at, case.due_at, now)
    lines = [
        f"Safety case {case.id}: {_plain(case.kind.value)}, {_plain(case.status.value)}",
        f"Person: {case.participant}, programme: {case.program}",
        f"Opened {_when(case.opened_at, asker)}, due {_when(case.due_at, asker)}, {share:.0%} of the time gone",
        f"Known: {', '.join(case.elements) or 'nothing yet'}",
        f"Product: {', '.join(case.products) or 'not known'}",
        f"May be contacted: {contact}",
    ]
    return "\n".join(lines if case.kind is not SafetyKind.DISTRESS else lines[:3])


def _pause(connection: Connection, asker: Coordinator, person: int, command: Command, now: datetime) -> str:
    until = now + timedelta(days=command.number or HOLD_DAYS)
    participants.update(connection, person, {"hold_until": until})
    return f"Nothing is written to {command.code} of our own accord before {_when(until, asker)}."


def _story(connection: Connection, asker: Coordinator, code: str) -> str:
    story = queries.story(connection, code)
    if story is None:
        return f"I know nobody by the code {code}."
    lines = [
        f"{_when(line.at, asker)}  {line.what}{_because(line.reason)}"
        for line in (*story.lines[-STORY:], *story.to_come)
    ]
    return "\n".join([f"{story.code}: {story.role.value}, {story.status.value}", *lines])


def _because(reason: str | None) -> str:
    return f" ({in_words(reason)})" if reason else ""


def _listed(title: str, items: tuple[Item, ...], asker: Coordinator, command: Command) -> str:
    if not items:
        return f"{title}: nothing."
    pages = -(-len(items) // PAGE)
    page = min(max(command.number or 1, 1), pages)
    shown = items[(page - 1) * PAGE : page * PAGE]
    lines = [f"{item.code}  {item.what}  {_when(item.at, asker)}" for item in shown]
    more = [f"Page {page} of {pages}. Write: {command.verb} {page % pages + 1}"] if pages > 1 else []
    return "\n".join([f"{title}: {len(items)}", *lines, *more])


def _plain(code: str) -> str:
    return code.replace("_", " ")


def _when(moment: datetime, asker: Coordinator) -> str:
    return f"{local(moment, asker.timezone):%d %b %H:%M}"


def _tonight(asker: Coordinator, now: datetime) -> datetime:
    day = local(now, asker.timezone).date() + timedelta(days=1)
    return at_local(day, datetime.min.time(), asker.timezone)


def _row(text: str, address_id: int, now: datetime) -> Row:
    return message_row(Prompt(text), address_id, None, now)


def welcome(connection: Connection, token_hash: bytes, address_id: int, now: datetime) -> Writes:
    """Somebody opened a coordinator's link."""
    enrolled = coordinators.redeem(connection, token_hash=token_hash, address_id=address_id, now=now)
    if enrolled is None:
        return Writes(outbox=[_row(WRONG_LINK, address_id, now)])
    audit.record(connection, AuditKind.ENTERED, participant_id=None, now=now, coordinator=enrolled.code)
    return Writes(outbox=[_row(WELCOME.format(code=enrolled.code, help=HELP), address_id, now)])


def digest(connection: Connection, asker: Coordinator, now: datetime) -> str:
    """What a coordinator is told once a day."""
    found = team_queries.counts(connection, _tonight(asker, now), now)
    over, late, half, young = found.cases
    ages = f"overdue {over}, from 80 % {late}, from 50 % {half}, younger {young}"
    return "\n".join(
        [
            f"{local(now, asker.timezone):%d %b}: today",
            f"Due until tonight: {found.due}",
            f"Waiting for an answer: {found.stuck}",
            f"Open safety cases: {sum(found.cases)} ({ages})",
            f"People who asked for a human being: {found.requests}",
            f"Turns put aside since yesterday: {found.put_aside}",
            f"Messages and timers that failed since yesterday: {found.failed}",
        ]
    )


async def send_digests(database: Database, now: datetime) -> int:
    """Queue the digests whose hour has come; returns how many."""
    if not await database.read(partial(coordinators.digests_due, now=now)):
        return 0
    return await database.write(partial(_queue_digests, now=now))


def _queue_digests(connection: Connection, *, now: datetime) -> int:
    due = coordinators.digests_due(connection, now)
    for one in due:
        if one.address_id is not None:
            outbox.queue(connection, [_row(digest(connection, one, now), one.address_id, now)])
        coordinators.digest_sent(connection, one, now)
    return len(due)
