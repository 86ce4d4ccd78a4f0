"""Make links for a list of people: the file is looked at first, and makes something only once that was confirmed.

Nothing is kept between the two: the form of the second page carries the file's text, which is read anew.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.pages import made_links
from bot.console.pages.invitation_fields import in_page_words, maker, offered, read_request
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit
from bot.errors import UsageError
from bot.invitations.requests import RosterPlan
from bot.invitations.roster import MOST_BYTES, MOST_LINES, MOST_PROBLEMS, Roster, read_roster
from storage.people import invitations

PATH: Final = "/invitations/roster"
CONFIRM_PATH: Final = f"{PATH}/confirm"
_FORM_BYTES: Final = 4 * MOST_BYTES
"""Of a list with the fields around it: as the form of the second page holds it, quoted, it is longer."""
SHOWN: Final = 20
"""People of a list that are shown before anything is made."""


async def show_form(visit: ConsoleVisit) -> Response:
    """Show the form that takes a list of people."""
    return await _form(visit)


async def preview(visit: ConsoleVisit) -> Response:
    """Show what would be made of a list, or what is wrong with it by line; nothing is made."""
    try:
        request = read_request(visit)
    except UsageError as error:
        return await _form(visit, in_page_words(visit, error))
    people = read_roster(visit.form.files.get("file", b""))
    plan = await visit.read(partial(maker(visit).planned_roster, request=request, roster=people))
    if plan.problems:
        return await _form(visit, plan=plan)
    await made_links.audit_labels(visit, min(SHOWN, len(people.lines)))
    return visit.page(
        "roster_preview.html.jinja",
        here="/invitations",
        lines=people.lines[:SHOWN],
        total=len(people.lines),
        kinds=Counter((one.role.value, one.language, one.source) for one in plan.invitations),
        text=_as_text(people),
        newest=await visit.read(invitations.newest_number),
        fields=[
            (name, value) for name, values in visit.form.values.items() for value in values if name != "mark"
        ],
    )


async def confirm(visit: ConsoleVisit) -> Response:
    """Make a link for each person of the list that was shown, all or none, and show them, once."""
    try:
        request = read_request(visit)
    except UsageError as error:
        return await _form(visit, in_page_words(visit, error))
    people = read_roster("".join(visit.form.all("text")).encode(), _FORM_BYTES)
    making = maker(visit)
    drawn = await visit.read(partial(making.drawn_roster, request=request, roster=people))
    if isinstance(drawn, RosterPlan):
        return await _form(visit, plan=drawn)

    def begin(connection: Connection, first: Callable[[Connection], None]) -> None:
        made_links.refuse_if_others_made(connection, visit, request.program)
        made_links.audit_made(connection, visit, len(drawn.made), request.program)
        first(connection)

    steps = making.steps(drawn)
    await visit.write(partial(begin, first=next(steps)))
    for step in steps:
        await visit.write(step)
    return await made_links.show_made(visit, drawn.tokens, [one.label for one in people.lines])


async def _form(visit: ConsoleVisit, problem: str = "", plan: RosterPlan | None = None) -> Response:
    problems = () if plan is None else plan.problems
    return visit.page(
        "roster.html.jinja",
        HTTPStatus.BAD_REQUEST if problem or problems else HTTPStatus.OK,
        here="/invitations",
        offered=await offered(visit),
        problem=problem,
        problems=problems[:MOST_PROBLEMS],
        total=len(problems),
        most=MOST_LINES,
    )


def _as_text(people: Roster) -> str:
    """Return a list of people as the text of a file that reads the same, however it was written before."""
    cells = [("label", "language", "role", "source")]
    cells += [(one.label, one.language or "", one.role or "", one.source or "") for one in people.lines]
    return "\n".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in cells)


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.INVITE, show_form),
    ConsolePage("POST", PATH, Permission.INVITE, preview, most_bytes=MOST_BYTES + 64_000),
    ConsolePage("POST", CONFIRM_PATH, Permission.INVITE, confirm, most_bytes=_FORM_BYTES),
)
