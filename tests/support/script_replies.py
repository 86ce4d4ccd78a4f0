"""What somebody answers to a shipped script, question by question, in whatever language it is put to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.model import (
    AskConsent,
    AskDate,
    AskText,
    Band,
    Block,
    Choice,
    Confirm,
    Do,
    Number,
    SelectMany,
    SelectOne,
    Shortcut,
    Step,
)
from tests.support.retelling import LOCALIZATIONS, typed_in, word_in


class Way(Enum):
    """What is done to answer."""

    TAP = auto()
    """The button of the choice with the first of the codes is tapped."""
    FIRST = auto()
    """The first button is tapped."""
    TICK = auto()
    """The boxes of the codes are ticked, and sent."""
    MARK = auto()
    """The step with the first of the codes on it is marked on a scale, and sent."""
    SKIP = auto()
    TYPE = auto()
    """The labels of the codes are typed; where there are none, words."""


@dataclass(frozen=True)
class Reply:
    """How one question is answered, and what is kept for it; `words` are English, of `tests/data/typed.yaml`.

    `value` is None where it is skipped, and the words themselves where it is `WORDS`.
    """

    slot: str
    value: Any
    way: Way
    codes: tuple[str, ...] = ()
    words: str = ""

    @property
    def key(self) -> str:
        """The question's name in the script."""
        return self.slot.partition("[")[0]


WORDS = object()
"""What was typed is kept as it was typed."""


def tapped(slot: str, code: str, value: Any = None) -> Reply:
    """The choice with a code, which is what is kept but for yes and no."""
    return Reply(slot, code if value is None else value, Way.TAP, (code,))


def ticked(slot: str, *codes: str) -> Reply:
    """Some boxes."""
    return Reply(slot, list(codes), Way.TICK, codes)


def marked(slot: str, step: int) -> Reply:
    """A step of a scale."""
    return Reply(slot, step, Way.MARK, (str(step),))


def skipped(slot: str) -> Reply:
    """Nothing."""
    return Reply(slot, None, Way.SKIP)


def typed(slot: str, words: str, value: Any = WORDS) -> Reply:
    """Words."""
    return Reply(slot, value, Way.TYPE, words=words)


def labelled(slot: str, *codes: str, value: Any = None) -> Reply:
    """The labels of some choices, typed."""
    kept = codes[0] if len(codes) == 1 else list(codes)
    return Reply(slot, kept if value is None else value, Way.TYPE, codes)


BY_TAPS = (
    tapped("a00", "continue"),
    tapped("a01", "agree", value=True),
    tapped("a03", "agree", value=True),
    tapped("a1", "patient"),
    tapped("a2", "from_1_to_5"),
    skipped("a3"),
    skipped("a4"),
    skipped("a5"),
    ticked("a6", "being_heard", "worry"),
    marked("a7[being_heard]", 2),
    marked("a7[worry]", 1),
    tapped("a8_unsure", "no"),
    tapped("a12", "no_medicine"),
    skipped("a9"),
    tapped("a11", "not_now"),
)
"""The interview of a patient who types nothing."""

BY_TYPING = (
    labelled("a00", "continue"),
    labelled("a01", "agree", value=True),
    typed("a03", "yes", value=True),
    labelled("a1", "patient"),
    typed("a2", "4", value="from_1_to_5"),
    typed("a3", "The doctor looked at the screen and not at me"),
    typed("a4", "The nurse was kind"),
    typed("a5", "To listen to me, because I know how I feel"),
    typed("a10", "yes", value=True),
    labelled("a6", "being_heard", "worry"),
    typed("a7[being_heard]", "2", value=2),
    typed("a7[worry]", "1", value=1),
    labelled("a8_unsure", "yes"),
    typed("a8_missing", "Whom to call at night"),
    labelled("a12", "no_medicine"),
    typed("a9", 'Look up and "listen" {please} *now* \\n'),
    typed("a02", "yes", value=True),
    labelled("a11", "not_now"),
)
"""The interview of a patient who types everything."""

COMMITS = (
    tapped("c0", "agree", value=True),
    tapped("c0_follow", "agree", value=True),
    tapped("c1", "nurse"),
    tapped("c2", "will_change"),
    Reply("c3", "ask_neuropathy", Way.FIRST),
    Reply("c4", WORDS, Way.FIRST),
    skipped("c5"),
    tapped("c6", "today"),
    marked("c7", 4),
    marked("c8", 3),
    tapped("c8a", "5", value=5),
    ticked("c9", "time"),
    skipped("c9a"),
    tapped("c10", "agree", value=True),
    tapped("c11", "done"),
)
"""A clinician commits to the first suggestion."""

REPORTS = (
    tapped("d1", "partial"),
    tapped("d2_of_10", "7", value=7),
    ticked("d3", "time"),
    skipped("d4"),
)
"""What became of it after thirty days."""


class Reader:
    """Somebody who reads a flow in a language, and knows what to tap and to type in it."""

    def __init__(self, flow: str, language: str) -> None:
        self.language = language
        self.flow = LOCALIZATIONS.localized(library()[flow], language)
        self._steps = {one.key: one for one in _every(self.flow.steps)}

    def labels(self, reply: Reply) -> list[str]:
        """What stands on the choices of a reply."""
        known = self._choices(self._steps[reply.key])
        return [known.get(code, code) for code in reply.codes]

    def beginning(self, key: str) -> str:
        """The words of a message or question of the script, up to where they quote something."""
        step = self._steps[key]
        assert not isinstance(step, Block | Do)
        return (step.text or "").partition("{")[0]

    def words(self, reply: Reply) -> str:
        """What is typed for a reply."""
        if reply.codes:
            return ", ".join(self.labels(reply))
        return typed_in(reply.words, self.language) or word_in(reply.words, self.language) or reply.words

    def value(self, reply: Reply) -> Any:
        """What is kept of a reply."""
        return self.words(reply) if reply.value is WORDS else reply.value

    @property
    def skip(self) -> str:
        """What the button says that skips."""
        return say(Sentence.BUTTON_SKIP, self.language)

    def _choices(self, asked: Step) -> dict[str, str]:
        """The labels of a question's choices, by their codes; yes and no have codes here."""
        listed: Sequence[Choice | Band | Shortcut] = ()
        match asked:
            case AskConsent():
                return {"agree": asked.agree, "decline": asked.decline}
            case Confirm():
                return {"agree": asked.agree, "change": asked.change}
            case SelectOne(choices=str(name)) | SelectMany(choices=str(name)):
                listed = self.flow.lists.get(name, ())
                if not listed:
                    return LOCALIZATIONS.labels((name,), self.language)
            case SelectOne(choices=tuple(written)) | SelectMany(choices=tuple(written)):
                listed = written
            case AskText():
                listed = asked.choices
            case Number():
                listed = asked.bands
            case AskDate():
                listed = asked.shortcuts
            case _:
                pass
        return {one.code: one.label for one in listed}


def _every(steps: Sequence[Step]) -> Iterator[Step]:
    for one in steps:
        yield one
        if isinstance(one, Block):
            yield from _every(one.steps)
