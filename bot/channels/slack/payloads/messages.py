"""Read what people write in their room with the bot: words, files, edits, deletions and reactions. Pure, as `inbound`.

One message is one message however often Slack delivers it: its room and its `ts` name it, not the delivery's event_id.
"""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.channels.base import Inbound, InboundKind, message_order
from bot.channels.slack.payloads.fields import Payload, address, bot_of, items, short_name, within, word
from bot.channels.slack.payloads.rich_text import with_emoji, words_of
from flows.engine.events import MediaKind

_SPOKEN = frozenset({None, "thread_broadcast", "me_message", "file_share", "message_share"})
"""The subtypes of a message in which a person said something; all others tell of something else."""
_SLACK_ITSELF = "USLACKBOT"
_TOMBSTONE = "tombstone"
"""The subtype of what stands in place of a deleted message that has replies in its thread."""

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_TS = re.compile(r"\d{1,10}\.\d{1,6}")
_MICROSECOND = timedelta(microseconds=1)


def plain(text: str) -> str:
    """Return a message's text from Slack as it was typed.

    Slack sends links as `<https://x.org|x.org>` and escapes `&`, `<` and `>`; both are undone. Mentions
    keep their name where Slack gives it, otherwise their id. A link that starts a bot is kept whole, whatever the words
    over it.
    """
    return html.unescape(_LINK.sub(_typed, text)) if "<" in text or "&" in text else text


def _typed(link: re.Match[str]) -> str:
    target, label = link.group(1), link.group(2)
    if target[0] == "#":
        return f"#{label or target[1:]}"
    if target[0] == "@":
        return f"@{label or target[1:]}"
    if target[0] == "!":
        return label or f"@{target[1:]}"
    return target if "start=" in target else label or target


def from_message(body: Payload) -> tuple[Inbound, ...]:
    """Read what a user wrote, edited, took back or sent as a file, out of a `message` event in a direct message.

    Nothing comes of other rooms and of what nobody said. A file or a forward with words counts as its words. A body
    without an `event_id`, such as one made of a message in the room's history, is read like any other.
    """
    event = within(body, "event")
    if event.get("channel_type") != "im":
        return ()
    match event.get("subtype"):
        case "message_changed":
            found = _from_change(body, event)
        case "message_deleted":
            found = _from_deletion(body, event, within(event, "previous_message"), word(event, "deleted_ts"))
        case None | str() as subtype if subtype in _SPOKEN:
            found = _from_words(body, event)
        case _:
            found = None
    return () if found is None else (found,)


def from_reaction(body: Payload) -> tuple[Inbound, ...]:
    """Read a `reaction_added` event: the emoji that a user put on one of our messages in their room.

    `item_user` is who wrote that message; Slack may leave it out.
    """
    event = within(body, "event")
    user, ts, room = word(event, "user"), word(event, "item", "ts"), word(event, "item", "channel")
    author, bot = word(event, "item_user"), bot_of(body)
    ours = author in ("", bot) if bot else author != user
    if word(event, "item", "type") != "message" or not room.startswith("D") or not ours or not user or not ts:
        return ()
    if user in (bot, _SLACK_ITSELF):
        return ()
    at = word(event, "event_ts")
    reaction = Inbound(
        address=address(body, user),
        external_id=f"reaction:{short_name(room)}:{ts}:{at or word(body, 'event_id')}",
        kind=InboundKind.REACTION,
        message_id=ts,
        order=_order(at),
        written_at=_when(at),
    )
    return (reaction,)


def _from_words(body: Payload, message: Payload) -> Inbound | None:
    if not _persons(body, message):
        return None
    name = _name(body, "message", word(message, "ts"))
    if name is None:
        return None
    ts, thread = word(message, "ts"), word(message, "thread_ts")
    text, files = _words(message), [*items(message, "files"), *_shared_files(message)]
    silent = not text.strip()
    return Inbound(
        address=address(body, word(message, "user")),
        external_id=name,
        former_id=_former_name(body, ":file" if silent and files else ""),
        kind=InboundKind.MEDIA if silent else InboundKind.TEXT,
        text="" if silent else text,
        media=_media(files) if silent else None,
        message_id=ts or None,
        order=_order(ts),
        written_at=_when(ts),
        about=thread if thread not in ("", ts) else None,
        threaded=thread not in ("", ts),
    )


def _from_change(body: Payload, event: Payload) -> Inbound | None:
    """Read a user's edit. Slack sends the same event when a link unfolds: then the words are the same, and it is none.

    Words that an edit took away altogether are a deletion, and so is a tombstone.
    """
    new, old = within(event, "message"), within(event, "previous_message")
    if new.get("subtype") == _TOMBSTONE:
        return _from_deletion(body, event, old, word(new, "ts"))
    if not _persons(body, new) or _words(new) == _words(old):
        return None
    if not _words(new).strip():
        return _from_deletion(body, event, new, word(new, "ts"))
    ts, edited, thread = word(new, "ts"), word(new, "edited", "ts"), word(new, "thread_ts")
    name = _name(body, "edit", ts, edited or word(event, "event_ts"))
    if name is None:
        return None
    return Inbound(
        address=address(body, word(new, "user")),
        external_id=name,
        former_id=_former_name(body),
        kind=InboundKind.EDIT,
        text=_words(new),
        message_id=ts or None,
        written_at=_when(edited),
        about=thread if thread not in ("", ts) else None,
        threaded=thread not in ("", ts),
    )


def _from_deletion(body: Payload, event: Payload, message: Payload, ts: str) -> Inbound | None:
    """Read that a user took their message back; `ts` names it. Whose it was stands in `message` alone."""
    if not _persons(body, message) or not ts:
        return None
    return Inbound(
        address=address(body, word(message, "user")),
        external_id=f"deleted:{short_name(word(event, 'channel'))}:{ts}",
        kind=InboundKind.DELETED,
        message_id=ts,
        written_at=_when(word(event, "event_ts")),
    )


def _persons(body: Payload, message: Payload) -> bool:
    """Say whether a person wrote a message: neither we, nor another bot, nor Slack."""
    user = word(message, "user")
    return bool(user) and not message.get("bot_id") and user not in (bot_of(body), _SLACK_ITSELF)


def _name(body: Payload, kind: str, *ts: str) -> str | None:
    """Name what a message event tells by its room and times; by the delivery where it has no time; None by neither."""
    if all(ts):
        return ":".join((kind, short_name(word(body, "event", "channel")), *ts))
    return word(body, "event_id") or None


def _former_name(body: Payload, ending: str = "") -> str | None:
    """Return the name that a message had before it was named by its room and time: that of its delivery."""
    event_id = word(body, "event_id")
    return event_id + ending if event_id else None


def _words(message: Payload) -> str:
    """Return the words of a message: its own, and below them those that it forwards."""
    own = _own_words(message)
    return "\n\n".join(filter(None, (own, *_forwarded(message, alone=not own))))


def _own_words(message: Payload) -> str:
    text, blocks = word(message, "text"), message.get("blocks")
    return plain(with_emoji(text, blocks)) if text else words_of(blocks).strip()


def _forwarded(message: Payload, *, alone: bool) -> Iterator[str]:
    """Return the words of each message that is forwarded.

    A preview of a link to a message looks the same but for `is_share`; beside words of the person it is none.
    """
    for shared in items(message, "attachments"):
        if shared.get("is_share") or (alone and shared.get("message_blocks")):
            blocks = [
                block
                for one in items(shared, "message_blocks")
                for block in items(within(one, "message"), "blocks")
            ]
            if words := _own_words({"text": shared.get("text"), "blocks": blocks}):
                yield words


def _shared_files(message: Payload) -> Iterator[Payload]:
    return (file for shared in items(message, "attachments") for file in items(shared, "files"))


def _media(files: list[Payload]) -> MediaKind:
    """Return the kind of the first file; what has neither words nor files is of another kind."""
    family = word(files[0], "mimetype").partition("/")[0] if files else ""
    return {"audio": MediaKind.VOICE, "image": MediaKind.PHOTO}.get(family, MediaKind.OTHER)


def _order(ts: str) -> int | None:
    return message_order(ts) if _TS.fullmatch(ts) and ts.isascii() else None


def _when(ts: str) -> datetime | None:
    """Return the moment of a `ts`, in UTC; None where it is no time."""
    order = _order(ts)
    return None if order is None else datetime.fromtimestamp(0, UTC) + order * _MICROSECOND
