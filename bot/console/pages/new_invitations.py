"""Make links for one, for several, or for a group."""

from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.pages import made_links
from bot.console.pages.invitation_fields import (
    in_page_words,
    maker,
    offered,
    read_count,
    read_request,
)
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit
from bot.errors import UsageError
from storage.people import invitations

PATH: Final = "/invitations/new"
MOST: Final = 500
"""Links that one form makes; a list of people makes more."""


async def show_form(visit: ConsoleVisit) -> Response:
    """Show the form that makes links."""
    return await _form(visit)


async def make(visit: ConsoleVisit) -> Response:
    """Make the links that a form asks for, and show them, once; else show the form again with what is wrong."""
    try:
        request = read_request(visit)
        count = read_count(visit, MOST if request.label is None else 1)
        making = maker(visit)

        def work(connection: Connection) -> list[str]:
            made_links.refuse_if_others_made(connection, visit, request.program)
            planned = making.planned(connection, request)
            made_links.audit_made(connection, visit, count, request.program)
            return making.make(connection, [planned] * count)

        tokens = await visit.write(work)
    except UsageError as error:
        return await _form(visit, in_page_words(visit, error))
    return await made_links.show_made(visit, tokens, [request.label or ""] * count)


async def _form(visit: ConsoleVisit, problem: str = "") -> Response:
    return visit.page(
        "new_invitations.html.jinja",
        HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK,
        here="/invitations",
        offered=await offered(visit),
        newest=await visit.read(invitations.newest_number),
        problem=problem,
        most=MOST,
    )


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.INVITE, show_form),
    ConsolePage("POST", PATH, Permission.INVITE, make),
)
