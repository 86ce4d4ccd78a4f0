"""Hold the five steps of a first page, from what was heard to what was noticed: the same for whoever reads it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.outcomes.page.cells import ShownCell


class ReportStage(StrEnum):
    """Name what a step is about. The value is its title."""

    HEARD = "What we heard"
    TAUGHT = "What we taught"
    COMMITTED = "What clinicians said they would do"
    DONE = "What they did"
    NOTICED = "What patients noticed"


STEP_SOURCES: Final = {
    ReportStage.HEARD: "from patients and carers",
    ReportStage.TAUGHT: "from the program's file",
    ReportStage.COMMITTED: "self-reported",
    ReportStage.DONE: "self-reported, in full or in part",
    ReportStage.NOTICED: "patient-reported, asked again later",
}
"""Where the numbers of a step are from."""


@dataclass(frozen=True, slots=True)
class StepNumber:
    """A number of the first page, with the words after it and the id of its measure."""

    cell: ShownCell
    words: str
    measure: str


@dataclass(frozen=True, slots=True)
class ReportStep:
    """A step with its numbers; without any, `nothing` stands in their place."""

    stage: ReportStage
    numbers: tuple[StepNumber, ...]
    nothing: str = ""

    @property
    def title(self) -> str:
        """Return what stands above it."""
        return self.stage.value

    @property
    def source(self) -> str:
        """Return where its numbers are from."""
        return STEP_SOURCES[self.stage]
