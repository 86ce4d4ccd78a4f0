"""Load the small words that replies are made of: `flows/library/vocabulary/<language>.yaml`, read once.

A reply is read in the conversation's language first. What that cannot read is looked for, as a whole reply
only, in the words of every other language: see `understood`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, TypeVar

from pydantic import Field

from flows.formats.yaml_source import read_source
from flows.script.model import FrozenModel
from flows.text.folding import fold

FOLDER: Final = Path(__file__).parents[1] / "library" / "vocabulary"
ENGLISH: Final = "en"
_Value = TypeVar("_Value", str, int)


Distance = Annotated[str, Field(pattern=r"^[1-9]\d?[dwmy]$")]
"""How far ahead: a number of days, weeks, months or years."""


class DateFile(FrozenModel):
    """The words of dates as the file has them; en.yaml says what each key means."""

    today: str = ""
    tomorrow: str = ""
    day_after_tomorrow: str = ""
    yesterday: str = ""
    day_before_yesterday: str = ""
    this_week: str = ""
    next_week: str = ""
    end_of_next_week: str = ""
    fortnight: str = ""
    this_month: str = ""
    next_month: str = ""
    end_of_next_month: str = ""
    this_year: str = ""
    next_year: str = ""
    linking: str = ""
    filler: str = ""
    pointing: str = ""
    this: str = ""
    vague: str = ""
    before_day: str = ""
    ahead: str = ""
    from_now: str = ""
    ago: str = ""
    past: str = ""
    start_of: str = ""
    distances: dict[str, Distance] = Field(default_factory=dict)
    weekdays: dict[str, Annotated[int, Field(ge=1, le=7)]] = Field(default_factory=dict)
    months: dict[str, Annotated[int, Field(ge=1, le=12)]] = Field(default_factory=dict)


class DurationFile(FrozenModel):
    """The words of lengths of time as the file has them; en.yaml says what each key means."""

    units: dict[str, Distance] = Field(default_factory=dict)
    since: str = ""
    at: str = ""
    filler: str = ""
    nearly: str = ""
    just: str = ""
    few: str = ""
    half: str = ""
    one_and_a_half: str = ""
    year_alone: str = ""


class KindFile(FrozenModel):
    """What people call a question by what it asks for, as the file has it; en.yaml says what each key means."""

    date: str = ""
    number: str = ""
    scale: str = ""
    choice: str = ""
    words: str = ""
    said: str = ""


class GlobalFile(FrozenModel):
    """The phrases of the commands that work everywhere, as the file has them."""

    skip: str = ""
    back: str = ""
    pause: str = ""
    later: str = ""
    stop: str = ""
    leave: str = ""
    start: str = ""
    go_on: str = ""
    back_again: str = ""
    help: str = ""
    restart: str = ""
    language: str = ""
    time_zone: str = ""
    human: str = ""
    my_data: str = ""
    delete_my_data: str = ""
    link: str = ""
    my_choices: str = ""
    no_contact: str = ""
    not_my_words: str = ""


class VocabularyFile(FrozenModel):
    """The vocabulary of a language as its file has it; en.yaml says what each key means.

    With a key empty or missing a little less is read; nothing breaks.
    """

    globals: GlobalFile = GlobalFile()
    speaking: str = ""
    typo_words: str = ""
    ordinary: str = ""
    yes: str = ""
    half_yes: str = ""
    unwilling: str = ""
    no: str = ""
    every: str = ""
    both: str = ""
    none: str = ""
    zero: str = ""
    unknown: str = ""
    last: str = ""
    above: str = ""
    below: str = ""
    or_more: str = ""
    between: str = ""
    out_of: str = ""
    roughly: str = ""
    and_a_half: str = ""
    decimal_mark: str = ""
    number_joining: str = ""
    lowest: str = ""
    middle: str = ""
    highest: str = ""
    joining: str = ""
    filler: str = ""
    having: str = ""
    negation: str = ""
    numbering: str = ""
    until: str = ""
    away: str = ""
    reasons: str = ""
    inviting: str = ""
    polite: str = ""
    choosing: str = ""
    counting: str = ""
    yes_first: str = ""
    no_first: str = ""
    turning: str = ""
    nothing_to_tell: str = ""
    not_understood: str = ""
    asking_back: str = ""
    softening: str = ""
    no_medicine: str = ""
    told_before: str = ""
    hesitating: str = ""
    not_quite: str = ""
    kinds: KindFile = KindFile()
    changing: str = ""
    praising: str = ""
    pointing: str = ""
    amounts: dict[str, int] = Field(default_factory=dict)
    ordinals: dict[str, int] = Field(default_factory=dict)
    hundreds: dict[str, int] = Field(default_factory=dict)
    scales: dict[str, int] = Field(default_factory=dict)
    ladders: tuple[tuple[str, str, str, str, str], ...] = ()
    dates: DateFile = DateFile()
    durations: DurationFile = DurationFile()


def phrases(text: str) -> frozenset[str]:
    """Split a text at its commas, Arabic ones too, into a set of folded phrases."""
    return frozenset(_folded(text))


def _folded(text: str) -> Iterator[str]:
    """Yield the folded phrases of a text, without empty ones."""
    for phrase in text.replace("،", ",").split(","):
        key = fold(phrase)
        if key:
            yield key


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of dates of one language; `phrases` by the key in the file: 'today', 'end_of_next_month'."""

    phrases: Mapping[str, frozenset[str]]
    linking: frozenset[str]
    filler: frozenset[str]
    pointing: frozenset[str]
    this: frozenset[str]
    vague: frozenset[str]
    before_day: frozenset[str]
    ahead: frozenset[str]
    from_now: frozenset[str]
    ago: frozenset[str]
    past: frozenset[str]
    start_of: frozenset[str]
    distances: Mapping[str, str]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DurationWords:
    """The words of lengths of time of one language, folded; en.yaml says what each is for."""

    units: Mapping[str, str]
    since: frozenset[str]
    at: frozenset[str]
    filler: frozenset[str]
    nearly: frozenset[str]
    just: frozenset[str]
    few: frozenset[str]
    half: frozenset[str]
    one_and_a_half: frozenset[str]
    year_alone: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language, folded; en.yaml says what each set is for."""

    globals: Mapping[str, frozenset[str]]
    speaking: frozenset[str]
    typo_words: frozenset[str]
    ordinary: frozenset[str]
    yes: frozenset[str]
    half_yes: frozenset[str]
    unwilling: frozenset[str]
    no: frozenset[str]
    every: frozenset[str]
    both: frozenset[str]
    none: frozenset[str]
    zero: frozenset[str]
    unknown: frozenset[str]
    last: frozenset[str]
    above: frozenset[str]
    below: frozenset[str]
    or_more: frozenset[str]
    between: frozenset[str]
    out_of: frozenset[str]
    roughly: frozenset[str]
    and_a_half: frozenset[str]
    decimal_mark: frozenset[str]
    number_joining: frozenset[str]
    lowest: frozenset[str]
    middle: frozenset[str]
    highest: frozenset[str]
    joining: frozenset[str]
    filler: frozenset[str]
    having: frozenset[str]
    negation: frozenset[str]
    numbering: frozenset[str]
    until: frozenset[str]
    away: frozenset[str]
    reasons: frozenset[str]
    inviting: frozenset[str]
    polite: frozenset[str]
    choosing: frozenset[str]
    counting: frozenset[str]
    yes_first: frozenset[str]
    no_first: frozenset[str]
    turning: frozenset[str]
    nothing_to_tell: frozenset[str]
    not_understood: frozenset[str]
    asking_back: frozenset[str]
    softening: frozenset[str]
    no_medicine: frozenset[str]
    told_before: frozenset[str]
    hesitating: frozenset[str]
    not_quite: frozenset[str]
    kinds: Mapping[str, frozenset[str]]
    """By the name of a kind in the file: 'date'."""
    changing: frozenset[str]
    praising: frozenset[str]
    pointing: frozenset[str]
    amounts: Mapping[str, int]
    ordinals: Mapping[str, int]
    hundreds: Mapping[str, int]
    scales: Mapping[str, int]
    ladders: tuple[tuple[frozenset[str], ...], ...]
    dates: DateWords
    durations: DurationWords


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that have a vocabulary, English first."""
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    return (ENGLISH, *(name for name in names if name != ENGLISH))


@lru_cache(maxsize=256)
def base_of(language: str) -> str:
    """Return the language whose vocabulary is used for a language: itself, or 'de' for 'de-AT'.

    English, which many people know, where neither has a vocabulary.
    """
    return next(
        (name for name in (language, language.partition("-")[0]) if name in languages()),
        ENGLISH,
    )


def has_vocabulary(language: str) -> bool:
    """Return whether a language has a vocabulary of its own, or its base ('de' for 'de-AT') has."""
    return base_of(language) == language.partition("-")[0] or base_of(language) == language


@lru_cache(maxsize=64)
def vocabulary(language: str) -> Vocabulary:
    """Return the vocabulary that is used for a language: its own, or that of 'de' for 'de-AT', or English."""
    return _read(base_of(language))


def warm() -> None:
    """Read the words of every language now (about a seventh of a second) rather than at the first reply."""
    for name in languages():
        vocabulary(name)


@lru_cache(maxsize=64)
def others(language: str) -> tuple[str, ...]:
    """Return all languages that have a vocabulary but the one whose vocabulary is used for this language."""
    return tuple(name for name in languages() if name != base_of(language))


@cache
def _read(language: str) -> Vocabulary:
    """Read the file of a language."""
    source = read_source(FOLDER / f"{language}.yaml")
    return vocabulary_of(VocabularyFile.model_validate(source.value))


def vocabulary_of(file: VocabularyFile) -> Vocabulary:
    """Return the vocabulary of a language's file, with its words folded."""
    sets = {
        name: phrases(value)
        for name in VocabularyFile.model_fields
        if isinstance(value := getattr(file, name), str)
    }
    dates = {name: phrases(text) for name, text in file.dates if isinstance(text, str)}
    rules = (
        *("linking", "filler", "pointing", "this", "vague", "before_day"),
        *("ahead", "from_now", "ago", "past", "start_of"),
    )
    return Vocabulary(
        **sets,
        globals=MappingProxyType({name: phrases(text) for name, text in file.globals}),
        kinds=MappingProxyType({name: phrases(text) for name, text in file.kinds}),
        amounts=_by_phrase(file.amounts),
        ordinals=_by_phrase(file.ordinals),
        hundreds=_by_phrase(file.hundreds),
        scales=_by_phrase(file.scales),
        ladders=tuple(tuple(map(phrases, ladder)) for ladder in file.ladders if any(ladder)),
        dates=DateWords(
            MappingProxyType({name: words for name, words in dates.items() if name not in rules}),
            **{name: dates[name] for name in rules},
            distances=_by_phrase(file.dates.distances),
            weekdays=_by_phrase(file.dates.weekdays),
            months=_by_phrase(file.dates.months),
        ),
        durations=DurationWords(
            units=_by_phrase(file.durations.units),
            **{name: phrases(text) for name, text in file.durations if isinstance(text, str)},
        ),
    )


def _by_phrase(table: Mapping[str, _Value]) -> Mapping[str, _Value]:
    """Fold the keys of a table."""
    return MappingProxyType({fold(phrase): value for phrase, value in table.items()})


@dataclass(frozen=True, slots=True)
class UnderstoodReplies:
    """The whole replies, folded, that mean yes, no, none and so on in a conversation of one language.

    Words of other languages are among them.
    """

    yes: frozenset[str]
    no: frozenset[str]
    every: frozenset[str]
    both: frozenset[str]
    none: frozenset[str]
    zero: frozenset[str]
    unknown: frozenset[str]


_RIVALS: Final = ({"yes", "no"}, {"every", "both", "none"}, {"zero"}, {"unknown"})
"""Sets that must not be taken for one another."""


@lru_cache(maxsize=64)
def understood(language: str) -> UnderstoodReplies:
    """Return the whole replies for yes, no, none and so on that are understood in a conversation of a language.

    They are those of its own vocabulary and those of all others that mean nothing else. A word of the
    conversation's own language keeps its meaning there. One that two other languages give different meanings,
    or that is an ordinary word of the conversation's language, is not taken from them.
    """
    own = vocabulary(language)
    foreign = tuple(map(vocabulary, others(language)))
    found: dict[str, frozenset[str]] = {}
    for rivals in _RIVALS:
        mine: frozenset[str] = frozenset().union(*(getattr(own, name) for name in rivals))
        for name in rivals:
            theirs = _together(foreign, (name,))
            against = _together(foreign, rivals - {name})
            found[name] = getattr(own, name) | (theirs - against - mine - own.ordinary)
    return UnderstoodReplies(**found)


def _together(vocabularies: Iterable[Vocabulary], names: Iterable[str]) -> frozenset[str]:
    """Unite the sets of these names from several vocabularies."""
    listed = tuple(names)
    return frozenset().union(*(getattr(words, name) for words in vocabularies for name in listed))


_LONGEST_CHAIN: Final = 8
"""Words of 'yes, of course, I agree'."""


def consists_of(tokens: tuple[str, ...], phrases: frozenset[str]) -> bool:
    """Tell whether a reply is one of the phrases, or several of them and nothing else: 'ja, ich stimme zu'."""
    if len(tokens) > _LONGEST_CHAIN:
        return False
    return any(
        " ".join(tokens[:length]) in phrases
        and (length == len(tokens) or consists_of(tokens[length:], phrases))
        for length in range(len(tokens), 0, -1)
    )
