"""Memory over many turns, and what holds it: SQLite's pages, remembered results, and the rest.

People come in and answer every question, in the real bot with a database of its own, until so many turns are taken.
Every few thousand turns the resident memory is read, with SQLite's share of it. At the end the caches of functions
are listed by how many results they hold of those that they may hold.
"""

import asyncio
import ctypes
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent / "in_checkout"))

from any_checkout import Bot, started
from turn_cost_worker import REPLIES

from bench.common import arguments, show, show_json
from bench.follow_ups import rss_mb
from bot.turns.loading import settle

PEOPLE_AT_ONCE = 200
TURNS_EACH = 5 + len(REPLIES)
"""Those that bring somebody to the first question, and the answers."""
FULL_SHARE = 0.02
"""A cache that holds less than this share of what it may is not listed."""


def sqlite_mb() -> float:
    """Return what SQLite has allocated in this process, in MB: pages that it keeps, above all."""
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_memory_used.restype = ctypes.c_int64
    return float(library.sqlite3_memory_used()) / 1e6


def caches() -> Iterator[tuple[str, int, int | None]]:
    """Yield the functions that remember results: the name, how many they hold, how many they may (None: all)."""
    ours = [one for name, one in sys.modules.items() if name.partition(".")[0] in {"bot", "storage", "flows"}]
    for module in ours:
        for name, found in vars(module).items():
            if hasattr(found, "cache_info") and found.__module__ == module.__name__:
                info = found.cache_info()
                yield f"{module.__name__}.{name}", info.currsize, info.maxsize


async def play(bot: Bot, turns: int, every: int) -> list[dict[str, float]]:
    """Have people come in and answer until so many turns are taken; return what was read on the way."""
    readings, taken, people, due = [reading(0)], 0, 0, every
    while taken < turns:
        some = range(people, people + PEOPLE_AT_ONCE)
        people += PEOPLE_AT_ONCE
        for text in (f"/start {bot.token}", "Continue", "I agree", "Yes", "No", *REPLIES):
            await bot.hear([bot.words(person, text) for person in some])
            bot.show()
        taken += PEOPLE_AT_ONCE * TURNS_EACH
        if taken >= due:
            readings.append(reading(taken))
            due += every
    return readings


def reading(turns: int) -> dict[str, float]:
    """Return the memory after so many turns, in MB (10^6 bytes)."""
    return {"turns": turns, "resident_mb": rss_mb(), "sqlite_mb": sqlite_mb()}


def measure(turns: int, every: int) -> dict[str, Any]:
    """Play in this process, and return the readings and the caches."""
    with tempfile.TemporaryDirectory(prefix="said-bench-") as folder, started(Path(folder)) as bot:
        settle()
        readings = asyncio.run(play(bot, turns, every))
    held = [one for one in caches() if one[2] is None or one[1] >= FULL_SHARE * one[2]]
    return {"readings": readings, "caches": sorted(held, key=lambda one: -one[1])}


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--turns", type=int, default=100_000, help="turns to take (default 100000)")
    parser.add_argument("--every", type=int, default=10_000, help="turns between readings (default 10000)")
    asked = parser.parse_args()
    figures = measure(asked.turns, asked.every)
    if asked.json:
        show_json(figures)
        return
    show(
        "Memory, MB",
        ("turns", "resident", "of it SQLite's", "the rest"),
        [
            (
                f"{one['turns']:,}",
                f"{one['resident_mb']:.0f}",
                f"{one['sqlite_mb']:.0f}",
                f"{one['resident_mb'] - one['sqlite_mb']:.0f}",
            )
            for one in figures["readings"]
        ],
    )
    show(
        "Results remembered",
        ("function", "held", "at most"),
        [
            (name, f"{held:,}", "all" if most is None else f"{most:,}")
            for name, held, most in figures["caches"][:25]
        ],
    )


if __name__ == "__main__":
    main()
