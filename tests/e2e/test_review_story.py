"""A reviewer without a form on interests, or without access, and the team that hears of it: on each platform, wired."""

import pytest

from flows.script.model import Role
from tests.support.platforms.colleagues import code_of, colleague
from tests.support.platforms.drivers import PlatformDriver


@pytest.mark.parametrize(
    ("replies", "alerts"),
    [
        (("Yes", "Not yet"), ["b0 = not_yet"]),
        (("Yes", "Not yet", "No"), ["b0 = not_yet", "b1 = no"]),
        (("Yes", "Yes", "Partly"), []),
        (("No",), []),
    ],
)
async def test_the_team_hears_of_a_reviewer(
    driver: PlatformDriver,
    replies: tuple[str, ...],
    alerts: list[str],
) -> None:
    """No interest form yet: every coordinator has it in their chat at once, in their language, by codes."""
    cora, carl = colleague(driver), colleague(driver, 22)
    await cora.enrol("CORA")
    await carl.enrol("CARL")
    driver.house.is_about("side_effect_slides")
    await driver.enter(driver.house.token("content_review", Role.PATIENT))
    await driver.house.settle()
    for reply in replies:
        await driver.tap(reply, "")
    code = code_of(driver)
    heard = cora.look()
    assert heard == [f"content_review, {code}: {one}. Escriba: why {code}" for one in alerts]
    assert carl.look() == heard
    assert driver.house.put_aside() == []
    if alerts:
        assert code in await cora.ask(f"why {code}")
