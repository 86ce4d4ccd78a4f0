"""Who takes part, and the page of each: what was said, what was sent and why, and what can be done for them."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.team.reasons import in_words
from storage.database import audit
from storage.follow_up import holds
from storage.reports import operators
from storage.reports.operators import Story
from storage.schema import AuditKind
from storage.team import scope

PATH: Final = "/people"
_LONGEST_PAUSE: Final = 365


async def show_people(visit: ConsoleVisit) -> Response:
    """Show the list of people, who wrote last first; nobody's words."""
    program = await visit.program(Permission.SEE_PEOPLE)
    lines = await visit.read(
        partial(operators.list_participants, program=program, limit=PER_PAGE, offset=offset_of(visit))
    )
    total = await visit.read(partial(operators.count_participants, program=program))
    return visit.page(
        "people.html.jinja",
        here=PATH,
        people=list_page(visit, lines, total),
        program=program,
        programs=await visit.programs(Permission.SEE_PEOPLE),
    )


async def show_person(visit: ConsoleVisit) -> Response:
    """Show a person's story: what was sent to them and why, and what is to come. That it was looked at is audited."""
    story = await _story(visit, Permission.SEE_PEOPLE)

    def look(connection: Connection) -> None:
        audit.record(
            connection,
            AuditKind.VIEW,
            participant_id=story.id,
            now=visit.now,
            what="story",
            by=visit.coordinator.code,
        )

    await visit.write(look)
    held = await visit.read(lambda connection: holds.held_for_team(connection, story.id))
    own = await visit.read(lambda connection: holds.held_until(connection, story.id))
    return visit.page(
        "person.html.jinja",
        here=PATH,
        story=story,
        held=held if held is not None and held > visit.now else None,
        own=own if own is not None and own > visit.now else None,
        in_words=in_words,
        programs=await visit.read(partial(scope.programs_of_person, code=story.code)),
    )


async def pause(visit: ConsoleVisit) -> Response:
    """Hold back what is sent to a person of our own accord for so many days, or end that."""
    story = await _story(visit, Permission.CARE_FOR_PEOPLE)
    told = visit.form.value("days")
    if not (told.isascii() and told.isdecimal() and int(told) <= _LONGEST_PAUSE):
        raise PageRefused(
            HTTPStatus.BAD_REQUEST, "Write a number of days from 0 to 365. Nothing was changed."
        )
    until = visit.now + timedelta(days=int(told)) if int(told) else None

    def work(connection: Connection) -> None:
        holds.hold_for_team(connection, participant_id=story.id, until=until, now=visit.now)
        audit.record(
            connection, AuditKind.SETTINGS, participant_id=story.id, now=visit.now, command="pause",
            number=int(told), coordinator=visit.coordinator.code,
        )  # fmt: skip

    await visit.write(work)
    return visit.to(f"{PATH}/{story.code}", Done.PAUSED if until else Done.PAUSE_ENDED)


async def _story(visit: ConsoleVisit, permission: Permission) -> Story:
    """Return the story of the person whom the address names, if the member may do this for them.

    Raises:
        PageRefused: there is nobody of that code in a program that is theirs.
    """
    code = str(visit.request.path_params["code"])
    story = await visit.read(partial(operators.participant_story, code=code))
    theirs = await visit.read(partial(scope.programs_of_person, code=code))
    if story is None or not (visit.may(permission) and _is_theirs(visit, permission, theirs)):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is nobody of that code in a programme of yours.")
    return story


def _is_theirs(visit: ConsoleVisit, permission: Permission, programs: tuple[str, ...]) -> bool:
    return any(visit.may(permission, program) for program in programs) or (
        not programs and _everywhere(visit, permission)
    )


def _everywhere(visit: ConsoleVisit, permission: Permission) -> bool:
    try:
        visit.require(permission)
    except PageRefused:
        return False
    return True


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.SEE_PEOPLE, show_people),
    ConsolePage("GET", f"{PATH}/{{code}}", Permission.SEE_PEOPLE, show_person),
    ConsolePage("POST", f"{PATH}/{{code}}/pause", Permission.CARE_FOR_PEOPLE, pause),
)
