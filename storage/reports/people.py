"""List those who take part, by what is asked of them, and tell how each came in. Codes only, nobody's words.

The theory of a page. Whoever is wanted is found once, by number: a hundred thousand numbers are read in some
hundredths of a second, and are their own count. For the order by the last turn the index of last turns, which holds all
that is asked, is read from its end until there are enough of those numbers: a first page looks at some hundred lines of
it, and the last page at each, which takes a tenth of a second. Only the lines of the page itself are read whole.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple, assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.database.statements import TupleQuery
from storage.enums import PeopleOrder, PersonState
from storage.reports.team import SILENT_FOR
from storage.schema import (
    ACTIVITY,
    ADDRESS,
    CONVERSATION,
    ENROLLMENT,
    FOLLOW_UP,
    INVITATION,
    PARTICIPANT,
    PROGRAM,
    AddressStatus,
    ConversationStatus,
    FollowUpStatus,
    ParticipantStatus,
)

_BEYOND: Final = 200
"""So many more lines of the index of last turns are read than people are needed: some have more than one talk."""
_BEGUN: Final = 1
"""Turns of a conversation in which nobody has said anything: its start is one."""
_PROGRAMS: Final = sa.select(PROGRAM.c.slug, PROGRAM.c.id)
_BY_TURN: Final = (
    sa.select(CONVERSATION.c.participant_id)
    .order_by(
        CONVERSATION.c.last_turn_at.desc(), CONVERSATION.c.status.desc(), CONVERSATION.c.participant_id.desc()
    )
    .offset(sa.bindparam("skipped"))
    .limit(sa.bindparam("most"))
)
"""In the order of the index of last turns."""


def _as_text(query: sa.Select[tuple[int]]) -> TupleQuery:
    """Return a query whose one row holds all numbers that another finds, as the text of a JSON array."""
    found = query.subquery()
    return TupleQuery(sa.select(sa.func.json_group_array(found.c.participant_id, type_=sa.Text)))


_WALK: Final = _as_text(_BY_TURN)
_WALK_IN_PROGRAM: Final = _as_text(_BY_TURN.where(CONVERSATION.c.program_id == sa.bindparam("program")))
_OWED: Final = (
    FOLLOW_UP.c.status.in_((FollowUpStatus.SENT, FollowUpStatus.NO_RESPONSE)),
    FOLLOW_UP.c.sent_at.is_not(None),
    FOLLOW_UP.c.answered_at.is_(None),
    FOLLOW_UP.c.after_start.is_(False),
)
"""Of follow-ups: asked, and not answered; also where the wave has closed since, as a late answer counts."""
_MOVING: Final = (ConversationStatus.OPEN, ConversationStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Who is wanted in a list of people; None, each time, for whoever there is.

    `program` and `activity` are short names, `source` is as the coordinator named it in the invitation. `language` is
    the one that they chose, or else that of their app. `owes` is the days of a wave: who was asked at it about what
    they promised, takes part still and has not answered. With a `program` only what goes on in it counts: talks in
    another one are neither counted nor shown.
    """

    program: str | None = None
    state: PersonState | None = None
    role: Role | None = None
    activity: str | None = None
    source: str | None = None
    language: str | None = None
    owes: int | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the list of people. `channels` has commas between, and `language` is what they chose, else their app's.

    `last_turn_at` is None without a conversation. `state` is what their conversation waits for, None for nothing.
    """

    code: str
    role: Role
    status: ParticipantStatus
    channels: str
    conversations: int
    last_turn_at: datetime | None
    timezone: str | None
    language: str | None
    state: PersonState | None


class Entry(NamedTuple):
    """How somebody came into a program: by which link, from where, for which activity (None for none), and when."""

    program: str
    activity: str | None
    source: str | None
    flow: str | None
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class PeopleChoices:
    """What a list of people can be filtered by in some programs: activities, sources of links, and waves."""

    activities: tuple[str, ...]
    sources: tuple[str, ...]
    waves: tuple[int, ...] = ()
    """The days of the waves at which anybody owes an answer."""


class PeoplePage(NamedTuple):
    """A page of a list of people, and how many are wanted in all."""

    lines: tuple[PersonRow, ...]
    total: int


def list_people(
    connection: Connection,
    wanted: PeopleFilter,
    now: datetime,
    *,
    order: PeopleOrder = PeopleOrder.LAST_TURN,
    part: slice = slice(0, 50),
) -> PeoplePage:
    """Return the lines of a list of people from `part.start` to before `part.stop`, in an order."""
    listing = _Listing(wanted, now, _counted_apart(connection, wanted.program))
    sorting = _sorting(order)
    if wanted == PeopleFilter():
        total, numbers = _all(connection, sorting, part)
    else:
        query = sa.select(PARTICIPANT.c.id).where(*_wanted(listing)).order_by(*sorting)
        found = _numbers(connection, query)
        if wanted.state is PersonState.SILENT:
            moved = frozenset(_numbers(connection, _who_said_anything(listing.here)))
            found = [number for number in found if number not in moved]
        total = len(found)
        by_turn = partial(_by_last_turn, connection, listing.program_id, frozenset(found), part)
        numbers = found[part] if sorting else by_turn()
    return PeoplePage(_rows(connection, numbers, listing), total)


def _sorting(order: PeopleOrder) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the columns of an order; none for that by the last turn, which no column has."""
    match order:
        case PeopleOrder.CODE:
            return (PARTICIPANT.c.code,)
        case PeopleOrder.STATE:
            return PARTICIPANT.c.status, PARTICIPANT.c.code
        case PeopleOrder.LAST_TURN:
            return ()
        case _:
            assert_never(order)


def _all(
    connection: Connection, sorting: Sequence[sa.ColumnElement[Any]], part: slice
) -> tuple[int, list[int]]:
    """Return how many participants there are, and the numbers of a part of them; without `sorting` by last turn."""
    total = int(connection.scalar(sa.select(sa.func.count()).select_from(PARTICIPANT)) or 0)
    if not sorting:
        return total, _by_last_turn(connection, None, None, part)
    query = sa.select(PARTICIPANT.c.id).order_by(*sorting)
    return total, list(connection.scalars(query.offset(part.start or 0).limit(part.stop - (part.start or 0))))


@dataclass(frozen=True, slots=True)
class _Listing:
    """What a list is made of: who is wanted, at which moment, and in which program alone conversations count."""

    wanted: PeopleFilter
    now: datetime
    program_id: int | None

    @property
    def here(self) -> sa.ColumnElement[bool]:
        """Return the condition of the conversations that count."""
        return sa.true() if self.program_id is None else CONVERSATION.c.program_id == self.program_id


def _counted_apart(connection: Connection, program: str | None) -> int | None:
    """Return the number of a program in which alone conversations count; None where all that there are do."""
    known: dict[str, int] = {slug: number for slug, number in connection.execute(_PROGRAMS)}  # noqa: C416 - rows
    return None if program is None or list(known) == [program] else known.get(program, 0)


def _by_last_turn(
    connection: Connection, program_id: int | None, wanted: frozenset[int] | None, part: slice
) -> list[int]:
    """Return the numbers of a part of the people who are wanted (None: all), who wrote last first.

    With a program only the conversations in it count; who has none comes at the end.
    """
    walk = _WALK if program_id is None else _WALK_IN_PROGRAM
    most = part.stop if wanted is None else min(part.stop, len(wanted))
    seen: dict[int, None] = {}
    read, size = 0, part.stop + part.stop // 2 + _BEYOND
    while len(seen) < most:
        ((text,),) = walk.run(connection, skipped=read, most=size, program=program_id)
        lines: list[int] = json.loads(text)
        seen.update(dict.fromkeys(lines if wanted is None else [one for one in lines if one in wanted]))
        if len(lines) < size:
            break
        read, size = read + size, 4 * size
    if len(seen) < most:
        everybody = _numbers(connection, sa.select(PARTICIPANT.c.id)) if wanted is None else wanted
        seen.update(dict.fromkeys(sorted(frozenset(everybody) - seen.keys())))
    return list(seen)[part]


def _numbers(connection: Connection, query: sa.Select[Any]) -> list[int]:
    """Return the numbers that a query finds, in its order: as one text, since a hundred thousand rows take longer."""
    found = query.subquery()
    text = connection.scalar(sa.select(sa.func.json_group_array(found.c.id, type_=sa.Text)))
    numbers: list[int] = json.loads(text or "[]")
    return numbers


def entries(connection: Connection, participant_id: int) -> tuple[Entry, ...]:
    """Return how a participant came in, the first time first."""
    query = (
        sa.select(
            PROGRAM.c.slug, ACTIVITY.c.slug, INVITATION.c.source, INVITATION.c.flow, ENROLLMENT.c.enrolled_at
        )
        .join(PROGRAM, PROGRAM.c.id == ENROLLMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == ENROLLMENT.c.activity_id)
        .outerjoin(INVITATION, INVITATION.c.id == ENROLLMENT.c.invitation_id)
        .where(ENROLLMENT.c.participant_id == participant_id)
        .order_by(ENROLLMENT.c.enrolled_at, ENROLLMENT.c.id)
    )
    return tuple(Entry(*row) for row in connection.execute(query))


def choices(connection: Connection, programs: Collection[str] | None) -> PeopleChoices:
    """Return what a list of people can be filtered by, in programs by their short names or (None) in all."""
    here = sa.true() if programs is None else PROGRAM.c.slug.in_(programs)
    activities = sa.select(ACTIVITY.c.slug).join(PROGRAM, PROGRAM.c.id == ACTIVITY.c.program_id).where(here)
    sources = sa.select(INVITATION.c.source).join(PROGRAM, PROGRAM.c.id == INVITATION.c.program_id)
    waves = sa.select(FOLLOW_UP.c.wave_days).join(PROGRAM, PROGRAM.c.id == FOLLOW_UP.c.program_id)
    return PeopleChoices(
        tuple(connection.scalars(activities.distinct().order_by(ACTIVITY.c.slug))),
        tuple(connection.scalars(sources.where(here).distinct().order_by(INVITATION.c.source))),
        tuple(connection.scalars(waves.where(here, *_OWED).distinct().order_by(FOLLOW_UP.c.wave_days))),
    )


def _wanted(listing: _Listing) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions that a participant meets who is wanted."""
    wanted = listing.wanted
    if wanted.role is not None:
        yield PARTICIPANT.c.role == wanted.role
    if wanted.language is not None:
        yield _speaks(wanted.language)
    if (wanted.program, wanted.activity, wanted.source) != (None, None, None):
        yield PARTICIPANT.c.id.in_(sa.select(ENROLLMENT.c.participant_id).where(*_came_by(wanted)))
    if wanted.owes is not None:
        yield PARTICIPANT.c.status == ParticipantStatus.ACTIVE
        here = sa.true() if listing.program_id is None else FOLLOW_UP.c.program_id == listing.program_id
        asked = sa.select(FOLLOW_UP.c.participant_id).where(
            FOLLOW_UP.c.wave_days == wanted.owes, here, *_OWED
        )
        yield PARTICIPANT.c.id.in_(asked)
    if wanted.state is not None:
        yield from _is_in(wanted.state, listing.now, listing.here)


def _came_by(wanted: PeopleFilter) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of an enrollment by which somebody wanted came in."""
    if wanted.program is not None:
        here = sa.select(PROGRAM.c.id).where(PROGRAM.c.slug == wanted.program)
        yield ENROLLMENT.c.program_id.in_(here)
    if wanted.activity is not None:
        event = sa.select(ACTIVITY.c.id).where(ACTIVITY.c.slug == wanted.activity)
        yield ENROLLMENT.c.activity_id.in_(event)
    if wanted.source is not None:
        links = sa.select(INVITATION.c.id).where(INVITATION.c.source == wanted.source)
        yield ENROLLMENT.c.invitation_id.in_(links)


def _speaks(language: str) -> sa.ColumnElement[bool]:
    """Return the condition that a participant chose a language, or has an app in it and chose none."""
    app = sa.or_(ADDRESS.c.locale == language, ADDRESS.c.locale.startswith(f"{language}-", autoescape=True))
    in_app = PARTICIPANT.c.id.in_(sa.select(ADDRESS.c.participant_id).where(app))
    return sa.or_(PARTICIPANT.c.language == language, sa.and_(PARTICIPANT.c.language.is_(None), in_app))


def _is_in(
    state: PersonState, now: datetime, here: sa.ColumnElement[bool]
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of a state; of conversations only those count that meet `here`."""
    match state:
        case PersonState.ACTIVE | PersonState.WITHDRAWN | PersonState.DELETED:
            yield PARTICIPANT.c.status == ParticipantStatus(state.value)
        case PersonState.WAITING:
            yield _has_unfinished(CONVERSATION.c.status == ConversationStatus.OPEN, here)
        case PersonState.STUCK:
            silent = CONVERSATION.c.last_turn_at < now - SILENT_FOR
            yield _has_unfinished(CONVERSATION.c.status.in_(_MOVING), silent, here)
        case PersonState.PAUSED:
            yield PARTICIPANT.c.status == ParticipantStatus.ACTIVE
            put_off = _has_unfinished(CONVERSATION.c.status == ConversationStatus.PAUSED, here)
            yield sa.or_(put_off, PARTICIPANT.c.hold_until > now, PARTICIPANT.c.team_hold_until > now)
        case PersonState.SILENT:
            yield PARTICIPANT.c.status == ParticipantStatus.ACTIVE  # less `_who_said_anything`
        case _:
            assert_never(state)


def _who_said_anything(here: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the query for the numbers of those who said anything in the conversations that meet `here`.

    Most people did: taken from a list outside SQLite they cost half of what they cost in a condition of its query.
    """
    said = sa.select(CONVERSATION.c.participant_id.label("id"))
    return said.where(CONVERSATION.c.turns > _BEGUN, here)


def _has_unfinished(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that a participant has such a conversation: the index of last turns has all it asks for."""
    return PARTICIPANT.c.id.in_(sa.select(CONVERSATION.c.participant_id).where(*conditions))


def _rows(connection: Connection, numbers: Sequence[int], listing: _Listing) -> tuple[PersonRow, ...]:
    """Return the lines of participants, in the order of their numbers."""
    people = connection.execute(sa.select(PARTICIPANT).where(PARTICIPANT.c.id.in_(numbers)))
    known = {row.id: row for row in people}
    addresses: dict[int, list[Any]] = {}
    for row in connection.execute(
        sa.select(ADDRESS.c.participant_id, ADDRESS.c.channel, ADDRESS.c.locale)
        .where(ADDRESS.c.participant_id.in_(numbers), ADDRESS.c.status == AddressStatus.ACTIVE)
        .order_by(ADDRESS.c.id)
    ):
        addresses.setdefault(row.participant_id, []).append(row)
    talks: dict[int, list[Any]] = {}
    columns = (CONVERSATION.c.participant_id, CONVERSATION.c.status, CONVERSATION.c.last_turn_at)
    query = sa.select(*columns, CONVERSATION.c.turns).where(CONVERSATION.c.participant_id.in_(numbers))
    query = query.where(listing.here)
    for talk in connection.execute(query):
        talks.setdefault(talk.participant_id, []).append(talk)
    return tuple(
        _row(known[number], addresses.get(number, []), talks.get(number, []), listing.now)
        for number in numbers
    )


def _row(person: Any, addresses: Sequence[Any], talks: Sequence[Any], now: datetime) -> PersonRow:
    return PersonRow(
        code=person.code,
        role=person.role,
        status=person.status,
        channels=",".join(dict.fromkeys(one.channel for one in addresses)),
        conversations=len(talks),
        last_turn_at=max((one.last_turn_at for one in talks), default=None),
        timezone=person.timezone,
        language=person.language or next((one.locale for one in addresses if one.locale), None),
        state=_state(person, talks, now),
    )


def _state(person: Any, talks: Sequence[Any], now: datetime) -> PersonState | None:
    """Return what somebody's conversation waits for; None for nothing, and where they take part no more."""
    if person.status is not ParticipantStatus.ACTIVE:
        return None
    moving = [one for one in talks if one.status in _MOVING]
    held = any(until is not None and until > now for until in (person.hold_until, person.team_hold_until))
    if any(one.last_turn_at < now - SILENT_FOR for one in moving):
        return PersonState.STUCK
    if held or any(one.status is ConversationStatus.PAUSED for one in moving):
        return PersonState.PAUSED
    if not any(one.turns > _BEGUN for one in talks):
        return PersonState.SILENT
    return PersonState.WAITING if moving else None
