"""`said report`: write the outcomes report as a page and a workbook."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.common import print_json, say
from bot.cli.resources import moment, opened
from bot.cli.resources import now as time_now
from bot.errors import UsageError
from storage.database import audit
from storage.export.measures.shown import table_as_json
from storage.export.options import ExportAudience
from storage.outcomes.cohort import CohortSpan, cohort_connection
from storage.outcomes.files import report_paths, write_report
from storage.outcomes.people_file import read_people_file
from storage.outcomes.report import OutcomesReport, ReportRequest, make_report
from storage.schema import AuditKind


def report(
    *,
    program: str,
    to: Path,
    audience: ExportAudience,
    since: str | None,
    until: str | None,
    people: Path | None,
    force: bool,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said report`; `bot.cli.data.commands` says what each option is."""
    if audience is not ExportAudience.TEAM:
        raise UsageError(
            f"--for {audience.value} is not made yet", "leave it out: the report is for the team"
        )
    report_paths(to, force=force)
    span = CohortSpan(_day("--since", since), _day("--until", until))
    known = None if people is None else read_people_file(people)
    request = ReportRequest(program, time_now(), audience, span, known)
    asked: dict[str, object] = {"report": True, "for": audience.value, "program": program}
    asked = {**asked, "since": since, "until": until}
    with opened(config, database) as (_, found):
        found.write_now(partial(_audit, asked=asked))
        with cohort_connection(found, program, span) as connection:
            made = make_report(connection, request)
    written = write_report(made, to, force=force)
    if as_json:
        print_json(_as_object(made, written))
        return
    for path in written:
        say(path)


def _day(option: str, text: str | None) -> date | None:
    """Read the day that was given to an option; None where none was.

    Raises:
        UsageError: the text is not a date.
    """
    found = moment(option, text)
    return None if found is None else found.date()


def _audit(connection: Connection, *, asked: Mapping[str, object]) -> None:
    """Record the report in the audit trail before anything leaves, since it may break off."""
    audit.record(connection, AuditKind.EXPORT, participant_id=None, now=time_now(), **asked)


def _as_object(made: OutcomesReport, written: tuple[Path, ...]) -> dict[str, object]:
    """Return a report as JSON has it: its files, what it was made of, and all of its tables."""
    origin, request = made.origin, made.origin.request
    return {
        "files": [str(path) for path in written],
        "program": request.program,
        "title": origin.title,
        "made_at": request.made_at,
        "for": request.audience.value,
        "since": request.span.since,
        "until": request.span.until,
        "people": None if request.people is None else request.people.source,
        "version": origin.product_version,
        "schema": origin.schema_version,
        "redaction_rules": origin.redaction_rules,
        "report": origin.format,
        "summary": table_as_json(made.summary.table, made.summary.rows),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "tables": [table_as_json(one.table, one.rows) for one in section.tables],
            }
            for section in made.sections
        ],
        "abstracts": [asdict(one) for one in made.abstracts],
        "pars": None if made.pars is None else table_as_json(made.pars.table, made.pars.rows),
    }
