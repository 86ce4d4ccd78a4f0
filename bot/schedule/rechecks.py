"""Check again, at the moment of sending, what was queued of our own accord: it may have waited for long."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

import structlog
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.errors import describe
from bot.schedule import follow_ons, waves
from bot.schedule.timers import ConversationRunner, FiringTimer, may_remind
from bot.schedule.wave_ends import lapsed
from flows.schedule.contact_policy import ContactNow
from storage.conversations import inbox
from storage.conversations.conversations import load_conversation
from storage.database.statements import savepoint
from storage.errors import StorageError
from storage.follow_up import openers
from storage.follow_up import waves as follow_ups
from storage.follow_up.openers import QueuedContact, QueuedRow
from storage.schema import Lane, TimerKind

_OURS = (Lane.BULK, Lane.REMINDER)
_CHECKED = (*_OURS, Lane.TEAM)
"""What stands in another lane may go with what answers its person. An alert behind it makes no hour right for it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenerRecheck:
    """Decides again on openers and reminders that are about to be sent.

    What may not go now (the window has closed, a consent was taken back, the program is paused, it is needed no more)
    is taken back whole, and its timer is due, so that the scheduler puts it off or ends it with its reason.
    """

    conversations: ConversationRunner
    policy: ChannelPolicy = EVERYWHERE

    def __call__(self, connection: Connection, outbox_ids: Sequence[int], now: datetime) -> frozenset[int]:
        """Take back what may not go now among these outbox rows, and return their numbers.

        The conversations of the others are opened.
        """
        rows = openers.rows_of_queued(connection, outbox_ids)
        held: set[int] = set()
        for contact in openers.queued_in(connection, {row.conversation_id for row in rows.values()}):
            theirs = {
                number: row for number, row in rows.items() if row.conversation_id == contact.conversation_id
            }
            try:
                with savepoint(connection):
                    goes = self._goes(connection, contact, theirs, now)
            except StorageError:
                raise
            # Any error: what goes to others must not wait for one contact that cannot be decided on.
            except Exception as error:  # noqa: BLE001
                what = describe(error)
                log.error("contact_not_decided", conversation=contact.conversation_id, error=what)  # noqa: TRY400 - no words in the log
                openers.put_off(connection, theirs.keys(), now + openers.DECIDED_ANEW_AFTER)
                goes = False
            if not goes:
                held |= theirs.keys()
        return frozenset(held)

    def _goes(
        self, connection: Connection, contact: QueuedContact, rows: Mapping[int, QueuedRow], now: datetime
    ) -> bool:
        """Return whether these rows of a contact go now, and begin it; else take it back, or put them off."""
        lanes = {row.lane for row in rows.values()}
        is_astray = any(row.is_astray for row in rows.values())
        goes = _answers(connection, contact, rows.values())
        if goes or (not is_astray and self._may_still_go(connection, contact, now)):
            self._keep_earlier_answers(connection, contact, now)
            openers.begin(connection, contact, now)
            return True
        if not openers.take_back(connection, contact, now):
            if lanes.isdisjoint(_OURS):
                return True  # it may have been seen, and what stands behind it must not wait for hours
            openers.put_off(connection, rows.keys(), now + openers.DECIDED_ANEW_AFTER)
        return False

    def _keep_earlier_answers(self, connection: Connection, contact: QueuedContact, now: datetime) -> None:
        due = openers.timers_of(connection, contact) if contact.kind is TimerKind.WAVE else ()
        if due:
            firing = FiringTimer(connection, self.conversations, due[0], now, self.policy)
            waves.keep_earlier_answers(firing, contact.conversation_id)

    def _may_still_go(self, connection: Connection, contact: QueuedContact, now: datetime) -> bool:
        due = openers.timers_of(connection, contact)
        if not due:
            return False  # what it was for has ended meanwhile
        firing = FiringTimer(connection, self.conversations, due[0], now, self.policy)
        match contact.kind:
            case TimerKind.WAVE:
                return waves.may_still_go(firing, contact.conversation_id)
            case TimerKind.FOLLOW_ON:
                return follow_ons.may_still_go(firing, contact.conversation_id)
            case TimerKind.WAVE_REMINDER | TimerKind.INTERVIEW_REMINDER:
                return _may_remind(firing, contact)
            case (
                TimerKind.WAVE_CLOSE
                | TimerKind.RESUME
                | TimerKind.EXPIRE
                | TimerKind.ERASE
                | TimerKind.FAREWELL
            ):
                return True
            case _:
                assert_never(contact.kind)


def _answers(connection: Connection, contact: QueuedContact, rows: Collection[QueuedRow]) -> bool:
    """Return whether these rows go with what answers their participant, and so at whatever hour.

    It is not enough that they stand in the lane of replies: what nobody wrote for (a language that was found, what
    became of a co-signed text) takes along what stands before it, too.
    """
    lanes = {row.lane for row in rows}
    if not lanes.isdisjoint(_CHECKED):
        return False
    if Lane.SAFETY in lanes or (not contact.opens and all(row.created_at != contact.at for row in rows)):
        return True
    return inbox.wrote_since(connection, contact.participant_id, contact.at)


def _may_remind(firing: FiringTimer, contact: QueuedContact) -> bool:
    """Return whether a reminder may go now: nobody wrote since it was queued, and the contact policy allows it."""
    conversation = load_conversation(firing.connection, contact.conversation_id)
    if conversation.ended or conversation.last_turn_at > contact.at:
        return False
    consented = True
    if contact.kind is TimerKind.WAVE_REMINDER:
        this = replace(firing, timer=replace(firing.timer, conversation_id=conversation.id))
        if lapsed(this, conversation) is not None:
            return False
        consented = follow_ups.may_contact_again(
            firing.connection, conversation.participant_id, conversation.program_id
        )
    return isinstance(may_remind(firing, conversation, firing.known(), consented=consented), ContactNow)
