"""What it takes to find what goes next, with 1,000 and with 200,000 unsent messages, in shapes that could hurt.

Each figure is the processor time of one `outbox.heads` of 64, in a database where so many messages wait:

- spread: one message each, first words of ours;
- one address: all of them at one address, and one reply at another behind them;
- retries: all wait for a retry, and one reply may go;
- other channel: all on another channel, and one reply on this one;
- mixed: all slower lanes and a few thousand addresses, and one reply.

Beside it: what queueing one reply takes at an address where a reply waits, and at one where those messages do.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import sqlalchemy as sa

from bench.common import arguments, fresh_folder, median, percentile, show, show_json
from storage.conversations import outbox
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.schema import ADDRESS, AddressStatus, Lane

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
KEYS = AddressKeys(bytes(32))
PAYLOAD = '{"text":"Have you had the time to try it?","language":"en"}'
LOOKS = 200
OURS = 2
"""The address that the one reply is for."""
ELSEWHERE = ("other channel",)
AT_ONCE = 10_000
Rows = Iterator[dict[str, Any]]


class NotKeptError(Exception):
    """Undoes what was queued only to be measured."""


def spread(number: int) -> Rows:
    """Make one message each for so many people, in the lane of first words."""
    for one in range(number):
        yield {"address_id": one + 3, "lane": Lane.BULK}


def one_address(number: int) -> Rows:
    """Make all messages for one address."""
    for _ in range(number):
        yield {"address_id": 3, "lane": Lane.REPLY}


def retries(number: int) -> Rows:
    """Make messages that wait for a retry, in the lane of replies."""
    for one in range(number):
        yield {"address_id": one + 3, "lane": Lane.REPLY, "not_before": NOW + timedelta(seconds=60 + one)}


def other_channel(number: int) -> Rows:
    """Make replies on another channel: addresses with odd numbers are there."""
    for one in range(number):
        yield {"address_id": 2 * one + 3, "lane": Lane.REPLY}


def mixed(number: int) -> Rows:
    """Make messages in all slower lanes for 5,000 people."""
    lanes = [Lane.TEAM, Lane.REMINDER, Lane.BULK]
    for one in range(number):
        yield {"address_id": 2 * (one % 5_000) + 3, "lane": lanes[one * 7 % 3]}


SHAPES: dict[str, Callable[[int], Rows]] = {
    "spread": spread,
    "one address": one_address,
    "retries": retries,
    "other channel": other_channel,
    "mixed": mixed,
}


def fill(folder: Path, rows: Rows, *, odd: str) -> Database:
    """Make a database in which these messages wait, on channel `odd` for addresses with odd numbers."""
    database = Database.open(folder / "said.sqlite", identity=KEYS)
    made = list(rows)
    numbers = sorted({OURS, 3, *(row["address_id"] for row in made)})

    def work(connection: sa.Connection) -> None:
        addresses = [
            {
                "id": number,
                "channel": odd if number % 2 else "fake",
                "lookup": number.to_bytes(32, "big"),
                "sealed": b"",
                "status": AddressStatus.ACTIVE,
                "next_seq": 1,
                "created_at": NOW,
            }
            for number in numbers
        ]
        for start in range(0, len(addresses), AT_ONCE):
            connection.execute(ADDRESS.insert(), addresses[start : start + AT_ONCE])
        for start in range(0, len(made), AT_ONCE):
            batch = made[start : start + AT_ONCE]
            outbox.queue(connection, [{"payload": PAYLOAD, "created_at": NOW, **row} for row in batch])

    database.write_now(work)
    return database


def timed(work: Callable[[], object]) -> list[float]:
    """Return the processor time of each of some runs, in milliseconds."""
    figures = []
    for _ in range(LOOKS):
        start = process_time()
        work()
        figures.append((process_time() - start) * 1e3)
    return figures


def queueing(database: Database, address_id: int) -> list[float]:
    """Return the processor time of queueing one reply at an address, in milliseconds; nothing of it is kept."""
    figures = []

    def work(connection: sa.Connection) -> None:
        for _ in range(LOOKS):
            start = process_time()
            outbox.queue(connection, [{"payload": PAYLOAD, "created_at": NOW, "address_id": address_id}])
            figures.append((process_time() - start) * 1e3)
        raise NotKeptError

    with suppress(NotKeptError):
        database.write_now(work)
    return figures


def measure(folder: Path, shape: str, number: int) -> dict[str, float]:
    """Measure a shape with so many unsent messages."""
    database = fill(folder, SHAPES[shape](number), odd="other" if shape in ELSEWHERE else "fake")
    database.write_now(
        lambda c: outbox.queue(c, [{"payload": PAYLOAD, "created_at": NOW, "address_id": OURS}])
    )

    def look() -> None:
        assert any(head.address_id == OURS for head in outbox.heads(connection, line="fake", now=NOW).ready)

    with database.reading() as connection:
        looks = timed(look)
    figures = {"heads": median(looks), "heads, slowest of 100": percentile(looks, 0.99)}
    figures["queue, where one waits"] = median(queueing(database, OURS))
    figures["queue, where others wait"] = median(queueing(database, 3))
    database.close()
    return figures


def main() -> None:
    """Measure each shape at both sizes, and show a table."""
    parser = arguments(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 200_000])
    options = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    for shape in SHAPES:
        for size in options.sizes:
            with fresh_folder(options.folder) as folder:
                figures[f"{shape}, {size:,}"] = measure(folder, shape, size)
    if options.json:
        show_json(figures)
        return
    columns = ("unsent messages", *next(iter(figures.values())))
    show(
        "Finding what goes next",
        columns,
        [(name, *(f"{value:.3f} ms" for value in row.values())) for name, row in figures.items()],
    )


if __name__ == "__main__":
    main()
