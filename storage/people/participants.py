"""Participants, their addresses and their enrollments. Codes are short, easy to read out, and cannot be guessed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.conversations.conversations import ParticipantRecord
from storage.database.statements import TupleQuery, among, numbers
from storage.errors import StorageError
from storage.schema import ADDRESS, ENROLLMENT, PARTICIPANT, AddressStatus, ParticipantStatus

CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
"""No vowels, so that no word comes out by chance, and nothing that is read as something else (0 O, 1 I L)."""
CODE_LENGTH = 6
_TRIES = 20
_NAMES = ("id", "code", "role", "language", "timezone", "status", "erasure_asked_at", "zone_asked_at")
_COLUMNS = tuple(PARTICIPANT.c[name] for name in _NAMES)
_FIND = TupleQuery(sa.select(*_COLUMNS).where(PARTICIPANT.c.id == sa.bindparam("participant")))
_FIND_MANY = TupleQuery(sa.select(*_COLUMNS).where(among(PARTICIPANT.c.id, "people")))
_FIND_AT = TupleQuery(
    sa.select(*_COLUMNS)
    .join(ADDRESS, ADDRESS.c.participant_id == PARTICIPANT.c.id)
    .where(ADDRESS.c.lookup == sa.bindparam("lookup"))
)
_CODE_TAKEN = TupleQuery(sa.select(PARTICIPANT.c.id).where(PARTICIPANT.c.code == sa.bindparam("wanted")))
_LOCALES = TupleQuery(
    sa.select(ADDRESS.c.id, ADDRESS.c.channel, ADDRESS.c.locale).where(among(ADDRESS.c.id, "addresses"))
)
_UPDATE_ADDRESS = ADDRESS.update().where(ADDRESS.c.id == sa.bindparam("of"))
_OTHERS = ADDRESS.alias("others")
_COPY_LOCALE = (
    ADDRESS.update()
    .where(ADDRESS.c.id == sa.bindparam("of"), ADDRESS.c.locale.is_(None))
    .values(
        locale=sa.select(_OTHERS.c.locale)
        .where(_OTHERS.c.participant_id == sa.bindparam("participant"), _OTHERS.c.locale.is_not(None))
        .order_by(_OTHERS.c.last_used_at.desc().nulls_last(), _OTHERS.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
)
_UPDATE = PARTICIPANT.update().where(PARTICIPANT.c.id == sa.bindparam("of"))
_FOLLOW_APP = (
    PARTICIPANT.update()
    .where(
        PARTICIPANT.c.id == sa.bindparam("of"),
        sa.or_(
            PARTICIPANT.c.timezone.is_(None),
            PARTICIPANT.c.timezone
            == sa.select(ADDRESS.c.timezone).where(ADDRESS.c.id == sa.bindparam("at")).scalar_subquery(),
        ),
    )
    .values(timezone=sa.bindparam("told"))
)
_ENROLLED = TupleQuery(
    sa.select(ENROLLMENT.c.id).where(
        ENROLLMENT.c.participant_id == sa.bindparam("participant"),
        ENROLLMENT.c.program_id == sa.bindparam("program"),
        ENROLLMENT.c.invitation_id == sa.bindparam("invitation"),
    )
)
_MAKE = PARTICIPANT.insert()
_ENROLL = ENROLLMENT.insert()


@dataclass(frozen=True, slots=True)
class NewParticipant:
    """What is known of somebody who comes in: the names are those of the columns.

    `language` None until they choose one; `timezone` None means the program's.
    """

    role: Role
    language: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class NewEnrollment:
    """Who is enrolled in which program, by which invitation: the names are those of the columns.

    `activity_id` None for an invitation to no activity in particular.
    """

    program_id: int
    participant_id: int
    invitation_id: int
    activity_id: int | None


class NoFreeCode(StorageError):
    """Twenty codes in a row were taken: give longer codes (`CODE_LENGTH`)."""


def find(connection: Connection, participant_id: int) -> ParticipantRecord | None:
    """Return the participant of that number; None if there is none."""
    rows = _FIND.run(connection, participant=participant_id)
    return ParticipantRecord(*rows[0]) if rows else None


def find_many(connection: Connection, participant_ids: Collection[int]) -> dict[int, ParticipantRecord]:
    """Return those of these participants who are there, by number."""
    rows = _FIND_MANY.run(connection, people=numbers(participant_ids))
    return {row[0]: ParticipantRecord(*row) for row in rows}


def find_at(connection: Connection, lookup: bytes) -> ParticipantRecord | None:
    """Return the participant at the address of this keyed hash; None where nobody is known there."""
    rows = _FIND_AT.run(connection, lookup=lookup)
    return ParticipantRecord(*rows[0]) if rows else None


def get(connection: Connection, participant_id: int) -> ParticipantRecord:
    """
    Return the participant of that number.

    Raises:
        LookupError: there is none of that number.
    """
    found = find(connection, participant_id)
    if found is None:
        raise LookupError(f"participant {participant_id} is not there")
    return found


def make_participant(
    connection: Connection, new: NewParticipant, *, pick: Callable[[str], str], now: datetime
) -> ParticipantRecord:
    """Add a participant under a new code, and return them.

    `pick` gives one letter of a text at random (`secrets.choice`).

    Raises:
        NoFreeCode: all codes that were tried are taken.
    """
    code = _free_code(connection, pick)
    status = ParticipantStatus.ACTIVE
    values = {"code": code, "status": status, **asdict(new)}
    key = connection.execute(_MAKE, {"created_at": now, **values}).inserted_primary_key
    assert key is not None
    return ParticipantRecord(int(key[0]), code, new.role, new.language, new.timezone, status)


def _free_code(connection: Connection, pick: Callable[[str], str]) -> str:
    """Return a code that no participant has."""
    for _ in range(_TRIES):
        code = "P-" + "".join(pick(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if not _CODE_TAKEN.run(connection, wanted=code):
            return code
    raise NoFreeCode(NoFreeCode.__doc__)


def add_address(connection: Connection, *, channel: str, lookup: bytes, sealed: bytes, now: datetime) -> int:
    """Add an address that belongs to nobody yet, and return its number; `lookup` and `sealed` are its keyed forms."""
    made = ADDRESS.insert().values(
        channel=channel, lookup=lookup, sealed=sealed, status=AddressStatus.ACTIVE, created_at=now
    )
    return int(connection.execute(made.returning(ADDRESS.c.id)).scalar_one())


def assign_address(connection: Connection, address_id: int, participant_id: int) -> None:
    """Make an address that of a participant."""
    update_address(connection, address_id, {"participant_id": participant_id, "erase_at": None})


def copy_locale(connection: Connection, address_id: int, participant_id: int) -> None:
    """Give an address the locale of the one that its participant used last, where the app there says nothing of it.

    An e-mail address never tells a locale: without this, whoever reads the page in their browser's language would be
    mailed in the program's, and be told another country's emergency number.
    """
    connection.execute(_COPY_LOCALE, {"of": address_id, "participant": participant_id})


def apps_at(connection: Connection, address_ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """Return for each address its channel and what the app there is set to (`pt-BR`); None where it does not say."""
    rows = _LOCALES.run(connection, addresses=numbers(address_ids))
    return {address_id: (channel, locale) for address_id, channel, locale in rows}


def has_one_address(connection: Connection, participant_id: int) -> bool:
    """Return whether a participant writes from one address alone."""
    return len(_ADDRESSES_OF.run(connection, participant=participant_id)) == 1


def locale_of(connection: Connection, address_id: int) -> str | None:
    """Return what the app at an address is set to (`pt-BR`); None where it does not say."""
    return apps_at(connection, [address_id]).get(address_id, ("", None))[1]


def mark_address_used(connection: Connection, address_id: int, now: datetime) -> None:
    """Record that the participant took to this address at `now`: of several, they are written to at the latest."""
    update_address(connection, address_id, {"last_used_at": now})


def update_address(connection: Connection, address_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of an address, such as its status, locale or time zone; `values` are by column."""
    connection.execute(_UPDATE_ADDRESS, {"of": address_id, **values})


def erased_address_values(address_id: int) -> dict[str, Any]:
    """Return the values, by column, that stay of an address whose account is forgotten.

    The row stays, since others refer to it; nothing in it leads to the account.
    """
    return {
        "lookup": f"erased:{address_id}".encode(),
        "sealed": b"",
        "locale": None,
        "timezone": None,
        "status": AddressStatus.UNREACHABLE,
        "reason": "erased",
    }


def update(connection: Connection, participant_id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a participant, such as time zone, language or status; `values` are by column."""
    connection.execute(_UPDATE, {"of": participant_id, **values})


def follow_app(connection: Connection, participant_id: int, address_id: int, *, timezone: str) -> None:
    """Set a participant's time zone to what their app at an address tells now.

    One that they chose themselves stays: theirs is not known, or is what the app told before (`address.timezone`).
    """
    connection.execute(_FOLLOW_APP, {"of": participant_id, "at": address_id, "told": timezone})


def enroll(connection: Connection, new: NewEnrollment, now: datetime) -> None:
    """Enroll a participant in a program by an invitation; do nothing if they are enrolled by the same already."""
    if _ENROLLED.run(
        connection,
        participant=new.participant_id,
        program=new.program_id,
        invitation=new.invitation_id,
    ):
        return
    connection.execute(_ENROLL, {"enrolled_at": now, **asdict(new)})


_ADDRESSES_OF = TupleQuery(
    sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == sa.bindparam("participant")).limit(2)
)
