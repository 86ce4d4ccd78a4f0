"""Act on what comes after the first message of a wave: its reminders, its close."""

from collections.abc import Sequence
from datetime import timedelta

from bot.schedule.timers import FiringTimer, keep_what_was_said, remind, silence
from bot.schedule.waves import LIVE_CONVERSATION, end_of_day
from flows.schedule.contact_policy import ContactReason
from storage.conversations.conversations import ConversationRecord
from storage.follow_up import due_waves, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.due_waves import SentWave
from storage.programs import programs

IN_TIME = timedelta(hours=1)
"""A wave that is closed by more than this after its time is closed late: nothing was heard or sent meanwhile."""


def fire_wave_reminder(firing: FiringTimer) -> None:
    """Act on a wave's reminder timer: ask the open question of its follow-up conversation once more.

    Not where all is answered, the wave is closed, a later wave or reminder is due, or the participant wrote within a
    day: then the timer ends with that reason.
    """
    conversation = firing.conversation()
    over = lapsed(firing, conversation)
    if over is not None:
        firing.stop(over)
        return
    consented = follow_ups.may_contact_again(
        firing.connection, conversation.participant_id, conversation.program_id
    )
    remind(firing, conversation, firing.known(), consented=consented)


def lapsed(firing: FiringTimer, conversation: ConversationRecord) -> ContactReason | None:
    """Return why a reminder of a wave has lost its sense; None if it has not."""
    sent = due_waves.sent_in(firing.connection, conversation.id, conversation.participant_id)
    if all(one.answered for one in sent):
        return ContactReason.ALREADY_ANSWERED
    closes_at = timers.closes_at(firing.connection, conversation.id, conversation.participant_id)
    if closes_at is None or closes_at <= firing.now:
        return ContactReason.WAVE_CLOSED
    if timers.later_reminder_due(firing.connection, firing.timer, firing.now):
        return ContactReason.LATER_REMINDER_DUE
    if _asked_anew(firing, conversation, sent):
        return ContactReason.LATER_WAVE_DUE
    touched = conversation.last_turn_at > max(one.sent_at for one in sent)
    return (
        ContactReason.TALK_MOVED_ON
        if touched and conversation.last_turn_at > firing.now - LIVE_CONVERSATION
        else None
    )


def _asked_anew(firing: FiringTimer, conversation: ConversationRecord, sent: Sequence[SentWave]) -> bool:
    """Return whether a later wave of what was asked is due today as well: it comes in place of the reminder."""
    program = programs.program_file(firing.connection, conversation.program_id)
    zone = firing.known().participant.zone(program.timezone)
    due = due_waves.due_waves(
        firing.connection,
        participant_id=conversation.participant_id,
        program_id=conversation.program_id,
        until=end_of_day(firing.now, zone),
    )
    return not {one.commitment_id for one in sent}.isdisjoint(wave.commitment_id for wave in due)


def fire_wave_close(firing: FiringTimer) -> None:
    """Act on a wave's closing timer: close the follow-ups of its conversation that have no answer, as no response.

    What was answered is kept with its details, although the last tap is missing. The conversation stays open for a late
    answer. One that is closed long after its time, since the bot was down, is marked by its reason: whoever would have
    answered could not.
    """
    conversation = firing.conversation()
    if not conversation.ended:
        keep_what_was_said(firing, conversation)
    was_down = firing.now - firing.timer.due_at > IN_TIME
    reason = ContactReason.CLOSED_LATE if was_down else ContactReason.NO_RESPONSE
    reason = silence(firing, conversation, reason)
    closed = follow_ups.close_wave(
        firing.connection, conversation.id, conversation.participant_id, reason, now=firing.now
    )
    firing.finish(reason if closed else ContactReason.ALREADY_ANSWERED)
