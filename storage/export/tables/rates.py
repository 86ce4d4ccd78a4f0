"""How often clinicians do what they planned, before and after, as a table: a row per wave, with the difference."""

from sqlalchemy import Connection

from storage.export.rates import rate_changes
from storage.export.statistics import SELF_REPORTED, percent
from storage.export.tables.table import ExportSelection, ExportTable

COLUMNS = (
    "program", "activity", "wave", "committed", "with_baseline", "n", "people", "before", "after", "difference",
    "difference_low", "difference_high", "basis",
)  # fmt: skip


def rates(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of rates, one row per program, activity and wave with at least one number before and after.

    All rates are per cent of the last ten such patients, or of those that there were; differences are points.
    """
    rows = [
        (
            one.program,
            one.activity,
            one.wave,
            one.committed,
            one.with_baseline,
            one.change.n,
            one.change.people,
            *map(percent, (one.change.before, one.change.after, one.change.mean)),
            *map(percent, (one.change.low, one.change.high)),
            SELF_REPORTED,
        )
        for one in rate_changes(connection, selection)
    ]
    return ExportTable("rates", COLUMNS, rows, len(rows))
