"""What a day of the team begins with: who waits for somebody, what is due, and what is out of order."""

from functools import partial
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit
from bot.team.messages import tonight
from storage.database import audit
from storage.people import contact_requests
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
    health = None if visit.parts.health is None else await visit.parts.health.report()
    return visit.page(
        "today.html.jinja",
        here="",
        figures=figures,
        unread=unread,
        health=health,
        programs=offered,
        program=program,
        most=today.AT_MOST,
    )


async def answer_request(visit: ConsoleVisit) -> Response:
    """Mark a person's request to hear from somebody as answered."""
    told = visit.request.path_params["number"]
    waiting = await visit.read(contact_requests.list_waiting)
    request = next((one for one in waiting if one.id == told), None)
    if request is None:
        return visit.to("", Done.ANSWERED)
    visit.require(Permission.CARE_FOR_PEOPLE, request.program)

    def mark(connection: Connection) -> None:
        contact_requests.mark_answered(connection, request.id, now=visit.now)
        audit.record(
            connection,
            AuditKind.SETTINGS,
            participant_id=None,
            now=visit.now,
            command="answered",
            request=request.id,
            by=visit.coordinator.code,
        )

    await visit.write(mark)
    return visit.to("", Done.ANSWERED)


PAGES: Final = (
    ConsolePage("GET", "", Permission.SEE_FIGURES, show_today),
    ConsolePage("POST", "/requests/{number:int}/answered", Permission.CARE_FOR_PEOPLE, answer_request),
)
