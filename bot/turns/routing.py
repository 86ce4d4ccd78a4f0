"""Find where a message goes: to a conversation, or to one of the few things that happen outside one.

Pure: it reads the message and what is known of its author, and decides; `dispatch` follows the route.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from msgspec import Struct

from bot.channels.base import HOUSE, InboundKind, read_button
from bot.conversations.messages import Message
from bot.conversations.requests import ASK_DELETE
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
from flows.parsing.commands import GlobalWord, asks_to_start, global_word
from flows.parsing.link_codes import InvitationMention, invitation_in, link_code, token_in
from flows.parsing.places import names_zone
from storage.conversations.conversations import ConversationRecord, ParticipantRecord, open_conversation
from storage.schema import ParticipantStatus


class Play(Struct, frozen=True):
    """Route: play the event to the participant's open conversation."""

    conversation: ConversationRecord
    event: Event


@dataclass(frozen=True, slots=True)
class PlayOther:
    """Route: play a tap on a button of a conversation that is not the open one.

    `conversation_id` is what the button says: whether it is this participant's, and may still be answered or
    corrected, is to be checked.
    """

    conversation_id: int
    event: Event


@dataclass(frozen=True, slots=True)
class PlayEdit:
    """Route: play an edited message to the conversation in which it was an answer, open or lately ended.

    One that was no answer changes nothing, and nothing is said.
    """

    event: Edited


@dataclass(frozen=True, slots=True)
class Unasked:
    """Route: take an event that came while no conversation is open, such as words to no question or a late answer."""

    event: Event


@dataclass(frozen=True, slots=True)
class Begin:
    """Route: let in whoever opened a link, a participant's or a coordinator's; without one, say how to come in.

    `token` is the link's secret part, '' where there was no link: then whoever had stopped is taken up again.
    """

    token: str


@dataclass(frozen=True, slots=True)
class Mentioned:
    """No route yet: whoever mentions an invitation that there is is let in, all else goes by the route `otherwise`."""

    mention: InvitationMention
    otherwise: "Route"


@dataclass(frozen=True, slots=True)
class StopAll:
    """Route: withdraw a participant who said stop while no conversation is open."""


@dataclass(frozen=True, slots=True)
class Help:
    """Route: name the program's contact to a participant who asked for help while no conversation is open."""


@dataclass(frozen=True, slots=True)
class MenuCommand:
    """Route: carry out a command (language, pause, later) that was given while no conversation is open."""

    command: GlobalWord


@dataclass(frozen=True, slots=True)
class Grant:
    """Route: grant a request (`wish`: their data, its deletion, a human) made while no conversation is open."""

    wish: RequestKind


@dataclass(frozen=True, slots=True)
class Join:
    """Route: join this address to the participant whose account-link code, `code`, was written from it."""

    code: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Route: take a message as the answer to the question whether all of the participant's data is to be deleted."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Route: say one of the bot's own sentences, and ask the open question again if there is one."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Blocked:
    """Route: note that the participant blocked the bot, so that nothing more is sent to this address."""


@dataclass(frozen=True, slots=True)
class Unblocked:
    """Route: note that the participant unblocked the bot; the open question, if any, is asked again."""


@dataclass(frozen=True, slots=True)
class MessageReaction:
    """Route: a reaction was put on a message; whether on the open question is to be found out."""


@dataclass(frozen=True, slots=True)
class DeletedMessage:
    """Route: the participant deleted a message of theirs on the platform; an answer that it gave is marked."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Route: say nothing, since only the platform told something of the participant, such as a new locale."""


Route = (
    Play
    | PlayOther
    | PlayEdit
    | Unasked
    | Begin
    | StopAll
    | Help
    | MenuCommand
    | Grant
    | Join
    | Decide
    | Tell
    | Blocked
    | Unblocked
    | MessageReaction
    | DeletedMessage
    | Nothing
)

_DELETE_BUTTONS = frozenset((HOUSE, ASK_DELETE, option) for option in (0, 1))
_REQUESTS = frozenset(kind.value for kind in RequestKind)
_OUTSIDE = frozenset({GlobalWord.LANGUAGE, GlobalWord.PAUSE, GlobalWord.LATER})
"""Commands that mean something with nothing open, too."""
_AFTER_LEAVING = _REQUESTS - {RequestKind.LINK.value}
"""Another app is joined only by somebody who takes part."""
_KNOCKING = frozenset({InboundKind.START, InboundKind.TEXT})
_BUTTONS = frozenset({InboundKind.TAP, InboundKind.PICKS, InboundKind.DATE, InboundKind.FORM})
_STANDING: dict[InboundKind, Blocked | Unblocked | MessageReaction | DeletedMessage | Nothing] = {
    InboundKind.BLOCKED: Blocked(),
    InboundKind.UNBLOCKED: Unblocked(),
    InboundKind.PROFILE: Nothing(),
    InboundKind.REACTION: MessageReaction(),
    InboundKind.DELETED: DeletedMessage(),
}


def route(
    message: Message, participant: ParticipantRecord | None, conversations: Sequence[ConversationRecord]
) -> Route | Mentioned:
    """Decide what a message is answered by, and return it as one of the classes of `Route`. Nothing is done yet.

    Where that depends on whether there is such an invitation, it comes back as `Mentioned`.

    `participant` is who wrote, None where nobody is known at the address; `conversations` are their unfinished ones.
    """
    first = _for_anybody(message, participant)
    if first is not None:
        return first
    mention = invitation_in(message.text) if message.kind is InboundKind.TEXT else None
    if mention is None:
        return for_their_own(message, participant, conversations)
    if mention.commanded:
        return Begin(mention.token)
    return Mentioned(mention, for_their_own(message, participant, conversations))


def for_their_own(
    message: Message, participant: ParticipantRecord | None, conversations: Sequence[ConversationRecord]
) -> Route:
    """Return where a message goes that is neither a link nor a code: by who wrote it, and what is open for them."""
    if participant is None:
        # After "yes, delete all" nobody is known here any more. A second tap on a button of that question is answered
        # by nothing: the message that said that all is deleted promised to be the last.
        return Nothing() if is_of_house(message) else Tell(Sentence.INVITATION_NEEDED)
    if participant.status is not ParticipantStatus.ACTIVE:
        return _after_leaving(message, participant)
    if participant.erasure_asked_at is not None or is_of_house(message):
        return Decide()
    return _said(message, participant, open_conversation(conversations))


def _for_anybody(message: Message, participant: ParticipantRecord | None) -> Route | None:
    """Return where a message goes whatever its author's conversations are; None where that depends on them.

    An edit waits for no question: it is not taken for the answer to the one whether all is to be deleted.
    """
    if message.kind in _STANDING:
        return _STANDING[message.kind]
    if message.kind is InboundKind.EDIT:
        return Nothing() if participant is None else PlayEdit(Edited(message.message_id or "", message.text))
    if message.kind in _BUTTONS and not is_of_house(message) and _button_event(message) == (None, None):
        return Tell(Sentence.BUTTON_UNKNOWN)
    return _knock(message)


def _after_leaving(message: Message, participant: ParticipantRecord) -> Route:
    """Return where a message goes from somebody who stopped: they have their rights, and are asked nothing."""
    if participant.erasure_asked_at is not None or is_of_house(message):
        return Decide()
    word = (
        global_word(message.text, participant.language or FALLBACK)
        if message.kind is InboundKind.TEXT
        else None
    )
    if word is GlobalWord.HELP:
        return Help()
    if word is not None and word.value in _AFTER_LEAVING:
        return Grant(RequestKind(word.value))
    if message.kind is InboundKind.TEXT and asks_to_start(message.text, participant.language or FALLBACK):
        return Begin("")
    return Tell(Sentence.STOPPED_BEFORE)


def _knock(message: Message) -> Begin | Join | None:
    """Return a start or an account-link code, which anybody may have, also whom nobody knows; None for all else."""
    if message.kind not in _KNOCKING:
        return None
    code = link_code(message.text)
    if code is not None:
        return Join(code)
    return Begin(token_in(message.text)) if message.kind is InboundKind.START else None


def is_of_house(message: Message) -> bool:
    """Return whether a message is a tap on a button outside any conversation: 'yes, delete all' or 'no, keep it'."""
    button = read_button(message.button) if message.button else None
    return message.kind is InboundKind.TAP and button in _DELETE_BUTTONS


def _said(message: Message, participant: ParticipantRecord, conversation: ConversationRecord | None) -> Route:
    event, conversation_id = event_of(message)
    if event is None:
        return Nothing()
    if conversation_id is not None and (conversation is None or conversation.id != conversation_id):
        return PlayOther(conversation_id, event)
    if conversation is not None:
        return Play(conversation, event)
    return _unasked(event, participant)


_ALONE: dict[GlobalWord, Route] = {
    GlobalWord.STOP: StopAll(),
    GlobalWord.LEAVE: Tell(Sentence.LEAVE_IDLE),
    GlobalWord.HELP: Help(),
}
"""What some commands are while nothing is open."""


def _unasked(event: Event, participant: ParticipantRecord) -> Route:
    word = global_word(event.text, participant.language or FALLBACK) if isinstance(event, Replied) else None
    plain = _ALONE.get(word) if word is not None else None
    if plain is not None:
        return plain
    if word in _OUTSIDE:
        return MenuCommand(word)
    if word is not None and word.value in _REQUESTS:
        return Grant(RequestKind(word.value))
    if isinstance(event, Replied) and names_zone(event.text):
        return Grant(RequestKind.TIME_ZONE)
    return Unasked(event)


def event_of(message: Message) -> tuple[Event | None, int | None]:
    """Return a message as an event of the engine, and the id of the conversation whose button was tapped.

    The id is None for a message that is no button. (None, None) for a button that is not one of ours, and for kinds
    of message that no conversation is told of: a start, a block, an unblock, a changed profile.
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
        case (
            InboundKind.START
            | InboundKind.BLOCKED
            | InboundKind.UNBLOCKED
            | InboundKind.PROFILE
            | InboundKind.DELETED
            | InboundKind.REACTION
        ):
            return None, None
        case _:
            assert_never(message.kind)


def _button_event(message: Message) -> tuple[Event | None, int | None]:
    button = read_button(message.button or "")
    if button is None:
        return None, None
    conversation_id, ask, option = button
    if conversation_id == HOUSE:
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
