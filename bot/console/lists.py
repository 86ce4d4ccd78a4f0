"""Cut a long list into pages, and lead from one to the next with all else that the address asks for."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from bot.console.visit import ConsoleVisit

T = TypeVar("T")

PER_PAGE = 50
"""Lines of a page."""


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """A page of a list: its `lines`, how many there are in all, and which page of how many it is."""

    lines: tuple[T, ...]
    total: int
    page: int
    query: tuple[tuple[str, str], ...]

    @property
    def last(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.total // PER_PAGE))

    def at(self, page: int) -> str:
        """Return the query that leads to another page, with the same filters."""
        return "?" + urlencode([*self.query, ("page", str(page))])


def offset_of(visit: ConsoleVisit) -> int:
    """Return how many lines stand before the page that is asked for."""
    return (visit.number("page") - 1) * PER_PAGE


def list_page(visit: ConsoleVisit, lines: tuple[T, ...], total: int) -> ListPage[T]:
    """Return the page that is asked for, whose lines were read."""
    kept = [
        (name, value) for name, value in visit.request.query_params.items() if name not in ("page", "done")
    ]
    return ListPage(lines, total, visit.number("page"), tuple(kept))
