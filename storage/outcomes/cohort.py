"""Give the connection on which a report is counted: of everybody, or of those who joined in a span of days.

The theory. A cohort is who first joined the program within the span, by the program's days, with all that they ever
said and all that followed. On a connection of its own each table that knows a participant is shadowed by a temporary
view of the same name, which holds the cohort's rows alone: SQLite looks for a name among the temporary ones first
(https://sqlite.org/lang_naming.html). So every query of a measure counts the cohort, and is not changed for it. The
views end with the connection, which no pool ever has: nothing is left of them, whatever happens.

A link that nobody used belongs to the span in which it was made; one that was used, to whoever came in by it. Programs,
activities, themes and codebooks are whole. So are the views for analysts, which read the tables themselves.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.database.connection import Database
from storage.errors import StorageError
from storage.export.measures.care_ratings import FOLLOW_UP_FLOW, INTERVIEW
from storage.programs import programs
from storage.schema import COMMITMENT, CONVERSATION, ENROLLMENT, INVITATION, PARTICIPANT

# ruff: noqa: S608 - these are texts of ours, and nothing that anybody typed

_PEOPLE, _TALKS, _PLANS, _LINKS = "cohort_person", "cohort_conversation", "cohort_commitment", "cohort_link"
"""Temporary tables with the numbers of the cohort's rows."""
_PERSON: Final = f"participant_id IN (SELECT id FROM temp.{_PEOPLE})"
_TALK: Final = f"conversation_id IN (SELECT id FROM temp.{_TALKS})"
_PLAN: Final = f"commitment_id IN (SELECT id FROM temp.{_PLANS})"
_ADDRESS: Final = f"address_id IN (SELECT id FROM main.address WHERE {_PERSON})"
_EXCERPT: Final = "excerpt_id IN (SELECT id FROM temp.excerpt)"
_IN_WORDS: Final = (
    f"answer_id IN (SELECT id FROM main.answer WHERE {_TALK})"
    f" OR remark_id IN (SELECT id FROM main.remark WHERE {_TALK})"
)
_IS_PLAN: Final = (
    "{end}_kind = 'commitment' AND CAST({end}_code AS INTEGER) NOT IN (SELECT id FROM temp.{plans})"
)

FILTERS: Final[Mapping[str, str]] = {
    "participant": f"id IN (SELECT id FROM temp.{_PEOPLE})",
    "invitation": f"id IN (SELECT id FROM temp.{_LINKS})",
    "invitation_mail": f"invitation_id IN (SELECT id FROM temp.{_LINKS})",
    "conversation": f"id IN (SELECT id FROM temp.{_TALKS})",
    "commitment": f"id IN (SELECT id FROM temp.{_PLANS})",
    "address": _PERSON,
    "enrollment": _PERSON,
    "person_request": _PERSON,
    "link_code": _PERSON,
    "address_request": _PERSON,
    "requested_erasure": _PERSON,
    "tombstone": _PERSON,
    "consent": _PERSON,
    "follow_up": _PERSON,
    "timer": _PERSON,
    "contact": _PERSON,
    "safety_case": _PERSON,
    "text_signal": _PERSON,
    "audit_event": f"participant_id IS NULL OR {_PERSON}",
    "link_attempt": _ADDRESS,
    "mail_token": _ADDRESS,
    "inbox": _ADDRESS,
    "outbox": _ADDRESS,
    "answer": _TALK,
    "remark": _TALK,
    "review_decision": _TALK,
    "commitmentrevision": _PLAN,
    "implementation": _PLAN,
    "barrier": f"implementation_id IN (SELECT id FROM main.implementation WHERE {_PLAN})",
    "quotation": _IN_WORDS,
    "rereading": _IN_WORDS,
    "safety_look": _IN_WORDS,
    "reading": f"{_IN_WORDS} OR case_id IN (SELECT id FROM main.safety_case WHERE {_PERSON})",
    "excerpt": f"{_IN_WORDS} OR {_PLAN}",
    "coded_excerpt": _EXCERPT,
    "coding": _EXCERPT,
    "coding_settlement": _EXCERPT,
    "theme_link": " AND ".join(f"NOT ({_IS_PLAN.format(end=end, plans=_PLANS)})" for end in ("from", "to")),
}
"""Which rows of a table are the cohort's, by the table's name."""
UNFILTERED: Final = frozenset(
    {
        "program", "activity", "objective", "theme", "flowversion", "codebook", "coordinator", "safety_sample",
        "text_place", "paid_month", "kept_key", "key_check", "chore", "supporter_cut", "coordinator_role",
        "console_link", "console_session", "recovery_code", "mail_refusal",
    }
)  # fmt: skip
"""Tables that hold nothing of one participant; `coordinator` and `safety_sample` are of the team and its work."""


class CohortError(StorageError):
    """A report cannot be counted as asked: an unknown program, or a span without a day. Nothing was done."""


@dataclass(frozen=True, slots=True)
class CohortSpan:
    """The days on which people joined: `since` is included, `until` is not; None leaves that side open."""

    since: date | None = None
    until: date | None = None

    @property
    def is_everybody(self) -> bool:
        """Return whether both sides are open."""
        return self.since is None and self.until is None


EVERYBODY: Final = CohortSpan()
_LAID: Final = "SELECT count(*) FROM sqlite_temp_master WHERE type = 'view' AND name = 'participant'"
_Moments = tuple[datetime | None, datetime | None]


class JoinedPerson(NamedTuple):
    """When somebody first joined a program, and in which roles the figures may count them."""

    moment: datetime
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class JoinedPeople:
    """Everybody who joined a program, in order, and the time zone of its days."""

    people: tuple[JoinedPerson, ...]
    zone: ZoneInfo

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Return when each of them first joined, in order."""
        return tuple(one.moment for one in self.people)

    def of_roles(self, roles: Collection[Role]) -> "JoinedPeople":
        """Return those alone whom figures of some roles may count."""
        found = tuple(one for one in self.people if not one.roles.isdisjoint(roles))
        return JoinedPeople(found, self.zone)

    def stretch(self, span: CohortSpan, counted_at: datetime | None = None) -> tuple[int, int]:
        """Return from which to before which place people are of a span, as of a moment; None is now."""
        ends = _begin(span, self.zone)
        first = self._before(ends[0], counted_at) if ends[0] is not None else 0
        return first, self._before(ends[1], counted_at)

    def is_open(self, span: CohortSpan, counted_at: datetime) -> bool:
        """Return whether people could still join a span after a moment."""
        until = _begin(span, self.zone)[1]
        return until is None or until > counted_at

    def _before(self, *ends: datetime | None) -> int:
        """Return how many joined before the first of some moments; all of them without any."""
        found = [end for end in ends if end is not None]
        if not found:
            return len(self.people)
        return bisect_left(self.people, min(found), key=lambda one: one.moment)


def joined_people(connection: Connection, program: str) -> JoinedPeople:
    """Return everybody who joined a program, by its short name; on the connection of a cohort, too.

    Whoever has a commitment counts as a clinician as well, and whoever began the interview as a patient, whatever the
    role is by which they came in.

    Raises:
        CohortError: the program is unknown.
    """
    number = _find(connection, program)
    came = _whole(ENROLLMENT)
    first = sa.func.min(came.c.enrolled_at, type_=ENROLLMENT.c.enrolled_at.type)
    query = sa.select(came.c.participant_id, first).where(came.c.program_id == number)
    moments = connection.execute(query.group_by(came.c.participant_id)).all()
    roles: dict[int, set[Role]] = defaultdict(set)
    for person, role in connection.execute(_roles_query(came, number)):
        roles[person].add(Role(role))
    people = sorted((moment, person) for person, moment in moments)
    return JoinedPeople(
        tuple(JoinedPerson(moment, frozenset(roles[person])) for moment, person in people),
        program_zone(connection, number),
    )


def _whole(table: sa.Table) -> sa.TableClause:
    """Return a table itself, also where a view of the cohort is laid over it."""
    return sa.table(table.name, *(sa.column(one.name, one.type) for one in table.c), schema="main")


def _roles_query(came: sa.TableClause, program: int) -> sa.CompoundSelect[Any]:
    """Select in which roles each person who joined a program may be counted, a row a role."""
    people, links, plans, talks = map(_whole, (PARTICIPANT, INVITATION, COMMITMENT, CONVERSATION))
    theirs = came.c.program_id == program
    by_role, by_link = (
        sa.select(came.c.participant_id, sa.cast(one.c.role, sa.String))
        .join_from(came, one, on)
        .where(theirs)
        for one, on in (
            (people, people.c.id == came.c.participant_id),
            (links, links.c.id == came.c.invitation_id),
        )
    )
    promised = sa.select(plans.c.participant_id, sa.literal(Role.HCP.value)).where(
        plans.c.program_id == program
    )
    asked = sa.select(talks.c.participant_id, sa.literal(Role.PATIENT.value)).where(
        talks.c.program_id == program, talks.c.flow.in_((INTERVIEW, FOLLOW_UP_FLOW))
    )
    return sa.union(by_role, by_link, promised, asked)


@contextmanager
def cohort_connection(database: Database, program: str, span: CohortSpan = EVERYBODY) -> Iterator[Connection]:
    """
    Yield a connection on which all queries count a cohort of a program, by its short name, in one snapshot.

    It cannot write. Without any day it is a reader's connection, on which everybody is counted.

    Raises:
        CohortError: the program is unknown, or the span has no day.
    """
    if span.since is not None and span.until is not None and span.since >= span.until:
        raise CohortError(f"from {span.since} to {span.until} there is no day; the second is not counted")
    if span.is_everybody:
        with database.reading() as connection:
            _find(connection, program)
            yield connection
        return
    with database.reading_apart() as connection:
        _shadow(connection, _find(connection, program), span)
        yield connection


def _find(connection: Connection, program: str) -> int:
    """Return the number of a program. The connection's snapshot begins here."""
    found = programs.find(connection, program)
    if found is None:
        raise CohortError(f"there is no programme {program!r}; see `said program list`")
    return found.id


def _shadow(connection: Connection, program: int, span: CohortSpan) -> None:
    """Lay a view of the cohort's rows over each table that has a participant; nothing is written to the database."""
    moments = _moments(connection, program, span)
    connection.exec_driver_sql(
        "PRAGMA query_only=OFF"
    )  # temporary tables and views are made, and nothing else
    _collect(connection, _PEOPLE, _joined(program, moments))
    people = sa.select(_numbers(_PEOPLE).c.id)
    _collect(
        connection, _TALKS, sa.select(CONVERSATION.c.id).where(CONVERSATION.c.participant_id.in_(people))
    )
    _collect(connection, _PLANS, sa.select(COMMITMENT.c.id).where(COMMITMENT.c.participant_id.in_(people)))
    _collect(connection, _LINKS, _links(moments, people))
    _lay(connection)
    connection.exec_driver_sql("PRAGMA query_only=ON")


def _lay(connection: Connection) -> None:
    for table, condition in FILTERS.items():
        connection.exec_driver_sql(
            f'CREATE TEMP VIEW "{table}" AS SELECT * FROM main."{table}" WHERE {condition}'
        )


@contextmanager
def everybody_on(connection: Connection) -> Iterator[None]:
    """
    Count everybody within the block, in the same snapshot: the views of a cohort are taken away, and laid again after.

    On a connection without views nothing is done. Rows that were asked for before must have been read.
    """
    laid = connection.exec_driver_sql(_LAID).scalar_one()
    if not laid:
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only=OFF")
    for table in FILTERS:
        connection.exec_driver_sql(f'DROP VIEW temp."{table}"')
    connection.exec_driver_sql("PRAGMA query_only=ON")
    yield
    connection.exec_driver_sql("PRAGMA query_only=OFF")
    _lay(connection)
    connection.exec_driver_sql("PRAGMA query_only=ON")


def _moments(connection: Connection, program: int, span: CohortSpan) -> _Moments:
    """Return when the days of a span begin, in UTC: midnight in the program's time zone."""
    return _begin(span, program_zone(connection, program))


def program_zone(connection: Connection, program: int) -> ZoneInfo:
    """Return the time zone of a program's days, by its number."""
    return ZoneInfo(programs.program_file(connection, program).timezone)


def _begin(span: CohortSpan, zone: ZoneInfo) -> _Moments:
    """Return when the days of a span begin in a time zone, in UTC."""

    def begins(day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)

    return begins(span.since), begins(span.until)


def _within(moment: sa.ColumnElement[datetime], moments: _Moments) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a moment lies in a span."""
    since, until = moments
    after = [] if since is None else [moment >= since]
    return after if until is None else [*after, moment < until]


def _joined(program: int, moments: _Moments) -> sa.Select[tuple[int]]:
    """Select who first joined a program within a span."""
    first = sa.func.min(ENROLLMENT.c.enrolled_at, type_=ENROLLMENT.c.enrolled_at.type)
    return (
        sa.select(ENROLLMENT.c.participant_id)
        .where(ENROLLMENT.c.program_id == program)
        .group_by(ENROLLMENT.c.participant_id)
        .having(*_within(first, moments))
    )


def _links(moments: _Moments, people: sa.Select[tuple[int]]) -> sa.Select[tuple[int]]:
    """Select the links by which somebody of the cohort came in, and those of the span that nobody used."""
    used = sa.select(ENROLLMENT.c.invitation_id).where(ENROLLMENT.c.invitation_id.is_not(None))
    return sa.select(INVITATION.c.id).where(
        INVITATION.c.id.in_(used.where(ENROLLMENT.c.participant_id.in_(people)))
        | (INVITATION.c.id.not_in(used) & sa.and_(*_within(INVITATION.c.created_at, moments)))
    )


def _numbers(name: str) -> sa.TableClause:
    return sa.table(name, sa.column("id", sa.Integer), schema="temp")


def _collect(connection: Connection, name: str, query: sa.Select[tuple[int]]) -> None:
    """Keep the numbers that a query finds in a temporary table: looked up by its key, as quickly as in an index."""
    connection.exec_driver_sql(f"CREATE TEMP TABLE {name} (id INTEGER PRIMARY KEY)")
    connection.execute(_numbers(name).insert().from_select(["id"], query))
