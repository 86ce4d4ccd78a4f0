"""Read Telegram's updates: payload -> `TelegramUpdate`, a pure and total function.

Whatever comes has a meaning or is passed over; nothing raises, for an update that raised would be asked for
again and again and hold up everybody behind it. Only private chats count: a group's words are no answers.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, NamedTuple

import msgspec

from bot.channels.base import Inbound, InboundKind, message_order
from bot.channels.telegram.command_menu import COMMANDS
from flows.engine.events import MediaKind

SCHEME = "telegram"

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")
"""What we ask Telegram for, named each time: what is not named keeps an earlier setting of the bot."""

_MEDIA = {"voice": MediaKind.VOICE, "photo": MediaKind.PHOTO, "sticker": MediaKind.STICKER}
_CONTENTS = frozenset({
    "text", "caption", "animation", "audio", "checklist", "contact", "dice", "document", "game", "giveaway",
    "giveaway_winners", "invoice", "live_photo", "location", "paid_media", "photo", "poll", "sticker", "story",
    "venue", "video", "video_note", "voice", "forward_origin", "media_group_id",
})  # fmt: skip
"""What a message has that a person sent (Bot API 10.0), forwarded or put into an album.

Any other one Telegram wrote itself: new kinds of such messages come with every few releases, and are passed over.
"""

_LARGEST = 2**53
"""Telegram's numbers have at most 52 bits; the database and JSON take no more than 63."""
_LONGEST_NAME = 64
"""Characters of an album's name or a language; Telegram's have some twenty."""
_YEAR_10000 = 253_402_300_800
"""Its beginning, in seconds since 1970."""
_Number = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]


class _User(msgspec.Struct):
    id: _Number
    is_bot: bool = False
    language_code: Any = None


class _Chat(msgspec.Struct):
    id: _Number
    type: str


class _Message(msgspec.Struct):
    """A message; what is not needed to know who said what may have any shape."""

    message_id: _Number
    chat: _Chat
    sender: _User | None = msgspec.field(name="from", default=None)
    text: str | None = None
    caption: str | None = None
    date: Any = None
    edit_date: Any = None
    media_group_id: Any = None
    reply_to_message: Any = None


class _ButtonMessage(msgspec.Struct):
    """The message under a button, also one that is too old for Telegram to show."""

    message_id: _Number
    chat: _Chat


class _CallbackQuery(msgspec.Struct):
    id: str
    sender: _User = msgspec.field(name="from")
    message: _ButtonMessage | None = None
    data: str | None = None


class _Member(msgspec.Struct):
    status: str


class _Membership(msgspec.Struct):
    chat: _Chat
    sender: _User = msgspec.field(name="from")
    old_chat_member: _Member
    new_chat_member: _Member


class _Reaction(msgspec.Struct):
    """Emoji that somebody put on a message or took away; `user` is missing where a whole chat reacts."""

    chat: _Chat
    message_id: _Number
    sender: _User | None = msgspec.field(name="user", default=None)
    date: Any = None
    old_reaction: Any = None
    new_reaction: Any = None


class TelegramUpdate(NamedTuple):
    """What an update means for us.

    update_id    the update's number; None when it has none, which no real one does
    inbound      what a participant did; None for what is passed over
    callback_id  the id by which to acknowledge a tap, whatever it was on; None where nothing was tapped
    album        the id of the album (pictures sent together) that the item belongs to
    readable     False for an update of a shape that we do not know
    """

    update_id: int | None
    inbound: Inbound | None = None
    callback_id: str | None = None
    album: str | None = None
    readable: bool = True


def read_update(payload: Any) -> TelegramUpdate:
    """Read what an update means, as Telegram sends it (JSON, decoded), whatever its shape."""
    if not isinstance(payload, dict) or not _is_number(payload.get("update_id")):
        return TelegramUpdate(None, readable=False)
    try:
        return _read(payload["update_id"], payload)
    except ValueError:  # another shape, or half a surrogate pair where a text is no text's place
        return _unknown(payload["update_id"], payload)


def _read(update_id: int, payload: dict[str, Any]) -> TelegramUpdate:
    """Read the one part that says what happened; parts that we did not ask for may have any shape.

    Raises:
        ValueError: the part has another shape than we know.
    """
    if (body := payload.get("message")) is not None:
        return _message(update_id, msgspec.convert(body, _Message), body)
    if (body := payload.get("edited_message")) is not None:
        return _edit(update_id, msgspec.convert(body, _Message))
    if (body := payload.get("callback_query")) is not None:
        return _tap(update_id, msgspec.convert(body, _CallbackQuery))
    if (body := payload.get("my_chat_member")) is not None:
        return _membership(update_id, msgspec.convert(body, _Membership))
    if (body := payload.get("message_reaction")) is not None:
        return _reaction(update_id, msgspec.convert(body, _Reaction))
    return TelegramUpdate(update_id)


def address_of(chat_id: int) -> str:
    """Return the address of a private chat, `telegram:` and its number, which is the participant's too."""
    return f"{SCHEME}:{chat_id}"


def _unknown(update_id: int, payload: dict[str, Any]) -> TelegramUpdate:
    """Read an update of a shape that we do not know: who sent something from a private chat still gets an answer."""
    query, message = _part(payload, "callback_query"), _part(payload, "message")
    said = _part(query, "message") if query else message
    chat, sender = _part(said, "chat"), _part(query or said, "from")
    callback_id = query.get("id") if isinstance(query.get("id"), str) else None
    inbound = None
    is_private = chat.get("type") == "private" and _is_number(chat.get("id"))
    if is_private and sender.get("is_bot") is not True and (query or not _CONTENTS.isdisjoint(message)):
        make = _maker(str(update_id), _Chat(chat["id"], "private"), None)
        inbound = make(kind=InboundKind.MEDIA, media=MediaKind.OTHER)
    return TelegramUpdate(update_id, inbound, callback_id, readable=False)


def _is_number(value: Any) -> bool:
    return type(value) is int and abs(value) <= _LARGEST


def _part(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside a payload; an empty one where there is none."""
    part = payload.get(name)
    return part if isinstance(part, dict) else {}


def bot_number(token: str) -> str:
    """Return the bot's number, the part of a token that is no secret; '' where the token has none.

    It stands before the numbers of updates: they are counted for each bot, and one database may see two.
    """
    number, _, secret = token.partition(":")
    return number if secret and number.isdigit() else ""


def clean(text: str) -> str:
    """Replace halves of surrogate pairs, which no database or network takes, by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _message(update_id: int, message: _Message, raw: dict[str, Any]) -> TelegramUpdate:
    """Read words, a command, or something other than words. Words under a picture are words.

    The items of an album without words share one name of their delivery: the inbox keeps the first and answers once.
    Each of its captions is a message of its own name, so that none is lost and each can be edited.
    """
    if not _from_a_person(message.chat, message.sender) or _CONTENTS.isdisjoint(raw):
        return TelegramUpdate(update_id)
    album = _short(message.media_group_id)
    words = message.text or message.caption
    if not words:
        make = _writer(str(update_id) if album is None else f"album:{album}", message)
        media = next((media for key, media in _MEDIA.items() if key in raw), MediaKind.OTHER)
        return TelegramUpdate(update_id, make(kind=InboundKind.MEDIA, media=media), album=album)
    make = _writer(str(update_id), message)
    kind, text = _read_words(clean(words)) if message.text else (InboundKind.TEXT, clean(words))
    return TelegramUpdate(update_id, make(kind=kind, text=text), album=album)


def _edit(update_id: int, message: _Message) -> TelegramUpdate:
    words = message.text or message.caption
    if not words or not _from_a_person(message.chat, message.sender):
        return TelegramUpdate(update_id)  # a live location that moves is an edit too
    make = _maker(str(update_id), message.chat, message.sender)
    written_at = _moment(message.edit_date) or _moment(message.date)
    inbound = make(
        kind=InboundKind.EDIT, text=clean(words), message_id=str(message.message_id), written_at=written_at
    )
    return TelegramUpdate(update_id, inbound)


def _reaction(update_id: int, reaction: _Reaction) -> TelegramUpdate:
    """Read that somebody put an emoji on a message. That one was taken away says nothing."""
    added = _emoji(reaction.new_reaction) - _emoji(reaction.old_reaction)
    if not added or not _from_a_person(reaction.chat, reaction.sender):
        return TelegramUpdate(update_id)
    make = _maker(str(update_id), reaction.chat, reaction.sender)
    inbound = make(
        kind=InboundKind.REACTION, message_id=str(reaction.message_id), written_at=_moment(reaction.date)
    )
    return TelegramUpdate(update_id, inbound)


def _emoji(reactions: Any) -> frozenset[str]:
    """Return the emoji of a list of reactions; a custom one goes by its number, a paid one by its kind."""
    parts = [one for one in reactions if isinstance(one, dict)] if isinstance(reactions, list) else []
    names = [one.get("emoji") or one.get("custom_emoji_id") or one.get("type") for one in parts]
    return frozenset(name for name in names if isinstance(name, str))


def _tap(update_id: int, query: _CallbackQuery) -> TelegramUpdate:
    under = query.message
    if under is None or query.data is None or not _from_a_person(under.chat, query.sender):
        return TelegramUpdate(update_id, callback_id=query.id)
    make = _maker(str(update_id), under.chat, query.sender)
    inbound = make(kind=InboundKind.TAP, button=clean(query.data), message_id=str(under.message_id))
    return TelegramUpdate(update_id, inbound, callback_id=query.id)


def _membership(update_id: int, change: _Membership) -> TelegramUpdate:
    """Read that somebody blocked or unblocked us.

    A first visit ('left' to 'member') says nothing: /start follows it.
    """
    if not _from_a_person(change.chat, change.sender):
        return TelegramUpdate(update_id)
    match change.old_chat_member.status, change.new_chat_member.status:
        case _, "kicked":
            kind = InboundKind.BLOCKED
        case "kicked", "member":
            kind = InboundKind.UNBLOCKED
        case _:
            return TelegramUpdate(update_id)
    return TelegramUpdate(update_id, _maker(str(update_id), change.chat, change.sender)(kind=kind))


def _from_a_person(chat: _Chat, sender: _User | None) -> bool:
    return chat.type == "private" and sender is not None and not sender.is_bot


def _read_words(text: str) -> tuple[InboundKind, str]:
    """Read a deep link, a word of the menu, or the words as they are. `/skip@our_bot` is `skip`."""
    command, _, rest = text.partition(" ")
    if not command.startswith("/"):
        return InboundKind.TEXT, text
    name = command[1:].partition("@")[0].lower()
    if name == "start":
        return InboundKind.START, rest.strip()
    return InboundKind.TEXT, (name if name in COMMANDS and not rest.strip() else text)


def _maker(external_id: str, chat: _Chat, sender: _User | None) -> Callable[..., Inbound]:
    """Make what builds an `Inbound` of this delivery: where it came from is filled in, what was done is not."""
    return partial(
        Inbound,
        address=address_of(chat.id),
        external_id=external_id,
        locale=_short(sender.language_code) if sender else None,
    )


def _writer(external_id: str, message: _Message) -> Callable[..., Inbound]:
    """Make what builds an `Inbound` of a message: its place in the chat, its date and what it quotes are filled in."""
    name = str(message.message_id)
    return partial(
        _maker(external_id, message.chat, message.sender),
        message_id=name,
        order=message_order(name),
        written_at=_moment(message.date),
        about=_quoted(message.reply_to_message),
    )


def _quoted(message: Any) -> str | None:
    """Return the number of the message that a reply quotes, where it is ours; else None.

    In a private chat no bot writes but this one. What is quoted from another chat stands in another field.
    """
    ours = isinstance(message, dict) and _part(message, "from").get("is_bot") is True
    return str(message["message_id"]) if ours and _is_number(message.get("message_id")) else None


def _moment(seconds: Any) -> datetime | None:
    """Return the time of a date in seconds since 1970; None where it is none."""
    if type(seconds) is not int or not 0 < seconds < _YEAR_10000:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _short(name: Any) -> str | None:
    """Return a name as it is kept; None where it is none, or too long to be one."""
    return clean(name) if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME else None
