"""A bot in memory, and somebody who reads their page."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channel_policy import ChannelPolicy
from bot.channels.web.channel import WebChannel
from bot.channels.web.options import WebConfig
from bot.pages.conversation_pages import ConversationPages
from tests.support.page_readers import Visitor
from tests.support.platforms.wired import house

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    channel = WebChannel(WebConfig(public_url="http://localhost"))
    async with house(tmp_path, channel, NOW) as home:
        channel.pages = ConversationPages(home.database, home.runtime, home.clock, ChannelPolicy())
        yield Visitor(home, channel.pages)
