"""The time zone by which people are written to: shown and changed in words on every platform."""

from flows.schedule.time_zones import city_of
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.trouble import begin


def zone(driver: PlatformDriver) -> str | None:
    [(found,)] = driver.house.rows("SELECT timezone FROM participant")
    return found


async def test_changed_with_a_place(driver: PlatformDriver) -> None:
    """It is kept, said back, and the question comes again; with nothing open it works just so."""
    await begin(driver)
    first, *_, last = said_by(await driver.type("time zone Tokyo"))
    assert ("Tokyo" in first, last, zone(driver)) == (True, "Your role?", "Asia/Tokyo")
    for reply in ("nurse", "not relevant", "time"):
        await driver.type(reply)
    [shown, _how] = said_by(await driver.type("time zone"))
    assert "Tokyo" in shown
    [told] = said_by(await driver.type("Zeitzone Wien"))
    assert ("Vienna" in told, zone(driver)) == (True, "Europe/Vienna")


async def test_changed_by_a_tap(driver: PlatformDriver) -> None:
    """The menu says what it is now, each button what time it is where; the zone of the one that is tapped is kept."""
    await begin(driver)
    now = city_of(zone(driver) or "Europe/London", "en")
    [menu] = await driver.type("time zone")
    labels = [button.label for button in menu.buttons]
    assert now in said_by([menu])[0]
    assert any(label.endswith(now) for label in labels)
    chosen = labels[0]  # where the platform told the zone, another one of that country
    assert said_by(await driver.tap(chosen, ""))[-1] == "Your role?"
    assert city_of(zone(driver) or "", "en") == chosen.partition(" ")[2]
