"""Count what became of links: made, opened, agreed, begun, finished, and the disposition of each case.

A case is somebody who came in by a link, once in a row however many links they opened, or a link for one person that
nobody has opened. Dispositions and rates follow
the Standard Definitions of the American Association for Public Opinion Research (https://aapor.org, internet surveys
of specifically named persons), with the lines that these leave to the researcher drawn here. How many people saw a
link for a group is not known, so that a row with such a link has no rate whose whole is all who were invited.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome, PromptKind
from flows.script.roles import Purpose
from storage.export.measures.asked_answers import is_counted
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.schema import (
    ACTIVITY,
    ANSWER,
    CONSENT,
    CONVERSATION,
    ENROLLMENT,
    INVITATION,
    PARTICIPANT,
    PROGRAM,
    ConversationStatus,
    InvitationKind,
    ParticipantStatus,
)

KEYS: Final = ("activity", "role", "flow", "source")


class CaseDisposition(StrEnum):
    """What became of a case; each has exactly one, the first that fits in this order. AAPOR's codes in brackets."""

    COMPLETE = "complete"
    """They came to the end of the conversation (1.1)."""
    NOT_ELIGIBLE = "not_eligible"
    """It turned out not to be for them (4)."""
    UNDER_WAY = "under_way"
    """Their conversation is still open: not known yet (3)."""
    PARTIAL = "partial"
    """They did not come to the end, and answered at least half of what people who do usually answer (1.2)."""
    REFUSAL = "refusal"
    """They said no, or stopped before that (2.1)."""
    BREAK_OFF = "break_off"
    """They answered something, less than that, and fell silent (2.1)."""
    OPENED_ONLY = "opened_only"
    """They opened the link and answered nothing (2.1)."""
    UNOPENED = "unopened"
    """A link for one person that nobody opened: nothing is known of them (3.1)."""


class LinkCase(NamedTuple):
    """Somebody who came in by a link, or (`person` None) a link that nobody opened."""

    person: int | None
    opened_at: datetime | None
    agreed: bool
    answers: int
    finished_at: datetime | None
    disposition: CaseDisposition


def _entries() -> sa.Subquery:
    """Select each link with each who came in by it, once where nobody has; and who came in without any."""
    linked = (
        sa.select(
            INVITATION.c.id.label("invitation"),
            INVITATION.c.program_id,
            INVITATION.c.activity_id,
            INVITATION.c.role,
            INVITATION.c.flow,
            INVITATION.c.source,
            INVITATION.c.kind,
            INVITATION.c.created_at,
            ENROLLMENT.c.participant_id.label("person"),
            ENROLLMENT.c.enrolled_at,
        )
        .select_from(INVITATION)
        .outerjoin(ENROLLMENT, ENROLLMENT.c.invitation_id == INVITATION.c.id)
    )
    first_flow = (
        sa.select(CONVERSATION.c.flow)
        .where(
            CONVERSATION.c.participant_id == ENROLLMENT.c.participant_id,
            CONVERSATION.c.program_id == ENROLLMENT.c.program_id,
        )
        .order_by(CONVERSATION.c.id)
        .limit(1)
        .scalar_subquery()
    )
    unlinked = (
        sa.select(
            sa.null(),
            ENROLLMENT.c.program_id,
            ENROLLMENT.c.activity_id,
            PARTICIPANT.c.role,
            sa.func.coalesce(first_flow, ""),
            sa.literal(""),
            sa.null(),
            sa.null(),
            ENROLLMENT.c.participant_id,
            ENROLLMENT.c.enrolled_at,
        )
        .select_from(ENROLLMENT)
        .join(PARTICIPANT, PARTICIPANT.c.id == ENROLLMENT.c.participant_id)
        .where(ENROLLMENT.c.invitation_id.is_(None))
    )
    return sa.union_all(linked, unlinked).subquery("entry")


def _cases_query() -> sa.Select[Any]:
    """Select each entry with what became of its conversations of the link's flow."""
    entry = _entries()
    theirs = (
        CONVERSATION.c.participant_id == entry.c.person,
        CONVERSATION.c.program_id == entry.c.program_id,
        CONVERSATION.c.flow == entry.c.flow,
    )
    newest = CONVERSATION.alias("newest")
    latest = sa.select(sa.func.max(CONVERSATION.c.id)).where(*theirs).correlate(entry).scalar_subquery()
    answers = (
        sa.select(sa.func.count())
        .where(
            ANSWER.c.conversation_id == newest.c.id,
            ANSWER.c.superseded_at.is_(None),
            ANSWER.c.kind != PromptKind.CONSENT,
            is_counted(newest),
        )
        .scalar_subquery()
    )
    agreed = (
        sa.select(sa.func.count())
        .select_from(CONSENT)
        .join(CONVERSATION, CONVERSATION.c.id == CONSENT.c.conversation_id)
        .where(*theirs, CONSENT.c.purpose == Purpose.TAKE_PART, CONSENT.c.granted)
        .correlate(entry)
        .scalar_subquery()
    )
    finished = (
        sa.select(sa.func.min(CONVERSATION.c.ended_at))
        .where(*theirs, CONVERSATION.c.outcome == Outcome.COMPLETED)
        .correlate(entry)
        .scalar_subquery()
    )
    return (
        sa.select(
            *(entry.c[name] for name in ("invitation", "role", "flow", "source", "kind", "created_at")),
            *(entry.c[name] for name in ("person", "enrolled_at")),
            ACTIVITY.c.slug.label("activity"),
            PARTICIPANT.c.status.label("person_status"),
            newest.c.status.label("standing"),
            newest.c.outcome,
            answers.label("answers"),
            agreed.label("consents"),
            finished.label("finished_at"),
        )
        .select_from(entry)
        .join(PROGRAM, PROGRAM.c.id == entry.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == entry.c.activity_id)
        .outerjoin(PARTICIPANT, PARTICIPANT.c.id == entry.c.person)
        .outerjoin(newest, newest.c.id == latest)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
        .order_by(ACTIVITY.c.slug, entry.c.role, entry.c.flow, entry.c.source)
    )


def _lengths_query() -> sa.Select[Any]:
    """Select how many questions each finished conversation of the program answered."""
    return (
        sa.select(CONVERSATION.c.flow, sa.func.count().label("answers"))
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .join(ANSWER, ANSWER.c.conversation_id == CONVERSATION.c.id)
        .where(
            PROGRAM.c.slug == PROGRAM_NAME,
            CONVERSATION.c.outcome == Outcome.COMPLETED,
            ANSWER.c.superseded_at.is_(None),
            ANSWER.c.kind != PromptKind.CONSENT,
            is_counted(),
        )
        .group_by(CONVERSATION.c.id, CONVERSATION.c.flow)
    )


CASES: Final = _cases_query()
LENGTHS: Final = _lengths_query()


def _halves(connection: Connection, program: str) -> Mapping[str, float]:
    """Return half of the usual number of answers of a flow's finished conversations, by flow: the median's half."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows_of(connection, LENGTHS, program):
        found[row.flow].append(row.answers)
    return {flow: median(counts) / 2 for flow, counts in found.items()}


def _disposition(row: sa.Row[Any], half: float | None) -> CaseDisposition:  # noqa: PLR0911 - one line a code
    """Return what became of a case; `half` is None where nobody has finished its flow yet."""
    if row.person is None:
        return CaseDisposition.UNOPENED
    if row.finished_at is not None:
        return CaseDisposition.COMPLETE
    if row.outcome is Outcome.NOT_RELEVANT:
        return CaseDisposition.NOT_ELIGIBLE
    if row.standing is not None and row.standing is not ConversationStatus.ENDED:
        return CaseDisposition.UNDER_WAY
    if half is not None and row.answers >= half:
        return CaseDisposition.PARTIAL
    gone = row.person_status is not ParticipantStatus.ACTIVE
    if gone or row.outcome in {Outcome.DECLINED, Outcome.WITHDRAWN}:
        return CaseDisposition.REFUSAL
    return CaseDisposition.BREAK_OFF if row.answers else CaseDisposition.OPENED_ONLY


def _groups(connection: Connection, program: str) -> Iterator[tuple[tuple[str, ...], list[sa.Row[Any]]]]:
    """Yield the rows of cases by the keys of the tables, in order."""
    found: dict[tuple[str, ...], list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, CASES, program):
        found[row.activity or "", row.role.value, row.flow, row.source].append(row)
    yield from sorted(found.items())


def _cases(rows: Iterable[sa.Row[Any]], halves: Mapping[str, float]) -> list[LinkCase]:
    """Return the cases of some rows: no link for a group is one by itself."""
    return [
        LinkCase(
            row.person,
            row.enrolled_at,
            bool(row.consents),
            row.answers,
            row.finished_at,
            _disposition(row, halves.get(row.flow)),
        )
        for row in rows
        if row.person is not None or row.kind is InvitationKind.SINGLE
    ]


def _of_each_person(cases: Iterable[LinkCase]) -> Iterator[CaseDisposition]:
    """Yield one disposition of each person, the first in order of what they have, and that of each unopened link."""
    found: dict[int, set[CaseDisposition]] = defaultdict(set)
    for one in cases:
        if one.person is None:
            yield one.disposition
        else:
            found[one.person].add(one.disposition)
    for theirs in found.values():
        yield next(code for code in CaseDisposition if code in theirs)


def _links(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of links."""
    halves = _halves(connection, program)
    for keys, rows in _groups(connection, program):
        made = Counter({row.invitation: row.kind for row in rows if row.invitation is not None}.values())
        cases = _cases(rows, halves)
        yield (
            *keys,
            made[InvitationKind.SINGLE],
            made[InvitationKind.GROUP],
            *_people(cases),
            *_first_and_last(row.created_at for row in rows),
            *_first_and_last(one.opened_at for one in cases),
            *_first_and_last(one.finished_at for one in cases),
        )


def _people(cases: Iterable[LinkCase]) -> tuple[int, int, int, int, Figure]:
    """Return how many people opened, agreed, began and finished, and the share that finished."""
    came = [one for one in cases if one.person is not None]
    opened = {one.person for one in came}
    agreed = {one.person for one in came if one.agreed}
    finished = {one.person for one in came if one.finished_at is not None}
    begun = finished | {one.person for one in came if one.answers}
    of_opened = Figure(len(finished), len(opened), len(opened))
    return len(opened), len(agreed), len(begun), len(finished), of_opened


def _first_and_last(moments: Iterable[datetime | None]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last of the moments that are known; None where none is."""
    known = [one for one in moments if one is not None]
    return min(known, default=None), max(known, default=None)


_of_links = MeasureSet("response.links", MeasureSource.SYSTEM, CASES)

LINKS: Final = MeasureTable(
    "response.links",
    "From the link to the end of the first conversation",
    KEYS,
    (
        _of_links.count("single_links", "Links for one person that were made."),
        _of_links.count("group_links", "Links for a group that were made."),
        _of_links.count(
            "opened",
            "People who came in by such a link (source empty: without any); accounts that were joined are one person.",
        ),
        _of_links.count("agreed", "Of these, people who agreed to take part in the link's flow."),
        _of_links.count(
            "begun",
            "People with an answer of theirs in its newest conversation, consents aside, or finished.",
        ),
        _of_links.count("finished", "People who came to the end of the flow at least once."),
        _of_links.share(
            "finished_of_opened", "The share of those who came in that came to the end.", "finished", "opened"
        ),
        _of_links.count("first_made", "When the first of the links was made."),
        _of_links.count("last_made", "When the last of the links was made."),
        _of_links.count("first_opened", "When the first person came in."),
        _of_links.count("last_opened", "When the last person came in."),
        _of_links.count("first_finished", "When the first person came to the end."),
        _of_links.count("last_finished", "When the last person came to the end."),
    ),
    "People, each once in a row; somebody who came in by links of two sources is in both rows.",
    _links,
)


def _dispositions(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of dispositions."""
    halves = _halves(connection, program)
    for keys, rows in _groups(connection, program):
        found = Counter(_of_each_person(_cases(rows, halves)))
        has_group = any(row.kind is InvitationKind.GROUP for row in rows)
        yield (*keys, *(found[code] for code in CaseDisposition), *_outcome_rates(found, has_group=has_group))


def _outcome_rates(found: Mapping[CaseDisposition, int], *, has_group: bool) -> Iterator[Figure | None]:
    """Yield RR1, RR2, REF1, CON1 and COOP1; all but the last None where the number of invited is not known."""
    complete, partial = found[CaseDisposition.COMPLETE], found[CaseDisposition.PARTIAL]
    refused = sum(
        found[code]
        for code in (CaseDisposition.REFUSAL, CaseDisposition.BREAK_OFF, CaseDisposition.OPENED_ONLY)
    )
    reached = complete + partial + refused
    every = reached + found[CaseDisposition.UNOPENED] + found[CaseDisposition.UNDER_WAY]
    responders = complete + partial
    for n in (complete, responders, refused, reached):
        yield None if has_group else Figure(n, every, responders)
    yield Figure(complete, reached, responders)


_of_cases = MeasureSet("response.dispositions", MeasureSource.SYSTEM, CASES)
_ALL: Final = (
    "complete + partial + refusal + break_off + opened_only + unopened + under_way; empty with group links"
)

DISPOSITIONS: Final = MeasureTable(
    "response.dispositions",
    "What became of each case",
    KEYS,
    (
        _of_cases.count("complete", "Cases that came to the end of the link's flow (AAPOR 1.1)."),
        _of_cases.count("not_eligible", "Cases for whom the activity was not relevant (AAPOR 4)."),
        _of_cases.count("under_way", "Cases whose newest conversation is not over (AAPOR 3: not known yet)."),
        _of_cases.count(
            "partial",
            "Cases that did not come to the end and answered at least half as many questions as the median of all"
            " finished conversations of the flow, consents aside (AAPOR 1.2).",
        ),
        _of_cases.count("refusal", "Cases that declined, stopped or withdrew before that (AAPOR 2.1)."),
        _of_cases.count("break_off", "Cases that answered something, less than that (AAPOR 2.1)."),
        _of_cases.count("opened_only", "Cases that opened the link and answered nothing (AAPOR 2.1)."),
        _of_cases.count("unopened", "Links for one person that nobody opened (AAPOR 3.1)."),
        _of_cases.share("rr1", "AAPOR response rate 1.", "complete", _ALL),
        _of_cases.share("rr2", "AAPOR response rate 2.", "complete + partial", _ALL),
        _of_cases.share("ref1", "AAPOR refusal rate 1.", "refusal + break_off + opened_only", _ALL),
        _of_cases.share(
            "con1", "AAPOR contact rate 1.", "complete + partial + refusal + break_off + opened_only", _ALL
        ),
        _of_cases.share(
            "coop1",
            "AAPOR cooperation rate 1; with a link for a group, the participation rate.",
            "complete",
            "complete + partial + refusal + break_off + opened_only",
        ),
    ),
    "Rates of all who were invited are empty where a link for a group was made: how many saw it is not known.",
    _dispositions,
)
