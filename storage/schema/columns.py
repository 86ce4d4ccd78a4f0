"""Make columns (closed sets by value, JSON), indexes on the unfinished rows, and the names of constraints."""

from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlmodel import Field, SQLModel
from sqlmodel.main import SQLModelMetaclass

_WHERE = "where"
NUMBERED_ONCE: Final = {"sqlite_autoincrement": True}
"""The table arguments where a number is never given again, even when its row is gone: something names rows by it."""
BY_THE_DATABASE: Final = {"server_default": sa.text("0"), "default": None}
"""Of a column that no statement of a turn names: the database sets it to 0."""
ONE_SOURCE = "(answer_id IS NULL) != (remark_id IS NULL)"
"""The condition of a row that is about an answer or a remark."""
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class RowClass(SQLModelMetaclass):
    """Make a row class and its table, without mapping the class to it: the metaclass of all row classes.

    SQLModel makes the columns, as of any class with `table=True`. What SQLAlchemy makes of them for sessions, a mapper
    and an attribute for each column, takes as long again at each start, and no statement goes by it.
    """

    def __init__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any], **options: Any) -> None:  # noqa: N805
        """Make the table of a row class; `options` are those of its class statement, such as `table=True`."""
        type.__init__(cls, name, bases, members)
        if options.get("table"):
            make_table(cls)


class TableRow(SQLModel, metaclass=RowClass):
    """A row of a table; each table is a class that is made of it.

    What checks and writes out the fields of such a class is built when it is first used. Statements name the columns
    of a table and never do.
    """

    model_config = {"defer_build": True}


def make_table(row: Any) -> None:
    """Put the table of a row class into the metadata of SQLModel, with a column for each field, in their order."""
    given = row.__dict__.get("__table_args__", ())
    items: tuple[Any, ...] = (given,) if isinstance(given, dict) else given
    options = next((one for one in items if isinstance(one, dict)), {})
    others = [one for one in items if one is not options]
    columns = [row.__dict__[name] for name in row.model_fields]
    for name, column in zip(row.model_fields, columns, strict=True):
        column.name = column.key = name
    sa.Table(str(row.__tablename__), SQLModel.metadata, *columns, *others, **options)


def enum_type(kind: type[StrEnum]) -> Any:
    """Return the column type of an enum: members are stored by value, as text of up to 32 characters.

    The length leaves room for longer members, so that adding one needs no migration.
    """
    return sa.Enum(
        kind,
        native_enum=False,
        length=32,
        values_callable=lambda k: [m.value for m in k],
        create_constraint=False,
    )


def one_of(kind: type[StrEnum], default: StrEnum | None = None, **options: Any) -> Any:
    """Return a SQLModel field that holds a member of the enum `kind`, stored by value.

    `default` None makes it required; `options` are those of `Field`.
    """
    return Field(default=... if default is None else default, sa_type=enum_type(kind), **options)


def maybe_one_of(kind: type[StrEnum]) -> Any:
    """Return a SQLModel field that holds a member of the enum `kind`, stored by value, or None (the default)."""
    return Field(default=None, sa_type=enum_type(kind), nullable=True)


def json_field(**options: Any) -> Any:
    """Return a SQLModel field that is stored as JSON; `options` are those of `Field`, such as a default."""
    return Field(sa_type=sa.JSON, **options)


def partial_index(name: str, *columns: str, where: str) -> sa.Index:
    """Return an index of `columns` over only the rows that meet `where`, an SQL condition, in SQLite and PostgreSQL."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), info={_WHERE: where})


@compiles(CreateIndex, "postgresql")
def _create_index(creation: CreateIndex, compiler: Any, **options: Any) -> str:
    """Write the statement that makes an index in PostgreSQL.

    Its condition is given here and not to the index itself, which would import all of that dialect at each start.
    """
    index: Any = creation.element
    if _WHERE in index.info:
        index.dialect_options["postgresql"]["where"] = sa.text(index.info[_WHERE])
    return str(compiler.visit_create_index(creation, **options))
