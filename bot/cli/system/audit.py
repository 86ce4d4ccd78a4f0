"""`said audit`: check whether the audit trail holds."""

from pathlib import Path

import typer

from bot.cli.common import print_json, progress_bar, say
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.database import audit
from storage.database.audit import AuditAnchor, AuditVerification


def verify(anchor: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said audit verify`; `bot.cli.system.commands` says what each option is."""
    known = _anchor(anchor)
    with (
        opened(config, database) as (_, found),
        found.reading() as connection,
        progress_bar() as bar,
    ):
        task = bar.add_task("audit trail", total=audit.count_rows(connection))
        verdict = audit.verify(connection, anchor=known, progress=lambda rows: bar.advance(task, rows))
    _print(verdict, as_json=as_json)
    raise typer.Exit(1 if verdict.broken else 0)


def _anchor(text: str | None) -> AuditAnchor | None:
    known = None if text is None else AuditAnchor.read(text)
    if text is not None and known is None:
        raise UsageError(
            f"--anchor {text!r} is not an anchor", "give the line that `said audit verify` printed"
        )
    return known


def _print(verdict: AuditVerification, *, as_json: bool) -> None:
    broken = verdict.broken
    if as_json:
        print_json(
            {
                "whole": broken is None,
                "rows": verdict.anchor.rows,
                "anchor": str(verdict.anchor),
                "broken": None if broken is None else {"row": broken.row, "what": broken.what},
            }
        )
    elif broken is None:
        say(f"The audit trail is whole: {verdict.anchor.rows:,} rows.")
        say(f"Anchor, to be kept elsewhere and given to --anchor later: {verdict.anchor}")
    else:
        say(f"The audit trail is broken: row {broken.row} {broken.what}.")
        say(f"The {verdict.anchor.rows:,} rows before it hold. Compare with a backup.")
