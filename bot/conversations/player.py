"""Plays events to conversations and turns what the engine asks for into rows.

`play` is the hot path: it reads nothing but a flow version (kept in memory) and adds plain rows. What is rare
(a commitment, a stop, an end) is added as a step that runs inside the commit, see `storage.conversations.turns.Writes`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.conversations import cosigning, safety
from bot.conversations.effects import keep_answer, keep_consent, keep_rare
from bot.conversations.facts import conversation_facts
from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.language_choice import LanguageChoice
from bot.conversations.pii_reminder import ask_kindly
from bot.conversations.reconsent import NONE, Reconsents, undecided
from bot.conversations.requests import ParticipantRequests, Requester, hold_stands
from bot.delivery.rows import message_row, sentence_row
from bot.team import alerts
from flows.engine.advance import Advance, advance, open_prompt
from flows.engine.compiled import compile_flow
from flows.engine.effects import (
    AskFor,
    ForgetWords,
    InvitePartner,
    Outcome,
    Prompt,
    RecordAnswer,
    RecordConsent,
    Refresh,
    RequestKind,
    SendMessage,
    Snooze,
    TellTeam,
)
from flows.engine.events import (
    Event,
    LanguageDetected,
    Reminded,
    Started,
)
from flows.engine.state import ConversationState, decode_state, encode_state
from flows.engine.turn import has_consented
from flows.i18n.localized_flow import LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.i18n.say_to_team import TeamSentence
from flows.script.facts import Facts
from flows.script.model import Flow
from flows.script.reconsent import may_be_opened, renewing, with_renewals
from storage.conversations.conversations import (
    ConversationRecord,
    load_conversation,
    unfinished_conversations,
)
from storage.conversations.turns import Writes
from storage.database.audit import AuditEntry
from storage.database.statements import Row
from storage.follow_up import cosignatures, follow_ons, timers, waves
from storage.people import participants
from storage.safety import cases
from storage.schema import ADDRESS, CONVERSATION, AuditKind, ConversationStatus, OutboxKind

_CHANNEL = sa.select(ADDRESS.c.channel).where(ADDRESS.c.id == sa.bindparam("address"))
_INSERT = CONVERSATION.insert()


class Conversations:
    """Plays conversations, each in the version of its flow that it began with."""

    def __init__(
        self, shelf: FlowRegistry, wishes: ParticipantRequests, opens: Callable[[Flow], bool] = may_be_opened
    ) -> None:
        self._opens = opens
        self._shelf = shelf
        self.wishes = wishes
        self.languages = LanguageChoice(shelf.localizations)

    def play(
        self,
        connection: Connection,
        conversation: ConversationRecord,
        event: Event,
        *,
        address_id: int,
        now: datetime,
    ) -> Writes:
        """
        Tell a conversation what happened.

        `address_id` is where the answer goes: the address that wrote, which is most often the talk's own.

        Returns:
            What is to be written; nothing has been.

        Raises:
            ConversationOver: the conversation has ended, and this event is no correction of it.
        """
        flow = self._shelf.version(connection, conversation.flow_hash)
        before = decode_state(conversation.state)
        whose = safety.of_conversation(conversation, address_id)
        plan = compile_flow(self._shelf.localizations.localized(flow, before.language))
        text = safety.text_of(event)
        found = safety.look(connection, whose, text, plan.offered)
        if found is not None and safety.is_a_choice(
            text, open_prompt(LocalizedFlow(flow, self._shelf.localizations), before, now)
        ):
            found = None
        notice = None if found is None else found.notice
        localizations = self.languages.in_program(connection, conversation.program_id)
        result = advance(LocalizedFlow(flow, localizations), before, event, now=now, notice=notice)
        writes = Writes()
        self._effects(conversation, result, writes, address_id=address_id, now=now)
        if found is not None:
            said = text if has_consented(plan, result.state) else None
            safety.keep(found, whose, result.effects, writes, self._shelf.localizations, now, said=said)
        at_risk = result.state.care is not None
        ask_kindly(connection, conversation, writes, at_risk=at_risk, address_id=address_id, now=now)
        writes.conversations.append(_conversation_row(conversation, event, result, now))
        if conversation.about_id is not None:
            writes.rare.append(partial(cosigning.still_there, conversation=conversation, now=now))
        if address_id != conversation.address_id:
            writes.rare.append(partial(_move_to, conversation=conversation, address_id=address_id, now=now))
        if result.state.outcome is not None and before.outcome is None:
            self._closing(conversation, result, writes, address_id=address_id, now=now)
        return writes

    def may_be_opened(self, flow: str) -> bool:
        """Whether people may come to the flow of that name by a link."""
        return self._opens(self._shelf.current(flow))

    def show_again(
        self, connection: Connection, conversation: ConversationRecord, *, address_id: int, now: datetime
    ) -> list[Row]:
        """The open question once more; nothing if none is open."""
        flow = self._shelf.version(connection, conversation.flow_hash)
        prompt = open_prompt(
            LocalizedFlow(flow, self._shelf.localizations), decode_state(conversation.state), now
        )
        return [] if prompt is None else [message_row(prompt, address_id, conversation.id, now)]

    def languages_of(self, connection: Connection, conversation: ConversationRecord) -> tuple[str, ...]:
        """The languages in which a talk may be held, its script's own first."""
        flow = self._shelf.version(connection, conversation.flow_hash)
        return self.languages.in_program(connection, conversation.program_id).offered(flow)

    def begin(  # the scheduler and the entrance name all of it
        self,
        connection: Connection,
        writes: Writes,
        *,
        participant_id: int,
        address_id: int,
        program_id: int,
        activity_id: int | None,
        flow: str,
        facts: Facts,
        now: datetime,
        renewals: Reconsents = NONE,
        about_id: int | None = None,
    ) -> int:
        """
        Make a conversation and play its start; its messages are added to `writes`.

        `renewals` are consents that are asked anew before all else. Returns its number.
        """
        version = self._shelf.keep_current(connection, flow, now)
        if renewals:
            version = self._shelf.keep(connection, with_renewals(version, renewals.asked), now)
        conversation = self._insert(
            connection,
            participant_id=participant_id,
            address_id=address_id,
            program_id=program_id,
            activity_id=activity_id,
            flow=version,
            about_id=about_id,
            now=now,
        )
        self._start(connection, conversation, facts, writes, now=now)
        return conversation.id

    def wait(
        self,
        connection: Connection,
        *,
        participant_id: int,
        address_id: int,
        program_id: int,
        activity_id: int | None,
        flow: str,
        now: datetime,
        about_id: int | None = None,
    ) -> int:
        """Make a conversation that waits behind the open one. Returns its number."""
        conversation = self._insert(
            connection,
            participant_id=participant_id,
            address_id=address_id,
            program_id=program_id,
            activity_id=activity_id,
            flow=self._shelf.keep_current(connection, flow, now),
            about_id=about_id,
            now=now,
            status=ConversationStatus.WAITING,
        )
        return conversation.id

    def reopen(
        self, connection: Connection, conversation: ConversationRecord, *, now: datetime
    ) -> ConversationRecord:
        """Take up a conversation that had expired, where it was."""
        connection.execute(
            CONVERSATION.update()
            .where(CONVERSATION.c.id == conversation.id)
            .values(status=ConversationStatus.OPEN, outcome=None, ended_at=None)
        )
        timers.conversation_started(
            connection,
            conversation_id=conversation.id,
            participant_id=conversation.participant_id,
            program_id=conversation.program_id,
            now=now,
        )
        follow_ons.talk_began(connection, conversation_id=conversation.id, now=now)
        return _found(load_conversation(connection, conversation.id), conversation.id)

    def _insert(
        self,
        connection: Connection,
        *,
        participant_id: int,
        address_id: int,
        program_id: int,
        activity_id: int | None,
        flow: Flow,
        about_id: int | None,
        now: datetime,
        status: ConversationStatus = ConversationStatus.OPEN,
    ) -> ConversationRecord:
        channel = connection.scalar(_CHANNEL, {"address": address_id})
        row = {
            "participant_id": participant_id,
            "address_id": address_id,
            "program_id": program_id,
            "activity_id": activity_id,
            "flow": flow.flow,
            "flow_hash": flow.hash,
            "channel": channel,
            "status": status,
            "state": "",
            "turns": 0,
            "started_at": now,
            "last_turn_at": now,
            "about_id": about_id,
        }
        key = connection.execute(_INSERT, row).inserted_primary_key
        assert key is not None
        return _found(load_conversation(connection, int(key[0])), int(key[0]))

    def _start(
        self,
        connection: Connection,
        conversation: ConversationRecord,
        facts: Facts,
        writes: Writes,
        *,
        now: datetime,
    ) -> None:
        flow = self._shelf.version(connection, conversation.flow_hash)
        language = self.languages.of_conversation(
            connection,
            flow,
            participant_id=conversation.participant_id,
            address_id=conversation.address_id,
            program_id=conversation.program_id,
        )
        facts = cosigning.told(connection, conversation, facts, self._shelf.localizations, language)
        localizations = self.languages.in_program(connection, conversation.program_id)
        told = localizations.facts(facts, language)
        event = Started({**told, "participant": {**told["participant"], "language": language}}, language)
        result = advance(LocalizedFlow(flow, localizations), None, event, now=now)
        mine = Writes()
        began = {
            "conversation": conversation.id,
            "flow": conversation.flow,
            "version": conversation.flow_hash,
        }
        mine.audit.append(AuditEntry(now, AuditKind.TALK_BEGAN, conversation.participant_id, began))
        if renewing(flow):
            team = (told.get("program") or {}).get("team", "…")
            said = Prompt(say(Sentence.CONSENT_CHANGED, language, team=team), language=language)
            mine.outbox.append(message_row(said, conversation.address_id, conversation.id, now))
        self._effects(conversation, result, mine, address_id=conversation.address_id, now=now)
        mine.conversations.append(_conversation_row(conversation, event, result, now))
        timers.conversation_started(
            connection,
            conversation_id=conversation.id,
            participant_id=conversation.participant_id,
            program_id=conversation.program_id,
            now=now,
        )
        if result.state.outcome is not None:
            self._closing(conversation, result, mine, address_id=conversation.address_id, now=now)
        else:
            follow_ons.talk_began(connection, conversation_id=conversation.id, now=now)
        writes.add(mine)

    def _effects(
        self,
        conversation: ConversationRecord,
        result: Advance,
        writes: Writes,
        *,
        address_id: int,
        now: datetime,
    ) -> None:
        for effect in result.effects:
            match effect:
                case SendMessage(prompt):
                    writes.outbox.append(message_row(prompt, address_id, conversation.id, now))
                case Refresh(prompt):
                    row = message_row(prompt, address_id, conversation.id, now)
                    writes.outbox.append({**row, "kind": OutboxKind.REFRESH})
                case RecordAnswer():
                    keep_answer(effect, conversation, writes, now)
                case RecordConsent():
                    keep_consent(effect, conversation, writes, now)
                    if effect.takes_back:
                        taken_back = Sentence.CONSENT_TAKEN_BACK
                        row = sentence_row(taken_back, result.state.language, address_id, now)
                        writes.outbox.append(row)
                case AskFor(wish):
                    asker = Requester(
                        conversation.participant_id, address_id, result.state.language, conversation.id
                    )
                    writes.rare.append(partial(self._grant, wish=wish, asker=asker, now=now))
                case InvitePartner():
                    passed_on = cosigning.PassedOn(
                        conversation, address_id, result.state.language, self.wishes
                    )
                    writes.rare.append(partial(cosigning.invite, passed_on=passed_on, now=now))
                case ForgetWords():
                    writes.forgotten.append({"conversation": conversation.id})
                case TellTeam():
                    writes.rare.append(
                        partial(self._tell_team, conversation=conversation, effect=effect, now=now)
                    )
                case Snooze(until):
                    keep_rare(effect, conversation, writes, now)
                    asker = Requester(
                        conversation.participant_id, address_id, result.state.language, conversation.id
                    )
                    writes.rare.append(partial(hold_stands, asker=asker, until=until, now=now))
                case _:
                    keep_rare(effect, conversation, writes, now)

    def _grant(
        self, connection: Connection, writes: Writes, *, wish: RequestKind, asker: Requester, now: datetime
    ) -> None:
        """Give what was asked for, and put what waits once more; not under a question of the bot's own."""
        writes.outbox += self.wishes.grant(connection, wish, asker, now=now)
        conversation = load_conversation(connection, asker.conversation_id or 0)
        if conversation is not None and wish is not RequestKind.DELETE_MY_DATA:
            writes.outbox += self.show_again(connection, conversation, address_id=asker.address_id, now=now)

    def _tell_team(
        self,
        connection: Connection,
        writes: Writes,
        *,
        conversation: ConversationRecord,
        effect: TellTeam,
        now: datetime,
    ) -> None:
        """Word of what was picked, which its author marked for the team."""
        person = participants.find(connection, conversation.participant_id)
        code = person.code if person is not None else "?"
        writes.outbox += alerts.to_team(
            connection,
            self._shelf.localizations,
            TeamSentence.ALERT_PICKED,
            now,
            flow=conversation.flow,
            person=code,
            answer=f"{effect.question_key} = {effect.code}",
            command=f"why {code}",
        )

    def _closing(
        self,
        conversation: ConversationRecord,
        result: Advance,
        writes: Writes,
        *,
        address_id: int,
        now: datetime,
    ) -> None:
        """A conversation has just ended: end its timers, then begin again or begin what waits."""
        writes.rare.append(partial(_end_timers, conversation=conversation, now=now))
        if result.state.outcome is Outcome.RESTARTED:
            again = partial(
                self._restart, conversation=conversation, state=result.state, address_id=address_id, now=now
            )
            writes.rare.append(again)
        elif result.state.outcome is not Outcome.WITHDRAWN:
            writes.rare.append(partial(self.begin_next, participant_id=conversation.participant_id, now=now))

    def _restart(
        self,
        connection: Connection,
        writes: Writes,
        *,
        conversation: ConversationRecord,
        state: ConversationState,
        address_id: int,
        now: datetime,
    ) -> None:
        before = self._shelf.version(connection, conversation.flow_hash)
        new = self.begin(
            connection,
            writes,
            participant_id=conversation.participant_id,
            address_id=address_id,
            program_id=conversation.program_id,
            activity_id=conversation.activity_id,
            flow=conversation.flow,
            facts=state.facts,
            about_id=conversation.about_id,
            renewals=undecided(before, state),
            now=now,
        )
        waves.move(
            connection,
            participant_id=conversation.participant_id,
            from_conversation=conversation.id,
            to_conversation=new,
        )

    def begin_next(
        self, connection: Connection, writes: Writes, *, participant_id: int, now: datetime
    ) -> None:
        """Begin the conversation that has waited longest, unless another one is open."""
        conversations = unfinished_conversations(connection, participant_id)
        person = participants.find(connection, participant_id)
        if not conversations or person is None or open_conversation(conversations) is not None:
            return
        if cases.is_on_safety_hold(connection, participant_id):
            return  # nothing begins until somebody of the team has seen to the person
        conversation = conversations[0]
        connection.execute(
            CONVERSATION.update()
            .where(CONVERSATION.c.id == conversation.id)
            .values(status=ConversationStatus.OPEN, started_at=now)
        )
        facts = conversation_facts(
            connection,
            person=person,
            program_id=conversation.program_id,
            activity_id=conversation.activity_id,
            now=now,
        )
        self._start(connection, conversation, facts, writes, now=now)


def _conversation_row(conversation: ConversationRecord, event: Event, result: Advance, now: datetime) -> Row:
    """A reminder or an offer of ours is no turn of the person's: it leaves the count and the hour of the last
    turn.
    """
    over = result.state.outcome is not None
    ours = isinstance(event, Reminded | LanguageDetected)
    return {
        "of": conversation.id,
        "new_state": encode_state(result.state),
        "new_status": _status(result.state),
        "new_outcome": result.state.outcome,
        "new_turns": conversation.turns if ours else conversation.turns + 1,
        "new_last_turn_at": conversation.last_turn_at if ours else now,
        "new_ended_at": (conversation.ended_at or now) if over else None,
    }


def _status(state: ConversationState) -> ConversationStatus:
    if state.outcome is not None:
        return ConversationStatus.ENDED
    return ConversationStatus.PAUSED if state.paused else ConversationStatus.OPEN


def _move_to(
    connection: Connection,
    _writes: Writes,
    *,
    conversation: ConversationRecord,
    address_id: int,
    now: datetime,
) -> None:
    """The person has taken up the talk in another app: what comes next comes there."""
    channel = sa.select(ADDRESS.c.channel).where(ADDRESS.c.id == address_id).scalar_subquery()
    connection.execute(
        CONVERSATION.update()
        .where(CONVERSATION.c.id == conversation.id)
        .values(address_id=address_id, channel=channel)
    )
    participants.mark_address_used(connection, address_id, now)


def _end_timers(
    connection: Connection, _writes: Writes, *, conversation: ConversationRecord, now: datetime
) -> None:
    timers.conversation_ended(
        connection, conversation_id=conversation.id, participant_id=conversation.participant_id, now=now
    )
    follow_ons.conversation_ended(connection, conversation_id=conversation.id, now=now)
    if conversation.about_id is not None:
        cosignatures.answered(
            connection, conversation_id=conversation.id, submission_id=conversation.about_id, now=now
        )


def _found(conversation: ConversationRecord | None, conversation_id: int) -> ConversationRecord:
    if conversation is None:
        raise LookupError(f"conversation {conversation_id} is not there")
    return conversation


def open_conversation(conversations: Sequence[ConversationRecord]) -> ConversationRecord | None:
    """The conversation that a person is in; None if there is none. At most one is open, others wait."""
    return next(
        (
            conversation
            for conversation in conversations
            if conversation.status is not ConversationStatus.WAITING
        ),
        None,
    )
