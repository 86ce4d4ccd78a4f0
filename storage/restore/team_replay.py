"""Do again to a restored backup what its journal tells of the team, and of the links that it made.

Who is of the team, what each may do, how they get in, and which links let nobody in any more: what was taken away since
the backup stays so. Sessions and links into the console are no matter of the journal: a restore ends them all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.journal import Journal, JournalEntry
from storage.database.journal_keeper import WORDS, coordinator_hash, invitation_hash
from storage.people import coordinators, invitation_changes, invitation_mails
from storage.schema import COORDINATOR, INVITATION, JournalKind
from storage.team import roles, sign_in

TeamKind = Literal[
    JournalKind.COORDINATOR,
    JournalKind.ROLES,
    JournalKind.SECOND_STEP,
    JournalKind.INVITATION_REVOKED,
    JournalKind.INVITATION_EXTENDED,
    JournalKind.LABEL,
]


class EntryUnknown(LookupError):
    """Whoever or whatever an entry is about is not in the database."""


def superseded_steps(entries: Iterable[JournalEntry]) -> frozenset[int]:
    """Return the numbers of the entries on a second step after which another tells of the same coordinator."""
    last: dict[str, int] = {}
    before = set()
    for entry in entries:
        if entry.kind is JournalKind.SECOND_STEP:
            before |= {last[entry.who]} if entry.who in last else set()
            last[entry.who] = entry.number
    return frozenset(before)


@dataclass
class TeamReplay:
    """Do again what single entries tell of the team. Those of the numbers in `superseded` change nothing."""

    connection: Connection
    journal: Journal
    superseded: frozenset[int] = frozenset()

    @cached_property
    def codes(self) -> Mapping[str, str]:
        """The code of each coordinator, by its hash."""
        codes = self.connection.scalars(sa.select(COORDINATOR.c.code))
        return {coordinator_hash(self.journal, code): code for code in codes}

    @cached_property
    def links(self) -> Mapping[str, int]:
        """The number of each invitation, by the hash of what is known of its token."""
        rows = self.connection.execute(sa.select(INVITATION.c.token_hash, INVITATION.c.id))
        return {invitation_hash(self.journal, row.token_hash): row.id for row in rows}

    def does(self, entry: JournalEntry, kind: TeamKind) -> bool:
        """Do what an entry tells; return whether that changed anything.

        Raises:
            EntryUnknown: it is about nobody, or nothing, in the database.
        """
        match kind:
            case JournalKind.COORDINATOR:
                return self._remove(entry)
            case JournalKind.ROLES:
                who = coordinators.by_code(self.connection, self._code(entry))
                return roles.give_again(self.connection, who, entry.roles, entry.at)
            case JournalKind.SECOND_STEP:
                return self._change_second_step(entry)
            case JournalKind.INVITATION_REVOKED:
                return invitation_changes.revoke_again(self.connection, self._link(entry), entry.at)
            case JournalKind.INVITATION_EXTENDED:
                return invitation_changes.extend_again(self.connection, self._link(entry), entry.until)
            case JournalKind.LABEL:
                return invitation_changes.forget_label_again(self.connection, self._link(entry))
            case _:
                assert_never(kind)

    def end_mails(self, entry: JournalEntry) -> bool:
        """Keep that whoever was mailed an invitation wants no more mails; return whether that is new.

        Raises:
            EntryUnknown: the invitation is not in the database.
        """
        return invitation_mails.end_mails(self.connection, self._link(entry), entry.at)

    def _code(self, entry: JournalEntry) -> str:
        if entry.who not in self.codes:
            raise EntryUnknown
        return self.codes[entry.who]

    def _link(self, entry: JournalEntry) -> int:
        if entry.what not in self.links:
            raise EntryUnknown
        return self.links[entry.what]

    def _remove(self, entry: JournalEntry) -> bool:
        code = self._code(entry)
        columns = (COORDINATOR.c.address_id, COORDINATOR.c.token_hash)
        row = self.connection.execute(sa.select(*columns).where(COORDINATOR.c.code == code)).one()
        held = roles.roles_of(self.connection, coordinators.by_code(self.connection, code).id)
        coordinators.remove(self.connection, code, entry.at)
        return row.address_id is not None or row.token_hash is not None or bool(held)

    def _change_second_step(self, entry: JournalEntry) -> bool:
        """Take a second step away, or have no code be right of one whose secret the journal does not hold.

        Only the last word on a coordinator's counts: a backup may hold that one, and the one of before would lock
        them out of it.
        """
        who = coordinators.by_code(self.connection, self._code(entry))
        if entry.number in self.superseded:
            return False
        now = sign_in.second_step_of(self.connection, who.id)
        is_set = bool(entry.what)
        if now is None or now == sign_in.LOST_STEP:
            is_so = (now is not None) == is_set
        else:
            is_so = self.journal.hash_of(WORDS, sign_in.step_name(now)) == entry.what
        if not is_so:
            sealed = sign_in.LOST_STEP if is_set else None
            sign_in.set_second_step(self.connection, who, sealed, entry.at)
        return not is_so
