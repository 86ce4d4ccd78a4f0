"""Somebody is at risk, or tells of a reaction, and the team hears of it in their own chat: on each platform, wired."""

from datetime import timedelta

from flows.i18n.say import Sentence, say
from flows.i18n.say_to_team import TeamSentence, tell
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.colleagues import code_of, colleague
from tests.support.platforms.drivers import PlatformDriver

AT_RISK = "I want to die. I am Ana Silva, call me on 020 7946 0958"
REACTION = "A patient on Velcade got a bad rash, she is called Rosa Lima"
TELLING = ("want to die", "Ana", "Silva", "020", "7946", "rash", "Rosa", "Lima")
"""Words and names that were written, and that the team is not to read in chat."""
TO_THE_VISIT = ("continue", "I agree", "yes", "yes", "I have the condition", "1 to 5 years")
"""A patient's replies up to the first question that is answered in their own words."""


async def days_go_by(driver: PlatformDriver, days: int) -> None:
    """Each at the same hour, with the scheduler at work."""
    for _ in range(days):
        driver.house.clock.move(timedelta(days=1))
        await driver.house.scheduler.tick()
        await driver.house.settle()


def tells(texts: list[str]) -> list[str]:
    """What of the words and names stands in texts."""
    return [word for word in TELLING for text in texts if word in text]


async def test_somebody_at_risk(driver: PlatformDriver) -> None:
    """Help first, an alert at night to whoever is enrolled, nothing of our own accord until it is cleared in chat."""
    cora = colleague(driver)
    assert "Usted forma parte de la coordinación con el código CORA" in (await cora.enrol("CORA"))[0]
    await driver.enter(driver.house.token("patient_interview", Role.PATIENT))
    await driver.house.settle()
    for reply in TO_THE_VISIT:
        await driver.type(reply)
    driver.house.clock.move(timedelta(hours=18))  # three at night

    seen = await driver.type(AT_RISK)
    assert seen[0].text.startswith("I am a bot, so I can not keep you safe.")
    heard = cora.look()
    kind = TeamSentence.KIND_DISTRESS
    command, person = "safety 1", code_of(driver)
    assert heard == [tell(TeamSentence.ALERT, "es", number="1", kind=kind, person=person, command=command)]

    driver.house.clock.move(timedelta(hours=10))  # at one, when the program may write
    await days_go_by(driver, 4)
    assert driver.look() == []
    assert {row[0] for row in driver.house.rows("SELECT reason FROM contact")} == {"safety_hold"}
    digests = cora.look()
    assert len(digests) == 4
    assert all("Casos de seguridad abiertos: 1 (vencidos: 1;" in digest for digest in digests)

    told = [await cora.ask(words) for words in ("safety", "safety 1", "safety 1 review", f"why {person}")]
    assert "malestar grave" in told[0]
    assert "VENCIDO desde hace" in told[1]
    assert told[2] == "El caso de seguridad 1 está ahora: en revisión."
    assert "no se envía nada hasta que alguien del equipo lo dé por atendido" in told[3]
    cleared = await cora.ask("safety 1 clear he hablado con ella")
    assert cleared == "El caso de seguridad 1 está ahora: atendido."
    assert tells([*heard, *digests, *told, cleared]) == []

    await days_go_by(driver, 3)
    [reminded, *_] = driver.look()
    assert reminded.text == say(Sentence.CARE_AGAIN, "en", number="112")
    seen = await driver.tap("Go on with the questions", "")
    assert said_by(seen)[0] == say(Sentence.WELCOME_BACK, "en")
    assert seen[-1].buttons[-1].label == "Skip"
    assert driver.house.put_aside() == []


async def test_a_reaction_from_alert_to_receipt(driver: PlatformDriver) -> None:
    """A clinician's words open a case; both coordinators hear, one sends, and who is no coordinator gets no answer."""
    cora, carl = colleague(driver), colleague(driver, 22)
    await cora.enrol("CORA")
    await carl.enrol("CARL")
    await driver.commit([{"statement": "Ask about numbness", "level": 4, "foreseen_barriers": ["time"]}])
    driver.look()
    seen = await driver.type(REACTION)
    assert seen[0].text == say(Sentence.SAFETY_NOTED, "en")
    person = code_of(driver)
    heard = [*cora.look(), *carl.look()]
    assert heard == [f"Caso de seguridad 1: evento adverso, {person}. Escriba: safety 1"] * 2

    for words in ("safety 1", "safety 1 sent", f"why {person}"):
        assert not any(person in one.text or "case" in one.text for one in await driver.type(words))
    assert driver.house.rows("SELECT status FROM safety_case")[0][0] == "new"

    told = [await cora.ask(words) for words in ("safety 1", "safety 1 sent", "safety")]
    assert "Producto: bortezomib" in told[0]
    assert told[2].endswith("Enviados, recepción sin confirmar: 1")
    told.append(await carl.ask("safety 1 acknowledged"))
    assert told[-1] == "El caso de seguridad 1 está ahora: recepción confirmada."
    assert tells([*heard, *told]) == []
    assert driver.house.rows("SELECT status FROM safety_case")[0][0] == "acknowledged"
