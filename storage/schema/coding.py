"""What coders make of words: codebooks, excerpts with their codes, how disagreements were settled, and links."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import LinkedKind
from storage.schema.columns import NUMBERED_ONCE, TableRow, json_field, one_of, partial_index

ONE_OF_THREE: Final = (
    "(CASE WHEN answer_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN remark_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN commitment_id IS NULL THEN 0 ELSE 1 END) = 1"
)
"""The condition that a row is about an answer, a remark or a commitment, and no other."""


class CodebookVersion(TableRow, table=True):
    """A version of a program's codebook, as it was loaded. It never changes; the newest row is the one in use."""

    __tablename__ = "codebook"
    __table_args__ = (sa.UniqueConstraint("program_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    version: str
    """As its file says, such as `2`."""
    content: dict[str, Any] = json_field()
    """The file as JSON of `flows.coding.codebook.Codebook`."""
    loaded_by: int = Field(foreign_key="coordinator.id")
    loaded_at: datetime
    """When it was loaded."""


class Excerpt(TableRow, table=True):
    """A passage of an answer, of a remark or of a commitment's words, by character positions of the words as they came.

    Who coded it stands in `CodedExcerpt`, and the codes in `Coding`.
    """

    __table_args__ = (sa.CheckConstraint(ONE_OF_THREE, name="one_source"), NUMBERED_ONCE)
    id: int | None = Field(default=None, primary_key=True)
    answer_id: int | None = Field(default=None, foreign_key="answer.id", index=True)
    remark_id: int | None = Field(default=None, foreign_key="remark.id", index=True)
    commitment_id: int | None = Field(default=None, foreign_key="commitment.id", index=True)
    start: int
    """Its first character, counted from 0."""
    end: int
    """The character after its last one."""
    made_at: datetime | None = None
    """None for those of before this was kept. A commitment that was worded anew since is no longer what it is of."""


class CodedExcerpt(TableRow, table=True):
    """That a coordinator coded an excerpt, and by which codebook: also where no code fits, and there is no `Coding`."""

    __tablename__ = "coded_excerpt"
    __table_args__ = (sa.UniqueConstraint("excerpt_id", "coordinator_id"),)
    id: int | None = Field(default=None, primary_key=True)
    excerpt_id: int = Field(foreign_key="excerpt.id")
    coordinator_id: int = Field(foreign_key="coordinator.id")
    codebook_id: int | None = Field(default=None, foreign_key="codebook.id")
    """None for what was coded before codebooks were kept."""
    coded_at: datetime
    """When they coded it last."""


class Coding(TableRow, table=True):
    """A code, kept as a theme of the program, that a coordinator gave an excerpt. Nothing else gives codes."""

    __table_args__ = (sa.UniqueConstraint("excerpt_id", "theme_id", "coordinator_id"),)
    id: int | None = Field(default=None, primary_key=True)
    excerpt_id: int = Field(foreign_key="excerpt.id")
    theme_id: int = Field(foreign_key="theme.id")
    coordinator_id: int = Field(foreign_key="coordinator.id")
    coded_at: datetime
    """When they gave the code."""


class CodingSettlement(TableRow, table=True):
    """What holds of an excerpt that its two coders coded differently: by whose decision, when, and why."""

    __tablename__ = "coding_settlement"
    id: int | None = Field(default=None, primary_key=True)
    excerpt_id: int = Field(foreign_key="excerpt.id", unique=True)
    codes: list[str] = json_field(default_factory=list)
    """Empty where no code fits."""
    reason: str
    """Why it was decided so, in the team's words."""
    codebook_id: int = Field(foreign_key="codebook.id")
    settled_by: int = Field(foreign_key="coordinator.id")
    settled_at: datetime
    """When it was decided."""


class ThemeLink(TableRow, table=True):
    """A link that somebody of the team made, from a theme on the way to what patients are asked, and why.

    Ends are codes, or numbers of commitments; it is by theme, and never from person to person.
    """

    __tablename__ = "theme_link"
    __table_args__ = (
        partial_index("ix_theme_link_standing", "program_id", where="removed_at IS NULL"),
        NUMBERED_ONCE,
    )
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    from_kind: LinkedKind = one_of(LinkedKind)
    """What it leads from."""
    from_code: str
    """The code, or the number of a commitment, that it leads from."""
    to_kind: LinkedKind = one_of(LinkedKind)
    """What it leads to."""
    to_code: str
    """The code, or the number of a commitment, that it leads to."""
    reason: str
    """Why the two belong together, in the team's words."""
    made_by: int = Field(foreign_key="coordinator.id")
    made_at: datetime
    """When it was made."""
    removed_reason: str | None = None
    """Why it was removed; None while it holds."""
    removed_by: int | None = Field(default=None, foreign_key="coordinator.id")
    removed_at: datetime | None = None
    """Since when it does not hold any longer; the row stays."""
