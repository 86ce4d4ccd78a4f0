"""Open invitation links: make a participant, an enrollment and a conversation, or say why not."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.conversations.conversations import Conversations
from bot.conversations.facts import conversation_facts
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.new_conversation import NewConversation
from bot.team.alerts import welcome
from bot.turns.menu_commands import nothing_open
from flows.engine.effects import Outcome
from flows.i18n.say import Sentence
from flows.script.facts import Facts
from storage.conversations.conversations import (
    ConversationRecord,
    ParticipantRecord,
    ended_conversations,
)
from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.follow_up import cosignatures
from storage.people import coordinators, invitations, participants
from storage.people.invitations import InvitationProblem, RedeemedInvitation
from storage.privacy import consent_withdrawal
from storage.programs import programs
from storage.schema import AuditKind, ParticipantStatus, ProgramClose

log = structlog.get_logger(__name__)

_PROBLEMS = {
    InvitationProblem.UNKNOWN: Sentence.INVITATION_WRONG,
    InvitationProblem.USED: Sentence.INVITATION_USED,
    InvitationProblem.FULL: Sentence.INVITATION_USED,
    InvitationProblem.EXPIRED: Sentence.INVITATION_EXPIRED,
    InvitationProblem.REVOKED: Sentence.INVITATION_EXPIRED,
}
_RECENT = 20
"""How many ended conversations are looked at for one that this link began."""


@dataclass(frozen=True, slots=True)
class InvitationOpener:
    """Opens the links that let people in: participants and coordinators.

    `keys` hash the links' tokens, `pick` chooses one letter of a text at random, for participants' codes, and
    `policy` says which roles may come in on which channel.
    """

    conversations: Conversations
    keys: AddressKeys
    pick: Callable[[str], str] = secrets.choice
    policy: ChannelPolicy = EVERYWHERE

    def open(self, turn: InboundTurn, token: str) -> None:
        """Let in whoever opened a link: begin, queue or go on with its conversation, or say why that cannot be.

        `token` is the link's secret part; a coordinator's begins otherwise than a participant's. '' where the bot was
        started without a link: then whoever had stopped is taken up again, and others hear a sentence that tells what
        to do.
        """
        if token.startswith(coordinators.PREFIX):
            token_hash = self.keys.token_hash(token)
            welcome(turn, turn.pending, token_hash, self.conversations.localizations)
        elif token:
            self._redeem(turn, token)
        elif _has_stopped(turn):
            self._take_up_again(turn)
        else:
            self._reply(turn, _without_token(turn))

    def knows(self, turn: InboundTurn, token: str) -> bool:
        """Return whether there is an invitation, or a coordinator's link, with this token, however old or used."""
        token_hash = self.keys.token_hash(token)
        if token.startswith(coordinators.PREFIX):
            return coordinators.has_link(turn.connection, token_hash)
        return invitations.is_known(turn.connection, token_hash)

    def _redeem(self, turn: InboundTurn, token: str) -> None:
        """Use an invitation, if it is good and meant for whoever opened it, here."""
        participant = turn.pending.participant
        counted = turn.connection.begin_nested()
        invited = invitations.redeem(
            turn.connection,
            token_hash=self.keys.token_hash(token),
            participant_id=participant.id if participant else None,
            now=turn.now,
        )
        if isinstance(invited, InvitationProblem):
            counted.commit()
            self._reply(turn, _PROBLEMS[invited])
        elif participant is not None and not _is_for(participant, invited):
            counted.rollback()  # the link stays good for whom it was meant
            self._reply(turn, Sentence.INVITATION_ROLE)
        elif _is_over(turn, invited):
            counted.rollback()
            self._refuse_closed(turn, invited)
        elif not self.policy.allows(invited.role, turn.pending.channel):
            counted.rollback()
            self._refuse_channel(turn, token, invited)
        elif not self.conversations.may_be_opened(invited.flow):
            counted.rollback()
            self._refuse_flow(turn, invited)
        else:
            counted.commit()
            self._let_in(turn, self._admit(turn, invited), invited)

    def _take_up_again(self, turn: InboundTurn) -> None:
        """Take up a participant again who had stopped: begin anew what they came in for last, its consents first.

        What was cancelled when they stopped stays so, and what they agreed to before is no leave to write to them.
        """
        invited = invitations.latest_of(turn.connection, turn.participant.id)
        if invited is None:
            self._reply(turn, Sentence.STOPPED_BEFORE)
        elif _is_over(turn, replace(invited, again=False)):
            self._refuse_closed(turn, invited)
        elif not self.policy.allows(invited.role, turn.pending.channel):
            self._refuse_channel(turn, None, invited)
        elif not self.conversations.may_be_opened(invited.flow):
            self._refuse_flow(turn, invited)
        else:
            self._begin(turn, self._admit(turn, invited), invited)

    def _reply(self, turn: InboundTurn, sentence: Sentence) -> None:
        """Say one sentence, and ask the open question again if there is one."""
        turn.say(sentence, self.conversations.languages.outside(turn.connection, turn.pending))
        if turn.conversation is not None:
            self.conversations.show_again(turn, turn.conversation, address_id=turn.address_id)

    def _refuse_channel(self, turn: InboundTurn, token: str | None, invited: RedeemedInvitation) -> None:
        """Say that this channel is not open to their role, and where to go. The link stays good for there.

        `token` None: they came back without it, and hear whom to ask.
        """
        channel, language = turn.pending.channel, self._language_of(turn, invited)
        link = None if token is None else self.policy.elsewhere(invited.role, channel, token)
        if link is None:
            contact = programs.program_file(turn.connection, invited.program_id).contact
            turn.say(Sentence.CHANNEL_REFUSED, language, contact=contact)
        else:
            turn.say(Sentence.CHANNEL_REFUSED_LINK, language, link=link)
        participant = turn.pending.participant
        details = {"invitation": invited.invitation_id, "role": invited.role.value, "channel": channel}
        refused = audit.AuditEntry(
            turn.now, AuditKind.REFUSED, participant.id if participant else None, details
        )
        turn.writes.audit.append(refused)

    def _refuse_closed(self, turn: InboundTurn, invited: RedeemedInvitation) -> None:
        """Say that its program is closed and lets nobody in."""
        language = self._language_of(turn, invited)
        program = programs.program_words(turn.connection, invited.program_id).in_language(language)
        said = {"title": program.title, "contact": program.contact}
        turn.say(Sentence.INVITATION_CLOSED, language, **said)

    def _refuse_flow(self, turn: InboundTurn, invited: RedeemedInvitation) -> None:
        """Say that it is not ready: the flow is gone, or asks for no consent, so nothing said could be kept."""
        log.warning("flow_not_ready", flow=invited.flow, invitation=invited.invitation_id)
        contact = programs.program_file(turn.connection, invited.program_id).contact
        turn.say(Sentence.INVITATION_NOT_READY, self._language_of(turn, invited), contact=contact)

    def _language_of(self, turn: InboundTurn, invited: RedeemedInvitation) -> str:
        wanted = invited.language or programs.program_file(turn.connection, invited.program_id).language
        return self.conversations.languages.outside(turn.connection, turn.pending, wanted)

    def _admit(self, turn: InboundTurn, invited: RedeemedInvitation) -> ParticipantRecord:
        """Return the participant, enrolled.

        They are made if nobody is known at this address, and let in again if they had stopped.
        """
        connection, participant = turn.connection, turn.pending.participant
        enters = participant is None or not participant.active
        if participant is None:
            participant = participants.make_participant(
                connection,
                # No language until they choose one; see `bot.conversations.language_choice`.
                participants.NewParticipant(
                    invited.role, language=self._chosen(turn), timezone=turn.pending.timezone
                ),
                pick=self.pick,
                now=turn.now,
            )
            participants.assign_address(connection, turn.address_id, participant.id)
        elif not participant.active:
            consent_withdrawal.leave_behind(connection, participant.id, now=turn.now)
            participants.update(connection, participant.id, {"status": ParticipantStatus.ACTIVE})
        if enters:
            entered = {"participant_id": participant.id, "invitation": invited.invitation_id}
            audit.record(connection, AuditKind.ENTERED, now=turn.now, **entered)
        participants.enroll(
            connection,
            participants.NewEnrollment(
                invited.program_id, participant.id, invited.invitation_id, invited.activity_id
            ),
            turn.now,
        )
        return participant

    def _chosen(self, turn: InboundTurn) -> str | None:
        """Return the language that whoever comes in chose before they began, if we speak it; None for none."""
        wanted = turn.message.language
        spoken = self.conversations.languages.localizations.spoken((wanted,))
        return wanted if wanted == spoken else None

    def _let_in(self, turn: InboundTurn, participant: ParticipantRecord, invited: RedeemedInvitation) -> None:
        """Begin the conversation, go on with it, or queue it behind the open one."""
        if any(_is_of(conversation, invited) for conversation in turn.pending.conversations):
            self._reply(turn, Sentence.CONVERSATION_OPEN)
            return
        if turn.conversation is not None:
            self.conversations.queue(turn, self._new(turn, participant, invited, {}))
            self._reply(turn, Sentence.CONVERSATION_QUEUED)
            return
        earlier = _earlier(turn, participant, invited)
        if earlier is not None and earlier.outcome is Outcome.EXPIRED:
            self._go_on(turn, earlier)
        elif earlier is not None and earlier.outcome is Outcome.COMPLETED and participant.active:
            self._reply(turn, nothing_open(turn))
        else:
            self._begin(turn, participant, invited)

    def _go_on(self, turn: InboundTurn, conversation: ConversationRecord) -> None:
        """Take up a conversation that had expired."""
        opened = self.conversations.reopen(turn, conversation)
        language = self.conversations.languages.outside(turn.connection, turn.pending)
        turn.say(Sentence.WELCOME_BACK, language)
        self.conversations.show_again(turn, opened, address_id=turn.address_id)

    def _begin(self, turn: InboundTurn, participant: ParticipantRecord, invited: RedeemedInvitation) -> None:
        """Begin the conversation that the link is for."""
        if turn.pending.locale:  # it may have come with this very message
            values = {"locale": turn.pending.locale}
            participants.update_address(turn.connection, turn.address_id, values)
        facts = conversation_facts(
            turn.connection,
            participant,
            program_id=invited.program_id,
            activity_id=invited.activity_id,
            now=turn.now,
        )
        self.conversations.begin(turn, self._new(turn, participant, invited, facts))

    def _new(
        self, turn: InboundTurn, participant: ParticipantRecord, invited: RedeemedInvitation, facts: Facts
    ) -> NewConversation:
        return NewConversation(
            participant_id=participant.id,
            address_id=turn.address_id,
            program_id=invited.program_id,
            activity_id=invited.activity_id,
            flow=invited.flow,
            facts=facts,
            about_id=invited.about_id,
        )


def _is_over(turn: InboundTurn, invited: RedeemedInvitation) -> bool:
    """Return whether a link lets nobody in since its program was closed: who came in by it goes on where others do."""
    match programs.how_closed(turn.connection, invited.program_id):
        case None:
            return False
        case ProgramClose.END:
            return True
        case ProgramClose.GO_ON:
            return not invited.again and invited.about_id is None


def _has_stopped(turn: InboundTurn) -> bool:
    participant = turn.pending.participant
    return participant is not None and participant.status is ParticipantStatus.WITHDRAWN


def _without_token(turn: InboundTurn) -> Sentence:
    if turn.pending.participant is None:
        return Sentence.INVITATION_NEEDED
    if not turn.participant.active:
        return Sentence.STOPPED_BEFORE
    return nothing_open(turn) if turn.conversation is None else Sentence.CONVERSATION_OPEN


def _earlier(
    turn: InboundTurn, participant: ParticipantRecord, invited: RedeemedInvitation
) -> ConversationRecord | None:
    """Return the latest conversation that this same link began; None for a new link."""
    if not invited.again:
        return None
    for conversation in ended_conversations(turn.connection, participant.id, _RECENT):
        if conversation.state and _is_of(conversation, invited):
            return conversation
    return None


def _is_for(participant: ParticipantRecord, invited: RedeemedInvitation) -> bool:
    """Return whether a link is meant for this role; a team's partner may be a patient or a carer."""
    if invited.about_id is not None:
        return participant.role in cosignatures.PARTNERS
    return participant.role is invited.role


def _is_of(conversation: ConversationRecord, invited: RedeemedInvitation) -> bool:
    """Return whether a conversation is the one that an invitation is for."""
    here = (conversation.flow, conversation.program_id, conversation.activity_id, conversation.about_id)
    return here == (invited.flow, invited.program_id, invited.activity_id, invited.about_id)
