"""Coordinators in a chat of their own, on each platform."""

from abc import ABC, abstractmethod

from storage.people import coordinators
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.slack import SlackDriver
from tests.support.platforms.telegram import TelegramDriver
from tests.support.platforms.wired import IDENTITY, House


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


def colleague(driver: PlatformDriver, number: int = 21) -> Colleague:
    """Somebody of the team on the same platform."""
    if isinstance(driver, TelegramDriver):
        return OnTelegram(driver, number)
    assert isinstance(driver, SlackDriver)
    return OnSlack(driver, number)


def code_of(driver: PlatformDriver) -> str:
    """The only participant's code."""
    [(code,)] = driver.house.rows("SELECT code FROM participant")
    return str(code)
