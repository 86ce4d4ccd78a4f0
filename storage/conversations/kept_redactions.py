"""Keep the redacted form of words beside them, and read it again where it still holds.

These are the words of answers and remarks, of commitments and their earlier wordings, and of what is reported at a
wave. Words are redacted once, after the turn that stored them. What is kept is the difference alone: JSON text with
those fields of a row whose form is not the field itself, and nothing for the most rows. A number is told from a
telephone number by where its author is, so that a form for which this was looked up names the countries, too: it holds
while no other country is known of its author. The version of the rules stands beside it; where one of both does not
hold, or nothing was kept yet, words are redacted as they are read.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from flows.text.phone_regions import Regions
from storage.database.statements import BulkWrite, TupleQuery, among, numbers
from storage.programs import whereabouts
from storage.redaction import RULES, redact_fields
from storage.schema import ANSWER, COMMITMENT, COMMITMENT_REVISION, IMPLEMENTATION, REMARK

LOOKED_THROUGH: Final = 20_000
"""Numbers of rows that one look goes through, so that none is long."""
_PLACES: Final = "places"
_EMPTIED: Final[tuple[Any, ...]] = ("", None, {})
"""A field with nothing in it has no form, whatever stands beside it: its words were taken out."""
_ASKED_FOR: Final = frozenset({PromptKind.DATE, PromptKind.NUMBER, PromptKind.SCALE})


class WordsTable(StrEnum):
    """Say in which table words stand, with their redacted form beside them. The value is the table's name."""

    ANSWER = "answer"
    REMARK = "remark"
    COMMITMENT = "commitment"
    REVISION = "commitmentrevision"
    IMPLEMENTATION = "implementation"


class StoredWords(NamedTuple):
    """Hold the words of a row, by their columns and as they are stored.

    `conversation_id` is where they were said; for what is about a commitment, where that was made. `kind` is that of
    an answer, else None.
    """

    number: int
    conversation_id: int
    kind: PromptKind | None
    texts: Mapping[str, str | None]


class KeptRedaction(NamedTuple):
    """Hold the redacted form of words, as it is kept: JSON text, or None where it is the words themselves."""

    words: StoredWords
    form: str | None


class StoredRedaction(NamedTuple):
    """Hold what stands beside the words of a row, and the conversation that tells where their author may be.

    `redaction_rules` is None where there is no row.
    """

    conversation: int
    redaction: str | None
    redaction_rules: int | None


class WordsLook(NamedTuple):
    """Hold words whose redacted form is to be made, and up to which number of a row they were looked for."""

    words: tuple[StoredWords, ...]
    reached: int


COLUMNS: Final[Mapping[WordsTable, tuple[str, ...]]] = {
    WordsTable.ANSWER: ("shown_text", "value", "raw"),
    WordsTable.REMARK: ("shown_text", "raw"),
    WordsTable.COMMITMENT: ("statement", "if_then", "coping", "foreseen_other"),
    WordsTable.REVISION: ("statement", "if_then"),
    WordsTable.IMPLEMENTATION: ("details",),
}
"""Where a row holds somebody's words: a shown text may quote an earlier answer."""
_WORDS: Final = frozenset(chain.from_iterable(COLUMNS.values()))
_JSON: Final = frozenset({"value", "details"})
"""The columns that hold JSON text."""


def words_in(kind: PromptKind | None) -> frozenset[str]:
    """Return the fields that are redacted; `kind` is that of an answer, None for all other words.

    A date or a number that a script asked for is a value and no identifier.
    """
    return _WORDS - {"value"} if kind in _ASKED_FOR else _WORDS


def last_numbers(connection: Connection) -> dict[WordsTable, int]:
    """Return the highest number of a row in each table that holds words, 0 where it is empty."""
    return {table: query.run(connection)[0][0] or 0 for table, query in _LAST.items()}


def find_unredacted(
    connection: Connection, table: WordsTable, after: int, most: int, *, rules: int = RULES
) -> WordsLook:
    """Return at most so many rows after a number, in order, that these rules have not redacted.

    `reached` is the last number there is, where there are no further rows.
    """
    [(last,)] = _LAST[table].run(connection)
    until = min(after + LOOKED_THROUGH, last or 0)
    rows = _UNREDACTED[table].run(connection, after=after, until=until, rules=rules, most=most)
    names = COLUMNS[table]
    words = tuple(
        StoredWords(number, conversation, kind, dict(zip(names, texts, strict=True)))
        for number, conversation, kind, *texts in rows
    )
    return WordsLook(words, words[-1].number if len(words) == most else until)


def redact(words: StoredWords, regions: Regions) -> KeptRedaction:
    """Make the redacted form of words, as it is kept; `regions` tells where their author may be."""
    places: list[str] | None = None

    def looked_up() -> Sequence[str]:
        nonlocal places
        places = sorted(regions())
        return places

    fields = {name: _read(text) if name in _JSON else text for name, text in words.texts.items()}
    shown, changed = redact_fields(fields, words_in(words.kind), looked_up)
    if not changed and places is None:
        return KeptRedaction(words, None)
    form = {name: shown[name] for name in fields if shown[name] != fields[name]}
    return KeptRedaction(words, json.dumps(form if places is None else {**form, _PLACES: places}))


def keep(
    connection: Connection, table: WordsTable, made: Sequence[KeptRedaction], *, rules: int = RULES
) -> None:
    """Keep redacted forms beside their words; what was erased or changed meanwhile is left alone."""
    rows = [
        {
            "row": one.words.number,
            "form": one.form,
            "by_rules": rules,
            **{f"was_{name}": text for name, text in one.words.texts.items()},
        }
        for one in made
    ]
    _KEEP[table].run(connection, rows)


def redacted_fields(
    connection: Connection, fields: Mapping[str, Any], row: Any, kind: PromptKind | None = None
) -> tuple[dict[str, Any], bool]:
    """Return the fields of a row with its words redacted, and whether any was changed by that.

    `row` is a `StoredRedaction`, or has its fields; `fields` may be some of the row's alone. `kind` is that of an
    answer, None for all other words.
    """
    if row.redaction_rules == RULES and row.redaction is None:
        return dict(fields), False
    regions = whereabouts.of_conversation(connection, row.conversation)
    form = _form(row, regions) if row.redaction_rules == RULES else None
    if form is None:
        return redact_fields(fields, words_in(kind), regions)
    changed = {name: form[name] for name in form.keys() & fields.keys() if fields[name] not in _EMPTIED}
    return {**fields, **changed}, bool(changed)


def shown_words(
    connection: Connection, table: WordsTable, wanted: Iterable[int]
) -> dict[int, dict[str, str | None]]:
    """Return the words of answers or remarks by their numbers, redacted: `shown_text` and `raw` of each.

    The kept form is taken where it holds; rows that are not there are left out.
    """
    found = _SHOWN[table].run(connection, wanted=numbers(wanted))
    shown = {}
    for number, conversation, form, rules, asked, said in found:
        kept = StoredRedaction(conversation, form, rules)
        shown[number], _ = redacted_fields(connection, {"shown_text": asked, "raw": said}, kept)
    return shown


def _form(row: Any, regions: Regions) -> dict[str, Any] | None:
    """Return the kept form of a row; None where it does not hold: another country is known of its author since."""
    form: dict[str, Any] = json.loads(row.redaction)
    places = form.pop(_PLACES, None)
    return form if places is None or set(regions()) <= set(places) else None


@lru_cache(maxsize=1_024)
def _read(value: str | None) -> Any:
    """Return a value from its JSON; most are one of few codes. What comes back is never changed."""
    return None if value is None else json.loads(value)


def _unredacted_in(name: WordsTable, table: sa.Table) -> TupleQuery:
    """Return the query for the rows of a table that the rules have not redacted, by their numbers."""
    return TupleQuery(
        sa.select(
            table.c.id,
            _said_in(table),
            table.c.kind if table is ANSWER else sa.null(),
            *(_text(table.c[column]) for column in COLUMNS[name]),
        )
        .where(
            table.c.id > sa.bindparam("after"),
            table.c.id <= sa.bindparam("until"),
            table.c.redaction_rules != sa.bindparam("rules"),
        )
        .order_by(table.c.id)
        .limit(sa.bindparam("most"))
    )


def _keep_in(name: WordsTable, table: sa.Table) -> BulkWrite:
    """Return the statement that keeps a form beside its words, where these stand still."""
    still = (
        _text(table.c[column]).is_not_distinct_from(sa.bindparam(f"was_{column}")) for column in COLUMNS[name]
    )
    return BulkWrite(
        table.update()
        .where(table.c.id == sa.bindparam("row"), *still)
        .values(redaction=sa.bindparam("form"), redaction_rules=sa.bindparam("by_rules")),
        (),
    )


def _said_in(table: sa.Table) -> sa.ColumnElement[Any]:
    """Return the conversation in which the words of a row were said, or its commitment was made."""
    if "commitment_id" not in table.c:
        return table.c.conversation_id
    made = sa.select(COMMITMENT.c.conversation_id).where(COMMITMENT.c.id == table.c.commitment_id)
    return made.scalar_subquery()


def _text(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return the text that stands in a column, also where it is JSON."""
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


_TABLES: Final = {
    WordsTable.ANSWER: ANSWER,
    WordsTable.REMARK: REMARK,
    WordsTable.COMMITMENT: COMMITMENT,
    WordsTable.REVISION: COMMITMENT_REVISION,
    WordsTable.IMPLEMENTATION: IMPLEMENTATION,
}
_SHOWN: Final = {
    name: TupleQuery(
        sa.select(
            table.c.id,
            table.c.conversation_id,
            table.c.redaction,
            table.c.redaction_rules,
            table.c.shown_text,
            table.c.raw,
        ).where(among(table.c.id, "wanted"))
    )
    for name, table in ((WordsTable.ANSWER, ANSWER), (WordsTable.REMARK, REMARK))
}
"""Of those tables alone whose rows are read one by one."""
_LAST: Final = {name: TupleQuery(sa.select(sa.func.max(table.c.id))) for name, table in _TABLES.items()}
_UNREDACTED: Final = {name: _unredacted_in(name, table) for name, table in _TABLES.items()}
_KEEP: Final = {name: _keep_in(name, table) for name, table in _TABLES.items()}
