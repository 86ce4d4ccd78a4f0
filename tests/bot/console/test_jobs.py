"""Jobs beside the bot: two at once, for their owner alone, ended with the bot, gone after a day, heard if they fail."""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import MovableClock
from bot.console.jobs import (
    AT_ONCE,
    KEPT_OF_ALL,
    KEPT_OF_ONE,
    UPLOAD,
    ConsoleJob,
    JobKind,
    JobOrder,
    JobRunner,
    JobState,
)
from tests.support.turn_world import START


@dataclass
class QuickRunner(JobRunner):
    """Runs a few lines of Python in place of a command; they know the folder for files, and what was uploaded."""

    def _command(self, job: ConsoleJob) -> Sequence[str]:
        real = super()._command(job)
        assert real[1:3] == ("-m", "bot")
        assert real[-2:] == ("--database", str(self.database))
        return (
            sys.executable,
            "-c",
            job.order.arguments[0],
            str(job.folder / "files"),
            str(job.folder / UPLOAD),
        )


@pytest.fixture
async def runner(tmp_path: Path) -> AsyncIterator[QuickRunner]:
    made = QuickRunner(tmp_path / "said.sqlite", MovableClock(START))
    async with made.working():
        yield made


def order(
    lines: str,
    *,
    writes_files: bool = False,
    upload: bytes = b"",
    by: str = "ANN",
    kind: JobKind = JobKind.REPORT,
) -> JobOrder:
    return JobOrder(kind, (lines,), by, "myeloma", writes_files=writes_files, upload=upload)


async def ended(runner: QuickRunner, wanted: JobOrder) -> ConsoleJob:
    job = runner.start(wanted)
    assert job is not None
    assert job.task is not None
    await job.task
    return job


WRITES = "import sys, pathlib; pathlib.Path(sys.argv[1], 'a.txt').write_text('x'); print('{\"n\": 1}')"
SLEEPS = "import time; time.sleep(60)"


async def test_what_a_job_writes_is_for_its_owner_alone(runner: QuickRunner) -> None:
    """Files and folders lie beside the database with no rights for others, also those that the command makes."""
    job = await ended(runner, order(WRITES, writes_files=True))
    assert job.state is JobState.DONE
    assert [one.name for one in job.files] == ["a.txt"]
    assert job.output() == {"n": 1}
    for place in (runner.folder, job.folder, *job.folder.rglob("*")):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0, place


async def test_a_job_that_fails_says_why_and_leaves_nothing(runner: QuickRunner) -> None:
    """The end of what it said is kept, without the name of its folder; its files go."""
    job = await ended(runner, order("import sys; sys.exit(f'no: {sys.argv[2]} is wrong')", upload=b"a: 1"))
    assert job.state is JobState.FAILED
    assert job.told == f"no: {UPLOAD} is wrong"
    assert not job.folder.exists()
    assert job.output() is None
    killed = await ended(runner, order("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert killed.state is JobState.FAILED


async def test_no_more_than_two_run_at_once(runner: QuickRunner) -> None:
    """The others wait for their turn, and beyond twenty nothing is taken."""
    jobs = [runner.start(order(SLEEPS)) for _ in range(AT_ONCE + 1)]
    await asyncio.sleep(0.2)
    assert [job.state for job in jobs if job] == [JobState.RUNNING] * AT_ONCE + [JobState.WAITING]
    for _ in range(20 - len(jobs)):
        assert runner.start(order(SLEEPS)) is not None
    assert runner.start(order(SLEEPS)) is None


async def test_a_job_is_ended_with_its_process(tmp_path: Path) -> None:
    """By whoever cancels it, and by the bot's stop, which leaves no file and no process behind."""
    runner = QuickRunner(tmp_path / "said.sqlite", MovableClock(START))
    async with runner.working():
        first = runner.start(order("import os, sys, time; print(os.getpid(), flush=True); time.sleep(60)"))
        assert first is not None
        for _ in range(300):
            await asyncio.sleep(0.1)
            if isinstance(first.output(), int):
                break
        number = first.output()
        await runner.cancel(first.code)
        assert first.state is JobState.CANCELLED
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)
        second = runner.start(order(SLEEPS))
        await asyncio.sleep(0.1)
    assert second is not None
    assert second.state is JobState.CANCELLED
    assert not runner.folder.exists()


async def test_files_go_after_a_day(runner: QuickRunner) -> None:
    """So does the line of the job; and what a process before this one left goes at the start."""
    job = await ended(runner, order(WRITES, writes_files=True))
    assert isinstance(runner.clock, MovableClock)
    runner.clock.move(timedelta(hours=25))
    assert runner.listed() == []
    assert not job.folder.exists()
    left = runner.folder / "left"
    left.mkdir(parents=True)
    async with JobRunner(runner.database, runner.clock).working():
        assert not left.exists()


async def over(runner: QuickRunner, wanted: JobOrder, number: int) -> list[str]:
    """So many jobs that are over, without their processes; their codes, in the order in which they were ordered."""
    made = []
    for _ in range(number):
        job = runner.start(wanted)
        assert job is not None
        await runner.cancel(job.code)
        assert isinstance(runner.clock, MovableClock)
        runner.clock.move(timedelta(seconds=1))
        made.append(job.code)
    return made


async def test_of_what_is_over_the_oldest_goes(runner: QuickRunner) -> None:
    """One member keeps so many, and all together so many more; nobody's own go for what another has ordered."""
    first = await over(runner, order(WRITES, writes_files=True), KEPT_OF_ONE + 3)
    assert [one.code for one in reversed(runner.listed())] == first[3:]
    others = [f"M{number}" for number in range(KEPT_OF_ALL // KEPT_OF_ONE)]
    for by in others:
        await over(runner, order(WRITES, by=by), KEPT_OF_ONE)
    kept = runner.listed()
    assert (len(kept), {one.order.by for one in kept}) == (KEPT_OF_ALL, set(others))
    assert [one.name for one in runner.folder.iterdir() if one.name in first] == []


async def test_of_figures_those_counted_last_are_kept(runner: QuickRunner) -> None:
    """A page that counts anew every few minutes takes nobody's files away, and no room."""
    await over(runner, order(WRITES, writes_files=True), 2)
    counted = await over(runner, order(WRITES, kind=JobKind.RESPONSE), 30)
    assert [one.code for one in runner.listed() if one.order.kind is JobKind.RESPONSE] == counted[-1:]
    assert len(runner.listed()) == 3


async def test_what_was_sent_up_lies_in_a_file(runner: QuickRunner) -> None:
    """For its owner alone, from the start, also while the job waits; nothing of it stays in memory."""
    for _ in range(AT_ONCE):
        runner.start(order(SLEEPS))
    job = runner.start(order(WRITES, upload=b"a: 1"))
    assert job is not None
    assert (job.order.upload, job.uploaded) == (b"", b"a: 1")
    assert stat.S_IMODE((job.folder / UPLOAD).stat().st_mode) == 0o600
    await runner.cancel(job.code)
    assert (job.uploaded, job.folder.exists()) == (b"", False)


async def test_the_settings_file_is_named_in_the_environment(tmp_path: Path) -> None:
    """Not in the command line; a process reads the same settings as the bot."""
    runner = QuickRunner(tmp_path / "said.sqlite", MovableClock(START), tmp_path / "config.toml")
    async with runner.working():
        job = await ended(runner, order("import json, os; print(json.dumps(os.environ['SAID_CONFIG']))"))
        assert job.output() == str(tmp_path / "config.toml")
