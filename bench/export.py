"""What an export of answers costs beside `csv.writer` over a raw cursor of the same rows, and the memory it takes.

A database of so many people is made first (`in_checkout/big_database.py`; a person has about ten answers), and its
words are redacted as the running bot does in the background; `--database FILE` takes one that is there, and leaves it
changed. Each contender runs in a process of its own, in turn: the bare rows, CSV, JSON Lines and XLSX. Seconds are of
the processor; the ratio is that of one round, by which a machine that is busy is busy for both.
"""

import asyncio
import csv
import json
import os
import sqlite3
import subprocess
import sys
from argparse import SUPPRESS
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent / "in_checkout"))

import sqlalchemy as sa
from rich.progress import Progress

from bench.big import peak_mb, quiet_logs
from bench.common import arguments, fresh_folder, median, show, show_json
from bench.in_checkout.big_database import SEED, make
from bot.schedule.redactions import BackgroundRedaction
from bot.simulation.run import simulated_identity
from storage.database.connection import Database
from storage.export.formats.registry import FORMATS, RAW_FORMAT
from storage.export.options import ExportFormat
from storage.export.tables.answers import answers_as_json, answers_long, answers_query
from storage.export.tables.table import ExportSelection

ROOT = Path(__file__).parent.parent
BARE = "csv.writer, bare rows"
CONTENDERS = (BARE, "CSV", "JSONL", "XLSX")


def write(name: str, path: Path, folder: Path) -> dict[str, Any]:
    """Write all answers as one contender does, and return the rows, the seconds of the processor and the memory."""
    began = process_time()
    rows = write_bare(path, folder) if name == BARE else write_export(name, path, folder)
    return {"rows": rows, "seconds": process_time() - began, "memory_mb": peak_mb()}


def write_bare(path: Path, folder: Path) -> int:
    """Write the rows of the same query as SQLite gives them: nothing is converted, redacted or looked up."""
    engine = sa.create_engine("sqlite://")
    query = answers_query(ExportSelection())
    text = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    with closing(sqlite3.connect(path)) as raw, (folder / "bare.csv").open("w", newline="") as file:
        csv.writer(file).writerows(raw.execute(text))
        return int(raw.execute("SELECT count(*) FROM answer WHERE NOT personal").fetchone()[0])


def write_export(name: str, path: Path, folder: Path) -> int:
    """Write the table of answers in one format, as `said export` does."""
    form = {"CSV": FORMATS[ExportFormat.CSV], "XLSX": FORMATS[ExportFormat.XLSX]}.get(name, RAW_FORMAT)
    read = answers_as_json if form is RAW_FORMAT else answers_long
    with opened(path) as database, database.reading() as connection:
        table = read(connection, ExportSelection())
        written = form.write(folder / name.replace(" ", "_"), [table], lambda _rows: None)
    return written[table.name]


def opened(path: Path) -> Database:
    """Open a database of `big_database.make`."""
    return Database.open(path, identity=simulated_identity(SEED), durable=False, threads=False)


async def redact(path: Path) -> int:
    """Redact all words as the scheduler does, tick after tick; return how many rows those were."""
    with opened(path) as database:
        work, done, now = BackgroundRedaction(database), 0, datetime.now(UTC)
        while count := await work.step(now):
            done += count
    return done


def measure(path: Path, folder: Path, repeats: int, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Run the contenders in turn, each in a process of its own."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with Progress(transient=True) as bar:
        task = bar.add_task("exports", total=repeats * len(names))
        for _ in range(repeats):
            for name in names:
                worker = [sys.executable, __file__, "--worker", name, str(path), str(folder)]
                around = os.environ | {"PYTHONPATH": str(ROOT)}
                done = subprocess.run(worker, check=True, stdout=subprocess.PIPE, env=around)
                found[name].append(json.loads(done.stdout))
                bar.advance(task)
    return found


def show_figures(found: dict[str, list[dict[str, Any]]]) -> None:
    """Print a row per contender: seconds, their ratio to the bare rows of the same round, and memory."""
    bare = [one["seconds"] for one in found[BARE]]
    rows = []
    for name, runs in found.items():
        ratios = [one["seconds"] / base for one, base in zip(runs, bare, strict=True)]
        seconds = [one["seconds"] for one in runs]
        rows.append(
            (
                name,
                f"{median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})",
                f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
                f"{max(one['memory_mb'] for one in runs):.0f}",
            )
        )
    title = f"{found[BARE][0]['rows']:,} answers"
    show(title, ("written as", "seconds of the processor", "times the bare rows", "MB at most"), rows)


def main(options: Sequence[str] | None = None) -> None:
    """Make the database, measure, and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=100_344, help="participants (default 100,344)")
    parser.add_argument("--database", type=Path, help="measure this one, which is changed by it")
    parser.add_argument("--only", nargs="*", default=CONTENDERS[1:], help="which formats (default all)")
    parser.add_argument("--worker", nargs=3, help=SUPPRESS)
    asked = parser.parse_args(options)
    if asked.worker is not None:
        name, path, folder = asked.worker
        print(json.dumps(write(name, Path(path), Path(folder))))
        return
    with fresh_folder(asked.folder) as folder, quiet_logs():
        path = asked.database
        if path is None:
            path = folder / "said.sqlite"
            make(path, asked.people)
        asyncio.run(redact(path))
        found = measure(path, folder, asked.repeats, (BARE, *asked.only))
    if asked.json:
        show_json(found)
    else:
        show_figures(found)


if __name__ == "__main__":
    main()
