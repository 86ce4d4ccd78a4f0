"""Jobs that are done at once by telling what a test wants of them, or by the real command."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bot.console.jobs import ConsoleJob, JobKind, JobRunner


@dataclass
class ToldJobs(JobRunner):
    """Prints for each kind of job what `tells` has of it; one that is not in it fails. `asked` are the commands.

    Each writes files of the names that `writes` has.
    """

    tells: dict[JobKind, Any] = field(default_factory=dict)
    asked: list[Sequence[str]] = field(default_factory=list)
    writes: tuple[str, ...] = ("table.csv",)

    def _command(self, job: ConsoleJob) -> Sequence[str]:
        self.asked.append(super()._command(job))
        if job.order.kind not in self.tells:
            return (sys.executable, "-c", "import sys; sys.exit('said: it went wrong')")
        told = msgspec.json.encode(self.tells[job.order.kind]).decode()
        lines = (
            "import sys, pathlib; print(sys.argv[1]);"
            " [pathlib.Path(sys.argv[2], name).write_text('a') for name in sys.argv[3:]]"
        )
        return (sys.executable, "-c", lines, told, str(job.folder / "files"), *self.writes)

    async def settle(self) -> None:
        """Wait until all jobs are over."""
        for job in list(self.jobs.values()):
            if job.task is not None:
                await job.task
