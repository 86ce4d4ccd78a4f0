"""Make columns (closed sets by value, JSON), indexes on the unfinished rows, and the names of constraints."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def enum_type(kind: type[StrEnum]) -> Any:
    """Return a column type for a closed set, stored by value with room for longer members later."""
    return sa.Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda k: [m.value for m in k],
        create_constraint=False,
    )


def one_of(kind: type[StrEnum], default: StrEnum | None = None, **options: Any) -> Any:
    """Return a field for a closed set."""
    return Field(default=... if default is None else default, sa_type=enum_type(kind), **options)


def maybe_one_of(kind: type[StrEnum]) -> Any:
    """Return a field for a closed set that may be unknown."""
    return Field(default=None, sa_type=enum_type(kind), nullable=True)


def json_field(**options: Any) -> Any:
    """Return a field that holds JSON."""
    return Field(sa_type=sa.JSON, **options)


def partial_index(name: str, *columns: str, where: str) -> sa.Index:
    """Return an index on the rows that meet `where`, in the words of both databases."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
