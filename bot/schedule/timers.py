"""Act on timers whose time has come: what all kinds share, and the kinds of an unfinished conversation.

Everything is checked again first, in the same transaction. A contact that goes out, is put off or does not go
out leaves a line in the participant's story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, assert_never

from msgspec import structs
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.conversations import cosigning
from bot.conversations.new_conversation import NewConversation
from bot.conversations.reconsent import PlannedContact, Reconsents, needed
from bot.turn_context import TurnContext
from flows.engine.events import Event, Expired, Reminded, Resumed
from flows.engine.state import decode_state
from flows.i18n.localized_flow import Localizations
from flows.program.model import ProgramFile, Schedule
from flows.schedule import queue_order
from flows.schedule.contact_policy import (
    LOOK_AGAIN,
    ContactDecision,
    ContactLater,
    ContactNow,
    ContactReason,
    ContactSituation,
    NoContact,
    Reach,
    decide_contact,
)
from flows.script.model import Flow
from flows.script.reconsent import is_waiting, renewing
from storage.conversations import contact_log, showings
from storage.conversations.conversations import (
    ConversationRecord,
    last_turn,
    load_conversation,
    move_conversation,
)
from storage.follow_up import due_waves, follow_ons, holds, openers, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.due_waves import SentWave
from storage.follow_up.situations import ParticipantSituation, read_situations
from storage.follow_up.timers import DueTimer
from storage.privacy import erasure
from storage.programs import flow_versions, programs
from storage.programs.consents import ParticipantConsents
from storage.safety import cases
from storage.schema import ContactAction, TimerKind


class ConversationRunner(Protocol):
    """What timers need of a `Runtime`: its flows and translations, and to begin and move conversations."""

    flows: Mapping[str, Flow]
    localizations: Localizations
    openers_wait: bool
    """Whether a delivery says when what was queued is handed over; else that counts as done at once."""

    def begin(self, connection: Connection, new: NewConversation, *, now: datetime) -> int: ...

    def begin_all(
        self, connection: Connection, news: Sequence[NewConversation], *, now: datetime
    ) -> list[int]: ...

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None: ...

    def begin_waiting(self, connection: Connection, participant_id: int, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class FiringTimer:
    """One timer whose time has come, with what is needed to act on it, inside the caller's transaction."""

    connection: Connection
    conversations: ConversationRunner
    timer: DueTimer
    now: datetime
    policy: ChannelPolicy = EVERYWHERE

    def finish(self, reason: ContactReason) -> None:
        """End the timer with a reason: what it was for is done, or needs no doing. Logs no contact."""
        timers.finish(self.connection, self.timer.id, reason, now=self.now)

    def look_again(self, at: datetime) -> None:
        """Set the timer to another time without logging a contact put off: nothing was to be sent now."""
        timers.put_off(self.connection, self.timer.id, _after(at, self.now), None)

    def tell(
        self, action: ContactAction, reason: ContactReason, *, new_due_at: datetime | None = None
    ) -> None:
        """Log a contact for this timer in the participant's story: what was done, why, and if put off until when."""
        entry = contact_log.of_timer(self.timer, action, reason, self.now, new_due_at=new_due_at)
        contact_log.record(self.connection, entry)

    def stop(self, reason: ContactReason) -> None:
        """End the timer without sending, and log the reason in the participant's story: it is not tried again."""
        self.finish(reason)
        self.tell(ContactAction.NOT_SENT, reason)

    def wait(self, wait: ContactLater) -> None:
        """Put the timer off until the time in `wait`, and log that in the participant's story with its reason.

        Many that wait for a window to open keep the order in which they were due. What waits for a script that is not
        there says so once, not each day.
        """
        until = _after(wait.until, self.now)
        again = until
        if wait.reason is ContactReason.OUTSIDE_WINDOW and not until.microsecond:
            again = queue_order.in_order(until, self.timer.was_due)
        timers.put_off(self.connection, self.timer.id, again, wait.reason)
        if wait.reason is not ContactReason.FLOW_MISSING or self.timer.reason != wait.reason:
            self.tell(ContactAction.DEFERRED, wait.reason, new_due_at=until)

    def conversation(self) -> ConversationRecord:
        """Load the conversation of this timer. Only for kinds of timer that have one: else an assertion fails."""
        assert self.timer.conversation_id is not None
        return load_conversation(self.connection, self.timer.conversation_id)

    def reconsents(self, planned: PlannedContact, decided: ParticipantConsents) -> Reconsents:
        """Return the consents that the participant must be asked again before a planned contact; empty for none."""
        return needed(self.connection, self.conversations.flows, planned, decided)

    def queue(self) -> None:
        """Put the timer off until what it brings is handed over to the platform, and log the contact as queued."""
        until = self.now + openers.DECIDED_ANEW_AFTER
        timers.put_off(self.connection, self.timer.id, until, ContactReason.QUEUED)
        self.tell(ContactAction.QUEUED, ContactReason.DUE)

    def hand_over(self, conversation_id: int) -> None:
        """Count what is queued in a conversation as handed over, where no delivery says so."""
        if not self.conversations.openers_wait:
            openers.handed_over(self.connection, [conversation_id], self.now)

    def known(self) -> ParticipantSituation:
        """Read what decides whether this timer's participant may be written to now."""
        number = self.timer.participant_id
        return read_situations(self.connection, [number], self.now)[number]


def contact_situation(
    known: ParticipantSituation, program: ProgramFile, now: datetime, **more: Any
) -> ContactSituation:
    """Return what the contact policy looks at for a participant in a program at `now`.

    `more` are fields of `ContactSituation` by name, which only the caller knows; they replace those that are `known`.
    """
    facts: dict[str, Any] = {
        "now": now,
        "zone": known.participant.zone(program.timezone),
        "schedule": program.schedule,
        "own_accord": True,
        "participant_active": known.participant.active,
        "consented": True,
        "reach": Reach.OPEN,
        "hold_until": known.hold_until,
        "team_hold_until": known.team_hold_until,
        "safety_hold": known.safety_hold,
        "conversation_ended_at": known.last_end,
        "contacts": known.contacts,
    }
    return ContactSituation(**(facts | more))


# Unfinished conversations.


def fire_interview_reminder(firing: FiringTimer) -> None:
    """Act on a reminder timer: remind of an unfinished conversation so many hours after its last turn.

    The hours are the program's, as many as the script allows. The timer is then set anew, also after the last
    reminder, since the participant may write and fall silent again; it ends where there are no reminders or the contact
    policy forbids one.
    """
    conversation = firing.conversation()
    program = programs.program_file(firing.connection, conversation.program_id)
    flow = firing.conversations.flows.get(conversation.flow)
    most = None if flow is None else flow.limits.reminders
    hours = sorted(program.schedule.interview_reminder_hours)[:most]
    if not hours:
        firing.finish(ContactReason.NOTHING_LEFT_TO_ASK)
        return
    sent = _reminders_since(firing, conversation)
    due_at = _reminder_due(conversation, hours, sent)
    new_silence = firing.now + timedelta(hours=hours[0])  # the soonest, if the participant wrote this minute
    if due_at is None or due_at > firing.now:
        firing.look_again(min(due_at or new_silence, new_silence))
    elif _ends_at(firing, conversation, program.schedule) <= firing.now:
        firing.look_again(firing.now + LOOK_AGAIN)  # its end is due as well, and takes the reminder's place
    else:
        remind(firing, conversation, firing.known(), consented=True)


def _reminders_since(firing: FiringTimer, conversation: ConversationRecord) -> tuple[datetime, ...]:
    sent = contact_log.sent_of_kind(
        firing.connection, conversation.participant_id, conversation.id, TimerKind.INTERVIEW_REMINDER
    )
    return tuple(at for at in sent if at >= conversation.last_turn_at)


def _reminder_due(
    conversation: ConversationRecord, hours: Sequence[int], sent: Sequence[datetime]
) -> datetime | None:
    """
    Return when the next reminder of this silence is due; None after the last.

    Two reminders keep their distance also when the first came late.
    """
    count = len(sent)
    if count >= len(hours):
        return None
    due_at = conversation.last_turn_at + timedelta(hours=hours[count])
    if count == 0:
        return due_at
    return max(due_at, sent[-1] + timedelta(hours=hours[count] - hours[count - 1]))


def fire_resume(firing: FiringTimer) -> None:
    """Act on a snooze's timer: ask the open question again at the hour that the participant chose.

    Not if they came back before. A sticker, or a second tap on a button, is a turn too, and brings nobody back: the
    conversation is paused still.
    """
    conversation = firing.conversation()
    if conversation.turns != firing.timer.turns and not conversation.paused:
        firing.stop(ContactReason.TALK_MOVED_ON)
        return
    program, known = programs.program_file(firing.connection, conversation.program_id), firing.known()
    inside = of_conversation(known, firing.policy, conversation)
    decision = decide_contact(contact_situation(known, program, firing.now, own_accord=False, **inside))
    match decision:
        case ContactNow():
            firing.conversations.apply(firing.connection, conversation.id, Resumed(), now=firing.now)
            firing.tell(ContactAction.SENT, ContactReason.DUE)
            firing.finish(ContactReason.DUE)
        case ContactLater():
            firing.wait(decision)
        case NoContact(reason):
            firing.stop(reason)
        case _:
            assert_never(decision)


def fire_expire(firing: FiringTimer) -> None:
    """
    Act on an expiry timer: end a conversation after the program's number of days without a turn.

    A follow-up waits longer, for a late answer, and a hold puts the end off. What was answered counts although the last
    tap is missing: commitments get their waves, also those that were not saved, and what follows on the conversation
    is planned. The conversation that waited begins. Where the conversation has ended already, what it was about was
    taken back: its partner is told so.
    """
    conversation = firing.conversation()
    if conversation.ended:
        _taken_back(firing, conversation)
        return
    schedule = programs.program_file(firing.connection, conversation.program_id).schedule
    ends_at = _ends_at(firing, conversation, schedule)
    held = holds.contact_hold(firing.connection, conversation.participant_id)
    if held is not None and held > firing.now:
        ends_at = max(ends_at, held + timedelta(days=schedule.expire_after))
    if ends_at > firing.now:
        firing.look_again(ends_at)
        return
    if cases.is_on_safety_hold(firing.connection, conversation.participant_id):
        firing.look_again(firing.now + LOOK_AGAIN)  # what waits behind it would begin
        return
    keep_what_was_said(firing, conversation)
    due_waves.end(
        firing.connection, conversation, silence(firing, conversation, ContactReason.EXPIRED), now=firing.now
    )
    follow_ups.schedule_what_was_saved(firing.connection, conversation_id=conversation.id, now=firing.now)
    follow_ons.conversation_expired(firing.connection, conversation_id=conversation.id, now=firing.now)
    firing.conversations.begin_waiting(firing.connection, conversation.participant_id, now=firing.now)
    firing.finish(ContactReason.EXPIRED)


def _taken_back(firing: FiringTimer, conversation: ConversationRecord) -> None:
    """Say that what a conversation was about was taken back, and begin what waited behind it."""
    held = holds.contact_hold(firing.connection, conversation.participant_id)
    if held is not None and held > firing.now:
        firing.look_again(held)
    elif cases.is_on_safety_hold(firing.connection, conversation.participant_id):
        firing.look_again(firing.now + LOOK_AGAIN)
    else:
        turn = TurnContext(firing.connection, firing.now)
        cosigning.tell_taken_back(turn, conversation, firing.conversations.localizations)
        firing.conversations.begin_waiting(firing.connection, conversation.participant_id, now=firing.now)
        firing.finish(ContactReason.DUE)


def _ends_at(firing: FiringTimer, conversation: ConversationRecord, schedule: Schedule) -> datetime:
    idle_until = conversation.last_turn_at + timedelta(days=schedule.expire_after)
    sent = due_waves.sent_in(firing.connection, conversation.id, conversation.participant_id)
    if not sent:
        return idle_until
    return max(idle_until, max(one.sent_at for one in sent) + timers.LATE_ANSWERS)


def fire_erase(firing: FiringTimer) -> None:
    """Act on an erasure's timer: delete the addresses of people who had everything deleted.

    Each once the last message has gone there; while one waits for that, the timer is set a minute on.
    """
    if erasure.sweep_addresses(firing.connection, firing.now):
        firing.look_again(firing.now + timedelta(minutes=1))
    else:
        firing.finish(ContactReason.DUE)


# What several kinds share.


def silence(firing: FiringTimer, conversation: ConversationRecord, otherwise: ContactReason) -> ContactReason:
    """Return the reason to keep for a conversation that got no answer.

    `CONSENT_UNANSWERED` where it stopped at a consent that was asked again, else `otherwise`.
    """
    if not conversation.state:
        return otherwise
    flow = flow_versions.load(firing.connection, conversation.flow_hash)
    if flow is None or not renewing(flow):
        return otherwise
    state = decode_state(conversation.state)
    slot = None if state.open is None else state.asks[state.open].slot
    return ContactReason.CONSENT_UNANSWERED if is_waiting(flow, slot) else otherwise


def keep_what_was_said(firing: FiringTimer, conversation: ConversationRecord) -> None:
    """Keep what a conversation would have recorded of its answers, had it come to its end: as of its last turn."""
    if conversation.state:
        firing.conversations.apply(
            firing.connection, conversation.id, Expired(), now=conversation.last_turn_at
        )


def remind(
    firing: FiringTimer,
    conversation: ConversationRecord,
    known: ParticipantSituation,
    *,
    consented: bool,
) -> None:
    """Remind of a conversation if the contact policy allows it now; else put the timer off, or end it.

    `known` is its participant's situation, and `consented` says whether the participant has consented to this contact.
    The timer waits for the hand-over of the reminder. It goes to another address of theirs where nobody is reached at
    the conversation's, and where that of a wave brought no answer; the conversation moves there.
    """
    moved = _moved(conversation, _reminded_at(firing, conversation, known), known)
    decision = may_remind(firing, moved, known, consented=consented)
    match decision:
        case ContactNow():
            if moved.address_id != conversation.address_id:
                move_conversation(firing.connection, conversation.id, moved.address_id)
            firing.conversations.apply(firing.connection, conversation.id, Reminded(), now=firing.now)
            firing.queue()
            firing.hand_over(conversation.id)
        case ContactLater():
            firing.wait(decision)
        case NoContact(reason):
            firing.stop(reason)
        case _:
            assert_never(decision)


def _moved(
    conversation: ConversationRecord, address_id: int, known: ParticipantSituation
) -> ConversationRecord:
    """Return a conversation as it is at another address of its participant's; as it stands where it is that one."""
    if address_id == conversation.address_id:
        return conversation
    return structs.replace(conversation, address_id=address_id, channel=known.channel_of(address_id))


def _reminded_at(firing: FiringTimer, conversation: ConversationRecord, known: ParticipantSituation) -> int:
    """Return the number of the address to which a reminder goes.

    That of a wave goes by the one after that at which it was asked, where nothing was said since.
    """
    program = programs.program_file(firing.connection, conversation.program_id)
    welcome, order = partial(firing.policy.allows, known.participant.role), program.schedule.channels
    here = conversation.address_id
    sent = due_waves.sent_in(firing.connection, conversation.id, conversation.participant_id)
    if firing.timer.kind is TimerKind.WAVE_REMINDER and not _is_touched(conversation, sent):
        asked_at = showings.asked_last_at(firing.connection, conversation.id)
        found = known.next_mode(asked_at or here, welcome, order)
    else:
        modes = known.modes(here, welcome, order)
        found = here if here in modes or not modes else modes[0]
    return here if found is None else found


def _is_touched(conversation: ConversationRecord, sent: Sequence[SentWave]) -> bool:
    """Return whether its participant has said anything since the waves of a conversation were sent."""
    return any(one.answered for one in sent) or any(conversation.last_turn_at > one.sent_at for one in sent)


def may_remind(
    firing: FiringTimer, conversation: ConversationRecord, known: ParticipantSituation, *, consented: bool
) -> ContactDecision:
    """Decide whether a participant may be reminded of a conversation now: not while they talk, in whatever other."""
    program = programs.program_file(firing.connection, conversation.program_id)
    return decide_contact(
        contact_situation(
            known,
            program,
            firing.now,
            consented=consented,
            **programs.standing(firing.connection, conversation.program_id),
            talked_at=last_turn(firing.connection, conversation.participant_id),
            **of_conversation(known, firing.policy, conversation),
        )
    )


def of_conversation(
    known: ParticipantSituation, policy: ChannelPolicy, conversation: ConversationRecord
) -> dict[str, Any]:
    """Return the fields of a `ContactSituation`, by name, that depend on a conversation which has begun already.

    They are for a contact within it, such as a reminder. Of two unfinished ones only the older may be continued.
    """
    return {
        "reach": known.reach_at(conversation.address_id),
        "conversation_ended_at": None,
        "allowed": policy.allows(known.participant.role, conversation.channel),
        "other_conversation_open": any(
            other.begun and other.id < conversation.id for other in known.unfinished
        ),
    }


def take_back_reminder(firing: FiringTimer) -> None:
    """Take back a reminder that was queued for so long that it is decided on again."""
    assert firing.timer.conversation_id is not None
    for contact in openers.queued_in(firing.connection, [firing.timer.conversation_id]):
        if contact.kind is firing.timer.kind:
            openers.take_back(firing.connection, contact, firing.now)


def _after(at: datetime, now: datetime) -> datetime:
    """Return a time that is surely in the future, so that nothing is looked at twice in one tick."""
    return max(at, now + timedelta(seconds=1))
