"""Programs: what is loaded and how it stands, what can be done with it, and a new file before it is loaded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import job_access
from bot.console.done import Done
from bot.console.jobs import UPLOAD, JobKind, JobOrder, JobState
from bot.console.languages.marks import noted
from bot.console.pages import acts
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from flows.program.model import ProgramFile
from flows.script.model import Flow
from storage.database import audit
from storage.privacy import closing, resumed_programs
from storage.privacy.closing import WorkGoingOn
from storage.programs import programs
from storage.programs.programs import ProgramRow
from storage.reports import program_changes
from storage.reports.program_changes import KeptVersion
from storage.reports.team_acts import TeamAct
from storage.schema import AuditKind

PATH: Final = "/programs"
_PAUSED_ALREADY: Final = noted("It was paused already. Nothing was changed by you.")
_NOT_PAUSED: Final = noted("It was not paused any more. Nothing was changed by you.")
_COMPARED_BEFORE: Final = noted(
    "Another file of this programme was loaded since this one was compared. Nothing was changed; compare it again."
)
MOST_BYTES: Final = 2_000_000
"""Of an upload, with the form around it: a file of a program has some 10,000."""


@dataclass(frozen=True, slots=True)
class StandingProgram:
    """A program as the pages show it: its row and file, what goes on, and how many strings each language lacks."""

    row: ProgramRow
    file: ProgramFile
    going_on: WorkGoingOn
    translations: tuple[tuple[str, str, int], ...]
    version: str
    kept: tuple[KeptVersion, ...]


async def show_programs(visit: ConsoleVisit) -> Response:
    """Show the programs that are loaded; those that were put away stand below."""
    slugs = await visit.programs(Permission.SEE_FIGURES)
    rows = [one for one in await visit.read(programs.list_all) if one.slug in slugs]
    return visit.page("programs.html.jinja", here=PATH, rows=rows, may_load_new=_may_load_new(visit))


async def show_program(visit: ConsoleVisit) -> Response:
    """Show a program: what is in its file, what goes on, and what can be done with it."""
    row = await _row(visit, Permission.SEE_FIGURES)
    may_close = visit.may(Permission.LOAD_PROGRAMS, row.slug) and row.closed_at is None
    waiting = partial(closing.people_waiting, program_id=row.id)
    return visit.page(
        "program.html.jinja",
        here=PATH,
        one=await visit.read(partial(_standing, row=row, flows=visit.parts.runtime.flows)),
        may_load=visit.may(Permission.LOAD_PROGRAMS, row.slug),
        people=await visit.read(waiting) if may_close else 0,
        paused_by=await acts.done_by(visit, row.paused_at, TeamAct.PROGRAM_PAUSED),
        closed_by=await acts.done_by(visit, row.closed_at, TeamAct.PROGRAM_CLOSED, program=row.slug),
        archived_by=await acts.done_by(visit, row.archived_at, TeamAct.PROGRAM_ARCHIVED, program=row.slug),
    )


async def pause(visit: ConsoleVisit) -> Response:
    """Stop at once all that is sent of our own accord in a program."""

    def work(connection: Connection, number: int, now: datetime) -> None:
        _refuse_if(programs.paused(connection, number), _PAUSED_ALREADY)
        programs.pause(connection, number, now)

    return await _change(visit, "pause", work, Done.PROGRAM_PAUSED)


async def resume(visit: ConsoleVisit) -> Response:
    """Let a program that was paused go on: what was put off is made due, some of it a transaction."""
    row = await _row(visit, Permission.LOAD_PROGRAMS)

    def work(connection: Connection, number: int, now: datetime) -> None:
        _refuse_if(not programs.paused(connection, number), _NOT_PAUSED)
        programs.resume(connection, number, now)

    answer = await _change(visit, "resume", work, Done.PROGRAM_RESUMED)
    for place in await visit.read(resumed_programs.places):
        await visit.write(partial(resumed_programs.go_on, program_id=row.id, after=place, now=visit.now))
    return answer


async def close(visit: ConsoleVisit) -> Response:
    """Close a program for good, once its short name was typed."""
    row = await _row(visit, Permission.LOAD_PROGRAMS)
    if visit.form.value("slug") != row.slug:
        raise PageRefused(
            HTTPStatus.BAD_REQUEST,
            "Type “%(slug)s” to say that you mean it. Nothing was changed.",
            slug=row.slug,
        )
    await visit.write(partial(closing.close, program_id=row.id, now=visit.now, by=visit.coordinator.code))
    return visit.to(f"{PATH}/{row.slug}", Done.PROGRAM_CLOSED)


async def archive(visit: ConsoleVisit) -> Response:
    """Put a closed program away, once nothing goes on in it."""
    row = await _row(visit, Permission.LOAD_PROGRAMS)
    await visit.write(partial(closing.archive, program_id=row.id, now=visit.now, by=visit.coordinator.code))
    return visit.to(f"{PATH}/{row.slug}", Done.PROGRAM_ARCHIVED)


async def upload(visit: ConsoleVisit) -> Response:
    """Have a file looked at: what it would touch if it were loaded. Nothing is changed by that."""
    content = visit.form.files.get("file", b"")
    if not content.strip():
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Choose a programme file first. Nothing was changed.")
    arguments = ("program", "diff", UPLOAD, "--keep-translations")
    order = JobOrder(JobKind.DIFF, arguments, visit.coordinator.code, upload=content)
    return visit.to(f"/program-files/{job_access.begin(visit, order).code}")


async def show_file(visit: ConsoleVisit) -> Response:
    """Show what a file would touch, with a button that loads it."""
    job = job_access.job_of(visit, JobKind.DIFF)
    change = _change_of(job.output()) if job.state is JobState.DONE else None
    if change is not None:
        await _require_load(visit, change.name)
    page = visit.page(
        "program_file.html.jinja",
        here=PATH,
        job=job,
        change=change,
        lines=[] if change is None else list(program_changes.in_words(change)),
    )
    return job_access.waiting(page, job)


async def load_file(visit: ConsoleVisit) -> Response:
    """Load the very file that was looked at."""
    job = job_access.job_of(visit, JobKind.DIFF)
    change = _change_of(job.output()) if job.state is JobState.DONE else None
    content = job.uploaded
    if change is None or change.refused is not None or not content:
        raise PageRefused(HTTPStatus.CONFLICT, "This file cannot be loaded. Nothing was changed.")
    await _require_load(visit, change.name)

    def work(connection: Connection) -> None:
        there = programs.find(connection, change.name)
        _refuse_if(
            there is not None and (change.is_new or there.loaded_at > job.ordered_at),
            _COMPARED_BEFORE,
        )
        _audit(connection, visit, "load", change.name)

    await visit.write(work)
    arguments = ("program", "load", UPLOAD, "--keep-translations")
    order = JobOrder(JobKind.LOAD, arguments, visit.coordinator.code, change.name, upload=content)
    return visit.to(f"/program-loads/{job_access.begin(visit, order).code}")


async def show_load(visit: ConsoleVisit) -> Response:
    """Show what came of loading a file."""
    job = job_access.job_of(visit, JobKind.LOAD)
    if job.state is JobState.DONE:
        return visit.to(f"{PATH}/{job.order.program}", Done.LOADED)
    return job_access.waiting(visit.page("program_load.html.jinja", here=PATH, job=job), job)


def _refuse_if(is_done: bool, what: str) -> None:  # noqa: FBT001 - what was found
    """Refuse what was done already, by somebody else or by the same form.

    Raises:
        PageRefused: it was.
    """
    if is_done:
        raise PageRefused(HTTPStatus.CONFLICT, what)


def _change_of(told: Any) -> program_changes.FileChange | None:
    """Return what a file would touch, as `said program diff` printed it; None where it printed nothing of that kind."""
    return program_changes.from_json(told) if isinstance(told, dict) else None


async def _require_load(visit: ConsoleVisit, slug: str) -> None:
    """Check that the member may load a program: one that is there by their role in it, a new one by that in all."""
    row = await visit.read(partial(programs.find, slug=slug))
    visit.require(Permission.LOAD_PROGRAMS, None if row is None else slug)


def _may_load_new(visit: ConsoleVisit) -> bool:
    return visit.may(Permission.LOAD_PROGRAMS)


async def _change(
    visit: ConsoleVisit, command: str, work: Callable[[Connection, int, datetime], None], done: Done
) -> Response:
    row = await _row(visit, Permission.LOAD_PROGRAMS)

    def change(connection: Connection) -> None:
        work(connection, row.id, visit.now)
        _audit(connection, visit, command, row.slug)

    await visit.write(change)
    return visit.to(f"{PATH}/{row.slug}", done)


async def _row(visit: ConsoleVisit, permission: Permission) -> ProgramRow:
    """Return the program that the address names.

    Raises:
        PageRefused: there is none, or the member may not do this in it.
    """
    slug = str(visit.request.path_params["slug"])
    row = await visit.read(partial(programs.find, slug=slug))
    if row is None or not visit.may(permission, slug):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such programme, or it is not yours.")
    return row


def _standing(connection: Connection, *, row: ProgramRow, flows: Mapping[str, Flow]) -> StandingProgram:
    words = programs.program_words(connection, row.id)
    lacking = ((one, words.status(one).value, len(words.missing(one))) for one in words.languages)
    version = programs.program_hash(words.program, words.kept or None)
    return StandingProgram(
        row,
        words.program,
        closing.going_on(connection, row.id),
        tuple(lacking),
        version[:12],
        program_changes.kept_versions(connection, flows, row.id),
    )


def _audit(connection: Connection, visit: ConsoleVisit, command: str, program: str) -> None:
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=None, now=visit.now, command=command,
        program=program, by=visit.coordinator.code,
    )  # fmt: skip


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.SEE_FIGURES, show_programs),
    ConsolePage("POST", PATH, Permission.LOAD_PROGRAMS, upload, MOST_BYTES),
    ConsolePage("GET", f"{PATH}/{{slug}}", Permission.SEE_FIGURES, show_program),
    ConsolePage("POST", f"{PATH}/{{slug}}/pause", Permission.LOAD_PROGRAMS, pause),
    ConsolePage("POST", f"{PATH}/{{slug}}/resume", Permission.LOAD_PROGRAMS, resume),
    ConsolePage("POST", f"{PATH}/{{slug}}/close", Permission.LOAD_PROGRAMS, close),
    ConsolePage("POST", f"{PATH}/{{slug}}/archive", Permission.LOAD_PROGRAMS, archive),
    ConsolePage("GET", "/program-files/{code}", Permission.LOAD_PROGRAMS, show_file),
    ConsolePage("POST", "/program-files/{code}/load", Permission.LOAD_PROGRAMS, load_file),
    ConsolePage("GET", "/program-loads/{code}", Permission.LOAD_PROGRAMS, show_load),
)
