"""Send somebody the question that is open once more, because a coordinator wants it, and never often."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.care.parts import CareParts, CareRefused
from bot.delivery.rows import message_row
from flows.schedule.contact_policy import ContactReason, Reach
from flows.schedule.local_time import local, next_in_window
from storage.conversations import contact_log, outbox
from storage.conversations.contact_log import ContactEntry
from storage.conversations.conversations import ConversationRecord, find_conversation, open_conversation
from storage.database import audit
from storage.database.wakeups import WorkKind
from storage.follow_up.situations import ParticipantSituation, read_situations
from storage.programs import programs, whereabouts
from storage.redaction import redacted
from storage.schema import AuditKind, ContactAction

APART: Final = timedelta(hours=1)
"""So long after the question was sent again it is not sent again."""
A_WEEK: Final = 3
"""So often within seven days a coordinator may have a question sent again to one person."""


def resend(connection: Connection, parts: CareParts, participant_id: int, *, by: str, now: datetime) -> str:
    """Queue the open question of a participant once more, at the address that they took to last; return its channel.

    `by` is the code of the coordinator who wants it.

    Raises:
        CareRefused: nothing is open, they are not to be written to now, or it was sent again just before.
    """
    known = read_situations(connection, [participant_id], now)[participant_id]
    conversation = _open(known)
    _check_person(known, now)
    _check_program(connection, known, conversation, now)
    _check_limits(connection, participant_id, now)
    reach, address_id = known.reach(
        conversation.address_id, lambda channel: parts.policy.allows(known.participant.role, channel)
    )
    if reach is not Reach.OPEN or address_id is None:
        raise CareRefused("they cannot be written to: they have blocked the bot, or the account is gone")
    prompt = parts.registry.open_prompt(connection, conversation, now)
    if prompt is None:
        raise CareRefused("no question is open in their conversation")
    outbox.queue(connection, [message_row(prompt, address_id, conversation.id, now)])
    parts.wakeups.defer(connection, WorkKind.OUTBOX, [address_id])
    _keep(connection, conversation, by, now)
    return known.channel_of(address_id)


def program_of(connection: Connection, participant_id: int, now: datetime) -> str | None:
    """Return the short name of the program whose question would be sent again; None where none is open."""
    known = read_situations(connection, [participant_id], now)[participant_id]
    conversation = open_conversation(known.unfinished)
    if conversation is None:
        return None
    return programs.program_file(connection, conversation.program_id).program


def shown_text(connection: Connection, parts: CareParts, conversation_id: int, now: datetime) -> str | None:
    """Return the question that is open in a conversation as it would be sent now, redacted; None for none."""
    conversation = find_conversation(connection, conversation_id)
    if conversation is None or conversation.ended or not conversation.state:
        return None
    prompt = parts.registry.open_prompt(connection, conversation, now)
    return (
        None
        if prompt is None
        else redacted(prompt.text, whereabouts.of_conversation(connection, conversation.id))
    )


def _open(known: ParticipantSituation) -> ConversationRecord:
    conversation = open_conversation(known.unfinished)
    if not known.participant.active:
        raise CareRefused(f"{known.participant.code} takes part no more")
    if conversation is None or not conversation.state:
        raise CareRefused("no conversation of theirs is open")
    if conversation.paused:
        raise CareRefused(
            "they have put the conversation off; it goes on when they chose, or when they write"
        )
    return conversation


def _check_person(known: ParticipantSituation, now: datetime) -> None:
    if known.safety_hold:
        raise CareRefused("a case of distress of theirs is open; see to that first")
    if known.hold_until is not None and known.hold_until > now:
        raise CareRefused(
            f"nothing is sent to them before {known.hold_until:%Y-%m-%d %H:%M} UTC; end the pause first"
        )


def _check_program(
    connection: Connection, known: ParticipantSituation, conversation: ConversationRecord, now: datetime
) -> None:
    if programs.paused(connection, conversation.program_id):
        raise CareRefused("the programme is paused")
    program = programs.program_file(connection, conversation.program_id)
    zone = known.participant.zone(program.timezone)
    opens = next_in_window(now, program.schedule.window, zone)
    if opens > now:
        there = local(now, zone)
        raise CareRefused(
            f"it is {there:%a %H:%M} where they are ({zone}); try again from {local(opens, zone):%a %H:%M} there on"
        )


def _check_limits(connection: Connection, participant_id: int, now: datetime) -> None:
    """Check that it was not sent again within the hour, nor three times within the week."""
    again = contact_log.sent_for_reason(connection, participant_id, ContactReason.RESENT, now)
    if again and again[-1] > now - APART:
        raise CareRefused("it was sent again less than an hour ago")
    if len(again) >= A_WEEK:
        raise CareRefused("it was sent again three times within seven days; find them another way")


def _keep(connection: Connection, conversation: ConversationRecord, by: str, now: datetime) -> None:
    entry = ContactEntry(
        conversation.participant_id,
        ContactAction.SENT,
        ContactReason.RESENT,
        now,
        conversation_id=conversation.id,
    )
    contact_log.record(connection, entry)
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=conversation.participant_id, now=now, command="resend",
        conversation=conversation.id, by=by,
    )  # fmt: skip
