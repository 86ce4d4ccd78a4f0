"""Begin conversations and play events to them, and have what comes of it written.

`play` is the hot path: it reads nothing but a flow version (kept in memory) and adds plain rows. What is rare
(a commitment, a stop, an end) is added as a step of the commit, see `storage.conversations.writes`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import sqlalchemy as sa
from msgspec import structs

from bot.conversations import cosigning, pii_reminder, safety
from bot.conversations.effects import EffectWriter
from bot.conversations.facts import conversation_facts, facts_at_start
from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.language_choice import LanguageChoice
from bot.conversations.new_conversation import NewConversation
from bot.conversations.played_event import EventScan, PlayedEvent
from bot.conversations.reconsent import undecided
from bot.conversations.requests import ParticipantRequests
from bot.conversations.sight import NO_READING_TIME, ReadingTime
from bot.conversations.sight_finder import SightFinder
from bot.delivery.rows import message_row, sentence_row
from bot.mail.code_needed import reach_of_turn, require_code
from bot.mail.mailed_question import was_put_there
from bot.turn_context import EngineTime, TurnContext
from flows.engine.advance import advance, open_prompt
from flows.engine.compiled import compile_flow
from flows.engine.effects import Outcome, Prompt, Restart
from flows.engine.events import (
    Event,
    MediaSent,
    NoTurn,
    Remarked,
    Started,
)
from flows.engine.state import ConversationState, decode_state, encode_state
from flows.engine.turn import has_consented
from flows.i18n.localized_flow import LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.script.model import Flow
from flows.script.reconsent import may_be_opened, renewing, with_renewals
from storage.conversations.conversations import (
    ConversationRecord,
    insert_conversations,
    load_conversation,
    move_conversation,
    next_conversation_id,
    open_conversation,
    unfinished_conversations,
)
from storage.conversations.writes import CommitStage
from storage.database.audit import AuditEntry
from storage.database.statements import Row
from storage.follow_up import cosignatures, follow_ons, timers, waves
from storage.people import participants
from storage.safety import cases
from storage.schema import CONVERSATION, AuditKind, ConversationStatus


class Conversations:
    """Begins conversations and plays events to them, each in the version of its flow that it began with.

    `registry` finds the versions, `requests` grants what participants may ask for at any time, `opens` says of a
    flow whether participants may come to it by a link, `reading` how long a question must have been shown before words
    typed under it are its answer, and `edits` names the channels that can show a question with its trace.
    """

    def __init__(
        self,
        registry: FlowRegistry,
        requests: ParticipantRequests,
        opens: Callable[[Flow], bool] = may_be_opened,
        reading: ReadingTime = NO_READING_TIME,
        edits: frozenset[str] = frozenset(),
    ) -> None:
        self._opens = opens
        self._sights = SightFinder(registry, reading)
        self._registry = registry
        self._effects = EffectWriter(registry, requests, edits)
        self.requests = requests
        self.localizations = registry.localizations
        self.languages = LanguageChoice(registry.localizations)

    def may_be_opened(self, flow: str) -> bool:
        """Return whether participants may come to the flow of that name by a link; not where it is gone."""
        return self._registry.has(flow) and self._opens(self._registry.current(flow))

    def play(
        self, turn: TurnContext, conversation: ConversationRecord, event: Event, *, address_id: int
    ) -> ConversationState:
        """
        Play an event to a conversation, and add what comes of it (state, answers, replies) to the turn's writes.

        Return the state that it has now. One that has ended goes on where the event makes it so, unless another
        conversation is open: then nothing is changed, and that is said.

        The words of the event are scanned for side effects and distress. `address_id` is where the replies go: the
        address that wrote, most often the conversation's own; another one becomes the conversation's.

        Raises:
            ConversationOver: the conversation has ended, and this event is no correction of it.
            OutcomePending: it is not known yet whether the open question was shown before the words were written.
            CodeNeeded: the event came by the link of a mail, which does not open so much; nothing is written.
        """
        flow = self._registry.version(turn.connection, conversation.flow_hash)
        before = decode_state(conversation.state)
        compiled = compile_flow(self.localizations.localized(flow, before.language))
        author = safety.MessageAuthor.in_conversation(conversation, address_id)
        words = EventScan(turn, author, compiled, before)
        alone = words.alone(event)
        event = self._sights.with_sight(turn, conversation, before, event, alone.concern)
        scanned = words.with_what_they_join(event, alone)
        concern = scanned.concern
        localizations = self.languages.in_program(turn.connection, conversation.program_id)
        notice = None if concern is None else concern.notice
        with EngineTime(conversation):
            result = advance(LocalizedFlow(flow, localizations), before, event, now=turn.now, notice=notice)
        if isinstance(turn, InboundTurn) and turn.is_by_mail:
            was_mailed = was_put_there(turn.connection, turn.pending, conversation.id, before, event)
            require_code(reach_of_turn(before, event, result, was_mailed=was_mailed))
        goes_on = before.outcome is not None and result.state.outcome is None
        if goes_on and not _go_on(turn, conversation):
            said_instead = sentence_row(Sentence.CONVERSATION_ENDED, before.language, address_id, turn.now)
            turn.writes.outbox.append(said_instead)
            return before
        heard = _heard_at(turn, conversation, address_id)
        played = PlayedEvent(heard, address_id, event, result, _thread_of(turn), asked=len(before.asks))
        self._effects.write(turn, played)
        if concern is not None:
            said = safety.text_of(event) if has_consented(compiled, result.state) else None
            safety.keep(turn, concern, result.effects, self.localizations, said=said)
        safety.note_hint(turn, conversation, scanned, result.effects)
        if isinstance(event, MediaSent) and address_id != conversation.address_id:
            self._show_where_they_write(turn, played)
        at_risk = result.state.care is not None
        pii_reminder.ask_once(turn, conversation, address_id=address_id, at_risk=at_risk)
        turn.writes.conversations.append(_conversation_row(turn, played))
        self._plan_what_follows(turn, played, before)
        return result.state

    def may_keep_words(self, connection: sa.Connection, conversation: ConversationRecord) -> bool:
        """Return whether what is said in a conversation may be kept: its participant has agreed to take part."""
        state = decode_state(conversation.state)
        flow = self._registry.version(connection, conversation.flow_hash)
        return has_consented(compile_flow(self.localizations.localized(flow, state.language)), state)

    def _show_where_they_write(self, turn: TurnContext, played: PlayedEvent) -> None:
        """Queue the open question at another address, which becomes the conversation's and has not shown it."""
        state, version = played.result.state, played.conversation.flow_hash
        flow = LocalizedFlow(self._registry.version(turn.connection, version), self.localizations)
        prompt = open_prompt(flow, state, turn.now)
        if prompt is not None and state.aside is None:
            turn.writes.outbox.append(
                message_row(prompt, played.address_id, played.conversation.id, turn.now)
            )

    def _plan_what_follows(self, turn: TurnContext, played: PlayedEvent, before: ConversationState) -> None:
        """Have the commit do what follows from an event beside its effects: a move, an end, a co-signature."""
        conversation = played.conversation
        if conversation.about_id is not None:
            turn.during_commit(CommitStage.RECHECK, cosigning.close_if_submission_gone, conversation)
        if played.address_id != conversation.address_id and not _is_remark_by_mail(turn, played.event):
            turn.during_commit(CommitStage.MOVE, _move_to, conversation, played.address_id)
        if played.result.state.outcome is not None and before.outcome is None:
            self._end(turn, played)

    def show_again(self, turn: TurnContext, conversation: ConversationRecord, *, address_id: int) -> None:
        """Queue the conversation's open question once more, to `address_id`; nothing if no question is open.

        Nor behind the link of a mail, if the question was not mailed.
        """
        if isinstance(turn, InboundTurn) and turn.is_by_mail:
            state = decode_state(conversation.state)
            if not was_put_there(turn.connection, turn.pending, conversation.id, state):
                return
        prompt = self._registry.open_prompt(turn.connection, conversation, turn.now)
        if prompt is not None:
            turn.writes.outbox.append(message_row(prompt, address_id, conversation.id, turn.now))

    def begin(self, turn: TurnContext, new: NewConversation) -> int:
        """Store a new conversation, play its start, and return its id.

        It is held in the current version of its flow; consents to ask again, `new.reconsents`, come before all else.

        Raises:
            UnknownFlow: there is no flow of that name.
        """
        [number] = self.begin_all(turn, [new])
        return number

    def begin_all(self, turn: TurnContext, news: Sequence[NewConversation]) -> list[int]:
        """Store new conversations, at most one of each participant, and play the start of each; return their ids.

        Raises:
            UnknownFlow: there is no flow of a name that one has.
        """
        current = {
            name: self._registry.keep_current(turn.connection, name, turn.now) for name in _flows(news)
        }
        versions = [self._renewing(turn, new, current[new.flow]) for new in news]
        begun = _insert(turn, list(zip(news, versions, strict=True)), ConversationStatus.OPEN)
        languages = self.languages.of_conversations(turn.connection, list(zip(begun, versions, strict=True)))
        for conversation, new, language in zip(begun, news, languages, strict=True):
            started = Started(new.facts, language, new.anew)
            self._start(turn, conversation, started, waits=new.waits)
        _start_timers(turn, [one for one, new in zip(begun, news, strict=True) if not new.waits])
        return [conversation.id for conversation in begun]

    def _renewing(self, turn: TurnContext, new: NewConversation, version: Flow) -> Flow:
        """Return the version of its flow that a new conversation plays: with the consents that it asks again."""
        if not new.reconsents:
            return version
        return self._registry.keep(turn.connection, with_renewals(version, new.reconsents.asked), turn.now)

    def queue(self, turn: TurnContext, new: NewConversation) -> None:
        """Store a new conversation that waits until the open one ends, see `begin_next`; nothing of it is said yet.

        It keeps the version of its flow that is current now.
        """
        version = self._registry.keep_current(turn.connection, new.flow, turn.now)
        _insert(turn, [(new, version)], ConversationStatus.WAITING)

    def reopen(self, turn: TurnContext, conversation: ConversationRecord) -> ConversationRecord:
        """Open again a conversation that had expired, with new timers, and return its record as it is now.

        Its state is as it was, and nothing is said yet.
        """
        turn.connection.execute(
            CONVERSATION.update()
            .where(CONVERSATION.c.id == conversation.id)
            .values(status=ConversationStatus.OPEN, outcome=None, ended_at=None)
        )
        _start_timers(turn, [conversation])
        follow_ons.conversation_began(turn.connection, conversation, turn.now)
        return load_conversation(turn.connection, conversation.id)

    def begin_next(self, turn: TurnContext, participant_id: int) -> None:
        """Begin the participant's queued conversation that has waited longest, unless another one is open.

        Nothing begins if none waits, or during a safety hold: until the team has cleared a participant at risk.
        """
        unfinished = unfinished_conversations(turn.connection, participant_id)
        waiting = [one for one in unfinished if not one.is_announced]
        participant = participants.find(turn.connection, participant_id)
        if not waiting or participant is None or open_conversation(unfinished) is not None:
            return
        if cases.is_on_safety_hold(turn.connection, participant_id):
            return
        conversation = waiting[0]
        turn.connection.execute(
            CONVERSATION.update()
            .where(CONVERSATION.c.id == conversation.id)
            .values(status=ConversationStatus.OPEN, started_at=turn.now)
        )
        facts = conversation_facts(
            turn.connection,
            participant,
            program_id=conversation.program_id,
            activity_id=conversation.activity_id,
            now=turn.now,
        )
        flow = self._registry.version(turn.connection, conversation.flow_hash)
        [language] = self.languages.of_conversations(turn.connection, [(conversation, flow)])
        self._start(turn, conversation, Started(facts, language), waits=False)
        _start_timers(turn, [conversation])

    def _start(
        self, turn: TurnContext, conversation: ConversationRecord, started: Started, *, waits: bool
    ) -> None:
        """Play the start of a conversation, with the facts that its caller knows. Its timers are left to the caller.

        One that `waits` for the hand-over of its first words is not open, and what follows on its beginning comes then.
        """
        connection, now, address_id = turn.connection, turn.now, conversation.address_id
        flow, language = self._registry.version(connection, conversation.flow_hash), started.language
        told = facts_at_start(turn, conversation, flow, started)
        facts = cosigning.with_submission(connection, conversation, told, self.localizations, language)
        localizations = self.languages.in_program(connection, conversation.program_id)
        facts = localizations.facts(facts, language)
        named = {**facts, "participant": {**facts["participant"], "language": language}}
        event = replace(started, facts=named, seed=conversation.id - 1)
        with EngineTime(conversation):
            result = advance(LocalizedFlow(flow, localizations), None, event, now=now)
        if not waits:
            began = {
                "conversation": conversation.id,
                "flow": conversation.flow,
                "version": conversation.flow_hash,
            }
            turn.writes.audit.append(
                AuditEntry(now, AuditKind.TALK_BEGAN, conversation.participant_id, began)
            )
        if renewing(flow):
            team = (facts.get("program") or {}).get("team", "…")
            notice = Prompt(say(Sentence.CONSENT_CHANGED, language, team=team), language=language)
            turn.writes.outbox.append(message_row(notice, address_id, conversation.id, now))
        played = PlayedEvent(conversation, address_id, event, result)
        self._effects.write(turn, played)
        row = _conversation_row(turn, played)
        turn.writes.conversations.append(row)
        if result.state.outcome is not None:
            self._end(turn, played)
        elif waits:
            row["new_status"] = ConversationStatus.WAITING
        else:
            follow_ons.conversation_began(connection, conversation, now)

    def _end(self, turn: TurnContext, played: PlayedEvent) -> None:
        """End the timers of a conversation that has just ended, then begin it again or begin what waits."""
        turn.during_commit(CommitStage.END, _end_timers, played.conversation)
        outcome = played.result.state.outcome
        if outcome is Outcome.RESTARTED:
            turn.during_commit(CommitStage.BEGIN, self._restart, played)
        elif outcome is not Outcome.WITHDRAWN:
            turn.during_commit(CommitStage.BEGIN, self.begin_next, played.conversation.participant_id)

    def _restart(self, turn: TurnContext, played: PlayedEvent) -> None:
        """Begin a conversation again from its start; what was confirmed goes on with the new one."""
        ended, state = played.conversation, played.result.state
        waves.drop_unconfirmed(turn.connection, ended.id, now=turn.now)
        before = self._registry.version(turn.connection, ended.flow_hash)
        new = NewConversation(
            participant_id=ended.participant_id,
            address_id=played.address_id,
            program_id=ended.program_id,
            activity_id=ended.activity_id,
            flow=ended.flow,
            facts=state.facts,
            reconsents=undecided(before, state),
            about_id=ended.about_id,
            anew=next(one for one in played.result.effects if isinstance(one, Restart)),
        )
        waves.move(
            turn.connection,
            participant_id=ended.participant_id,
            from_conversation=ended.id,
            to_conversation=self.begin(turn, new),
        )


def _thread_of(turn: TurnContext) -> str | None:
    """Return the platform's name of the message in whose thread the words of a turn stand; None for the chat."""
    is_threaded = isinstance(turn, InboundTurn) and turn.message.threaded
    return turn.message.about if isinstance(turn, InboundTurn) and is_threaded else None


def _flows(news: Sequence[NewConversation]) -> list[str]:
    return list(dict.fromkeys(new.flow for new in news))


def _insert(
    turn: TurnContext, news: Sequence[tuple[NewConversation, Flow]], status: ConversationStatus
) -> list[ConversationRecord]:
    """Store new conversations, each in its version of its flow, and return them as they are kept."""
    apps = participants.apps_at(turn.connection, [new.address_id for new, _ in news])
    first = next_conversation_id(turn.connection)
    begun = [
        ConversationRecord(
            id=number,
            participant_id=new.participant_id,
            address_id=new.address_id,
            program_id=new.program_id,
            activity_id=new.activity_id,
            flow=version.flow,
            flow_hash=version.hash,
            channel=apps[new.address_id][0],
            status=status,
            outcome=None,
            state="",
            turns=0,
            last_turn_at=turn.now,
            ended_at=None,
            about_id=new.about_id,
        )
        for number, (new, version) in enumerate(news, start=first)
    ]
    insert_conversations(turn.connection, begun, turn.now)
    return begun


def _conversation_row(turn: TurnContext, played: PlayedEvent) -> Row:
    """Return the conversation as it is after an event.

    A reminder or an offer of ours, a reaction, or that nobody wrote, is no turn of the participant's: it leaves the
    count and the hour of the last turn. A remark leaves one that has ended as it ended, also one that ran out.
    """
    conversation, state = played.conversation, played.result.state
    ours = isinstance(played.event, NoTurn)
    status = ConversationStatus.PAUSED if state.paused else ConversationStatus.OPEN
    outcome = conversation.outcome if isinstance(played.event, Remarked) else state.outcome
    if outcome is not None:
        status = ConversationStatus.ENDED
    return {
        "of": conversation.id,
        "new_state": encode_state(state),
        "new_status": status,
        "new_outcome": outcome,
        "new_turns": conversation.turns if ours else conversation.turns + 1,
        "new_last_turn_at": conversation.last_turn_at if ours else turn.now,
        "new_ended_at": None if outcome is None else conversation.ended_at or turn.now,
    }


def _go_on(turn: TurnContext, conversation: ConversationRecord) -> bool:
    """Set the timers of a conversation that goes on after its end; False, and nothing, if another one is open."""
    unfinished = unfinished_conversations(turn.connection, conversation.participant_id)
    if open_conversation(unfinished) is not None:
        return False
    _start_timers(turn, [conversation])
    follow_ons.conversation_began(turn.connection, conversation, turn.now)
    return True


def _start_timers(turn: TurnContext, conversations: Sequence[ConversationRecord]) -> None:
    timers.conversations_started(turn.connection, conversations, now=turn.now)


def _heard_at(turn: TurnContext, conversation: ConversationRecord, address_id: int) -> ConversationRecord:
    """Return a conversation with the channel by which its participant writes now, at whatever address of theirs."""
    if address_id == conversation.address_id:
        return conversation
    channel, _ = participants.apps_at(turn.connection, [address_id])[address_id]
    return structs.replace(conversation, channel=channel)


def _is_remark_by_mail(turn: TurnContext, event: Event) -> bool:
    """Return whether an event keeps words from the page of a mail, which takes nothing up there."""
    return isinstance(turn, InboundTurn) and turn.is_by_mail and isinstance(event, Remarked)


def _move_to(turn: TurnContext, conversation: ConversationRecord, address_id: int) -> None:
    """Have a conversation go on in another app, where its participant has taken it up."""
    move_conversation(turn.connection, conversation.id, address_id)
    participants.mark_address_used(turn.connection, address_id, turn.now)


def _end_timers(turn: TurnContext, conversation: ConversationRecord) -> None:
    """End the timers of a conversation, and set those of what follows on its end."""
    connection, now = turn.connection, turn.now
    timers.conversation_ended(
        connection, conversation_id=conversation.id, participant_id=conversation.participant_id, now=now
    )
    follow_ons.conversation_ended(connection, conversation_id=conversation.id, now=now)
    if conversation.about_id is not None:
        cosignatures.answered(
            connection, conversation_id=conversation.id, submission_id=conversation.about_id, now=now
        )
