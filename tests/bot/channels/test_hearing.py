"""A channel knows when its platform was last heard: an empty answer counts, and the silence of people is none."""

from datetime import timedelta

import pytest

from bot.channels.hearing import HearingChannel, PlatformHearing
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.options import SlackConfig
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.options import TelegramOptions
from bot.channels.terminal import TerminalChannel
from tests.emulators.telegram.server import TOKEN, TelegramEmulator


def test_silence_begins_with_the_last_answer():
    """And with the making of the channel, so that a start is no silence."""
    seconds = [100.0]
    hearing = PlatformHearing(timedelta(seconds=60), lambda: seconds[0])
    assert hearing.silence == timedelta(0)
    seconds[0] = 170.0
    assert hearing.silence == timedelta(seconds=70)
    hearing.heard()
    assert hearing.silence == timedelta(0)


@pytest.mark.parametrize(
    ("channel", "within"),
    [
        (lambda: TelegramChannel(TelegramOptions(token=TOKEN)), 140),
        (
            lambda: TelegramChannel(
                TelegramOptions(token=TOKEN, webhook_url="https://a.example/t", webhook_secret="s" * 32)
            ),
            600,
        ),
        (lambda: SlackChannel(SlackConfig(bot_token="xoxb-1", app_token="xapp-1")), 120),
        (lambda: SlackChannel(SlackConfig(bot_token="xoxb-1", signing_secret="s" * 32)), 120),
    ],
    ids=["polling", "webhook", "socket", "http"],
)
def test_each_platform_is_to_be_heard_within_a_time(channel, within):
    """The terminal alone is no platform that could fall silent."""
    made = channel()
    assert isinstance(made, HearingChannel)
    assert made.hearing.within == timedelta(seconds=within)
    assert not isinstance(TerminalChannel("patient", read=None, write=None, command=None), HearingChannel)


async def test_an_empty_answer_to_a_poll_is_heard():
    """Nobody wrote, and Telegram answered: that is no silence."""
    async with TelegramEmulator() as telegram:
        options = TelegramOptions(token=telegram.token, api_url=telegram.url, poll_timeout=timedelta(0))
        channel = TelegramChannel(options)
        heard = []
        channel.hearing.heard = lambda: heard.append(1)
        assert await channel._get_updates(None) == []
        assert heard == [1]
        await channel.close()
