"""Find whether the writer of a turn's words could have seen the open question, from the messages that showed it."""

from dataclasses import dataclass, replace

import msgspec

from bot.channels.base import message_order
from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.inbound_turn import InboundTurn
from bot.conversations.safety import SafetyConcern
from bot.conversations.sight import NO_READING_TIME, OutcomePending, ReadingTime, WrittenWords, sight_of
from bot.turn_context import TurnContext
from flows.engine.advance import quoting_text
from flows.engine.compiled import compile_flow, read_slot
from flows.engine.early_words import joined_slot
from flows.engine.effects import PromptKind
from flows.engine.events import (
    Edited,
    Event,
    NamingEvent,
    Remarked,
    Replied,
    ShownQuestion,
    Sight,
    Tapped,
    TextSubmitted,
)
from flows.engine.interruptions.remark_offer import offer_with, question_in, question_with
from flows.engine.interruptions.safety_notice import RISK_TIER
from flows.engine.kept_changes import ASK_CHANGE
from flows.engine.state import ConversationState
from flows.i18n.localized_flow import LocalizedFlow
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.language_names import asked_language
from flows.parsing.places import names_zone
from flows.script.model import Flow
from storage.conversations.conversations import ConversationRecord
from storage.conversations.showings import (
    Showing,
    all_showings_of,
    in_language,
    is_later_question_on_record,
    showings_of,
)
from storage.people import participants
from storage.schema import OutboxStatus


@dataclass(frozen=True, slots=True)
class SightFinder:
    """Reads by which messages a question was shown, and compares a turn's words with them.

    `reading` is how long a question must have been shown before words typed under it are its answer.
    """

    registry: FlowRegistry
    reading: ReadingTime

    def with_sight(
        self,
        turn: TurnContext,
        conversation: ConversationRecord,
        state: ConversationState,
        event: Event,
        concern: SafetyConcern | None,
    ) -> Event:
        """Return an event with whether its author could have seen the question that is open; `sight` has the rules.

        What names a question also gets what its message showed: that is what was replied to, in whatever language the
        conversation is now. Only typed words may be too early, and what names a message that quotes other answers than
        there are now: that becomes words that say nothing. Words of concern, like those that work everywhere, need no
        reading time; those of somebody at risk, and 'stop', wait for no sending.

        Raises:
            OutcomePending: that cannot be said yet.
        """
        if not isinstance(turn, InboundTurn):
            return event
        if isinstance(event, NamingEvent):
            return self._named(turn, conversation, state, event)
        if isinstance(event, Edited):
            return self._edited(turn, conversation, state, event)
        if not isinstance(event, Replied) or turn.message.order is None:
            return event
        is_read = event.sight is not Sight.SEEN  # before the end of the conversation
        seen = event if is_read else self._typed(turn, conversation, state, event, concern)
        if isinstance(seen, Replied) and seen.may_be_early:
            flow = self.registry.version(turn.connection, conversation.flow_hash)
            slot = joined_slot(compile_flow(flow), state)
            if _stand_above(turn, conversation, state, slot) and not _needs_no_reading(seen, state):
                return Remarked(seen.text, seen.message_id)
            joins = _shown_before(turn, conversation, state, slot) if state.chose_language else None
            seen = replace(seen, joins=joins, precedes=_below(turn, state, slot))
        return seen

    def _typed(
        self,
        turn: InboundTurn,
        conversation: ConversationRecord,
        state: ConversationState,
        event: Replied,
        concern: SafetyConcern | None,
    ) -> Replied | TextSubmitted:
        """Return typed words with what could be seen by their writer; see `with_sight`.

        Raises:
            OutcomePending: that cannot be said yet.
        """
        words = self._written_words(turn, NO_READING_TIME if concern is not None else self.reading)
        try:
            seen = self._words(turn, conversation, state, event, words)
            if isinstance(seen, Replied) and seen.sight is not Sight.SEEN and _needs_no_reading(event, state):
                unhurried = self._written_words(turn, NO_READING_TIME)
                seen = self._words(turn, conversation, state, event, unhurried)
        except OutcomePending:
            is_at_risk = concern is not None and concern.notice.tier == RISK_TIER
            if global_word(event.text, state.language) is not GlobalWord.STOP and not is_at_risk:
                raise
            return replace(event, sight=Sight.UNREAD)  # nobody at risk waits for a sending
        return seen

    def _words(
        self,
        turn: InboundTurn,
        conversation: ConversationRecord,
        state: ConversationState,
        event: Replied,
        words: WrittenWords,
    ) -> Replied | TextSubmitted:
        """Return typed words with what could be seen by their writer.

        Words of before the question whether to change an answer are about the script's question that stood there: they
        come back as typed under it.

        Raises:
            OutcomePending: that cannot be said yet.
        """
        if state.aside is None:
            if state.open is None:
                return event
            sight = self._sight(turn, conversation, state, state.open, words)
            return event if sight is Sight.SEEN else replace(event, sight=sight)
        sight = self._sight(turn, conversation, state, state.aside, words)
        if state.open is None:
            return replace(event, sight=sight)
        behind = self._sight(turn, conversation, state, state.open, words)
        if behind is Sight.SEEN and state.asks[state.aside].slot == ASK_CHANGE:
            unhurried = words._replace(reading=NO_READING_TIME)
            if self._sight(turn, conversation, state, state.aside, unhurried) is Sight.BEFORE:
                return TextSubmitted(state.open, event.text, event.message_id)
        return replace(event, sight=sight, script_sight=behind)

    def _written_words(self, turn: InboundTurn, reading: ReadingTime) -> WrittenWords:
        """Return when and where the turn's words were typed, with how long it takes to read what they answer."""
        order, written_at = turn.message.order, turn.message.written_at
        assert order is not None
        return WrittenWords(turn.address_id, order, turn.now, written_at, reading)

    def _sight(
        self,
        turn: InboundTurn,
        conversation: ConversationRecord,
        state: ConversationState,
        ask: int,
        words: WrittenWords,
    ) -> Sight:
        """Return whether the question of this number could be seen by whoever typed words."""
        known = turn.pending.newest_questions.get((conversation.id, ask))
        if known is None:
            showings = showings_of(turn.connection, conversation.id, ask, state.language)
        else:
            showings = in_language(known, state.language)
        offer = None if showings else offer_with(state, ask)
        if offer is not None:
            return self._sight(turn, conversation, state, offer, words)
        if not showings:
            gave_way = is_later_question_on_record(turn.connection, conversation.id, ask)
            return Sight.UNREAD if gave_way else Sight.SEEN
        flow = self.registry.version(turn.connection, conversation.flow_hash)
        compiled, slot = compile_flow(flow), state.asks[ask].slot
        kind = None
        if not slot.startswith("@"):
            asked = compiled.asked_in(slot)
            if ask == state.open and compiled.quotes_answers(asked):
                now_shown = self._quoting_text(turn, flow, state)
                showings = [one for one in showings if now_shown is None or one.text == now_shown]
                if not showings:  # it was shown with other answers in it
                    return Sight.UNREAD
            kind = asked.kind if asked.key == read_slot(slot)[0] else None
        return sight_of(
            showings,
            words,
            now=turn.handled_at,
            is_consent=kind is PromptKind.CONSENT or slot == ASK_CHANGE,  # it may take a consent back
            is_text=kind is PromptKind.TEXT,
        )

    def _named(
        self,
        turn: InboundTurn,
        conversation: ConversationRecord,
        state: ConversationState,
        event: NamingEvent,
    ) -> Event:
        """Return an event that names its question with what could be seen, and was seen, by whoever replied."""
        named = self._with_shown(turn, conversation, state, event)
        if not isinstance(named, Tapped | TextSubmitted) or named.ask != state.open:
            return named
        is_own_words = isinstance(named, TextSubmitted) and self._asks_for_words(turn, conversation, state)
        if is_own_words or not self._quoted_others(turn, conversation, state, named.shown):
            return named
        words, message_id = ("", None) if isinstance(named, Tapped) else (named.text, named.message_id)
        return _said_to_other_words(state, words, message_id)

    def _edited(
        self, turn: InboundTurn, conversation: ConversationRecord, state: ConversationState, event: Edited
    ) -> Event:
        """Return an edit with what showed the question that its message answered.

        What was written under a read-back of other words than there are now confirms nothing when it becomes a yes.
        """
        slot = state.messages.get(event.message_id)
        event = replace(event, shown=_shown_before(turn, conversation, state, slot))
        if state.open is None or slot != state.asks[state.open].slot:
            return event
        if self._asks_for_words(turn, conversation, state):
            return event
        if not self._quoted_others(turn, conversation, state, event.shown):
            return event
        return _said_to_other_words(state, event.text, event.message_id)

    def _asks_for_words(
        self, turn: InboundTurn, conversation: ConversationRecord, state: ConversationState
    ) -> bool:
        """Return whether the open question takes own words, which stand under whatever text they were written to."""
        assert state.open is not None
        slot = state.asks[state.open].slot
        asked = compile_flow(self.registry.version(turn.connection, conversation.flow_hash)).asked_in(slot)
        return asked.kind is PromptKind.TEXT or asked.key != read_slot(slot)[0]

    def _with_shown(
        self,
        turn: InboundTurn,
        conversation: ConversationRecord,
        state: ConversationState,
        event: NamingEvent,
    ) -> NamingEvent:
        """Return an event with what stood in the message of the script's question that it names, if that is on record.

        What came with the turn is looked at; the database only for an earlier question, and for the open one where it
        stands below others, if it may have been shown in two languages or with other answers in it. An offer of a
        remark showed the question in its language, among other words.
        """
        if not 0 <= event.ask < len(state.asks):
            return event
        is_offer = question_with(state, event.ask) is not None
        if state.asks[event.ask].slot.startswith("@") and not is_offer:
            return event
        known = turn.pending.newest_questions.get((conversation.id, event.ask))
        if known is None:
            if event.ask == state.open and not self._may_differ(turn, conversation, state):
                return event
            known = all_showings_of(turn.connection, conversation.id, event.ask)
        found = _named_showing(turn, [one for one in known if one.payload], event)
        if found is None:
            return event
        return replace(event, shown=_shown_in(found) if is_offer else _shown(found))

    def _may_differ(
        self, turn: InboundTurn, conversation: ConversationRecord, state: ConversationState
    ) -> bool:
        """Return whether messages of the open question may show it in several languages, or with several answers."""
        if state.chose_language:
            return True
        flow = self.registry.version(turn.connection, conversation.flow_hash)
        return self._quoting_text(turn, flow, state) is not None

    def _quoted_others(
        self,
        turn: InboundTurn,
        conversation: ConversationRecord,
        state: ConversationState,
        shown: ShownQuestion | None,
    ) -> bool:
        """Return whether a message of the open question (`shown`) quotes other answers than there are now."""
        if shown is None or shown.text is None:
            return False
        flow = self.registry.version(turn.connection, conversation.flow_hash)
        return self._quoting_text(turn, flow, state, shown.language) not in (None, shown.text)

    def _quoting_text(
        self, turn: InboundTurn, flow: Flow, state: ConversationState, language: str | None = None
    ) -> str | None:
        """Return the open question's text as it would be shown now, where it quotes answers; None elsewhere.

        In the conversation's language, or another one.
        """
        if language is not None and language != state.language:
            state = msgspec.structs.replace(state, language=language)
        return quoting_text(LocalizedFlow(flow, self.registry.localizations), state, turn.now)


def _named_showing(turn: InboundTurn, known: list[Showing], event: Event) -> Showing | None:
    """Return which of a question's messages an event names; None where that is not known.

    Words in a form do not name it, nor those under a first part of a long question: they are about the first message
    that came after that part, else about the last one that may have arrived: one that waits to be sent shows nothing
    yet. A name that is not on record is that of the first message of whose sending no outcome was known.
    """
    is_in_words = isinstance(event, TextSubmitted)
    name = turn.message.about if is_in_words else turn.message.message_id
    here = [one for one in known if one.address_id == turn.address_id]
    for one in here:
        if name is not None and one.message_id == name:
            return one
    if not is_in_words or not here:
        return next(filter(_is_of_unknown_name, here), None)
    place = message_order(name)
    later = (one for one in here if place is not None and (message_order(one.message_id) or 0) >= place)
    return next(later, next(filter(_may_stand_there, reversed(here)), here[-1]))


def _may_stand_there(showing: Showing) -> bool:
    """Return whether a message stands in the chat, or may stand there: it was sent, or no outcome is known."""
    return showing.status is OutboxStatus.SENT or _is_of_unknown_name(showing)


def _is_of_unknown_name(showing: Showing) -> bool:
    """Return whether a message may stand in the chat under a name that nobody was told."""
    return showing.is_in_doubt or showing.possibly_duplicate


def _below(turn: InboundTurn, state: ConversationState, slot: str | None) -> frozenset[str]:
    """Return the messages of the answer in a slot that stand below a turn's words in the same chat; none for no slot.

    A platform hands on messages late at times. Chats have no common order, and nothing tells from which of several a
    message of before came: of somebody who writes from several, what came later stands later.
    """
    order = turn.message.order or 0
    later = [name for name, of in state.messages.items() if of == slot and (message_order(name) or 0) > order]
    if not later or not participants.has_one_address(turn.connection, turn.participant.id):
        return frozenset()
    return frozenset(later)


def _stand_above(
    turn: InboundTurn, conversation: ConversationRecord, state: ConversationState, slot: str | None
) -> bool:
    """Return whether words stand above each message that showed the question of a slot: they are no part of its answer.

    Such as those of before a deletion, which come once their author has begun anew. False where that is not certain.
    """
    place = message_order(turn.message.message_id)
    ask = next((ask for ask in reversed(range(len(state.asks))) if state.asks[ask].slot == slot), None)
    if ask is None or place is None:
        return False
    known = all_showings_of(turn.connection, conversation.id, ask)
    here = [one for one in known if one.address_id == turn.address_id]
    return bool(here) and all(
        one.status is OutboxStatus.SENT
        and not one.possibly_duplicate
        and (message_order(one.message_id) or 0) > place
        for one in here
    )


def _shown_before(
    turn: InboundTurn, conversation: ConversationRecord, state: ConversationState, slot: str | None
) -> ShownQuestion | None:
    """Return what showed the question of a slot last before the words of a turn; None where that is not known.

    For an answer in own words under another question that is the other question.
    """
    place = message_order(turn.message.message_id)
    if slot is None or place is None:
        return None
    slot = state.asked_by.get(slot, slot)
    for ask in reversed(range(len(state.asks))):
        if state.asks[ask].slot != slot:
            continue
        found = _newest_before(turn, conversation.id, ask, place)
        if found is not None:
            return _shown(found)
        offer = offer_with(state, ask)
        found = None if offer is None else _newest_before(turn, conversation.id, offer, place)
        if found is not None:
            return _shown_in(found)
    return None


def _shown(showing: Showing) -> ShownQuestion:
    """Return what a message of a question showed."""
    return ShownQuestion(showing.language, showing.text)


def _shown_in(offer: Showing) -> ShownQuestion:
    """Return what the offer of a remark showed of the question that stands in it."""
    return ShownQuestion(offer.language, question_in(offer.text, offer.language))


def _newest_before(turn: InboundTurn, conversation_id: int, ask: int, place: int) -> Showing | None:
    """Return the newest message of a question at the turn's address that stands before a place in the chat."""
    for one in reversed(all_showings_of(turn.connection, conversation_id, ask)):
        order = message_order(one.message_id)
        if one.payload and one.address_id == turn.address_id and order is not None and order < place:
            return one
    return None


def _said_to_other_words(state: ConversationState, text: str, message_id: str | None) -> Replied:
    """Return what was said to a question with other answers in it as words that bring the question of now.

    They say nothing, unless they work everywhere.
    """
    said = Replied(text, message_id, sight=Sight.UNREAD)
    return said if _needs_no_reading(said, state) else replace(said, text="", message_id=None)


def _needs_no_reading(event: Replied, state: ConversationState) -> bool:
    """Return whether words work everywhere, such as 'stop' or a wish for a language."""
    return bool(
        global_word(event.text, state.language) or asked_language(event.text) or names_zone(event.text)
    )
