"""A person's own answers as a file in the chat, on every platform."""

import pytest

from bot.channels.base import ParticipantBlocked, SendError
from bot.channels.terminal import ScreenLine, TerminalChannel
from tests.emulators.slack.server import SlackEmulator
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.slack_channel import Inbox, no_proxy, running  # noqa: F401 - no_proxy is a fixture
from tests.support.telegram_channel import channel_to

TEXT = "What you told us\n\n«naïve», ça va 🙂\n"


async def test_telegram() -> None:
    """sendDocument: the file byte for byte, its words beside it, the name of the message returned."""
    async with TelegramEmulator() as telegram:
        ada = telegram.person(1)
        await ada.start()
        channel = channel_to(telegram)
        sent = await channel.send_document("telegram:1", "my-data.txt", TEXT, "Here it is.")
        assert (ada.last.text, sent) == ("Here it is.", str(ada.last.message_id))
        assert telegram.state.documents[ada.last.document or ""] == TEXT.encode()
        await ada.block()
        with pytest.raises(ParticipantBlocked):
            await channel.send_document("telegram:1", "my-data.txt", TEXT, "Here it is.")
        await channel.close()


async def test_slack() -> None:
    """The upload in three steps: an address, the bytes, and its place in the direct message."""
    async with SlackEmulator() as slack:
        ana = slack.person("Ana")
        async with running(slack, Inbox()) as channel:
            address = f"slack:{slack.team}/{ana.id}"
            assert await channel.send_document(address, "my-data.txt", TEXT, "Here it is.") is None
            shown = ana.messages[-1]
            assert shown.text == "Here it is."
            assert [slack.files[file] for file in shown.files] == [TEXT.encode()]


async def test_slack_without_the_scope() -> None:
    """An app that was installed before the scope was asked for: the fault is named, and nothing is shown."""
    async with SlackEmulator(
        scopes=("chat:write", "commands", "im:history", "im:write", "users:read")
    ) as slack:
        ana = slack.person("Ana")
        async with running(slack, Inbox()) as channel:
            with pytest.raises(SendError, match="missing_scope"):
                await channel.send_document(
                    f"slack:{slack.team}/{ana.id}", "my-data.txt", TEXT, "Here it is."
                )
        assert not ana.messages


async def test_terminal() -> None:
    """There the text is shown."""
    lines: list[ScreenLine] = []
    channel = TerminalChannel("me", read=_nothing, write=lines.extend, command=_no_command)
    await channel.send_document("terminal:me", "my-data.txt", "One\nTwo", "Here it is.")
    assert [line.text for line in lines] == ["Here it is.", "One", "Two"]


async def _nothing() -> str | None:
    return None


async def _no_command(_: str) -> bool:
    return True
