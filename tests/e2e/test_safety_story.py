"""Somebody is at risk, or tells of a reaction, and the team hears of it in their own chat: on each platform, wired."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows.i18n.say import Sentence, say
from flows.i18n.say_to_team import TeamSentence, tell
from flows.script.model import Role
from storage.people import coordinators
from tests.support.platforms.drivers import (
    COMMITTED_AT,
    PlatformDriver,
    SlackDriver,
    TelegramDriver,
    slack_driver,
    telegram_driver,
)
from tests.support.platforms.wired import IDENTITY, House

AT_RISK = "I want to die. I am Ana Silva, call me on 020 7946 0958"
REACTION = "A patient on Velcade got a bad rash, she is called Rosa Lima"
TELLING = ("want to die", "Ana", "Silva", "020", "7946", "rash", "Rosa", "Lima")
"""Words and names that were written, and that the team is not to read in chat."""
TO_THE_VISIT = ("continue", "I agree", "yes", "yes", "I have the condition", "1 to 5 years")
"""A patient's replies up to the first question that is answered in their own words."""


class Colleague(ABC):
    """A coordinator in a chat of their own, whose app is in Spanish."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._seen = 0

    @abstractmethod
    async def enter(self, token: str) -> None:
        """Open a link."""

    @abstractmethod
    async def command(self, words: str) -> None:
        """Write a command as people do on this platform."""

    @abstractmethod
    def _on_screen(self) -> list[str]: ...

    async def enrol(self, code: str) -> list[str]:
        """Take a coordinator's link."""
        token, now = coordinators.new_team_token(), self.house.clock.now()
        self.house.database.write_now(
            lambda c: coordinators.enrol(
                c,
                code,
                token_hash=IDENTITY.token_hash(token),
                settings=coordinators.CoordinatorSettings("Europe/Madrid"),
                now=now,
            )
        )
        await self.enter(token)
        await self.house.settle()
        return self.look()

    async def ask(self, words: str) -> str:
        """Write a command; the answer to it."""
        self.look()
        await self.command(words)
        await self.house.settle()
        [answer] = self.look()
        return answer

    def look(self) -> list[str]:
        """What is new on their screen."""
        texts = self._on_screen()
        new, self._seen = texts[self._seen :], len(texts)
        return new


class OnTelegram(Colleague):
    def __init__(self, driver: TelegramDriver, number: int) -> None:
        super().__init__(driver.house)
        self.driver = driver
        self.person = driver.telegram.person(number, "es")

    async def enter(self, token: str) -> None:
        await self.person.start(token)
        await self.driver.received()

    async def command(self, words: str) -> None:
        await self.person.type(f"/{words}")
        await self.driver.received()

    def _on_screen(self) -> list[str]:
        return [shown.text for shown in self.person.from_bot]


class OnSlack(Colleague):
    def __init__(self, driver: SlackDriver, number: int) -> None:
        super().__init__(driver.house)
        self.driver = driver
        self.person = driver.slack.person(f"Colleague {number}", timezone="Europe/Madrid", locale="es-ES")

    async def enter(self, token: str) -> None:
        await self.driver.received(await self.person.start(token))

    async def command(self, words: str) -> None:
        await self.driver.received(await self.person.command(f"/said {words}"))

    def _on_screen(self) -> list[str]:
        return [message.all_shown for message in self.person.from_bot]


@pytest.fixture(params=["telegram", "slack"])
async def driver(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PlatformDriver]:
    start = telegram_driver if request.param == "telegram" else slack_driver
    async with start(tmp_path, COMMITTED_AT) as started:
        yield started


def colleague(driver: PlatformDriver, number: int = 21) -> Colleague:
    """Somebody of the team on the same platform."""
    if isinstance(driver, TelegramDriver):
        return OnTelegram(driver, number)
    assert isinstance(driver, SlackDriver)
    return OnSlack(driver, number)


async def days_go_by(driver: PlatformDriver, days: int) -> None:
    """Each at the same hour, with the scheduler at work."""
    for _ in range(days):
        driver.house.clock.move(timedelta(days=1))
        await driver.house.scheduler.tick()
        await driver.house.settle()


def code_of(driver: PlatformDriver) -> str:
    """The only participant's code."""
    [(code,)] = driver.house.rows("SELECT code FROM participant")
    return str(code)


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

    driver.house.clock.move(timedelta(hours=10))  # at one, when the programme may write
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
    assert seen[0].text == say(Sentence.WELCOME_BACK, "en")
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
