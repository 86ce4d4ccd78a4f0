"""Write the effects that the engine asks for: as rows what is frequent, as steps of the commit what is rare."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from bot.channels.base import TOAST_LENGTH
from bot.conversations import cosigning, remarks, requests, safety
from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.language_detector import worth_hearing
from bot.conversations.pii_reminder import holds_identifiers
from bot.conversations.played_event import PlayedEvent
from bot.conversations.requests import ParticipantRequests, Requester, say_hold_stands
from bot.delivery.rows import message_row, sentence_row, to_json, trace_row
from bot.team import alerts, safety_reports
from bot.turn_context import TurnContext
from flows.engine.effects import (
    AnswerInquiry,
    AnswerStatus,
    AskFor,
    Effect,
    EndConversation,
    EndRemark,
    ForgetWords,
    Hold,
    InvitePartner,
    NoteZoneAsked,
    OpenCase,
    Pause,
    Prompt,
    PromptKind,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    RecordImplementation,
    RecordRemark,
    RecordReportAnswer,
    Refresh,
    RequestKind,
    Restart,
    ReviseCommitment,
    ScheduleWaves,
    SendMessage,
    SetLanguage,
    SetTimeZone,
    ShowTrace,
    Snooze,
    TellTeam,
    Toast,
    Withdraw,
)
from flows.engine.events import Expired
from flows.engine.state import decode_state
from flows.i18n.say import Sentence, say
from flows.i18n.say_to_team import TeamSentence
from storage.conversations.conversations import ConversationRecord, find_conversation
from storage.conversations.showings import showings_of
from storage.conversations.writes import CommitStage
from storage.database.audit import AuditEntry, text_hash
from storage.database.statements import Row
from storage.follow_up import commitments, holds, planned_contacts, timers, waves
from storage.people import participants
from storage.privacy import consent_answers, consent_withdrawal
from storage.schema import AuditKind, ImplementationStatus, OutboxKind

_RareEffect = (
    AskFor
    | Hold
    | InvitePartner
    | Pause
    | RecordCommitment
    | RecordImplementation
    | ReviseCommitment
    | ScheduleWaves
    | SetLanguage
    | SetTimeZone
    | NoteZoneAsked
    | Snooze
    | TellTeam
    | Withdraw
)


@dataclass(frozen=True, slots=True)
class EffectWriter:
    """Turns the effects of a played event into rows and steps of the commit.

    `edits` are the names of the channels that can show a question with its trace.
    """

    registry: FlowRegistry
    requests: ParticipantRequests
    edits: frozenset[str] = frozenset()

    def write(self, turn: TurnContext, played: PlayedEvent) -> None:
        """Add the effects of a played event to the turn's writes, in the order in which the engine gave them.

        Messages, answers and consents become rows; what is rare (a commitment, a pause) runs inside the commit.
        """
        conversation, writes, taken_back = played.conversation, turn.writes, 0
        _tell_if_follow_ups_change(turn, played)
        for effect in played.result.effects:
            match effect:
                case SendMessage():
                    _say(turn, played, effect)
                case Refresh() | ShowTrace() | Toast() | AnswerInquiry():
                    self._show(turn, played, effect)
                case RecordAnswer() | RecordRemark() | EndRemark():
                    _keep_words(turn, conversation, effect)
                case RecordConsent():
                    _keep_consent(turn, played, effect)
                    taken_back += effect.takes_back
                    if effect.takes_back and taken_back == 1:  # said once, however many were
                        _say_taken_back(turn, played)
                case RecordReportAnswer() | OpenCase():
                    safety_reports.keep_for_report(turn, conversation, effect, self.registry.localizations)
                case ForgetWords():
                    writes.forgotten.append({"conversation": conversation.id})
                case EndConversation() | Restart():
                    pass  # the state says it too, see `Conversations.play`
                case _:
                    if isinstance(effect, Withdraw):
                        _audit(turn, conversation, AuditKind.WITHDRAWAL)
                    turn.during_commit(CommitStage.EFFECT, self._carry_out, played, effect)
        if played.thread is not None and played.result.state.outcome is None:
            language = played.result.state.language
            below = sentence_row(Sentence.GOES_ON_BELOW, language, played.address_id, turn.now)
            writes.outbox.append({**below, "thread": played.thread})

    def _show(
        self, turn: TurnContext, played: PlayedEvent, effect: Refresh | ShowTrace | Toast | AnswerInquiry
    ) -> None:
        """Queue a change of what is shown, or have it answer the tap, or what was asked."""
        conversation, outbox = played.conversation, turn.writes.outbox
        match effect:
            case Refresh(prompt):
                kind = OutboxKind.REFRESH
                outbox.append(message_row(prompt, played.address_id, conversation.id, turn.now, kind))
            case ShowTrace():
                if conversation.channel in self.edits:
                    outbox.append(trace_row(effect, played.address_id, conversation.id, turn.now))
            case AnswerInquiry():
                self.requests.answer(turn, effect, played.requester)
            case Toast():
                _answer_tap(turn, played, effect)
            case _:
                assert_never(effect)

    def _carry_out(  # noqa: PLR0912 - one case an effect
        self, turn: TurnContext, played: PlayedEvent, effect: _RareEffect
    ) -> None:
        """Carry out one rare effect, inside the commit."""
        connection, now, conversation = turn.connection, turn.now, played.conversation
        match effect:
            case AskFor(wish):
                self._grant(turn, wish, played.requester)
            case InvitePartner():
                cosigning.invite(turn, conversation, played.requester, self.requests)
            case TellTeam():
                self._tell_team(turn, conversation, effect)
            case SetLanguage() | SetTimeZone() | NoteZoneAsked():
                participants.update(connection, conversation.participant_id, _told_by(effect, now))
            case Hold(until):
                holds.hold(connection, participant_id=conversation.participant_id, until=until, now=now)
            case Pause():
                timers.pause(connection, conversation_id=conversation.id, now=now)
            case Snooze(until):
                of = {"conversation_id": conversation.id, "participant_id": conversation.participant_id}
                timers.snooze(connection, **of, until=until, now=now)
                say_hold_stands(turn, played.requester, until)
            case ScheduleWaves():
                waves.schedule_waves(connection, conversation_id=conversation.id, now=now)
            case RecordCommitment():
                commitments.record(connection, effect, conversation=conversation, now=now)
            case RecordImplementation():
                waves.record_implementation(connection, effect, conversation_id=conversation.id, now=now)
            case ReviseCommitment():
                waves.revise_commitment(connection, effect, now=now)
            case Withdraw():
                waves.withdraw(connection, participant_id=conversation.participant_id, now=now)
            case _:
                assert_never(effect)

    def _grant(self, turn: TurnContext, wish: RequestKind, requester: Requester) -> None:
        """Give what was asked for, and ask the open question again.

        Not under the question whether all is to be deleted: it would leave that one behind.
        """
        self.requests.grant(turn, wish, requester)
        conversation = find_conversation(turn.connection, requester.conversation_id or 0)
        if conversation is None or wish is RequestKind.DELETE_MY_DATA:
            return
        prompt = self.registry.open_prompt(turn.connection, conversation, turn.now)
        if prompt is not None:
            turn.writes.outbox.append(message_row(prompt, requester.address_id, conversation.id, turn.now))

    def _tell_team(self, turn: TurnContext, conversation: ConversationRecord, effect: TellTeam) -> None:
        """Alert the team to a choice that its author marked for them."""
        participant = participants.find(turn.connection, conversation.participant_id)
        code = "?" if participant is None else participant.code
        alerts.to_team(
            turn,
            self.registry.localizations,
            TeamSentence.ALERT_PICKED,
            flow=conversation.flow,
            person=code,
            answer=f"{effect.question_key} = {effect.code}",
            command=f"why {code}",
        )


def _told_by(effect: SetLanguage | SetTimeZone | NoteZoneAsked, now: datetime) -> Row:
    """Return what an effect tells of the participant, by column."""
    match effect:
        case SetLanguage(language):
            return {"language": language}
        case SetTimeZone(timezone):
            return {"timezone": timezone}
        case NoteZoneAsked():
            return {"zone_asked_at": now}
        case _:
            assert_never(effect)


def _say(turn: TurnContext, played: PlayedEvent, effect: SendMessage) -> None:
    """Queue a message of the engine's.

    What is said to words in a thread comes in that thread, and questions come in the chat. The open question is not
    repeated there where it stands last already, below no help, menu or pause, unless it is said to follow.
    """
    prompt, kind = effect.prompt, OutboxKind.HELP if effect.is_help else OutboxKind.MESSAGE
    if not played.thread:
        row = message_row(prompt, played.address_id, played.conversation.id, turn.now, kind)
        row["again"] = prompt.ask is not None and prompt.ask < played.asked
        turn.writes.outbox.append(row)
        return
    follows = prompt.lead.endswith(say(Sentence.QUESTION_AGAIN, prompt.language))
    if prompt.lead:  # in a thread what is said and what is asked part ways
        _say(turn, played, SendMessage(Prompt(prompt.lead, language=prompt.language)))
        prompt = replace(prompt, lead="")
    row = message_row(prompt, played.address_id, played.conversation.id, turn.now, kind)
    asks, before = played.result.state.asks, decode_state(played.conversation.state)
    is_of_script = prompt.ask is not None and not asks[prompt.ask].slot.startswith("@")
    something_below = before.care is not None or before.aside is not None or before.paused
    stands_last = prompt.ask == before.open and not something_below
    if is_of_script and stands_last and not follows and _is_on_record(turn, played, prompt):
        return
    turn.writes.outbox.append(row if is_of_script else {**row, "thread": played.thread})


def _is_on_record(turn: TurnContext, played: PlayedEvent, prompt: Prompt) -> bool:
    """Return whether a question was sent as it stands now, or is queued.

    One that gave way to a safety report was not yet, and one that quotes an answer changes with it.
    """
    if prompt.ask is None:
        return False
    showings = showings_of(turn.connection, played.conversation.id, prompt.ask, prompt.language)
    return any(one.text == prompt.text for one in showings)


def _answer_tap(turn: TurnContext, played: PlayedEvent, effect: Toast) -> None:
    """Have a tap answered by words that pass, where they still reach the person; else by a message."""
    if turn.toasts and len(effect.text) <= TOAST_LENGTH:
        turn.toast = effect.text
    elif not effect.quiet:
        prompt = Prompt(effect.text, language=played.result.state.language)
        _say(turn, played, SendMessage(prompt))


def _keep_words(
    turn: TurnContext, conversation: ConversationRecord, effect: RecordAnswer | RecordRemark | EndRemark
) -> None:
    """Add what a participant said to the turn's writes: an answer, or a remark."""
    if isinstance(effect, RecordAnswer):
        keep_answer(turn, conversation, effect)
    else:
        remarks.keep(turn, conversation, effect)


def keep_answer(turn: TurnContext, conversation: ConversationRecord, effect: RecordAnswer) -> None:
    """Add an answer, with its audit entry, to the turn's writes.

    Where it corrects an earlier answer to the same slot, that one is marked as superseded.
    """
    if effect.corrects:
        turn.writes.superseded.append({"of": conversation.id, "at_slot": effect.slot, "at": turn.now})
    safety.name_words(turn, conversation, effect, effect.answered_at)
    turn.writes.answers.append(
        {
            "conversation_id": conversation.id,
            "slot": effect.slot,
            "question_key": effect.question_key,
            "item": effect.item,
            "kind": effect.kind,
            "value": None if effect.value is None else to_json(effect.value).decode(),
            "raw": effect.raw,
            "status": effect.status,
            "shown_text": effect.shown_text,
            "language": effect.language,
            "channel": conversation.channel,
            "asked_at": effect.asked_at,
            "answered_at": effect.answered_at or turn.now,
            "personal": effect.personal,
            "uncertain": effect.uncertain,
            "identifiers": holds_identifiers(turn, conversation, effect),
            "unheard": _has_language_to_find(effect),
        }
    )
    kind = AuditKind.CORRECTION if effect.corrects else AuditKind.ANSWER
    told = {"slot": effect.slot, "status": effect.status.value, "language": effect.language}
    _audit(turn, conversation, kind, **told, text=text_hash(effect.shown_text))


def _has_language_to_find(effect: RecordAnswer) -> bool:
    """Return whether the language of an answer is to be found: of own words, not of a name or an address."""
    own_words = effect.kind is PromptKind.TEXT or effect.status is AnswerStatus.UNPARSED
    return own_words and not effect.personal and worth_hearing(effect.raw)


def _keep_consent(turn: TurnContext, played: PlayedEvent, effect: RecordConsent) -> None:
    """Add a decision on a consent; where it takes one back, say so and end what hangs on it.

    No answer of the participant goes on saying yes to what they said no to, in any conversation. What hangs on a
    consent that is given again is taken up.
    """
    conversation = played.conversation
    row: Row = {
        "participant_id": conversation.participant_id,
        "program_id": conversation.program_id,
        "conversation_id": conversation.id,
        "purpose": effect.purpose,
        "granted": effect.granted,
        "shown_text": effect.shown_text,
        "text_hash": text_hash(effect.shown_text),
        "language": effect.language,
        "decided_at": turn.now,
        "flow": effect.flow,
        "source_hash": effect.source,
    }
    turn.writes.consents.append(row)
    _audit(
        turn,
        conversation,
        AuditKind.CONSENT,
        purpose=effect.purpose.value,
        granted=effect.granted,
        language=effect.language,
        text=row["text_hash"],
    )
    withdrawn = consent_withdrawal.WithdrawnConsent(
        conversation.participant_id, conversation.program_id, effect.purpose, conversation.id
    )
    if effect.takes_back:
        turn.during_commit(CommitStage.EFFECT, _end_what_hangs_on, withdrawn)
    if effect.gives_again:
        turn.during_commit(CommitStage.EFFECT, _take_up, withdrawn)
    if not effect.granted:
        turn.during_commit(CommitStage.EFFECT, _let_answers_agree, played)


def _say_taken_back(turn: TurnContext, played: PlayedEvent) -> None:
    language = played.result.state.language
    said = sentence_row(Sentence.CONSENT_TAKEN_BACK, language, played.address_id, turn.now)
    turn.writes.outbox.append(said)


def _tell_if_follow_ups_change(turn: TurnContext, played: PlayedEvent) -> None:
    """Have the participant told when the next follow-up comes, or that none does, if this event changes that.

    Only a changed answer or a dropped commitment may do so unsaid: else it is a script that plans follow-ups, and it
    tells of them. Not where the conversation is about to end since nobody wrote: that is told nobody.
    """
    if isinstance(played.event, Expired) or not any(map(_may_change_follow_ups, played.result.effects)):
        return
    conversation = played.conversation
    before = planned_contacts.planned_contacts(
        turn.connection, conversation.participant_id, conversation.program_id, turn.now
    )
    turn.during_commit(CommitStage.RECHECK, _tell_of_follow_ups, played, before)


def _may_change_follow_ups(effect: Effect) -> bool:
    match effect:
        case RecordAnswer(corrects=corrects):
            return corrects
        case RecordConsent(takes_back=takes_back):
            return takes_back
        case RecordImplementation(fields=fields):
            return fields.get("status") == ImplementationStatus.DROPPED
        case _:
            return False


def _tell_of_follow_ups(turn: TurnContext, played: PlayedEvent, before: tuple[datetime, ...]) -> None:
    """Tell the participant of the next follow-up where the plan is not that of `before`; the question stays last."""
    conversation, state = played.conversation, played.result.state
    after = planned_contacts.planned_contacts(
        turn.connection, conversation.participant_id, conversation.program_id, turn.now
    )
    if after == before or _says_farewell(played):
        return
    row = requests.follow_up_row(turn, played.requester, conversation.program_id, after)
    waits = state.open if state.aside is None else state.aside
    place = next(
        (
            place
            for place, queued in enumerate(turn.writes.outbox)
            if (queued["conversation_id"], queued["ask"]) == (conversation.id, waits) and waits is not None
        ),
        len(turn.writes.outbox),
    )
    turn.writes.outbox.insert(place, {**row, "thread": played.thread} if played.thread else row)


def _says_farewell(played: PlayedEvent) -> bool:
    """Return whether the conversation ends with this event of itself: its last words tell what is to come."""
    ends = played.result.state.outcome is not None and not played.conversation.ended
    return ends and not any(
        isinstance(one, RecordConsent) and one.takes_back for one in played.result.effects
    )


def _end_what_hangs_on(turn: TurnContext, withdrawn: consent_withdrawal.WithdrawnConsent) -> None:
    consent_withdrawal.end_consented_work(turn.connection, withdrawn, turn.now)


def _take_up(turn: TurnContext, given: consent_withdrawal.WithdrawnConsent) -> None:
    consent_withdrawal.take_up_consented_work(turn.connection, given, turn.now)


def _let_answers_agree(turn: TurnContext, played: PlayedEvent) -> None:
    """Supersede the answers in other conversations that say yes to what was said no to here, with the same words."""
    refused = [one for one in played.result.effects if isinstance(one, RecordAnswer) and one.value is False]
    words = refused[-1].raw if refused else ""
    consent_answers.supersede_contradicted(
        turn.connection, played.conversation.participant_id, words=words, now=turn.now
    )


def _audit(turn: TurnContext, conversation: ConversationRecord, kind: AuditKind, **details: object) -> None:
    details = {"conversation": conversation.id, **details}
    turn.writes.audit.append(AuditEntry(turn.now, kind, conversation.participant_id, details))
