"""Long polling: what was said to the bot is stored before Telegram is told so, whatever comes between."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.base import ChannelRefused, InboundKind, message_order
from bot.channels.telegram.channel import TelegramChannel
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import NOW, Inbox, Waits, channel_to, options, outbound, running

GROUP_MESSAGE = {
    "message_id": 1,
    "from": {"id": 9, "is_bot": False, "first_name": "X"},
    "chat": {"id": -100, "type": "supergroup"},
    "date": 1,
    "text": "hello",
}


async def test_nothing_is_confirmed_before_it_is_stored() -> None:
    """While the store is at work, Telegram still has the update; afterwards it may forget it."""
    async with TelegramEmulator() as telegram:
        inbox, ada = Inbox(), telegram.person(1)
        inbox.gate.clear()
        async with running(channel_to(telegram), inbox):
            await ada.type("Well")
            await inbox.wait_until(lambda: inbox.asked == 1)
            assert not telegram.state.confirmed
            inbox.gate.set()
            await inbox.wait_for(1)
            await ada.type("Very well")
            await inbox.wait_for(2)
            assert len(telegram.state.confirmed) == 1


async def test_a_process_that_dies_between_poll_and_commit_loses_nothing() -> None:
    """The next process is given the same update again."""
    async with TelegramEmulator() as telegram:
        dying, living = Inbox(), Inbox()
        dying.gate.clear()
        async with running(channel_to(telegram), dying):
            await telegram.person(1).type("Well")
            await dying.wait_until(lambda: dying.asked == 1)
        async with running(channel_to(telegram), living):
            assert [inbound.text for inbound in await living.wait_for(1)] == ["Well"]
        assert not dying.all


async def test_what_could_not_be_stored_comes_again() -> None:
    """The store raises twice; the third time the whole batch is there, once."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        inbox.failures = 2
        channel = channel_to(telegram)
        async with running(channel, inbox):
            await telegram.person(1).type("Well")
            await inbox.wait_for(1)
            assert (inbox.asked, [inbound.text for inbound in inbox.all]) == (3, ["Well"])
            assert channel._sleep.seconds == [1.0, 2.0]  # type: ignore[attr-defined]


async def test_what_was_said_while_nobody_listened_is_received() -> None:
    """Waiting updates are not dropped at the start."""
    async with TelegramEmulator() as telegram:
        inbox, ada = Inbox(), telegram.person(1)
        await ada.start("TOKEN")
        await ada.type("Anybody there?")
        async with running(channel_to(telegram), inbox):
            received = await inbox.wait_for(2)
        assert [inbound.kind for inbound in received] == [InboundKind.START, InboundKind.TEXT]
        assert "deleteWebhook" not in telegram.methods_called()


async def test_the_order_within_a_chat_is_kept() -> None:
    """Forty messages of two people, handed on in the order in which each wrote them."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        async with running(channel_to(telegram), inbox):
            for number in range(20):
                await telegram.person(1 + number % 2).type(str(number))
                await asyncio.sleep(0)
            await inbox.wait_for(20)
        for person in (0, 1):
            mine = [int(inbound.text) for inbound in inbox.all if inbound.address == f"telegram:{person + 1}"]
            assert mine == sorted(mine)


async def test_the_kinds_of_updates_are_asked_for_by_name() -> None:
    """A setting of some earlier program does not leave us deaf to taps or blocks."""
    async with TelegramEmulator() as telegram:
        telegram.state.allowed = frozenset({"message"})
        inbox, ada = Inbox(), telegram.person(1)
        async with running(channel_to(telegram), inbox):
            await ada.type("Hi")
            await inbox.wait_for(1)
            await ada.block()
            await ada.unblock()
            kinds = [inbound.kind for inbound in await inbox.wait_for(3)]
        assert kinds == [InboundKind.TEXT, InboundKind.BLOCKED, InboundKind.UNBLOCKED]


@pytest.mark.parametrize(
    ("method", "fault", "details"),
    [
        ("getUpdates", Fault.RATE_LIMIT, {"retry_after": 9}),
        ("getUpdates", Fault.SERVER_ERROR, {}),
        ("getUpdates", Fault.GATEWAY, {}),
        ("getUpdates", Fault.DROP_BEFORE, {}),
        ("getUpdates", Fault.DROP_AFTER, {}),
        (
            "getUpdates",
            Fault.SERVER_ERROR,
            {"status": 409, "error": "Conflict: terminated by other getUpdates"},
        ),
        ("getUpdates", Fault.REVOKED, {}),
        ("getUpdates", Fault.REVOKED, {"status": 404, "error": "Not Found"}),
        ("getUpdates", Fault.GATEWAY, {"status": 200}),
        ("getUpdates", Fault.GATEWAY, {"status": 302}),
        ("getUpdates", Fault.GATEWAY, {"status": 200, "error": "[]"}),
        ("getUpdates", Fault.GATEWAY, {"status": 200, "error": "{}"}),
        ("getUpdates", Fault.GATEWAY, {"status": 200, "error": "[" * 100_000}),
        ("getUpdates", Fault.GATEWAY, {"status": 200, "error": '{"ok": true, "result": null}'}),
        ("getUpdates", Fault.GATEWAY, {"status": 200, "error": '{"ok": true, "result": {"update_id": 5}}'}),
        ("getUpdates", Fault.GATEWAY, {"status": 500, "error": "[5]"}),
        ("getUpdates", Fault.GATEWAY, {"status": 500, "error": '{"description": 5, "parameters": [1]}'}),
        ("getUpdates", Fault.GATEWAY, {"status": 429, "error": '{"parameters": {"retry_after": "soon"}}'}),
    ],
)
async def test_passing_trouble_is_waited_out(method: str, fault: Fault, details: dict[str, Any]) -> None:
    """After twice the same trouble, what was said arrives once.

    A stray 401 or 404 is such trouble too, and what something else than Telegram answers in its place.
    """
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.add(method, fault, times=2, **details)
        channel = channel_to(telegram)
        await telegram.person(1).type("Still here")
        async with running(channel, inbox):
            assert [inbound.text for inbound in await inbox.wait_for(1)] == ["Still here"]
        assert len(telegram.faults.met) == 2
        waited = channel._sleep.seconds  # type: ignore[attr-defined]
        assert waited == ([9.0, 9.0] if details == {"retry_after": 9} else [1.0, 2.0])


async def test_a_poll_without_an_answer_is_given_up() -> None:
    """The connection stands and nothing comes: the next poll has it."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.add("getUpdates", Fault.TIMEOUT_AFTER)
        async with running(channel_to(telegram, request_timeout=timedelta(seconds=0.2)), inbox):
            await telegram.person(1).type("Still here")
            await inbox.wait_for(1)
        assert [inbound.text for inbound in inbox.all] == ["Still here"]


@pytest.mark.parametrize("token", ["revoked", "of nobody", "malformed"])
async def test_a_refused_token_is_said_aloud(token: str) -> None:
    """The loop does not die in silence: whoever runs it hears what to do, and not the token."""
    async with TelegramEmulator() as telegram:
        given = {"revoked": telegram.token, "of nobody": "7:abcdefgh", "malformed": "nonsense"}[token]
        inbox = Inbox()
        channel = channel_to(telegram, token=given)
        async with running(channel, inbox) as task:
            if token == "revoked":
                await telegram.person(1).type("Hi")
                await inbox.wait_for(1)
                telegram.state.revoke()
            with pytest.raises(ChannelRefused, match="BotFather") as refused:
                await task
        assert given not in str(refused.value)
        assert refused.value.stops_channel


async def test_a_client_that_is_stuck_is_made_anew() -> None:
    """Five minutes without one good poll: the client is thrown away, and the next one is heard."""
    seconds = [0.0]

    async def sleep(wait: float) -> None:
        seconds[0] += 120
        await asyncio.sleep(0)

    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.add("getUpdates", Fault.SERVER_ERROR, times=4)
        channel = TelegramChannel(
            options(telegram), now=lambda: NOW, monotonic=lambda: seconds[0], sleep=sleep
        )
        assert channel.last_success is None
        async with running(channel, inbox):
            await telegram.person(1).type("Hello?")
            await inbox.wait_for(1)
        assert channel.rebuilt == 1
        assert channel.last_success == NOW


async def test_waits_grow_up_to_a_limit() -> None:
    """An hour of trouble is not an hour of hammering, nor a day of silence after it."""
    async with TelegramEmulator() as telegram:
        inbox, waits = Inbox(), Waits()
        telegram.faults.add("getUpdates", Fault.SERVER_ERROR, times=8)
        channel = TelegramChannel(options(telegram), now=lambda: NOW, sleep=waits)
        async with running(channel, inbox):
            await telegram.person(1).type("Hello?")
            await inbox.wait_for(1)
        assert waits.seconds == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_second_poller_is_lived_with() -> None:
    """Two processes with one token, as in a restart that overlaps: one is turned away, waits, and goes on."""
    async with TelegramEmulator() as telegram:
        first, second = Inbox(), Inbox()
        async with running(channel_to(telegram), second):
            async with running(channel_to(telegram), first):
                await telegram.person(1).type("one")
                await asyncio.wait(
                    [asyncio.ensure_future(first.wait_for(1)), asyncio.ensure_future(second.wait_for(1))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
            await telegram.person(1).type("two")
            await second.wait_until(lambda: any(inbound.text == "two" for inbound in second.all))
        heard = {inbound.external_id: inbound.text for inbound in (*first.all, *second.all)}
        assert sorted(heard.values()) == ["one", "two"]


async def test_what_cannot_be_read_holds_up_nobody() -> None:
    """A malformed update and a group's words are confirmed and passed over; what follows is received."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.state.queue({"update_id": 100_000, "message": {"message_id": "?"}})
        telegram.state.queue({"update_id": 100_001, "message": GROUP_MESSAGE})
        async with running(channel_to(telegram), inbox):
            await telegram.person(1).type("Hi")
            await inbox.wait_for(1)
            await telegram.person(1).type("again")
            await inbox.wait_for(2)
        assert {100_000, 100_001} <= {update["update_id"] for update in telegram.state.confirmed}


@pytest.mark.parametrize("odd", [{}, {"message": {"text": "?"}}, {"update_id": None}, {"update_id": 10**30}])
async def test_what_has_no_number_is_asked_for_at_a_walk(odd: dict[str, Any]) -> None:
    """It cannot be confirmed and comes again and again: others are heard, and Telegram is not hammered."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        channel = channel_to(telegram)
        telegram.faults.add(
            "getUpdates", Fault.GATEWAY, status=200, error=json.dumps({"ok": True, "result": [odd]}), times=3
        )
        await telegram.person(1).type("Hi")
        async with running(channel, inbox):
            await inbox.wait_for(1)
        assert channel._sleep.seconds == [1.0, 2.0, 4.0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["hologram", "poll_answer", "business_message", "guest_message"])
@pytest.mark.parametrize("body", [None, 5, "x", [], {"chat": 5}, {"message_id": 10**30, "text": ["?"]}])
async def test_kinds_that_nobody_knows_are_passed_over(kind: str, body: Any) -> None:
    """Confirmed like any other, and what comes with them is received."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        await telegram.person(1).type("before")
        number = telegram.state.hand_over(kind, body)
        await telegram.person(1).type("after")
        async with running(channel_to(telegram), inbox):
            assert [inbound.text for inbound in await inbox.wait_for(2)] == ["before", "after"]
            await telegram.wait_until(
                lambda: number in [update["update_id"] for update in telegram.state.confirmed]
            )


async def test_a_reaction_is_received() -> None:
    """It is asked for by name; that it is taken away is nothing."""
    async with TelegramEmulator() as telegram:
        inbox, ada = Inbox(), telegram.person(1)
        channel = channel_to(telegram)
        async with running(channel, inbox):
            await ada.start()
            await inbox.wait_for(1)
            name = await channel.send(outbound("Well?", "Yes", "No"))
            await ada.react(ada.last, "\U0001f44d")
            await ada.react(ada.last)
            await ada.type("Hi")
            received = (await inbox.wait_for(3))[1:]
        assert [inbound.kind for inbound in received] == [InboundKind.REACTION, InboundKind.TEXT]
        assert received[0].message_id == name


async def test_what_was_written_has_its_place_in_the_chat() -> None:
    """Words from before a question have a lower place than its message, and words after it a higher one."""
    async with TelegramEmulator() as telegram:
        inbox, ada = Inbox(), telegram.person(1)
        channel = channel_to(telegram)
        await ada.start()
        await ada.type("yes")
        question = message_order(await channel.send(outbound("Well?", "Yes", "No")))
        await ada.reply("yes", ada.last)
        async with running(channel, inbox):
            _, before, after = await inbox.wait_for(3)
        assert question is not None
        assert before.order is not None
        assert after.order is not None
        assert before.order < question < after.order
        assert (before.about, after.about) == (None, str(question))
        assert before.written_at == datetime.fromtimestamp(ada.messages[1].date, UTC)


async def test_numbers_may_begin_anew_after_a_quiet_week() -> None:
    """Telegram then takes any number for the next update, also a lower one: it is not an old one."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        async with running(channel_to(telegram), inbox):
            await telegram.person(1).type("before")
            await inbox.wait_for(1)
            await telegram.wait_until(lambda: telegram.methods_called().count("getUpdates") >= 3)
            late = {**GROUP_MESSAGE, "chat": {"id": 1, "type": "private"}, "text": "after"}
            telegram.state.queue({"update_id": 5, "message": late})
            assert [inbound.text for inbound in await inbox.wait_for(2)] == ["before", "after"]


async def test_a_duplicate_keeps_its_name() -> None:
    """The same update handed over three times has one external id: the inbox keeps one."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.duplicate_deliveries(copies=3)
        await telegram.person(1).type("Hi")
        async with running(channel_to(telegram), inbox):
            received = await inbox.wait_for(3)
        assert len({inbound.external_id for inbound in received}) == 1


async def test_two_bots_may_use_the_same_number() -> None:
    """The name of an update says which bot it came to, so that a new bot's first messages are no old ones; it
    names neither the person nor the secret part of the token.
    """
    names = []
    for token in ("70:first-secret", "71:second-secret"):
        async with TelegramEmulator(token) as telegram:
            inbox = Inbox()
            words = {**GROUP_MESSAGE, "chat": {"id": 1234, "type": "private"}}
            picture = {**words, "text": None, "photo": [], "media_group_id": "9"}
            telegram.state.queue({"update_id": 5, "message": words})
            telegram.state.queue({"update_id": 6, "message": picture})
            async with running(channel_to(telegram), inbox):
                names.append([inbound.external_id for inbound in await inbox.wait_for(2)])
    assert names == [["70:5", "70:album:9"], ["71:5", "71:album:9"]]


async def test_a_batch_in_the_wrong_order_is_put_right() -> None:
    """Its numbers say in which order things were said."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.reorder_deliveries()
        for word in ("one", "two", "three"):
            await telegram.person(1).type(word)
        async with running(channel_to(telegram), inbox):
            assert [inbound.text for inbound in await inbox.wait_for(3)] == ["one", "two", "three"]


@pytest.mark.parametrize("fault", [None, Fault.GATEWAY, Fault.DROP_BEFORE, Fault.RATE_LIMIT])
async def test_a_tap_that_cannot_be_acknowledged_is_kept(fault: Fault | None) -> None:
    """Too old a tap, or trouble with the acknowledgement: the answer counts, and the conversation goes on."""
    async with TelegramEmulator() as telegram:
        inbox, ada = Inbox(), telegram.person(1)
        channel = channel_to(telegram)
        await ada.start()
        await channel.send(outbound("Well?", "Yes", "No"))
        await ada.tap("No")
        telegram.state.expire_queries()
        if fault:
            telegram.faults.add("answerCallbackQuery", fault)
        async with running(channel, inbox):
            await inbox.wait_for(2)
            await ada.type("and more")
            assert (await inbox.wait_for(3))[1].button == "1a.4.1"


async def test_receiving_logs_neither_token_nor_words(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also when polls fail and updates cannot be read."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        with caplog.at_level(logging.DEBUG):
            telegram.faults.add("getUpdates", Fault.GATEWAY)
            telegram.state.queue({"update_id": 1, "message": {"text": "my secret words"}})
            await telegram.person(1).type("my secret words")
            async with running(channel_to(telegram), inbox):
                await inbox.wait_for(1)
    written = caplog.text + "".join(capfd.readouterr())
    assert "telegram_unreachable" in written
    assert "update_unreadable" in written
    assert telegram.token not in written
    assert "my secret words" not in written
