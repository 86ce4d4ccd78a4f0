"""The golden conversations from end to end on Slack, through the platform's own client."""

from pathlib import Path

import pytest

from tests.support.dialogue import TRANSCRIPTS, read_script
from tests.support.platforms.drivers import begins_at
from tests.support.platforms.playing import Mode, play_and_compare
from tests.support.platforms.slack import slack_driver

PATHS = sorted(TRANSCRIPTS.glob("*.txt"))


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_transcript_on_slack(path: Path, mode: Mode, tmp_path: Path) -> None:
    """On Slack the talk runs as it is written down, and leaves what it says it keeps."""
    script = read_script(path)
    async with slack_driver(tmp_path, begins_at(script)) as driver:
        await play_and_compare(script, driver, mode)


async def test_transcript_by_http(tmp_path: Path) -> None:
    """It runs just so where Slack reaches the bot by signed requests."""
    script = read_script(TRANSCRIPTS / "hcp_commitment_change.txt")
    async with slack_driver(tmp_path, begins_at(script), http=True) as driver:
        await play_and_compare(script, driver, Mode.TAPS)
