"""How long the team's pages take on the database of a large programme, and the second and last page of a list.

`--database FILE` is one that `bench/big.py` or `bench/export.py` made. A copy of it is migrated, and somebody with
every role opens each page so many times. What is measured is from the request to the whole page, in one process,
without a network.
"""

import asyncio
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))

import sqlite3

import httpx
from starlette.applications import Starlette

from bench.common import show
from bench.in_checkout.clicking import OURS, enrol
from bot.clock import MovableClock
from bot.console.options import ConsoleConfig
from bot.console.routes import ConsoleRoutes
from bot.console.visit import ConsoleParts
from bot.opening import all_flows, open_database
from bot.settings.settings import load_settings
from bot.turns.runtime import Runtime, RuntimeOptions
from storage.enums import PersonState

TOKEN = "sign-in-by-the-bench"


def paths(path: Path) -> Sequence[str]:
    """Return the pages to measure, below `/team`."""
    with closing(sqlite3.connect(path)) as raw:
        code, number = raw.execute("SELECT code, id FROM participant ORDER BY id LIMIT 1 OFFSET 7").fetchone()
        (people,) = raw.execute("SELECT count(*) FROM participant").fetchone()
        (slug,) = raw.execute("SELECT slug FROM program ORDER BY id LIMIT 1").fetchone()
        talk = "SELECT id FROM conversation WHERE participant_id = ? AND status != 'waiting'"
        (first,) = raw.execute(talk, (number,)).fetchone()
    last = people // 50
    states = (f"/people?state={one}" for one in PersonState)
    return (
        "", f"?program={slug}", "/reading", "/people", "/people?page=2", f"/people?page={last}", *states,
        "/people?state=silent&page=40", f"/people?program={slug}", f"/people?program={slug}&state=stuck",
        "/people?role=hcp", "/people?language=de", "/people?sort=code", f"/people?sort=code&page={last}",
        "/people?sort=state", f"/people/{code}", f"/people/{code}/talks/{first}",
        "/safety", "/safety?page=200", "/safety?show=all", f"/safety?program={slug}",
        "/invitations", "/invitations/new", "/invitations/roster", "/programs", f"/programs/{slug}",
        "/themes", "/reports", "/members", "/me",
    )  # fmt: skip


async def measured(path: Path, times: int) -> list[tuple[str, ...]]:
    """Open each page so many times; return its name, the half, the nineteenth of twenty, and its bytes."""
    settings = load_settings().model_copy(update={"database": str(path)})
    with open_database(settings) as database:
        clock = MovableClock(datetime.now(UTC), running=True)
        runtime = Runtime(database, all_flows(settings), clock, RuntimeOptions())
        parts = ConsoleParts(database, clock, settings, runtime, ConsoleConfig(OURS))
        enrol(database, "BENCH", TOKEN, clock.now())
        app = Starlette(routes=ConsoleRoutes(parts).routes())
        transport = httpx.ASGITransport(app)
        found: list[tuple[str, ...]] = []
        async with httpx.AsyncClient(transport=transport, base_url=OURS, follow_redirects=True) as browser:
            await browser.post(f"/team/in/{TOKEN}")
            for one in paths(path):
                taken = []
                for _ in range(times):
                    start = perf_counter()
                    response = await browser.get(f"/team{one}")
                    taken.append(perf_counter() - start)
                    assert response.status_code == httpx.codes.OK, (one, response.status_code)
                taken.sort()
                half, most = taken[len(taken) // 2], taken[min(len(taken) - 1, int(len(taken) * 0.95))]
                found.append(
                    (f"/team{one}", f"{half * 1000:.1f}", f"{most * 1000:.1f}", str(len(response.content)))
                )
        return found


def main() -> None:
    """Copy the database, open the pages, and print the table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    with TemporaryDirectory(dir=given.database.parent) as folder:
        copy = Path(folder) / "said.sqlite"
        for beside in given.database.parent.glob(f"{given.database.stem}.*"):
            if beside.suffix in (".sqlite", ".key"):
                shutil.copy2(beside, copy.with_suffix(beside.suffix))
        table = asyncio.run(measured(copy, given.times))
    show("pages of the team", ("page", "half of them, ms", "95 of 100, ms", "bytes"), table)


if __name__ == "__main__":
    main()
