"""Bring in the patient partner of a team that submits best practice: a link to pass on, and what is shown."""

from sqlalchemy import Connection

from bot.conversations.requests import ParticipantRequests, Requester
from bot.delivery.rows import sentence_row
from bot.turn_context import TurnContext
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import Sentence
from flows.script.facts import Facts
from flows.script.roles import Role
from storage.conversations import outbox
from storage.conversations.conversations import ConversationRecord
from storage.follow_up import cosignatures
from storage.people import invitations, participants
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind, Lane


def invite(
    turn: TurnContext, submission: ConversationRecord, author: Requester, requests: ParticipantRequests
) -> None:
    """Make a one-time invitation for a submission's patient partner, and queue a message for its author to pass on.

    `submission` is the conversation in which a team described best practice; `author` is who wrote it. Where a
    patient can be let in on no channel, the author is told so, with whom to contact, and nothing is made.
    """

    def say(sentence: Sentence, **fields: object) -> None:
        row = sentence_row(sentence, author.language, author.address_id, turn.now, **fields)
        turn.writes.outbox.append(row)

    program = programs.program_words(turn.connection, submission.program_id).in_language(author.language)
    token = invitations.picked_token(requests.pick)
    way = requests.policy.way_in(Role.PATIENT, submission.channel, token)
    if way is None:
        say(Sentence.PARTNER_NO_LINK, contact=program.contact)
        return
    new = NewInvitation(
        program_id=submission.program_id,
        activity_id=submission.activity_id,
        role=Role.PATIENT,
        flow=cosignatures.COSIGN,
        source=cosignatures.SUBMISSION,
        kind=InvitationKind.SINGLE,
        language=author.language,
        expires_at=turn.now + cosignatures.EXPIRES,
        about_id=submission.id,
    )
    invitations.make_invitation(
        turn.connection, new, token_hash=requests.keys.token_hash(token), now=turn.now
    )
    say(Sentence.PARTNER_FORWARD, days=cosignatures.LINK_DAYS)
    if way.link is not None:
        say(Sentence.PARTNER_LINK, team=program.team, link=way.link)
    else:
        say(Sentence.PARTNER_COMMAND, team=program.team, command=way.command)


def with_submission(
    connection: Connection,
    conversation: ConversationRecord,
    facts: Facts,
    localizations: Localizations,
    language: str,
) -> Facts:
    """Return the facts of a conversation that begins, with the fact `submission` added where one is to be co-signed.

    That holds the submission as it stands now, labels in `language`; `{"there": False}` where it was taken back or a
    co-signing conversation is about none. All other conversations' facts are returned as they are.
    """
    if conversation.about_id is not None:
        shown = cosignatures.submission(connection, conversation.about_id, localizations, language)
        return {**facts, "submission": shown}
    if conversation.flow == cosignatures.COSIGN and "submission" not in facts:
        return {**facts, "submission": {"there": False}}
    return facts


def close_if_submission_gone(turn: TurnContext, conversation: ConversationRecord) -> None:
    """Close a co-signing conversation whose submission was withdrawn or erased in the same batch of turns.

    Run inside the commit: the messages that would show the submission to the partner are taken out of the outbox
    rows before they are written. Nothing is done where the submission is still there.
    """
    if (
        conversation.about_id is None
        or cosignatures.is_there(turn.connection, conversation.about_id)
        or conversation.ended_at is not None
    ):
        return
    kept = [row for row in turn.writes.outbox if row["conversation_id"] != conversation.id]
    turn.writes.outbox[:] = kept
    cosignatures.close(turn.connection, conversation.id, now=turn.now)


def tell_taken_back(
    turn: TurnContext, conversation: ConversationRecord, localizations: Localizations
) -> None:
    """Queue a message to a partner that the submission they were to co-sign was taken back by its author.

    `conversation` is the partner's; the message is written in this transaction, in a language the partner has chosen
    or was invited in.
    """
    connection = turn.connection
    participant = participants.get(connection, conversation.participant_id)
    wishes = (
        participant.language,
        invitations.languages_of(connection, [participant.id]).get((participant.id, conversation.program_id)),
        participants.locale_of(connection, conversation.address_id),
    )
    language = localizations.spoken(wishes)
    row = sentence_row(Sentence.PARTNER_TAKEN_BACK, language, conversation.address_id, turn.now)
    outbox.queue(connection, [row], Lane.REMINDER)
