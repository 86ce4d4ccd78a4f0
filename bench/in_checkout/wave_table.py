"""Lay out the figures of `wave.py` as a table."""

import math
from collections.abc import Iterator
from typing import Any

WAITS = {"reply": "reply", "help": "help in a crisis", "alert": "alert to the team"}
"""What is waited for, in the figures and in words."""


def rows(figures: dict[str, dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table, a column for each spread of answers."""
    runs = list(figures.values())

    def line(title: str, form: str) -> tuple[str, ...]:
        return (title, *(form.format(**run) for run in runs))

    yield line("openers handed over", "{openers:,} of {due:,}")
    yield line("people who answered", "{answering:,}")
    yield line("messages sent", "{messages:,}")
    yield line("of them paid for", "{paid:,}")
    for name, words in WAITS.items():
        yield line(f"{words}: measured", f"{{{name}[count]:,}}")
        for mark in ("p50", "p99", "longest"):
            seconds = (run[name].get(mark, math.nan) for run in runs)
            yield (f"{words}: {mark}, s", *(f"{one:.2f}" for one in seconds))
    if any(run["page"]["count"] for run in runs):
        yield line("pages of the team", "{page[count]:,}")
        for mark in ("p50", "p95", "p99", "longest"):
            yield line(f"page of the team: {mark}, s", f"{{page[{mark}]:.3f}}")
    yield line("hours until the last opener", "{hours_of_openers:.2f}")
    yield line("hours until the last message", "{hours_to_finish:.2f}")
    yield line("processor, s", "{processor_seconds:.0f}")
    yield line("memory at most, MB", "{memory_mb:.0f}")
    yield line("database, MB", "{file_mb:.0f}")
    for mark in ("p99", "p999", "longest"):
        yield line(f"hold of the writer: {mark}, ms of processor", f"{{holds[{mark}_ms]:.0f}}")
