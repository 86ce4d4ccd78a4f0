"""How the bot stands: health and what waits at once; doctor's findings and the audit trail are looked at beside it."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from bot.console import job_access
from bot.console.jobs import JobKind, JobOrder
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit
from bot.health.watch import STANDS_SECONDS
from storage.database import backup

PATH: Final = "/system"
_GRAVEST: Final = {"error": 0, "warn": 1}
_ORDERS: Final = {
    JobKind.DOCTOR: ("doctor",),
    JobKind.AUDIT: ("audit", "verify"),
}


async def show_system(visit: ConsoleVisit) -> Response:
    """Show how the bot stands, and what doctor and the audit trail said last."""
    jobs = visit.parts.jobs
    doctor = None if jobs is None else jobs.newest(JobKind.DOCTOR, None)
    trail = None if jobs is None else jobs.newest(JobKind.AUDIT, None)
    health = None if visit.parts.health is None else await visit.parts.health.report()
    findings = None if doctor is None else doctor.output()
    lines = _gravest_first(findings)
    levels = [one["level"] for _, one in lines]
    page = visit.page(
        "system.html.jinja",
        here=PATH,
        health=health,
        seconds=STANDS_SECONDS,
        doctor=doctor,
        findings=findings,
        lines=lines,
        errors=levels.count("error"),
        warnings=levels.count("warn"),
        trail=trail,
        verdict=None if trail is None else trail.output(),
        backup_at=backup.last_backup(visit.parts.database.path),
    )
    return job_access.waiting(page, doctor, trail)


async def look(visit: ConsoleVisit) -> Response:
    """Have doctor look, or the audit trail verified."""
    kind = JobKind.AUDIT if visit.form.value("what") == JobKind.AUDIT else JobKind.DOCTOR
    last = job_access.runner(visit).newest(kind, None)
    if last is None or last.state.is_over:
        order = JobOrder(kind, _ORDERS[kind], visit.coordinator.code, ok_codes=(0, 1))
        job_access.begin(visit, order)
    return visit.to(PATH)


def _gravest_first(findings: Mapping[str, Any] | None) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what doctor found, each with the name of its part: what is wrong, then warnings, then the rest."""
    sections = [] if findings is None else findings["sections"]
    lines = [(section["name"], one) for section in sections for one in section["findings"]]
    return sorted(lines, key=lambda line: _GRAVEST.get(line[1]["level"], len(_GRAVEST)))


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.SEE_SYSTEM, show_system, everywhere=True),
    ConsolePage("POST", f"{PATH}/look", Permission.SEE_SYSTEM, look, everywhere=True),
)
