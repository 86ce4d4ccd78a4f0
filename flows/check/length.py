"""Measure how long a conversation is along its longest way: questions, minutes, points, open questions."""

from collections.abc import Callable, Iterator
from functools import partial

from flows.check.assumptions import NONE, Assumption
from flows.check.outline import FINISH, Outline, OutlineNode, choices_of
from flows.errors import Problem
from flows.problem_codes import ProblemCode
from flows.script.model import QUESTION_TYPES, AskText, Block, End, ForEach, Say, SelectMany

POINT_SECONDS = 10
"""An ordinary question takes about ten seconds, which is one point (Pew Research Center, 'How we keep our
online surveys from running too long', 2022).
"""

MOST_POINTS = 85
"""Pew's cap, for which it reckons 15 minutes. Holds for patients also where a script raises its own minutes.
"""

MOST_OPEN = 5
"""Open questions in a conversation with patients, our own rule: each costs minutes, and people tire of typing."""

PICKS_POINTS = 1.5
"""A select_many: the list is read, then ticked, then sent. Our own reckoning."""

OPEN_POINTS = 6.0
"""An open question: about a minute of thinking and typing on a phone. Our own reckoning from 'open items
minutes'.
"""

NAMING_POINTS = 2.0
"""A few words that name something, such as what 'other' is. Our own reckoning."""

NAMING = 200
"""The longest answer, in characters, that names something and tells nothing."""

PROBE_POINTS = 3.0
"""A probe is asked of about half of the people."""

WORDS_PER_POINT = 33
"""Reading in a chat, at 200 words a minute."""


def questions(node: OutlineNode) -> float:
    """Return the weight of a step for `longest` in counted questions: 1 if 'n of m' counts it, else 0.

    A question in a block counts once: how often the block comes round is the participant's choice.
    """
    return float(isinstance(node.step, QUESTION_TYPES) and node.step.counted)


def open_questions(node: OutlineNode) -> float:
    """Return the weight of a step for `longest` in open questions: 1 if it asks somebody to tell something, else 0."""
    return float(isinstance(node.step, AskText) and node.step.max_length > NAMING)


def points(outline: Outline, node: OutlineNode) -> float:
    """Return the weight of a step for `longest` in points, for every round that a participant must go.

    A point is the ten seconds that an ordinary question takes; texts that are only read weigh by their words.
    """
    step = node.step
    match step:
        case AskText():
            asked = OPEN_POINTS if step.max_length > NAMING else NAMING_POINTS
            own = asked + (PROBE_POINTS if step.probe else 0)
        case SelectMany():
            own = PICKS_POINTS
        case Say() | End():
            own = len((step.text or "").split()) / WORDS_PER_POINT
        case _:
            own = float(isinstance(step, QUESTION_TYPES))
    for block in node.blocks:
        own *= rounds_of_picks(outline, outline.nodes[block])
    return own


def rounds_of_picks(outline: Outline, block: OutlineNode) -> int:
    """Return how often a block comes round at most, as far as the script says; 1 where facts or the participant do."""
    repeat = block.step.repeat if isinstance(block.step, Block) else None
    asked = outline.answers.get(repeat.for_each) if isinstance(repeat, ForEach) else None
    if asked is None or not isinstance(asked.step, SelectMany):
        return 1
    return asked.step.max or max(1, sum(1 for _ in choices_of(asked.step)))


def longest(outline: Outline, weight: Callable[[OutlineNode], float]) -> float:
    """Return the greatest sum of weights along one way through the script, forward only.

    `weight` gives the weight of one step.
    """
    best: dict[int, float] = {FINISH: 0.0}
    for node in reversed(outline.nodes):
        onward = [best[to] for to in outline.ways_onward[node.number] if to == FINISH or to > node.number]
        best[node.number] = weight(node) + max(onward, default=0.0)
    return best[0]


def counted(outline: Outline, assumed: Assumption = NONE) -> int:
    """Return how many counted questions (the m of 'n of m') the longest way through the script has."""
    return int(longest(outline, lambda node: questions(node) if assumed.weighs(node) else 0.0))


def minutes(outline: Outline, assumed: Assumption = NONE) -> float:
    """Return how many minutes the longest way through the script takes, as an estimate from its points."""
    weight = partial(points, outline)
    return longest(outline, lambda node: weight(node) if assumed.weighs(node) else 0.0) * POINT_SECONDS / 60


def too_long(outline: Outline) -> Iterator[Problem]:
    """Yield problems of a script's length: more counted questions or minutes than its own limits.

    For patients also more points than `MOST_POINTS`, or more open questions than `MOST_OPEN`.
    """
    limits = outline.flow.limits
    asked = counted(outline)
    if asked > limits.questions:
        message = f"asks {asked} counted questions; at most {limits.questions} are answered to the end"
        remedy = "leave out what you will not use, or set `counted: false` for follow-ups of an answer"
        yield outline.problem_at_key(ProblemCode.QUESTIONS, ("steps",), message, remedy)
    needed = minutes(outline)
    if needed > limits.minutes:
        message = f"takes about {needed:.0f} minutes; the limit is {limits.minutes:g}"
        yield outline.problem_at_key(ProblemCode.MINUTES, ("steps",), message, "ask fewer open questions")
    if not outline.for_patients:
        return
    weight = longest(outline, partial(points, outline))
    if weight > MOST_POINTS:
        message = f"weighs {weight:.0f} points; at most {MOST_POINTS} are borne"
        yield outline.problem_at_key(ProblemCode.POINTS, ("steps",), message, "split it into two talks")
    texts = int(longest(outline, open_questions))
    if texts > MOST_OPEN:
        message = f"has {texts} open questions; at most {MOST_OPEN} are answered well"
        yield outline.problem_at_key(
            ProblemCode.OPEN_QUESTIONS, ("steps",), message, "offer choices in some of them"
        )


RULES: tuple[Callable[[Outline], Iterator[Problem]], ...] = ()
WHOLE_RULES = (too_long,)
