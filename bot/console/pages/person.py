"""The page of a person: how they came, what was said, what was sent and why, and what can be done for them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final
from zoneinfo import available_timezones

from sqlalchemy import Connection
from starlette.responses import Response

from bot.care import changes, leaving, open_question
from bot.care.changes import PersonChange
from bot.care.parts import CareParts
from bot.channel_policy import code_link
from bot.console import person_access
from bot.console.done import Done
from bot.console.languages.marks import noted
from bot.console.pages.people import PATH
from bot.console.permissions import Permission
from bot.console.person_access import PersonAccess
from bot.console.person_clock import PersonClock, clock_of
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.team.messages import Teller
from bot.team.reasons import in_words, known_reason
from flows.i18n.say import FALLBACK
from flows.parsing.places import zones_named
from flows.script.roles import Role
from storage.conversations.conversations import ParticipantRecord
from storage.database import audit
from storage.follow_up import holds
from storage.people import participants
from storage.people.account_links import MOVE_LIFE, has_said_anything
from storage.privacy import requested_erasures
from storage.privacy.requested_erasures import StandingErasure
from storage.reports import conversation_words, operators, people
from storage.reports.conversation_words import ConversationLine, WordsLine
from storage.reports.operators import Story, StoryLine
from storage.reports.people import Entry
from storage.safety import case_lists
from storage.safety.case_lists import CaseFilter
from storage.safety.cases import Case
from storage.schema import AuditKind, ConversationStatus

_ONE: Final = f"{PATH}/{{code}}"
_LONGEST_PAUSE: Final = 365
_MOST_CASES: Final = 100
_NO_ZONE: Final = noted(
    "Accepted are a city, a country with one time, or a zone such as Europe/Vienna. Nothing was changed."
)
_STORY_LINES: Final = 200
"""Of what happened, so many lines are shown; `said why` has them all."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """What the page of a person shows beside their story; `held` and `own` are ends of holds, None where none is."""

    entries: tuple[Entry, ...]
    conversations: tuple[ConversationLine, ...]
    held: datetime | None
    own: datetime | None
    asked: StandingErasure | None
    has_spoken: bool
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class StoryWords:
    """Puts the lines of a story in words, in English as `said why` does, else as the bot tells them to the team."""

    teller: Teller

    def happened(self, line: StoryLine) -> str:
        """Return what happened, or is to come."""
        return line.what if self.teller.language == FALLBACK else self.teller.happened(line)

    def reason(self, line: StoryLine) -> str:
        """Return why, '' where nothing says so."""
        sentence = known_reason(line.reason)
        if self.teller.language == FALLBACK or sentence is None:
            return in_words(line.reason)
        return self.teller.tell(sentence)


@dataclass(frozen=True, slots=True)
class RefusedZone:
    """What was typed as a time zone and is none, and why it was not taken."""

    typed: str
    problem: str


async def show_person(visit: ConsoleVisit) -> Response:
    """Show who somebody is in the programs, and what was sent to them and why. That it was looked at is audited."""
    return await _person_page(visit, None)


async def _person_page(visit: ConsoleVisit, zone: RefusedZone | None) -> Response:
    """Show a person's page; after a zone that was not taken, with the problem beside its field."""
    seen = await person_access.of_address(visit, Permission.SEE_PEOPLE)
    person, may_read = seen.person, partial(visit.may_in, Permission.READ_WORDS)

    def look(connection: Connection) -> tuple[Story, PersonView, PersonClock]:
        story = operators.participant_story(connection, person.code, seen.told, now=visit.now)
        assert story is not None
        audit.record(
            connection, AuditKind.VIEW, participant_id=person.id, now=visit.now, what="story",
            by=visit.coordinator.code,
        )  # fmt: skip
        clock = clock_of(connection, person, seen.programs, story, visit.now)
        return story, _view(connection, seen, may_read, visit.now), clock

    story, view, clock = await visit.write(look)
    cared = await _care(visit)
    return visit.page(
        "person.html.jinja",
        HTTPStatus.OK if zone is None else HTTPStatus.CONFLICT,
        here=PATH,
        person=person,
        clock=clock,
        zone=zone,
        story=story,
        lines=story.lines[-_STORY_LINES:],
        to_come=sorted(story.to_come, key=clock.goes_at),
        view=view,
        in_words=StoryWords(Teller(visit.coordinator, visit.language_of_alerts, visit.now)),
        programs=seen.programs,
        is_whole=seen.is_whole,
        may_read=partial(visit.may, Permission.READ_WORDS),
        may_care=cared is not None,
        may_all=cared is not None and cared.is_whole,
        may_resend=cared is not None and any(_waits_for_answer(one, cared) for one in view.conversations),
        stands=_stands(person),
        languages=_tools(visit).languages,
        roles=tuple(Role),
    )


async def show_talk(visit: ConsoleVisit) -> Response:
    """Show a conversation as it was held, redacted; one entry of the audit trail says what was shown to whom."""
    seen = await person_access.of_address(visit, Permission.READ_WORDS)
    person = seen.person
    number = int(visit.request.path_params["number"])
    talk = await visit.read(partial(conversation_words.find_held, conversation_id=number))
    if talk is None or talk.participant_id != person.id or not seen.covers(talk.program):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such conversation in a programme of yours.")
    tools, by, now = _tools(visit), visit.coordinator, visit.now

    def look(connection: Connection) -> tuple[tuple[WordsLine, ...], str | None]:
        waits = open_question.shown_text(connection, tools, talk.id, now)
        return conversation_words.look_at(connection, talk, by=by, now=now), waits

    lines, waits = await visit.write(look)
    others = await visit.read(partial(conversation_words.conversations_of, participant_id=person.id))
    theirs = [one for one in others if seen.covers(one.program)]
    return visit.page(
        "talk.html.jinja", here=PATH, person=person, talk=talk, lines=lines, waits=waits, talks=theirs
    )


async def pause(visit: ConsoleVisit) -> Response:
    """Hold back what is sent to a person of our own accord for so many days, or end that."""
    person = (await person_access.whole(visit, Permission.CARE_FOR_PEOPLE)).person
    told = visit.form.value("days")
    if not (told.isascii() and told.isdecimal() and len(told) < 4 and int(told) <= _LONGEST_PAUSE):  # noqa: PLR2004 - digits
        raise PageRefused(
            HTTPStatus.BAD_REQUEST, "Write a number of days from 0 to 365. Nothing was changed."
        )
    until = visit.now + timedelta(days=int(told)) if int(told) else None

    def work(connection: Connection) -> None:
        held = holds.held_for_team(connection, person.id)
        if until is None and (held is None or held <= visit.now):
            raise PageRefused(HTTPStatus.CONFLICT, "No pause of theirs stands any more. Nothing was changed.")
        holds.hold_for_team(connection, participant_id=person.id, until=until, now=visit.now)
        audit.record(
            connection, AuditKind.SETTINGS, participant_id=person.id, now=visit.now, command="pause",
            number=int(told), coordinator=visit.coordinator.code,
        )  # fmt: skip

    await visit.write(work)
    return _back(visit, person, Done.PAUSED if until else Done.PAUSE_ENDED)


async def set_known(visit: ConsoleVisit) -> Response:
    """Set a person's zone, language or role, unless somebody else has changed one since the page was made."""
    person = (await person_access.whole(visit, Permission.CARE_FOR_PEOPLE)).person
    form = visit.form
    role = form.value("role")
    if role and role not in set(Role):
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such role. Nothing was changed.")
    typed = form.value("timezone")
    timezone = _zone_of(typed)
    if typed and timezone is None:
        return await _person_page(visit, RefusedZone(typed, _NO_ZONE))
    change = PersonChange(
        timezone,
        form.value("language") or None,
        Role(role) if role else None,
        visit.coordinator.code,
    )
    if change == PersonChange():
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Nothing was chosen. Nothing was changed.")

    def work(connection: Connection) -> None:
        if _stands(participants.get(connection, person.id)) != form.value("stands"):
            raise PageRefused(
                HTTPStatus.CONFLICT,
                "Somebody has changed this person since you opened the page. Nothing was changed by you.",
            )
        changes.change_person(connection, _tools(visit), person.id, change, visit.now)

    await visit.write(work)
    return _back(visit, person, Done.SET)


async def resend(visit: ConsoleVisit) -> Response:
    """Send a person the question that is open once more, if it is of a program of the member's."""
    cared = await person_access.of_address(visit, Permission.CARE_FOR_PEOPLE)
    person, by, now, tools = cared.person, visit.coordinator.code, visit.now, _tools(visit)

    def work(connection: Connection) -> None:
        cared.require(open_question.program_of(connection, person.id, now))
        open_question.resend(connection, tools, person.id, by=by, now=now)

    await visit.write(work)
    return _back(visit, person, Done.SENT_AGAIN)


async def move(visit: ConsoleVisit) -> Response:
    """Make a code that moves a person to another account, and show it once: it stands in no address."""
    person = (await person_access.whole(visit, Permission.CARE_FOR_PEOPLE)).person
    by, now, tools = visit.coordinator, visit.now, _tools(visit)
    code = await visit.write(lambda connection: leaving.make_move_code(connection, tools, person.id, by, now))
    url = visit.parts.settings.web.public_url
    return visit.page(
        "move_code.html.jinja",
        here=PATH,
        person=person,
        move_code=code,
        address="" if url is None else code_link(url, code),
        until=now + MOVE_LIFE,
    )


async def erase(visit: ConsoleVisit) -> Response:
    """Keep a person's wish to have everything deleted, take it back, or confirm it as the second one and delete."""
    person = (await person_access.whole(visit, Permission.CARE_FOR_PEOPLE)).person
    by, now, tools = visit.coordinator, visit.now, _tools(visit)
    match visit.form.value("step"):
        case "ask":
            await visit.write(lambda c: requested_erasures.ask(c, person.id, by, now))
            done = Done.ERASURE_ASKED
        case "take back":
            await visit.write(lambda c: requested_erasures.take_back(c, person.id, by, now))
            done = Done.ERASURE_TAKEN_BACK
        case "confirm" if visit.form.value("sure") == person.code:
            await visit.write(lambda c: leaving.erase(c, tools, person.id, by, now))
            done = Done.ERASED
        case "confirm":
            raise PageRefused(
                HTTPStatus.BAD_REQUEST, "Write the person's code to confirm. Nothing was deleted."
            )
        case _:
            raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such step. Nothing was changed.")
    return _back(visit, person, done)


async def _care(visit: ConsoleVisit) -> PersonAccess | None:
    """Return in which of their programs the member may care for the person of the address; None where in none."""
    try:
        return await person_access.of_address(visit, Permission.CARE_FOR_PEOPLE)
    except PageRefused:
        return None


def _waits_for_answer(talk: ConversationLine, cared: PersonAccess) -> bool:
    """Return whether a conversation is open whose question the member may send again."""
    return talk.status is ConversationStatus.OPEN and cared.covers(talk.program)


def _view(
    connection: Connection, seen: PersonAccess, may_read: Callable[[str], bool], now: datetime
) -> PersonView:
    """Return what of a person is of the programs in which the member sees people, and what is theirs as a whole.

    Safety cases are of the programs in which the member may read words (`may_read`, by short name).
    """
    person = seen.person
    every = CaseFilter(only_open=False, participant_id=person.id)
    held = holds.held_for_team(connection, person.id)
    own = holds.held_until(connection, person.id)
    return PersonView(
        tuple(one for one in people.entries(connection, person.id) if seen.covers(one.program)),
        tuple(
            one
            for one in conversation_words.conversations_of(connection, person.id)
            if seen.covers(one.program)
        ),
        held if held is not None and held > now else None,
        own if own is not None and own > now else None,
        requested_erasures.standing(connection, person.id, now),
        has_said_anything(connection, person.id),
        tuple(
            one
            for one in case_lists.page_of_cases(connection, every, limit=_MOST_CASES)
            if may_read(one.program)
        ),
    )


def _zone_of(typed: str) -> str | None:
    """Return the zone that was typed by its name or by a place with one time, as in talks.

    None for nothing, and where no zone is named, or several.
    """
    if not typed or typed in available_timezones():
        return typed or None
    named = zones_named(typed)
    return named[0] if len(named) == 1 else None


def _tools(visit: ConsoleVisit) -> CareParts:
    runtime, parts = visit.parts.runtime, visit.parts
    return CareParts(
        runtime.flows,
        runtime.localizations,
        parts.database.identity,
        parts.settings.policy_now(),
        runtime.wakeups,
    )


def _stands(person: ParticipantRecord) -> str:
    """Return what tells whether a person is as they were: zone, language, role and status."""
    return f"{person.timezone or ''}.{person.language or ''}.{person.role.value}.{person.status.value}"


def _back(visit: ConsoleVisit, person: ParticipantRecord, done: Done) -> Response:
    return visit.to(f"{PATH}/{person.code}", done)


PAGES: Final = (
    ConsolePage("GET", _ONE, Permission.SEE_PEOPLE, show_person),
    ConsolePage("GET", f"{_ONE}/talks/{{number:int}}", Permission.READ_WORDS, show_talk),
    ConsolePage("POST", f"{_ONE}/pause", Permission.CARE_FOR_PEOPLE, pause),
    ConsolePage("POST", f"{_ONE}/set", Permission.CARE_FOR_PEOPLE, set_known),
    ConsolePage("POST", f"{_ONE}/resend", Permission.CARE_FOR_PEOPLE, resend),
    ConsolePage("POST", f"{_ONE}/move", Permission.CARE_FOR_PEOPLE, move),
    ConsolePage("POST", f"{_ONE}/erase", Permission.CARE_FOR_PEOPLE, erase),
)
