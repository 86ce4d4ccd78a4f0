"""Conversations in which something goes wrong between the bot and a platform."""

from collections.abc import Callable
from pathlib import Path

from flows.script.model import Role
from tests.support.dialogue import TRANSCRIPTS, read_script
from tests.support.platforms.drivers import PlatformDriver, begins_at
from tests.support.platforms.platform import Platform
from tests.support.platforms.playing import Mode, play_and_compare

AFTER_THE_ROLE = "After Spring symposium, which is true?"
"""The question that follows on the role."""

Trouble = Callable[[PlatformDriver], None]
"""Plans one thing that goes wrong."""


async def begin(driver: PlatformDriver) -> None:
    """Have a conversation about commitments, up to the role."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    await driver.type("yes")
    assert [seen.text for seen in await driver.type("yes")] == ["Your role?"]


async def play_with_trouble_at_every_move(
    platform: Platform, folder: Path, trouble: Trouble, *, is_met: bool = True
) -> None:
    """Play a transcript with one thing going wrong at every move, and see that the same is said and kept.

    `is_met`: the plan counts what was met; it does not count deliveries that come twice.
    """
    script = read_script(TRANSCRIPTS / "patient_interview.txt")
    async with platform.start(folder, begins_at(script)) as driver:

        def go_wrong_once() -> None:
            driver.faults.clear()
            trouble(driver)

        await play_and_compare(script, driver, Mode.TAPS, before=go_wrong_once)
        assert driver.faults.met or not is_met
