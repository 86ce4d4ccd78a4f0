"""Run the statements of the hot path: compiled once for each dialect, then run with many rows as plain tuples.

The theory. `Connection.execute` does work for every single row, on the way in (bind processors: Python value to what
the driver takes) and on the way out (result processors, a `Row` object), and for every statement (cache key, cursor
result). For the short statements of a turn that costs more than SQLite takes to write or find the rows. So here:

- a statement is compiled once a dialect and kept as text with the order of its parameters;
- its constants stand in the text. SQLite prepares a statement anew each time that a parameter is given which might
  choose a partial index (`kind = ?`, `status = ?`), and that takes ten times as long as running a short statement: so
  what is one of few values there should be a constant, with a statement for each;
- rows are converted column by column, and a value that many rows share (the time, a status) is converted once;
- the text goes to the driver's own cursor, with `executemany` for many rows, and plain tuples come back.

What is given up: nothing of SQLAlchemy's result API, no RETURNING, no IN list whose length changes between runs (the
compiled text has a fixed number of parameters), and errors are the driver's own (see `translated`). It uses
`SQLCompiler._bind_processors`, which `execute` itself uses; a dialect whose parameters go by name (no `positiontup`)
falls back on `Connection.execute` for writes.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from types import NoneType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.visitors import replacement_traverse

from storage.database.commit_notes import noted_so_far
from storage.errors import DatabaseBusy, DatabaseCorrupt, DatabaseError, DatabaseUnwritable, NotADatabase

Row = dict[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Write:
    """An INSERT or UPDATE as one dialect takes it."""

    text: str
    columns: Sequence[tuple[str, Convert | None]]
    """The parameters that rows give, in order, with their conversions; none where they go by name."""
    constants: Sequence[tuple[int, Any]]
    """The places of those that the statement itself gives, among all, with what the driver takes."""


class BulkWrite:
    """One INSERT or UPDATE, compiled once, that is run for many rows. `names` are the keys that every row has."""

    def __init__(self, statement: sa.Insert | sa.Update, names: Sequence[str]) -> None:
        """Keep the statement; it is compiled when it first runs on a dialect."""
        self._statement = statement
        self._names = list(names)
        self._writes: dict[str, _Write] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Run the statement once for each row, a mapping of parameters; return how many rows of the table it wrote."""
        if not rows:
            return 0
        write = self._writes.get(connection.dialect.name) or self._write(connection.dialect)
        names = [name for name, _ in write.columns]
        if not names:
            return connection.execute(self._statement, list(rows)).rowcount
        picked = map(itemgetter(*names), rows) if len(names) > 1 else ((row[names[0]],) for row in rows)
        values: list[Sequence[Any]] = list(zip(*picked, strict=True))
        for place, (_, convert) in enumerate(write.columns):
            if convert is not None:
                values[place] = _converted(values[place], convert)
        for place, constant in write.constants:
            values.insert(place, [constant] * len(rows))
        cursor = _sent(connection, write.text, list(zip(*values, strict=True)), many=True)
        return 0 if cursor is None else cursor.rowcount

    def _write(self, dialect: sa.Dialect) -> _Write:
        """Compile the statement for a dialect, and keep it."""
        compiled, constants = _compiled(self._statement, dialect, column_keys=self._names)
        binds = _binds(compiled)
        names = compiled.positiontup or ()
        columns = [(name, binds.get(name)) for name in names if name not in constants]
        places = [(place, constants[name]) for place, name in enumerate(names) if name in constants]
        write = self._writes[dialect.name] = _Write(str(compiled), columns, places)
        return write


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column's number is one of the list given as the parameter `name`.

    The parameter is what `numbers` makes: one text, so that a `TupleQuery` may use it whatever the list's length.
    """
    given = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value", name=f"each_{name}")
    return column.in_(sa.select(given.c.value))


def numbers(ids: Iterable[int]) -> str:
    """Return numbers as the parameter of `among`."""
    return f"[{','.join(map(str, ids))}]"


def after_finding(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """Return a key to sort by, so that rows are found by an index first.

    By the bare key SQLite may walk through the whole table in its order instead, above all without statistics.
    """
    return column + 0


def by_no_index(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return a column by which SQLite finds no rows, so that it takes the index of another condition.

    By its statistics an index on a few kinds finds few rows, which is not so while a wave is due.
    """
    return sa.UnaryExpression(column, operator=custom_op("+"), type_=column.type)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A SELECT as one dialect takes it."""

    text: str
    names: Sequence[str] | None
    """The parameters in order; None where they go by name."""
    constants: Row
    """Those that the statement itself gives, as the driver takes them."""
    binds: dict[str, Convert]
    converts: Sequence[tuple[int, Convert]]
    """Of what comes back, by place."""


class TupleQuery:
    """A SELECT, or an UPDATE that returns rows, compiled once; the rows come back as plain tuples.

    Its IN lists must be constants; for one whose length changes there is `among`.
    """

    def __init__(self, statement: sa.Select[Any] | ReturningUpdate[Any]) -> None:
        """Keep the statement; it is compiled when it first runs on a dialect."""
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

    def run(self, connection: Connection, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return all rows for these parameters, their values as the columns' types give them."""
        plan = self._plans.get(connection.dialect.name) or self._plan(connection.dialect)
        values = dict(plan.constants)
        for name, value in parameters.items():
            bind = plan.binds.get(name)
            values[name] = value if bind is None else bind(value)
        given = values if plan.names is None else tuple([values[name] for name in plan.names])
        cursor = _sent(connection, plan.text, given)
        found: list[tuple[Any, ...]] = list(cursor.fetchall()) if cursor is not None else []
        if not found or not plan.converts:
            return found
        if len(found) == 1:
            only = list(found[0])
            for place, convert in plan.converts:
                only[place] = convert(only[place])
            return [tuple(only)]
        columns = list(zip(*found, strict=True))
        for place, convert in plan.converts:
            columns[place] = _converted(columns[place], convert)
        return list(zip(*columns, strict=True))

    def _plan(self, dialect: sa.Dialect) -> _Plan:
        """Compile the statement for a dialect, and keep the plan."""
        compiled, constants = _compiled(self._statement, dialect)
        types = [column.type.dialect_impl(dialect) for column in self._statement.exported_columns]
        processors = [(place, one.result_processor(dialect, None)) for place, one in enumerate(types)]
        converts = [(place, convert) for place, convert in processors if convert is not None]
        plan = _Plan(str(compiled), compiled.positiontup, constants, _binds(compiled), converts)
        self._plans[dialect.name] = plan
        return plan


def _compiled(
    statement: sa.Select[Any] | ReturningUpdate[Any] | sa.Insert | sa.Update,
    dialect: sa.Dialect,
    **options: Any,
) -> tuple[SQLCompiler, Row]:
    """Compile a statement with its constants in the text.

    Return it with the constants that the dialect made parameters of nevertheless, as the driver takes them.
    """
    given: set[str] = set()
    written: Any = replacement_traverse(statement, {}, partial(_in_the_text, given=given))
    compiled = written.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}, **options)
    assert isinstance(compiled, SQLCompiler)
    binds = _binds(compiled)
    constants = {
        name: binds[name](one.effective_value) if name in binds else one.effective_value
        for one, name in compiled.bind_names.items()
        if not one.required and name not in given
    }
    return compiled, constants


_WRITTEN: Final = (str, int, float, NoneType, list, tuple)
"""The types of constants that stand in the text of a statement: their text is the same value."""


def _in_the_text(element: Any, *, given: set[str], **_: Any) -> Any:
    """Return a constant of a statement as one that is written into its text; None for what is no parameter.

    A parameter of each run stays one, and its name is added to `given`.

    Raises:
        TypeError: a constant is of a type whose text SQLite may read as another value, such as bytes or a time.
    """
    if not isinstance(element, sa.BindParameter):
        return None
    if not element.required:
        if not isinstance(element.value, _WRITTEN):
            raise TypeError(f"hand over at each run what is not text or a number: {element.value!r}")
        return element.render_literal_execute()
    given.add(element.key)
    return sa.bindparam(
        element.key, None, type_=element.type
    )  # not required: its value would be missed already here


def _binds(compiled: SQLCompiler) -> dict[str, Convert]:
    """Return the conversions of a statement's parameters by name, where they need any."""
    binds: dict[str, Any] = dict(compiled._bind_processors)  # noqa: SLF001 - what `execute` itself uses, once a row
    return binds


def _sent(connection: Connection, text: str, given: Any, *, many: bool = False) -> DBAPICursor | None:
    """Send a statement to the driver as it is; return the cursor.

    SQLite's is asked directly: what SQLAlchemy makes of a result that nobody looks at takes longer there than
    a short statement does. Its errors are the driver's own then, see `translated`.
    """
    if connection.dialect.name != "sqlite":
        return connection.exec_driver_sql(text, given).cursor
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy itself would
    cursor = connection.connection.cursor()
    if many:
        cursor.executemany(text, given)
    else:
        cursor.execute(text, given)
    return cursor


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Undo what the block wrote if it raises, and what it raised is raised; the transaction around it goes on.

    It is `begin_nested` with one name for all, which SQLAlchemy would make anew and compile each time.

    Raises:
        DatabaseError: the database itself is in trouble, such as a full disk, so that nobody may go on without the
            block alone; SQLite may have undone the whole transaction already, and would keep each further statement by
            itself. A damaged page is no such trouble: it is of those alone whose rows stand there.
    """
    path = Path(connection.engine.url.database or "")
    with translated(path):
        _sent(connection, "SAVEPOINT said_part", ())
    noted = noted_so_far(connection)
    before = len(noted)
    try:
        yield
    except BaseException as error:
        del noted[before:]
        ours = _ours(path, error)
        if isinstance(ours, DatabaseCorrupt):
            ours = None
        is_undone = _is_undone(connection)
        if not isinstance(error, Exception):  # the process is being ended, which is to stay what it is
            raise
        if not is_undone and ours is None and not isinstance(error, DatabaseError):
            ours = DatabaseUnwritable(path, "all that was being written was undone", "check the disk")
        if ours is None:
            raise
        raise ours from error
    with translated(path):
        _sent(connection, "RELEASE said_part", ())


def _is_undone(connection: Connection) -> bool:
    """Undo what was written since the savepoint; return False where that fails, for all of it is undone then."""
    try:
        _sent(connection, "ROLLBACK TO said_part", ())
        _sent(connection, "RELEASE said_part", ())
    except (sa.exc.SQLAlchemyError, sqlite3.Error):
        return False
    return True


class translated:  # noqa: N801 - named as contextlib's own; a class, since every turn enters one
    """Turn SQLite's errors within a `with` block into `DatabaseError`s, which name the file `path` and a remedy.

    Those for which there is no remedy are raised as they are.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None and isinstance(error, sa.exc.DBAPIError | sqlite3.Error):
            ours = _ours(self._path, error)
            if ours is not None:
                raise ours from error


def _ours(path: Path, error: BaseException) -> DatabaseError | None:
    """Return the `DatabaseError` for a driver's error; None for one that has no remedy of its own."""
    driver = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    name = str(getattr(driver, "sqlite_errorname", ""))
    for prefix, make in _COMPLAINTS.items():
        if name.startswith(prefix):
            return make(path, str(driver))
    return None


_COMPLAINTS: dict[str, Callable[[Path, str], DatabaseError]] = {
    "SQLITE_NOTADB": lambda path, _: NotADatabase(path, "is not a database", "name another file"),
    "SQLITE_CORRUPT": DatabaseCorrupt,
    "SQLITE_BUSY": lambda path, _: DatabaseBusy(path),
    "SQLITE_LOCKED": lambda path, _: DatabaseBusy(path),
    "SQLITE_FULL": lambda path, _: DatabaseUnwritable(
        path, "the disk is full", "make room, then start again"
    ),
    "SQLITE_IOERR_SHMSIZE": lambda path, _: (
        DatabaseUnwritable(  # the index of the log, without which none reads
            path, "the disk is full", "make room, then start again"
        )
    ),
    "SQLITE_CANTOPEN": lambda path, _: DatabaseUnwritable(
        path, "cannot be opened", "make the file and its folder writable for this user"
    ),
    "SQLITE_READONLY": lambda path, _: DatabaseUnwritable(
        path, "cannot be written to", "make the file and its folder writable for this user"
    ),
    "SQLITE_IOERR": lambda path, text: DatabaseUnwritable(
        path, f"reading or writing failed ({text})", "check the disk"
    ),
    "SQLITE_PERM": lambda path, _: DatabaseUnwritable(
        path, "may not be used", "give this user the right to it"
    ),
}


def _converted(values: Sequence[Any], convert: Convert) -> tuple[Any, ...]:
    """Convert the values of a column, each value that occurs once only."""
    if values.count(values[0]) == len(values):  # nearly always so for times, kinds and marks
        return (convert(values[0]),) * len(values)
    known = {value: convert(value) for value in set(values)}
    return tuple([known[value] for value in values])
