"""`said report`: write the outcomes report as a page and a workbook."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.common import print_json, say
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.database import audit
from storage.database.connection import Database
from storage.export.measures.shown import table_as_json
from storage.export.options import ExportAudience
from storage.outcomes import cuts
from storage.outcomes.cohort import CohortSpan, cohort_connection
from storage.outcomes.cuts import CutError, CutRefused, CutResult
from storage.outcomes.files import report_drafts, report_paths, write_report
from storage.outcomes.people_file import read_people_file
from storage.outcomes.report import (
    CountedTable,
    OutcomesReport,
    ReportRequest,
    accreditation_term,
    make_report,
)
from storage.outcomes.supporter_report import supporter_report
from storage.people import coordinators
from storage.schema import AuditKind


def report(
    *,
    program: str,
    to: Path,
    audience: ExportAudience,
    since: str | None,
    until: str | None,
    people: Path | None,
    term: str | None,
    by: str | None,
    again: int | None,
    force: bool,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said report`; `bot.cli.data.commands` says what each option is."""
    for_team = audience is ExportAudience.TEAM
    if for_team:
        _refuse({"--by": by, "--again": again}, "is for supporters alone", "add --for supporters")
    else:
        _refuse({"--people": people, "--term": term}, "is not for supporters", "leave it out")
    if again is not None:
        _refuse({"--since": since, "--until": until}, "is not for a cut that was handed out", "leave it out")
    report_paths(to, force=force)
    span = CohortSpan(_day("--since", since), _day("--until", until))
    known = None if people is None else read_people_file(people)
    days = _term(term)
    bounds = None if days is None else accreditation_term(*days)
    request = ReportRequest(program, time_now(), audience, span, known, bounds)
    with opened(config, database) as (_, found):
        if for_team:
            made = _for_team(found, request)
            written = write_report(made, to, force=force)
        else:
            cut = _cut(found, request, again)
            with report_drafts(to, force=force) as drafts:
                made = _for_supporters(found, request, cut, by=by, is_again=again is not None)
                written = drafts.write(made)
    if as_json:
        print_json(_as_object(made, written))
        return
    for path in written:
        say(path)


def _refuse(given: Mapping[str, object], why: str, remedy: str) -> None:
    """Refuse options that do not go with the others.

    Raises:
        UsageError: one of them was given.
    """
    for option, value in given.items():
        if value is not None:
            raise UsageError(f"{option} {why}", remedy)


def _day(option: str, text: str | None) -> date | None:
    """Read the day that was given to an option; None where none was. A time is no day: its zone could tell another.

    Raises:
        UsageError: the text is not a day.
    """
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise UsageError(f"{option} {text!r} is not a day", "write it as 2026-03-31, without a time")
    return found


def _term(text: str | None) -> tuple[date | None, date | None] | None:
    """Read the two days of a term, such as `2024-07-01..2030-06-30`; None where none was given.

    Raises:
        UsageError: these are not two days in order.
    """
    if text is None:
        return None
    first, dots, last = text.partition("..")
    since, until = _day("--term", first or None), _day("--term", last or None)
    if not dots or (since is None and until is None) or (since and until and until < since):
        raise UsageError(f"--term {text!r} is not a span of days", "write it as 2024-07-01..2030-06-30")
    return since, until


def _for_team(found: Database, request: ReportRequest) -> OutcomesReport:
    """Make the team's report. It is audited before anything leaves, since it may break off."""
    span = request.span
    days = {"since": span.since, "until": span.until}
    told: dict[str, object] = {"report": True, "for": request.audience.value, "program": request.program}
    told |= {name: None if day is None else day.isoformat() for name, day in days.items()}
    with cohort_connection(found, request.program, span) as connection:
        made = make_report(connection, request)
    found.write_now(partial(_audit, told=told))
    return made


def _audit(connection: Connection, *, told: Mapping[str, object]) -> None:
    audit.record(connection, AuditKind.EXPORT, participant_id=None, now=time_now(), **told)


def _cut(found: Database, request: ReportRequest, again: int | None) -> CutResult:
    """Count a supporters' cut, as of a moment within the snapshot in which it is counted; or take a kept one again.

    Raises:
        CutError: the cut would tell, beside others, of fewer than five people; or there is none of that number.
    """
    if again is not None:
        return found.read_now(lambda connection: cuts.again(connection, request.program, again))
    with cohort_connection(found, request.program, request.span) as connection:
        return _allowed(cuts.prepare_cut(connection, request.program, request.span, now=time_now()))


def _for_supporters(
    found: Database, request: ReportRequest, cut: CutResult, *, by: str | None, is_again: bool
) -> OutcomesReport:
    """Make a supporters' report of a cut, which is kept as handed out: its files are open, and nothing leaves before.

    Raises:
        CutError: beside one that was handed out meanwhile it would tell of fewer than five people.
    """
    request = replace(request, span=cut.span)

    def hand_out(connection: Connection) -> OutcomesReport:
        named = None if by is None else coordinators.by_code(connection, by)
        who = None if named is None else named.id
        handed = cut
        if cut.number is None:
            handed = _allowed(cuts.hand_out(connection, cut, now=time_now(), by=who))
        else:
            told = {"cut": cut.number, "program": request.program, "for": request.audience.value}
            told |= {"hash": cut.hash}
            _audit(connection, told=told | ({} if named is None else {"by": named.code}))
        return supporter_report(connection, request, handed, is_again=is_again)

    return found.write_now(hand_out)


def _allowed(cut: CutResult | CutRefused) -> CutResult:
    """Return a cut that may be handed out.

    Raises:
        CutError: it may not; why, and what to do.
    """
    if isinstance(cut, CutRefused):
        raise CutError(str(cut))
    return cut


def _as_object(made: OutcomesReport, written: tuple[Path, ...]) -> dict[str, object]:
    """Return a report as JSON has it: its files, what it was made of, and all of its tables."""
    origin, request = made.origin, made.origin.request
    for_team = request.audience is ExportAudience.TEAM

    def as_json(one: CountedTable) -> dict[str, object]:
        return table_as_json(one.table, one.rows, with_people=for_team)

    return {
        "files": [str(path) for path in written],
        "program": request.program,
        "title": origin.title,
        "made_at": request.made_at,
        "for": request.audience.value,
        "cut": origin.cut,
        "as_of": origin.handed_at,
        "since": request.span.since,
        "until": request.span.until,
        "people": None if request.people is None else request.people.source,
        "term": None if request.term is None else asdict(request.term),
        "version": origin.product_version,
        "schema": origin.schema_version,
        "redaction_rules": origin.redaction_rules,
        "report": origin.format,
        "summary": None if made.summary is None else as_json(made.summary),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "tables": [as_json(one) for one in section.tables],
            }
            for section in made.sections
        ],
        "abstracts": [asdict(one) for one in made.abstracts],
        "pars": None if made.pars is None else as_json(made.pars),
    }
