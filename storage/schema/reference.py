"""Write the page of the data: each table with its columns, what they mean, their unit and an example, and the views."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage import schema
from storage.schema.views import HIDDEN

_KEY: Final = "Its number; no other row of this table has it."
_OPENING: Final = f"""\
All that is kept, table by table, in one SQLite file. [Analyse](../howto/analysis.md) shows how to read it from Python,
R and Datasette. Whoever analyses takes the [views](#views): names and columns of a view stay, those of a table may
change with any version. Tables hold people's words as they came, views hold them redacted.

Times are text in UTC, such as `2026-03-02 09:00:00.123456` in tables and `2026-03-02T09:00:00Z` in views. Yes and no
are 1 and 0. Codes stand as text, lists and records as JSON text. Where a meaning names None, the
column is empty (NULL).

## Views

They hold no address, no name, no token and no platform's number: participants are the codes of the
[exports](exports.md), where columns of the same name mean the same. Words are redacted. Where the redacted form of a
text is not known to SQL, the view has `{HIDDEN}` in its place, and an export has the words: shortly after they came, as
long as the rules of today have not read them; and where digits in them are a telephone number in some countries and
not in others. Questions that are marked as personal are left out.
"""
VIEW_MEANINGS: Final[Mapping[str, str]] = {
    "v_answers": "A row for each answer, superseded ones too, as `answers_long`. `value` is JSON text.",
    "v_remarks": "A row for each text that answered no question, as `remarks`. `slot` is the question with its items.",
    "v_consents": (
        "A row for each decision, as `consents`. `newest` is 1 where the participant decided nothing later on the same"
        " purpose in the program; whether it counts also hangs on its family of flows, see `stands` in `consents`."
    ),
    "v_commitments": "A row for each commitment, also those that were never confirmed, as the head of `commitments`.",
    "v_follow_ups": (
        "A row for each commitment at each wave that was made for it, with what was reported, as the rest of"
        " `commitments`. All of it is self-reported. `confirmed` is that of the commitment. `details` is JSON text."
    ),
    "v_response": (
        "A row for each program, activity, source, role and flow of links, as `links`. `finished` is how many of those"
        " who came in by them came to the end of that flow."
    ),
    "v_loop": (
        "A row for each theme of a program, as `said program loop`, in counts. `responded` are commitments with any"
        " report, `due` those that were due at any wave, `done` those implemented in full or in part by the newest"
        " report, `done_in_full` those in full. Linked by theme only, never person to person."
    ),
}
"""What each view is."""
EXAMPLES: Final[Mapping[str, str]] = {
    "channel": "telegram", "code": "pain", "codes": '["pain"]', "content": '{"version": "2"}',
    "coping": "Ask the nurse to remind me", "counts": '{"answer": 41}', "detected_language": "de", "details": "{}",
    "device": "Firefox on Windows", "elements": '["patient"]', "error": "unreadable", "external_id": "9002:17",
    "flow": "patient_interview", "flow_hash": "5f70bf18a086",
    "foreseen_barriers": '["time"]', "foreseen_other": "No room on the form",
    "from_code": "pain", "hash": "5f70bf18a086", "if_then": "When I see a new patient", "item": "pain",
    "kept": '{"safety_case": 1}', "label": "Pain is not asked about", "language": "de", "line": "telegram",
    "locale": "de-AT", "message_id": "4711", "month": "2026-03", "name": "purge", "objective": "ask_pain",
    "payload": "{}", "products": '["lenalidomide"]', "question_key": "a7", "raw": "Nobody asked me",
    "reason": "quiet_hours", "redaction": '{"raw": "Write to [email]"}', "removed_reason": "It is about sleep",
    "settings": '{"program": "myeloma"}', "shown_cells": '{"people/hcp/hcp_commitment": [24, 24, 1]}',
    "shown_tables": '[{"table": "response.links"}]', "shown_text": "How well was your pain treated?",
    "slot": "a7[pain]", "slug": "myeloma", "source": "clinic-a", "source_hash": "9c56cc51b374", "state": "{}",
    "statement": "I will ask each patient about pain", "subject": "pain", "suggestion": "ask_pain",
    "taken_as": "a9", "text": "Ask each patient about pain", "text_hash": "9c56cc51b374", "theme": "pain",
    "thread": "1740000000.000100", "timezone": "Europe/Vienna", "title": "Myeloma", "to_code": "ask_pain",
    "translations": '{"de": {}}', "type": "assessment", "value": '"often"', "version": "2",
    "workspace": "a3f19c20d1e84b77",
}  # fmt: skip
"""An example of a column by its name, where its kind alone gives none."""


def data_page(note: str) -> str:
    """Return `docs/reference/data.md`, with a note on how it is made below its title."""
    return "\n".join(["# Data", "", note, "", *_lines()]).rstrip() + "\n"


def row_classes() -> dict[str, type[SQLModel]]:
    """Return the row class of each table, by the table's name."""
    found = (getattr(schema, name) for name in schema.__all__)
    rows = (one for one in found if inspect.isclass(one) and issubclass(one, SQLModel))
    return dict(sorted((str(one.__tablename__), one) for one in rows))


@cache
def column_meanings(row: type[SQLModel]) -> Mapping[str, str]:
    """Return what the columns of a row class mean, by their names: the texts below them, on one line."""
    [found] = ast.parse(dedent(inspect.getsource(row))).body
    body = found.body if isinstance(found, ast.ClassDef) else []
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _lines() -> Iterator[str]:
    yield _OPENING
    for name, columns in view_columns().items():
        shown = ", ".join(f"`{column}`" for column in columns)
        yield from (f"### `{name}`", "", VIEW_MEANINGS[name], "", f"Columns: {shown}.", "")
    yield from ("## Tables", "")
    for name, row in row_classes().items():
        yield from (f"### `{name}`", "", " ".join(inspect.cleandoc(row.__doc__ or "").split()), "")
        yield from ("| column | meaning | unit | example |", "|---|---|---|---|")
        for column in schema.table_of(row).columns:
            cells = (f"`{column.name}`", meaning(row, column), unit(column), f"`{example(column)}`")
            yield f"| {' | '.join(one.replace('|', '/') for one in cells)} |"
        yield ""


def view_columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of each view, in order, as a database of this version has them."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        schema.METADATA.create_all(connection)
        found = {}
        for name, statement in schema.view_statements().items():
            connection.exec_driver_sql(statement)
            found[name] = tuple(connection.exec_driver_sql(f"SELECT * FROM {name}").keys())  # noqa: S608 - ours
    engine.dispose()
    return found


def meaning(row: type[SQLModel], column: sa.Column[Any]) -> str:
    """Return what a column means; '' where nothing says it."""
    told = column_meanings(row).get(column.name, "")
    to = [f"The number of a row of `{key.column.table.name}`." for key in column.foreign_keys]
    if column.foreign_keys and any(key.column.name != "id" for key in column.foreign_keys):
        to = [
            f"The `{key.column.name}` of a row of `{key.column.table.name}`." for key in column.foreign_keys
        ]
    own = [_KEY] if column.primary_key and column.name == "id" else []
    nothing = ["None for none."] if column.nullable and to and not told else []
    return " ".join(filter(None, [*own, *to, told, *nothing]))


def _kind(column: sa.Column[Any]) -> Any:
    """Return the type of a column as SQLAlchemy has it, under what is laid around it."""
    kind = column.type
    return kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind


_UNITS: Final = (
    (sa.Boolean, "1 yes, 0 no", "1"),
    (sa.DateTime, "time, UTC", "2026-03-02 09:00:00.123456"),
    (sa.Date, "day", "2026-03-02"),
    (sa.LargeBinary, "bytes", "x'5f70bf18…'"),
    (sa.Integer, "number", "3"),
    (sa.Float, "0 to 1", "0.97"),
)
"""The unit and an example of the types whose values look alike."""
_NUMBERS: Final = {
    "wave_days": "days",
    "digest_hour": "hour of the day, 0 to 23",
    "share": "per cent",
    "level": "points, 1 to 5",
    "confidence": "points, 1 to 5",
    "specificity": "points, 0 to 4",
    "start": "characters",
    "end": "characters",
    "baseline_did": "patients",
    "baseline_had": "patients",
    "openers": "messages",
    "others": "messages",
}
"""The unit of a number by the name of its column, where it counts something."""


def unit(column: sa.Column[Any]) -> str:
    """Return the unit of a column: in what its values are, or which values there are."""
    kind = _kind(column)
    if isinstance(kind, sa.Enum):
        return ", ".join(f"`{one}`" for one in kind.enums)
    plain = "JSON" if isinstance(kind, sa.JSON) else "text"
    found = next((told for of, told, _ in _UNITS if isinstance(kind, of)), plain)
    return _NUMBERS.get(column.name, found) if found == "number" else found


def example(column: sa.Column[Any]) -> str:
    """Return an example of a column's values, as SQLite shows it.

    Raises:
        KeyError: there is none for a text of this name.
    """
    kind = _kind(column)
    if isinstance(kind, sa.Enum):
        return str(kind.enums[0])
    found = next((one for of, _, one in _UNITS if isinstance(kind, of)), None)
    return EXAMPLES[column.name] if found is None else found
