"""What people send on Telegram besides plain words, polled and posted: it counts as its words, or for nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.i18n.say import Sentence, say
from tests.emulators.telegram.contents import PEOPLE_SEND, SERVICE
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.telegram import TelegramDriver, telegram_driver
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin

ROLE = "nurse"
KEPT = f'answer c1 = "{ROLE}"'


@pytest.fixture(params=[False, True], ids=["polled", "posted"])
async def driver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TelegramDriver]:
    async with telegram_driver(tmp_path, COMMITTED_AT, webhook=request.param) as started:
        await begin(started)
        started.kept()
        yield started


async def said(driver: TelegramDriver) -> list[str]:
    """What the bot says to what was sent."""
    await driver.received()
    return said_by(await driver.after())


@pytest.mark.parametrize("kind", ["photo", "document", "video", "audio", "animation", "voice", "paid_media"])
async def test_words_under_something_are_the_answer(driver: TelegramDriver, kind: str) -> None:
    """Whatever it is: they answer the question, and nobody is asked to write."""
    await driver.person.send(kind, ROLE)
    assert await said(driver) == [AFTER_THE_ROLE]
    assert driver.kept() == [KEPT]


async def test_forwarded_words_are_the_answer(driver: TelegramDriver) -> None:
    """As if they had been typed."""
    await driver.person.forward(ROLE)
    assert await said(driver) == [AFTER_THE_ROLE]
    assert driver.kept() == [KEPT]


@pytest.mark.parametrize("kind", ["photo", "document", "video"])
@pytest.mark.parametrize("at", [0, 1, 2])
async def test_an_album_with_words_is_one_answer(driver: TelegramDriver, kind: str, at: int) -> None:
    """Wherever in it the words stand, and once."""
    captions: list[str | None] = [None, None, None]
    captions[at] = ROLE
    await driver.person.send_album(*captions, kind=kind)
    assert await said(driver) == [AFTER_THE_ROLE]
    assert driver.kept() == [KEPT]


async def test_an_album_without_words_is_answered_once(driver: TelegramDriver) -> None:
    """It is asked once for words, and the question stays open."""
    await driver.person.send_album(None, None, None)
    first = await said(driver)
    assert sum(text.startswith(say(Sentence.MEDIA_PHOTO, "en")[:20]) for text in first) == 1
    assert (await driver.type(ROLE))[-1].text == AFTER_THE_ROLE
    assert driver.kept() == [KEPT]


async def test_service_messages_say_nothing(driver: TelegramDriver) -> None:
    """Of every kind, also those that nobody knows yet: nothing is answered, and the question stays open."""
    for kind in SERVICE:
        await driver.person.cause(kind)
    await driver.person.cause("hologram_switched_on", {"by": 5})
    driver.telegram.state.hand_over("hologram", {"chat": 5})
    assert await said(driver) == []
    assert (await driver.type(ROLE))[-1].text == AFTER_THE_ROLE
    assert driver.kept() == [KEPT]


async def test_things_without_words_are_answered(driver: TelegramDriver) -> None:
    """Of every kind that people can send: they hear that words are wanted."""
    for kind in PEOPLE_SEND:
        await driver.person.send(kind)
        assert await said(driver), kind
    assert (await driver.type(ROLE))[-1].text == AFTER_THE_ROLE
    assert driver.kept() == [KEPT]


async def test_a_quotation_of_the_open_question_answers_it(driver: TelegramDriver) -> None:
    """Also one of some words of it alone; one of another chat's message is words like any."""
    question = driver.person.from_bot[-1]
    await driver.person.reply(ROLE, question, quote=question.text[:4])
    assert await said(driver) == [AFTER_THE_ROLE]
    assert driver.kept() == [KEPT]


async def test_a_quotation_of_an_earlier_question_corrects_its_answer(driver: TelegramDriver) -> None:
    """It is no answer to the open one, which is asked once more and answered as ever."""
    question = driver.person.from_bot[-1]
    await driver.type("physician")
    await driver.person.reply(ROLE, question)
    assert await said(driver)
    standing = "SELECT slot, raw FROM answer WHERE superseded_at IS NULL AND slot NOT LIKE 'c0%'"
    assert [tuple(row) for row in driver.house.rows(standing)] == [("c1", ROLE)]
