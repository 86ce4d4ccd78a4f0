"""What a tap is answered by, and when: by its turn, or plainly when that takes too long."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.base import TOAST_LENGTH, Inbound, InboundKind
from bot.channels.telegram import taps
from bot.channels.telegram.channel import TelegramChannel
from flows.engine.effects import PromptKind
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import Inbox, TapPatience, channel_to, outbound, running


class Tapping:
    """Somebody with a question before them, and a channel that waits for what comes of a tap."""

    def __init__(self, telegram: TelegramEmulator, channel: TelegramChannel, patience: TapPatience) -> None:
        self.telegram, self.channel, self.patience = telegram, channel, patience
        self.inbox, self.ada = Inbox(), telegram.person(1)

    async def tap(self, label: str = "No") -> tuple[str, Inbound]:
        """Tap; the number of the tap and what came in of it."""
        before = len(self.inbox.all)
        query = await self.ada.tap(label)
        return query, (await self.inbox.wait_for(before + 1))[-1]

    async def answered(self, *queries: str) -> None:
        await self.telegram.wait_until(lambda: set(queries) <= set(self.telegram.state.answered))

    @property
    def toasts(self) -> list[str]:
        return [toast.text for toast in self.ada.toasts]


@pytest.fixture
async def tapping() -> AsyncIterator[Tapping]:
    async with TelegramEmulator() as telegram:
        patience = TapPatience()
        channel = channel_to(telegram, patience)
        made = Tapping(telegram, channel, patience)
        async with running(channel, made.inbox):
            await made.ada.start()
            await made.inbox.wait_for(1)
            await channel.send(outbound("Well?", "Yes", "No", kind=PromptKind.SELECT_ONE))
            yield made


async def test_a_tap_waits_for_its_turn(tapping: Tapping) -> None:
    """That a tap is stored does not answer it; its turn does, plainly where nothing is said of it."""
    query, tap = await tapping.tap()
    assert "answerCallbackQuery" not in tapping.telegram.methods_called()
    tapping.channel.turn_taken(tap.external_id, None)
    await tapping.answered(query)
    assert tapping.toasts == []


@pytest.mark.parametrize("words", ["Please pick no more than 3.", "x" * TOAST_LENGTH])
async def test_a_tap_is_answered_by_a_toast(tapping: Tapping, words: str) -> None:
    """What its turn says of a tap is its toast, as long as Telegram takes it."""
    query, tap = await tapping.tap()
    tapping.channel.turn_taken(tap.external_id, words)
    await tapping.answered(query)
    assert tapping.toasts == [words]


async def test_when_patience_ends_a_tap_is_answered_plainly(tapping: Tapping) -> None:
    """Whatever has become of the turn; one that comes after that changes nothing."""
    query, tap = await tapping.tap()
    tapping.patience.end()
    await tapping.answered(query)
    tapping.channel.turn_taken(tap.external_id, "too late")
    again, _ = await tapping.tap()
    tapping.patience.end()
    await tapping.answered(again)
    assert (tapping.toasts, tapping.telegram.methods_called().count("answerCallbackQuery")) == ([], 2)


async def test_patience_lasts_a_second_and_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hourglass on a button never turns longer than that."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await taps.tap_patience()
    assert slept == [1.5]


async def test_a_tap_that_is_not_stored_is_answered_when_patience_ends(tapping: Tapping) -> None:
    """The store may fail or take long: the tap stays with Telegram, and its button is free again."""
    tapping.inbox.gate.clear()
    query = await tapping.ada.tap("No")
    await tapping.inbox.wait_until(lambda: tapping.inbox.asked == 2)
    tapping.patience.end()
    await tapping.answered(query)
    tapping.inbox.failures = 1
    tapping.inbox.gate.set()
    stored = await tapping.inbox.wait_for(2)
    assert stored[-1].kind is InboundKind.TAP
    assert tapping.telegram.state.answered.count(query) == 1


async def test_two_taps_are_answered_each_by_its_turn(tapping: Tapping) -> None:
    """A double tap is two taps, and each has its own answer."""
    first, second = await tapping.ada.double_tap("No")
    await tapping.inbox.wait_for(3)
    names = [one.external_id for one in tapping.inbox.all[1:]]
    tapping.channel.turn_taken(names[1], "second")
    await tapping.answered(second)
    assert first not in tapping.telegram.state.answered
    tapping.channel.turn_taken(names[0], "first")
    await tapping.answered(first)
    assert tapping.toasts == ["second", "first"]


async def test_a_tap_that_nobody_takes_is_answered_at_once(tapping: Tapping) -> None:
    """No turn will come of a tap without a payload."""
    shown = tapping.ada.last
    body = {"id": "42", "from": tapping.telegram.state.user_payload(tapping.ada), "chat_instance": "1"}
    body["message"] = {
        "message_id": shown.message_id,
        "date": 0,
        "chat": tapping.telegram.state.chat_payload(tapping.ada),
    }
    tapping.telegram.state.open_queries["42"] = tapping.ada.id
    tapping.telegram.state.push("callback_query", body)
    await tapping.answered("42")
    assert "42" in tapping.telegram.state.answered
    assert tapping.toasts == []


async def test_closing_answers_what_waits(tapping: Tapping) -> None:
    """A bot that stops leaves no hourglass behind."""
    query, _ = await tapping.tap()
    await tapping.channel.taps.close()
    assert query in tapping.telegram.state.answered


@pytest.mark.parametrize(("times", "toasts"), [(1, ["words"]), (2, [])])
@pytest.mark.parametrize("fault", [Fault.GATEWAY, Fault.DROP_BEFORE, Fault.RATE_LIMIT])
async def test_an_answer_that_fails_costs_nothing(
    tapping: Tapping, fault: Fault, times: int, toasts: list[str]
) -> None:
    """Words are tried once more; where they are lost for good, nothing else is."""
    _, tap = await tapping.tap()
    tapping.telegram.faults.add("answerCallbackQuery", fault, times=times)
    tapping.channel.turn_taken(tap.external_id, "words")
    await tapping.channel.taps.settle()
    assert tapping.toasts == toasts
    await tapping.ada.type("and more")
    assert (await tapping.inbox.wait_for(3))[-1].text == "and more"
