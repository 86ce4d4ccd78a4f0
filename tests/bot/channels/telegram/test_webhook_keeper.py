"""A webhook is ours or none, whatever another program with the bot's token does."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.errors import CONFLICT_REMEDY, HOOKED_REMEDY
from bot.channels.telegram.webhook_keeper import STANDS_FOR
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.emulators.telegram.state import Webhook
from tests.support.telegram_channel import NOW, Inbox, channel_to, options, running

THEIRS = "http://127.0.0.1:9/theirs"
OURS = "http://127.0.0.1:9/telegram"


class Clock:
    """Seconds that pass where the channel sleeps, so that waiting takes no time."""

    def __init__(self, step: float | None = None) -> None:
        self.seconds = 0.0
        self.step = step
        self.slept: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds if self.step is None else self.step
        self.slept()


def timed(telegram: TelegramEmulator, clock: Clock) -> TelegramChannel:
    return TelegramChannel(options(telegram), now=lambda: NOW, monotonic=clock, sleep=clock.sleep)


def deletions(telegram: TelegramEmulator) -> list[Any]:
    """What was asked of Telegram about webhooks that were waiting."""
    return [
        call.params.get("drop_pending_updates") for call in telegram.calls if call.method == "deleteWebhook"
    ]


def hook(telegram: TelegramEmulator) -> None:
    """Another program sets its webhook. Its address does not answer, so that all stays with Telegram."""
    telegram.state.webhook = Webhook(THEIRS, None, 40)
    telegram.state.wake()


async def test_a_webhook_from_before_the_start_goes_at_once() -> None:
    """What waits is kept, and no minute is waited."""
    async with TelegramEmulator() as telegram:
        inbox, clock = Inbox(), Clock()
        hook(telegram)
        await telegram.person(1).type("Anybody there?")
        async with running(timed(telegram, clock), inbox):
            assert [inbound.text for inbound in await inbox.wait_for(1)] == ["Anybody there?"]
        assert (deletions(telegram), clock.seconds) == (["false"], 1.0)


async def test_a_webhook_that_another_program_sets_is_taken_away(caplog: Any, capfd: Any) -> None:
    """Not at once, for its owner may be at work; after a minute. The log names the true remedy, what waits is kept."""
    async with TelegramEmulator() as telegram:
        inbox, clock = Inbox(), Clock()
        async with running(timed(telegram, clock), inbox):
            await telegram.person(1).type("one")
            await inbox.wait_for(1)
            hook(telegram)
            await telegram.person(1).type("two")
            assert [inbound.text for inbound in await inbox.wait_for(2)] == ["one", "two"]
        assert deletions(telegram) == ["false"]
        assert STANDS_FOR <= clock.seconds < 3 * STANDS_FOR
    log = caplog.text + "".join(capfd.readouterr())
    assert HOOKED_REMEDY in log
    assert "webhook_taken_away" in log
    assert CONFLICT_REMEDY not in log


async def test_a_webhook_that_is_set_again_and_again_is_taken_away_each_time() -> None:
    """Once a minute at most."""
    async with TelegramEmulator() as telegram:
        inbox, clock = Inbox(), Clock()
        async with running(timed(telegram, clock), inbox):
            for number in range(1, 4):
                await telegram.person(1).type(str(number))
                await inbox.wait_for(number)
                hook(telegram)
            await telegram.person(1).type("4")
            await inbox.wait_for(4)
        assert 2 <= len(deletions(telegram)) <= 3
        assert clock.seconds >= STANDS_FOR * len(deletions(telegram))


@pytest.mark.parametrize(
    "trouble",
    [
        {"fault": Fault.RATE_LIMIT, "retry_after": 90},
        {"fault": Fault.SERVER_ERROR},
        {"fault": Fault.REVOKED, "status": 404, "error": "Not Found"},
        {"fault": Fault.GATEWAY, "status": 200},
    ],
)
async def test_trouble_with_taking_it_away_is_waited_out(trouble: dict[str, Any]) -> None:
    """Polling goes on meanwhile, and Telegram is asked again no sooner than it says."""
    async with TelegramEmulator() as telegram:
        inbox, clock = Inbox(), Clock()
        hook(telegram)
        telegram.faults.add("deleteWebhook", **trouble)
        await telegram.person(1).type("Hi")
        async with running(timed(telegram, clock), inbox):
            await inbox.wait_for(1)
        assert len(deletions(telegram)) == 2
        assert clock.seconds >= trouble.get("retry_after", 0)


@pytest.mark.parametrize("goes_alone", [True, False])
async def test_a_second_poller_has_another_remedy(caplog: Any, capfd: Any, goes_alone: bool) -> None:
    """It is not our webhook that stands in the way: nothing is taken away, also where Telegram's words are new."""
    async with TelegramEmulator() as telegram:
        inbox, clock = Inbox(), Clock(step=STANDS_FOR)
        words = "Conflict: terminated by other getUpdates request" if goes_alone else "Conflict: in new words"
        telegram.faults.add("getUpdates", Fault.SERVER_ERROR, status=409, error=words, times=3)
        await telegram.person(1).type("Hi")
        async with running(timed(telegram, clock), inbox):
            await inbox.wait_for(1)
        assert deletions(telegram) == []
        assert ("getWebhookInfo" in telegram.methods_called()) is not goes_alone
    assert CONFLICT_REMEDY in caplog.text + "".join(capfd.readouterr())


async def test_a_conflict_in_new_words_is_asked_about() -> None:
    """Where a webhook stands, it is the webhook."""
    async with TelegramEmulator() as telegram:
        inbox, clock = Inbox(), Clock()
        hook(telegram)
        telegram.faults.add("getUpdates", Fault.SERVER_ERROR, status=409, error="Conflict: in new words")
        await telegram.person(1).type("Hi")
        async with running(timed(telegram, clock), inbox):
            await inbox.wait_for(1)
        assert deletions(telegram) == ["false"]


def replaced(telegram: TelegramEmulator) -> None:
    telegram.state.webhook = Webhook(THEIRS, None, 40)


def removed(telegram: TelegramEmulator) -> None:
    telegram.state.webhook = None


def narrowed(telegram: TelegramEmulator) -> None:
    telegram.state.allowed = frozenset({"message"})


@pytest.mark.parametrize("change", [replaced, removed, narrowed])
async def test_our_webhook_is_set_again(caplog: Any, capfd: Any, change: Callable[[Any], None]) -> None:
    """Replaced, removed or made deaf by another program: it is noticed, said, and mended."""
    async with TelegramEmulator() as telegram:
        soon = {"webhook_check": timedelta(seconds=0.01)}
        channel = channel_to(telegram, webhook_url=OURS, webhook_secret="s", **soon)
        async with running(channel, Inbox()):
            await telegram.wait_until(lambda: telegram.state.webhook)
            change(telegram)
            await telegram.wait_until(lambda: telegram.methods_called().count("setWebhook") >= 2)
        webhook = telegram.state.webhook
        assert webhook is not None
        assert (webhook.url, webhook.secret) == (OURS, "s")
        assert "message_reaction" in json.loads(telegram.calls[-1].params.get("allowed_updates", "[]")) or (
            telegram.state.allowed is not None and "message_reaction" in telegram.state.allowed
        )
    assert "webhook_replaced" in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("method", "fault", "details"),
    [
        ("getWebhookInfo", Fault.SERVER_ERROR, {}),
        ("getWebhookInfo", Fault.GATEWAY, {"status": 200, "error": '{"ok": true, "result": null}'}),
        ("getWebhookInfo", Fault.REVOKED, {"status": 404, "error": "Not Found"}),
        ("setWebhook", Fault.SERVER_ERROR, {"status": 400, "error": "Bad Request: bad webhook"}),
    ],
)
async def test_trouble_with_the_look_stops_nothing(
    method: str, fault: Fault, details: dict[str, Any]
) -> None:
    """The next look mends it: an address that was taken once is no mistake in the settings."""
    async with TelegramEmulator() as telegram:
        soon = {"webhook_check": timedelta(seconds=0.01)}
        channel = channel_to(telegram, webhook_url=OURS, webhook_secret="s", **soon)
        async with running(channel, Inbox()) as task:
            await telegram.wait_until(lambda: telegram.state.webhook)
            telegram.faults.add(method, fault, **details)
            removed(telegram)
            await telegram.wait_until(lambda: telegram.state.webhook)
            assert not task.done()
        assert telegram.faults.met == [(method, fault)]
