"""Future follow-ups: memory with 300,000 of them, and the time of a tick with 1,000 due among them.

Beside it, in the same run, what one would take instead: APScheduler 3 with its SQLAlchemyJobStore and as many
jobs. Each contender is filled in one process and measured in a fresh one, as after a restart. Our tick does
all of the work (checks consent, window and budget, begins the conversation, queues its message, commits); the
job of APScheduler is an empty function, so its figure is that of finding, calling and removing alone.
"""

import asyncio
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import sqlalchemy as sa

from bench.common import arguments, fresh_folder, show, show_json

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
"""A Monday afternoon, inside the default window."""
Figures = dict[str, float]


def rss_mb() -> float:
    """Resident memory of this process, in MB (10^6 bytes). Linux only: elsewhere there is no such file."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmRSS in /proc/self/status")


@contextmanager
def timed(figures: Figures, name: str) -> Iterator[None]:
    """Add how long it took, in milliseconds."""
    start = perf_counter()
    yield
    figures[name] = (perf_counter() - start) * 1e3


def due_at(number: int, due: int) -> datetime:
    """Make the first `due` due; all others lie spread over the next 90 days."""
    return NOW - timedelta(minutes=1) if number < due else NOW + timedelta(days=1, minutes=number % 129_600)


# Ours.


def fill_ours(folder: Path, people: int, due: int) -> None:
    """People with one commitment each, and three waves of it."""
    from flows.program.loader import PROGRAMS, load_program
    from storage.database.address_keys import AddressKeys
    from storage.database.connection import Database
    from storage.programs import programs

    database = Database.open(folder / "said.sqlite", identity=AddressKeys(bytes(32)))
    program = load_program(PROGRAMS / "myeloma.yaml")
    database.write_now(lambda connection: programs.load(connection, program, "bench", NOW))
    database.write_now(partial(_insert_people, people=people, identity=database.identity))
    database.write_now(partial(_insert_waves, people=people, due=due))
    database.close()


def _insert_people(connection: sa.Connection, *, people: int, identity: Any) -> None:
    numbers = range(1, people + 1)
    sealed = identity.seal("bench:0")  # one for all: what is sealed costs the same
    long_ago = NOW - timedelta(days=30)
    conversation = {
        "program_id": 1,
        "flow": "hcp_commitment",
        "flow_hash": "h",
        "channel": "bench",
        "status": "ended",
        "state": "{}",
    }
    times = {"started_at": long_ago, "last_turn_at": long_ago, "ended_at": long_ago}
    _insert(
        connection,
        "flowversion",
        [{"hash": "h", "flow": "hcp_commitment", "source": "{}", "first_used_at": NOW}],
    )
    person = {"role": "hcp", "status": "active", "created_at": long_ago, "timezone": "Europe/Vienna"}
    _insert(connection, "participant", ({"id": n, "code": f"P-{n}", **person} for n in numbers))
    address = {
        "channel": "bench",
        "sealed": sealed,
        "status": "active",
        "next_seq": 1,
        "created_at": long_ago,
    }
    _insert(
        connection,
        "address",
        ({"id": n, "participant_id": n, "lookup": n.to_bytes(8, "big"), **address} for n in numbers),
    )
    consent = {"program_id": 1, "granted": True, "shown_text": "May we?"}
    consent |= {"text_hash": "h", "language": "en", "decided_at": long_ago, "flow": "hcp_commitment"}
    for purpose in ("take_part", "contact_again"):
        _insert(
            connection, "consent", ({"participant_id": n, "purpose": purpose, **consent} for n in numbers)
        )
    _insert(
        connection,
        "conversation",
        (
            {"id": n, "participant_id": n, "address_id": n, "turns": 9, **conversation, **times}
            for n in numbers
        ),
    )


def _insert_waves(connection: sa.Connection, *, people: int, due: int) -> None:
    made = {"program_id": 1, "slot": "c[0]", "foreseen_barriers": ["time"], "level": 4}
    made |= {"made_at": NOW - timedelta(days=30)}
    words = "I will ask every patient on treatment about numbness at each visit"
    numbers = range(1, people + 1)
    _insert(
        connection,
        "commitment",
        ({"id": n, "participant_id": n, "conversation_id": n, "statement": words, **made} for n in numbers),
    )
    waves = [(wave * people + n, n, 30 * (wave + 1)) for wave in range(3) for n in numbers]
    _insert(
        connection,
        "follow_up",
        (
            {
                "id": number,
                "commitment_id": n,
                "participant_id": n,
                "program_id": 1,
                "wave_days": days,
                "due_at": due_at(number - 1, due),
                "status": "scheduled",
                "reminded": 0,
            }
            for number, n, days in waves
        ),
    )
    _insert(
        connection,
        "timer",
        (
            {"kind": "wave", "participant_id": n, "follow_up_id": number, "due_at": due_at(number - 1, due)}
            for number, n, _ in waves
        ),
    )


def _insert(connection: sa.Connection, table: str, rows: Any) -> None:
    for batch in batches(iter(rows)):
        connection.execute(_tables()[table].insert(), batch)


def _tables() -> Any:
    from storage.schema import METADATA

    return METADATA.tables


async def measure_ours(folder: Path, due: int) -> Figures:
    """Return the figures of a fresh process."""
    from bot.clock import MovableClock
    from bot.schedule.scheduler import Scheduler
    from bot.turns.runtime import Runtime, RuntimeOptions
    from flows.script.loader import library
    from storage.database.address_keys import AddressKeys
    from storage.database.connection import Database
    from storage.follow_up import timers

    figures: Figures = {"rss_before_mb": rss_mb()}
    clock = MovableClock(NOW - timedelta(hours=1))
    database = Database.open(folder / "said.sqlite", identity=AddressKeys(bytes(32)))
    runtime = Runtime(database, library(), clock, RuntimeOptions(openers_wait=True))
    scheduler = Scheduler(database, runtime, clock)
    await scheduler.tick()
    figures["rss_loaded_mb"] = rss_mb()
    with timed(figures, "idle_tick_ms"):
        await scheduler.tick()
    clock.set(NOW)
    with timed(figures, "found_ms"):
        found = await database.read(partial(timers.due, now=NOW, limit=due))
    assert len(found) == due, f"{len(found)} timers found instead of {due}"
    processor = process_time()
    with timed(figures, "due_tick_ms"):
        count = await scheduler.tick()
    figures["due_each_ms"] = (process_time() - processor) * 1e3 / due
    assert count == due, f"{count} timers instead of {due}"
    figures["rss_after_mb"] = rss_mb()
    figures["file_mb"] = (folder / "said.sqlite").stat().st_size / 1e6
    sent = database.read_now(
        lambda c: c.scalar(sa.text("SELECT count(*) FROM contact WHERE action = 'queued'"))
    )
    assert sent == due, f"{sent} follow-ups begun instead of {due}"
    database.close()
    return figures


# APScheduler's.


def empty_job(_number: int) -> None:
    """Stand for what a job store would run."""


def job_store(folder: Path) -> Any:
    """Make a job store on SQLite with the same durability as ours."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

    engine = sa.create_engine(f"sqlite:///{folder / 'jobs.sqlite'}")

    @sa.event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: object) -> None:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")

    return SQLAlchemyJobStore(engine=engine)


def make_scheduler(folder: Path) -> Any:
    """As its manual advises for date jobs: none is dropped for being late."""
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    defaults = {"misfire_grace_time": None, "coalesce": True}
    return AsyncIOScheduler(jobstores={"default": job_store(folder)}, timezone=UTC, job_defaults=defaults)


async def fill_apscheduler(folder: Path, jobs: int, due: int) -> None:
    """As many date jobs, written in bulk: one by one, as `add_job` does, takes a commit each."""
    scheduler = make_scheduler(folder)
    scheduler.start(paused=True)
    store = scheduler._jobstores["default"]  # noqa: SLF001 - there is no public way to write in bulk
    one = scheduler.add_job("bench.follow_ups:empty_job", "date", run_date=NOW, args=[0], id="one")
    state = one.__getstate__()
    scheduler.remove_job("one")
    real_now = datetime.now(UTC)

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(jobs):
            at = due_at(number, due) - NOW + real_now
            job = {**state, "id": f"wave-{number}", "args": (number,), "next_run_time": at}
            trigger = pickle.loads(pickle.dumps(state["trigger"]))
            trigger.run_date = at
            pickled = pickle.dumps({**job, "trigger": trigger}, store.pickle_protocol)
            yield {"id": job["id"], "next_run_time": at.timestamp(), "job_state": pickled}

    with store.engine.begin() as connection:
        for batch in batches(rows()):
            connection.execute(store.jobs_t.insert(), batch)
    scheduler.shutdown(wait=False)


async def measure_apscheduler(folder: Path, due: int) -> Figures:
    """Return the figures of a fresh process. `_process_jobs` is what its timer calls, on the event loop."""
    from apscheduler.events import EVENT_JOB_EXECUTED
    from apscheduler.schedulers.base import STATE_RUNNING

    figures: Figures = {"rss_before_mb": rss_mb()}
    scheduler = make_scheduler(folder)
    scheduler.start(paused=True)
    figures["rss_loaded_mb"] = rss_mb()
    left, called = [due], asyncio.Event()

    def count(_event: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            called.set()

    scheduler.add_listener(count, EVENT_JOB_EXECUTED)
    scheduler.state = STATE_RUNNING  # running, without the wake-up of `resume`, so that the tick can be timed
    with timed(figures, "found_ms"):
        found = scheduler._jobstores["default"].get_due_jobs(datetime.now(UTC))  # noqa: SLF001 - see above
    assert len(found) == due, f"{len(found)} jobs found instead of {due}"
    processor = process_time()
    with timed(figures, "due_tick_ms"):
        scheduler._process_jobs()  # noqa: SLF001 - see above
        async with asyncio.timeout(120):
            await called.wait()
    figures["due_each_ms"] = (process_time() - processor) * 1e3 / due
    with timed(figures, "idle_tick_ms"):
        scheduler._process_jobs()  # noqa: SLF001 - see above
    figures["rss_after_mb"] = rss_mb()
    figures["file_mb"] = (folder / "jobs.sqlite").stat().st_size / 1e6
    scheduler.shutdown(wait=False)
    return figures


# The run.


def batches(rows: Iterator[dict[str, Any]], size: int = 10_000) -> Iterator[list[dict[str, Any]]]:
    """Cut rows into lists."""
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


STEPS: dict[str, Callable[[Path, int, int], Any]] = {
    "fill-ours": fill_ours,
    "fill-apscheduler": lambda folder, people, due: asyncio.run(fill_apscheduler(folder, 3 * people, due)),
    "ours": lambda folder, _people, due: asyncio.run(measure_ours(folder, due)),
    "apscheduler": lambda folder, _people, due: asyncio.run(measure_apscheduler(folder, due)),
}


def child(step: str, folder: Path, people: int, due: int) -> Figures:
    """Run a step in a process of its own; return its figures, and how long it took in seconds."""
    start = perf_counter()
    command = [sys.executable, __file__, "--step", step, "--in", str(folder)]
    command += ["--people", str(people), "--due", str(due)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {**json.loads(done.stdout.splitlines()[-1]), "seconds": perf_counter() - start}


def main() -> None:
    """Run, and print a table or JSON."""
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000, help="each with three follow-ups")
    parser.add_argument("--due", type=int, default=1_000, help="follow-ups that are due")
    parser.add_argument("--step", choices=STEPS, help="one step, in this process (for the program itself)")
    parser.add_argument("--in", dest="inside", type=Path, help="the folder of that step")
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](options.inside, options.people, options.due) or {}))
        return
    figures: dict[str, Figures] = {}
    with fresh_folder(options.folder) as folder:
        for name in ("ours", "apscheduler"):
            filled = child(f"fill-{name}", folder, options.people, options.due)
            figures[name] = child(name, folder, options.people, options.due)
            figures[name]["fill_seconds"] = filled["seconds"]
    report(figures, options.people, options.due, as_json=options.json)


ROWS = (
    ("memory before the file is opened", "rss_before_mb", "{:.0f} MB"),
    ("memory with all of it loaded", "rss_loaded_mb", "{:.0f} MB"),
    ("memory after the tick", "rss_after_mb", "{:.0f} MB"),
    ("tick with none due", "idle_tick_ms", "{:.2f} ms"),
    ("finding those due", "found_ms", "{:.1f} ms"),
    ("tick with those due", "due_tick_ms", "{:.0f} ms"),
    ("processor time for each", "due_each_ms", "{:.2f} ms"),
    ("file", "file_mb", "{:.0f} MB"),
    ("filling it in bulk", "fill_seconds", "{:.1f} s"),
)


def report(figures: dict[str, Figures], people: int, due: int, *, as_json: bool) -> None:
    """Return the figures of one run."""
    if as_json:
        show_json({"people": people, "follow_ups": 3 * people, "due": due, **figures})
        return
    title = f"{people:,} participants, {3 * people:,} future follow-ups, {due:,} due"
    columns = ("", "Said & Done", "APScheduler + SQLAlchemyJobStore")
    rows = [
        (label, *(form.format(figures[name][key]) for name in ("ours", "apscheduler")))
        for label, key, form in ROWS
    ]
    show(title, columns, rows)
    print("Our tick checks, begins and queues each follow-up; the other calls an empty function.")


if __name__ == "__main__":
    main()
