"""The links that let people in: which there are and how they stand, and their end, extension and replacement."""

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.pages import acts, made_links, new_invitations, rosters
from bot.console.pages.invitation_fields import in_page_words, one_of, read_day
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.errors import UsageError
from storage.enums import InvitationSort, InvitationState
from storage.people import invitation_changes, invitation_states, invitations
from storage.people.invitation_changes import InvitationChange
from storage.people.invitation_states import InvitationFilter, InvitationRecord
from storage.reports.team_acts import TeamAct

PATH: Final = "/invitations"


async def show_invitations(visit: ConsoleVisit) -> Response:
    """Show the links, filtered and sorted, and how those of each source stand; their labels only where asked for."""
    program = await visit.program(Permission.INVITE)
    wanted = InvitationFilter(
        program, visit.query("source") or None, one_of(InvitationState, visit.query("state"))
    )
    sort = one_of(InvitationSort, visit.query("sort")) or InvitationSort.NEWEST
    rows = await visit.read(
        lambda connection: invitation_states.list_invitations(
            connection, wanted, visit.now, sort=sort, page=(PER_PAGE, offset_of(visit))
        )
    )
    total = await visit.read(
        lambda connection: invitation_states.count_invitations(connection, wanted, visit.now)
    )
    tallies = await visit.read(partial(invitation_states.tally_sources, now=visit.now, program=program))
    return visit.page(
        "invitations.html.jinja",
        here=PATH,
        invitations=list_page(visit, rows, total),
        labels=await _labels(visit, rows) if visit.query("labels") else None,
        tallies=tallies,
        wanted=wanted,
        sort=sort,
        states=list(InvitationState),
        sorts=list(InvitationSort),
        program=program,
        programs=await visit.programs(Permission.INVITE),
    )


async def show_invitation(visit: ConsoleVisit) -> Response:
    """Show a link, what it is called, and what can be done with it."""
    one = await _invitation(visit)
    return visit.page(
        "invitation.html.jinja",
        here=PATH,
        one=one,
        label=(await _labels(visit, [one])).get(one.id),
        newest=await visit.read(invitations.newest_number),
        made_by=await acts.done_by(visit, one.created_at, TeamAct.LINKS_MADE, program=one.program),
        revoked_by=await _revoked_by(visit, one),
    )


async def _revoked_by(visit: ConsoleVisit, one: InvitationRecord) -> str:
    """Return who revoked a link, or replaced it; '' where nobody did, or it is not known."""
    for act in (TeamAct.LINK_REVOKED, TeamAct.LINK_REPLACED):
        found = await acts.done_by(visit, one.revoked_at, act, number=one.id)
        if found:
            return found
    return ""


async def revoke(visit: ConsoleVisit) -> Response:
    """Have a link let in nobody any more."""
    return await _change(visit, Done.REVOKED, invitation_changes.revoke)


async def extend(visit: ConsoleVisit) -> Response:
    """Have a link be good until the end of a day, or without end where none was given."""
    try:
        until = read_day(visit, "until")
    except UsageError as error:
        problem = in_page_words(visit, error)
        raise PageRefused(
            HTTPStatus.BAD_REQUEST, "%(problem)s Nothing was changed.", problem=problem
        ) from error
    return await _change(visit, Done.EXTENDED, partial(invitation_changes.extend, until=until))


async def replace(visit: ConsoleVisit) -> Response:
    """Make a new link in the place of another, and show it, once; unless that was done since the page was made."""
    one = await _invitation(visit)
    token = invitations.new_token()
    hashed, change = visit.parts.database.identity.token_hash(token), _by(visit)

    def work(connection: Connection) -> None:
        _refuse_if_changed(connection, visit, one)
        if invitation_states.copied_since(connection, made_links.newest_seen(visit), one):
            raise PageRefused(
                HTTPStatus.CONFLICT,
                "A link like this one was made since you opened its page, by you or by somebody else. Nothing was made"
                " now: look at the list first.",
            )
        invitation_changes.replace(connection, one.id, hashed, change)

    await visit.write(work)
    sealed = one.label_sealed
    label = "" if sealed is None else visit.parts.database.identity.open(sealed)
    return await made_links.show_made(visit, [token], [label], replaced=one.id)


async def _change(visit: ConsoleVisit, done: Done, work: Callable[..., None]) -> Response:
    """Do something with a link, unless it was changed, or used, since the page was made."""
    one = await _invitation(visit)
    change = _by(visit)

    def unless_changed(connection: Connection) -> None:
        _refuse_if_changed(connection, visit, one)
        work(connection, [one.id], change=change)

    await visit.write(unless_changed)
    return visit.to(f"{PATH}/{one.id}", done)


def _refuse_if_changed(connection: Connection, visit: ConsoleVisit, one: InvitationRecord) -> None:
    """Refuse to change a link that does not stand any more as the page showed it.

    Raises:
        PageRefused: it was used or changed.
    """
    now = invitation_states.find(connection, one.id, visit.now)
    if now is None or now.stands != visit.form.value("stands"):
        raise PageRefused(
            HTTPStatus.CONFLICT,
            "This link was used or changed since you opened its page. Nothing was changed by you; look again.",
        )


async def _invitation(visit: ConsoleVisit) -> InvitationRecord:
    """Return the link of the number in the address, if the member may make links in its program.

    Raises:
        PageRefused: there is none of it in a program that is theirs.
    """
    number = int(visit.request.path_params["number"])
    one = await visit.read(partial(invitation_states.find, number=number, now=visit.now))
    if one is None or not visit.may(Permission.INVITE, one.program):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such link in a programme of yours.")
    return one


async def _labels(visit: ConsoleVisit, rows: Sequence[InvitationRecord]) -> dict[int, str]:
    """Return what each link is called, by number; that it was shown is audited."""
    opened = visit.parts.database.identity.open
    called = {row.id: opened(row.label_sealed) for row in rows if row.label_sealed is not None}
    await made_links.audit_labels(visit, len(called))
    return called


def _by(visit: ConsoleVisit) -> InvitationChange:
    return InvitationChange(visit.now, visit.coordinator.code)


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.INVITE, show_invitations),
    *new_invitations.PAGES,
    *rosters.PAGES,
    *made_links.PAGES,
    ConsolePage("GET", f"{PATH}/{{number:int}}", Permission.INVITE, show_invitation),
    ConsolePage("POST", f"{PATH}/{{number:int}}/revoke", Permission.INVITE, revoke),
    ConsolePage("POST", f"{PATH}/{{number:int}}/extend", Permission.INVITE, extend),
    ConsolePage("POST", f"{PATH}/{{number:int}}/replace", Permission.INVITE, replace),
)
