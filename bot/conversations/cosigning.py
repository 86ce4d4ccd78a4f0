"""The patient partner of a team that submits best practice: the link that the team passes on, and what is shown."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.conversations.requests import ParticipantRequests
from bot.delivery.rows import sentence_row
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import Sentence
from flows.script.facts import Facts
from flows.script.model import Role
from storage.conversations import outbox
from storage.conversations.conversations import ConversationRecord
from storage.conversations.turns import Writes
from storage.follow_up import cosignatures, due_waves
from storage.people import invitations, participants
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The talk that submitted, where its author is written to and in which language, and what grants wishes."""

    conversation: ConversationRecord
    address_id: int
    language: str
    wishes: ParticipantRequests


def invite(connection: Connection, writes: Writes, *, passed_on: PassedOn, now: datetime) -> None:
    """Make a one-time invitation, and give the author a message to forward; or say that there is no way."""
    conversation, language, at = passed_on.conversation, passed_on.language, passed_on.address_id
    program = programs.program_words(connection, conversation.program_id).in_language(language)
    token = invitations.picked_token(passed_on.wishes.pick)
    way = passed_on.wishes.policy.way_in(Role.PATIENT, conversation.channel, token)
    if way is None:
        writes.outbox.append(
            sentence_row(Sentence.PARTNER_NO_LINK, language, at, now, contact=program.contact)
        )
        return
    new = NewInvitation(
        program_id=conversation.program_id,
        activity_id=conversation.activity_id,
        role=Role.PATIENT,
        flow=cosignatures.COSIGN,
        source=cosignatures.SUBMISSION,
        kind=InvitationKind.SINGLE,
        language=language,
        expires_at=now + cosignatures.EXPIRES,
        about_id=conversation.id,
    )
    invitations.make_invitation(
        connection, new, token_hash=passed_on.wishes.identity.token_hash(token), now=now
    )
    writes.outbox.append(
        sentence_row(Sentence.PARTNER_FORWARD, language, at, now, days=cosignatures.LINK_DAYS)
    )
    if way.link is not None:
        row = sentence_row(Sentence.PARTNER_LINK, language, at, now, team=program.team, link=way.link)
    else:
        words = {"team": program.team, "command": way.command}
        row = sentence_row(Sentence.PARTNER_COMMAND, language, at, now, **words)
    writes.outbox.append(row)


def told(
    connection: Connection,
    conversation: ConversationRecord,
    facts: Facts,
    localizations: Localizations,
    language: str,
) -> Facts:
    """The facts of a talk that begins, with what a partner is to co-sign as it stands now."""
    if conversation.about_id is not None:
        shown = cosignatures.submission(connection, conversation.about_id, localizations, language)
        return {**facts, "submission": shown}
    if conversation.flow == cosignatures.COSIGN and "submission" not in facts:
        return {**facts, "submission": {"there": False}}
    return facts


def still_there(
    _connection: Connection, writes: Writes, *, conversation: ConversationRecord, now: datetime
) -> None:
    """After a partner's turn: if the author left in the same moment, what was just shown is taken back.

    That is looked at last of all: the author's turn may come later in the batch.
    """
    writes.rare.append(partial(_still_there, conversation=conversation, now=now))


def _still_there(
    connection: Connection, writes: Writes, *, conversation: ConversationRecord, now: datetime
) -> None:
    if (
        conversation.about_id is None
        or cosignatures.is_there(connection, conversation.about_id)
        or conversation.ended_at is not None
    ):
        return
    writes.outbox[:] = [row for row in writes.outbox if row["conversation_id"] != conversation.id]
    cosignatures.close(connection, conversation.id, now=now)


def tell_taken_back(
    connection: Connection,
    conversation: due_waves.ContactConversation,
    localizations: Localizations,
    *,
    now: datetime,
) -> None:
    """To a partner who was reading: there is nothing left to answer."""
    person = due_waves.person(connection, conversation.participant_id)
    wishes = (
        person.language,
        invitations.language_of(connection, person.id, conversation.program_id),
        participants.locale_of(connection, conversation.address_id),
    )
    sentence = Sentence.PARTNER_TAKEN_BACK
    outbox.queue(
        connection, [sentence_row(sentence, localizations.spoken(wishes), conversation.address_id, now)]
    )
