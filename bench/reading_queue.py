"""What the queue of unread texts costs at a million answers: to count it, to list it, to show a text and to mark it.

A database of 100,344 people is made first (`in_checkout/big_database.py`), as for `big.py`; `--database FILE` takes one
that is there, and leaves it changed. It is measured twice: where nobody has read anything since the first answer, and
where all was read but the newest thousand answers, as where a team keeps up.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent / "in_checkout"))

from bench.big import quiet_logs
from bench.common import arguments, fresh_folder, median, show, show_json
from bench.in_checkout.big_database import PEOPLE, make, row_count
from storage.database.connection import Database
from storage.people import coordinators
from storage.safety import reading, unread_texts
from storage.safety.text_signals import keep_place
from storage.safety.unread_rows import everything_read_below
from storage.schema import TextPlaceName

NEWEST = 1_000
"""Answers that nobody has read where a team keeps up."""
LISTED = 200
"""Texts that `said read` orders at once."""
READER = "BENCH-1"
_STORED = "%Y-%m-%d %H:%M:%S.%f"


def read_nothing(path: Path) -> None:
    """Forget who has read what, and count texts from the first one on."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DELETE FROM reading")
        raw.execute("UPDATE text_place SET answer_id = 0, remark_id = 0 WHERE name IN ('update', 'read')")
        raw.commit()


def read_all_but_newest(path: Path, coordinator: int) -> None:
    """Mark all answers but the newest as read, and all remarks and words of cases."""
    now = datetime.now(UTC).strftime(_STORED)
    marks = (
        ("answer_id", "answer", f"WHERE id <= (SELECT max(id) FROM answer) - {NEWEST}"),
        ("remark_id", "remark", ""),
        ("case_id", "safety_case", ""),
    )
    with closing(sqlite3.connect(path)) as raw:
        for column, table, where in marks:
            mark = (
                f"INSERT INTO reading ({column}, coordinator_id, way, shown_at, read_at)"
                f" SELECT id, ?, 'text', ?, ? FROM {table} {where}"
            )
            raw.execute(mark, (coordinator, now, now))
        raw.commit()
    with Database.open(path) as database:
        database.write_now(lambda c: keep_place(c, TextPlaceName.READ, everything_read_below(c)))


def measure(path: Path, repeats: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield what is done with the queue, with its medians in seconds: by the clock, and of the processor."""
    with Database.open(path) as database:
        by = database.read_now(lambda c: coordinators.by_code(c, READER))
        now = datetime.now(UTC)
        listed = database.read_now(lambda c: unread_texts.unread(c, now, limit=LISTED))
        waiting = iter(listed)

        def show_one() -> None:
            source = next(waiting).source
            same = database.read_now(lambda c: reading.count_same(c, source))
            database.write_now(lambda c: reading.show_text(c, source, by=by, now=now, same=same))
            shown.append(source)

        shown: list[Any] = []
        steps: dict[str, Callable[[], object]] = {
            "count": lambda: database.read_now(lambda c: unread_texts.figures(c, now)),
            f"list {LISTED}": lambda: database.read_now(lambda c: unread_texts.unread(c, now, limit=LISTED)),
            "show a text": show_one,
            "mark a text": lambda: database.write_now(
                lambda c: reading.mark_read(c, [shown.pop(0)], by=by, now=now)
            ),
        }
        yield "unread", {"texts": float(database.read_now(lambda c: unread_texts.figures(c, now)).total)}
        for name, step in steps.items():
            took: list[tuple[float, float]] = []
            for _ in range(repeats):
                began, used = perf_counter(), process_time()
                step()
                took.append((perf_counter() - began, process_time() - used))
            clock, processor = (median(times) for times in zip(*took, strict=True))
            yield name, {"seconds": clock, "processor_seconds": processor}


def enrol(path: Path) -> int:
    """Add a coordinator who reads; return their number."""
    with Database.open(path) as database:
        now = datetime.now(UTC)
        if database.read_now(lambda c: coordinators.find_by_code(c, READER)) is None:
            database.write_now(lambda c: coordinators.enrol(c, READER, token_hash=b"bench", now=now))
        return database.read_now(lambda c: coordinators.by_code(c, READER)).id


def main() -> None:
    """Make the database, measure, and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"participants (default {PEOPLE})")
    parser.add_argument("--database", type=Path, help="measure this one, which is changed; none is made")
    asked = parser.parse_args()
    with fresh_folder(asked.folder) as folder:
        path = asked.database or folder / "said.sqlite"
        if asked.database is None:
            with quiet_logs():
                make(path, asked.people)
        coordinator = enrol(path)
        read_nothing(path)
        nothing = dict(measure(path, asked.repeats))
        read_nothing(path)
        read_all_but_newest(path, coordinator)
        kept_up = dict(measure(path, asked.repeats))
        with closing(sqlite3.connect(path)) as raw:
            answers = row_count(raw, "answer")
    if asked.json:
        show_json({"answers": answers, "nothing_read": nothing, "all_read_but_newest": kept_up})
        return
    for title, figures in (("Nobody has read anything", nothing), ("All is read but the newest", kept_up)):
        unread = int(figures.pop("unread")["texts"])
        show(
            f"{title}: {unread:,} unread of {answers:,} answers",
            ("", "seconds", "of processor"),
            [
                (name, f"{one['seconds']:.2f}", f"{one['processor_seconds']:.2f}")
                for name, one in figures.items()
            ],
        )


if __name__ == "__main__":
    main()
