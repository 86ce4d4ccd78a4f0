"""Keep safety cases: open them in the turn that stores the words, add to them, settle them.

No words of a participant stand in a case but in `details`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.programs.case_words import ALSO, words_added_at
from storage.schema import (
    ANSWER,
    COORDINATOR,
    PARTICIPANT,
    PROGRAM,
    REMARK,
    SAFETY_CASE,
    SafetyKind,
    SafetyStatus,
)

OPEN: Final = frozenset({SafetyStatus.NEW, SafetyStatus.REVIEWING})
NO_EVENT_SAYS: Final = "no_event_says"
"""The detail that holds who was the first to say that it is no event."""
SAID: Final = "said"
"""The name, among what was answered to our questions, of words that were said outside all conversations."""
SOLICITED: Final = "solicited"
"""The detail that says that the answer to a question that asked for it opened the case."""
WAITING: Final = "waiting"
"""The detail that holds when words were said that were added to a case before they might be kept: times, ISO 8601."""
UNSETTLED = sa.text("safety_case.status IN ('new', 'reviewing')")
"""Word for word the condition of the partial index, which bound parameters would not use."""

_ON_HOLD = (
    sa.select(SAFETY_CASE.c.id)
    .where(
        SAFETY_CASE.c.participant_id == sa.bindparam("participant"),
        UNSETTLED,
        SAFETY_CASE.c.kind == SafetyKind.DISTRESS,
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """What was found in one text, for a safety case to be opened or added to.

    `slot` is the answer's, `remark` the number of a remark in the conversation; both None for words that are neither.
    """

    participant_id: int
    program_id: int
    conversation_id: int | None
    kind: SafetyKind
    kinds: Sequence[str]
    elements: Iterable[str]
    products: Iterable[str]
    slot: str | None
    due_at: datetime
    remark: int | None = None
    answer_id: int | None = None
    """Where it is known, instead of the slot."""
    remark_id: int | None = None
    """Where it is known, instead of the remark's number."""
    said: str | None = None
    """The words, where they are neither an answer nor a remark."""
    is_solicited: bool = False
    """Whether a question asked for what was told, rather than that somebody told of it unasked."""
    flagged_by: int | None = None
    flagged_at: datetime | None = None
    """Who found it by hand, and when; None where the rules did."""


@dataclass(frozen=True, slots=True)
class CaseSettlement:
    """What became of a safety case. `by` is the number of the coordinator who said so; None where nobody did."""

    status: SafetyStatus
    by: int | None
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A safety case as a coordinator sees it: codes and times, nobody's words but in `details`.

    `participant`, `owner` and `flagged_by` are codes of people, `program` is a short name.
    """

    id: int
    participant_id: int
    participant: str
    program: str
    kind: SafetyKind
    status: SafetyStatus
    opened_at: datetime
    due_at: datetime
    elements: tuple[str, ...]
    products: tuple[str, ...]
    details: dict[str, Any]
    answer_id: int | None
    remark_id: int | None
    owner: str | None
    flagged_by: str | None
    flagged_at: datetime | None
    settled_at: datetime | None
    reason: str | None

    @property
    def sources(self) -> dict[str, tuple[int, ...]]:
        """Return the rows that hold the words of the case, by `answer_id` and `remark_id`, the first one first."""
        return _sources(self.answer_id, self.remark_id, self.details)

    @property
    def is_solicited(self) -> bool:
        """Return whether the answer to a question that asked for it opened the case."""
        return is_solicited(self.details)

    @property
    def is_open(self) -> bool:
        """Return whether the case is not settled, so that its clock runs."""
        return self.status in OPEN

    @property
    def first_word(self) -> str | None:
        """Return the code of the coordinator who has said that it is no event, while a second one has not.

        None where nobody has, and once the case is settled.
        """
        return self.details.get(NO_EVENT_SAYS) if self.is_open else None


class CaseWords(NamedTuple):
    """Name words that are kept: the remark of a conversation with a number, the answer in a slot where that is None."""

    conversation_id: int
    slot: str
    remark: int | None = None


def is_solicited(details: Mapping[str, Any]) -> bool:
    """Return whether the details of a case say that the answer to a question that asked for it opened the case."""
    return bool(details.get(SOLICITED))


def is_on_safety_hold(connection: Connection, participant_id: int) -> bool:
    """Return whether a case of distress of a participant is open.

    Nothing is sent to them of our own accord until a coordinator has cleared it.
    """
    return connection.scalar(_ON_HOLD, {"participant": participant_id}) is not None


def open_or_extend(connection: Connection, finding: CaseFinding, now: datetime) -> tuple[int, bool]:
    """Open a safety case for what was found, or add it to the open one that it belongs to.

    Distress belongs to the participant's open case of distress, all else to the conversation's other open case. `now`
    is when the words were stored.

    Returns:
        The number of the case, and whether it is new.
    """
    elements, products = sorted(finding.elements), sorted(finding.products)
    answer_id = finding.answer_id or _answer_id(connection, finding)
    remark_id = finding.remark_id or _remark_id(connection, finding)
    row = _open_one(connection, finding)
    if row is not None:
        known = _sources(row.answer_id, row.remark_id, row.details)["answer_id"]
        details = {**row.details, "hits": row.details.get("hits", 1) + (answer_id not in known)}
        details["kinds"] = sorted({*row.details.get("kinds", ()), *finding.kinds})
        details |= _answers(row.details.get("answers", {}), finding.said)
        details |= _also(row, answer_id=answer_id, remark_id=remark_id)
        if answer_id is None and remark_id is None and finding.conversation_id is not None:
            details[WAITING] = [*details.get(WAITING, ()), _moment(now)]
        values = {
            "elements": sorted({*row.elements, *elements}),
            "products": sorted({*row.products, *products}),
            "details": details,
            "words_at": row.words_at if finding.said is None else words_added_at(connection, row.id, now),
        }
        connection.execute(SAFETY_CASE.update().where(SAFETY_CASE.c.id == row.id).values(**values))
        return int(row.id), False
    key = connection.execute(
        SAFETY_CASE.insert().values(
            participant_id=finding.participant_id,
            program_id=finding.program_id,
            conversation_id=finding.conversation_id,
            answer_id=answer_id,
            remark_id=remark_id,
            kind=finding.kind,
            status=SafetyStatus.NEW,
            opened_at=now,
            flagged_by=finding.flagged_by,
            flagged_at=finding.flagged_at,
            due_at=finding.due_at,
            elements=elements,
            products=products,
            details={"hits": 1, "kinds": sorted(finding.kinds)}
            | _answers({}, finding.said)
            | ({SOLICITED: True} if finding.is_solicited else {}),
            words_at=None if finding.said is None else now,
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0]), True


def give_words(connection: Connection, participant_id: int, said_at: datetime, source: CaseWords) -> None:
    """Have the cases of words that came before they might be kept name the answer or the remark that holds them now.

    `said_at` is when they were written, which is when a case was opened for them or they were added to one. A case that
    was opened for other words keeps these.
    """
    theirs = [_NamedCase._make(row) for row in _NAMED_CASES.run(connection, participant=participant_id)]
    without = [one for one in theirs if one.opened_at == said_at and one.answer_id is one.remark_id is None]
    waiting = [one for one in theirs if _moment(said_at) in one.details.get(WAITING, ())]
    if not without and not waiting:
        return  # nearly always
    table = REMARK if source.remark is not None else ANSWER
    mine = REMARK.c.number == source.remark if source.remark is not None else ANSWER.c.slot == source.slot
    newest = connection.scalar(
        sa.select(sa.func.max(table.c.id)).where(table.c.conversation_id == source.conversation_id, mine)
    )
    column = f"{table.name}_id"
    for one in without:
        connection.execute(SAFETY_CASE.update().where(SAFETY_CASE.c.id == one.id).values({column: newest}))
    for one in waiting:
        named = one._replace(**{column: newest}) if one in without else one
        details = one.details | _also(named, **{column: newest})
        connection.execute(SAFETY_CASE.update().where(SAFETY_CASE.c.id == one.id).values(details=details))


class _NamedCase(NamedTuple):
    """Hold what a case names: the answer or remark with which it was opened, and what was added to it."""

    id: int
    opened_at: datetime
    answer_id: int | None
    remark_id: int | None
    details: dict[str, Any]


_NAMED_CASES: Final = TupleQuery(
    sa.select(*(SAFETY_CASE.c[name] for name in _NamedCase._fields)).where(
        SAFETY_CASE.c.participant_id == sa.bindparam("participant"),
        SAFETY_CASE.c.conversation_id.is_not(None),
    )
)
"""The cases of a participant that began in a conversation."""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _answers(before: dict[str, str], said: str | None) -> dict[str, dict[str, str]]:
    """Return the detail that holds the participant's words, with `said` after what they said earlier."""
    if said is None:
        return {}
    return {"answers": {**before, SAID: "\n".join(filter(None, (before.get(SAID), said)))}}


def _also(row: "sa.Row[Any] | _NamedCase", **added: int | None) -> dict[str, dict[str, list[int]]]:
    """Return the detail that holds what else a case is about, with the answer or the remark that is added."""
    also = dict(row.details.get(ALSO, {}))
    known = _sources(row.answer_id, row.remark_id, row.details)
    for key, number in added.items():
        if number is not None and number not in known[key]:
            also[key] = [*also.get(key, ()), number]
    return {ALSO: also} if also else {}


def _sources(
    answer_id: int | None, remark_id: int | None, details: dict[str, Any]
) -> dict[str, tuple[int, ...]]:
    """Return the rows that hold the words of a case, by column."""
    first = {"answer_id": answer_id, "remark_id": remark_id}
    also = details.get(ALSO, {})
    return {
        key: (*(() if number is None else (number,)), *also.get(key, ())) for key, number in first.items()
    }


def sources_of(row: sa.Row[Any]) -> dict[str, tuple[int, ...]]:
    """Return the rows that hold the words of the row of a case, by column, as `Case.sources` does."""
    return _sources(row.answer_id, row.remark_id, row.details)


def _open_one(connection: Connection, finding: CaseFinding) -> sa.Row[Any] | None:
    """Return the open case of a conversation; distress is one case of a participant, in whatever conversation."""
    distress = finding.kind is SafetyKind.DISTRESS
    same_kind = (
        SAFETY_CASE.c.kind == SafetyKind.DISTRESS if distress else SAFETY_CASE.c.kind != SafetyKind.DISTRESS
    )
    query = sa.select(SAFETY_CASE).where(
        SAFETY_CASE.c.participant_id == finding.participant_id, UNSETTLED, same_kind
    )
    if not distress:
        query = query.where(SAFETY_CASE.c.conversation_id.is_not_distinct_from(finding.conversation_id))
    return connection.execute(query.order_by(SAFETY_CASE.c.id.desc()).limit(1)).first()


def _answer_id(connection: Connection, finding: CaseFinding) -> int | None:
    """Return the number of the answer that a finding is about; None where it is about none."""
    if finding.slot is None or finding.conversation_id is None:
        return None
    mine = (ANSWER.c.conversation_id == finding.conversation_id) & (ANSWER.c.slot == finding.slot)
    found: int | None = connection.scalar(sa.select(sa.func.max(ANSWER.c.id)).where(mine))
    return found


def _remark_id(connection: Connection, finding: CaseFinding) -> int | None:
    """Return the number of the row of the remark that a finding is about; None where it is about none."""
    if finding.remark is None or finding.conversation_id is None:
        return None
    mine = (REMARK.c.conversation_id == finding.conversation_id) & (REMARK.c.number == finding.remark)
    found: int | None = connection.scalar(sa.select(sa.func.max(REMARK.c.id)).where(mine))
    return found


def list_cases(
    connection: Connection,
    *,
    only_open: bool = True,
    case_id: int | None = None,
    status: SafetyStatus | None = None,
) -> tuple[Case, ...]:
    """Return safety cases, the one whose report is due first before the others.

    They are the one of number `case_id`, else those of a `status`, else the open ones, or (`only_open` False) all.
    """
    query = cases_with_names()
    if case_id is not None:
        query = query.where(SAFETY_CASE.c.id == case_id)
    elif status is not None:
        query = query.where(SAFETY_CASE.c.status == status)
    elif only_open:
        query = query.where(UNSETTLED)
    return tuple(case_of_row(row) for row in connection.execute(query))


def cases_with_names() -> sa.Select[Any]:
    """Select all safety cases with the codes of people and the short name of the program, the soonest due first."""
    owner, finder = COORDINATOR.alias("owner"), COORDINATOR.alias("finder")
    return (
        sa.select(
            SAFETY_CASE,
            PARTICIPANT.c.code,
            PROGRAM.c.slug,
            owner.c.code.label("owner"),
            finder.c.code.label("finder"),
        )
        .join(PARTICIPANT, PARTICIPANT.c.id == SAFETY_CASE.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == SAFETY_CASE.c.program_id)
        .outerjoin(owner, owner.c.id == SAFETY_CASE.c.owner_id)
        .outerjoin(finder, finder.c.id == SAFETY_CASE.c.flagged_by)
        .order_by(SAFETY_CASE.c.due_at, SAFETY_CASE.c.id)
    )


def find(connection: Connection, case_id: int) -> Case | None:
    """Return the safety case of that number; None if there is none."""
    return next(iter(list_cases(connection, case_id=case_id)), None)


def case_of_row(row: sa.Row[Any]) -> Case:
    """Return the row of a case as a record."""
    return Case(
        id=row.id,
        participant_id=row.participant_id,
        participant=row.code,
        program=row.slug,
        kind=row.kind,
        status=row.status,
        opened_at=row.opened_at,
        due_at=row.due_at,
        elements=tuple(row.elements),
        products=tuple(row.products),
        details=row.details,
        answer_id=row.answer_id,
        remark_id=row.remark_id,
        owner=row.owner,
        flagged_by=row.finder,
        flagged_at=row.flagged_at,
        settled_at=row.settled_at,
        reason=row.reason,
    )


def settle(connection: Connection, case_id: int, settlement: CaseSettlement) -> None:
    """Record what became of a safety case; without a reason in the settlement the earlier one stays.

    Writes its status, who settled it and when, over whatever was there; nothing is checked or audited here.
    """
    values: dict[str, Any] = {
        "status": settlement.status,
        "settled_by": settlement.by,
        "settled_at": settlement.at,
    }
    if settlement.reason is not None:
        values["reason"] = settlement.reason
    change(connection, case_id, **values)


def change(connection: Connection, case_id: int, **values: Any) -> None:
    """Set the given columns of a safety case."""
    connection.execute(SAFETY_CASE.update().where(SAFETY_CASE.c.id == case_id).values(**values))
