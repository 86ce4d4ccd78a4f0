"""Count what the safety scan and the second reader find, and where they stop a talk for nothing, with intervals."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from bench.common import share_figures, wilson
from bench.safety_texts import SEALED, MeasuredText, OrdinaryTalk, Told
from flows.safety.lexicon import SHIPPED
from flows.safety.reading import ReadingClass, SignalLevel, riskiest
from flows.safety.scan import FindingKind, Product, scan
from flows.script.roles import QuestionTopic

ENCODED_AT_ONCE: Final = 16
EVERY: Final = "all"
"""All languages together."""
Noticed = tuple[ReadingClass, SignalLevel]
"""What the second reader notices: the class in which a text is read, and what follows."""


class Second(Protocol):
    """Reads a text once more, for words of risk and for events where these are wanted; None for nothing noticed."""

    def __call__(self, text: str, *, risk: bool, event: bool, hinted: bool) -> tuple[Noticed | None, bool]:
        """Return what is noticed, and whether weak hits of an event are doubted, whether events are wanted or not."""


class Found(NamedTuple):
    """What was found in one text: kinds by strong and by weak hits of the rules, and what the second reader says."""

    strong: frozenset[FindingKind]
    hints: frozenset[FindingKind]
    second: Noticed | None
    doubted: bool = False
    """Whether the second reader takes back that the text may tell of an event: it has its turn like all others."""

    @property
    def opens_report(self) -> bool:
        """Whether the rules open a case of a medicine or product, and ask about it."""
        return bool(self.strong & {FindingKind.ADVERSE_EVENT, FindingKind.PRODUCT_COMPLAINT})

    @property
    def gets_care(self) -> bool:
        """Whether the second reader brings words of care and a number."""
        return self.second is not None and self.second[1] is SignalLevel.CARE

    @property
    def by_rules(self) -> ReadingClass:
        """The class in which the text is read, or has a case, by the rules alone."""
        if FindingKind.RISK in self.strong | self.hints:
            return ReadingClass.RISK
        is_event = self.opens_report or bool(self.hints - {FindingKind.UPSET})
        return ReadingClass.EVENT if is_event else ReadingClass.PLAIN

    @property
    def read_as(self) -> ReadingClass:
        """The class in which the text is read, or has a case."""
        is_doubted = self.doubted and self.by_rules is ReadingClass.EVENT and not self.opens_report
        by_rules = ReadingClass.PLAIN if is_doubted else self.by_rules
        return by_rules if self.second is None else riskiest((by_rules, self.second[0]))

    @property
    def stops(self) -> bool:
        """Whether the person notices anything: questions, a menu, words of care, numbers."""
        return bool(self.strong) or self.gets_care


class Measure:
    """Reads texts as the bot does: the rules with what is known of the question, then the second reader.

    `second` is asked for what the rules did not find; None is the rules alone.
    """

    def __init__(self, products: Sequence[Product], second: Second | None) -> None:
        self._products = products
        self._second = second
        self._known: dict[tuple[str, bool, bool, bool], tuple[Noticed | None, bool]] = {}

    @property
    def has_second(self) -> bool:
        """Whether there is a second reader."""
        return self._second is not None

    def read(
        self, text: str, language: str, about: QuestionTopic | None, *, hears_events: bool = True
    ) -> Found:
        """Return what is found in a text that somebody wrote in a talk of this language."""
        finding = scan(text, products=self._products, languages=SHIPPED, about=about, language=language)
        strong = finding.kinds
        wants_risk = FindingKind.RISK not in strong
        wants_event = hears_events and not (finding.reportable or finding.is_well)
        second, doubted = None, False
        if self._second is not None and (wants_risk or wants_event):
            hinted = FindingKind.RISK in finding.noticed
            key = (text, wants_risk, wants_event, hinted)
            if key not in self._known:
                self._known[key] = self._second(text, risk=wants_risk, event=wants_event, hinted=hinted)
            second, doubts = self._known[key]
            doubted = doubts and not (finding.reportable or finding.held_back)
        return Found(strong, frozenset(hint.kind for hint in finding.hints), second, doubted)


def shipped_second() -> Second | str:
    """Return the second reader with the shipped weights, or say why it cannot be used."""
    from bot.schedule.sentence_encoder import PackagedEncoder, installed_release
    from flows.safety.second_reader import shipped_reader

    reader, encoder = shipped_reader(), PackagedEncoder()
    if not encoder.usable_for(reader.encoder):
        return f"its package is not installed as release {reader.encoder} (there is: {installed_release()})"

    def second(text: str, *, risk: bool, event: bool, hinted: bool) -> tuple[Noticed | None, bool]:
        parts = reader.pieces(text)
        vectors = [
            vector
            for first in range(0, len(parts), ENCODED_AT_ONCE)
            for vector in encoder.encode(parts[first : first + ENCODED_AT_ONCE])
        ]
        signal = reader.judge(vectors, risk=risk, event=event, hinted=hinted)
        noticed = None if signal is None else (signal.reading_class, signal.level)
        return noticed, reader.doubts_event(vectors)

    return second


_ON: Final[Mapping[Told, Mapping[str, Callable[[Found], bool]]]] = {
    Told.EVENT: {
        "rules": lambda found: found.opens_report,
        "and hints": lambda found: found.by_rules is not ReadingClass.PLAIN,
        "and 2nd reader": lambda found: found.read_as is not ReadingClass.PLAIN,
    },
    Told.RISK: {
        "rules": lambda found: FindingKind.RISK in found.strong,
        "and care": lambda found: FindingKind.RISK in found.strong or found.gets_care,
        "and queue": lambda found: found.read_as is ReadingClass.RISK,
    },
    Told.UPSET: {
        "rules": lambda found: bool(found.strong & {FindingKind.UPSET, FindingKind.RISK}),
        "or read ahead": lambda found: (
            FindingKind.UPSET in found.strong or found.read_as is not ReadingClass.PLAIN
        ),
    },
    Told.HARMLESS: {
        "report case": lambda found: found.opens_report,
        "upset menu": lambda found: FindingKind.UPSET in found.strong,
        "tier 2": lambda found: FindingKind.RISK in found.strong,
        "care": lambda found: found.gets_care,
        "as risk": lambda found: found.read_as is ReadingClass.RISK,
        "read ahead": lambda found: found.read_as is not ReadingClass.PLAIN,
    },
}
"""What is counted of the texts of each kind. A case and both upper classes of the queue count as found for events; for
risk the uppermost alone."""
_OF_SECOND: Final = frozenset(
    {"and 2nd reader", "and care", "and queue", "or read ahead", "care", "as risk", "read ahead"}
)
"""Columns in which the second reader has a part."""


@dataclass(slots=True)
class Row:
    """One row of figures: how many texts there are, and how many of them each column found."""

    told: Told
    group: str
    language: str
    question: str
    trained: bool
    texts: int = 0
    found: dict[str, int] = field(default_factory=dict)
    short: "Row | None" = None
    """The same of the short texts alone; None for a row of these."""

    def add(self, text: MeasuredText, found: Found) -> None:
        """Count a text."""
        self.texts += 1
        for name, is_it in _ON[self.told].items():
            self.found[name] = self.found.get(name, 0) + is_it(found)
        if self.short is not None and text.is_short:
            self.short.add(text, found)

    def cells(self, *, has_second: bool) -> list[str]:
        """Return the row as cells of a table; a mark where the second reader has seen the texts in training."""
        marked = self.trained and has_second
        return [
            self.group,
            self.language,
            *([self.question] if self.told is Told.EVENT else []),
            str(self.texts),
            *(
                wilson(self.found.get(name, 0), self.texts) + ("*" * (marked and name in _OF_SECOND))
                for name in _ON[self.told]
            ),
        ]

    def figures(self) -> dict[str, Any]:
        """Return the row for a program to read."""
        return {
            "told": self.told.value,
            "group": self.group,
            "language": self.language,
            "question": self.question,
            "second_reader_trained_on_it": self.trained,
            "texts": self.texts,
            "found": {name: share_figures(self.found.get(name, 0), self.texts) for name in _ON[self.told]},
        }


def columns_of(told: Told) -> list[str]:
    """Return the columns of the table of a kind of texts."""
    return ["set", "language", *(["question"] if told is Told.EVENT else []), "texts", *_ON[told]]


def rows_of(texts: Iterable[MeasuredText], measure: Measure, *, by_language: bool = True) -> list[Row]:
    """Count texts by kind, group and language; events once more as if the question were about the medicine.

    Of events the short ones are counted apart, too.
    """
    rows: dict[tuple[Told, str, str, str], Row] = {}
    for text in texts:
        abouts = (None, QuestionTopic.MEDICINE) if text.told is Told.EVENT else (None,)
        for about in abouts:
            found = measure.read(text.text, text.language, about)
            asked = "not known" if about is None else "medicine"
            for language in (text.language, EVERY) if by_language else (EVERY,):
                key = (text.told, text.group, language, asked)
                if key not in rows:
                    rows[key] = _row(key, trained=text.trained)
                rows[key].add(text, found)
    counted = [one for row in rows.values() for one in (row, row.short) if one is not None and one.texts]
    groups = list(dict.fromkeys(row.group for row in counted))
    languages = (EVERY, *SHIPPED)
    return sorted(
        (row for row in counted if not _is_double(row, counted)),
        key=lambda row: (row.told, groups.index(row.group), row.question, languages.index(row.language)),
    )


def _row(key: tuple[Told, str, str, str], *, trained: bool) -> Row:
    told, group, language, asked = key
    short = Row(told, f"{group}, short", language, asked, trained) if told is Told.EVENT else None
    return Row(told, group, language, asked, trained, short=short)


def _is_double(row: Row, rows: Sequence[Row]) -> bool:
    """Tell whether a row of all languages says no more than that of the only one; short ones are told of all alone."""
    peers = [
        one for one in rows if (one.told, one.group, one.question) == (row.told, row.group, row.question)
    ]
    if row.group.endswith(", short"):
        return row.language != EVERY
    return row.language == EVERY and len(peers) == 2


@dataclass(slots=True)
class Alarms:
    """What ordinary talks of one part are stopped for, and which of their answers are read ahead."""

    talks: int = 0
    answers: int = 0
    stopped_talks: int = 0
    by_cause: dict[str, int] = field(default_factory=dict)
    """Talks by what stopped them; one may stand under several."""
    stopped_answers: int = 0
    ahead: int = 0
    """Answers that have a case or are read ahead."""
    as_risk: int = 0
    """Answers that are read among those of risk."""
    texts: list[str] = field(default_factory=list)
    """Those that stopped a talk or are read ahead; empty for a sealed part."""

    def figures(self) -> dict[str, Any]:
        """Return all of it for a program to read."""
        return {
            "conversations": share_figures(self.stopped_talks, self.talks),
            "by_cause": {name: share_figures(number, self.talks) for name, number in self.by_cause.items()},
            "answers_that_stop": share_figures(self.stopped_answers, self.answers),
            "answers_ahead": share_figures(self.ahead, self.answers),
            "answers_as_risk": share_figures(self.as_risk, self.answers),
            "texts": self.texts,
        }


CAUSES: Final[Mapping[str, Callable[[Found], bool]]] = {
    "case questions": lambda found: found.opens_report,
    "upset menu": lambda found: FindingKind.UPSET in found.strong,
    "crisis help": lambda found: FindingKind.RISK in found.strong,
    "words of care": lambda found: found.gets_care,
}


def alarms_of(talks: Iterable[OrdinaryTalk], measure: Measure) -> dict[str, Alarms]:
    """Count alarms by part ('patients_open'), by whose they are ('patients'), and in all."""
    alarms: dict[str, Alarms] = defaultdict(lambda: Alarms(by_cause=dict.fromkeys(CAUSES, 0)))
    for talk in talks:
        found = [
            measure.read(one.text, talk.language, one.about, hears_events=talk.is_of_patient)
            for one in talk.answers
        ]
        sealed = talk.part.endswith(SEALED)
        for name in (talk.part, talk.part.split("_", 1)[0], EVERY):
            here = alarms[name]
            here.talks += 1
            here.answers += len(found)
            here.stopped_talks += any(one.stops for one in found)
            for cause, is_it in CAUSES.items():
                here.by_cause[cause] += any(map(is_it, found))
            here.stopped_answers += sum(one.stops for one in found)
            here.ahead += sum(one.read_as is not ReadingClass.PLAIN for one in found)
            here.as_risk += sum(one.read_as is ReadingClass.RISK for one in found)
            if not sealed and name == talk.part:
                here.texts += [
                    f"{', '.join(_what(one))}: {answer.text}"
                    for one, answer in zip(found, talk.answers, strict=True)
                    if one.stops or one.read_as is not ReadingClass.PLAIN
                ]
    return dict(sorted(alarms.items()))


def _what(found: Found) -> list[str]:
    """Say what was found in a text, strong kinds first."""
    said = [kind.value for kind in sorted(found.strong)]
    said += [f"{kind.value} (weak)" for kind in sorted(found.hints)]
    if found.second is not None:
        said.append(f"second reader: {found.second[0].value}, {found.second[1].value}")
    return said
