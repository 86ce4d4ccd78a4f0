"""What made-up people note of all that they saw and did: plain lists, of which nothing is read from a database."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import takewhile
from operator import eq

from bot.simulation.people import KnownQuestion, known_questions
from flows.program.model import Suggestion
from flows.script.model import Block, End, Flow, Say, Step
from storage.safety.case_workflow import CaseAction


@dataclass(frozen=True, slots=True)
class Seen:
    """A question on somebody's screen. `by_us` says that it came by itself, and not after what they did."""

    key: str
    item: str
    at: datetime
    by_us: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A reply of theirs to a question: the codes of what was chosen, else the words; `skipped` for neither."""

    key: str
    item: str
    codes: tuple[str, ...]
    at: datetime
    number: int | None = None
    skipped: bool = False
    unread: bool = False
    words: str = ""
    """What was typed, in place of codes."""


@dataclass(slots=True)
class NotedTalk:
    """One conversation as its person saw it. `closed` is the key of the script's step that ended it, '' for none."""

    flow: str
    at: datetime
    seen: list[Seen] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    remarks: set[str] = field(default_factory=set)
    closed: str = ""
    closed_at: datetime | None = None
    stopped: bool = False

    @property
    def answers(self) -> list[Given]:
        """The replies that stand, without consents: the last one to each question and item."""
        return list({(one.key, one.item): one for one in self.given if one.key not in CONSENTS}.values())

    def gave(self, key: str, item: str | None = None) -> Given | None:
        """The last reply to a question; None where there was none."""
        found = [one for one in self.given if one.key == key and item in {None, one.item}]
        return found[-1] if found else None

    @property
    def finished(self) -> bool:
        """Whether its script came to an end that is neither a no nor of no relevance."""
        return bool(self.closed) and self.closed not in {"declined", *NOT_RELEVANT}


CONSENTS = frozenset(
    {"a01", "a02", "a03", "b9", "c0", "c0_follow", "consent", "e0", "e6", "f0", "f0_name", "f9_again"}
)
"""The questions that ask for a consent."""
NOT_RELEVANT = frozenset({"end_not_relevant", "no_access", "gone"})
"""The ends of a script for whom it is not."""


@dataclass(slots=True)
class NotedPlan:
    """A commitment as its author knows it. `mark` are words that stand in it and in no other plan of theirs.

    `picked` is the suggestion on which it rests; None for one of their own.
    """

    mark: str
    words: str
    picked: Suggestion | None
    at: datetime
    confirmed: bool = False
    expected: frozenset[str] = frozenset()
    """What they said may get in the way: `none` where they said that nothing will, nothing where they did not say."""
    baseline: int | None = None
    if_then: str | None = None
    start_on: date | None = None
    sure: int | None = None
    confidence: int | None = None
    reports: list["NotedReport"] = field(default_factory=list)

    @property
    def foreseen(self) -> frozenset[str]:
        """The barriers that they expect."""
        return self.expected - {"none"}

    @property
    def theme(self) -> str:
        """The theme of what was picked; '' for none."""
        return (self.picked and self.picked.theme) or ""


@dataclass(slots=True)
class NotedReport:
    """What its author told of a commitment in one talk, begun at `asked_at`: the status, and how often of ten."""

    asked_at: datetime
    status: str
    at: datetime
    barriers: frozenset[str] = frozenset()
    of_10: int | None = None


@dataclass(slots=True)
class NotedCase:
    """What somebody told in a talk that the safety team must see, and what the team did about it, each with its time.

    `at` is when it was told first: what is told later, while the team is not done with it, belongs to it.
    """

    kind: str
    at: datetime
    talk: NotedTalk
    steps: list[tuple[CaseAction, str, datetime]] = field(default_factory=list)
    """What a coordinator did, by their code."""

    @property
    def status(self) -> str:
        """How it stands; `new` where nobody did anything."""
        if not self.steps:
            return "new"
        last, _, _ = self.steps[-1]
        if last is CaseAction.NOT_EVENT:
            return "not_an_event" if self.settled_at else "reviewing"
        return STATUSES[last]

    @property
    def settled_at(self) -> datetime | None:
        """When it was settled: passed on, cleared, or found to be none by a second coordinator; None while open."""
        doubters = set[str]()
        for action, by, at in self.steps:
            doubters |= {by} if action is CaseAction.NOT_EVENT else set()
            if action in {CaseAction.SENT, CaseAction.CLEAR} or len(doubters) > 1:
                return at
        return None


STATUSES = {
    CaseAction.REVIEW: "reviewing",
    CaseAction.SENT: "sent",
    CaseAction.ACKNOWLEDGED: "acknowledged",
    CaseAction.CLEAR: "cleared",
}


@dataclass(slots=True)
class NotedPerson:
    """Somebody with the link that they were sent, and all that became of it.

    `author` is whose submission they were asked to read; None for nobody's.
    """

    role: str
    flow: str
    source: str
    activity: str
    single: bool
    opened_at: datetime | None = None
    talks: list[NotedTalk] = field(default_factory=list)
    plans: list[NotedPlan] = field(default_factory=list)
    left_at: datetime | None = None
    erased: bool = False
    author: "NotedPerson | None" = None
    cases: list[NotedCase] = field(default_factory=list)
    decisions: dict[str, str] = field(default_factory=dict)
    """What the team decided on what they want changed, by the question."""

    def tell(self, kind: str, talk: NotedTalk, at: datetime) -> NotedCase | None:
        """Note that they told of something; None where it belongs to a case that is open.

        Distress is one case wherever it is told, all else one in each talk.
        """
        distress = kind == "distress"
        for case in self.cases:
            alike = (case.kind == "distress") == distress and (distress or case.talk is talk)
            if alike and case.settled_at is None:
                return None
        self.cases.append(NotedCase(kind, at, talk))
        return self.cases[-1]

    @property
    def first(self) -> NotedTalk | None:
        """The talk that the link led to; None where it was not opened."""
        return next((talk for talk in self.talks if talk.flow == self.flow), None)

    def of_flow(self, flow: str) -> list[NotedTalk]:
        """Their talks by one script."""
        return [talk for talk in self.talks if talk.flow == flow]


class KnownScript:
    """A script as its readers know it: by its first words, its questions and its last words."""

    def __init__(self, flow: Flow) -> None:
        self.name = flow.flow
        self.questions = known_questions([flow])
        self._flow = flow

    @cached_property
    def hello(self) -> re.Pattern[str]:
        """How its first words read."""
        steps = self._flow.steps
        first = next((step for step in steps if isinstance(step, Say)), steps[0])
        return pattern((isinstance(first, Say | End) and first.text) or "\0")

    @cached_property
    def ends(self) -> Mapping[str, re.Pattern[str]]:
        """How its last words read, by the key of the end; an end without words has those before it."""
        found, said = dict[str, re.Pattern[str]](), ""
        for step in _every(self._flow.steps):
            if isinstance(step, End):
                found[step.key] = pattern(step.text or said)
            elif isinstance(step, Say):
                said = step.text
        return found

    def question(self, text: str, before: str = "") -> KnownQuestion | None:
        """Which question this is; of several in the same words, the one named most like the one `before`."""
        fitting = [one for one in self.questions if one.pattern.search(text)]
        alike = [one for one in fitting if one.pattern == fitting[0].pattern]
        return max(alike, key=lambda one: _common(one.key, before), default=None)

    def end(self, text: str) -> str:
        """Which end this is; '' for none."""
        return next((key for key, words in self.ends.items() if words.search(text)), "")


def _common(key: str, other: str) -> int:
    """How many letters two keys have in common from the first on."""
    return sum(takewhile(bool, map(eq, key, other)))


def pattern(text: str) -> re.Pattern[str]:
    """How a text reads, whatever stands in its places."""
    parts = re.split(r"\{[^{}]*\}", text)
    return re.compile(".*?".join(re.escape(part) for part in parts), re.DOTALL)


def _every(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _every(step.steps)
