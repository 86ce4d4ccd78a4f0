"""Show a text whole to a coordinator, and keep that they have read it.

A text counts as read once somebody to whom it was shown whole has said so. It is shown by `said read`, among the words
of a safety case, or in a sample; whoever then marks it, takes a step with the case, flags it, or says that the sample
was looked at, has read it. One decision may be about the same words of many people, under the same question: they are
the words that were shown. Shown are the words as everywhere, with what may tell who somebody is taken out.

To find the same words all that nobody has read under a question is looked through, which grows with the queue. So that
is done by readers of the database (`still_unread`, `count_same`, `same_texts`), and what is written is bounded:
conversations do not wait for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.safety.reading import stands_whole
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import WordsTable
from storage.database import audit
from storage.database.statements import BulkWrite, among, numbers
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.programs import whereabouts
from storage.redaction import redacted
from storage.safety import unread_rows
from storage.safety.cases import sources_of
from storage.safety.text_signals import TextKind, TextSource, keep_place
from storage.safety.unread_rows import UnreadWords, everything_read_below, wordings, words_key
from storage.schema import READING, SAFETY_CASE, AuditKind, ReadingWay, TextPlaceName

_WORDS: Final = {TextKind.ANSWER: WordsTable.ANSWER, TextKind.REMARK: WordsTable.REMARK}
_COLUMNS: Final = {kind: f"{kind.value}_id" for kind in TextKind}
MOST_SAME: Final = 1_000
"""Texts with the same words that one decision reads at most; what is left of them waits for the next one."""


class NotUnread(StorageError):
    """A text that was named is not there, holds no words, or was read before."""

    def __init__(self, source: TextSource) -> None:
        """Name the text."""
        super().__init__(f"nothing is unread in {source.kind.value} {source.number}; see `said read list`")


class NotShown(StorageError):
    """A text is to be marked as read by somebody to whom it was not shown. Nothing has changed."""

    def __init__(self, source: TextSource, by: CoordinatorRecord) -> None:
        """Name the text and the coordinator."""
        super().__init__(
            f"{source.kind.value} {source.number} was not shown to {by.code} yet;"
            f" `said read show {source.name} --by {by.code}` shows it"
        )


@dataclass(frozen=True, slots=True)
class TextToRead:
    """A text that was shown, whole, with its question; identifiers redacted.

    `earlier` and `since` are what else it said before and after its author changed it, as far as nobody has read that
    either. `cases` are the numbers of the safety cases that are about it, open or settled. `same` is how many other
    texts that nobody has read have the same words under the same question, as far as that was counted (`count_same`).
    """

    source: TextSource
    participant: str
    language: str
    stored_at: datetime
    question: str
    text: str
    earlier: tuple[str, ...]
    since: tuple[str, ...]
    was_changed: bool
    cases: tuple[int, ...]
    same: int


@dataclass(frozen=True, slots=True)
class SameTexts:
    """The texts that have the words of others, and the earlier wordings of them whose words stand whole in those."""

    texts: tuple[TextSource, ...] = ()
    covered: tuple[TextSource, ...] = ()


def still_unread(connection: Connection, sources: Sequence[TextSource]) -> tuple[TextSource, ...]:
    """Return those of some texts that nobody has read since they were listed, in their order. For a reader."""
    found = unread_rows.load(connection, sources, read_too=False)
    return tuple(one for one in sources if one in found)


def count_same(connection: Connection, source: TextSource) -> int:
    """Return how many other unread texts have the words of a text under the same question. For a reader."""
    mine = unread_rows.load(connection, [source]).get(source)
    return 0 if mine is None else len(_same_words(connection, [mine]))


def same_texts(connection: Connection, sources: Sequence[TextSource], *, by: CoordinatorRecord) -> SameTexts:
    """Return the unread texts that have the words of some texts, as far as these were shown to `by`. For a reader.

    They are `MOST_SAME` at most.
    """
    found = {one.source: one for source in sources for one in wordings(connection, source)}
    shown = [one for one in found.values() if was_shown(connection, one.source, by)]
    same = _same_words(connection, shown)[:MOST_SAME]
    covered = [one.source for other in same for one in _covered_by(connection, other)]
    return SameTexts(tuple(one.source for one in same), tuple(covered))


def show_text(
    connection: Connection, source: TextSource, *, by: CoordinatorRecord, now: datetime, same: int = 0
) -> TextToRead:
    """Return a text whole, with all else that it said, and keep that it was shown to `by`. It is audited.

    `same` is what `count_same` told.

    Raises:
        NotUnread: it is not there, or was read.
    """
    found = wordings(connection, source)
    mine = next((one for one in found if one.source == source), None)
    if mine is None:
        raise NotUnread(source)
    keep_shown(connection, [one.source for one in found], ReadingWay.TEXT, by=by, now=now)
    details = {"what": "text", source.kind.value: source.number, "by": by.code}
    audit.record(connection, AuditKind.VIEW, participant_id=mine.participant_id, now=now, **details)
    others = [one for one in found if one.source == source or not stands_whole(one.raw, mine.raw)]
    place = others.index(mine)
    shown = _shown(connection, others)
    earlier, since = (
        [shown[one.source][1] for one in some] for some in (others[:place], others[place + 1 :])
    )
    question, text = shown[source]
    return TextToRead(
        source=source,
        participant=mine.participant,
        language=mine.language,
        stored_at=mine.stored_at,
        question=question,
        text=text,
        earlier=tuple(earlier),
        since=tuple(since),
        was_changed=mine.superseded_at is not None,
        cases=_cases_about(connection, mine),
        same=same,
    )


def mark_read(
    connection: Connection,
    sources: Sequence[TextSource],
    *,
    by: CoordinatorRecord,
    now: datetime,
    same: SameTexts | None = None,
) -> int:
    """Keep that a coordinator has read texts that were shown to them; return how many are read by that.

    So are those that have the same words under the same question, which `same_texts` found: the ones of them whose
    words are still there. What a text said before its author changed it was shown with it.

    Raises:
        NotShown: one was not shown to them. Nothing has changed.
        NotUnread: one is not there, or was read.
    """
    found: dict[TextSource, UnreadWords] = {}
    for source in sources:
        texts = {one.source: one for one in wordings(connection, source)}
        if source not in texts:
            raise NotUnread(source)
        if not was_shown(connection, source, by):
            raise NotShown(source, by)
        found |= texts
    others = [] if same is None else still_unread(connection, [*same.texts, *same.covered])
    keep_shown(connection, others, ReadingWay.SAME_WORDS, by=by, now=now)
    read = mark_shown(connection, [*found, *others], by=by, now=now)
    audit.record(
        connection, AuditKind.VIEW, participant_id=None, now=now, what="read", texts=read, by=by.code
    )
    return read


def keep_shown(
    connection: Connection,
    sources: Iterable[TextSource],
    way: ReadingWay,
    *,
    by: CoordinatorRecord,
    now: datetime,
) -> None:
    """Keep that texts were shown whole to a coordinator: the words of a case as they are now."""
    for kind, wanted in _by_kind(sources).items():
        column = READING.c[_COLUMNS[kind]]
        mine = READING.c.coordinator_id == by.id
        known = set(
            connection.scalars(
                sa.select(column).where(among(column, "wanted"), mine), {"wanted": numbers(wanted)}
            )
        )
        if kind is TextKind.CASE:
            grown = sa.exists().where(
                SAFETY_CASE.c.id == READING.c.case_id, SAFETY_CASE.c.words_at > READING.c.shown_at
            )
            connection.execute(
                READING.update()
                .where(among(column, "wanted"), mine, sa.or_(READING.c.read_at.is_(None), grown))
                .values(shown_at=now, read_at=None),
                {"wanted": numbers(wanted)},
            )
        empty = dict.fromkeys(_COLUMNS.values())
        said = {"coordinator_id": by.id, "way": way, "shown_at": now, "read_at": None}
        rows = [{**empty, **said, _COLUMNS[kind]: one} for one in wanted if one not in known]
        _KEEP.run(connection, rows)


def mark_shown(
    connection: Connection, sources: Iterable[TextSource], *, by: CoordinatorRecord, now: datetime
) -> int:
    """Mark those of the texts as read that were shown to a coordinator; return how many. Others' marks stay."""
    count = 0
    for kind, wanted in _by_kind(sources).items():
        column = READING.c[_COLUMNS[kind]]
        count += connection.execute(
            READING.update()
            .where(among(column, "wanted"), READING.c.coordinator_id == by.id, READING.c.read_at.is_(None))
            .values(read_at=now),
            {"wanted": numbers(wanted)},
        ).rowcount
    if count:
        keep_place(connection, TextPlaceName.READ, everything_read_below(connection))
    return count


def read_times(connection: Connection, kind: TextKind, rows: Sequence[int]) -> Mapping[int, datetime]:
    """Return when answers, or remarks, were first read by somebody, by number; those that were not are left out."""
    column = READING.c[_COLUMNS[kind]]
    query = (
        sa.select(column.label("number"), sa.func.min(READING.c.read_at).label("read_at"))
        .where(among(column, "wanted"), READING.c.read_at.is_not(None))
        .group_by(column)
    )
    return {row.number: row.read_at for row in connection.execute(query, {"wanted": numbers(rows)})}


def _same_words(connection: Connection, texts: Sequence[UnreadWords]) -> tuple[UnreadWords, ...]:
    """Return the other unread texts of their programs that have the words of one of these under the same question."""
    keys = {(one.program_id, words_key(one)): one for one in texts if one.source.kind is not TextKind.CASE}
    if not keys:
        return ()
    known = {one.source for one in texts}
    return tuple(
        one
        for program, *under in sorted({(one.program_id, one.flow, one.question) for one in keys.values()})
        for one in unread_rows.find(connection, program=program, under=(under[0], under[1]))
        if [one.flow, one.question] == under and one.source not in known
        if (one.program_id, words_key(one)) in keys
    )


def _covered_by(connection: Connection, text: UnreadWords) -> list[UnreadWords]:
    """Return the unread earlier wordings of a text whose words stand whole in it."""
    others = wordings(connection, text.source)
    return [one for one in others if one.source != text.source and stands_whole(one.raw, text.raw)]


def was_shown(connection: Connection, source: TextSource, by: CoordinatorRecord) -> bool:
    """Return whether a text was shown to a coordinator; of the words of a case, all that there are by now."""
    query = sa.select(READING.c.shown_at).where(
        READING.c[source.column] == source.number, READING.c.coordinator_id == by.id
    )
    shown_at = connection.scalar(query)
    if shown_at is None or source.kind is not TextKind.CASE:
        return shown_at is not None
    words_at = connection.scalar(sa.select(SAFETY_CASE.c.words_at).where(SAFETY_CASE.c.id == source.number))
    return words_at is not None and words_at <= shown_at


def _cases_about(connection: Connection, one: UnreadWords) -> tuple[int, ...]:
    """Return the numbers of the safety cases that are about a text, oldest first."""
    query = sa.select(SAFETY_CASE).where(SAFETY_CASE.c.participant_id == one.participant_id)
    return tuple(
        row.id
        for row in connection.execute(query.order_by(SAFETY_CASE.c.id))
        if one.source.number in sources_of(row).get(one.source.column, (row.id,))
    )


def _shown(connection: Connection, texts: Sequence[UnreadWords]) -> Mapping[TextSource, tuple[str, str]]:
    """Return the question and the words of each text, redacted; '' for no question, as of the words of a case."""
    found: dict[TextSource, tuple[str, str]] = {}
    for kind, wanted in _by_kind(one.source for one in texts).items():
        table = _WORDS.get(kind)
        kept = {} if table is None else kept_redactions.shown_words(connection, table, wanted)
        for number, words in kept.items():
            found[TextSource(kind, number)] = words["shown_text"] or "", words["raw"] or ""
    for one in texts:
        if (
            one.source.kind is TextKind.CASE
        ):  # its words stand in no row that has a kept form: they are read anew
            regions = whereabouts.of_participant(connection, one.participant_id)
            found[one.source] = "", redacted(one.raw, regions)
    return found


def _by_kind(sources: Iterable[TextSource]) -> dict[TextKind, list[int]]:
    """Return the numbers of texts by what holds them, each once."""
    found: dict[TextKind, dict[int, None]] = {}
    for source in sources:
        found.setdefault(source.kind, {})[source.number] = None
    return {kind: list(wanted) for kind, wanted in found.items()}


_KEEP: Final = BulkWrite(READING.insert(), [column.name for column in READING.c if column.name != "id"])
