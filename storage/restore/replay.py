"""Do again to a restored backup what its journal tells, in the order in which it happened.

Each entry says how something stands from then on, so that doing it twice is doing it once. Where it cannot be known
whether somebody came back later, they are left in peace: a consent that was given again, a return after a stop are
not in the journal. People who came after the backup are not in it, and nothing is done for them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Purpose
from storage.conversations import outbox, taken_back
from storage.conversations.conversations import UNFINISHED
from storage.conversations.inbox import BLANK, FORGET
from storage.database import audit
from storage.database.journal import Journal, JournalEntry
from storage.database.journal_keeper import PERSON, WORDS
from storage.follow_up import holds, timers, waves
from storage.people import account_links, mail_addresses, participants
from storage.privacy import closing, consent_answers, consent_withdrawal, erasure, word_erasure
from storage.privacy.consent_withdrawal import WithdrawnConsent
from storage.programs import consents, programs, quotations
from storage.programs.consents import ConsentGrant
from storage.programs.programs import ProgramError
from storage.restore.team_replay import EntryUnknown, TeamReplay, superseded_steps
from storage.schema import (
    CONSENT,
    CONVERSATION,
    PARTICIPANT,
    PROGRAM,
    AuditKind,
    ConversationStatus,
    JournalKind,
    ParticipantStatus,
    TimerKind,
)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How many entries of each kind changed something, how many were so already, and how many are about nobody here.

    `unknown` are of people, programs and conversations that came after the backup.
    """

    done: Counter[JournalKind] = field(default_factory=Counter)
    already: int = 0
    unknown: int = 0


_OfPeople = Literal[
    JournalKind.STOP,
    JournalKind.ERASURE,
    JournalKind.CONSENT,
    JournalKind.JOIN,
    JournalKind.MOVE,
    JournalKind.MAILS,
    JournalKind.MESSAGE,
    JournalKind.QUOTATION,
    JournalKind.HOLD,
    JournalKind.TEAM_HOLD,
    JournalKind.SNOOZE,
    JournalKind.PAUSE,
]


def replay(connection: Connection, journal: Journal, entries: Iterable[JournalEntry]) -> ReplayResult:
    """Do again what entries tell, the oldest first, in the caller's transaction, and audit it."""
    entries = tuple(entries)
    doing = _Replay(connection, journal, superseded_steps(entries))
    done, already, unknown = Counter[JournalKind](), 0, 0
    for entry in entries:
        try:
            if doing.does(entry):
                done[entry.kind] += 1
            else:
                already += 1
        except EntryUnknown:
            unknown += 1
    return ReplayResult(done, already, unknown)


@dataclass
class _Replay:
    """Do again what single entries tell."""

    connection: Connection
    journal: Journal
    superseded: frozenset[int]

    @cached_property
    def people(self) -> dict[str, int]:
        """The number of each participant, by the hash of their code."""
        rows = self.connection.execute(sa.select(PARTICIPANT.c.code, PARTICIPANT.c.id))
        return {self.journal.hash_of(PERSON, row.code): row.id for row in rows}

    @cached_property
    def team(self) -> TeamReplay:
        """What does again what concerns the team and its links."""
        return TeamReplay(self.connection, self.journal, self.superseded)

    def does(self, entry: JournalEntry) -> bool:
        """Do what an entry tells; return whether that changed anything.

        Raises:
            EntryUnknown: it is about nobody, or nothing, in the database.
        """
        match entry.kind:
            case JournalKind.BEGIN | JournalKind.RESTORE:
                return False
            case JournalKind.PROGRAM_PAUSED | JournalKind.PROGRAM_RESUMED:
                return self._pause_program(entry)
            case JournalKind.PROGRAM_CLOSED | JournalKind.PROGRAM_ARCHIVED:
                return self._close_program(entry)
            case (
                JournalKind.COORDINATOR
                | JournalKind.ROLES
                | JournalKind.SECOND_STEP
                | JournalKind.INVITATION_REVOKED
                | JournalKind.INVITATION_EXTENDED
                | JournalKind.LABEL
            ):
                return self.team.does(entry, entry.kind)
            case JournalKind.MAILS if not entry.who:
                return self.team.end_mails(entry)
            case _:
                return self._does_for(self._person(entry), entry, entry.kind)

    def _does_for(self, person: int, entry: JournalEntry, kind: _OfPeople) -> bool:
        """Do what an entry tells of a participant; return whether that changed anything."""
        match kind:
            case JournalKind.STOP | JournalKind.ERASURE:
                changed = self._leave(entry, person)
            case JournalKind.CONSENT:
                changed = self._refuse(entry, person)
            case JournalKind.JOIN:
                changed = self._join(entry, person)
            case JournalKind.MOVE:
                changed = self._close_accounts(entry, person)
            case JournalKind.MAILS:
                changed = self._end_mails(entry, person)
            case JournalKind.MESSAGE:
                changed = self._mark_message(entry, person)
            case JournalKind.QUOTATION:
                changed = self._withdraw_quotation(entry, person)
            case JournalKind.HOLD | JournalKind.TEAM_HOLD:
                changed = self._hold(entry, person)
            case JournalKind.SNOOZE | JournalKind.PAUSE:
                changed = self._put_off(entry, person)
            case _:
                assert_never(kind)
        return changed

    def _person(self, entry: JournalEntry) -> int:
        if entry.who not in self.people:
            raise EntryUnknown
        return self.people[entry.who]

    def _program(self, entry: JournalEntry) -> int:
        found = self.connection.scalar(sa.select(PROGRAM.c.id).where(PROGRAM.c.slug == entry.program))
        if found is None:
            raise EntryUnknown
        return int(found)

    def _leave(self, entry: JournalEntry, person: int) -> bool:
        """Have a participant stop, or erase them."""
        status = self.connection.scalar(sa.select(PARTICIPANT.c.status).where(PARTICIPANT.c.id == person))
        is_erasure = entry.kind is JournalKind.ERASURE
        if status is ParticipantStatus.DELETED or (status is ParticipantStatus.WITHDRAWN and not is_erasure):
            return False
        if is_erasure:
            erasure.erase_again(self.connection, person, entry.at)
            erasure.sweep_addresses(self.connection, entry.at)
        else:
            waves.withdraw(self.connection, participant_id=person, now=entry.at)
        self._audit(AuditKind.DELETION if is_erasure else AuditKind.WITHDRAWAL, person, entry)
        return True

    def _refuse(self, entry: JournalEntry, person: int) -> bool:
        """Have a participant say no to a consent: end what it allowed, or the conversation in which it was asked."""
        program, purpose = self._program(entry), entry.purpose
        if purpose is None:
            return False
        flows = (entry.flow,) if entry.flow else None
        grants = consents.current_grants(self.connection, person, program, flows)
        standing = [one for one in grants if one.purpose is purpose]
        for granted in standing:
            self._take_back(entry, person, granted)
        asked_in: list[int] = []
        if purpose is Purpose.TAKE_PART and entry.flow and not standing:
            asked_in = self._end_asking(entry, person, program)
        if not standing and not asked_in:
            return False
        self._audit(AuditKind.CONSENT, person, entry, purpose=purpose.value, granted=False)
        return True

    def _take_back(self, entry: JournalEntry, person: int, granted: ConsentGrant) -> None:
        if not entry.flow:  # outside of any question
            consent_withdrawal.withdraw_consent(self.connection, person, granted, words=None, now=entry.at)
            return
        row = {
            "participant_id": person,
            "program_id": granted.program_id,
            "conversation_id": self._conversation(entry, person),
            "purpose": granted.purpose,
            "granted": False,
            "shown_text": granted.shown_text,
            "text_hash": granted.text_hash,
            "language": granted.language,
            "decided_at": entry.at,
            "flow": granted.flow,
            "source_hash": granted.source,
        }
        self.connection.execute(CONSENT.insert().values(row))
        withdrawn = WithdrawnConsent(person, granted.program_id, granted.purpose)
        consent_withdrawal.end_consented_work(self.connection, withdrawn, entry.at)
        consent_answers.supersede_contradicted(self.connection, person, words=None, now=entry.at)

    def _end_asking(self, entry: JournalEntry, person: int, program: int) -> list[int]:
        """End the conversations that asked whether they take part, and forget what was said in them."""
        theirs = (CONVERSATION.c.participant_id == person) & (CONVERSATION.c.program_id == program)
        ended = self.connection.execute(
            CONVERSATION.update()
            .where(theirs, CONVERSATION.c.flow == entry.flow, UNFINISHED)
            .values(status=ConversationStatus.ENDED, outcome=Outcome.DECLINED, ended_at=entry.at)
            .returning(CONVERSATION.c.id)
        )
        numbers = [int(row.id) for row in ended]
        for number in numbers:
            reason = ContactReason.NO_CONSENT
            kinds = list(TimerKind)
            timers.finish_of_conversation(self.connection, number, reason, now=entry.at, kinds=kinds)
            outbox.drop_for_conversation(self.connection, number, reason)
            FORGET.run(self.connection, [{"conversation": number, "blank": BLANK}])
        word_erasure.empty_conversations(self.connection, numbers)
        return numbers

    def _join(self, entry: JournalEntry, person: int) -> bool:
        """Join somebody to whom they were joined: what the journal tells below of one is of both."""
        if entry.what not in self.people:
            raise EntryUnknown
        to = participants.find(self.connection, self.people[entry.what])
        if to is None or not account_links.join_again(self.connection, person, to=to, now=entry.at):
            return False
        self._audit(AuditKind.SETTINGS, to.id, entry, joined=True)
        return True

    def _close_accounts(self, entry: JournalEntry, person: int) -> bool:
        """Close the accounts that somebody had lost: where they write now the journal does not know."""
        closed = account_links.close_again(self.connection, person)
        if closed:
            self._audit(AuditKind.SETTINGS, person, entry, command="moved", closed=closed)
        return closed > 0

    def _end_mails(self, entry: JournalEntry, person: int) -> bool:
        if not mail_addresses.end_mails_again(self.connection, person, entry.at):
            return False
        self._audit(AuditKind.SETTINGS, person, entry, mails=False)
        return True

    def _mark_message(self, entry: JournalEntry, person: int) -> bool:
        """Mark the words of a message that was taken back."""
        numbers = self.connection.scalars(
            sa.select(CONVERSATION.c.id).where(
                CONVERSATION.c.participant_id == person,
                CONVERSATION.c.program_id == self._program(entry),
                CONVERSATION.c.flow == entry.flow,
            )
        )
        return taken_back.mark_again(
            self.connection,
            list(numbers),
            lambda name: self.journal.hash_of(WORDS, name) == entry.what,
            entry.at,
        )

    def _withdraw_quotation(self, entry: JournalEntry, person: int) -> bool:
        found = [
            number
            for number, text in quotations.standing_texts(self.connection, person)
            if self.journal.hash_of(WORDS, text) == entry.what
        ]
        for number in found:
            quotations.withdraw(self.connection, number, by=None, now=entry.at)
        return bool(found)

    def _hold(self, entry: JournalEntry, person: int) -> bool:
        """Set a participant's hold, or the team's, to what was said last."""
        if not self._is_active(person):
            return False  # who left is held for good
        if entry.kind is JournalKind.TEAM_HOLD:
            before, until = holds.held_for_team(self.connection, person), entry.until
            holds.hold_for_team(self.connection, participant_id=person, until=until, now=entry.at)
            return before != until
        before, until = holds.held_until(self.connection, person), entry.until
        if until is None:
            return False
        holds.hold(self.connection, participant_id=person, until=until, now=entry.at)
        return before != until

    def _put_off(self, entry: JournalEntry, person: int) -> bool:
        """Put off the conversation that goes on, where it is of the same flow."""
        conversation = self._conversation(entry, person, unfinished=True)
        if conversation is None:
            raise EntryUnknown
        before = timers.resumes_at(self.connection, conversation)
        if before == entry.until:
            return False
        if entry.until is None:
            timers.pause(self.connection, conversation_id=conversation, now=entry.at)
        else:
            whose = {"conversation_id": conversation, "participant_id": person}
            timers.snooze(self.connection, **whose, until=entry.until, now=entry.at)
        return True

    def _pause_program(self, entry: JournalEntry) -> bool:
        program = self._program(entry)
        before = programs.paused(self.connection, program)
        pauses = entry.kind is JournalKind.PROGRAM_PAUSED
        change = programs.pause if pauses else programs.resume
        change(self.connection, program, entry.at)
        return before != pauses

    def _close_program(self, entry: JournalEntry) -> bool:
        """Close a program, or put it away where nothing goes on in what was restored; who waits hears so again."""
        program = self._program(entry)
        change = closing.close if entry.kind is JournalKind.PROGRAM_CLOSED else closing.archive
        try:
            change(self.connection, program, entry.at)
        except ProgramError:
            return False
        return True

    def _is_active(self, person: int) -> bool:
        status = self.connection.scalar(sa.select(PARTICIPANT.c.status).where(PARTICIPANT.c.id == person))
        return status is ParticipantStatus.ACTIVE

    def _conversation(self, entry: JournalEntry, person: int, *, unfinished: bool = False) -> int | None:
        """Return the participant's latest conversation of the entry's flow and program; None for none."""
        wanted = (CONVERSATION.c.participant_id == person) & (CONVERSATION.c.flow == entry.flow)
        if unfinished:
            wanted &= UNFINISHED
        query = (
            sa.select(CONVERSATION.c.id)
            .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
            .where(wanted, PROGRAM.c.slug == entry.program)
            .order_by(CONVERSATION.c.id.desc())
            .limit(1)
        )
        found: int | None = self.connection.scalar(query)
        return found

    def _audit(self, kind: AuditKind, person: int, entry: JournalEntry, **details: object) -> None:
        audit.record(
            self.connection, kind, participant_id=person, now=entry.at, journal=entry.number, **details
        )
