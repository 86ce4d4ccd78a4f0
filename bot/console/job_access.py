"""Which jobs a member may see, and how a page waits for one."""

from http import HTTPStatus
from typing import assert_never

from starlette.responses import Response

from bot.console.jobs import ConsoleJob, JobKind, JobOrder, JobRunner
from bot.console.permissions import Permission
from bot.console.visit import ConsoleVisit, PageRefused

_SECONDS = "2"


def runner(visit: ConsoleVisit) -> JobRunner:
    """Return what runs jobs.

    Raises:
        PageRefused: nothing does here.
    """
    if visit.parts.jobs is None:
        raise PageRefused(HTTPStatus.SERVICE_UNAVAILABLE, "Nothing can be counted here now.")
    return visit.parts.jobs


def begin(visit: ConsoleVisit, order: JobOrder) -> ConsoleJob:
    """Begin a job.

    Raises:
        PageRefused: too many wait, or there is no room on the disk.
    """
    try:
        job = runner(visit).start(order)
    except OSError as error:
        what = "There is no room on the disk for it. Nothing was begun."
        raise PageRefused(HTTPStatus.INSUFFICIENT_STORAGE, what) from error
    if job is None:
        raise PageRefused(
            HTTPStatus.TOO_MANY_REQUESTS, "Too much waits to be done already. Please come back later."
        )
    return job


def needed_for(kind: JobKind) -> Permission:
    """Return what a member must be allowed to do, in the program of a job, to see it and what came of it."""
    match kind:
        case JobKind.REPORT | JobKind.EXPORT:
            return Permission.HAND_OUT
        case JobKind.RESPONSE | JobKind.LOOP | JobKind.ACCREDITATION:
            return Permission.SEE_FIGURES
        case JobKind.PEOPLE_BY_CODE | JobKind.AGREEMENT | JobKind.SATURATION:
            return Permission.CODE_WORDS
        case JobKind.DIFF | JobKind.LOAD:
            return Permission.LOAD_PROGRAMS
        case JobKind.DOCTOR | JobKind.AUDIT:
            return Permission.SEE_SYSTEM
        case _:
            assert_never(kind)


def is_theirs(visit: ConsoleVisit, job: ConsoleJob) -> bool:
    """Return whether a member may see a job: by their role in its program, or in all where it is about none.

    What a file would touch is for whoever uploaded it, until it is known which program it is of.
    """
    if job.order.kind in (JobKind.DIFF, JobKind.LOAD):
        return job.order.by == visit.coordinator.code and visit.may(Permission.LOAD_PROGRAMS)
    try:
        visit.require(needed_for(job.order.kind), job.order.program)
    except PageRefused:
        return False
    return True


def job_of(visit: ConsoleVisit, *kinds: JobKind) -> ConsoleJob:
    """Return the job that the address names.

    Raises:
        PageRefused: there is none, or it is not theirs to see, or of another kind.
    """
    job = runner(visit).jobs.get(str(visit.request.path_params["code"]))
    if job is None or job.order.kind not in kinds or not is_theirs(visit, job):
        raise PageRefused(
            HTTPStatus.NOT_FOUND,
            "There is no such file any more: they are kept for a day, and fewer where many are made.",
        )
    return job


def waiting(response: Response, *jobs: ConsoleJob | None) -> Response:
    """Have a browser ask for a page again while a job of it goes on."""
    if any(job is not None and not job.state.is_over for job in jobs):
        response.headers["refresh"] = _SECONDS
    return response
