"""What a timer does when its time comes: what all kinds share, and the kinds of an unfinished talk.

Everything is checked again first, in the same transaction. A contact that goes out, is put off or does not go
out leaves a line in the participant's story.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, assert_never

from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.conversations import cosigning
from bot.conversations.reconsent import NONE, Reconsents, needed
from flows.engine.events import Event, Reminded, Resumed
from flows.engine.state import decode_state
from flows.i18n.localized_flow import Localizations
from flows.program.model import ProgramFile, Schedule
from flows.schedule.contact_policy import (
    LOOK_AGAIN,
    ContactLater,
    ContactNow,
    ContactReason,
    ContactSituation,
    NoContact,
    Reach,
    decide_contact,
)
from flows.script.facts import Facts
from flows.script.model import Flow
from flows.script.reconsent import is_waiting, renewing
from storage.conversations import contact_log, conversations
from storage.follow_up import due_waves, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.due_waves import ContactConversation, ContactedParticipant
from storage.follow_up.timers import DueTimer
from storage.privacy import erasure
from storage.programs import flow_versions, programs
from storage.safety import cases
from storage.schema import ContactAction, TimerKind


class ConversationRunner(Protocol):
    """What begins and moves conversations inside a transaction: the runtime."""

    flows: Mapping[str, Flow]
    localizations: Localizations

    def begin(
        self,
        connection: Connection,
        *,
        participant_id: int,
        address_id: int,
        program_id: int,
        activity_id: int | None,
        flow: str,
        facts: Facts,
        now: datetime,
        renewals: Reconsents = NONE,
    ) -> int: ...

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None: ...

    def begin_waiting(self, connection: Connection, participant_id: int, *, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Fire:
    """One timer at its time, and what it acts with."""

    connection: Connection
    conversations: ConversationRunner
    timer: DueTimer
    now: datetime
    policy: ChannelPolicy = EVERYWHERE

    def finish(self, reason: ContactReason) -> None:
        timers.finish(self.connection, self.timer.id, reason, now=self.now)

    def look_again(self, at: datetime) -> None:
        """An ordinary look at another time: nothing was due, so nothing was put off."""
        timers.put_off(self.connection, self.timer.id, _after(at, self.now), None)

    def tell(
        self, action: ContactAction, reason: ContactReason, *, new_due_at: datetime | None = None
    ) -> None:
        """A line about this timer in the participant's story."""
        contact_log.record(
            self.connection,
            participant_id=self.timer.participant_id,
            timer_kind=self.timer.kind,
            follow_up_id=self.timer.follow_up_id,
            conversation_id=self.timer.conversation_id,
            action=action,
            reason=reason,
            at=self.now,
            new_due_at=new_due_at,
        )

    def stop(self, reason: ContactReason) -> None:
        """It is not sent, and not tried again."""
        self.finish(reason)
        self.tell(ContactAction.NOT_SENT, reason)

    def wait(self, wait: ContactLater) -> None:
        """It is put off."""
        until = _after(wait.until, self.now)
        timers.put_off(self.connection, self.timer.id, until, wait.reason)
        self.tell(ContactAction.DEFERRED, wait.reason, new_due_at=until)

    def conversation(self) -> ContactConversation:
        """The conversation of this timer."""
        assert self.timer.conversation_id is not None
        return due_waves.conversation(self.connection, self.timer.conversation_id)

    def renewals(
        self,
        participant_id: int,
        program_id: int,
        program: ProgramFile,
        flow: Flow,
        *,
        after: Collection[str],
    ) -> Reconsents:
        """What the person must be asked anew before this flow, which comes of talks of the flows `after`."""
        return needed(
            self.connection,
            self.conversations.flows,
            program,
            participant_id=participant_id,
            program_id=program_id,
            coming=flow,
            after=after,
        )

    def situation(self, person: ContactedParticipant, program: ProgramFile, **more: Any) -> ContactSituation:
        """What is known of the person now, with `more` of what only this kind of timer knows."""
        return situation_now(self.connection, person, program, self.now, **more)


def situation_now(
    connection: Connection, person: ContactedParticipant, program: ProgramFile, now: datetime, **more: Any
) -> ContactSituation:
    """What is known of a person now, with `more` of what only the caller knows."""
    facts: dict[str, Any] = {
        "now": now,
        "zone": person.zone(program.timezone),
        "schedule": program.schedule,
        "own_accord": True,
        "participant_active": person.active,
        "consented": True,
        "reach": Reach.OPEN,
        "hold_until": person.hold_until,
        "safety_hold": cases.is_on_safety_hold(connection, person.id),
        "conversation_ended_at": due_waves.last_end(connection, person.id),
        "contacts": contact_log.sent_in_period(connection, person.id, now),
    }
    return ContactSituation(**(facts | more))


# Unfinished talks.


def fire_interview_reminder(fire: Fire) -> None:
    """Remind of an unfinished talk so many hours after its last turn; after the last reminder, only look."""
    conversation = fire.conversation()
    person = due_waves.person(fire.connection, conversation.participant_id)
    program = programs.program_file(fire.connection, conversation.program_id)
    hours = sorted(program.schedule.interview_reminder_hours)
    if not hours:
        fire.finish(ContactReason.NOTHING_LEFT_TO_ASK)
        return
    sent = _reminders_since(fire, conversation)
    due_at = _reminder_due(conversation, hours, sent)
    new_silence = fire.now + timedelta(hours=hours[0])  # the soonest, if the person wrote this minute
    if due_at is None or due_at > fire.now:
        fire.look_again(min(due_at or new_silence, new_silence))
    elif remind(fire, conversation, person, program, consented=True):
        fire.look_again(new_silence)


def _reminders_since(fire: Fire, conversation: ContactConversation) -> tuple[datetime, ...]:
    sent = contact_log.sent_of_kind(
        fire.connection, conversation.participant_id, conversation.id, TimerKind.INTERVIEW_REMINDER
    )
    return tuple(at for at in sent if at >= conversation.last_turn_at)


def _reminder_due(
    conversation: ContactConversation, hours: Sequence[int], sent: Sequence[datetime]
) -> datetime | None:
    """
    When the next reminder of this silence is due; None after the last.

    Two reminders keep their distance also when the first came late.
    """
    count = len(sent)
    if count >= len(hours):
        return None
    due_at = conversation.last_turn_at + timedelta(hours=hours[count])
    if count == 0:
        return due_at
    return max(due_at, sent[-1] + timedelta(hours=hours[count] - hours[count - 1]))


def fire_resume(fire: Fire) -> None:
    """The hour that the person chose has come: ask again, unless they came back before.

    A sticker, or a second tap on a button, is a turn too, and brings nobody back: the talk is paused still.
    """
    conversation = fire.conversation()
    if conversation.turns != fire.timer.turns and not conversation.paused:
        fire.stop(ContactReason.TALK_MOVED_ON)
        return
    person = due_waves.person(fire.connection, conversation.participant_id)
    program = programs.program_file(fire.connection, conversation.program_id)
    decision = decide_contact(
        fire.situation(
            person,
            program,
            own_accord=False,
            **of_conversation(fire.connection, fire.policy, conversation, person),
        )
    )
    match decision:
        case ContactNow():
            fire.conversations.apply(fire.connection, conversation.id, Resumed(), now=fire.now)
            fire.tell(ContactAction.SENT, ContactReason.DUE)
            fire.finish(ContactReason.DUE)
        case ContactLater():
            fire.wait(decision)
        case NoContact(reason):
            fire.stop(reason)
        case _:
            assert_never(decision)


def fire_expire(fire: Fire) -> None:
    """
    End a talk that nobody has touched for so long; a follow-up talk waits longer, for a late answer.

    One that has ended already lost what it was about.
    """
    conversation = fire.conversation()
    if conversation.ended:
        _taken_back(fire, conversation)
        return
    person = due_waves.person(fire.connection, conversation.participant_id)
    schedule = programs.program_file(fire.connection, conversation.program_id).schedule
    ends_at = _ends_at(fire, conversation, schedule)
    if person.hold_until is not None and person.hold_until > fire.now:
        ends_at = max(ends_at, person.hold_until + timedelta(days=schedule.expire_after))
    if ends_at > fire.now:
        fire.look_again(ends_at)
        return
    if cases.is_on_safety_hold(fire.connection, conversation.participant_id):
        fire.look_again(fire.now + LOOK_AGAIN)  # what waits behind it would begin
        return
    due_waves.end(
        fire.connection, conversation, silence(fire, conversation, ContactReason.EXPIRED), now=fire.now
    )
    follow_ups.schedule_what_was_saved(fire.connection, conversation_id=conversation.id, now=fire.now)
    fire.conversations.begin_waiting(fire.connection, conversation.participant_id, now=fire.now)
    fire.finish(ContactReason.EXPIRED)


def _taken_back(fire: Fire, conversation: ContactConversation) -> None:
    """What the talk was about was taken back: say so, and begin what waited behind it."""
    person = due_waves.person(fire.connection, conversation.participant_id)
    if person.hold_until is not None and person.hold_until > fire.now:
        fire.look_again(person.hold_until)
    elif cases.is_on_safety_hold(fire.connection, person.id):
        fire.look_again(fire.now + LOOK_AGAIN)
    else:
        cosigning.tell_taken_back(
            fire.connection, conversation, fire.conversations.localizations, now=fire.now
        )
        fire.conversations.begin_waiting(fire.connection, person.id, now=fire.now)
        fire.finish(ContactReason.DUE)


def _ends_at(fire: Fire, conversation: ContactConversation, schedule: Schedule) -> datetime:
    idle_until = conversation.last_turn_at + timedelta(days=schedule.expire_after)
    sent = due_waves.sent_in(fire.connection, conversation.id, conversation.participant_id)
    if not sent:
        return idle_until
    return max(idle_until, max(one.sent_at for one in sent) + timers.LATE_ANSWERS)


def fire_erase(fire: Fire) -> None:
    """Addresses of people who had everything deleted go as soon as the last message has gone there."""
    if erasure.sweep_addresses(fire.connection, fire.now):
        fire.look_again(fire.now + timedelta(minutes=1))
    else:
        fire.finish(ContactReason.DUE)


# What several kinds share.


def silence(fire: Fire, conversation: ContactConversation, otherwise: ContactReason) -> ContactReason:
    """Why nothing came of a talk: the person did not answer whether they still agree, or else."""
    found = conversations.load_conversation(fire.connection, conversation.id)
    if found is None or not found.state:
        return otherwise
    flow = flow_versions.load(fire.connection, found.flow_hash)
    if flow is None or not renewing(flow):
        return otherwise
    state = decode_state(found.state)
    slot = None if state.open is None else state.asks[state.open].slot
    return ContactReason.CONSENT_UNANSWERED if is_waiting(flow, slot) else otherwise


def remind(
    fire: Fire,
    conversation: ContactConversation,
    person: ContactedParticipant,
    program: ProgramFile,
    *,
    consented: bool,
) -> bool:
    """Send a reminder of a talk if the gate is open; True if it went out; the timer is then left alone."""
    decision = decide_contact(
        fire.situation(
            person,
            program,
            consented=consented,
            **of_conversation(fire.connection, fire.policy, conversation, person),
        )
    )
    match decision:
        case ContactNow():
            fire.conversations.apply(fire.connection, conversation.id, Reminded(), now=fire.now)
            fire.tell(ContactAction.SENT, ContactReason.DUE)
            return True
        case ContactLater():
            fire.wait(decision)
        case NoContact(reason):
            fire.stop(reason)
        case _:
            assert_never(decision)
    return False


def of_conversation(
    connection: Connection,
    policy: ChannelPolicy,
    conversation: ContactConversation,
    person: ContactedParticipant,
) -> dict[str, Any]:
    """What is known of a talk that is there already. Of two that are open, the older one has the word."""
    others = due_waves.open_conversations(connection, conversation.participant_id)
    return {
        "reach": due_waves.reach_of(connection, conversation.address_id),
        "conversation_ended_at": None,
        "allowed": policy.allows(person.role, due_waves.channel_of(connection, conversation.address_id)),
        "other_conversation_open": any(other.begun and other.id < conversation.id for other in others),
    }


def _after(at: datetime, now: datetime) -> datetime:
    """A time that is surely in the future, so that nothing is looked at twice in one tick."""
    return max(at, now + timedelta(seconds=1))
