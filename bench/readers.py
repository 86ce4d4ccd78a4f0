"""How the readers of answers do on public examples: read as their value, as another one, or asked again, by language.

The examples are others' and are no part of the repository: Recognizers-Text's specifications (MIT) as
`recognizers/*.json`, and duckling's (BSD-3-Clause) as `duckling_examples.jsonl`. They are looked for in the folder
that the variable `PUBLIC_DATA` names, else in `../shared/data` beside the repository.

An example is read as whoever answers a question with it would be: its words alone, with the day of its specification
as today. A date is right if it is one of those that the example may mean, or lies in the week, month or span that it
means. What is said back to the person before it stands ('next Sunday') is counted apart: it is another value only
where the person lets it stand.
"""

import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import sqrt
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, show, show_json
from flows.parsing.answers import ChoiceText, ExpectedNumber, ReadReply, read_choice, read_number, read_yes_no
from flows.parsing.dates.day_rules import made
from flows.parsing.dates.days import UnclearDate, find_date
from flows.parsing.dates.durations import find_years
from flows.parsing.dates.unclear_days import is_named_in_full

HERE: Final = Path(__file__).parent.parent
LANGUAGES: Final = {
    "English": "en",
    "French": "fr",
    "German": "de",
    "Italian": "it",
    "Portuguese": "pt",
    "Spanish": "es",
}
DUCKLING_TODAY: Final = date(2013, 2, 12)
LONGEST: Final = timedelta(days=366)


class Kind(StrEnum):
    """What an example is read as."""

    NUMBER = "number"
    ORDINAL = "place in a list"
    YES_NO = "yes or no"
    DATE = "date"
    SENTENCE = "date in a sentence"
    LENGTH = "length of time"


class Verdict(StrEnum):
    """What became of an example."""

    AGREE = "agree"
    SAID_BACK = "said back"
    OTHER = "other"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Span:
    """The days that an example may mean, from `first` to `last`, both inside; None is open."""

    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        """Tell whether a day lies inside."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Example:
    """Words of a public example with what they mean: `value` for numbers and yes or no, `spans` for dates.

    A value of None, and no spans, say that they mean nothing of this kind.
    """

    source: str
    kind: Kind
    language: str
    text: str
    value: float | bool | None = None
    spans: tuple[Span, ...] = ()
    today: date = DUCKLING_TODAY


def data_folder() -> Path | None:
    """Return the folder of the public examples; None where there is none."""
    folder = Path(os.environ.get("PUBLIC_DATA") or HERE.parent / "shared" / "data")
    return folder if (folder / "recognizers").is_dir() else None


def examples(folder: Path) -> Iterator[Example]:
    """Read all examples of a folder, each once."""
    yield from dict.fromkeys((*_recognizers(folder / "recognizers"), *_duckling(folder)))


def _recognizers(folder: Path) -> Iterator[Example]:
    """Read Recognizers-Text's specifications."""
    for path in sorted(folder.glob("*.json")):
        _, language, model = path.stem.split("_")
        read = _MODELS.get(model)
        if read is None:
            continue
        for entry in json.loads(path.read_text(encoding="utf-8-sig")):
            yield from read(LANGUAGES[language], entry)


def _numbers(kind: Kind) -> Callable[[str, Mapping[str, Any]], Iterator[Example]]:
    """Return a reader of examples with one number each: of its words."""

    def read(language: str, entry: Mapping[str, Any]) -> Iterator[Example]:
        """Read an example with exactly one number that has a value."""
        results = entry["Results"]
        if not results:
            yield Example("Recognizers", kind, language, entry["Input"].strip())
        if len(results) != 1:
            return
        value = _plain_number(str(results[0]["Resolution"].get("value")))
        if value is not None and not _is_slip(results[0]["Text"], value):
            yield Example("Recognizers", kind, language, results[0]["Text"], value)

    return read


def _is_slip(text: str, value: float) -> bool:
    """Return whether plain digits stand for another number, as they do twice by a slip of the specification."""
    return re.fullmatch(r"-?\d{4,}\.0", text) is not None and float(text) != value


def _lengths(language: str, entry: Mapping[str, Any]) -> Iterator[Example]:
    """Read a length of time in its unit, in years."""
    results = entry["Results"]
    if len(results) == 1 and results[0]["Resolution"]["unit"] in _IN_YEARS:
        resolution = results[0]["Resolution"]
        years = float(resolution["value"]) * _IN_YEARS[resolution["unit"]]
        yield Example("Recognizers", Kind.LENGTH, language, results[0]["Text"], years)


def _plain_number(written: str) -> float | None:
    """Return a number as a specification writes it ('0,5', '25%', '1E+21'); None for none."""
    plain = written.rstrip("%").replace(",", ".").replace("E+", "e")
    try:
        return float(plain)
    except ValueError:
        return None


def _answers(language: str, entry: Mapping[str, Any]) -> Iterator[Example]:
    """Read a reply that is yes or no."""
    results = entry["Results"]
    if len(results) == 1:
        yield Example("Recognizers", Kind.YES_NO, language, entry["Input"], results[0]["Resolution"]["value"])


def _parsed_dates(language: str, entry: Mapping[str, Any]) -> Iterator[Example]:
    """Read a day: its own words, and the sentence that it stands in."""
    results = [one for one in entry["Results"] if one.get("Value") and "Context" in entry]
    if len(results) != 1:
        return
    value = results[0]["Value"]
    days = {value[key].get("date") for key in ("FutureResolution", "PastResolution")}
    spans = tuple(Span(day, day) for day in sorted(map(date.fromisoformat, filter(None, days))))
    yield from _both(language, entry, results[0]["Text"], spans)


def _both(language: str, entry: Mapping[str, Any], words: str, spans: tuple[Span, ...]) -> Iterator[Example]:
    """Give an example of the words and one of the sentence round them."""
    today = date.fromisoformat(entry["Context"]["ReferenceDateTime"][:10])
    yield Example("Recognizers", Kind.DATE, language, words, spans=spans, today=today)
    yield Example("Recognizers", Kind.SENTENCE, language, entry["Input"], spans=spans, today=today)


def _moments(language: str, entry: Mapping[str, Any]) -> Iterator[Example]:
    """Read what names one day, span or moment, or none: a length of time, a habit."""
    results = entry["Results"]
    if len(results) != 1 or "Context" not in entry or not results[0].get("Resolution"):
        return
    today = date.fromisoformat(entry["Context"]["ReferenceDateTime"][:10])
    spans = tuple(_spans(results[0]["Resolution"]["values"], today))
    yield from _both(language, entry, results[0]["Text"], spans)


def _spans(values: Iterable[Mapping[str, str]], today: date) -> Iterator[Span]:
    """Give the days of a resolution of Recognizers-Text."""
    for value in values:
        if value["type"] in ("date", "datetime") and value.get("value", "")[:4].isdecimal():
            day = date.fromisoformat(value["value"][:10])
            yield Span(day, day)
        elif value["type"] in ("daterange", "datetimerange"):
            first, last = (
                date.fromisoformat(value[end][:10]) if end in value else None for end in ("start", "end")
            )
            yield Span(first, last)
        elif value["type"] in ("time", "timerange"):
            yield Span(today, today)


_MODELS: Final = {
    "NumberModel": _numbers(Kind.NUMBER),
    "PercentModel": _numbers(Kind.NUMBER),
    "OrdinalModel": _numbers(Kind.ORDINAL),
    "AgeModel": _lengths,
    "BooleanModel": _answers,
    "DateParser": _parsed_dates,
    "DateTimeModel": _moments,
}

_WHEN = re.compile(r"(Before|After)? ?\((-?\d+), (\d+), (\d+), \d+, \d+, [\d.]+\)\s*(\w+)")
_LASTING = re.compile(r"\(DurationData (\d+) (\w+)\)")
_VALUE = re.compile(r"\((?:NumeralValue|OrdinalData) \(?(-?[\d._e]+)\)?\)")
_DAYS_OF: Final = {"Week": 6, "Month": 30, "Quarter": 91, "Year": 365}
_IN_YEARS: Final = {"Year": 1.0, "Month": 1 / 12, "Week": 7 / 365.25, "Day": 1 / 365.25}


def _duckling(folder: Path) -> Iterator[Example]:
    """Read duckling's examples."""
    with (folder / "duckling_examples.jsonl").open(encoding="utf-8") as lines:
        for entry in map(json.loads, lines):
            yield from _of_duckling(entry["kind"], entry["language"], entry["text"], entry["value"])


def _of_duckling(kind: str, language: str, text: str, value: str) -> Iterator[Example]:
    """Read one example of duckling by its kind; nothing where its value is none that can be told."""
    if kind == "Time":
        when = _WHEN.search(value)
        if when:
            first = made(int(when[2]), max(1, int(when[3])), max(1, int(when[4])))
            last = first and first + timedelta(days=_DAYS_OF.get(when[5], 0))
            first, last = None if when[1] == "Before" else first, None if when[1] == "After" else last
            spans = (Span(first, last),)
            yield Example("duckling", Kind.DATE, language, text, spans=spans)
    elif kind == "Duration":
        lasting = _LASTING.search(value)
        if lasting:
            years = int(lasting[1]) * _IN_YEARS.get(lasting[2], 0.0)
            yield Example("duckling", Kind.LENGTH, language, text, years)
    elif found := _VALUE.search(value):
        named = Kind.ORDINAL if kind == "Ordinal" else Kind.NUMBER
        yield Example("duckling", named, language, text, float(found[1].replace("_", "")))


def verdict(example: Example) -> Verdict:
    """Read an example and judge what became of it."""
    match example.kind:
        case Kind.DATE | Kind.SENTENCE:
            return _judged_date(example)
        case Kind.YES_NO:
            return _judged(example, _yes_no(example))
        case Kind.NUMBER:
            return _judged(example, _number(example))
        case Kind.ORDINAL:
            return _judged(example, _place(example))
        case _:
            return _judged_length(example)


_ROUNDED: Final = 0.0005
"""Fractions of one sign are read to three decimals."""


def _judged(example: Example, read: float | None) -> Verdict:
    """Compare a value with what an example means."""
    if read is None:
        return Verdict.AGREE if example.value is None else Verdict.UNREAD
    same = example.value is not None and abs(read - example.value) <= _ROUNDED
    return Verdict.AGREE if same else Verdict.OTHER


def _number(example: Example) -> float | None:
    """Read a number, as a whole one where it is one; None where it is asked again."""
    whole = example.value is None or float(example.value).is_integer()
    reading = read_number(example.text, example.language, ExpectedNumber(whole=whole))
    return reading.value if isinstance(reading, ReadReply) else None


_PLACES: Final = tuple(
    ChoiceText(str(place), f"zzqx{chr(64 + place % 26)}{place}") for place in range(1, 200)
)


def _place(example: Example) -> float | None:
    """Read a place in a list of many choices; None where it is asked again."""
    reading = read_choice(example.text, _PLACES, example.language)
    return int(reading.value) if isinstance(reading, ReadReply) else None


_YES_NO: Final = {
    "en": ("Yes", "No"),
    "de": ("Ja", "Nein"),
    "fr": ("Oui", "Non"),
    "es": ("Sí", "No"),
    "it": ("Sì", "No"),
    "pt": ("Sim", "Não"),
}


def _yes_no(example: Example) -> bool | None:
    """Read yes or no, under a consent and under a question; an opposite of either counts. None: asked again."""
    agree, decline = _YES_NO[example.language]
    consent = read_yes_no(example.text, agree=agree, decline=decline, language=example.language)
    pair = (ChoiceText("yes", agree, means=True), ChoiceText("no", decline, means=False))
    choice = read_choice(example.text, pair, example.language)
    found = {consent.value} if isinstance(consent, ReadReply) else set()
    found |= {choice.value == "yes"} if isinstance(choice, ReadReply) else set()
    if len(found) > 1:
        return not example.value
    return found.pop() if found else None


def _judged_date(example: Example) -> Verdict:
    """Read a date and compare it with the days that an example means."""
    day = find_date(example.text, example.today, example.language)
    if day is None or isinstance(day, UnclearDate):
        return Verdict.UNREAD if example.spans else Verdict.AGREE
    if any(span.holds(day) for span in example.spans):
        return Verdict.AGREE
    sure = is_named_in_full(example.text, day, example.today, example.language)
    return Verdict.OTHER if sure else Verdict.SAID_BACK


def _judged_length(example: Example) -> Verdict:
    """Read the completed years of a length of time."""
    found = find_years(example.text, example.today, example.language)
    if found is None:
        return Verdict.UNREAD
    years = int((example.value or 0) + 1e-6)
    held = found.low <= years and (found.high is None or years <= found.high)
    return Verdict.AGREE if held and example.value is not None else Verdict.OTHER


def verdicts(folder: Path) -> dict[Example, Verdict]:
    """Read and judge all examples of a folder."""
    return {example: verdict(example) for example in examples(folder)}


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson, 0 to 1."""
    if not whole:
        return 0.0, 1.0
    share, z = part / whole, 1.96
    middle = share + z * z / (2 * whole)
    around = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return (middle - around) / (1 + z * z / whole), (middle + around) / (1 + z * z / whole)


def _row(name: Sequence[str], counts: Mapping[Verdict, int]) -> list[str]:
    """Lay out the counts of a kind and language, with the shares that agree and that are another value."""
    whole = sum(counts.values())
    shares = []
    for which in (Verdict.AGREE, Verdict.OTHER):
        low, high = wilson(counts.get(which, 0), whole)
        shares.append(f"{100 * counts.get(which, 0) / whole:.1f} [{100 * low:.1f}-{100 * high:.1f}]")
    return [*name, *(str(counts.get(which, 0)) for which in Verdict), *shares]


def main() -> None:
    """Print how many examples agree, are another value or are asked again; with `--list` which ones."""
    parser = arguments(__doc__ or "")
    parser.add_argument(
        "--list", choices=[*map(str, Verdict)], action="append", default=[], help="print them"
    )
    parser.add_argument("--language", help="of this language alone")
    options = parser.parse_args()
    folder = data_folder()
    if folder is None:
        print("The public examples are not here: name their folder in PUBLIC_DATA.")
        return
    judged = verdicts(folder)
    counts: dict[tuple[str, str], Counter[Verdict]] = defaultdict(Counter)
    for example, found in judged.items():
        for language in (example.language, "all"):
            counts[example.kind, language][found] += 1
    if options.json:
        show_json({f"{kind}, {language}": dict(found) for (kind, language), found in counts.items()})
    else:
        columns = ("kind", "language", *map(str, Verdict), "agree, %", "other, %")
        show("Public examples", columns, [_row(name, found) for name, found in sorted(counts.items())])
    for example, found in judged.items():
        if found in options.list and options.language in (None, example.language):
            print(f"{found}: {example.kind}: {example.language}: {example.text!r} ({_meant(example)})")


def _meant(example: Example) -> str:
    """Write what an example means."""
    if example.kind not in (Kind.DATE, Kind.SENTENCE):
        return str(example.value)
    days = " or ".join(f"{span.first}..{span.last}" for span in example.spans)
    return f"{days or 'nothing'}, said on {example.today}"


if __name__ == "__main__":
    main()
