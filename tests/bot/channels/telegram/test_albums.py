"""An album is one message: its words count, and nobody is asked for words that they gave."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import InboundKind
from bot.channels.telegram.albums import AlbumFilter
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.inbound import TelegramUpdate, read_update
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import NOW, Inbox, channel_to, options, running

WORDS, PICTURE = InboundKind.TEXT, InboundKind.MEDIA


def item(number: int, caption: str | None = None, album: str = "9", person: int = 1) -> TelegramUpdate:
    """A picture of an album."""
    message: dict[str, Any] = {
        "message_id": number,
        "from": {"id": person, "is_bot": False, "first_name": "Ada"},
        "chat": {"id": person, "type": "private"},
        "date": 1772442000,
        "photo": [],
        "media_group_id": album,
    }
    return read_update({"update_id": number, "message": message | ({"caption": caption} if caption else {})})


def heard(
    albums: AlbumFilter, *batches: Iterable[TelegramUpdate], given_up: bool = True
) -> list[tuple[InboundKind, str]]:
    """What is stored of these batches, and of what was held back."""
    stored = [inbound for batch in batches for inbound in albums.let_through(batch)]
    if given_up:
        stored += [inbound for album in albums.held() if (inbound := albums.release(album))]
    return [(inbound.kind, inbound.text) for inbound in stored]


PICTURES = [item(1), item(2), item(3)]


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([[item(1, "my arm"), item(2), item(3)]], [(WORDS, "my arm")]),
        ([[item(1), item(2), item(3, "my arm")]], [(WORDS, "my arm")]),
        ([[item(1)], [item(2, "my arm")], [item(3)]], [(WORDS, "my arm")]),
        ([[item(1, "my arm"), item(2, "my leg")]], [(WORDS, "my arm"), (WORDS, "my leg")]),
        ([PICTURES], [(PICTURE, "")]),
        ([[picture] for picture in PICTURES], [(PICTURE, "")]),
        ([[item(1), item(2, album="10")]], [(PICTURE, ""), (PICTURE, "")]),
        ([[item(1), item(2, "hers", person=2)]], [(WORDS, "hers"), (PICTURE, "")]),
    ],
    ids=["first", "last", "in between", "two", "none", "none, one by one", "two albums", "two people"],
)
def test_an_album_is_one_message(
    batches: list[list[TelegramUpdate]], expected: list[tuple[InboundKind, str]]
) -> None:
    """Its words, whichever item has them and whenever they come; without words one item stands for all."""
    assert heard(AlbumFilter(), *batches) == expected


def test_what_comes_after_an_album_was_settled_says_nothing() -> None:
    """Its words have come, or they were asked for: more pictures of it change nothing, and late words still count."""
    albums = AlbumFilter()
    assert heard(albums, [item(1)]) == [(PICTURE, "")]
    assert heard(albums, [item(2)]) == []
    assert heard(albums, [item(3, "my arm")]) == [(WORDS, "my arm")]
    assert heard(albums, [item(4)]) == []


def test_the_order_of_the_others_is_kept() -> None:
    """What is held back is no reason to hold up what was said after it."""
    words = {"message_id": 8, "from": {"id": 1, "is_bot": False}, "chat": {"id": 1, "type": "private"}}
    said = read_update({"update_id": 8, "message": words | {"text": "later"}})
    albums = AlbumFilter()
    assert heard(albums, [item(1), said], given_up=False) == [(WORDS, "later")]
    assert albums.items(albums.held()[0]) == 1


def test_remembered_albums_are_bounded() -> None:
    """A year of albums takes no more memory than the last few."""
    albums = AlbumFilter(remembered=2)
    heard(albums, [item(number, "x", album=str(number)) for number in range(5)])
    assert [heard(albums, [item(9, album=album)]) for album in ("0", "4")] == [[(PICTURE, "")], []]


class Patience:
    """Instead of sleeping: waits until it is told that the time is over."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.asked = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.set()
        await self.over.wait()


def patient(telegram: TelegramEmulator) -> tuple[TelegramChannel, Patience]:
    """A channel that waits for an album as long as the test wants."""
    patience = Patience()
    return TelegramChannel(options(telegram), now=lambda: NOW, sleep=patience), patience


@pytest.mark.parametrize("kind", ["photo", "document", "video"])
async def test_words_in_a_later_poll_are_waited_for(kind: str) -> None:
    """The first items came alone: nobody is asked to write, and the words are an answer."""
    async with TelegramEmulator() as telegram:
        inbox, ada = Inbox(), telegram.person(1)
        channel, patience = patient(telegram)
        async with running(channel, inbox):
            await ada.send(kind, album="77")
            await patience.asked.wait()
            await ada.send(kind, "my arm", album="77")
            await inbox.wait_for(1)
            patience.over.set()
            await ada.type("and more")
            received = await inbox.wait_for(2)
        assert [inbound.text for inbound in received] == ["my arm", "and more"]
        assert len(inbox.all) == 2


async def test_an_album_without_words_is_told_once() -> None:
    """After a moment without words, under the name that all its items share."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        async with running(channel_to(telegram), inbox):
            await telegram.person(1).send_album(None, None, None)
            (first,) = await inbox.wait_for(1)
            await telegram.person(1).send_photo(album="13000000000000000")
            await telegram.person(1).type("and more")
            received = await inbox.wait_for(2)
        assert (first.kind, first.external_id) == (PICTURE, "7000000001:album:13000000000000000")
        assert [inbound.text for inbound in received] == ["", "and more"]


async def test_an_album_that_cannot_be_stored_is_tried_again() -> None:
    """The store raises twice; then it is there."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        inbox.failures = 2
        async with running(channel_to(telegram), inbox):
            await telegram.person(1).send_album(None, None)
            await inbox.wait_for(1)
        assert (inbox.asked, [inbound.kind for inbound in inbox.all]) == (3, [PICTURE])


async def test_an_album_that_is_waited_for_is_stored_at_the_end() -> None:
    """A restart in that moment is no reason to say nothing."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        channel, patience = patient(telegram)
        async with running(channel, inbox):
            await telegram.person(1).send_album(None, None)
            await patience.asked.wait()
            assert not inbox.all
        assert [inbound.kind for inbound in inbox.all] == [PICTURE]


async def test_an_end_does_not_wait_for_a_store_that_hangs() -> None:
    """Two seconds at most, and then the albums are let go."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        channel = TelegramChannel(options(telegram, poll_timeout=timedelta(seconds=1)), sleep=Patience())
        inbox.gate.clear()
        async with running(channel, inbox):
            await telegram.person(1).send_album(None, None)
            await telegram.wait_until(channel._albums.held)
        assert (inbox.asked, inbox.all) == (1, [])
