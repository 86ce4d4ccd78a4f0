"""Telegram's updates, as the Bot API sends them -> what a person did."""

from typing import Any

import pytest

from bot.channels.base import Inbound, InboundKind
from bot.channels.telegram.inbound import AlbumFilter, TelegramUpdate, read_update
from flows.engine.events import MediaKind

ADA = {"id": 1234, "is_bot": False, "first_name": "Ada", "language_code": "de"}
CHAT = {"id": 1234, "first_name": "Ada", "type": "private"}
GROUP = {"id": -100777, "title": "Ward 3", "type": "supergroup"}
BOT = {"id": 77, "is_bot": True, "first_name": "Said & Done", "username": "said_bot"}
PHOTO = [{"file_id": "A", "file_unique_id": "a", "width": 90, "height": 60, "file_size": 1000}]
VOICE = {"duration": 3, "mime_type": "audio/ogg", "file_id": "V", "file_unique_id": "v", "file_size": 9000}


def message(
    update_id: int = 10, kind: str = "message", sender: dict[str, Any] = ADA, **content: Any
) -> dict[str, Any]:
    body = {"message_id": 55, "from": sender, "chat": CHAT, "date": 1772442000, **content}
    return {"update_id": update_id, kind: body}


def tap(**changes: Any) -> dict[str, Any]:
    under = {"message_id": 54, "from": BOT, "chat": CHAT, "date": 1772441000, "text": "How?"}
    query = {
        "id": "4382bfdwdsb323b2d9",
        "from": ADA,
        "message": under,
        "chat_instance": "9",
        "data": "1a.4.2",
    }
    return {"update_id": 10, "callback_query": query | changes}


def membership(old: str, new: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    change = {
        "chat": chat,
        "from": ADA,
        "date": 1772442000,
        "old_chat_member": {"user": BOT, "status": old},
        "new_chat_member": {"user": BOT, "status": new, "until_date": 0},
    }
    return {"update_id": 10, "my_chat_member": change}


def inbound(kind: InboundKind, message_id: str | None = "55", **fields: Any) -> Inbound:
    given = {"address": "telegram:1234", "external_id": "10", "locale": "de"}
    return Inbound(kind=kind, message_id=message_id, **(given | fields))


ONE_THING = [
    ("words", message(text="Well, thank you"), inbound(InboundKind.TEXT, text="Well, thank you")),
    (
        "words are kept byte for byte",
        message(text=" <b>a_b*</b>\n\t1\u0301 "),
        inbound(InboundKind.TEXT, text=" <b>a_b*</b>\n\t1\u0301 "),
    ),
    ("half a surrogate pair", message(text="a\ud83d b"), inbound(InboundKind.TEXT, text="a\ufffd b")),
    ("a deep link", message(text="/start aZ0_-9"), inbound(InboundKind.START, text="aZ0_-9")),
    ("start without a token", message(text="/start"), inbound(InboundKind.START)),
    ("start with the bot's name", message(text="/start@said_bot T"), inbound(InboundKind.START, text="T")),
    ("a word of the menu", message(text="/skip"), inbound(InboundKind.TEXT, text="skip")),
    ("a word of the menu, named", message(text="/Later@said_bot"), inbound(InboundKind.TEXT, text="later")),
    ("some other command", message(text="/dance now"), inbound(InboundKind.TEXT, text="/dance now")),
    (
        "a command with words",
        message(text="/stop it hurts"),
        inbound(InboundKind.TEXT, text="/stop it hurts"),
    ),
    (
        "a reply to a message",
        message(text="5", reply_to_message={"message_id": 3, "chat": CHAT, "date": 1}),
        inbound(InboundKind.TEXT, text="5"),
    ),
    ("an edit", message(kind="edited_message", text="4", edit_date=1), inbound(InboundKind.EDIT, text="4")),
    (
        "an edited caption",
        message(kind="edited_message", photo=PHOTO, caption="my arm", edit_date=1),
        inbound(InboundKind.EDIT, text="my arm"),
    ),
    ("a tap", tap(), inbound(InboundKind.TAP, "54", button="1a.4.2")),
    (
        "a tap under a message too old to be shown",
        tap(message={"message_id": 54, "chat": CHAT, "date": 0}),
        inbound(InboundKind.TAP, "54", button="1a.4.2"),
    ),
    ("a voice note", message(voice=VOICE), inbound(InboundKind.MEDIA, media=MediaKind.VOICE)),
    ("a photo", message(photo=PHOTO), inbound(InboundKind.MEDIA, media=MediaKind.PHOTO)),
    ("words under a photo", message(photo=PHOTO, caption="my arm"), inbound(InboundKind.TEXT, text="my arm")),
    ("a sticker", message(sticker={"file_id": "S"}), inbound(InboundKind.MEDIA, media=MediaKind.STICKER)),
    (
        "a place",
        message(location={"latitude": 1, "longitude": 2}),
        inbound(InboundKind.MEDIA, media=MediaKind.OTHER),
    ),
    ("a thing yet to be invented", message(hologram={}), inbound(InboundKind.MEDIA, media=MediaKind.OTHER)),
    (
        "an item of an album",
        message(photo=PHOTO, media_group_id="99"),
        inbound(InboundKind.MEDIA, media=MediaKind.PHOTO, external_id="album:99"),
    ),
    ("the bot is blocked", membership("member", "kicked"), inbound(InboundKind.BLOCKED, None)),
    ("and unblocked", membership("kicked", "member"), inbound(InboundKind.UNBLOCKED, None)),
]

NOTHING = [
    ("words in a group", message(text="hi", chat=GROUP)),
    ("a start in a group", message(text="/start T", chat=GROUP)),
    ("a bot's words", message(text="hi", sender=BOT)),
    ("a message of a channel", message(text="hi", chat=GROUP | {"type": "channel"})),
    ("a pinned message", message(pinned_message={"message_id": 3})),
    ("a timer for messages", message(message_auto_delete_timer_changed={"message_auto_delete_time": 60})),
    ("a place that moves", message(kind="edited_message", location={"latitude": 1, "longitude": 2})),
    ("an edit in a group", message(kind="edited_message", text="x", chat=GROUP)),
    ("the bot joins a group", membership("left", "member", GROUP)),
    ("a first visit", membership("left", "member")),
    ("a kind that we did not ask for", {"update_id": 10, "poll_answer": {"poll_id": "1"}}),
]


@pytest.mark.parametrize(
    ("payload", "expected"), [row[1:] for row in ONE_THING], ids=[row[0] for row in ONE_THING]
)
def test_what_a_person_does_has_one_meaning(payload: dict[str, Any], expected: Inbound) -> None:
    """Each payload becomes exactly this."""
    assert read_update(payload).inbound == expected


@pytest.mark.parametrize("payload", [row[1] for row in NOTHING], ids=[row[0] for row in NOTHING])
def test_the_rest_is_passed_over_and_confirmed(payload: dict[str, Any]) -> None:
    """What is not a person's doing is no event, and its number is known, so that it can be confirmed."""
    assert read_update(payload) == TelegramUpdate(10)


@pytest.mark.parametrize(
    "changes",
    [{}, {"data": None}, {"message": None}, {"message": {"message_id": 1, "chat": GROUP, "date": 1}}],
)
def test_every_tap_can_be_acknowledged(changes: dict[str, Any]) -> None:
    """Also a tap that means nothing to us has a number, so that its hourglass goes away."""
    assert read_update(tap(**changes)).callback_id == "4382bfdwdsb323b2d9"


@pytest.mark.parametrize(
    ("payload", "number"),
    [
        ({"update_id": 10, "message": "not an object"}, 10),
        ({"update_id": 10, "message": {"message_id": "x"}}, 10),
        ({"update_id": 10, "callback_query": {"id": 5}}, 10),
        ({"update_id": "ten"}, None),
        ({}, None),
        ([], None),
        (None, None),
        ("update", None),
    ],
)
def test_an_unreadable_update_is_passed_over(payload: Any, number: int | None) -> None:
    """Nothing raises where nobody can be answered: one malformed update must not hold up all behind it."""
    assert read_update(payload) == TelegramUpdate(number, readable=False)


@pytest.mark.parametrize(
    ("payload", "answered"),
    [
        (message(text=["no", "string"]), True),
        (message(text="hi", sender={"id": "no number"}), True),
        (message(kind="edited_message", text=5), True),
        (tap(data=7), True),
        (message(text=5, chat=GROUP), False),
        (message(text=5, sender=BOT), False),
        (message(text=5, chat={"type": "private"}), False),
        (membership("member", "kicked") | {"my_chat_member": {"chat": CHAT}}, False),
    ],
)
def test_an_unknown_shape_still_gets_an_answer(payload: dict[str, Any], answered: bool) -> None:
    """What a person did in a way that we cannot read is told as something other than words, not dropped."""
    received = read_update(payload)
    assert (received.update_id, received.readable) == (10, False)
    expected = Inbound(
        address="telegram:1234", external_id="10", kind=InboundKind.MEDIA, media=MediaKind.OTHER
    )
    assert received.inbound == (expected if answered else None)


def test_a_locale_may_be_missing() -> None:
    """Telegram leaves the language out for some people."""
    sender = {"id": 1234, "is_bot": False, "first_name": "Ada"}
    received = read_update(message(text="hi", sender=sender))
    assert received.inbound is not None
    assert received.inbound.locale is None


def test_an_album_with_words_is_answered_once() -> None:
    """The words of an album are an answer; its other pictures do not then ask for words."""
    albums = AlbumFilter()
    items = [
        read_update(message(1, photo=PHOTO, media_group_id="9", caption="my arm")),
        read_update(message(2, photo=PHOTO, media_group_id="9")),
        read_update(message(3, photo=PHOTO, media_group_id="10")),
    ]
    assert [albums.wanted(item) for item in items] == [True, False, True]


def test_words_of_an_album_that_come_late_are_kept() -> None:
    """Words on a later picture are never lost to the first picture's name."""
    first = read_update(message(1, photo=PHOTO, media_group_id="9")).inbound
    second = read_update(message(2, photo=PHOTO, media_group_id="9", caption="my arm")).inbound
    assert first is not None
    assert second is not None
    assert first.external_id != second.external_id
    assert second.text == "my arm"


def test_remembered_albums_are_bounded() -> None:
    """A year of albums takes no more memory than the last few."""
    albums = AlbumFilter(remembered=2)
    for number in range(5):
        albums.wanted(read_update(message(number, photo=PHOTO, media_group_id=str(number), caption="x")))
    assert [albums.wanted(read_update(message(9, photo=PHOTO, media_group_id=str(n)))) for n in (0, 4)] == [
        True,
        False,
    ]
