"""Telegram's updates, as the Bot API sends them -> what a person did."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Inbound, InboundKind
from bot.channels.telegram.inbound import TelegramUpdate, read_update
from bot.conversations.messages import to_payload
from flows.engine.events import MediaKind
from tests.emulators.telegram.contents import PEOPLE_SEND, SERVICE

ADA = {"id": 1234, "is_bot": False, "first_name": "Ada", "language_code": "de"}
CHAT = {"id": 1234, "first_name": "Ada", "type": "private"}
GROUP = {"id": -100777, "title": "Ward 3", "type": "supergroup"}
BOT = {"id": 77, "is_bot": True, "first_name": "Said & Done", "username": "said_bot"}
PHOTO = [{"file_id": "A", "file_unique_id": "a", "width": 90, "height": 60, "file_size": 1000}]
WRITTEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
EDITED = WRITTEN + timedelta(minutes=1)
QUESTION = {"message_id": 3, "from": BOT, "chat": CHAT, "date": 1, "text": "How?"}
THUMB, HEART = ({"type": "emoji", "emoji": emoji} for emoji in "\U0001f44d\u2764")
VOICE = {"duration": 3, "mime_type": "audio/ogg", "file_id": "V", "file_unique_id": "v", "file_size": 9000}


def message(
    update_id: int = 10, kind: str = "message", sender: dict[str, Any] = ADA, **content: Any
) -> dict[str, Any]:
    body = {"message_id": 55, "from": sender, "chat": CHAT, "date": 1772442000, **content}
    if kind == "edited_message":
        body = {"edit_date": 1772442060, **body}
    return {"update_id": update_id, kind: body}


def reaction(old: list[Any], new: Any, **changes: Any) -> dict[str, Any]:
    body = {"chat": CHAT, "message_id": 54, "user": ADA, "date": 1772442000, "old_reaction": old}
    return {"update_id": 10, "message_reaction": body | {"new_reaction": new} | changes}


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
    """What is read of `message`; words and things that were sent have a place in the chat and a date."""
    known: dict[str, Any] = {"address": "telegram:1234", "external_id": "10", "locale": "de"}
    match kind:
        case InboundKind.TEXT | InboundKind.START | InboundKind.MEDIA:
            known |= {"order": 55, "written_at": WRITTEN}
        case InboundKind.EDIT:
            known |= {"written_at": EDITED}
        case InboundKind.REACTION:
            known |= {"written_at": WRITTEN}
    return Inbound(kind=kind, message_id=message_id, **(known | fields))


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
        "a reply to our message",
        message(text="5", reply_to_message=QUESTION),
        inbound(InboundKind.TEXT, text="5", about="3"),
    ),
    (
        "a reply to some words of our message",
        message(text="5", reply_to_message=QUESTION, quote={"text": "How", "position": 0}),
        inbound(InboundKind.TEXT, text="5", about="3"),
    ),
    (
        "a voice note as a reply to our message",
        message(voice=VOICE, reply_to_message=QUESTION),
        inbound(InboundKind.MEDIA, media=MediaKind.VOICE, about="3"),
    ),
    (
        "a reply to one's own message",
        message(text="5", reply_to_message=QUESTION | {"from": ADA}),
        inbound(InboundKind.TEXT, text="5"),
    ),
    (
        "a reply to a message of another chat",
        message(text="5", external_reply={"origin": {"type": "user", "sender_user": BOT}, "message_id": 3}),
        inbound(InboundKind.TEXT, text="5"),
    ),
    (
        "a reply to a message of nobody",
        message(text="5", reply_to_message={"message_id": 3, "chat": CHAT, "date": 1}),
        inbound(InboundKind.TEXT, text="5"),
    ),
    (
        "a reply of another shape",
        message(text="5", reply_to_message=QUESTION | {"message_id": "three"}),
        inbound(InboundKind.TEXT, text="5"),
    ),
    (
        "words that somebody else wrote",
        message(text="news", forward_origin={"type": "user", "sender_user": BOT, "date": 1}),
        inbound(InboundKind.TEXT, text="news"),
    ),
    (
        "a forwarded picture with words",
        message(photo=PHOTO, caption="my arm", forward_origin={"type": "channel"}),
        inbound(InboundKind.TEXT, text="my arm"),
    ),
    (
        "something new that was forwarded",
        message(hologram={}, forward_origin={"type": "channel"}),
        inbound(InboundKind.MEDIA, media=MediaKind.OTHER),
    ),
    (
        "something new with words under it",
        message(hologram={}, caption="my arm"),
        inbound(InboundKind.TEXT, text="my arm"),
    ),
    (
        "a message without a date",
        message(text="5", date=None),
        inbound(InboundKind.TEXT, text="5", written_at=None),
    ),
    (
        "a date that is none",
        message(text="5", date=1e300),
        inbound(InboundKind.TEXT, text="5", written_at=None),
    ),
    (
        "a date after all dates",
        message(text="5", date=2**52),
        inbound(InboundKind.TEXT, text="5", written_at=None),
    ),
    (
        "a language that is none",
        message(text="5", sender=ADA | {"language_code": 5}),
        inbound(InboundKind.TEXT, text="5", locale=None),
    ),
    (
        "words beside what we did not ask for",
        message(text="5") | {"my_chat_member": "?", "hologram": 7},
        inbound(InboundKind.TEXT, text="5"),
    ),
    ("an emoji on a message", reaction([], [THUMB]), inbound(InboundKind.REACTION, "54")),
    ("another emoji", reaction([THUMB], [HEART]), inbound(InboundKind.REACTION, "54")),
    ("a second emoji", reaction([THUMB], [THUMB, HEART]), inbound(InboundKind.REACTION, "54")),
    (
        "an emoji of Telegram's own",
        reaction([], [{"type": "custom_emoji", "custom_emoji_id": "5"}]),
        inbound(InboundKind.REACTION, "54"),
    ),
    ("an emoji that was paid for", reaction([], [{"type": "paid"}]), inbound(InboundKind.REACTION, "54")),
    ("an edit", message(kind="edited_message", text="4"), inbound(InboundKind.EDIT, text="4")),
    (
        "an edited caption",
        message(kind="edited_message", photo=PHOTO, caption="my arm"),
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
    *((f"the service message {kind}", message(**{kind: body})) for kind, body in SERVICE.items()),
    ("a service message that nobody knows yet", message(hologram_switched_on={})),
    ("a message with nothing in it", message()),
    ("a service message of another shape", message(pinned_message=5)),
    ("an emoji taken away", reaction([THUMB], [])),
    ("one of two emoji taken away", reaction([THUMB, HEART], [HEART])),
    ("the same emoji again", reaction([THUMB], [THUMB])),
    ("an emoji of another shape", reaction([], "thumb")),
    ("an emoji in a group", reaction([], [THUMB], chat=GROUP)),
    ("an emoji of a whole chat", reaction([], [THUMB], user=None, actor_chat=GROUP)),
    ("an emoji of a bot", reaction([], [THUMB], user=BOT)),
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
        ({"update_id": 10, "message_reaction": {"chat": CHAT}}, 10),
        (
            {"update_id": 10, "message": {"message_id": "x", "chat": CHAT, "from": ADA, "pinned_message": 1}},
            10,
        ),
        ({"update_id": "ten"}, None),
        ({"update_id": True}, None),
        ({"update_id": 10**40}, None),
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
        (message(text="hi", message_id=10**30), True),
        (message(text="hi") | {"message": message(text="hi")["message"] | {"from": 5}}, True),
        (message(kind="edited_message", text=5), False),
        (tap(data=7), True),
        (message(text=5, chat=CHAT | {"id": 10**30}), False),
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


def test_things_are_something_other_than_words() -> None:
    """Whatever people can send, each gets an answer; with words under it, it is words."""
    for kind, body in PEOPLE_SEND.items():
        bare, worded = (
            read_update(message(**{kind: body} | words)).inbound for words in ({}, {"caption": "see"})
        )
        assert bare is not None, kind
        assert worded is not None, kind
        assert (bare.kind, worded.kind, worded.text) == (InboundKind.MEDIA, InboundKind.TEXT, "see"), kind


def test_items_of_an_album_have_one_name_and_its_words_their_own() -> None:
    """Words on a later picture are never lost to the first picture's name, and a name of any length is kept off."""
    items = [read_update(message(number, photo=PHOTO, media_group_id="9")) for number in (1, 2)]
    words = read_update(message(3, photo=PHOTO, media_group_id="9", caption="my arm"))
    other = read_update(message(4, photo=PHOTO, media_group_id="9" * 1000))
    names = [update.inbound and update.inbound.external_id for update in (*items, words, other)]
    assert names == ["album:9", "album:9", "3", "4"]
    assert [update.album for update in (*items, words, other)] == ["9", "9", "9", None]


# Whatever comes

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
SCALARS |= st.sampled_from(["private", "kicked", "member", "\ud83d", 10**400, -(2**63), "/start T", "9" * 70])
NAMES = st.sampled_from(
    """id from chat type text caption message_id date edit_date is_bot message data reply_to_message
    media_group_id photo user new_reaction old_reaction emoji status old_chat_member new_chat_member
    language_code forward_origin pinned_message""".split()  # noqa: SIM905 - read at a glance
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=6)
    ),
)
REAL = [row[1] for row in (*ONE_THING, *NOTHING)]


def places(payload: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a payload, as the keys that lead to it."""
    inside = (
        payload.items()
        if isinstance(payload, dict)
        else enumerate(payload)
        if isinstance(payload, list)
        else ()
    )
    return [path, *(place for key, value in inside for place in places(value, (*path, key)))]


def put(payload: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The payload with something else at that place."""
    if not place:
        return value
    changed = dict(payload) if isinstance(payload, dict) else list(payload)
    changed[place[0]] = put(changed[place[0]], place[1:], value)
    return changed


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A real update with junk in up to three places."""
    payload = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(1, 3))):
        payload = put(payload, draw(st.sampled_from(places(payload))), draw(JUNK))
    return payload


@settings(max_examples=600, deadline=None)
@given(spoilt() | JUNK | st.builds(lambda kind, body: {"update_id": 1, kind: body}, NAMES | st.text(), JUNK))
def test_whatever_comes_is_read(payload: Any) -> None:
    """Nothing raises, the same comes of the same, and what comes of it can be stored and named."""
    received = read_update(payload)
    assert received == read_update(payload)
    if received.update_id is not None:
        assert abs(received.update_id) <= 2**53
    if received.inbound is not None:
        assert received.update_id is not None
        assert len(received.inbound.external_id) < 80
        json.loads(to_payload(received.inbound))
        received.inbound.external_id.encode()


def test_what_is_nested_without_end_is_read() -> None:
    """Depth is no trouble, wherever it stands."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for payload in (
        deep,
        {"update_id": 1, "message": deep},
        *(put(real, ("update_id",), deep) for real in REAL),
    ):
        assert read_update(payload).inbound is None
    for name in ("reply_to_message", "media_group_id", "date", "photo", "hologram"):
        received = read_update(message(text="5", **{name: deep})).inbound
        assert received is not None
        assert received.text == "5"
    assert read_update(reaction([deep], [deep])).inbound is None
