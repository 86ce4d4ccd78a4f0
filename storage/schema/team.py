"""What the team may do, and how its members are let into the console."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from storage.enums import TeamRole
from storage.schema.columns import TableRow, one_of


class CoordinatorRole(TableRow, table=True):
    """A role that a coordinator has, in one program or in all. What each role may do: `bot.console.permissions`."""

    __tablename__ = "coordinator_role"
    __table_args__ = (sa.UniqueConstraint("coordinator_id", "role", "program_id"),)
    id: int | None = Field(default=None, primary_key=True)
    coordinator_id: int = Field(foreign_key="coordinator.id", index=True)
    role: TeamRole = one_of(TeamRole)
    """What they may do."""
    program_id: int | None = Field(default=None, foreign_key="program.id")
    """In which program; None for all."""
    given_at: datetime
    """When it was given."""


class ConsoleLink(TableRow, table=True):
    """A link that lets a coordinator into the console once. Only its keyed hash is kept."""

    __tablename__ = "console_link"
    id: int | None = Field(default=None, primary_key=True)
    coordinator_id: int = Field(foreign_key="coordinator.id", index=True)
    token_hash: bytes = Field(unique=True)
    """The keyed hash of what the link holds."""
    made_at: datetime
    """When it was made."""
    expires_at: datetime
    """Until when it may be used."""
    used_at: datetime | None = None
    """When it was used; None while it was not."""


class RecoveryCode(TableRow, table=True):
    """A code that stands in for one of a coordinator's second step, once. Only its keyed hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.UniqueConstraint("coordinator_id", "code_hash"),)
    id: int | None = Field(default=None, primary_key=True)
    coordinator_id: int = Field(foreign_key="coordinator.id")
    code_hash: bytes
    """The keyed hash of the code and of whose it is."""
    made_at: datetime
    """When it was made."""
    used_at: datetime | None = None
    """When it was used; None while it was not."""


class ConsoleSession(TableRow, table=True):
    """A browser in which a coordinator is signed in. Only the keyed hash of the secret in its cookie is kept."""

    __tablename__ = "console_session"
    id: int | None = Field(default=None, primary_key=True)
    coordinator_id: int = Field(foreign_key="coordinator.id", index=True)
    secret_hash: bytes = Field(unique=True)
    """The keyed hash of the secret in its cookie."""
    started_at: datetime
    """When they signed in."""
    seen_at: datetime
    """When they last asked for a page, to the minute."""
    expires_at: datetime
    """When it ends, whatever they do."""
    confirmed_at: datetime | None = None
    """When they gave the code of their second step; None where they did not."""
    tries: int = 0
    """How many wrong codes of the second step were given."""
    ended_at: datetime | None = None
    """When they signed out, or were signed out; None while it goes on."""
    device: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The browser and the system, as `Firefox on Windows`; empty where they are not known."""
