"""Load the questions of a language: `flows/library/inquiries/<language>.yaml`; en.yaml says how it is written."""

from pathlib import Path
from typing import Final, Self

from pydantic import Field

from flows.formats.yaml_source import read_source
from flows.inquiries.inquiry import Inquiry
from flows.script.model import FrozenModel

FOLDER: Final = Path(__file__).parents[1] / "library" / "inquiries"
MARKED: Final = "? "
"""Before a pattern that is a statement without a question mark."""
GAPS: Final = {"..": 3, "...": 7}
"""How many words whatever a gap of a pattern may stand for."""


class InquiryFile(FrozenModel):
    """The questions of a language as its file has them."""

    asking: str = ""
    stating: str = ""
    fillers: str = ""
    around: str = ""
    leads: str = ""
    tails: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    asks: dict[Inquiry, str] = Field(default_factory=dict)
    """The patterns of each, one a line."""

    @classmethod
    def load(cls, language: str) -> Self:
        """Read the file of a language, which is shipped."""
        return cls.model_validate(read_source(FOLDER / f"{language}.yaml").value)
