"""What a day of the team begins with: who waits for somebody, what is due, and what is out of order."""

from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.permissions import Permission
from bot.console.person_access import is_whole
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.team.messages import tonight
from storage.database import audit
from storage.people import contact_requests
from storage.privacy import requested_erasures
from storage.reports import today
from storage.schema import AuditKind


async def show_today(visit: ConsoleVisit) -> Response:
    """Show what waits, in a program or in all that the member may see."""
    program = await visit.program(Permission.SEE_FIGURES)
    offered = await visit.programs(Permission.SEE_FIGURES)
    until = tonight(visit.coordinator.timezone, visit.now)
    figures = await visit.read(
        partial(today.read_today, programs=None if program is None else [program], until=until, now=visit.now)
    )
    unread = await visit.queues.of(program)
    wishes = await visit.read(partial(requested_erasures.list_standing, now=visit.now))
    health = None if visit.parts.health is None else await visit.parts.health.report()
    return visit.page(
        "today.html.jinja",
        here="",
        figures=figures,
        unread=unread,
        erasures=tuple(
            one
            for one in wishes
            if is_whole(visit, one.programs, Permission.CARE_FOR_PEOPLE)
            and (program is None or program in one.programs)
        ),
        health=health,
        programs=offered,
        program=program,
        most=today.AT_MOST,
    )


async def answer_request(visit: ConsoleVisit) -> Response:
    """Mark a person's request to hear from somebody as answered."""
    number = int(visit.request.path_params["number"])
    request = await visit.read(partial(contact_requests.find_waiting, request_id=number))
    if request is None or not visit.may_in(Permission.CARE_FOR_PEOPLE, request.program):
        raise PageRefused(
            HTTPStatus.NOT_FOUND,
            "No such request of a programme of yours waits: somebody has answered it, or it was deleted.",
        )

    def mark(connection: Connection) -> None:
        if not contact_requests.mark_answered(connection, number, now=visit.now):
            raise PageRefused(HTTPStatus.CONFLICT, "Somebody has answered it meanwhile. Nothing was changed.")
        audit.record(
            connection,
            AuditKind.SETTINGS,
            participant_id=None,
            now=visit.now,
            command="answered",
            request=number,
            by=visit.coordinator.code,
        )

    await visit.write(mark)
    return visit.to("", Done.ANSWERED)


PAGES: Final = (
    ConsolePage("GET", "", Permission.SEE_FIGURES, show_today),
    ConsolePage("POST", "/requests/{number:int}/answered", Permission.CARE_FOR_PEOPLE, answer_request),
)
