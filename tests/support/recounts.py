"""Recount every number of `said program response` and `said program loop` in plain SQL on a database file.

This shares no code with what it checks, and no query: it was written from the definitions of
docs/reference/measures.md. Shares come as (part, whole, responders), times as the text in which they are stored.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.support import recount_queries as sql

Rows = dict[tuple[str, ...], tuple[Any, ...]]


def t_quantile(freedom: int) -> float:
    """The 97.5th percentile of Student's t, found by halving where its density, summed by Simpson's rule, is 0.475."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    low, high = 0.0, 20.0
    for _ in range(60):
        middle, steps = (low + high) / 2, 2000
        heights = [
            scale * (1 + (middle * k / steps) ** 2 / freedom) ** (-(freedom + 1) / 2)
            for k in range(steps + 1)
        ]
        area = (
            middle
            / steps
            / 3
            * (heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2]))
        )
        low, high = (middle, high) if area < 0.475 else (low, middle)
    return low


def spread(differences: Iterable[tuple[int, float]]) -> tuple[float, float | None, float | None]:
    """The mean of differences, and the interval in which those of one person belong together."""
    found = list(differences)
    mean = sum(one for _, one in found) / len(found)
    people = {who for who, _ in found}
    if len(people) < 2:
        return mean, None, None
    sums = [sum(one - mean for who, one in found if who == person) for person in people]
    error = math.sqrt(len(people) / (len(people) - 1) * sum(one * one for one in sums)) / len(found)
    half = t_quantile(len(people) - 1) * error
    return mean, mean - half, mean + half


def _bounded(found: tuple[float, float | None, float | None], most: float) -> tuple[Any, ...]:
    mean, low, high = found
    return mean, None if low is None else max(-most, low), None if high is None else min(most, high)


def _rates(connection: sqlite3.Connection, program: str) -> Rows:
    grouped: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for activity, wave, *pair in connection.execute(sql.PAIRS, {"p": program}):
        grouped.setdefault((activity, wave), []).append(tuple(pair))
    rows: Rows = {}
    for key, pairs in grouped.items():
        n, people = len(pairs), len({who for who, *_ in pairs})
        before, after = (10 * sum(pair[place] for pair in pairs) / n for place in (1, 2))
        change = _bounded(spread((who, second - first) for who, first, second, _ in pairs), 1)
        rows[key] = (pairs[0][3], n, people, before, after, (n, people, *change))
    return rows


def _loop(connection: sqlite3.Connection, program: str) -> Rows:
    rows = _plain(sql.LOOP, 2)(connection, program)
    for key, row in rows.items():
        changes = list(enumerate(row[14]))
        change = (len(changes), *_bounded(spread(changes), 4)) if changes else None
        rows[key] = (*row[:14], change, *row[15:])
    return rows


def read_rows(found: Iterable[tuple[Any, ...]], keys: int) -> Rows:
    """The rows of a query by their first cells, shares as tuples."""
    rows: Rows = {}
    for row in found:
        cells = (
            json.loads(one) if isinstance(one, str) and one.startswith("[") else one for one in row[keys:]
        )
        assert row[:keys] not in rows, row
        rows[row[:keys]] = tuple(tuple(one) if isinstance(one, list) else one for one in cells)
    return rows


def _plain(query: str, keys: int) -> Callable[[sqlite3.Connection, str], Rows]:
    def count(connection: sqlite3.Connection, program: str) -> Rows:
        return read_rows(connection.execute(query, {"p": program}), keys)

    return count


RECOUNTS: dict[str, Callable[[sqlite3.Connection, str], Rows]] = {
    "response.links": _plain(sql.LINKS, 4),
    "response.dispositions": _plain(sql.DISPOSITIONS, 4),
    "response.waves": _plain(sql.WAVES, 4),
    "response.reminders": _plain(sql.REMINDERS, 2),
    "response.questions": _plain(sql.QUESTIONS, 2),
    "response.minutes": _plain(sql.MINUTES, 1),
    "response.barriers": _plain(sql.BARRIERS, 1),
    "response.statuses": _plain(sql.STATUSES, 3),
    "response.implemented": _plain(sql.IMPLEMENTED, 2),
    "response.rates": _rates,
    "loop.themes": _loop,
}
"""What recounts each table of measures, by the table's name."""


def recount(path: Path, program: str, specific: dict[int, int]) -> dict[str, Rows]:
    """Recount every table on a database file. `specific` has how specific each commitment is, which is read by rule."""
    with sqlite3.connect(path) as connection:
        prepare(connection, specific)
        return {name: count(connection, program) for name, count in RECOUNTS.items()}


def prepare(connection: sqlite3.Connection, specific: dict[int, int]) -> None:
    """Give a connection what the queries need beside the tables."""
    connection.create_function("seconds", 1, _seconds)
    connection.execute("CREATE TEMP TABLE specific (id INTEGER PRIMARY KEY, points INTEGER)")
    connection.executemany("INSERT INTO specific VALUES (?, ?)", specific.items())


def _seconds(text: str | None) -> float | None:
    """Seconds of a stored time since a day long gone."""
    if text is None:
        return None
    day, clock = text.split(" ")
    year, month, date = map(int, day.split("-"))
    hours, minutes, seconds = clock.split(":")
    days = 367 * year - 7 * (year + (month + 9) // 12) // 4 + 275 * month // 9 + date
    return 86400 * days + 3600 * int(hours) + 60 * int(minutes) + float(seconds)
