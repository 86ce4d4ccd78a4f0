"""People who answer at once whatever they are asked, and remember what they said to which question."""

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.channels.base import read_button
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.model import AskConsent, AskText, Block, Confirm, End, SelectOne, Step
from tests.emulators.telegram.person import MARKS
from tests.emulators.telegram.server import Person, Shown
from tests.emulators.telegram.state import TelegramState

FOR_EVER = 1e9
SKIP, DONE = "Skip", "Done"
ANEW = say(Sentence.REMARK_ANEW, "en")
"""What leaves words that came too early a remark: the question is answered afresh."""
THIN, RICH = (
    ("More time", "Listen"),
    (
        "Ask every patient about numbness at each visit, because it is missed,",
        "They explained the plan to me in plain words because I asked, and",
        "Before each new cycle I will rate tiredness with every myeloma patient, since it matters,",
    ),
)
"""Words that call for a further question, and words that do not (by most of the scripts' rules)."""


class Way(StrEnum):
    """How a reply was given."""

    TYPED = "typed"
    TAPPED = "tapped"
    PICKED = "picked"
    SKIPPED = "skipped"
    AGAIN = "again"
    """The same tap a second time, as impatient people do: it must change nothing."""
    ASIDE = "aside"
    """No answer: a link that was opened, a tick, a call for help."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person did. `key` is the conversation and the number of the question, None where no button told.

    words  what must be kept: the words typed, the label tapped, the labels ticked
    """

    update_id: int
    message_id: int
    person: int
    way: Way
    key: tuple[int, int] | None = None
    question: str = ""
    words: tuple[str, ...] = ()


def _every_step(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _every_step(step.steps)


PLAYED = ("patient_interview", "hcp_commitment")
"""The scripts that they are led through."""
STEPS = tuple(step for name in PLAYED for step in _every_step(library()[name].steps))
NO_BUTTONS = tuple(step.text for step in STEPS if isinstance(step, AskText) and step.required)
"""Questions that come without a button."""
ENDINGS = tuple(step.text.partition("{")[0] for step in STEPS if isinstance(step, End) and step.text)
"""The last words of the scripts, as far as they are the same for everybody."""
YES = frozenset(
    {step.agree for step in STEPS if isinstance(step, AskConsent | Confirm)}
    | {
        choice.label
        for step in STEPS
        if isinstance(step, SelectOne) and not isinstance(step.choices, str)
        for choice in step.choices
        if choice.code in {"continue", "will_change"}
    }
)
"""Choices that lead on through the script; where one is offered it is taken."""
_MARKERS = itertools.count(1)


class Respondent:
    """One of them. `finished` once the last words of the script have been read."""

    def __init__(self, person: Person, state: TelegramState, rng: random.Random) -> None:
        self.person = person
        self.replies: list[Reply] = []
        self.finished = False
        self.calls_for_help = 0
        self._state = state
        self._rng = rng
        self._answered: set[tuple[int, int]] = set()
        self._question = ""
        self._read = 0

    @property
    def name(self) -> str:
        return f"person {self.person.id}"

    @property
    def asked(self) -> list[tuple[int, int]]:
        """The questions that they saw, each once."""
        keys = (key_of(shown) for shown in self.person.from_bot)
        return list(dict.fromkeys(key for key in keys if key is not None))

    async def live(self, token: str) -> None:
        """Open the link and answer until the end."""
        await self.person.start(token)
        self._note(Way.ASIDE)
        while not self.finished:
            await self.person.wait_until(lambda: len(self.person.from_bot) > self._read, seconds=FOR_EVER)
            message = self.person.from_bot[self._read]
            self._read += 1
            await self._react(message)
        self._state.wake()

    async def call_for_help(self) -> None:
        """After a long silence: the word that shows the open question again, and changes nothing."""
        self.calls_for_help += 1
        self._take_back_what_came_too_early()
        await self.person.type("/help")
        self._note(Way.ASIDE)

    def _take_back_what_came_too_early(self) -> None:
        """Forget words typed under a question that was sent again after them, since the first sending was in doubt.

        They may not count for what came later, and are given again when the question is shown again.
        """
        last = self.replies[-1]
        copies = [
            shown for shown in self.person.from_bot if last.key is not None and key_of(shown) == last.key
        ]
        if last.way is Way.TYPED and len(copies) > 1 and copies[1].message_id > last.message_id:
            self.replies.pop()
            self._answered.discard(last.key or (0, 0))
            self._question = ""

    async def _react(self, message: Shown) -> None:
        if any(ending in message.text for ending in ENDINGS):
            self.finished = True
            return
        key = key_of(message)
        if key is None and not any(text in message.text for text in NO_BUTTONS):
            return
        if key in self._answered or (key is None and message.text == self._question):
            return  # it came twice: who has answered does not answer again
        self._question = message.text
        if key is not None:
            self._answered.add(key)
        await self._answer(message, key)

    async def _answer(self, message: Shown, key: tuple[int, int] | None) -> None:
        choices = [label for label in message.labels if label not in (SKIP, DONE)]
        if ANEW in choices:
            await self.person.tap(ANEW, message)
            self._note(Way.ASIDE)
            return
        if any(label.startswith(MARKS) for label in choices):
            await self._pick(message, key, choices)
            return
        yes = next((label for label in choices if label in YES), None)
        if yes is None and len(choices) <= 1 and DONE not in message.labels:
            await self._say(message, key)
            return
        offered = [yes] if yes else [label for label in message.labels if label != SKIP]
        label = DONE if DONE in offered and self._rng.random() < 0.7 else self._rng.choice(offered)
        if self._rng.random() < 0.25 and "…" not in label:
            await self.person.type(label)
            self._note(Way.TYPED, key, message.text, label)
        else:
            await self._tap(message, key, label)

    async def _say(self, message: Shown, key: tuple[int, int] | None) -> None:
        if SKIP in message.labels and self._rng.random() < 0.1:
            await self.person.tap(SKIP, message)
            self._note(Way.SKIPPED, key, message.text)
            return
        words = f"{self._rng.choice(self._rng.choice((THIN, RICH)))} mark{next(_MARKERS):06d}"
        await self.person.type(words)
        self._note(Way.TYPED, key, message.text, words)

    async def _tap(self, message: Shown, key: tuple[int, int] | None, label: str) -> None:
        await self.person.tap(label, message)
        self._note(Way.TAPPED, key, message.text, label)
        if self._rng.random() < 0.05:
            await self.person.tap(label, message)
            self._note(Way.AGAIN, key)

    async def _pick(self, message: Shown, key: tuple[int, int] | None, choices: list[str]) -> None:
        picked = [choices[place] for place in sorted(self._rng.sample(range(len(choices) - 2), 2))]
        for label in picked:
            await self.person.tap(label, message)
            self._note(Way.ASIDE)
        await self.person.tap(DONE, message)
        labels = (label.removeprefix("[ ] ") for label in picked)
        self._note(Way.PICKED, key, message.text, *labels)

    def _note(self, way: Way, key: tuple[int, int] | None = None, question: str = "", *words: str) -> None:
        """Remember what was just done: it is the newest update there is."""
        number = self._state.pending[-1]["update_id"]
        message = self.person.messages[-1].message_id
        self.replies.append(Reply(number, message, self.person.id, way, key, question, words))


def key_of(message: Shown) -> tuple[int, int] | None:
    """The conversation and the number of the question, as its first buttons told; None where it never had any."""
    never = [] if message.edits else message.rows
    rows = message.former_rows[0] if message.former_rows else never
    for button in (button for row in rows for button in row):
        read = read_button(button["callback_data"])
        if read is not None:
            return read[0], read[1]
    return None
