"""Keep the quotations: words of participants that somebody of the team released to be shown to other people.

A quotation is shown while two things hold: it is released, and its author permits it (`word_permission`). Both are
looked at anew each time. Words of distress are never shown, also where they were found to be so after their release.
Redaction finds no names, so a person reads the very text before it is released; they may leave something out, or put a
word in brackets in its place.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from msgspec import json
from sqlalchemy import Connection

from flows.engine.compiled import read_slot
from flows.script.roles import Role
from storage.database import audit
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import among, numbers
from storage.errors import StorageError
from storage.programs import case_words, whereabouts, word_permission
from storage.redaction import WORDS_CHANGED, redacted
from storage.schema import (
    ANSWER,
    CONVERSATION,
    COORDINATOR,
    FLOW_VERSION,
    OUTBOX,
    PARTICIPANT,
    PROGRAM,
    QUOTATION,
    REMARK,
    THEME,
    AuditKind,
    JournalKind,
)

GONE: Final = "[…]"
"""What stands in place of a quotation whose author had everything deleted."""
SHORTEST: Final = 12
"""Letters that a quotation has at least, outside of brackets.

A shorter one says nothing, and could not be told from what others wrote.
"""
_BEGUN_BEFORE: Final = timedelta(days=1)
"""How long before a release a conversation may have begun that quotes it.

It begins as of when the message came that led to it, or what was due: what it tells is read later, when that is its
turn.
"""
_FACT: Final = "others.quotation"
"""What a script names that shows a quotation."""
_LEFT_OUT: Final = re.compile(r"\[[^\[\]]{0,40}\]")
"""What stands in brackets in a quotation: something was left out, or is named by its kind. More is no quotation."""


class QuotationError(StorageError):
    """Words cannot be released, or a quotation not be withdrawn. The message says why; nothing has changed."""


@dataclass(frozen=True, slots=True)
class QuotationSource:
    """Where a quotation is from: an answer by its number, or a remark by its own."""

    number: int
    is_remark: bool = False

    def __str__(self) -> str:
        """Return the source as a person types it: `4711`, or `r12` for a remark."""
        return f"r{self.number}" if self.is_remark else str(self.number)


@dataclass(frozen=True, slots=True)
class QuotationRelease:
    """What is to be released: the very text, a passage of its source; and the code of a theme, None for none."""

    source: QuotationSource
    text: str
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class QuotationRecord:
    """A text that was released, with whose words it is. `participant` and `released_by` are codes.

    `is_shown` is whether it may be shown to others now; `withdrawn_at` is None while its release stands.
    """

    id: int
    source: QuotationSource
    participant: str
    role: Role
    program: str
    flow: str
    question_key: str | None
    """The question that was answered, or was open; None where none was."""
    item: str | None
    text: str
    language: str
    theme: str | None
    released_by: str
    released_at: datetime
    withdrawn_at: datetime | None
    is_shown: bool


def quotable_words(connection: Connection, source: QuotationSource) -> str:
    """Return the words of an answer or a remark that may be quoted, redacted: what a release takes its text from.

    Raises:
        QuotationError: there are no such words, or they may not be quoted.
    """
    table = REMARK if source.is_remark else ANSWER
    columns = (table.c.conversation_id, table.c.raw, table.c.personal)
    row = connection.execute(
        sa.select(*columns, table.c.superseded_at, table.c.message_deleted_at).where(
            table.c.id == source.number
        )
    ).first()
    if row is None or row.personal or not row.raw:
        raise QuotationError(f"there are no words {source}; their numbers are in `said export`")
    if row.superseded_at is not None or row.message_deleted_at is not None:
        raise QuotationError(f"who wrote {source} took these words back, or wrote others in their place")
    if not word_permission.of_conversations(connection, [row.conversation_id])[row.conversation_id].may_quote:
        raise QuotationError(f"who wrote {source} has not permitted that their words are quoted")
    distress = case_words.of_distress(connection, [row.conversation_id])
    if distress.holds(source.number, is_remark=source.is_remark):
        raise QuotationError(f"{source} tells of distress, and such words are never quoted")
    # Redacted here, and not as it is kept: whoever releases words answers for what the rules of this very moment say,
    # and `storage.programs` stands below `storage.conversations`, which keeps the form. It is one text at a time.
    return redacted(row.raw, whereabouts.of_conversation(connection, row.conversation_id))


def release(connection: Connection, wanted: QuotationRelease, *, by: int, now: datetime) -> int:
    """Release a text, `by` a coordinator's number, audit it, and return the number of the quotation.

    Raises:
        QuotationError: the words may not be quoted, the text is no passage of them or too short, it was released
            already, or the program has no such theme.
    """
    source, text = wanted.source, wanted.text.strip()
    if len(_LEFT_OUT.sub("", text).strip()) < SHORTEST:
        raise QuotationError(f"a quotation has {SHORTEST} letters at least")
    if not is_passage(text, quotable_words(connection, source)):
        raise QuotationError(f"the text is no passage of {source}; leave out with [...], and add nothing")
    _refuse_unknown_theme(connection, source, wanted.theme)
    column = QUOTATION.c.remark_id if source.is_remark else QUOTATION.c.answer_id
    here = (column == source.number) & QUOTATION.c.withdrawn_at.is_(None)
    if connection.scalar(sa.select(QUOTATION.c.id).where(here, QUOTATION.c.text == text)) is not None:
        raise QuotationError(f"this text of {source} is released already; see `said quote list`")
    row = {column.name: source.number, "text": text, "theme": wanted.theme}
    made = connection.execute(
        QUOTATION.insert().values(**row, released_by=by, released_at=now).returning(QUOTATION.c.id)
    )
    number = int(made.scalar_one())
    _audit(connection, number, by, now, released=True)
    return number


def withdraw(connection: Connection, number: int, *, by: int | None, now: datetime) -> None:
    """Withdraw a quotation: it is shown to nobody from now on. That is audited.

    `by` is a coordinator's number, None where it is not known.

    Raises:
        QuotationError: there is none of that number, or it was withdrawn before.
    """
    done = connection.execute(
        QUOTATION.update()
        .where(QUOTATION.c.id == number, QUOTATION.c.withdrawn_at.is_(None))
        .values(withdrawn_by=by, withdrawn_at=now)
    )
    if not done.rowcount:
        raise QuotationError(f"there is no quotation {number} that is released; see `said quote list`")
    _audit(connection, number, by, now, released=False)
    theirs = connection.execute(_TEXTS.where(QUOTATION.c.id == number)).one()
    note(connection, JournalNote(JournalKind.QUOTATION, now, theirs.participant_id, words=theirs.text))


def program_of(connection: Connection, number: int) -> str | None:
    """Return the short name of the program that a quotation is of; None where there is none of that number."""
    row = connection.execute(_QUOTATIONS.where(QUOTATION.c.id == number)).first()
    return None if row is None else str(row.program)


def standing_texts(connection: Connection, participant_id: int) -> tuple[tuple[int, str], ...]:
    """Return the quotations of a participant's words whose release stands, by number, each with its text."""
    theirs = (CONVERSATION.c.participant_id == participant_id) & QUOTATION.c.withdrawn_at.is_(None)
    return tuple((row.id, row.text) for row in connection.execute(_TEXTS.where(theirs)))


def list_quotations(connection: Connection, program: str | None = None) -> tuple[QuotationRecord, ...]:
    """Return all quotations of a program (a short name; None: of all), also withdrawn ones, the oldest first."""
    query = _QUOTATIONS if program is None else _QUOTATIONS.where(PROGRAM.c.slug == program)
    return _read(connection, connection.execute(query).all())


def showable(
    connection: Connection, program_id: int, *, theme: str | None = None
) -> tuple[QuotationRecord, ...]:
    """Return the quotations of a program that may be shown to other people now, the oldest first.

    Those of a theme, or (None) of all. To be asked at each showing: whoever keeps the answer goes on showing what was
    taken back.
    """
    query = _QUOTATIONS.where(PROGRAM.c.id == program_id, QUOTATION.c.withdrawn_at.is_(None))
    if theme is not None:
        query = query.where(QUOTATION.c.theme == theme)
    return tuple(one for one in _read(connection, connection.execute(query).all()) if one.is_shown)


def released_of(connection: Connection, *, remarks: bool, numbers: Collection[int]) -> frozenset[int]:
    """Return which of these answers (or with `remarks`, remarks) have a quotation whose release stands."""
    column = QUOTATION.c.remark_id if remarks else QUOTATION.c.answer_id
    query = sa.select(column).where(column.in_(numbers), QUOTATION.c.withdrawn_at.is_(None))
    return frozenset(connection.scalars(query))


def is_passage(text: str, words: str) -> bool:
    """Return whether a text is a passage of some words, in order, where brackets stand for what was left out.

    >>> is_passage("I asked [...] twice", "Well, I asked Dr Brown twice about it")
    True
    >>> is_passage("I never asked", "Well, I asked Dr Brown twice about it")
    False
    """
    there = " ".join(words.split())
    if " ".join(text.split()) in there:
        return bool(text.strip())
    pieces = [" ".join(piece.split()) for piece in _LEFT_OUT.split(text)]
    at = 0
    for piece in filter(None, pieces):
        found = there.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return any(pieces)


def forget(connection: Connection, conversations: Sequence[int] | sa.Select[Any]) -> int:
    """Delete all quotations of words of some conversations, wherever they were shown; return how many there were."""
    sources = (
        QUOTATION.c[key].in_(sa.select(table.c.id).where(table.c.conversation_id.in_(conversations)))
        for key, table in (("answer_id", ANSWER), ("remark_id", REMARK))
    )
    columns = (QUOTATION.c.id, QUOTATION.c.text, QUOTATION.c.released_at)
    found = connection.execute(sa.select(*columns).where(sa.or_(*sources))).all()
    for text in {row.text for row in found}:
        released_at = min(row.released_at for row in found if row.text == text)
        _forget_where_shown(connection, text, released_at)
    connection.execute(QUOTATION.delete().where(QUOTATION.c.id.in_([row.id for row in found])))
    return len(found)


def _forget_where_shown(connection: Connection, text: str, released_at: datetime) -> None:
    """Put a mark in place of a quotation in all that other people were, or are to be, shown since its release.

    Only conversations can show it whose script names the quotation; others are not read, which are most of them.
    """
    in_json = json.encode(text).decode()[1:-1]
    telling = sa.select(FLOW_VERSION.c.hash).where(sa.func.instr(FLOW_VERSION.c.source, _FACT) > 0)
    emptied = CONVERSATION.c.state == ""  # what it told of others is not kept there any more
    shown_in = list(
        connection.scalars(
            sa.select(CONVERSATION.c.id).where(
                CONVERSATION.c.flow_hash.in_(list(connection.scalars(telling))),
                CONVERSATION.c.started_at >= released_at - _BEGUN_BEFORE,
                emptied | (sa.func.instr(CONVERSATION.c.state, in_json) > 0),
            )
        )
    )
    there = {"shown_in": numbers(shown_in)}
    for table in (ANSWER, REMARK):
        shown = table.c.shown_text
        connection.execute(
            table.update()
            .where(among(table.c.conversation_id, "shown_in"), sa.func.instr(shown, text) > 0)
            .values(shown_text=sa.func.replace(shown, text, GONE), **WORDS_CHANGED),
            there,
        )
    for column, number in (
        (OUTBOX.c.payload, OUTBOX.c.conversation_id),
        (CONVERSATION.c.state, CONVERSATION.c.id),
    ):
        holder: Any = column.table
        connection.execute(
            holder.update()
            .where(among(number, "shown_in"), sa.func.instr(column, in_json) > 0)
            .values({column: sa.func.replace(column, in_json, GONE)}),
            there,
        )


def _refuse_unknown_theme(connection: Connection, source: QuotationSource, theme: str | None) -> None:
    if theme is None:
        return
    table = REMARK if source.is_remark else ANSWER
    known = (
        sa.select(THEME.c.code)
        .join(CONVERSATION, CONVERSATION.c.program_id == THEME.c.program_id)
        .join(table, table.c.conversation_id == CONVERSATION.c.id)
        .where(table.c.id == source.number)
    )
    codes = sorted(connection.scalars(known))
    if theme not in codes:
        raise QuotationError(f"the programme has no theme {theme!r}; it has: {', '.join(codes) or 'none'}")


def _audit(connection: Connection, number: int, by: int | None, now: datetime, *, released: bool) -> None:
    code = connection.scalar(sa.select(COORDINATOR.c.code).where(COORDINATOR.c.id == by))
    what = {"quotation": number, "by": code, "released": released}
    audit.record(connection, AuditKind.QUOTATION, participant_id=None, now=now, **what)


def _read(connection: Connection, rows: Sequence[sa.Row[Any]]) -> tuple[QuotationRecord, ...]:
    """Return rows as quotations, with whether each may be shown now."""
    conversations = {row.conversation for row in rows}
    permitted = word_permission.of_conversations(connection, conversations)
    distress = case_words.of_distress(connection, conversations)

    def may_quote(row: sa.Row[Any]) -> bool:
        is_remark = row.answer_id is None
        is_distress = distress.holds(row.remark_id if is_remark else row.answer_id, is_remark=is_remark)
        return permitted[row.conversation].may_quote and not is_distress

    return tuple(_quotation(connection, row, may_quote=may_quote(row)) for row in rows)


def _quotation(connection: Connection, row: sa.Row[Any], *, may_quote: bool) -> QuotationRecord:
    key, items = read_slot(row.slot)
    stands = row.withdrawn_at is None and row.superseded_at is None and row.message_deleted_at is None
    regions = whereabouts.of_conversation(connection, row.conversation)
    # As at the release, see `quotable_words`: a few texts that a person chose.
    return QuotationRecord(
        id=row.id,
        source=QuotationSource(row.answer_id or row.remark_id, is_remark=row.answer_id is None),
        participant=row.participant,
        role=row.role,
        program=row.program,
        flow=row.flow,
        question_key=key or None,
        item=items[-1] if items else None,
        text=row.text,
        language=row.language,
        theme=row.theme,
        released_by=row.released_by,
        released_at=row.released_at,
        withdrawn_at=row.withdrawn_at,
        is_shown=may_quote and stands and is_passage(row.text, redacted(row.raw, regions)),
    )


def _of_source(name: str) -> Any:
    """Return a column of the answer or the remark that a quotation is from."""
    return sa.func.coalesce(ANSWER.c[name], REMARK.c[name], type_=ANSWER.c[name].type).label(name)


_CONVERSATION_OF: Final = sa.func.coalesce(ANSWER.c.conversation_id, REMARK.c.conversation_id)
_TEXTS: Final[sa.Select[Any]] = (
    sa.select(QUOTATION.c.id, QUOTATION.c.text, CONVERSATION.c.participant_id)
    .outerjoin(ANSWER, ANSWER.c.id == QUOTATION.c.answer_id)
    .outerjoin(REMARK, REMARK.c.id == QUOTATION.c.remark_id)
    .join(CONVERSATION, CONVERSATION.c.id == _CONVERSATION_OF)
)
"""Each quotation with its text, and whose words it is of."""
_QUOTATIONS: Final[sa.Select[Any]] = (
    sa.select(
        QUOTATION.c.id,
        QUOTATION.c.answer_id,
        QUOTATION.c.remark_id,
        QUOTATION.c.text,
        QUOTATION.c.theme,
        QUOTATION.c.released_at,
        QUOTATION.c.withdrawn_at,
        *(_of_source(name) for name in ("slot", "raw", "language", "superseded_at", "message_deleted_at")),
        CONVERSATION.c.id.label("conversation"),
        CONVERSATION.c.flow,
        PARTICIPANT.c.code.label("participant"),
        PARTICIPANT.c.role,
        PROGRAM.c.slug.label("program"),
        COORDINATOR.c.code.label("released_by"),
    )
    .select_from(QUOTATION)
    .outerjoin(ANSWER, ANSWER.c.id == QUOTATION.c.answer_id)
    .outerjoin(REMARK, REMARK.c.id == QUOTATION.c.remark_id)
    .join(
        CONVERSATION,
        CONVERSATION.c.id == sa.func.coalesce(ANSWER.c.conversation_id, REMARK.c.conversation_id),
    )
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
    .join(COORDINATOR, COORDINATOR.c.id == QUOTATION.c.released_by)
    .order_by(QUOTATION.c.id)
)
