"""Read Telegram's updates: payload -> `TelegramUpdate`, a pure and total function.

Whatever comes has a meaning or is passed over; nothing raises, for an update that raised would be asked for
again and again and hold up everybody behind it. Only private chats count: a group's words are no answers.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from bot.channels.base import Inbound, InboundKind
from bot.channels.telegram.command_menu import COMMANDS
from flows.engine.events import MediaKind

SCHEME = "telegram"

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask Telegram for, named each time: what is not named keeps an earlier setting of the bot."""

_MEDIA = {"voice": MediaKind.VOICE, "photo": MediaKind.PHOTO, "sticker": MediaKind.STICKER}
_NOTICES = frozenset({
    "boost_added", "channel_chat_created", "chat_background_set", "chat_shared", "connected_website",
    "delete_chat_photo", "direct_message_price_changed", "gift", "group_chat_created", "invoice",
    "left_chat_member", "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
    "new_chat_members", "new_chat_photo", "new_chat_title", "paid_message_price_changed", "passport_data",
    "pinned_message", "proximity_alert_triggered", "refunded_payment", "successful_payment",
    "supergroup_chat_created", "unique_gift", "users_shared", "video_chat_ended",
    "video_chat_participants_invited", "video_chat_scheduled", "video_chat_started", "web_app_data",
    "write_access_allowed",
})  # fmt: skip
"""Messages that Telegram writes itself. Any other one without words is a person's, of whatever kind."""


class _User(msgspec.Struct):
    id: int
    is_bot: bool = False
    language_code: str | None = None


class _Chat(msgspec.Struct):
    id: int
    type: str


class _Message(msgspec.Struct):
    message_id: int
    chat: _Chat
    sender: _User | None = msgspec.field(name="from", default=None)
    text: str | None = None
    caption: str | None = None
    media_group_id: str | None = None


class _ButtonMessage(msgspec.Struct):
    """The message under a button, also one that is too old for Telegram to show."""

    message_id: int
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


class _RawUpdate(msgspec.Struct):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _CallbackQuery | None = None
    my_chat_member: _Membership | None = None


@dataclass(frozen=True, slots=True)
class TelegramUpdate:
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
    try:
        update = msgspec.convert(payload, _RawUpdate)
    except msgspec.ValidationError:
        return _unknown(payload if isinstance(payload, dict) else {})
    if update.message is not None:
        return _message(update.update_id, update.message, payload["message"])
    if update.edited_message is not None:
        return _edit(update.update_id, update.edited_message)
    if update.callback_query is not None:
        return _tap(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member)
    return TelegramUpdate(update.update_id)


def address_of(chat_id: int) -> str:
    """Return the address of a private chat, `telegram:` and its number, which is the participant's too."""
    return f"{SCHEME}:{chat_id}"


def _unknown(payload: dict[str, Any]) -> TelegramUpdate:
    """Read an update of a shape that we do not know: whoever sent it from a private chat still gets an answer."""
    number, query = payload.get("update_id"), _part(payload, "callback_query")
    if not isinstance(number, int):
        return TelegramUpdate(None, readable=False)
    said = _part(payload, "message") or _part(payload, "edited_message") or _part(query, "message")
    chat, sender = _part(said, "chat"), _part(query or said, "from")
    callback_id = query.get("id") if isinstance(query.get("id"), str) else None
    inbound = None
    if chat.get("type") == "private" and isinstance(chat.get("id"), int) and sender.get("is_bot") is not True:
        where = _Chat(chat["id"], "private")
        inbound = _maker(str(number), where, None)(kind=InboundKind.MEDIA, media=MediaKind.OTHER)
    return TelegramUpdate(number, inbound, callback_id, readable=False)


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
    """Read words, a command, or something other than words. Words under a picture are words."""
    if not _from_a_person(message.chat, message.sender):
        return TelegramUpdate(update_id)
    words = message.text if message.text is not None else message.caption
    if words is None:
        return _media(update_id, message, raw)
    kind, text = _read_words(clean(words)) if message.text is not None else (InboundKind.TEXT, clean(words))
    make = _maker(str(update_id), message.chat, message.sender)
    inbound = make(kind=kind, text=text, message_id=str(message.message_id))
    return TelegramUpdate(update_id, inbound, album=message.media_group_id)


def _media(update_id: int, message: _Message, raw: dict[str, Any]) -> TelegramUpdate:
    """Read a message without words.

    An album's items share one name of their delivery: the inbox keeps the first and answers once.
    """
    if _NOTICES & raw.keys():
        return TelegramUpdate(update_id)
    kind = next((kind for key, kind in _MEDIA.items() if key in raw), MediaKind.OTHER)
    album = message.media_group_id
    external_id = str(update_id) if album is None else f"album:{album}"
    make = _maker(external_id, message.chat, message.sender)
    inbound = make(kind=InboundKind.MEDIA, media=kind, message_id=str(message.message_id))
    return TelegramUpdate(update_id, inbound, album=album)


def _edit(update_id: int, message: _Message) -> TelegramUpdate:
    words = message.text if message.text is not None else message.caption
    if words is None or not _from_a_person(message.chat, message.sender):
        return TelegramUpdate(update_id)  # a live location that moves is an edit too
    make = _maker(str(update_id), message.chat, message.sender)
    inbound = make(kind=InboundKind.EDIT, text=clean(words), message_id=str(message.message_id))
    return TelegramUpdate(update_id, inbound)


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
        locale=sender.language_code if sender else None,
    )


class AlbumFilter:
    """Leaves out the items without words of an album whose words have come: nobody is asked for words that they gave.

    An album is pictures or other files sent together. A politeness only, and kept in memory: after a restart one
    needless reply may go out.
    """

    def __init__(self, remembered: int = 1000) -> None:
        self._worded: OrderedDict[str, None] = OrderedDict()
        self._remembered = remembered

    def wanted(self, received: TelegramUpdate) -> bool:
        """Say whether what an update brings is to be stored, and remember its album if it brings the album's words.

        False where it brings nothing, or an item without words of an album that is remembered.
        """
        if received.inbound is None:
            return False
        if received.album is None:
            return True
        album = f"{received.inbound.address} {received.album}"
        if received.inbound.kind is InboundKind.MEDIA:
            return album not in self._worded
        self._worded[album] = None
        while len(self._worded) > self._remembered:
            self._worded.popitem(last=False)
        return True
