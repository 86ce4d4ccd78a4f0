"""Make the cut of the report that a supporter may see: listed tables and columns, and nothing that tells of a few.

The theory (docs/why/small-cells.md). What is not listed in `SEEN` is not seen: no words, no codes of persons, no days,
no sources. Each number is a cell of a tree of totals, in which `storage.export.small_cells` hides the small ones and
those that would tell them; whoever came in, each activity's commitments, each barrier and the themes are trees of their
own. Their numbers are linked by "at most" alone, and one of people who are nearly all of those in question is hidden as
well: so between two numbers that are shown there are at least five people, and none pins what is hidden in another
tree. That also is why several numbers of the team's tables are not here: clinicians beside their commitments, a theme's
commitments beside an activity's, and every wave but the newest report.

A share is shown where all that it is made of is. A row of which nothing can be shown is left out, and a table of which
nothing can be shown says so: that there is a row would tell that there is somebody.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy import Connection

from storage.export.funnel import WaveFunnel
from storage.export.measures.measure import Figure, MeasureCell, MeasureRow, MeasureTable
from storage.export.measures.registry import EVERY_TABLE
from storage.export.small_cells import (
    LEAST_PEOPLE,
    CellTree,
    HiddenMark,
    Shown,
    suppress_small_cells,
    total,
)
from storage.export.statistics import STATUSES, CommitmentCount
from storage.export.tables.waves import supporter_cells
from storage.outcomes.supporter_counts import CareAnswers, SupporterCounts, ThemeCounts, read_counts
from storage.schema import ImplementationStatus

SEEN: Final[Mapping[str, tuple[str, ...]]] = {
    "response.links": ("role", "flow", "opened", "finished", "finished_of_opened"),
    "response.implemented": (
        "activity", "due", "responded",
        "done_of_responders", "done_of_due", "full_of_responders", "full_of_due",
    ),
    "response.statuses": ("activity", "status", "commitments", "of_responders", "of_due"),
    "response.barriers": ("barrier", "met"),
    "loop.themes": ("theme", "label", "raised", "activities", "objectives", "better", "judged_better"),
}  # fmt: skip
"""The tables of measures that a supporter sees, and their columns; all others are not seen until they stand here."""
TOO_FEW: Final = "Not shown: fewer than five people, or a number that would tell of so few."
"""What stands in place of a table or step of which nothing can be shown, however many people it is about."""
NOTE: Final = (
    "<5 is fewer than five people, or nobody; hidden would tell such a number. A share of which a number is"
    " hidden is empty, and rows without any number that can be shown are left out."
)
_FULL: Final = ImplementationStatus.FULL.value
_DONE: Final = (_FULL, ImplementationStatus.PARTIAL.value)

KnownCell = tuple[int, int, int]
"""A number that can be read or worked out, how many people it rests on, and how many one of them has at most."""
Cells = Mapping[str, KnownCell]
"""What is known by its place, such as `commitments/spring/responded`: a part stands below its total."""


@dataclass(frozen=True, slots=True)
class CutTable:
    """A table as a supporter sees it. Without a row it is too few to show."""

    table: MeasureTable
    rows: tuple[MeasureRow, ...]

    @property
    def is_too_few(self) -> bool:
        """Return whether nothing of it can be shown: `TOO_FEW` stands in its place."""
        return not self.rows


@dataclass(frozen=True, slots=True)
class SupporterView:
    """What a supporter sees of a program, and what they know by it."""

    tables: tuple[CutTable, ...]
    cells: Cells


def narrowed(table: MeasureTable) -> MeasureTable | None:
    """Return a table of measures with the columns that a supporter sees; None where they see none of it."""
    seen = SEEN.get(table.name)
    if seen is None:
        return None
    return replace(
        table,
        keys=tuple(key for key in table.keys if key in seen),
        measures=tuple(one for one in table.measures if one.column in seen),
        note=NOTE,
        count=partial(_count_alone, table.name),
    )


def _count_alone(name: str, connection: Connection, program: str) -> Iterable[MeasureRow]:
    """Return the rows of one table as a supporter sees it."""
    [found] = [one for one in supporter_view(connection, program).tables if one.table.name == name]
    return found.rows


SUPPORTER_TABLES: Final[tuple[MeasureTable, ...]] = tuple(filter(None, map(narrowed, EVERY_TABLE)))
"""The tables that a supporter sees, in the order of the team's."""


def supporter_view(connection: Connection, program: str) -> SupporterView:
    """Return what a supporter sees of a program, by its short name; the connection says of which cohort."""
    return hide_the_few(read_counts(connection, program))


def hide_the_few(counts: SupporterCounts) -> SupporterView:
    """Return what may be shown of some counts. Pure: the same counts give the same cut."""
    cells: dict[str, KnownCell] = {}
    tables = [
        CutTable(table, tuple(_MAKERS[table.name](counts, cells)))
        for table in SUPPORTER_TABLES
        if table.name in _MAKERS
    ]
    return SupporterView(tuple(tables), cells)


_Known = dict[str, KnownCell]
"""Cells while they are collected."""


def _of(people: Collection[int]) -> CommitmentCount:
    """Return people as a cell: each counts once."""
    return CommitmentCount(dict.fromkeys(people, 1))


def _people(name: str, people: Collection[int]) -> CellTree:
    return CellTree(name, _of(people))


def _keep(known: _Known, place: str, node: CellTree, shown: Shown, each: int | None = None) -> None:
    """Add what is shown of a tree to what is known; `each` is how many one person has at most, by its root."""
    most = each if each is not None else max(node.cell.who.values(), default=1)
    if not isinstance(shown[node.name], HiddenMark):
        known[place] = node.cell.n, node.cell.people, most
    for part in node.parts:
        _keep(known, f"{place}/{part.name}", part, shown, most)


def _are_shown(*found: int | HiddenMark) -> bool:
    return not any(isinstance(one, HiddenMark) for one in found)


def _links(counts: SupporterCounts, known: _Known) -> Iterator[MeasureRow]:
    """Yield who came in and finished, by role and flow; not where commitments tell that nearly all made one."""
    for one in counts.came_in:
        if _least_who_committed(counts, one.opened) > len(one.opened) - LEAST_PEOPLE:
            continue
        tree = total(
            "opened", _people("finished", one.finished), _people("not_finished", one.opened - one.finished)
        )
        shown = suppress_small_cells(tree)
        opened, finished = shown["opened"], shown["finished"]
        _keep(known, f"people/{one.role}/{one.flow}", tree, shown)
        if _are_shown(opened) or _are_shown(finished):
            yield one.role, one.flow, opened, finished, _figure(shown, ("finished",), "opened", ())


def _least_who_committed(counts: SupporterCounts, people: Collection[int]) -> int:
    """Return how many of some people must have made a commitment, for a reader of an activity's commitments."""
    least = 0
    for wave in counts.commitments:
        who = supporter_cells(wave).cell.who
        if not who.keys().isdisjoint(people):
            least = max(least, -(-sum(who.values()) // max(who.values())))
    return least


def _figure(shown: Shown, parts: Iterable[str], whole: str, beside: Iterable[str]) -> Figure | None:
    """Return the share of some cells in another; None where one of these, or of those beside, is hidden."""
    found = [shown[name] for name in parts]
    of = shown[whole]
    if isinstance(of, HiddenMark) or not _are_shown(*found, *(shown[name] for name in beside)):
        return None
    n = sum(one for one in found if not isinstance(one, HiddenMark))
    return Figure(n, of, of)


def _activities(counts: SupporterCounts, known: _Known) -> Iterator[tuple[str, Shown]]:
    """Yield what is shown of each activity's commitments, where anything is."""
    for wave in counts.commitments:
        tree, activity = supporter_cells(wave), wave.activity or ""
        shown = suppress_small_cells(tree)
        _keep(known, commitments_place(wave), tree, shown)
        if any(_are_shown(one) for one in shown.values()):
            yield activity, shown


def commitments_place(wave: WaveFunnel) -> str:
    """Return the place of an activity's commitments among what is known."""
    return f"commitments/{wave.activity or ''}"


def _implemented(counts: SupporterCounts, known: _Known) -> Iterator[MeasureRow]:
    """Yield what is implemented by the newest report, by activity."""
    for activity, shown in _activities(counts, known):
        shares = (
            _figure(shown, parts, whole, ("responded", "due"))
            for parts in (_DONE, (_FULL,))
            for whole in ("responded", "due")
        )
        yield activity, shown["due"], shown["responded"], *shares


def _statuses(counts: SupporterCounts, known: _Known) -> Iterator[MeasureRow]:
    """Yield each status, those that nobody reported too, by activity."""
    for activity, shown in _activities(counts, known):
        for status in STATUSES:
            shares = (
                _figure(shown, (status,), whole, ("responded", "due")) for whole in ("responded", "due")
            )
            yield activity, status, shown[status], *shares


def _barriers(counts: SupporterCounts, known: _Known) -> Iterator[MeasureRow]:
    """Yield the barriers that at least five clinicians met and at least five of those asked did not, most first."""
    enough: dict[str, int] = {}
    for code, met in counts.met.items():
        if min(len(met), len(counts.asked - met)) >= LEAST_PEOPLE:
            enough[code] = len(met)
            known[f"barriers/{code}"] = len(met), len(met), 1
    for code in sorted(enough, key=lambda one: (-enough[one], one)):
        yield code, enough[code]


def _themes(counts: SupporterCounts, known: _Known) -> Iterator[MeasureRow]:
    """Yield the themes of the codebook; nothing where no theme can be shown."""
    raised = dict(suppress_small_cells(total("", *(_people(one.theme, one.raised) for one in counts.themes))))
    rows = []
    for one in counts.themes:
        mark = raised[one.theme]
        if _are_shown(mark) and len(counts.picked - one.raised) < LEAST_PEOPLE:
            mark = HiddenMark.COVER
        if _are_shown(mark):
            known[f"themes/{one.theme}"] = len(one.raised), len(one.raised), 1
        judged = (
            _judged(one, answers, f"{name}/{one.theme}", known) if _are_shown(mark) else None
            for name, answers in (("better", one.rated), ("judged_better", one.judged))
        )
        row: tuple[MeasureCell, ...] = one.theme, one.label, mark, one.activities, one.objectives, *judged
        rows.append((row, _are_shown(mark)))
    if any(is_shown for _, is_shown in rows):
        yield from (row for row, _ in rows)


def _judged(theme: ThemeCounts, answers: CareAnswers, place: str, known: _Known) -> Figure | None:
    """Return for how many of those who raised a theme and were asked again it is better; None where that is hidden."""
    told, better = answers
    if not better <= told <= theme.raised:
        return None
    asked = total("told", _people("better", better), _people("not_better", told - better))
    tree = total("raised", asked, _people("not_told", theme.raised - told))
    shown = suppress_small_cells(tree)
    found = _figure(shown, ("better",), "told", ("raised", "not_told", "not_better"))
    if found is not None:
        _keep(known, place, tree, shown)
    return found


_Maker = Callable[[SupporterCounts, _Known], Iterator[MeasureRow]]
_MAKERS: Final[Mapping[str, _Maker]] = {
    "response.links": _links,
    "response.implemented": _implemented,
    "response.statuses": _statuses,
    "response.barriers": _barriers,
    "loop.themes": _themes,
}
"""How the rows of each table that is seen are made."""


def export_cells(waves: Iterable[WaveFunnel]) -> Cells:
    """Return what a reader of `said export --for supporters` knows: the commitments of each activity."""
    known: _Known = {}
    for wave in waves:
        tree = supporter_cells(wave)
        _keep(known, commitments_place(wave), tree, suppress_small_cells(tree))
    return known
