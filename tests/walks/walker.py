"""One person of a walk: what they see, what they answer, and when something else happens."""

from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from random import Random

from tests.walks import people
from tests.walks.evidence import Evidence, Shown
from tests.walks.kinds import Noise
from tests.walks.people import Words
from tests.walks.phone import Phone

THINKS = 0.25
"""How often a person lets a round go by before they answer."""
NOISE = 0.25
"""How often something else happens in place of an answer."""
PATIENCE = 3
"""Rounds without an answer after which a person writes once more."""
GIVES_UP = 7
"""Rounds without news after which a person is done."""
_LONGEST_STORY = 120

Noisy = Callable[["Walker"], Awaitable[Noise | None]]


@dataclass
class Walker:
    """Somebody who takes part. Chance is drawn anew for each step, so that a story can be told with steps left out.

    `quiet` are the steps at which only answers are given.
    """

    name: str
    number: int
    token: str
    evidence: Evidence
    phones: list[Phone]
    make_phone: Callable[[], Phone] | None
    strangers: Callable[[], list[Shown]]
    make_noise: Noisy
    draw: Callable[[int], Random]
    quiet: Collection[int] = ()
    todo: deque[Callable[["Walker"], Awaitable[None]]] = field(default_factory=deque)
    joined: bool = False
    steps: int = 0
    noisy: list[int] = field(default_factory=list)
    """The steps at which there was noise."""

    def __post_init__(self) -> None:
        self.phone = self.phones[0]
        self.chance = self.draw(0)
        self.words = Words(self.draw(-1), self.number)
        self._answered = 0
        self._acted = 0
        self._idle = 0
        self._nudges = 0
        self._started = False

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be expected of them until they are written to."""
        return self._started and not self.todo and (self._idle >= GIVES_UP or self.steps > _LONGEST_STORY)

    def has_answered(self) -> None:
        """What stands last on the screen was answered now, as the person sees it."""
        self._answered = self._acted = self.evidence.place()

    def change_phone(self) -> None:
        """Take up another app."""
        self.phone = next(phone for phone in self.phones if phone is not self.phone)

    def add_phone(self) -> None:
        """Have another app from now on."""
        assert self.make_phone is not None
        self.phones.append(self.make_phone())

    def strange_keyboard(self) -> Shown | None:
        """A message with buttons that was shown to somebody else."""
        found = self.strangers()
        return self.chance.choice(found) if found else None

    async def step(self) -> None:
        """Do what comes next, if anything."""
        if self.is_done and not self._has_news():
            return
        self.steps += 1
        self.chance = self.draw(self.steps)
        if not self._started:
            await self._begin()
        elif self.todo:
            await self.todo.popleft()(self)
            self._acted = self.evidence.place()
        elif self.chance.random() >= THINKS:
            await self._go_on()

    async def _begin(self) -> None:
        """Open the link; some go on writing before the bot has said a word."""
        if self.chance.random() < 0.6:
            return
        self._started = True
        hasty = self.steps not in self.quiet and self.chance.random() < 0.12
        if hasty:
            self.phone.hold(2)
        await self.phone.start(self.token)
        if hasty:
            for text in ("hello", "ok", "yes", "yes")[: self.chance.randint(1, 4)]:
                await self.phone.write(text, noise=Noise.BACKLOG)
            self._count(Noise.BACKLOG)
        self.has_answered()

    async def _go_on(self) -> None:
        self._idle = 0 if self._has_news() else self._idle + 1
        shown = self.phone.question
        is_asked = shown is not None and shown.place > self._answered
        share = NOISE if is_asked else NOISE / 4
        if self.steps not in self.quiet and self.chance.random() < share:
            noise = await self.make_noise(self)
            if noise is not None:
                self._count(noise)
                self._acted = self.evidence.place()
                return
        if is_asked and shown is not None:
            await self.phone.act(people.reply_to(shown.prompt, self.chance, self.words), shown)
            self.has_answered()
        elif self._idle >= PATIENCE and not self._has_news() and self._nudges < 3:
            self._nudges += 1
            self._idle = 0
            await self.phone.write("hello?")
            self._acted = self.evidence.place()

    def _count(self, noise: Noise) -> None:
        self.evidence.noises[noise] += 1
        self.noisy.append(self.steps)

    def _has_news(self) -> bool:
        """Whether something was shown since they last did something."""
        screen = self.phone.screen
        return bool(screen) and screen[-1].place > self._acted
