"""What the benchmarks share: fresh folders, repeats in turn, medians, a table or JSON."""

import argparse
import json
import platform
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

_WIDE = 160
"""Columns of a table that goes into a file or another program, so that no cell is cut."""


def arguments(about: str) -> argparse.ArgumentParser:
    """Add the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--repeats", type=int, default=3, help="how often each contender runs (default 3)")
    parser.add_argument("--folder", type=Path, help="where the files are made; on the disk to be measured")
    return parser


@contextmanager
def fresh_folder(where: Path | None) -> Iterator[Path]:
    """Make an empty folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="said-bench-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def in_turn(
    contenders: Mapping[str, Callable[[Path], float]], repeats: int, where: Path | None
) -> dict[str, list[float]]:
    """Run the contenders one after the other, as often as asked: a busy machine is busy for all."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, run in contenders.items():
            with fresh_folder(where) as folder:
                figures[name].append(run(folder))
    return figures


def median(figures: Sequence[float]) -> float:
    """Return the middle one."""
    return statistics.median(figures)


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the figure below which this share lies (nearest rank)."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def wilson(hits: int, of: int) -> str:
    """Return a share with Wilson's interval of 95 %, in percent; a dash where the whole is nothing.

    >>> wilson(93, 100), wilson(0, 0)
    ('93.0 (86.3-96.6)', '-')
    """
    ends = share_figures(hits, of)
    if ends["share"] is None:
        return "-"
    return "{share:.1f} ({low:.1f}-{high:.1f})".format(
        **{name: 100 * (ends[name] or 0) for name in ("share", "low", "high")}
    )


def share_figures(hits: int, of: int) -> dict[str, float | int | None]:
    """Return a share with both ends of its interval, for a program to read: from 0 to 1, None where there is none."""
    from storage.export.statistics import Share  # not above: some benchmarks run code of another checkout

    share = Share(hits, of)
    return {"n": hits, "of": of, "share": share.value, "low": share.low, "high": share.high}


def machine() -> dict[str, str]:
    """Say what it was measured on."""
    return {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)


def show_markdown(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as a page of documentation has it."""
    lines = [columns, ["---", *["--:"] * (len(columns) - 1)], *rows]
    print(f"**{title}**\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n")


def show_json(figures: Mapping[str, Any]) -> None:
    """Print everything for a program to read."""
    print(json.dumps({**figures, "machine": machine()}, indent=2))
