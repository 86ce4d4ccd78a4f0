"""Conversations in the other languages from end to end, tapped: each shipped flow, on both platforms and on pages."""

from pathlib import Path

import pytest

from tests.support.dialogue import read_script
from tests.support.platforms.drivers import begins_at
from tests.support.platforms.platform import EVERYWHERE, Platform
from tests.support.platforms.playing import Mode, play_and_compare
from tests.support.retelling import LANGUAGES, path_of

NAMES = (
    "best_practice",
    "best_practice_answer",
    "best_practice_cosign_changes",
    "commitment_nudge",
    "commitment_reask",
    "content_review",
    "hcp_commitment_global_words",
    "hcp_commitment_three",
    "hcp_follow_up_adverse_event",
    "hcp_follow_up_two",
    "patient_follow_up",
    "patient_interview",
    "patient_interview_adverse_event",
    "patient_interview_at_risk",
    "review_answer",
    "what_we_changed",
)
"""One for each flow, and what safety adds to it."""


@pytest.mark.parametrize("platform", EVERYWHERE, ids=lambda platform: platform.name)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
async def test_conversation(name: str, language: str, platform: Platform, tmp_path: Path) -> None:
    """The conversation runs as it is written down in that language."""
    script = read_script(path_of(name, language))
    async with platform.start(tmp_path, begins_at(script)) as driver:
        await play_and_compare(script, driver, Mode.TAPS)
