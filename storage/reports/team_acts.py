"""Read out of the audit trail what the team did: when, who, what, and on whom. Codes and numbers, nobody's words.

The theory. An entry of the trail says what was done by its kind and its details, as whoever wrote it put them; here
each becomes a `TeamAct` of a closed set, or none where people and the bot alone had a part in it. Who did it stands
under one of three names in the details. Where none does, it was done on the bot's machine, by the person themselves or
by the bot, whichever the act allows.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.schema import AUDIT_EVENT, COORDINATOR, PARTICIPANT, TEAM_ACTS, AuditKind

Details = Mapping[str, Any]


class TeamAct(StrEnum):
    """What somebody of the team did, or what was done in their name."""

    SIGNED_IN = "signed_in"
    SIGN_IN_LINK = "sign_in_link"
    SESSION_ENDED = "session_ended"
    ENROLLED = "enrolled"
    REMOVED = "removed"
    ROLES_GIVEN = "roles_given"
    STEP_SET = "step_set"
    STEP_TAKEN_AWAY = "step_taken_away"
    RECOVERY_CODES = "recovery_codes"
    RECOVERY_CODE_USED = "recovery_code_used"
    ACCOUNT_CONNECTED = "account_connected"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    PROGRAM_LOADED = "program_loaded"
    PROGRAM_CHANGED = "program_changed"
    PROGRAM_PAUSED = "program_paused"
    PROGRAM_RESUMED = "program_resumed"
    PROGRAM_CLOSED = "program_closed"
    PROGRAM_ARCHIVED = "program_archived"
    LINKS_MADE = "links_made"
    LINK_REVOKED = "link_revoked"
    LINK_EXTENDED = "link_extended"
    LINK_REPLACED = "link_replaced"
    PERSON_SET = "person_set"
    PERSON_PAUSED = "person_paused"
    SENT_AGAIN = "sent_again"
    MOVE_CODE = "move_code"
    MOVED = "moved"
    REQUEST_ANSWERED = "request_answered"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_TAKEN_BACK = "erasure_taken_back"
    ERASED = "erased"
    CASE_CHANGED = "case_changed"
    CASE_NOTED = "case_noted"
    CASE_OPENED = "case_opened"
    MARKED_READ = "marked_read"
    SAMPLE_DRAWN = "sample_drawn"
    SAMPLE_LOOKED_AT = "sample_looked_at"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    CODEBOOK = "codebook"
    CODED = "coded"
    SETTLED = "settled"
    LOOP_LINK = "loop_link"
    REREAD = "reread"
    REVIEW_DECIDED = "review_decided"
    HANDED_OUT = "handed_out"
    LINKS_SAVED = "links_saved"
    OWN_DATA = "own_data"
    WORDS_SHOWN = "words_shown"
    LOOKED_UP = "looked_up"
    LABELS_SHOWN = "labels_shown"
    DOWNLOADED = "downloaded"
    KEY_CHANGED = "key_changed"
    RESTORED = "restored"
    PURGED = "purged"
    OTHER = "other"
    """Something was set that none of these names."""


class ActGroup(StrEnum):
    """What acts are about, to look for."""

    ACCESS = "access"
    PROGRAMS = "programs"
    LINKS = "links"
    PEOPLE = "people"
    SAFETY = "safety"
    WORDS = "words"
    HANDED_OUT = "handed_out"
    LOOKED_AT = "looked_at"
    SYSTEM = "system"


class Doer(StrEnum):
    """Who did something whose entry names nobody of the team."""

    MACHINE = "machine"
    """Somebody on the bot's machine, at its command line."""
    THEMSELVES = "themselves"
    """The person whom it is about."""
    BOT = "bot"


_GROUPS: Final[Mapping[ActGroup, str]] = {
    ActGroup.ACCESS: "signed_in sign_in_link session_ended enrolled removed roles_given step_set step_taken_away"
    " recovery_codes recovery_code_used account_connected account_disconnected",
    ActGroup.PROGRAMS: "program_loaded program_changed program_paused program_resumed program_closed program_archived",
    ActGroup.LINKS: "links_made link_revoked link_extended link_replaced links_saved",
    ActGroup.PEOPLE: "person_set person_paused sent_again move_code moved request_answered erasure_asked"
    " erasure_taken_back erased own_data",
    ActGroup.SAFETY: "case_changed case_noted case_opened sample_drawn sample_looked_at",
    ActGroup.WORDS: "marked_read released withdrawn codebook coded settled loop_link reread review_decided",
    ActGroup.HANDED_OUT: "handed_out downloaded",
    ActGroup.LOOKED_AT: "words_shown looked_up labels_shown",
    ActGroup.SYSTEM: "key_changed restored purged other",
}
GROUP_OF: Final[Mapping[TeamAct, ActGroup]] = {
    TeamAct(name): group for group, names in _GROUPS.items() for name in names.split()
}
_COMMANDS: Final[Mapping[str, TeamAct]] = {
    "enrol": TeamAct.ENROLLED,
    "remove": TeamAct.REMOVED,
    "console link": TeamAct.SIGN_IN_LINK,
    "session ended": TeamAct.SESSION_ENDED,
    "second step set": TeamAct.STEP_SET,
    "second step taken away": TeamAct.STEP_TAKEN_AWAY,
    "recovery codes made": TeamAct.RECOVERY_CODES,
    "recovery code used": TeamAct.RECOVERY_CODE_USED,
    "account connected": TeamAct.ACCOUNT_CONNECTED,
    "account disconnected": TeamAct.ACCOUNT_DISCONNECTED,
    "load": TeamAct.PROGRAM_LOADED,
    "resume": TeamAct.PROGRAM_RESUMED,
    "invitations made": TeamAct.LINKS_MADE,
    "invitation roster": TeamAct.LINKS_MADE,
    "invitation revoke": TeamAct.LINK_REVOKED,
    "invitation extend": TeamAct.LINK_EXTENDED,
    "invitation replace": TeamAct.LINK_REPLACED,
    "participant set": TeamAct.PERSON_SET,
    "resend": TeamAct.SENT_AGAIN,
    "move code": TeamAct.MOVE_CODE,
    "moved": TeamAct.MOVED,
    "answered": TeamAct.REQUEST_ANSWERED,
    "erasure asked": TeamAct.ERASURE_ASKED,
    "erasure taken back": TeamAct.ERASURE_TAKEN_BACK,
}
"""What the commands of settings did, by their names in the trail."""
_JOURNALED: Final[Mapping[str, TeamAct]] = {
    "program_paused": TeamAct.PROGRAM_PAUSED,
    "program_resumed": TeamAct.PROGRAM_RESUMED,
    "coordinator": TeamAct.REMOVED,
    "roles": TeamAct.ROLES_GIVEN,
    "second_step": TeamAct.STEP_SET,
    "invitation_revoked": TeamAct.LINK_REVOKED,
    "invitation_extended": TeamAct.LINK_EXTENDED,
}
"""What the team did where nothing but the journal asked for an entry, by the kind of its line."""
_SETTINGS_OF: Final[Mapping[str, TeamAct]] = {
    "closed": TeamAct.PROGRAM_CLOSED,
    "archived": TeamAct.PROGRAM_ARCHIVED,
    "review decision": TeamAct.REVIEW_DECIDED,
}
_VIEWS: Final[Mapping[str, TeamAct]] = {
    "signed in": TeamAct.SIGNED_IN,
    "signed in by account": TeamAct.SIGNED_IN,
    "read": TeamAct.MARKED_READ,
    "drawn": TeamAct.SAMPLE_DRAWN,
    "looked_at": TeamAct.SAMPLE_LOOKED_AT,
    "labels": TeamAct.LABELS_SHOWN,
    "download": TeamAct.DOWNLOADED,
    "story": TeamAct.LOOKED_UP,
}
_CODED: Final[Mapping[str, TeamAct]] = {
    "codebook": TeamAct.CODEBOOK,
    "coded": TeamAct.CODED,
    "settled": TeamAct.SETTLED,
    "link": TeamAct.LOOP_LINK,
}
_ON_THE_TEAM: Final = frozenset(
    {
        TeamAct.ENROLLED,
        TeamAct.REMOVED,
        TeamAct.SIGN_IN_LINK,
        TeamAct.SESSION_ENDED,
        TeamAct.ROLES_GIVEN,
        TeamAct.STEP_SET,
        TeamAct.STEP_TAKEN_AWAY,
    }
)
"""Acts on a member of the team: `coordinator` names that one, and not who did it."""


def act_of(kind: AuditKind, details: Details) -> TeamAct | None:
    """Return what an entry of the trail tells; None where the team had no part in it."""
    read = READ_AS.get(kind)
    if read is not None and isinstance(details.get("journal"), int):
        return TeamAct.RESTORED  # done again, by the number of its line in the journal
    return None if read is None else read(details)


def _setting(details: Details) -> TeamAct | None:
    command = str(details.get("command", ""))
    if command == "pause":
        return TeamAct.PROGRAM_PAUSED if "program" in details else TeamAct.PERSON_PAUSED
    if "journal" in details:  # kept for the journal's sake alone: of people, too, as they put a talk off
        return next((act for kind, act in _JOURNALED.items() if kind in details["journal"]), None)
    told = (
        TeamAct.ROLES_GIVEN if command.startswith("roles") else None,
        _COMMANDS.get(command),
        TeamAct.RESTORED if "restored" in details else None,
        _SETTINGS_OF.get(str(details.get("what"))),
        TeamAct.PROGRAM_CHANGED if "version" in details else None,
    )
    return next((one for one in told if one is not None), TeamAct.OTHER)


def _view(details: Details) -> TeamAct:
    if "command" in details:
        return TeamAct.SIGN_IN_LINK if details["command"] == "console" else TeamAct.LOOKED_UP
    return _VIEWS.get(str(details.get("what", "")), TeamAct.WORDS_SHOWN)


def _export(details: Details) -> TeamAct:
    if details.get("to") == "themselves":
        return TeamAct.OWN_DATA
    return TeamAct.LINKS_SAVED if details.get("what") == "mail merge" else TeamAct.HANDED_OUT


READ_AS: Final[Mapping[AuditKind, Callable[[Details], TeamAct | None]]] = {
    AuditKind.SETTINGS: _setting,
    AuditKind.VIEW: _view,
    AuditKind.EXPORT: _export,
    AuditKind.SAFETY: lambda told: TeamAct.CASE_NOTED if told.get("act") == "note" else TeamAct.CASE_CHANGED,
    AuditKind.FLAG: lambda told: TeamAct.CASE_OPENED if "by" in told else None,
    AuditKind.DELETION: lambda _: TeamAct.ERASED,
    AuditKind.PURGE: lambda _: TeamAct.PURGED,
    AuditKind.KEY: lambda _: TeamAct.KEY_CHANGED,
    AuditKind.QUOTATION: lambda told: TeamAct.RELEASED if told.get("released") else TeamAct.WITHDRAWN,
    AuditKind.CODING: lambda told: _CODED.get(str(told.get("what")), TeamAct.CODED),
    AuditKind.REREADING: lambda _: TeamAct.REREAD,
}
"""How the details of an entry are read, by its kind: those of which the team has a part, and no others."""


@dataclass(frozen=True, slots=True)
class ActEntry:
    """An entry of the trail that tells of an act: its number, when, what, and its details."""

    id: int
    at: datetime
    act: TeamAct
    details: Details
    person: str | None = None
    """The code of the participant whom it is about; None where it is about none, or they are not kept any more."""
    signed_in: str | None = None
    """The code of the member who signed in, where the entry knows them by number."""

    @property
    def by(self) -> str | Doer:
        """Return who did it: the code of a member, or who it was where the entry names none."""
        named = self.details.get("by") or self.signed_in
        if named is None and self.act not in _ON_THE_TEAM:
            named = self.details.get("coordinator")
        if named is None and self.act is TeamAct.SIGN_IN_LINK and self.details.get("command") == "console":
            named = self.details.get("coordinator")
        if named is not None:
            return str(named)
        if self.act in (TeamAct.ERASED, TeamAct.OWN_DATA):
            return Doer.THEMSELVES
        return Doer.BOT if self.act is TeamAct.PURGED else Doer.MACHINE

    @property
    def member(self) -> str | None:
        """Return the code of the member of the team whom it is about; None where it is about none."""
        whom = self.details.get("coordinator") if self.act in _ON_THE_TEAM else None
        return None if whom is None else str(whom)

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles that were given, as they are typed; empty for none, and for another act."""
        told = str(self.details.get("command", "")) if self.act is TeamAct.ROLES_GIVEN else ""
        return tuple(told.split()[1:])

    def number(self, name: str) -> int | None:
        """Return a number of the details, such as that of a `case`; None where there is none."""
        found = self.details.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def text(self, name: str) -> str:
        """Return a text of the details, such as the short name of a `program`; '' where there is none."""
        found = self.details.get(name)
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts are wanted: on a participant, by a member, of a group, each None for all; before an entry's number.

    Without a group what was only looked at is left out.
    """

    person: str | None = None
    by: str | None = None
    group: ActGroup | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ActList:
    """Acts, the newest first. `older` is the number before which the next ones stand; None where there are no more."""

    acts: tuple[ActEntry, ...]
    older: int | None


LOOKED_THROUGH: Final = 5_000
"""Entries that one list looks through at most; it says from where to go on."""
_CHUNK: Final = 500
_OF_TEAM: Final = sa.text(f"audit_event.{TEAM_ACTS}")
_ROWS: Final = (
    sa.select(
        AUDIT_EVENT.c.id, AUDIT_EVENT.c.at, AUDIT_EVENT.c.kind, AUDIT_EVENT.c.details, PARTICIPANT.c.code
    )
    .select_from(AUDIT_EVENT.outerjoin(PARTICIPANT, PARTICIPANT.c.id == AUDIT_EVENT.c.participant_id))
    .where(_OF_TEAM)
    .order_by(AUDIT_EVENT.c.at.desc(), AUDIT_EVENT.c.id.desc())
)
_VIEWED: Final = frozenset(
    {ActGroup.ACCESS, ActGroup.SAFETY, ActGroup.WORDS, ActGroup.HANDED_OUT, ActGroup.LOOKED_AT}
)
"""Groups of which some acts are entries of what was viewed."""


def list_acts(connection: Connection, wanted: ActFilter, *, limit: int) -> ActList:
    """Return the latest acts that are wanted, at most `limit` of them."""
    found: list[ActEntry] = []
    looked, last = 0, None
    for entry in _entries(connection, wanted):
        if len(found) == limit or looked == LOOKED_THROUGH:
            return ActList(tuple(found), last)
        looked, last = looked + 1, entry.id
        if _is_wanted(entry, wanted):
            found.append(entry)
    return ActList(tuple(found), None)


def doer_at(
    connection: Connection, at: datetime, act: TeamAct, matches: Callable[[ActEntry], bool] = lambda _: True
) -> ActEntry | None:
    """Return the act of a moment to which something that stands so since then is owed; None where it is not known."""
    rows = connection.execute(_ROWS.where(AUDIT_EVENT.c.at == at))
    entries = (entry for entry in _read(connection, rows) if entry.act is act)
    return next(filter(matches, entries), None)


def _entries(connection: Connection, wanted: ActFilter) -> Iterator[ActEntry]:
    """Yield the acts that may be wanted, the newest first: what the database can tell from the rest is left out."""
    query, before = _ROWS, wanted.before
    if wanted.person is not None:
        number = connection.scalar(sa.select(PARTICIPANT.c.id).where(PARTICIPANT.c.code == wanted.person))
        query = query.where(AUDIT_EVENT.c.participant_id == (0 if number is None else number))
    if wanted.by is not None:
        query = query.where(_names(connection, wanted.by))
    if wanted.group is not None and wanted.group not in _VIEWED:
        query = query.where(AUDIT_EVENT.c.kind != AuditKind.VIEW)
    while True:
        part = query.limit(_CHUNK)
        if before is not None:
            own = sa.select(AUDIT_EVENT.c.at).where(AUDIT_EVENT.c.id == before).scalar_subquery()
            part = part.where(
                AUDIT_EVENT.c.at <= own,
                sa.or_(AUDIT_EVENT.c.at < own, AUDIT_EVENT.c.id < before),
            )
        rows = connection.execute(part).all()
        yield from _read(connection, rows)
        if len(rows) < _CHUNK:
            return
        before = int(rows[-1].id)


def _names(connection: Connection, code: str) -> sa.ColumnElement[bool]:
    """Return the condition that an entry names a member, by code or by number, in whichever part."""
    named = AUDIT_EVENT.c.details.contains(json.dumps(code, ensure_ascii=False), autoescape=True)
    number = connection.scalar(sa.select(COORDINATOR.c.id).where(COORDINATOR.c.code == code))
    by_number = AUDIT_EVENT.c.details.contains(f'"coordinator_id":{number},', autoescape=True)
    return sa.or_(named, by_number)


def _is_wanted(entry: ActEntry, wanted: ActFilter) -> bool:
    if wanted.by is not None and entry.by != wanted.by:
        return False
    group = GROUP_OF[entry.act]
    return group is not ActGroup.LOOKED_AT if wanted.group is None else group is wanted.group


def _read(connection: Connection, rows: Any) -> Iterator[ActEntry]:
    codes: Mapping[int, str] = {}
    for row in rows:
        details = json.loads(row.details)
        act = act_of(row.kind, details)
        if act is None:
            continue
        number = details.get("coordinator_id")
        if number is not None and not codes:
            codes = {
                one.id: one.code
                for one in connection.execute(sa.select(COORDINATOR.c.id, COORDINATOR.c.code))
            }
        yield ActEntry(
            row.id, row.at, act, details, row.code, codes.get(number) if number is not None else None
        )
