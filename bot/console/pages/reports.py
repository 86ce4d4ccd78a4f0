"""Reports and exports: made beside the bot, downloaded for a day, and the register of what supporters were given."""

from datetime import date
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection
from starlette.responses import FileResponse, Response

from bot.console import job_access
from bot.console.jobs import KEPT_OF_ALL, KEPT_OF_ONE, JobKind, JobOrder, JobState
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.database import audit
from storage.export.options import ExportAudience, ExportFormat
from storage.outcomes.cuts import CutRecord, handed_out
from storage.schema import AuditKind

Choice = TypeVar("Choice", ExportAudience, ExportFormat)

PATH: Final = "/reports"
_KINDS: Final = (JobKind.REPORT, JobKind.EXPORT)


async def show_reports(visit: ConsoleVisit) -> Response:
    """Show what can be made, what was made within a day, and what supporters have."""
    offered = await visit.programs(Permission.HAND_OUT)
    program = await visit.program(Permission.HAND_OUT) or (offered[0] if offered else None)
    listed = [] if visit.parts.jobs is None else visit.parts.jobs.listed()
    jobs = [one for one in listed if one.order.kind in _KINDS and job_access.is_theirs(visit, one)]
    cuts: tuple[CutRecord, ...] = ()
    if program is not None:
        cuts = await visit.read(partial(handed_out, program=program))
    page = visit.page(
        "reports.html.jinja",
        here=PATH,
        program=program,
        programs=offered,
        jobs=jobs,
        cuts=cuts,
        formats=ExportFormat,
        kept_of_one=KEPT_OF_ONE,
        kept_of_all=KEPT_OF_ALL,
    )
    return job_access.waiting(page, *jobs)


async def make(visit: ConsoleVisit) -> Response:
    """Begin a report or an export, for the team or for supporters."""
    program = visit.form.value("program")
    visit.require(Permission.HAND_OUT, program)
    if program not in await visit.programs(Permission.HAND_OUT):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such programme. Nothing was made.")
    what = visit.form.value("what")
    if what not in {kind.value for kind in _KINDS}:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Say what is to be made. Nothing was.")
    kind = JobKind(what)
    audience = _one_of(visit, "audience", ExportAudience)
    arguments = (_report if kind is JobKind.REPORT else _export)(visit, program, audience)
    note = f"{kind.value}, for {'the team' if audience is ExportAudience.TEAM else 'supporters'}"
    job_access.begin(
        visit, JobOrder(kind, arguments, visit.coordinator.code, program, note, writes_files=True)
    )
    return visit.to(f"{PATH}?program={program}")


async def cancel(visit: ConsoleVisit) -> Response:
    """End a job that goes on."""
    job = job_access.job_of(visit, *_KINDS)
    await job_access.runner(visit).cancel(job.code)
    return visit.to(f"{PATH}?program={job.order.program}")


async def download(visit: ConsoleVisit) -> Response:
    """Hand out a file that a job wrote, by its number. Who got it is audited."""
    job = job_access.job_of(visit, *_KINDS)
    number = int(visit.request.path_params["number"])
    if job.state is not JobState.DONE or not 1 <= number <= len(job.files):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such file any more: see what is kept.")
    file: Path = job.files[number - 1]

    def work(connection: Connection) -> None:
        audit.record(
            connection, AuditKind.VIEW, participant_id=None, now=visit.now, what="download",
            job=job.order.kind.value, file=file.name, program=job.order.program, by=visit.coordinator.code,
        )  # fmt: skip

    await visit.write(work)
    name = file.relative_to(job.folder / "files").as_posix().replace("/", "-")
    return FileResponse(file, filename=f"{job.order.program}-{name}", media_type="application/octet-stream")


def _report(visit: ConsoleVisit, program: str, audience: ExportAudience) -> tuple[str, ...]:
    """Return the arguments of a report; a cut that supporters have is written again by its number."""
    arguments = ["report", program, "--for", audience.value]
    if audience is ExportAudience.SUPPORTERS:
        arguments += ["--by", visit.coordinator.code]
        again = visit.form.value("again")
        if again:
            if not (again.isascii() and again.isdecimal() and len(again) < 10):  # noqa: PLR2004 - digits
                raise PageRefused(HTTPStatus.BAD_REQUEST, "A cut is named by its number. Nothing was made.")
            return (*arguments, "--again", again)
    for name in ("since", "until"):
        day = visit.form.value(name)
        if day:
            arguments += [f"--{name}", _day(day)]
    return tuple(arguments)


def _export(visit: ConsoleVisit, program: str, audience: ExportAudience) -> tuple[str, ...]:
    """Return the arguments of an export; words as they came, identifiers too, are for the command line alone."""
    form = _one_of(visit, "format", ExportFormat)
    return (
        "export",
        "--program",
        program,
        "--for",
        audience.value,
        "--format",
        form.value,
        "--zip",
        "--by",
        visit.coordinator.code,
    )


def _one_of(visit: ConsoleVisit, name: str, choices: type[Choice]) -> Choice:
    """Return which of the choices a field names.

    Raises:
        PageRefused: none.
    """
    try:
        return choices(visit.form.value(name))
    except ValueError as error:
        raise PageRefused(
            HTTPStatus.BAD_REQUEST, "Choose one of what is offered. Nothing was made."
        ) from error


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Write a day as 2026-03-31. Nothing was made.") from error


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.HAND_OUT, show_reports),
    ConsolePage("POST", PATH, Permission.HAND_OUT, make),
    ConsolePage("POST", f"{PATH}/{{code}}/cancel", Permission.HAND_OUT, cancel),
    ConsolePage("GET", f"{PATH}/{{code}}/files/{{number:int}}", Permission.HAND_OUT, download),
)
