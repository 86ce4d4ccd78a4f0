"""The bot as a process of its own: `said run`, from the shell or from the nursery, ended by a signal."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

LEAVING_SECONDS = 30.0
"""How long a process may take to leave after SIGTERM."""


@dataclass(slots=True)
class Life:
    """One run of the process, from its start to its end. `ended` comes to its exit code, minus the signal."""

    pid: int
    ended: asyncio.Task[int]

    async def kill(self) -> None:
        """SIGKILL: nothing is flushed, closed or said. A process that had ended before is an error."""
        if self.ended.done():
            raise BotEnded(self.ended.result())
        os.kill(self.pid, signal.SIGKILL)
        await self.ended

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if not self.ended.done():
            os.kill(self.pid, signal.SIGTERM)
        return await asyncio.wait_for(asyncio.shield(self.ended), LEAVING_SECONDS)


class BotEnded(AssertionError):
    """The process ended although nobody ended it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"said run ended by itself with code {code}; see its log")


class Bot:
    """Starts lives of one bot: one set of settings, one database, one log. Use as a context manager."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.log = folder / "said.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SAID_")},
            **settings,
        }
        self._nursery: asyncio.subprocess.Process | None = None
        self._lives: list[Life] = []

    async def __aenter__(self) -> Self:
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.nursery",
            str(self.log),
            env=self._environment | {"PYTHONPATH": os.fspath(Path(__file__).parents[2])},
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for life in self._lives:
            if not life.ended.done():
                await life.kill()
        if self._nursery is not None and self._nursery.stdin is not None:
            self._nursery.stdin.close()
            await self._nursery.wait()

    async def start(self, *, cold: bool) -> Life:
        """Start it: `cold` as the shell does, otherwise with its imports done beforehand."""
        life = await (self._cold() if cold else self._warm())
        self._lives = [life]
        return life

    async def said(self, *arguments: str) -> tuple[int, str]:
        """Run another command to its end; its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            said(),
            *arguments,
            env=self._environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    async def _cold(self) -> Life:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                said(),
                "run",
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return Life(process.pid, asyncio.create_task(process.wait()))

    async def _warm(self) -> Life:
        nursery = self._nursery
        assert nursery is not None
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        nursery.stdin.write(b"go\n")
        pid = int(await nursery.stdout.readline())
        return Life(pid, asyncio.create_task(_number(nursery.stdout)))


def said() -> str:
    """The command, as it is installed beside this Python."""
    return os.fspath(Path(sys.executable).with_name("said"))


async def _number(lines: asyncio.StreamReader) -> int:
    return int(await lines.readline())
