"""The golden conversations from end to end, through each platform's own client, and in a browser by forms."""

from pathlib import Path

import pytest

from tests.support.dialogue import TRANSCRIPTS, read_script
from tests.support.platforms.drivers import begins_at, is_played
from tests.support.platforms.platform import EVERYWHERE, Platform
from tests.support.platforms.playing import Mode, play_and_compare

PATHS = [path for path in sorted(TRANSCRIPTS.glob("*.txt")) if is_played(read_script(path))]


@pytest.mark.parametrize("platform", EVERYWHERE, ids=lambda platform: platform.name)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_transcript(path: Path, mode: Mode, platform: Platform, tmp_path: Path) -> None:
    """The conversation runs as it is written down, and leaves what it says it keeps."""
    script = read_script(path)
    async with platform.start(tmp_path, begins_at(script)) as driver:
        await play_and_compare(script, driver, mode)


async def test_transcript_posted_to_the_bot(platform: Platform, tmp_path: Path) -> None:
    """It runs just so where the platform posts to the bot: Telegram to a webhook, Slack signed requests."""
    script = read_script(TRANSCRIPTS / "hcp_commitment_change.txt")
    async with platform.start(tmp_path, begins_at(script), posted=True) as driver:
        await play_and_compare(script, driver, Mode.TAPS)
