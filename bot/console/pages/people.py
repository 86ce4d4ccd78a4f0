"""Who takes part: a list that can be filtered, sorted and gone through page by page. Codes only, nobody's words."""

from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from starlette.responses import Response

from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit
from flows.script.roles import Role
from storage.enums import PeopleOrder, PersonState
from storage.reports import people
from storage.reports.people import PeopleFilter

PATH: Final = "/people"
Choice = TypeVar("Choice", bound=StrEnum)


async def show_people(visit: ConsoleVisit) -> Response:
    """Show the people who are asked for, those who wrote last first."""
    program = await visit.program(Permission.SEE_PEOPLE)
    offered = await visit.programs(Permission.SEE_PEOPLE)
    wanted = PeopleFilter(
        program=program,
        state=_chosen(visit, "state", PersonState),
        role=_chosen(visit, "role", Role),
        activity=visit.query("activity") or None,
        source=visit.query("source") or None,
        language=visit.query("language") or None,
        owes=visit.number("owes", least=1, default=0) or None,
    )
    order, start = _chosen(visit, "sort", PeopleOrder) or PeopleOrder.LAST_TURN, offset_of(visit)
    part = slice(start, start + PER_PAGE)
    found = await visit.read(
        partial(people.list_people, wanted=wanted, now=visit.now, order=order, part=part)
    )
    here = None if program is None else [program]
    return visit.page(
        "people.html.jinja",
        here=PATH,
        people=list_page(visit, found.lines, found.total),
        wanted=wanted,
        is_filtered=wanted != PeopleFilter(program=program),
        order=order,
        choices=await visit.read(partial(people.choices, programs=here)),
        languages=tuple(dict.fromkeys(visit.parts.runtime.localizations.languages)),
        states=tuple(PersonState),
        roles=tuple(Role),
        orders=tuple(PeopleOrder),
        program=program,
        programs=offered,
    )


def _chosen(visit: ConsoleVisit, name: str, kind: type[Choice]) -> Choice | None:
    """Return what the address asks for; None for nothing, or what there is not."""
    told = visit.query(name)
    return kind(told) if told in set(kind) else None


PAGES: Final = (ConsolePage("GET", PATH, Permission.SEE_PEOPLE, show_people),)
