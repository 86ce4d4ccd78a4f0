"""The funnel of follow-up as tables: wave by wave for the team, and the cut that may be handed to a supporter."""

from collections.abc import Iterator

from sqlalchemy import Connection

from storage.export.funnel import LATEST, WaveFunnel, funnels
from storage.export.small_cells import CellTree, HiddenMark, Shown, suppress_small_cells, total
from storage.export.statistics import SELF_REPORTED, STATUSES, Proportion, Share, WaveStanding, percent
from storage.export.tables.table import Cell, ExportSelection, ExportTable, Row

_SHARES = (
    "of_responders", "of_responders_low", "of_responders_high", "of_due", "of_due_low", "of_due_high", "basis",
)  # fmt: skip
WAVES_COLUMNS = (
    "program", "activity", "wave", "implementation", "n", "people", "responded", "due", *_SHARES,
    "committed", "waiting", "no_response", "late", "opted_out", "not_due", "unconfirmed",
)  # fmt: skip
SUPPORTERS_COLUMNS = (
    "program", "activity", "implementation", "n", "responded", "no_answer", "due", *_SHARES,
)  # fmt: skip
_UNANSWERED = (WaveStanding.WAITING, WaveStanding.NO_RESPONSE, WaveStanding.OPTED_OUT)


def waves(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of the funnel, one row per program, activity, wave and status, unreported statuses too."""
    rows = [row for wave in funnels(connection, selection) for row in _rows(wave)]
    return ExportTable("waves", WAVES_COLUMNS, rows, len(rows))


def _rows(wave: WaveFunnel) -> Iterator[Row]:
    """Yield a row per status for one wave."""
    found = wave.funnel
    places = (found.places[place].n for place in (WaveStanding.WAITING, WaveStanding.NO_RESPONSE))
    asked_not = (found.places[place].n for place in (WaveStanding.OPTED_OUT, WaveStanding.NOT_DUE))
    rest = (*places, found.late, *asked_not, found.unconfirmed)
    for status in STATUSES:
        proportion = found.proportion(status)
        yield (
            wave.program,
            wave.activity,
            wave.wave,
            status,
            proportion.n,
            found.statuses[status].people,
            proportion.responded,
            proportion.due,
            *_shares(proportion),
            found.committed,
            *rest,
        )


def _shares(proportion: Proportion) -> tuple[Cell, ...]:
    """Return both shares of a proportion with their intervals in per cent, and their basis."""
    return (*_bounds(proportion.of_responders), *_bounds(proportion.of_due), proportion.basis)


def _bounds(share: Share) -> tuple[Cell, ...]:
    """Return a share and its interval in per cent."""
    return percent(share.value), percent(share.low), percent(share.high)


def supporters(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table for a supporter: one row per program, activity and status, small cells hidden.

    It counts the newest report on each commitment, not wave by wave: who has done it is not asked again, so two waves'
    totals differ by what one of them hides. A share is there only if its number and both its denominators are.
    """
    found = [wave for wave in funnels(connection, selection) if wave.wave == LATEST]
    rows = [row for wave in found for row in _cut(wave)]
    return ExportTable("supporters", SUPPORTERS_COLUMNS, rows, len(rows))


def supporter_cells(wave: WaveFunnel) -> CellTree:
    """Return the figures of a wave that a supporter gets, as a tree of cells in which nothing is hidden yet.

    All that were due, as those who responded by status, and those who did not answer in one cell.
    """
    found = wave.funnel
    return total(
        "due",
        total("responded", *(CellTree(status, found.statuses[status]) for status in STATUSES)),
        CellTree(
            "no_answer", total("", *(CellTree(place, found.places[place]) for place in _UNANSWERED)).cell
        ),
    )


def _cut(wave: WaveFunnel) -> Iterator[Row]:
    """Yield a row per status for one wave, with what may be shown of it."""
    shown = suppress_small_cells(supporter_cells(wave))
    for status in STATUSES:
        numbers = (shown[name] for name in (status, "responded", "no_answer", "due"))
        yield (
            wave.program,
            wave.activity,
            status,
            *(cell.value if isinstance(cell, HiddenMark) else cell for cell in numbers),
            *_shares_shown(shown, status),
        )


def _shares_shown(shown: Shown, status: str) -> tuple[Cell, ...]:
    """Return the shares of a status, or nothing but the basis where one of their three numbers is hidden."""
    n, responded, due = shown[status], shown["responded"], shown["due"]
    if isinstance(n, HiddenMark) or isinstance(responded, HiddenMark) or isinstance(due, HiddenMark):
        return (None,) * (len(_SHARES) - 1) + (SELF_REPORTED,)
    return _shares(Proportion(n, responded, due))
