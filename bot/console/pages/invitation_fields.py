"""Read what a form says of links to be made, and tell what it may offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from sqlalchemy import Connection

from bot.console.languages.marks import noted
from bot.console.permissions import Permission
from bot.console.visit import ConsoleVisit
from bot.errors import UsageError
from bot.invitations.requests import InvitationMaker, InvitationRequest
from bot.invitations.roster import LONGEST_LABEL, LONGEST_SOURCE
from flows.parsing.vocabulary import languages
from flows.schedule.local_time import at_local
from flows.script.reconsent import may_be_opened
from flows.script.roles import Role
from storage.programs import programs

E = TypeVar("E", bound=StrEnum)

_A_DAY, _A_MINUTE = timedelta(days=1), timedelta(minutes=1)
_LONGEST_NUMBER: Final = 9


class FieldProblem(UsageError):
    """A field of a form cannot be read. What is wrong and what to do are `noted`; `fields` are their `%(name)s`."""

    def __init__(self, message: str, remedy: str, **fields: object) -> None:
        super().__init__(message, remedy)
        self.fields = fields


@dataclass(frozen=True, slots=True)
class InvitationChoices:
    """What a form offers: programs, conversations by role (`hcp/hcp_commitment` and its title), languages, and topics.

    `activities`, and `reviewed` what there is to review, are those of each program, by its short name.
    """

    programs: tuple[str, ...]
    conversations: tuple[tuple[str, str], ...]
    languages: tuple[str, ...]
    activities: Mapping[str, tuple[str, ...]]
    reviewed: Mapping[str, tuple[str, ...]]


async def offered(visit: ConsoleVisit) -> InvitationChoices:
    """Return what the forms that make links offer to whoever is signed in."""
    known = await visit.programs(Permission.INVITE)
    conversations = tuple(
        (f"{role.value}/{name}", f"{role.value}: {flow.title}")
        for name, flow in sorted(visit.parts.runtime.flows.items())
        if may_be_opened(flow)
        for role in flow.audience
    )

    def topics(connection: Connection) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        files = {
            row.slug: programs.program_file(connection, row.id)
            for row in programs.list_all(connection)
            if row.slug in known
        }
        activities = {slug: tuple(one.slug for one in file.activities) for slug, file in files.items()}
        return activities, {slug: tuple(one.slug for one in file.reviews) for slug, file in files.items()}

    return InvitationChoices(known, conversations, tuple(languages()), *await visit.read(topics))


def maker(visit: ConsoleVisit) -> InvitationMaker:
    """Return what makes invitations with the parts of the bot that runs."""
    runtime = visit.parts.runtime
    return InvitationMaker(runtime.flows, runtime.localizations, visit.parts.database.identity, visit.now)


def read_request(visit: ConsoleVisit) -> InvitationRequest:
    """Return the invitation that a form asks for; the member must be allowed to make links in its program.

    Raises:
        UsageError: a field cannot be read.
        PageRefused: the program is not theirs.
    """
    form = visit.form
    program = form.value("program")
    if not program:
        raise FieldProblem(noted("no programme was chosen"), noted("choose one"))
    visit.require(Permission.INVITE, program)
    role, _, flow = form.value("conversation").partition("/")
    if role not in set(Role) or not flow:
        raise FieldProblem(noted("no conversation was chosen"), noted("choose one"))
    return InvitationRequest(
        program=program,
        activity=form.value("activity") or None,
        item=form.value("item") or None,
        role=Role(role),
        flow=flow,
        source=_short(visit, "source", LONGEST_SOURCE),
        group=form.value("group") == "yes",
        max_uses=_number(visit, "max_uses") if form.value("max_uses") else None,
        expires_at=read_day(visit, "until"),
        submission=_number(visit, "submission") if form.value("submission") else None,
        language=form.value("language") or None,
        label=_short(visit, "label", LONGEST_LABEL) or None,
    )


def read_count(visit: ConsoleVisit, most: int) -> int:
    """Return how many links a form asks for.

    Raises:
        UsageError: none, or more than `most`.
    """
    count = _number(visit, "count")
    if count > most:
        what = (
            noted("a label is for one link")
            if most == 1
            else noted("%(count)s links are too many for one page")
        )
        remedy = noted("make %(most)s at most, or use a list of people")
        raise FieldProblem(what, remedy, count=count, most=most)
    return count


def read_day(visit: ConsoleVisit, name: str) -> datetime | None:
    """Return the end of the day that a field names, in the member's zone; None where it is empty.

    Raises:
        UsageError: it names no day, or one that is over.
    """
    told = visit.form.value(name)
    if not told:
        return None
    try:
        day = datetime.strptime(told, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        end = at_local(day + _A_DAY, time(0), visit.coordinator.timezone) - _A_MINUTE
    except (ValueError, OverflowError) as error:
        raise FieldProblem(noted("the last day is no day"), noted("write it as 2027-03-31")) from error
    if end <= visit.now:
        raise FieldProblem(noted("the last day is over"), noted("name one to come"))
    return end


def in_page_words(visit: ConsoleVisit, error: UsageError) -> str:
    """Return an error as a sentence of a page: the options of the command line, `--source`, are its fields here."""
    fields = error.fields if isinstance(error, FieldProblem) else {}
    told = ": ".join(visit.say(part, **fields) for part in (error.message, error.remedy)).replace("--", "")
    return f"{told[0].upper()}{told[1:]}."


def one_of(kind: type[E], told: str) -> E | None:
    """Return the member of an enum that an address names; None for anything else."""
    return kind(told) if told in set(kind) else None


def _number(visit: ConsoleVisit, name: str) -> int:
    told = visit.form.value(name)
    if not (told.isascii() and told.isdecimal() and len(told) <= _LONGEST_NUMBER and int(told)):
        what = noted("the field %(field)s holds no number")
        raise FieldProblem(what, noted("write one from 1"), field=name.replace("_", " "))
    return int(told)


def _short(visit: ConsoleVisit, name: str, most: int) -> str:
    told = visit.form.value(name)
    if len(told) > most or not told.isprintable():
        what = noted("the field %(field)s is too long, or has characters that cannot be seen")
        raise FieldProblem(what, noted("write %(most)s at most"), field=name, most=most)
    return told
