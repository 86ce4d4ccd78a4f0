"""Play turns in the checkout that is the current folder, a block for each line that comes in; `turn_cost.py` starts it.

Prints a line when it is ready, the processor time of each block in milliseconds a turn, and last the rows as JSON.
"""

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from any_checkout import Bot, attribute, must_be_of, started

SCRIPT = Path(__file__).parent / "measured_interview.yaml"
"""An interview that all checkouts are measured with: the shipped one asks other questions from time to time."""
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
"""Of a checkout before `settle`."""
COUNTED = ("inbox", "answer")


async def play(bot: Bot, blocks: int, people: int) -> None:
    """Have a block of people answer every question for each line on standard input."""
    await bot.let_in(blocks * people + 1)
    for text in REPLIES:  # what is read once is read by the last one, who is not measured
        await bot.hear([bot.words(blocks * people, text)])
        bot.show()
    gc.collect()
    settle()
    tell("ready")
    for block, _ in zip(range(blocks), sys.stdin, strict=False):
        tell(str(await one_block(bot, range(block * people, (block + 1) * people))))


def settle() -> None:
    """Do what `said run` of this checkout does with memory and the garbage collector before the first turn."""
    try:
        attribute("settle", "bot.turns.loading")()
    except LookupError:
        gc.freeze()
        gc.set_threshold(MADE_BETWEEN_COLLECTIONS)


async def one_block(bot: Bot, people: range) -> float:
    """Return the milliseconds of processor time, of all threads, that a turn of these people took.

    That their questions are shown between the rounds is not counted.
    """
    took = 0.0
    for text in REPLIES:
        updates = [bot.words(person, text) for person in people]
        began = time.process_time()
        await bot.hear(updates)
        took += time.process_time() - began
        bot.show()
    return 1000 * took / (len(people) * len(REPLIES))


def rows(bot: Bot) -> Iterator[tuple[str, int]]:
    """Yield how many rows there are of what people said: as many for whoever is compared.

    How many messages answer them, and how many rows of the audit trail there are, may differ.
    """
    with bot.app.database.reading() as connection:
        for table in COUNTED:
            yield table, connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


def tell(line: str) -> None:
    """Write a line at once: somebody waits for it."""
    print(line, flush=True)


def main() -> None:
    """Play, and tell what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("blocks", type=int)
    parser.add_argument("people", type=int, help="in a block")
    chosen = parser.parse_args()
    must_be_of(Path.cwd())
    with tempfile.TemporaryDirectory(prefix="said-bench-") as folder, started(Path(folder), SCRIPT) as bot:
        asyncio.run(play(bot, chosen.blocks, chosen.people))
        tell(json.dumps(dict(rows(bot))))


if __name__ == "__main__":
    main()
