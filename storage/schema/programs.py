"""Programs and what belongs to them: activities, objectives, themes; and the flows as they were played."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.schema.columns import TableRow, json_field


class Program(TableRow, table=True):
    """A program that participants enroll in, with its file.

    `settings` is the program file as loaded, `translations` its words in other languages as they stood beside it then;
    `hash` is the SHA-256 of both.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title: str
    settings: dict[str, Any] = json_field()
    translations: dict[str, Any] | None = json_field(default=None)
    hash: str
    loaded_at: datetime
    paused_at: datetime | None = None
    """Since when nothing is sent of our own accord in this program; None where that goes on."""


class Activity(TableRow, table=True):
    """An educational event of a program."""

    __table_args__ = (sa.UniqueConstraint("program_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    slug: str
    title: str
    held_on: date | None = None


class Theme(TableRow, table=True):
    """A code, with its label, of the program's codebook of gaps that patients voice."""

    __table_args__ = (sa.UniqueConstraint("program_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    code: str
    label: str


class ActivityObjective(TableRow, table=True):
    """What an activity is to achieve, with the code of the theme that it answers; None for no theme."""

    __tablename__ = "objective"
    __table_args__ = (sa.UniqueConstraint("activity_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id")
    code: str
    text: str
    theme: str | None = None


class FlowVersion(TableRow, table=True):
    """A version of a flow, kept whole under its hash: a conversation keeps the version that it began with."""

    hash: str = Field(primary_key=True)
    flow: str = Field(index=True)
    source: str
    """The flow as JSON, as `Flow.model_dump_json(by_alias=True)` writes it."""
    first_used_at: datetime
