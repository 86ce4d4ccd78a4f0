"""How people come in: by a link. A person, an enrolment and a talk are made, or a kind word is said."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.conversations.facts import conversation_facts
from bot.conversations.player import Conversations, open_conversation
from bot.delivery.rows import sentence_row
from bot.team.alerts import welcome
from flows.engine.effects import Outcome
from flows.i18n.say import Sentence
from storage.conversations import conversations
from storage.conversations.conversations import ConversationRecord, ParticipantRecord
from storage.conversations.inbox import PendingTurn
from storage.conversations.turns import Writes
from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.follow_up import cosignatures
from storage.people import coordinators, invitations, participants
from storage.people.invitations import InvitationProblem, RedeemedInvitation
from storage.programs import programs
from storage.schema import AuditKind, ParticipantStatus

_PROBLEMS = {
    InvitationProblem.UNKNOWN: Sentence.INVITATION_WRONG,
    InvitationProblem.USED: Sentence.INVITATION_USED,
    InvitationProblem.FULL: Sentence.INVITATION_USED,
    InvitationProblem.EXPIRED: Sentence.INVITATION_EXPIRED,
}
_RECENT = 20
"""How many ended conversations are looked at for one that this link began."""


@dataclass(frozen=True, slots=True)
class InvitationOpener:
    """Takes invitations. `pick` chooses one letter of a text at random, for codes that nobody can guess."""

    player: Conversations
    identity: AddressKeys
    pick: Callable[[str], str] = secrets.choice
    policy: ChannelPolicy = EVERYWHERE

    def open(self, connection: Connection, taken: PendingTurn, token: str, *, now: datetime) -> Writes:
        """A link was opened, with a token or ('') without."""
        if token.startswith(coordinators.PREFIX):
            localizations = self.player.languages.localizations
            return welcome(connection, localizations, self.identity.token_hash(token), taken, now)
        writes = Writes()
        sentence = self._without(taken) if not token else self._redeem(connection, taken, token, writes, now)
        if sentence is not None:
            language = self.player.languages.outside(connection, taken)
            writes.outbox.append(sentence_row(sentence, language, taken.address_id, now))
            conversation = open_conversation(taken.conversations)
            if conversation is not None:
                writes.outbox += self.player.show_again(
                    connection, conversation, address_id=taken.address_id, now=now
                )
        return writes

    def _without(self, taken: PendingTurn) -> Sentence:
        if taken.person is None:
            return Sentence.INVITATION_NEEDED
        if taken.person.status is not ParticipantStatus.ACTIVE:
            return Sentence.STOPPED_BEFORE
        return (
            Sentence.CONVERSATION_OPEN if open_conversation(taken.conversations) else Sentence.NO_CONVERSATION
        )

    def _redeem(
        self, connection: Connection, taken: PendingTurn, token: str, writes: Writes, now: datetime
    ) -> Sentence | None:
        person = taken.person
        counted = connection.begin_nested()
        invited = invitations.redeem(
            connection,
            token_hash=self.identity.token_hash(token),
            participant_id=person.id if person else None,
            now=now,
        )
        if isinstance(invited, InvitationProblem):
            counted.commit()
            return _PROBLEMS[invited]
        if person is not None and not _is_for(person, invited):
            counted.rollback()  # the link stays good for whom it was meant
            return Sentence.INVITATION_ROLE
        if not self.policy.allows(invited.role, taken.channel):
            counted.rollback()
            self._refuse(connection, taken, token, invited, writes, now)
            return None
        if not self.player.may_be_opened(invited.flow):
            counted.rollback()
            self._not_ready(connection, taken, invited, writes, now)
            return None
        counted.commit()
        person = self._admit(connection, taken, invited, now)
        return self._let_in(connection, taken, person, invited, writes, now)

    def _refuse(
        self,
        connection: Connection,
        taken: PendingTurn,
        token: str,
        invited: RedeemedInvitation,
        writes: Writes,
        now: datetime,
    ) -> None:
        """Not on this channel: say so kindly, and where to go. The link stays good for there."""
        program = programs.program_file(connection, invited.program_id)
        language = self.player.languages.outside(connection, taken, invited.language or program.language)
        link = self.policy.elsewhere(invited.role, taken.channel, token)
        if link is None:
            row = sentence_row(
                Sentence.CHANNEL_REFUSED, language, taken.address_id, now, contact=program.contact
            )
        else:
            row = sentence_row(Sentence.CHANNEL_REFUSED_LINK, language, taken.address_id, now, link=link)
        writes.outbox.append(row)
        details = {
            "invitation": invited.invitation_id,
            "role": invited.role.value,
            "channel": taken.channel,
        }
        person = taken.person.id if taken.person else None
        writes.audit.append(audit.AuditEntry(now, AuditKind.REFUSED, person, details))

    def _not_ready(
        self,
        connection: Connection,
        taken: PendingTurn,
        invited: RedeemedInvitation,
        writes: Writes,
        now: datetime,
    ) -> None:
        """The flow does not ask whether they take part, so nothing that they say could be kept."""
        program = programs.program_file(connection, invited.program_id)
        language = self.player.languages.outside(connection, taken, invited.language or program.language)
        sentence = Sentence.INVITATION_NOT_READY
        row = sentence_row(sentence, language, taken.address_id, now, contact=program.contact)
        writes.outbox.append(row)

    def _admit(
        self, connection: Connection, taken: PendingTurn, invited: RedeemedInvitation, now: datetime
    ) -> ParticipantRecord:
        """The person, made if nobody is known at this address, let in again if they had stopped; enrolled."""
        person = taken.person
        if person is None:
            person = participants.make_participant(
                connection,
                # No language until they choose one; see `bot.conversations.language_choice`.
                participants.NewParticipant(invited.role, timezone=taken.timezone),
                pick=self.pick,
                now=now,
            )
            participants.assign_address(connection, taken.address_id, person.id)
        elif person.status is not ParticipantStatus.ACTIVE:
            participants.update(connection, person.id, {"status": ParticipantStatus.ACTIVE})
        else:
            self._enroll(connection, person, invited, now)
            return person
        entered = {"participant_id": person.id, "invitation": invited.invitation_id}
        audit.record(connection, AuditKind.ENTERED, now=now, **entered)
        self._enroll(connection, person, invited, now)
        return person

    def _enroll(
        self, connection: Connection, person: ParticipantRecord, invited: RedeemedInvitation, now: datetime
    ) -> None:
        participants.enroll(
            connection,
            participants.NewEnrollment(
                invited.program_id, person.id, invited.invitation_id, invited.activity_id
            ),
            now,
        )

    def _let_in(
        self,
        connection: Connection,
        taken: PendingTurn,
        person: ParticipantRecord,
        invited: RedeemedInvitation,
        writes: Writes,
        now: datetime,
    ) -> Sentence | None:
        """Begin the talk, go on with it, or queue it; the sentence to say where there is one."""
        if any(_same(conversation, invited) for conversation in taken.conversations):
            return Sentence.CONVERSATION_OPEN
        if open_conversation(taken.conversations) is not None:
            self.player.wait(
                connection,
                participant_id=person.id,
                address_id=taken.address_id,
                program_id=invited.program_id,
                activity_id=invited.activity_id,
                flow=invited.flow,
                about_id=invited.about_id,
                now=now,
            )
            return Sentence.CONVERSATION_QUEUED
        earlier = self._earlier(connection, person, invited)
        if earlier is not None and earlier.outcome is Outcome.EXPIRED:
            self._go_on(connection, taken, earlier, writes, now)
            return None
        if earlier is not None and earlier.outcome is Outcome.COMPLETED:
            return Sentence.NO_CONVERSATION
        self._begin(connection, taken, person, invited, writes, now)
        return None

    def _earlier(
        self, connection: Connection, person: ParticipantRecord, invited: RedeemedInvitation
    ) -> ConversationRecord | None:
        """The latest talk that this same link began; a new link always begins a new one."""
        if not invited.again:
            return None
        ended = conversations.ended_conversations(connection, person.id, _RECENT)
        return next(
            (conversation for conversation in ended if conversation.state and _same(conversation, invited)),
            None,
        )

    def _go_on(
        self,
        connection: Connection,
        taken: PendingTurn,
        conversation: ConversationRecord,
        writes: Writes,
        now: datetime,
    ) -> None:
        opened = self.player.reopen(connection, conversation, now=now)
        language = self.player.languages.outside(connection, taken)
        writes.outbox.append(sentence_row(Sentence.WELCOME_BACK, language, taken.address_id, now))
        writes.outbox += self.player.show_again(connection, opened, address_id=taken.address_id, now=now)

    def _begin(
        self,
        connection: Connection,
        taken: PendingTurn,
        person: ParticipantRecord,
        invited: RedeemedInvitation,
        writes: Writes,
        now: datetime,
    ) -> None:
        if taken.locale:  # it may have come with this very message
            participants.update_address(connection, taken.address_id, {"locale": taken.locale})
        self.player.begin(
            connection,
            writes,
            participant_id=person.id,
            address_id=taken.address_id,
            program_id=invited.program_id,
            activity_id=invited.activity_id,
            flow=invited.flow,
            facts=conversation_facts(
                connection,
                person=person,
                program_id=invited.program_id,
                activity_id=invited.activity_id,
                now=now,
            ),
            about_id=invited.about_id,
            now=now,
        )


def _is_for(person: ParticipantRecord, invited: RedeemedInvitation) -> bool:
    """Whether a link is meant for somebody in this role; a team's partner may be a patient or a carer."""
    if invited.about_id is not None:
        return person.role in cosignatures.PARTNERS
    return person.role is invited.role


def _same(conversation: ConversationRecord, invited: RedeemedInvitation) -> bool:
    here = (conversation.flow, conversation.program_id, conversation.activity_id, conversation.about_id)
    return here == (invited.flow, invited.program_id, invited.activity_id, invited.about_id)
