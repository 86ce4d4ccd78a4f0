"""`said export`: write answers and commitments as files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from sqlalchemy import Connection

from bot.cli.common import print_json, progress_bar, say
from bot.cli.resources import moment, opened
from bot.clock import SystemClock
from bot.errors import UsageError
from storage.database import audit
from storage.export.export import (
    ExportDestination,
    FileProgress,
    WrittenFile,
    check_supporters_export,
    export,
    export_for_supporters,
    export_quotes,
)
from storage.export.formats.format_writer import Advance
from storage.export.options import ExportAudience, ExportFormat
from storage.export.tables.table import ExportSelection
from storage.outcomes.cuts import CutRefused, CutResult, hand_out, prepare_export_cut
from storage.people import coordinators
from storage.programs import programs
from storage.schema import AuditKind


def export_files(
    *,
    to: Path,
    form: ExportFormat,
    audience: ExportAudience,
    program: str | None,
    since: str | None,
    until: str | None,
    force: bool,
    raw: bool,
    quotes_only: bool,
    archive: bool,
    by: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said export`; `bot.cli.data.commands` says what each option is."""
    selection = ExportSelection(program, moment("--since", since), moment("--until", until))
    if audience is ExportAudience.SUPPORTERS:
        refused = {"--since": since, "--until": until, "--raw": raw, "--quotes-only": quotes_only}
        _refuse(refused)
    if quotes_only and raw:
        raise UsageError("--raw is not for quotes: they are redacted", "leave out --raw or --quotes-only")
    bar = progress_bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with opened(config, database) as (_, found):
        asked: dict[str, object] = {"format": form.value, "for": audience.value, "program": program}
        asked = {**asked, "since": since, "until": until, "raw": raw, "quotes_only": quotes_only}
        who = None if by is None else found.read_now(partial(coordinators.by_code, code=by))
        if who is not None:
            asked["by"] = who.code
        write = partial(export, selection=selection, raw=raw)
        if audience is ExportAudience.SUPPORTERS:
            write = partial(export_for_supporters, program=program)
        elif quotes_only:
            write = partial(export_quotes, selection=selection)
        target = ExportDestination(to, form, force, SystemClock().now(), archive=archive)
        with found.reading() as connection, bar:
            if audience is ExportAudience.SUPPORTERS:
                check_supporters_export(connection, target, program)
                cuts = _cuts(connection, program)
                keep = partial(_keep, cuts=cuts, asked=asked, by=None if who is None else who.id)
                target = replace(target, approve=partial(found.write_now, keep))
            else:
                found.write_now(partial(_audit, asked=asked))
            written = write(connection, target, progress=_tasks(bar))
    _tell(written, as_json=as_json)


def _cuts(connection: Connection, program: str | None) -> tuple[CutResult, ...]:
    """Return what a supporter gets to see of a program, or of each, as of now: the snapshot is that of the connection.

    Raises:
        UsageError: beside what was handed out before it would tell of fewer than five people.
    """
    known = [one.slug for one in programs.list_all(connection)]  # the snapshot begins here at the latest
    now = SystemClock().now()
    found = (prepare_export_cut(connection, slug, now=now) for slug in known if program in (None, slug))
    return tuple(map(_allowed, found))


def _keep(
    connection: Connection, *, cuts: Sequence[CutResult], asked: Mapping[str, object], by: int | None
) -> None:
    """Keep each cut that shows anything as handed out, and record the export, in the caller's transaction.

    `by` is the number of the coordinator who asked for it; None where none was named.

    Raises:
        UsageError: one may not be handed out any more, beside what was meanwhile: the transaction must not be
            committed, so that none of them is kept.
    """
    now = SystemClock().now()
    for one in cuts:
        if one.cells:
            _allowed(hand_out(connection, one, now=now, by=by))
    _audit(connection, asked=asked)


def _allowed(cut: CutResult | CutRefused) -> CutResult:
    """Return a cut that may be handed out.

    Raises:
        UsageError: it may not; why, and what to do.
    """
    if isinstance(cut, CutRefused):
        raise UsageError(f"programme {cut.program!r} is not handed out: {cut.why}", cut.remedy)
    return cut


def _refuse(given: Mapping[str, object]) -> None:
    """Refuse what a supporters' cut is not made with: words or quotes, and spans of days.

    Two spans that overlap could be subtracted, and tell of few people.

    Raises:
        UsageError: one of these options was given.
    """
    for option, value in given.items():
        if value:
            raise UsageError(
                f"{option} is not for supporters",
                f"leave it out, or leave out --for {ExportAudience.SUPPORTERS.value}",
            )


def _tell(written: tuple[WrittenFile, ...], *, as_json: bool) -> None:
    if as_json:
        print_json([{"file": str(file.path), "rows": file.tables} for file in written])
        return
    for file in written:
        if not file.tables:
            say(f"{file.path} (all of them in one)")
            continue
        rows = ", ".join(f"{name}: {number}" for name, number in file.tables.items())
        say(f"{file.path} (rows: {rows if len(file.tables) > 1 else sum(file.tables.values())})")


def _audit(connection: Connection, *, asked: Mapping[str, object]) -> None:
    """Record the export in the audit trail before anything stands under its name, since it may break off."""
    audit.record(connection, AuditKind.EXPORT, participant_id=None, now=SystemClock().now(), **asked)


def _tasks(bar: Progress) -> FileProgress:
    """Show a line for each file as it is written, and one before them: for columns, all answers are looked through."""
    looking = bar.add_task("what there is", total=None)

    def begin(name: str, total: int) -> Advance:
        bar.update(looking, visible=False)
        task = bar.add_task(name, total=total)
        return lambda rows: bar.advance(task, rows)

    return begin
