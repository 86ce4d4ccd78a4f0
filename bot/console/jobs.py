"""Run what takes long as a child process of its command, so that no conversation waits for it.

A job is `said report`, `said export` and the like, with codes and days alone in its command line. What it writes
lies in a folder of its own beside the database, for its owner alone, until a day has passed or the bot stops. At most
two run at once; the others wait for their turn. Nothing of it is kept across a restart.

What is over is bounded, too: the oldest goes where one member, or all together, have more than their share, and of
figures only those counted last are kept. A file that was sent up lies there from the start, and never in memory.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import structlog

from bot.clock import Clock
from storage.private_files import make_private_file, make_private_folder

KEPT: Final = timedelta(days=1)
"""How long what a job wrote can be had."""
AT_ONCE: Final = 2
_MOST_WAITING: Final = 20
KEPT_OF_ONE: Final = 10
"""Files that a member ordered, and what came of them, that are kept at most."""
KEPT_OF_ALL: Final = 40
"""So many of all members."""
_PATIENCE_SECONDS: Final = 3600.0
_GRACE_SECONDS: Final = 5.0
_NICER: Final = 10
_MOST_TOLD: Final = 2_000
"""Letters of what a job that failed said."""
_MOST_JSON: Final = 2_000_000
UPLOAD: Final = "upload.yaml"
_OUTPUT, _ERRORS, _FILES = "output.json", "errors.txt", "files"

log = structlog.get_logger(__name__)


class JobKind(StrEnum):
    """What a job does."""

    REPORT = "report"
    EXPORT = "export"
    RESPONSE = "response"
    LOOP = "loop"
    ACCREDITATION = "accreditation"
    DIFF = "diff"
    LOAD = "load"
    DOCTOR = "doctor"
    AUDIT = "audit"
    PEOPLE_BY_CODE = "people"
    AGREEMENT = "agreement"
    SATURATION = "saturation"


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


_BY_ITSELF: Final = frozenset({JobKind.REPORT, JobKind.EXPORT, JobKind.DIFF, JobKind.LOAD})
"""Each of these is an order of its own; of the others the newest stands for all of its kind and program."""


@dataclass(frozen=True, slots=True)
class JobOrder:
    """What is to be done: the command with its arguments, for a program (None: all, or none in particular), by whom.

    `writes_files` says that it takes a folder by `--to`; else what it prints is JSON. `upload` is a file that it reads,
    in whose place `UPLOAD` stands among the arguments: once the job is begun it lies in its folder alone. `ok_codes`
    are the exit codes that say it was done.
    """

    kind: JobKind
    arguments: tuple[str, ...]
    by: str
    program: str | None = None
    note: str = ""
    writes_files: bool = False
    upload: bytes = b""
    ok_codes: tuple[int, ...] = (0,)


@dataclass(slots=True)
class ConsoleJob:
    """A job as it stands. `told` is the end of what it said when it failed."""

    code: str
    order: JobOrder
    ordered_at: datetime
    folder: Path
    state: JobState = JobState.WAITING
    ended_at: datetime | None = None
    told: str = ""
    task: asyncio.Task[None] | None = None
    files: tuple[Path, ...] = ()

    @property
    def uploaded(self) -> bytes:
        """The file that it read; nothing where there was none, or it is gone."""
        try:
            return (self.folder / UPLOAD).read_bytes()
        except OSError:
            return b""

    def output(self) -> Any:
        """Return the JSON that it printed; None where there is none."""
        path = self.folder / _OUTPUT
        try:
            if path.stat().st_size > _MOST_JSON:
                return None
            return json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None


@dataclass
class JobRunner:
    """Runs jobs on the database at `database`, with the settings that are read from `config` (None: where all look)."""

    database: Path
    clock: Clock
    config: Path | None = None
    jobs: dict[str, ConsoleJob] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def folder(self) -> Path:
        """Return the folder of all jobs."""
        return self.database.with_name(f"{self.database.name}.jobs")

    def start(self, order: JobOrder) -> ConsoleJob | None:
        """Begin a job, or have it wait for its turn; None where too many wait already.

        Raises:
            OSError: there is no room for what it reads.
        """
        self.sweep()
        if sum(not one.state.is_over for one in self.jobs.values()) >= _MOST_WAITING:
            return None
        code = secrets.token_hex(8)
        job = ConsoleJob(code, replace(order, upload=b""), self.clock.now(), self.folder / code)
        make_private_folder(job.folder)
        make_private_file(job.folder / UPLOAD)
        with (job.folder / UPLOAD).open("r+b") as upload:
            upload.write(order.upload)
        self.jobs[code] = job
        job.task = asyncio.create_task(self._run(job))
        return job

    def newest(self, kind: JobKind, program: str | None) -> ConsoleJob | None:
        """Return the job of a kind and program that was ordered last; None without one."""
        found = [one for one in self.jobs.values() if (one.order.kind, one.order.program) == (kind, program)]
        return max(found, key=lambda one: one.ordered_at, default=None)

    def listed(self) -> list[ConsoleJob]:
        """Return all jobs, those ordered last first."""
        self.sweep()
        return sorted(self.jobs.values(), key=lambda one: one.ordered_at, reverse=True)

    async def cancel(self, code: str) -> None:
        """End a job that is not over; what it wrote goes."""
        job = self.jobs.get(code)
        if job is None or job.state.is_over or job.task is None:
            return
        job.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await job.task
        self._end(job, JobState.CANCELLED)

    def sweep(self) -> None:
        """Forget, with its files, what is over for a day, and the oldest of what is more than may be kept."""
        oldest, of_one, of_all = self.clock.now() - KEPT, Counter[str](), 0
        seen: set[tuple[JobKind, str | None]] = set()
        for job in sorted(self.jobs.values(), key=lambda one: one.ordered_at, reverse=True):
            if job.ended_at is None:
                continue
            if job.order.kind in _BY_ITSELF:
                of_one[job.order.by] += 1
                of_all += 1
                is_kept = of_one[job.order.by] <= KEPT_OF_ONE and of_all <= KEPT_OF_ALL
            else:
                is_kept = (job.order.kind, job.order.program) not in seen
                seen.add((job.order.kind, job.order.program))
            if job.ended_at < oldest or not is_kept:
                shutil.rmtree(job.folder, ignore_errors=True)
                del self.jobs[job.code]

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Take jobs while the block runs: what an earlier process left goes first, and in the end all goes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            yield
        finally:
            for code in list(self.jobs):
                await self.cancel(code)
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _run(self, job: ConsoleJob) -> None:
        async with self._slots:
            job.state = JobState.RUNNING
            try:
                make_private_folder(job.folder / _FILES)
                code = await self._child(job)
            except (OSError, TimeoutError) as error:
                job.told = f"it could not be run: {type(error).__name__}"
                self._end(job, JobState.FAILED)
                return
        if code in job.order.ok_codes:
            job.files = tuple(sorted(one for one in (job.folder / _FILES).rglob("*") if one.is_file()))
            self._end(job, JobState.DONE)
        else:
            job.told = _last_words(job.folder / _ERRORS) or _last_words(job.folder / _OUTPUT)
            self._end(job, JobState.FAILED)

    def _end(self, job: ConsoleJob, state: JobState) -> None:
        job.state, job.ended_at = state, self.clock.now()
        self.sweep()
        log.info("console_job_ended", kind=job.order.kind.value, status=state.value)
        if state is not JobState.DONE:  # what was sent up goes with it
            shutil.rmtree(job.folder, ignore_errors=True)

    async def _child(self, job: ConsoleJob) -> int:
        """Run a job's process to its end, and return its exit code; it is ended with its task, or after an hour."""
        for name in (_OUTPUT, _ERRORS):
            make_private_file(job.folder / name)
        with (job.folder / _OUTPUT).open("wb") as output, (job.folder / _ERRORS).open("wb") as errors:
            child = await asyncio.create_subprocess_exec(
                *self._command(job),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=self._environment(),
                start_new_session=True,
                umask=0o077,
            )
        try:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.pid, _NICER)
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await child.wait()
        finally:
            await _end_child(child)

    def _command(self, job: ConsoleJob) -> Sequence[str]:
        where = ("--to", str(job.folder / _FILES)) if job.order.writes_files else ("--json",)
        upload = str(job.folder / UPLOAD)
        said = (upload if one == UPLOAD else one for one in job.order.arguments)
        arguments = (*said, *where, "--database", str(self.database))
        return (sys.executable, "-m", "bot", *arguments)

    def _environment(self) -> dict[str, str]:
        """Return the environment of this process, with the settings file that it reads and without colours."""
        named = {} if self.config is None else {"SAID_CONFIG": str(self.config.resolve())}
        return {**os.environ, "NO_COLOR": "1", "COLUMNS": "400", **named}


async def _end_child(child: asyncio.subprocess.Process) -> None:
    """End a process that runs still: asked first, then at once."""
    if child.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(_GRACE_SECONDS):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _last_words(path: Path) -> str:
    """Return the end of what a process that failed said, without the name of its folder."""
    try:
        with path.open("rb") as said:
            said.seek(max(0, path.stat().st_size - 4 * _MOST_TOLD))
            text = said.read().decode(errors="replace")
    except OSError:
        return ""
    return text.replace(f"{path.parent}/", "").strip()[-_MOST_TOLD:]
