"""Show who did what: the acts of the team as the audit trail keeps them, and who a state is owed to, beside it."""

from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.languages.act_words import DOERS, TOLD
from bot.console.lists import PER_PAGE
from bot.console.pages.invitation_fields import one_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit
from storage.people import coordinators
from storage.reports import team_acts
from storage.reports.team_acts import ActEntry, ActFilter, ActGroup, Doer, TeamAct

PATH: Final = "/acts"


async def show_acts(visit: ConsoleVisit) -> Response:
    """Show what was done last, of all or of what is looked for, some at a time."""
    before = visit.number("before", default=0, least=0)
    wanted = ActFilter(
        person=visit.query("person").upper() or None,
        by=visit.query("by") or None,
        group=one_of(ActGroup, visit.query("group")),
        before=before or None,
    )
    return visit.page(
        "acts.html.jinja",
        here=PATH,
        acts=await visit.read(partial(team_acts.list_acts, wanted=wanted, limit=PER_PAGE)),
        wanted=wanted,
        groups=list(ActGroup),
        members=[one.code for one in await visit.read(coordinators.list_all)],
        told=TOLD,
    )


async def done_by(visit: ConsoleVisit, at: datetime | None, act: TeamAct, **details: object) -> str:
    """Return who it is owed to that something stands so since `at`: a code, or in words; '' for nobody known.

    `details` are what the entry of the act says, such as the `number` of a link.
    """
    if at is None:
        return ""
    wanted = details.items()

    def matches(entry: ActEntry) -> bool:
        return all(entry.details.get(name, value) == value for name, value in wanted)

    def find(connection: Connection) -> ActEntry | None:
        return team_acts.doer_at(connection, at, act, matches)

    found = await visit.read(find)
    return "" if found is None else named(visit, found.by)


def named(visit: ConsoleVisit, by: str | Doer) -> str:
    """Return who did something, as a page shows it."""
    return visit.say(DOERS[by]) if isinstance(by, Doer) else by


PAGES: Final = (ConsolePage("GET", PATH, Permission.RUN_TEAM, show_acts, everywhere=True),)
