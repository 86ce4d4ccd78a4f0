"""Somebody answers an English conversation in Spanish, on each platform: one offer, and nothing without their yes."""

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import PlatformDriver

OFFER = say(Sentence.LANGUAGE_OFFER, "es")
STATEMENT = "preguntaré a cada paciente con mieloma por el hormigueo en cada visita"
PLAN = "cuando vea a una persona antes de un ciclo nuevo, le preguntaré por las manos y los pies"
BARRIERS = "creo que nos va a faltar tiempo en la consulta de las mañanas"


async def offered(driver: PlatformDriver) -> str:
    """Up to the offer; returns the question that waits under it."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    await driver.house.settle()
    for reply in ("yes", "yes", "nurse", "1", "write my own", STATEMENT):
        assert OFFER not in said_by(await driver.type(reply))
    await driver.type("skip")  # the further question
    seen = await driver.type(PLAN)
    assert said_by(seen).count(OFFER) == 1
    assert seen[-1].text == OFFER
    assert [button.label for button in seen[-1].buttons] == ["Sí", "No"]
    return seen[-2].text


def offered_once(driver: PlatformDriver) -> bool:
    return driver.house.count("SELECT count(*) FROM outbox WHERE payload LIKE '%También podemos%'") == 1


async def test_a_yes_brings_the_next_question_in_spanish(driver: PlatformDriver) -> None:
    """Two long Spanish answers, the offer, a tap on yes: from there on all is Spanish, and nothing is lost."""
    question = await offered(driver)
    seen = await driver.tap("Sí", OFFER)
    assert said_by(seen)[0] == say(Sentence.LANGUAGE_SET, "es")
    assert seen[-1].text != question
    assert said_by(seen)[-1].startswith("¿")
    assert said_by(await driver.type("4"))[-1].startswith("¿")
    assert driver.house.rows("SELECT language FROM participant")[0][0] == "es"
    kept = driver.house.rows(
        "SELECT language, detected_language FROM answer WHERE detected_language IS NOT NULL ORDER BY id"
    )
    assert [tuple(row) for row in kept] == [("en", "es"), ("en", "es")]
    assert offered_once(driver)


async def test_a_no_is_never_asked_again(driver: PlatformDriver) -> None:
    """After a no the same question comes in English, and more Spanish brings no second offer."""
    question = await offered(driver)
    seen = await driver.type("no")
    assert said_by(seen) == [say(Sentence.LANGUAGE_SET, "en"), question]
    for reply in ("today", "4", "4", "8", BARRIERS, "yes", "add another", "1", STATEMENT, PLAN, PLAN):
        await driver.type(reply)
    assert {row[0] for row in driver.house.rows("SELECT language FROM answer")} == {"en"}
    assert offered_once(driver)
    assert driver.house.rows("SELECT language FROM participant")[0][0] is None


async def test_an_answer_instead_of_a_yes(driver: PlatformDriver) -> None:
    """Whoever goes on with the question has answered it, and hears of the offer no more."""
    await offered(driver)
    before = driver.house.count("SELECT count(*) FROM answer")
    seen = await driver.type("today")
    assert driver.house.count("SELECT count(*) FROM answer") == before + 1
    assert seen[-1].text != OFFER
    assert offered_once(driver)
