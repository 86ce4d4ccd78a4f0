"""Check what a script promises of itself: how many questions it asks, and how many minutes it takes.

Theory. Two counts bound what is true. The *smoothest* run answers what everybody is asked who answers, needs no probe,
and ticks one item where a block comes round for each; the *longest* is the longest way through the script. A promise of
minutes must lie between the two, rounded outwards. Where a participant or the facts decide how often a block comes
round, the promise is for one round and says so ('for each plan'), or it reaches to the smoothest run of all rounds.
What a program's author decides (see `assumptions`) is counted both ways, each text by the run in which it is said.
"""

import math
import re
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from flows.check.assumptions import NONE, Assumption, assumptions
from flows.check.length import POINT_SECONDS, PROBE_POINTS, counted, longest, minutes, points, rounds_of_picks
from flows.check.outline import Outline, OutlineNode
from flows.check.texts import ShownText, prompts
from flows.errors import Problem
from flows.formats.yaml_source import YamlSource
from flows.parsing.number_words import counting_number
from flows.problem_codes import ProblemCode
from flows.script.model import QUESTION_TYPES, AskText, Block, Flow, ForEach, UpTo
from flows.text.folding import fold

_WORD: Final = re.compile(r"\{[^{}]*\}|[^\W_]+")
_IF_ANSWERED: Final = re.compile(r"\w+ != null(?: && \w+ != null)*")
"""A condition that holds for everybody who answers: `c4 != null`. Others hold of some answers only."""
_MOST_BETWEEN: Final = 2
"""Words between a number and what it counts: 'ten short, easy questions'."""
_FEWEST_OF_A_LIST: Final = 2
"""Rounds that a block for a list of facts may at least come to, where the list is not of one."""


class PromiseWords(NamedTuple):
    """Hold the beginnings of folded words with which a language promises a length.

    `one` are articles that count one, `until` joins the two ends of a range, `each` says that it is for one round.
    """

    questions: tuple[str, ...]
    minutes: tuple[str, ...]
    one: frozenset[str]
    until: frozenset[str]
    each: tuple[str, ...]


_WORDS: Final[Mapping[str, PromiseWords]] = MappingProxyType(
    {
        "en": PromiseWords(
            questions=("question",),
            minutes=("minute",),
            one=frozenset({"a", "one"}),
            until=frozenset({"to", "or"}),
            each=("each", "per", "every", "one plan"),
        ),
        "de": PromiseWords(
            questions=("frage",),
            minutes=("minute",),
            one=frozenset({"eine"}),
            until=frozenset({"bis", "oder"}),
            each=("je", "pro", "jede", "einen plan"),
        ),
        "es": PromiseWords(
            questions=("pregunta",),
            minutes=("minuto",),
            one=frozenset({"un"}),
            until=frozenset({"a", "o"}),
            each=("cada", "por"),
        ),
        "fr": PromiseWords(
            questions=("question",),
            minutes=("minute",),
            one=frozenset({"une"}),
            until=frozenset({"a", "ou"}),
            each=("chaque", "par"),
        ),
        "it": PromiseWords(
            questions=("domand",),
            minutes=("minut",),
            one=frozenset({"un"}),
            until=frozenset({"a", "o"}),
            each=("ogni", "ciascun", "per"),
        ),
        "pt": PromiseWords(
            questions=("pergunta",),
            minutes=("minuto",),
            one=frozenset({"um"}),
            until=frozenset({"a", "ou"}),
            each=("cada", "por"),
        ),
        "ar": PromiseWords(
            questions=("سوال", "اسيله"),
            minutes=("دقيق", "دقايق"),
            one=frozenset(),
            until=frozenset({"الي", "او"}),
            each=("لكل",),
        ),
    }
)


class Promise(NamedTuple):
    """Hold a promise of a text: from `low` to `high`, at the place `start` in it."""

    low: int
    high: int
    start: int
    of_minutes: bool
    is_each: bool
    """Whether it is for one round of a block."""


def promises_in(text: str, language: str) -> Iterator[Promise]:
    """Yield the numbers of questions and of minutes that a text promises; none in a language that is not known here."""
    words = _WORDS.get(language.partition("-")[0])
    if words is None:
        return
    found = [(match.start(), fold(match[0])) for match in _WORD.finditer(text)]
    for place, (_, word) in enumerate(found):
        of_minutes = word.startswith(words.minutes)
        if not of_minutes and not word.startswith(words.questions):
            continue
        number = _number_before(found, place, words, language)
        if number is not None:
            low, high, start = number
            after = fold(text[found[place][0] :].partition(".")[0]).split()[1:]
            yield Promise(low, high, start, of_minutes, _names_one_round(after, words))


def _number_before(
    found: list[tuple[int, str]], place: int, words: PromiseWords, language: str
) -> tuple[int, int, int] | None:
    """Return the range of numbers just before a word, and its place in the text; None where there is none."""
    for at in range(place - 1, max(place - 2 - _MOST_BETWEEN, -1), -1):
        if found[at][1].startswith((*words.questions, *words.minutes)):
            return None  # '3 minutes of questions'
        high = _value(found[at][1], words, language)
        if high is None:
            continue
        before = at - 1
        if before >= 0 and found[before][1] in words.until:
            before -= 1
        low = _value(found[before][1], words, language) if before >= 0 else None
        if low is None or low >= high or found[before][1] in words.one:
            return high, high, found[at][0]
        return low, high, found[before][0]
    return None


def _value(word: str, words: PromiseWords, language: str) -> int | None:
    """Return the number that a folded word is, an article too; None if it is none."""
    return 1 if word in words.one else counting_number(word, language)


def _names_one_round(after: list[str], words: PromiseWords) -> bool:
    """Return whether the words after a promise say that it is for one round."""
    line = " ".join(after)
    return any(f" {begin}" in f" {line}" for begin in words.each)


def promised_minutes(flow: Flow) -> int | None:
    """Return the most minutes that a script says it takes; None where it says nothing of them."""
    said = prompts(Outline(flow, YamlSource("")))
    promises = (promise for text in said for promise in promises_in(text.text, flow.language))
    return max((promise.high for promise in promises if promise.of_minutes), default=None)


def untrue_promises(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each promise of a script that is not what its questions come to."""
    for assumed in assumptions(outline):
        for text in prompts(outline):
            if not assumed.weighs(text.node):
                continue
            for promise in promises_in(text.text, outline.flow.language):
                if promise.of_minutes:
                    yield from _minutes_untrue(outline, text, promise, assumed)
                else:
                    yield from _count_untrue(outline, text, promise, assumed)


def _count_untrue(
    outline: Outline, text: ShownText, promise: Promise, assumed: Assumption
) -> Iterator[Problem]:
    """Yield a problem where a number of questions is not the one that is counted; a range must end with it."""
    least, most = int(longest(outline, partial(_always_counted, assumed))), counted(outline, assumed)
    if promise.high == most and (promise.low == most or promise.low >= least):
        return
    message = f"promises {_range(promise.low, promise.high)} questions; {most} are counted"
    remedy = f"write {most}, or set `counted: false` where a question should not count"
    yield outline.problem_inside(ProblemCode.COUNT_PROMISED, text.path, promise.start, message, remedy)


def _always_counted(assumed: Assumption, node: OutlineNode) -> float:
    """Weigh a step by 1 if it is a counted question that needs no condition, or whose condition is sure, else by 0."""
    always = assumed.weighs(node) and (node.step.when is None or node.number in assumed.sure)
    return float(always and isinstance(node.step, QUESTION_TYPES) and node.step.counted)


def _minutes_untrue(
    outline: Outline, text: ShownText, promise: Promise, assumed: Assumption
) -> Iterator[Problem]:
    """Yield a problem where the minutes promised are fewer, or more, than the script takes."""
    least, most = smoothest_minutes(outline, assumed), minutes(outline, assumed)
    low, high = max(1, math.floor(least)), max(1, math.ceil(most))
    every = smoothest_minutes(outline, assumed, every_round=True)
    if not low <= promise.low <= promise.high <= high:
        told = (
            f"promises {_range(promise.low, promise.high)} minutes; it takes about {least:.1f} to {most:.1f}"
        )
        remedy = f"write {_range(math.ceil(least), high)}, or ask less"
    elif not promise.is_each and promise.high < math.floor(every):
        told = f"promises {_range(promise.low, promise.high)} minutes; all rounds take about {every:.0f}"
        remedy = "say that it is for each round ('for each plan'), or name the time of all"
    else:
        return
    yield outline.problem_inside(ProblemCode.MINUTES_PROMISED, text.path, promise.start, told, remedy)


def smoothest_minutes(outline: Outline, assumed: Assumption = NONE, *, every_round: bool = False) -> float:
    """Return how many minutes the smoothest run takes, as an estimate from its points.

    With `every_round` blocks come round as often as they may by the participant's wish, and twice for a list of facts.
    """
    weight = partial(_smooth_points, outline, assumed, every_round=every_round)
    return longest(outline, weight) * POINT_SECONDS / 60


def _smooth_points(outline: Outline, assumed: Assumption, node: OutlineNode, *, every_round: bool) -> float:
    """Weigh a step as the smoothest run meets it: no probe, no follow-up of some answers only, one item of picks."""
    step = node.step
    if not assumed.weighs(node):
        return 0.0
    needs_condition = step.when is not None and node.number not in assumed.sure
    if isinstance(step, QUESTION_TYPES) and needs_condition and not _IF_ANSWERED.fullmatch(step.when or ""):
        return 0.0
    blocks = [outline.nodes[block] for block in node.blocks]
    weight = points(outline, node) / math.prod(rounds_of_picks(outline, block) for block in blocks)
    weight -= PROBE_POINTS if isinstance(step, AskText) and step.probe else 0.0
    return weight * (math.prod(_rounds(outline, block) for block in blocks) if every_round else 1)


def _rounds(outline: Outline, block: OutlineNode) -> int:
    """Return how often a block comes round by the participant's wish, or at least for a list of facts; 1 for others."""
    repeat = block.step.repeat if isinstance(block.step, Block) else None
    match repeat:
        case UpTo():
            return repeat.up_to
        case ForEach() if repeat.for_each not in outline.answers:
            return _FEWEST_OF_A_LIST
        case _:
            return 1


def _range(low: int, high: int) -> str:
    """Return a number, or two with 'to' between them."""
    return str(high) if low >= high else f"{low} to {high}"


WHOLE_RULES = (untrue_promises,)
