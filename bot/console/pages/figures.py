"""Follow-ups, the loop, accreditation: tables of measures, each number with what it is and the way to its rows.

They are counted by `said program response`, `loop` and `accreditation`, beside the bot: whoever opens the page waits
for some seconds, and no conversation does.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import job_access
from bot.console.jobs import JobKind, JobOrder, JobState
from bot.console.languages.marks import noted
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.coding import codebooks
from storage.export.measures.measure import MeasureTable
from storage.export.measures.registry import LOOP_TABLES, RESPONSE_TABLES
from storage.outcomes.registry import ReportFacts, accreditation
from storage.programs import programs

FOLLOW_UPS: Final = "/follow-ups"
LOOP: Final = "/loop"
ACCREDITATION: Final = "/accreditation"
_WAVES: Final = "response.waves"
_LOOP_TABLE: Final = "loop.themes"
_BREAK: Final = "break"
_COLUMNS: Final = {_BREAK: noted("where it gets stuck")}
"""Columns that are called otherwise than their measures."""
_NOT_TAUGHT: Final = "taught in 0 activities"
_NOT_FILLED_IN: Final = noted("not filled in yet")
_TAUGHT_NOT_FILLED_IN: Final = noted("what teaches it is not filled in yet")
_NAMED: Final = frozenset({*_COLUMNS.values(), _NOT_FILLED_IN})
"""Columns and cells that are sentences of the page's own."""
_NOTHING: Final = "\u2013"
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT")
_FRESH: Final = timedelta(minutes=15)
_TABLES: Final[Mapping[JobKind, tuple[MeasureTable, ...]]] = {
    JobKind.RESPONSE: RESPONSE_TABLES,
    JobKind.LOOP: LOOP_TABLES,
    JobKind.ACCREDITATION: accreditation(ReportFacts()),
}
_QUESTIONS: Final = {
    JobKind.RESPONSE: noted("Who answered, and what became of what they promised?"),
    JobKind.LOOP: noted("Did what patients raised change what is done?"),
    JobKind.ACCREDITATION: noted("Which activities meet ACCME's criteria, and how many more are needed?"),
}
_TITLES: Final = {
    JobKind.RESPONSE: noted("Follow-ups"),
    JobKind.LOOP: noted("Loop"),
    JobKind.ACCREDITATION: noted("Accreditation"),
}
_PATHS: Final = {
    JobKind.RESPONSE: FOLLOW_UPS,
    JobKind.LOOP: LOOP,
    JobKind.ACCREDITATION: ACCREDITATION,
}
_ROWS: Final[Mapping[str, tuple[str, str, Permission]]] = {
    "response.links": ("/invitations", noted("Links"), Permission.INVITE),
    "response.dispositions": ("/people", noted("People"), Permission.SEE_PEOPLE),
    "response.waves": ("/people", noted("People"), Permission.SEE_PEOPLE),
    "response.reminders": ("/people", noted("People"), Permission.SEE_PEOPLE),
    "response.minutes": ("/people", noted("People"), Permission.SEE_PEOPLE),
    "response.questions": ("/reading", noted("Reading"), Permission.READ_WORDS),
    "loop.themes": ("/themes", noted("Themes"), Permission.CODE_WORDS),
}
"""Where the rows behind a table are listed; those of the others stand in an export."""
_IN_EXPORTS: Final = ("/reports", noted("Rows, in an export"), Permission.HAND_OUT)


@dataclass(frozen=True, slots=True)
class FiguresTable:
    """A table as a page shows it: columns with names and definitions, cells in words, and the way to its rows."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    definitions: tuple[tuple[str, str, str], ...]
    """Name, definition, and who it comes from, of each number."""
    keys: int
    rows_at: tuple[str, str, Permission]
    sentences: tuple[str, ...] = ()
    """Of the table of the loop: for each row the code of its theme, '' where the codebook in use has none."""
    owing: tuple[int, ...] = ()
    """Of the table of waves: the days of those at which somebody was asked who has not answered."""


@dataclass(frozen=True, slots=True)
class ObjectiveThemes:
    """How far the file of a program tells what is taught: its objectives, and those of them that name a theme.

    `themes` are the codes of the codebook in use.
    """

    objectives: int = 0
    named: int = 0
    themes: frozenset[str] = frozenset()

    @property
    def note(self) -> str:
        """Return in a sentence what a theme with no activity means, with `objectives` and `open` to be filled in."""
        if not self.named:
            return noted(
                "Nobody has filled in yet what is taught: no objective names a theme (%(open)s of %(objectives)s)."
            )
        if self.named < self.objectives:
            return noted(
                "“Taught in 0 activities” says that no objective names the theme. Not filled in yet: %(open)s of"
                " %(objectives)s objectives name no theme."
            )
        return noted(
            "“Taught in 0 activities” says that no objective names the theme."
            " All %(objectives)s objectives name theirs."
        )


async def show_follow_ups(visit: ConsoleVisit) -> Response:
    """Show response, from link to last wave."""
    return await _show(visit, JobKind.RESPONSE)


async def show_loop(visit: ConsoleVisit) -> Response:
    """Show by theme what was raised, taught, promised, done and noticed."""
    return await _show(visit, JobKind.LOOP)


async def show_accreditation(visit: ConsoleVisit) -> Response:
    """Show which activities meet the criteria of accreditation."""
    return await _show(visit, JobKind.ACCREDITATION)


async def count_follow_ups(visit: ConsoleVisit) -> Response:
    """Count response anew."""
    return await _count_anew(visit, JobKind.RESPONSE)


async def count_loop(visit: ConsoleVisit) -> Response:
    """Count the loop anew."""
    return await _count_anew(visit, JobKind.LOOP)


async def count_accreditation(visit: ConsoleVisit) -> Response:
    """Count what meets the criteria of accreditation anew."""
    return await _count_anew(visit, JobKind.ACCREDITATION)


async def _show(visit: ConsoleVisit, kind: JobKind) -> Response:
    """Show the tables as counted last; where that is long ago, or never was, they are counted now."""
    offered = await visit.programs(Permission.SEE_FIGURES)
    program = await visit.program(Permission.SEE_FIGURES) or (offered[0] if offered else None)
    jobs = visit.parts.jobs
    job = None if jobs is None or program is None else jobs.newest(kind, program)
    if jobs is not None and program is not None and (job is None or _is_stale(visit, job.ended_at)):
        job = job_access.begin(visit, _order(visit, kind, program))
    counted = job.output() if job is not None and job.state is JobState.DONE else None
    taught = None
    if kind is JobKind.LOOP and counted is not None and program is not None:
        taught = await visit.read(partial(_taught, program=program))
    return job_access.waiting(
        visit.page(
            "figures.html.jinja",
            here=_PATHS[kind],
            title=_TITLES[kind],
            question=_QUESTIONS[kind],
            program=program,
            programs=offered,
            job=job,
            taught=taught,
            named=_NAMED,
            tables=() if counted is None else shown_tables(kind, counted["tables"], taught),
        ),
        job,
    )


async def _count_anew(visit: ConsoleVisit, kind: JobKind) -> Response:
    program = visit.form.value("program")
    if program not in await visit.programs(Permission.SEE_FIGURES):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such programme, or it is not yours.")
    job = job_access.runner(visit).newest(kind, program)
    if job is None or job.state.is_over:
        job_access.begin(visit, _order(visit, kind, program))
    return visit.to(f"{_PATHS[kind]}?program={program}")


def _order(visit: ConsoleVisit, kind: JobKind, program: str) -> JobOrder:
    return JobOrder(kind, ("program", kind.value, program), visit.coordinator.code, program)


def _is_stale(visit: ConsoleVisit, ended_at: Any) -> bool:
    return ended_at is not None and visit.now - ended_at > _FRESH


def _taught(connection: Connection, *, program: str) -> ObjectiveThemes:
    """Return how far it is told what a program teaches."""
    number = codebooks.program_number(connection, program)
    file, kept = programs.program_file(connection, number), codebooks.in_use(connection, number)
    aims = [objective.theme for activity in file.activities for objective in activity.objectives]
    codes = () if kept is None else kept.codebook.names
    return ObjectiveThemes(len(aims), sum(one is not None for one in aims), frozenset(codes))


def shown_tables(
    kind: JobKind, counted: Sequence[Mapping[str, Any]], taught: ObjectiveThemes | None = None
) -> tuple[FiguresTable, ...]:
    """Return the tables that a command printed as JSON, as a page shows them; empty columns are left out.

    `taught` is for the table of the loop.
    """
    by_name = {one["name"]: one for one in counted}
    return tuple(
        _shown(table, by_name[table.name])
        if taught is None or table.name != _LOOP_TABLE
        else _shown_loop(table, by_name[table.name], taught)
        for table in _TABLES[kind]
        if table.name in by_name
    )


def _shown(table: MeasureTable, counted: Mapping[str, Any]) -> FiguresTable:
    rows = counted["rows"]
    there = [one for one in table.measures if any(row[one.column] is not None for row in rows)]
    # Where a theme gets stuck is what the page is opened for.
    there.sort(key=lambda one: one.column != _BREAK)
    names = [*table.keys, *(one.column for one in there)]
    return FiguresTable(
        title=counted["title"],
        note=counted["note"],
        columns=tuple(_COLUMNS.get(name, name.replace("_", " ")) for name in names),
        rows=tuple(tuple(cell_in_words(row[name]) for name in names) for row in rows),
        definitions=tuple(
            (_COLUMNS.get(one.column, one.column.replace("_", " ")), one.definition, one.source.value)
            for one in there
        ),
        keys=len(table.keys),
        rows_at=_ROWS.get(table.name, _IN_EXPORTS),
        owing=_owing(rows) if table.name == _WAVES else (),
    )


def _shown_loop(table: MeasureTable, counted: Mapping[str, Any], taught: ObjectiveThemes) -> FiguresTable:
    """Show the table of the loop, each theme of the codebook with a way to its sentences."""
    rows = counted["rows"]
    if not taught.named:
        rows = [{**row, **_not_filled_in(row)} for row in rows]
    codes = tuple(row["theme"] if row["theme"] in taught.themes else "" for row in rows)
    return replace(_shown(table, {**counted, "rows": rows}), sentences=codes)


def _not_filled_in(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a theme in place of noughts where nobody has told what is taught."""
    told = {name: _NOT_FILLED_IN for name in ("activities", "objectives") if not row.get(name)}
    stuck = str(row.get(_BREAK) or "")
    if stuck.endswith(_NOT_TAUGHT):
        told[_BREAK] = stuck.removesuffix(_NOT_TAUGHT) + _TAUGHT_NOT_FILLED_IN
    return {name: words for name, words in told.items() if name in row}


def _owing(rows: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the days of the waves at which more were asked than answered, in order; others than days have none."""
    open_ones = (one for one in rows if (one["asked"] or 0) > (one["answered"] or 0))
    return tuple(sorted({int(one["wave"]) for one in open_ones if str(one["wave"]).isdecimal()}))


def cell_in_words(value: Any) -> str:
    """Write a cell as `storage.export.measures.shown.as_json` gives it.

    >>> cell_in_words({"n": 3, "of": 4, "percent": None, "low": None, "high": None, "few": True})
    '3 of 4 (fewer than five people)'
    """
    match value:
        case None:
            return _NOTHING
        case float():
            return f"{value:.1f}"
        case str() if _MOMENT.match(value):
            return value[:10]
        case dict():
            return _figure_in_words(value)
        case _:
            return str(value)


def _figure_in_words(value: Mapping[str, Any]) -> str:
    """Write a share, or a difference of two ratings or rates, with its interval."""
    few = " (fewer than five people)" if value.get("few") else ""
    if "of" in value:
        counts = f"{value['n']} of {value['of']}"
        if few or value["percent"] is None:
            return f"{counts}{few}"
        return f"{counts} = {value['percent']} % ({value['low']} to {value['high']})"
    middle = value.get("points", value.get("mean"))
    told = _NOTHING if middle is None else f"{middle:+.1f}"
    if not few and value.get("low") is not None and value.get("high") is not None:
        told += f" ({value['low']:+.1f} to {value['high']:+.1f})"
    return f"{told} of {value['people']}{few}" if "people" in value else f"{told}{few}"


PAGES: Final = (
    ConsolePage("GET", FOLLOW_UPS, Permission.SEE_FIGURES, show_follow_ups),
    ConsolePage("POST", f"{FOLLOW_UPS}/count", Permission.SEE_FIGURES, count_follow_ups),
    ConsolePage("GET", LOOP, Permission.SEE_FIGURES, show_loop),
    ConsolePage("POST", f"{LOOP}/count", Permission.SEE_FIGURES, count_loop),
    ConsolePage("GET", ACCREDITATION, Permission.SEE_FIGURES, show_accreditation),
    ConsolePage("POST", f"{ACCREDITATION}/count", Permission.SEE_FIGURES, count_accreditation),
)
