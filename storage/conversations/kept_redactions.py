"""Keep the redacted form of answers and remarks beside their words, and read it again where it still holds.

Words are redacted once, after the turn that stored them. What is kept is the difference alone: JSON text with those
fields of a row whose form is not the field itself, and nothing for the most rows. A number is told from a telephone
number by where its author is, so that a form for which this was looked up names the countries, too: it holds while
no other country is known of its author. The version of the rules stands beside it; where one of both does not hold, or
nothing was kept yet, words are redacted as they are read.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from flows.text.phone_regions import Regions
from storage.conversations.detected_languages import WordsKind
from storage.database.statements import BulkWrite, TupleQuery
from storage.programs import whereabouts
from storage.redaction import RULES, redact_fields
from storage.schema import ANSWER, REMARK

LOOKED_THROUGH: Final = 20_000
"""Numbers of rows that one look goes through, so that none is long."""
_PLACES: Final = "places"
_SHOWN: Final = ("shown_text", "value", "raw")
_WORDS: Final = frozenset(_SHOWN)
"""Where a row holds somebody's words: a shown text may quote an earlier answer."""
_EMPTIED: Final = ("", None)
"""A field with nothing in it has no form, whatever stands beside it: its words were taken out."""
_ASKED_FOR: Final = frozenset({PromptKind.DATE, PromptKind.NUMBER, PromptKind.SCALE})


class StoredWords(NamedTuple):
    """Hold the words of an answer or of a remark, and what they were redacted by.

    `kind` and `value` (JSON text) are None for a remark.
    """

    number: int
    conversation_id: int
    shown_text: str
    raw: str
    kind: PromptKind | None
    value: str | None


class KeptRedaction(NamedTuple):
    """Hold the redacted form of words, as it is kept: JSON text, or None where it is the words themselves."""

    words: StoredWords
    form: str | None


class WordsLook(NamedTuple):
    """Hold words whose redacted form is to be made, and up to which number of a row they were looked for."""

    words: tuple[StoredWords, ...]
    reached: int


def words_in(kind: PromptKind | None) -> frozenset[str]:
    """Return the fields of an answer of this kind that are redacted; `kind` None is a remark.

    A date or a number that a script asked for is a value and no identifier.
    """
    return _WORDS - {"value"} if kind in _ASKED_FOR else _WORDS


def find_unredacted(
    connection: Connection, kind: WordsKind, after: int, most: int, *, rules: int = RULES
) -> WordsLook:
    """Return at most so many rows after a number, in order, that these rules have not redacted.

    `reached` is the last number there is, where there are no further rows.
    """
    [(last,)] = _LAST[kind].run(connection)
    until = min(after + LOOKED_THROUGH, last or 0)
    rows = _UNREDACTED[kind].run(connection, after=after, until=until, rules=rules, most=most)
    words = tuple(StoredWords(*row) for row in rows)
    return WordsLook(words, words[-1].number if len(words) == most else until)


def redact(words: StoredWords, regions: Regions) -> KeptRedaction:
    """Make the redacted form of words, as it is kept; `regions` tells where their author may be."""
    places: list[str] | None = None

    def looked_up() -> Sequence[str]:
        nonlocal places
        places = sorted(regions())
        return places

    fields = {"shown_text": words.shown_text, "raw": words.raw, "value": _read(words.value)}
    shown, changed = redact_fields(fields, words_in(words.kind), looked_up)
    if not changed and places is None:
        return KeptRedaction(words, None)
    form = {name: shown[name] for name in _SHOWN if shown[name] != fields[name]}
    return KeptRedaction(words, json.dumps(form if places is None else {**form, _PLACES: places}))


def keep(
    connection: Connection, kind: WordsKind, made: Sequence[KeptRedaction], *, rules: int = RULES
) -> None:
    """Keep redacted forms beside their words; what was erased or changed meanwhile is left alone."""
    _KEEP[kind].run(
        connection,
        [
            {
                "row": one.words.number,
                "form": one.form,
                "by_rules": rules,
                "said": one.words.raw,
                "shown": one.words.shown_text,
            }
            for one in made
        ],
    )


def redacted_fields(
    connection: Connection, fields: Mapping[str, Any], row: Any, kind: PromptKind | None
) -> tuple[dict[str, Any], bool]:
    """Return the fields of an answer or a remark with its words redacted, and whether any was changed by that.

    `row` has its `conversation`, `redaction` and `redaction_rules`; `fields` may be some of its fields alone.
    """
    if row.redaction_rules == RULES and row.redaction is None:
        return dict(fields), False
    regions = whereabouts.of_conversation(connection, row.conversation)
    form = _form(row, regions) if row.redaction_rules == RULES else None
    if form is None:
        return redact_fields(fields, words_in(kind), regions)
    changed = {name: form[name] for name in form.keys() & fields.keys() if fields[name] not in _EMPTIED}
    return {**fields, **changed}, bool(changed)


def _form(row: Any, regions: Regions) -> dict[str, Any] | None:
    """Return the kept form of a row; None where it does not hold: another country is known of its author since."""
    form: dict[str, Any] = json.loads(row.redaction)
    places = form.pop(_PLACES, None)
    return form if places is None or set(regions()) <= set(places) else None


@lru_cache(maxsize=1_024)
def _read(value: str | None) -> Any:
    """Return a value from its JSON; most are one of few codes. What comes back is never changed."""
    return None if value is None else json.loads(value)


def _unredacted_in(table: sa.Table) -> TupleQuery:
    """Return the query for the rows of a table that the rules have not redacted, by their numbers."""
    answer = table is ANSWER
    return TupleQuery(
        sa.select(
            table.c.id,
            table.c.conversation_id,
            table.c.shown_text,
            table.c.raw,
            table.c.kind if answer else sa.null(),
            table.c.value if answer else sa.null(),
        )
        .where(
            table.c.id > sa.bindparam("after"),
            table.c.id <= sa.bindparam("until"),
            table.c.redaction_rules != sa.bindparam("rules"),
        )
        .order_by(table.c.id)
        .limit(sa.bindparam("most"))
    )


def _keep_in(table: sa.Table) -> BulkWrite:
    """Return the statement that keeps a form beside its words, where these stand still."""
    return BulkWrite(
        table.update()
        .where(
            table.c.id == sa.bindparam("row"),
            table.c.raw == sa.bindparam("said"),
            table.c.shown_text == sa.bindparam("shown"),
        )
        .values(redaction=sa.bindparam("form"), redaction_rules=sa.bindparam("by_rules")),
        (),
    )


_TABLES: Final = {WordsKind.ANSWER: ANSWER, WordsKind.REMARK: REMARK}
_LAST: Final = {kind: TupleQuery(sa.select(sa.func.max(table.c.id))) for kind, table in _TABLES.items()}
_UNREDACTED: Final = {kind: _unredacted_in(table) for kind, table in _TABLES.items()}
_KEEP: Final = {kind: _keep_in(table) for kind, table in _TABLES.items()}
