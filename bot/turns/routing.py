"""Where a message goes: to a conversation, or to one of the few things that happen outside one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.channels.base import HOUSE, InboundKind, read_button
from bot.conversations.conversations import open_conversation
from bot.conversations.messages import Message
from flows.engine.effects import RequestKind
from flows.engine.events import (
    DatePicked,
    Edited,
    Event,
    MediaKind,
    MediaSent,
    Picked,
    Replied,
    Tapped,
    TextSubmitted,
)
from flows.i18n.say import FALLBACK, Sentence
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.link_codes import link_code
from storage.conversations.conversations import ConversationRecord, ParticipantRecord
from storage.schema import ParticipantStatus


@dataclass(frozen=True, slots=True)
class Play:
    """The open conversation is told."""

    conversation: ConversationRecord
    event: Event


@dataclass(frozen=True, slots=True)
class PlayOther:
    """A button of a conversation that is not the open one was used: a correction, if it is this person's."""

    conversation_id: int
    event: Event


@dataclass(frozen=True, slots=True)
class PlayEdit:
    """An earlier message was edited: the conversation that knows it is told."""

    event: Edited


@dataclass(frozen=True, slots=True)
class Unasked:
    """Something was said while no conversation is open."""

    event: Event


@dataclass(frozen=True, slots=True)
class Begin:
    """A link was opened. `token` is '' when there was none."""

    token: str


@dataclass(frozen=True, slots=True)
class StopAll:
    """The person said stop while no conversation is open."""


@dataclass(frozen=True, slots=True)
class Help:
    """The person asked for help while no conversation is open."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The person asked for something that can be had at any time, while no conversation is open."""

    wish: RequestKind


@dataclass(frozen=True, slots=True)
class Join:
    """A code was written that joins this address to a person."""

    code: str


@dataclass(frozen=True, slots=True)
class Decide:
    """What came after the question whether all is to be deleted, or a tap under it."""


@dataclass(frozen=True, slots=True)
class Tell:
    """One sentence is the whole answer, and the open question is shown again if there is one."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person blocked us."""


@dataclass(frozen=True, slots=True)
class Unblocked:
    """The person let us in again."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing was said; what the platform told of the person is kept."""


Route = (
    Play
    | PlayOther
    | PlayEdit
    | Unasked
    | Begin
    | StopAll
    | Help
    | Grant
    | Join
    | Decide
    | Tell
    | Blocked
    | Unblocked
    | Nothing
)

_WISHES = frozenset(wish.value for wish in RequestKind)
_AFTER_LEAVING = _WISHES - {RequestKind.LINK.value}
"""Another app is joined only by somebody who takes part."""
_LARGEST = 2**63 - 1
"""What a database can hold as a number."""
_STANDING: dict[InboundKind, Blocked | Unblocked | Nothing] = {
    InboundKind.BLOCKED: Blocked(),
    InboundKind.UNBLOCKED: Unblocked(),
    InboundKind.PROFILE: Nothing(),
}


def route(
    message: Message, person: ParticipantRecord | None, conversations: Sequence[ConversationRecord]
) -> Route:
    """Where it goes, for this person (None where nobody is known) with these unfinished conversations."""
    if message.kind in _STANDING:
        return _STANDING[message.kind]
    knock = _knock(message)
    if knock is not None:
        return knock
    if person is None:
        return Tell(Sentence.INVITATION_NEEDED)
    if person.status is not ParticipantStatus.ACTIVE:
        return _after_leaving(message, person)
    if person.erasure_asked_at is not None or is_of_house(message):
        return Decide()
    return _said(message, person, open_conversation(conversations))


def _after_leaving(message: Message, person: ParticipantRecord) -> Route:
    """Who has stopped is asked nothing, and has their rights: their data, its end, a human being."""
    if person.erasure_asked_at is not None or is_of_house(message):
        return Decide()
    word = (
        global_word(message.text, person.language or FALLBACK) if message.kind is InboundKind.TEXT else None
    )
    if word is GlobalWord.HELP:
        return Help()
    if word is not None and word.value in _AFTER_LEAVING:
        return Grant(RequestKind(word.value))
    return Tell(Sentence.STOPPED_BEFORE)


def _knock(message: Message) -> Begin | Join | None:
    """A link or a code, which anybody may have, also somebody whom nobody knows."""
    if message.kind is InboundKind.START:
        return Begin(message.text.strip())
    code = link_code(message.text) if message.kind is InboundKind.TEXT else None
    return None if code is None else Join(code)


def is_of_house(message: Message) -> bool:
    """Whether it is a button of no conversation."""
    button = read_button(message.button) if message.button else None
    return button is not None and button[0] == HOUSE


def _said(message: Message, person: ParticipantRecord, conversation: ConversationRecord | None) -> Route:
    event, conversation_id = event_of(message)
    if event is None:
        return Tell(Sentence.CONVERSATION_ENDED if conversation else Sentence.NO_CONVERSATION)
    if conversation_id is not None and (conversation is None or conversation.id != conversation_id):
        return PlayOther(conversation_id, event)
    if isinstance(event, Edited):
        return PlayEdit(event)
    if conversation is not None:
        return Play(conversation, event)
    return _unasked(event, person)


def _unasked(event: Event, person: ParticipantRecord) -> Route:
    word = global_word(event.text, person.language or FALLBACK) if isinstance(event, Replied) else None
    if word is GlobalWord.STOP:
        return StopAll()
    if word is GlobalWord.HELP:
        return Help()
    if word is not None and word.value in _WISHES:
        return Grant(RequestKind(word.value))
    return Unasked(event)


def event_of(message: Message) -> tuple[Event | None, int | None]:
    """What happened, as the engine is told, and the conversation that the button names, if there is a button.

    (None, None) for a button that is not one of ours, and for kinds that no conversation is told of.
    """
    match message.kind:
        case InboundKind.TEXT:
            return Replied(message.text, message.message_id), None
        case InboundKind.EDIT:
            return Edited(message.message_id or "", message.text), None
        case InboundKind.MEDIA:
            return MediaSent(message.media or MediaKind.OTHER), None
        case InboundKind.TAP | InboundKind.PICKS | InboundKind.DATE | InboundKind.FORM:
            return _button_event(message)
        case InboundKind.START | InboundKind.BLOCKED | InboundKind.UNBLOCKED | InboundKind.PROFILE:
            return None, None
        case _:
            assert_never(message.kind)


def _button_event(message: Message) -> tuple[Event | None, int | None]:
    button = read_button(message.button or "")
    if button is None:
        return None, None
    conversation_id, ask, option = button
    if not 0 < conversation_id <= _LARGEST or ask < 0 or (option or 0) < 0:
        return None, None
    event: Event | None = None
    if message.kind is InboundKind.TAP and option is not None:
        event = Tapped(ask, option)
    elif message.kind is InboundKind.PICKS:
        event = Picked(ask, message.options)
    elif message.kind is InboundKind.DATE and message.day is not None:
        event = DatePicked(ask, message.day)
    elif message.kind is InboundKind.FORM:
        event = TextSubmitted(ask, message.text)
    return event, None if event is None else conversation_id
