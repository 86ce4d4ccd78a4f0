"""Programs and what belongs to them: activities, objectives, themes; and the flows as they were played."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import ProgramClose
from storage.schema.columns import TableRow, json_field, maybe_one_of


class Program(TableRow, table=True):
    """A program that participants enroll in, with its file.

    `settings` is the program file as loaded, `translations` its words in other languages as they stood beside it then;
    `hash` is the SHA-256 of both.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    """Its short name."""
    title: str
    """Its name, as its file says."""
    settings: dict[str, Any] = json_field()
    """Its file as JSON."""
    translations: dict[str, Any] | None = json_field(default=None)
    """Its words in other languages, by language, as JSON; None where there are none."""
    hash: str
    """SHA-256 of file and translations, in hexadecimal."""
    loaded_at: datetime
    """When it was loaded last."""
    paused_at: datetime | None = None
    """Since when nothing is sent of our own accord in this program; None where that goes on."""
    closed_at: datetime | None = None
    """Since when nobody new is let in; None where it is open."""
    at_close: ProgramClose | None = maybe_one_of(ProgramClose)
    """What became of what people were promised when it was closed; None where it is open."""
    archived_at: datetime | None = None
    """Since when it is only read; None where it is not put away."""


class Activity(TableRow, table=True):
    """An educational event of a program."""

    __table_args__ = (sa.UniqueConstraint("program_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    slug: str
    """Its short name."""
    title: str
    """Its name, as the program's file says."""
    held_on: date | None = None
    """The day on which it is held; None where none is named."""


class Theme(TableRow, table=True):
    """A code, with its label, of the program's codebook of gaps that patients voice."""

    __table_args__ = (sa.UniqueConstraint("program_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    program_id: int = Field(foreign_key="program.id")
    code: str
    """Its code."""
    label: str
    """What it is called for the team."""


class ActivityObjective(TableRow, table=True):
    """What an activity is to achieve, with the code of the theme that it answers; None for no theme."""

    __tablename__ = "objective"
    __table_args__ = (sa.UniqueConstraint("activity_id", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    activity_id: int = Field(foreign_key="activity.id")
    code: str
    """Its code."""
    text: str
    """What is to be achieved."""
    theme: str | None = None
    """The code of the theme that it answers; None for none."""


class FlowVersion(TableRow, table=True):
    """A version of a flow, kept whole under its hash: a conversation keeps the version that it began with."""

    hash: str = Field(primary_key=True)
    """SHA-256 of the flow, in hexadecimal."""
    flow: str = Field(index=True)
    """The code of the flow."""
    source: str
    """The flow as JSON, as `Flow.model_dump_json(by_alias=True)` writes it."""
    first_used_at: datetime
    """When the first conversation began with it."""
