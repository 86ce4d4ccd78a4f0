"""Measure the processor time of a turn in the checkout that is the current folder; prints JSON for `turn_cost.py`."""

import argparse
import asyncio
import gc
import json
import tempfile
import time
from pathlib import Path

from any_checkout import Bot, must_be_of, started

REPLIES = (
    "I have the condition",
    "1 to 5 years",
    "It was short",
    "The doctor looked at the screen and not at me",
    "The nurse was kind",
    "Nobody told me that my feet might go numb, and I was afraid of it for weeks",
)
"""To the first questions of the interview: two choices, own words, a probe."""
MADE_BETWEEN_COLLECTIONS = 10_000
"""As `said run` sets it."""


async def play(bot: Bot, people: int) -> float:
    """Have everybody answer every question; returns the seconds of processor time, of all threads."""
    await bot.let_in(people + 1)
    for text in REPLIES:  # what is read once is read by one person more, who is not measured
        await bot.hear([bot.words(people, text)])
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BETWEEN_COLLECTIONS)
    rounds = [[bot.words(person, text) for person in range(people)] for text in REPLIES]
    began = time.process_time()
    for updates in rounds:
        await bot.hear(updates)
    return time.process_time() - began


def rows(bot: Bot) -> dict[str, int]:
    """Return how many rows there are of what turns write: the same for whoever is compared."""
    return {
        table: bot.app.database.read_now(
            lambda connection, table=table: connection.exec_driver_sql(
                f"SELECT count(*) FROM {table}"
            ).scalar()
        )
        for table in ("inbox", "answer", "outbox", "audit_event")
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000)
    people = parser.parse_args().people
    must_be_of(Path.cwd())
    with tempfile.TemporaryDirectory(prefix="said-bench-") as folder, started(Path(folder)) as bot:
        seconds = asyncio.run(play(bot, people))
        print(json.dumps({"milliseconds": 1000 * seconds / (people * len(REPLIES)), "rows": rows(bot)}))


if __name__ == "__main__":
    main()
