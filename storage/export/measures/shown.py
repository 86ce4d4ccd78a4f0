"""Show a cell of a table of measures: in words, and as JSON has it. Both say where fewer than five people answered."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from storage.export.measures.measure import Figure, MeasureCell, MeasureRow, MeasureTable, RatingChange
from storage.export.statistics import Difference, percent, share_in_words

FEW: Final = "under 5 answered"
"""What stands in place of a share for which fewer than five people answered."""


def in_words(value: MeasureCell) -> str:  # noqa: PLR0911 - one line a type
    """Write a cell; a share for which fewer than five people answered has no per cent, and says so."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d")
        case Figure():
            return _figure(value)
        case RatingChange():
            return _change(value)
        case Difference():
            few = Figure(0, value.n, value.people).is_few
            return f"{100 * value.mean:+.1f}, {FEW}" if few else value.in_points
        case float():
            return f"{value:.1f}"
        case _:
            return str(value)


def _figure(value: Figure) -> str:
    if not value.of:
        return "-"
    counts = f"{value.n} of {value.of}"
    return f"{counts}, {FEW}" if value.is_few else f"{counts} = {share_in_words(value.share)}"


def _change(value: RatingChange) -> str:
    if value.is_few or value.low is None or value.high is None:
        return f"{value.mean:+.1f}, {FEW}"
    return f"{value.mean:+.1f} ({value.low:+.1f} to {value.high:+.1f}) of {value.people}"


def table_as_json(
    table: MeasureTable, rows: Iterable[MeasureRow], *, with_people: bool = True
) -> dict[str, Any]:
    """Return a table with its rows as JSON has it: each measure by its column, the ids as `table.column`.

    `with_people` False is for supporters, who do not see how many people a share of commitments rests on.
    """
    return {
        "name": table.name,
        "title": table.title,
        "note": table.note,
        "sources": {measure.id: measure.source.value for measure in table.measures},
        "rows": [
            {
                column: as_json(cell, with_people=with_people)
                for column, cell in zip(table.columns, row, strict=True)
            }
            for row in rows
        ],
    }


def as_json(value: MeasureCell, *, with_people: bool = True) -> object:
    """Return a cell for JSON; a share for which fewer than five people answered has no per cent.

    Without `with_people` a share does not say how many answered, nor whether these are few.
    """
    match value:
        case Figure():
            share = value.share
            shares = (None,) * 3 if value.is_few else (share.value, share.low, share.high)
            told = dict(zip(("percent", "low", "high"), map(percent, shares), strict=True))
            people = {"responders": value.responders, "few": value.is_few} if with_people else {}
            return {"n": value.n, "of": value.of, **told, **people}
        case RatingChange():
            bounds = (None, None) if value.is_few else (value.low, value.high)
            return {
                "points": round(value.mean, 2),
                "low": None if bounds[0] is None else round(bounds[0], 2),
                "high": None if bounds[1] is None else round(bounds[1], 2),
                "people": value.people,
                "few": value.is_few,
            }
        case Difference():
            few = Figure(0, value.n, value.people).is_few
            low, high = (None, None) if few else (percent(value.low), percent(value.high))
            return {
                "points": percent(value.mean),
                "low": low,
                "high": high,
                "n": value.n,
                "people": value.people,
                "few": few,
            }
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case _:
            return value
