"""What was handed out to supporters."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import CutKind
from storage.schema.columns import TableRow, json_field, one_of


class SupporterCut(TableRow, table=True):
    """Figures of a program as they were handed out to a supporter: what was shown, to compare the next with.

    Nothing of one person stands here: what is hidden from the supporter is not kept. Rows are only added.
    """

    __tablename__ = "supporter_cut"
    __table_args__ = (sa.Index("ix_supporter_cut_program", "program_id"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    kind: CutKind = one_of(CutKind)
    """In which form it was handed out."""
    since: date | None = None
    """The first day on which the people joined whom it counts; None from the beginning."""
    until: date | None = None
    """The day before which they joined; None without end."""
    shown_tables: list[dict[str, Any]] = json_field(default_factory=list)
    """The tables as they were shown, so that the same can be handed out again."""
    shown_cells: dict[str, list[int]] = json_field(default_factory=dict)
    """Each number that can be read or worked out, by its place: the number, how many people it rests on, and how many
    one of them has at most."""
    hash: str
    """SHA-256 of what was shown, in hexadecimal."""
    handed_by: int | None = Field(default=None, foreign_key="coordinator.id")
    """Who handed it out, where a coordinator was named."""
    handed_at: datetime
    """When it was handed out: the moment as of which it was counted."""
