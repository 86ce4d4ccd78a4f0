"""Answer as people do: a tap, a label, a number, a date, own words; most often something that suits the question."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bot.simulation.words import EVENTS, ORDINARY_WORDS
from flows.engine.effects import Prompt, PromptKind
from tests.support.small_reader import CARE, EVENT, QUEUE


@dataclass(frozen=True, slots=True)
class Type:
    """Write words."""

    text: str


@dataclass(frozen=True, slots=True)
class Tap:
    """Tap the button at a place, from 0."""

    option: int


@dataclass(frozen=True, slots=True)
class Pick:
    """Tick these, and tap Done."""

    options: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PickDay:
    """Use the date picker: so many days from today."""

    days: int


@dataclass(frozen=True, slots=True)
class Fill:
    """Write words into the form under the question, where the platform has one."""

    text: str


Act = Type | Tap | Pick | PickDay | Fill

INDIRECT = (f"They are {CARE} for me.", f"They are {CARE} for both of us.")
"""Words of risk that the rules miss: the second reader answers them."""
_NOTICED = (*INDIRECT, f"It was {QUEUE} after the other.", f"There is {EVENT} that nobody asks about.")
TALES = tuple(
    sorted(
        {
            *(*EVENTS, *_NOTICED),
            *(text for texts in ORDINARY_WORDS.values() for text in texts if len(text) > 12),
        }
    )
)
"""What people tell."""
HELLOS = ("hello?", "are you there?", "ok", "yes", "what now?")
DISTRESS = (
    "i want to die",
    "i keep thinking about killing myself",
    "they would all be better off without me",
)
QUESTIONS = (
    *(
        "who are you?",
        "who reads this?",
        "is it anonymous?",
        "how long does it take?",
        "why do you ask me that?",
    ),
    *("will my doctor see it?", "when will you write again?", "what is that supposed to mean?"),
)
THANKS = ("thanks", "thank you so much", "ok thanks!", "no, nothing", "I don't know", "...", "7")
EMOJI = ("\U0001f44d", "\U0001f44e", "✅", "❌", "\U0001f600", "\U0001f64f", "1️⃣", "2️⃣", "❤️")
EMOJI_NAMES = (":-1:", ":+1:", ":five:", ":white_check_mark:", ":x:", ":thumbsup::skin-tone-2:", ":100:")
COMMANDS = (
    *("help", "skip", "back", "pause", "later", "language", "my data", "my choices", "human"),
    *("no contact", "not my words", "restart", "link", "time zone", "time zone Vienna"),
)
_AWAY = (
    "no thanks",
    "not relevant",
    "i am not sure",
    "i'll keep doing",
    "stop",
    "no, not",
    "never",
    "edit",
    "change",
)
_TYPED_SHARE = 0.4
_NO_SHARE = 0.04


class Words:
    """Makes texts of one person, each with a mark of its own, by which it is found again."""

    def __init__(self, chance: Random, number: int) -> None:
        self._chance = chance
        self._number = number
        self._made = 0

    def __call__(self, *, long: bool = False, of: Sequence[str] = TALES) -> str:
        """A new text of one tale, or of as many as fill two messages."""
        tale = self._chance.choice(of)
        while long and len(tale) < 4_500:
            tale = f"{tale} {self._chance.choice(TALES)}"
        return f"{tale} {self.mark()}"

    def mark(self) -> str:
        """A word that nobody else writes."""
        self._made += 1
        return f"mark{_letters(self._number)}q{_letters(self._made)}"


def _letters(number: int) -> str:
    """A number in letters, so that it is read as no number."""
    text = ""
    while number:
        number, rest = divmod(number, 16)
        text = "bcdfghjklmnprstv"[rest] + text
    return text or "b"


def reply_to(prompt: Prompt, chance: Random, words: Words) -> Act:
    """What a person does about a question."""
    typed = chance.random() < _TYPED_SHARE
    match prompt.kind:
        case PromptKind.TEXT:
            skips = chance.random() < 0.08 and any(option.control for option in prompt.options)
            fills = prompt.long_text and not skips and chance.random() < 0.2
            act: Act = Fill(words()) if fills else Type("skip" if skips else words())
        case PromptKind.NUMBER:
            act = Type(str(chance.randint(1, 9)))
        case PromptKind.DATE:
            act = _day(prompt, chance, typed=typed)
        case PromptKind.SELECT_MANY:
            act = _picks(prompt, chance, typed=typed)
        case PromptKind.CONSENT | PromptKind.CONFIRM:
            option = 0 if chance.random() > _NO_SHARE else 1
            act = Type(("yes", "no")[option]) if typed else Tap(option)
        case _:
            act = _choice(prompt, chance, typed=typed)
    return act


def _day(prompt: Prompt, chance: Random, *, typed: bool) -> Act:
    if typed or not prompt.options:
        return Type(chance.choice(("tomorrow", "today", "in 2 weeks")))
    return Tap(0) if chance.random() < 0.6 else PickDay(chance.randint(1, 20))


def _picks(prompt: Prompt, chance: Random, *, typed: bool) -> Act:
    places = [place for place, option in enumerate(prompt.options) if not option.control]
    if not places:  # its buttons were taken away
        return Type("1")
    most = min(prompt.max_picks or 2, 2, len(places))
    picked = tuple(sorted(chance.sample(places[:-1] or places, chance.randint(1, most))))
    return Type(", ".join(str(place + 1) for place in picked)) if typed else Pick(picked)


def _choice(prompt: Prompt, chance: Random, *, typed: bool) -> Act:
    """A choice that leads on, most often."""
    places = [place for place, option in enumerate(prompt.options) if not option.control]
    leading = [place for place in places if not prompt.options[place].label.lower().startswith(_AWAY)]
    if not places:
        return Type("skip")
    place = chance.choice(leading if leading and chance.random() > _NO_SHARE else places)
    if not typed:
        return Tap(place)
    label = prompt.options[place].label
    return Type(label if chance.random() < 0.6 else str(place + 1))
