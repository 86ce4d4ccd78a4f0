"""The command menu is set beside everything else: whatever goes wrong with it, people are heard."""

from typing import Any

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.command_menu import COMMANDS
from flows.i18n.say import Sentence, say
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import NOW, Inbox, Waits, channel_to, options, running

LANGUAGES = ("en", "es", "pt-BR", "fil", "ar")
ENOUGH = 10_000


async def has_menus(telegram: TelegramEmulator, *languages: str) -> None:
    await telegram.wait_until(lambda: [*telegram.state.menus] == [*languages])


async def test_the_menu_is_set_at_the_start() -> None:
    """The words that work everywhere are in the menu, in each language that the bot speaks with what it does."""
    async with TelegramEmulator() as telegram:
        async with running(channel_to(telegram, languages=LANGUAGES), Inbox()):
            await has_menus(telegram, "", "es", "pt", "ar")  # three letters are no language of Telegram's
        menus = telegram.state.menus
        for language, menu in menus.items():
            assert [command["command"] for command in menu] == [*COMMANDS]
            says = {command["command"]: command["description"] for command in menu}
            assert says["stop"] == say(Sentence.MENU_STOP, language or "en")
        assert len({menu[0]["description"] for menu in menus.values()}) == len(menus)


async def test_a_menu_that_has_not_changed_is_let_be() -> None:
    """A second start asks and sets nothing; what somebody changed is set again, and only that."""
    async with TelegramEmulator() as telegram:
        async with running(channel_to(telegram, languages=LANGUAGES), Inbox()):
            await has_menus(telegram, "", "es", "pt", "ar")
        for changed, expected in (([], []), (["es"], ["es"]), (["", "ar"], ["", "ar"])):
            for language in changed:
                telegram.state.menus[language] = telegram.state.menus[language][1:]
            telegram.calls.clear()
            async with running(channel_to(telegram, languages=LANGUAGES), Inbox()):
                await telegram.wait_until(lambda: telegram.methods_called().count("getMyCommands") == 4)
                await telegram.wait_until(
                    lambda: all(len(menu) == len(COMMANDS) for menu in telegram.state.menus.values())
                )
            calls = [call.params for call in telegram.calls if call.method == "setMyCommands"]
            assert [params.get("language_code", "") for params in calls] == expected


@pytest.mark.parametrize("method", ["getMyCommands", "setMyCommands"])
@pytest.mark.parametrize(
    ("fault", "details"),
    [
        (Fault.RATE_LIMIT, {"retry_after": 3600}),
        (Fault.SERVER_ERROR, {}),
        (Fault.REVOKED, {"status": 404, "error": "Not Found"}),
        (Fault.REVOKED, {}),
        (Fault.GATEWAY, {}),
        (Fault.GATEWAY, {"status": 302}),
        (Fault.GATEWAY, {"status": 200, "error": '{"ok": true, "result": 5}'}),
        (Fault.DROP_BEFORE, {}),
        (Fault.SERVER_ERROR, {"status": 400, "error": "Bad Request: BOT_COMMAND_INVALID"}),
    ],
)
async def test_trouble_with_the_menu_makes_nobody_deaf(
    method: str, fault: Fault, details: dict[str, Any]
) -> None:
    """It lasts for good: what people say is received all the same, at once."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.add(method, fault, times=ENOUGH, **details)
        async with running(channel_to(telegram), inbox) as task:
            for number in range(1, 4):
                await telegram.person(1).type(str(number))
                await inbox.wait_for(number)
            assert not task.done()


async def test_a_webhook_is_set_whatever_the_menu_does() -> None:
    """Posts come in as well as polls."""
    async with TelegramEmulator() as telegram:
        telegram.faults.add("getMyCommands", Fault.TIMEOUT_AFTER, times=ENOUGH)
        url = "http://127.0.0.1:9/telegram"
        async with running(channel_to(telegram, webhook_url=url, webhook_secret="s"), Inbox()):
            await telegram.wait_until(lambda: telegram.state.webhook)
        assert telegram.state.webhook.url == url
        assert telegram.state.menus == {}


async def test_trouble_passes_and_the_menu_is_set(caplog: Any, capfd: Any) -> None:
    """Telegram is asked no sooner than it says, less and less often otherwise; the log has it once."""
    async with TelegramEmulator() as telegram:
        waits = Waits()
        telegram.faults.add("getMyCommands", Fault.RATE_LIMIT, retry_after=7200)
        telegram.faults.add("getMyCommands", Fault.SERVER_ERROR, times=12)
        channel = TelegramChannel(options(telegram, languages=("es",)), now=lambda: NOW, sleep=waits)
        async with running(channel, Inbox()):
            await has_menus(telegram, "", "es")
        assert waits.seconds == [7200, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]
    assert (caplog.text + "".join(capfd.readouterr())).count("menu_postponed") == 1


async def test_a_menu_that_telegram_does_not_take_is_left_out() -> None:
    """The other languages have theirs."""
    async with TelegramEmulator() as telegram:
        telegram.faults.add(
            "setMyCommands", Fault.SERVER_ERROR, status=400, error="Bad Request: BAD", after=1
        )
        async with running(channel_to(telegram, languages=("es", "ar")), Inbox()):
            await has_menus(telegram, "", "ar")
        assert set(telegram.state.menus) == {"", "ar"}


async def test_waiting_for_the_menu_does_not_hold_up_the_end() -> None:
    """An hour to wait, and the bot is stopped: it stops."""
    async with TelegramEmulator() as telegram:
        inbox = Inbox()
        telegram.faults.add("getMyCommands", Fault.RATE_LIMIT, retry_after=3600)
        channel = TelegramChannel(options(telegram), now=lambda: NOW)
        async with running(channel, inbox):
            await telegram.person(1).type("Hi")
            await inbox.wait_for(1)
            await telegram.wait_until(lambda: "getMyCommands" in telegram.methods_called())
        assert "setMyCommands" not in telegram.methods_called()
