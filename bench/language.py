"""Language detection in chat: accuracy by length, and what the rule that offers a switch does with it.

Conversations are made from the labelled answers, seeded: a person answers ten times in one language, in a conversation
that is held in the same one (an offer is then false) or in another (an offer is then wanted).
"""

import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, show, show_json
from bot.conversations.language_detector import Detected, LanguageDetector, offer
from flows.formats.yaml_source import read_source

ANSWERS = Path(__file__).parent.parent / "tests" / "data" / "language_answers.yaml"
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar")
BANDS = ((1, 2), (3, 5), (6, 10), (11, 20), (21, 60))
"""Words, from and to."""
SEED = 7
CONVERSATIONS = 400
"""Made for each language, of ten answers each."""
ANSWERS_A_CONVERSATION = 10
WITHIN = (3, 5, 10)


@dataclass(slots=True)
class LengthBand:
    """How answers of one length are read."""

    answers: int = 0
    said: int = 0
    right: int = 0
    raw_right: int = 0

    def figures(self) -> dict[str, float | int | None]:
        """Shares: of those in which a language was named, and of all; `forced` is without the 40 letters."""
        return {
            "answers": self.answers,
            "named": round(self.said / self.answers, 4) if self.answers else None,
            "right_of_named": round(self.right / self.said, 4) if self.said else None,
            "forced_accuracy": round(self.raw_right / self.answers, 4) if self.answers else None,
        }


def labelled() -> dict[str, list[str]]:
    """Read the answers by language."""
    source = read_source(ANSWERS).value
    return {
        language: [str(text) for texts in parts.values() for text in texts]
        for language, parts in source.items()
    }


def accuracy(detector: LanguageDetector, answers: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """By length and by language; also what would be said without the least number of letters."""
    bold = LanguageDetector(LANGUAGES, least_letters=1)
    bold.warm_now()
    bands: dict[str, LengthBand] = defaultdict(LengthBand)
    wrong = []
    for language, texts in answers.items():
        for text in texts:
            words = len(text.split())
            low, high = next((low, high) for low, high in BANDS if low <= words <= high)
            found = detector.detect(text)
            forced = bold.detect(text)
            for name in (f"{low}-{high}", "all", language):
                band = bands[name]
                band.answers += 1
                band.said += found is not None
                band.right += found is not None and found.language == language
                band.raw_right += forced is not None and forced.language == language
            if found is not None and found.language != language:
                wrong.append(
                    {"written": language, "found": found.language, "p": found.probability, "text": text}
                )
    return {"by": {name: band.figures() for name, band in bands.items()}, "wrong": wrong}


def conversations(detector: LanguageDetector, answers: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Offers in conversations made from the answers."""
    detected = {text: detector.detect(text) for texts in answers.values() for text in texts}
    chance = random.Random(SEED)
    false = wrong = 0
    within = dict.fromkeys(WITHIN, 0)
    made = [
        chance.sample(list(answers[language]), ANSWERS_A_CONVERSATION)
        for language in LANGUAGES
        for _ in range(CONVERSATIONS)
    ]
    for place, replies in enumerate(made):
        written = LANGUAGES[place // CONVERSATIONS]
        found = [detected[text] for text in replies]
        false += offered_after(found, written) is not None
        other = chance.choice([name for name in LANGUAGES if name != written])
        when = offered_after(found, other)
        if when is not None and when[1] != written:
            wrong += 1
        for limit in WITHIN:
            within[limit] += when is not None and when[1] == written and when[0] <= limit
    return {
        "talks": len(made),
        "answers_a_talk": ANSWERS_A_CONVERSATION,
        "false_offer_rate": round(false / len(made), 4),
        "wrong_language_rate": round(wrong / len(made), 4),
        "coverage": {f"within_{limit}": round(count / len(made), 4) for limit, count in within.items()},
    }


def offered_after(found: Sequence[Detected | None], conversation_language: str) -> tuple[int, str] | None:
    """After how many answers which language is offered; None for never."""
    previous: list[Detected] = []
    for place, current in enumerate(found):
        language = offer(previous, current, conversation_language=conversation_language, offered=False)
        if language is not None:
            return place + 1, language
        if current is not None:
            previous.append(current)
    return None


def speed(detector: LanguageDetector, answers: Mapping[str, Sequence[str]]) -> float:
    """Median milliseconds a text that is long enough to be read."""
    times = []
    for text in (text for texts in answers.values() for text in texts if len(text) > 60):
        started = perf_counter()
        detector.detect(text)
        times.append((perf_counter() - started) * 1000)
    return round(median(times), 2)


def main() -> None:
    """Print the tables, or JSON."""
    options = arguments(__doc__ or "").parse_args()
    started = perf_counter()
    detector = LanguageDetector(LANGUAGES)
    detector.warm_now()
    warmed = round(perf_counter() - started, 2)
    answers = labelled()
    figures: dict[str, Any] = {
        "accuracy": accuracy(detector, answers),
        "offers": conversations(detector, answers),
        "ms_per_text": speed(detector, answers),
        "warm_s": warmed,
    }
    if options.json:
        show_json(figures)
        return
    names = [*(f"{low}-{high}" for low, high in BANDS), *LANGUAGES, "all"]
    rows = figures["accuracy"]["by"]
    show(
        "Detection by words, and by language",
        ("answers of", "number", "language named", "right of those", "right if forced"),
        [
            [name, str(rows[name]["answers"]), *(_share(rows[name][key]) for key in _COLUMNS)]
            for name in names
        ],
    )
    offers = figures["offers"]
    print(f"offers: {offers}")
    print(f"{figures['ms_per_text']} ms a text, ready after {warmed} s")
    for miss in figures["accuracy"]["wrong"]:
        print(f"wrong: {miss}")


_COLUMNS = ("named", "right_of_named", "forced_accuracy")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


if __name__ == "__main__":
    main()
