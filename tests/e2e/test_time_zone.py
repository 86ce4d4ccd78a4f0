"""The time zone by which people are written to: shown and changed in words on every platform."""

from flows.i18n.say import Sentence, say
from flows.schedule.time_zones import city_of
from flows.script.model import Role
from storage.programs import programs
from tests.support import fresh
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
    [message] = await driver.type("time zone")
    [shown, _how] = said_by([message])
    assert "Tokyo" in shown
    [told] = said_by(await driver.type("Zeitzone Wien"))
    assert ("Vienna" in told, zone(driver)) == (True, "Europe/Vienna")


async def test_changed_by_a_tap(driver: PlatformDriver) -> None:
    """The menu says what it is now, each button what time it is where; the zone of the one that is tapped is kept."""
    await begin_in_countries(driver, "GB", "US", "JP")
    now = city_of(zone(driver) or "Europe/London", "en")
    [menu] = await driver.type("time zone")
    labels = [button.label for button in menu.buttons]
    assert now in said_by([menu])[0]
    assert any(label.endswith(now) for label in labels)
    chosen = labels[0]  # where the platform told the zone, another one of that country
    assert said_by(await driver.tap(chosen, ""))[-1] == "Your role?"
    assert city_of(zone(driver) or "", "en") == chosen.partition(" ")[2]


async def test_asked_once_in_one_tap(driver: PlatformDriver) -> None:
    """Whose app tells no time zone is asked for it with the consent to be written to again, where the program is in
    several countries; then the script goes on. Whose app tells it is not asked.
    """
    comes_to(driver, "GB", "US", "JP")
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    await driver.type("yes")
    known = zone(driver)
    [menu] = await driver.type("yes")
    if known is not None:
        assert said_by([menu]) == ["Your role?"]
        return
    assert said_by([menu]) == [say(Sentence.ZONE_WHICH, "en")]
    [tokyo] = [button.label for button in menu.buttons if button.label.endswith("Tokyo")]
    told, asked = said_by(await driver.tap(tokyo, ""))
    assert (told, asked) == (
        say(Sentence.ZONE_SET, "en", city="Tokyo", time=tokyo.partition(" ")[0]),
        "Your role?",
    )
    assert zone(driver) == "Asia/Tokyo"


async def begin_in_countries(driver: PlatformDriver, *countries: str) -> None:
    """Have a conversation up to the role, leaving the time zone open where it is asked for."""
    comes_to(driver, *countries)
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    await driver.type("yes")
    if said_by(await driver.type("yes")) != ["Your role?"]:
        await driver.type("skip")


async def test_told_by_the_name_of_a_clock(driver: PlatformDriver) -> None:
    """'UTC+9' is confirmed by the time there, whatever question stands there; what is no place changes nothing."""
    await begin_in_countries(driver, "GB", "US", "JP")
    await driver.type("nurse")
    before, answers = zone(driver), "SELECT count(*) FROM answer"
    kept = driver.house.rows(answers)
    [check] = await driver.type("time zone UTC+9")
    assert [button.label for button in check.buttons] == ["Yes", "No"]
    assert said_by(await driver.type("Nowhere-upon-Tyne"))[0] == say(Sentence.ZONE_UNKNOWN, "en")
    told = said_by(await driver.type("Nowhere-upon-Tyne"))
    assert told[1] == say(Sentence.ZONE_HOW, "en")
    assert (zone(driver), driver.house.rows(answers)) == (before, kept)
    await driver.type("time zone UTC+9")
    told = said_by(await driver.tap("Yes", ""))
    assert ("Tokyo" in told[0], zone(driver), driver.house.rows(answers)) == (True, "Asia/Tokyo", kept)


async def test_one_time_only(driver: PlatformDriver) -> None:
    """Where there is nothing to choose from it is said what everything goes by, how to change it, and no menu opens."""
    await begin(driver)
    before = zone(driver)
    if before is None:  # where the platform told the zone, its country may have several times
        told = said_by(await driver.type("time zone"))
        assert told[1:] == [say(Sentence.ZONE_HOW, "en"), "Your role?"]
        assert "London" in told[0]


def comes_to(driver: PlatformDriver, *countries: str) -> None:
    """The program is in these countries from now on."""
    example, words = fresh.program()
    program, now = example.model_copy(update={"countries": countries}), driver.house.clock.now()
    version = programs.program_hash(program, words)
    driver.house.database.write_now(lambda c: programs.load(c, program, version, now, words))
