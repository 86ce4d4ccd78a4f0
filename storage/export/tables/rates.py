"""How often clinicians do what they planned, before and after, as a table: a row per wave, with the difference."""

from typing import Final

from sqlalchemy import Connection

from storage.export.rates import rate_changes
from storage.export.statistics import SELF_REPORTED, Difference, percent
from storage.export.tables.table import ExportSelection, ExportTable

COLUMNS = (
    "program", "activity", "wave", "committed", "with_baseline", "n", "people", "before", "after", "difference",
    "difference_low", "difference_high", "basis", "reported", "done_n", "done_people", "done_before", "done_after",
    "done_difference", "done_difference_low", "done_difference_high", "outside", "outside_done", "outside_not_done",
    "outside_not_started", "outside_no_patients",
)  # fmt: skip
_NONE_DONE: Final = (0, *[None] * 6)


def rates(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of rates, one row per program, activity and wave with at least one number before and after.

    All rates are per cent of the last ten such patients, or of those that there were; differences are points. The
    `done_` columns are of the commitments alone that are done, and empty but for `done_n` where none is; the `outside`
    columns count those with a report and no number after, by what was reported.
    """
    rows = [
        (
            one.program,
            one.activity,
            one.wave,
            one.committed,
            one.with_baseline,
            *_cells(one.change),
            SELF_REPORTED,
            one.reported,
            *(_cells(one.done) if one.done else _NONE_DONE),
            sum(one.outside),
            *one.outside,
        )
        for one in rate_changes(connection, selection)
    ]
    return ExportTable("rates", COLUMNS, rows, len(rows))


def _cells(change: Difference) -> tuple[float | int | None, ...]:
    """Return the cells of a difference: n, people, before, after, the difference, and the ends of its interval."""
    shares = (change.before, change.after, change.mean, change.low, change.high)
    return change.n, change.people, *map(percent, shares)
