"""What a scan of a person's words means for the talk, and the questions that the engine puts because of it."""

from enum import StrEnum, auto
from typing import Final

import msgspec

from flows.engine.effects import Option, Prompt, PromptKind
from flows.engine.state import Care
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.safety.scan import ReportElement, SafetyFinding, elements

RISK_TIER: Final = 2
"""Words of dying or self-harm: see `flows.safety.scan.SafetyKind.RISK`."""
_FEW_WORDS: Final = 4
"""So few words say that something happened, and not what."""


class ReportQuestion(StrEnum):
    """What a report needs and the words did not say; the names under which the answers are kept."""

    WHAT = auto()
    WHICH = auto()
    WHO = auto()
    CONTACT = auto()


class UpsetChoice(StrEnum):
    """What may come after words of sadness or fear."""

    GO_ON = auto()
    SKIP = auto()
    PAUSE = auto()
    STOP = auto()


GO_ON: Final = "go_on"
STOP: Final = "stop"
YES: Final = "yes"
NO: Final = "no"

CARE: Final = "@care"
"""The slot of the help that is shown to somebody at risk, and of 'go on'."""
UPSET: Final = "@upset"
"""The slot of 'go on, skip, pause or stop?' after words of sadness."""
ASKED: Final = {f"@safety_{ask.value}": ask for ask in ReportQuestion}
"""The slots of the questions for a safety report."""

_TEXTS: Final = {
    ReportQuestion.WHAT: Sentence.SAFETY_WHAT,
    ReportQuestion.WHICH: Sentence.SAFETY_WHICH,
    ReportQuestion.WHO: Sentence.SAFETY_WHO,
    ReportQuestion.CONTACT: Sentence.SAFETY_CONTACT,
}
_CHOICES: Final = {
    ReportQuestion.WHO: {
        "self": Sentence.SAFETY_WHO_SELF,
        "cared_for": Sentence.SAFETY_WHO_CARED_FOR,
        "other": Sentence.SAFETY_WHO_OTHER,
    },
    ReportQuestion.CONTACT: {YES: Sentence.YES, NO: Sentence.NO},
}
_UPSET: Final = {
    UpsetChoice.GO_ON: Sentence.UPSET_GO_ON,
    UpsetChoice.SKIP: Sentence.UPSET_SKIP,
    UpsetChoice.PAUSE: Sentence.UPSET_PAUSE,
    UpsetChoice.STOP: Sentence.UPSET_STOP,
}
_CARE: Final = {GO_ON: Sentence.CARE_GO_ON, STOP: Sentence.UPSET_STOP}


class SafetyNotice(msgspec.Struct, frozen=True):
    """What was found in a person's words. `tier` as in `SafetyFinding`; `ask` what a report lacks, in the order
    of asking, empty where nothing is to be reported; `care` what somebody at risk is shown.
    """

    tier: int
    reportable: bool
    ask: tuple[ReportQuestion, ...]
    care: Care


def missing(finding: SafetyFinding, text: str) -> tuple[ReportQuestion, ...]:
    """What of a report the words do not hold: at most four questions."""
    if not finding.reportable:
        return ()
    known = elements(finding)
    wanted = {
        ReportQuestion.WHAT: len(text.split()) < _FEW_WORDS,
        ReportQuestion.WHICH: ReportElement.PRODUCT not in known,
        ReportQuestion.WHO: ReportElement.PATIENT not in known,
        ReportQuestion.CONTACT: True,
    }
    return tuple(ask for ask, is_wanted in wanted.items() if is_wanted)


def care_text(care: Care, language: str) -> str:
    """The help that somebody at risk is shown, first of all and whatever was asked."""
    if not care.lines:
        return say(Sentence.CARE, language, number=care.number)
    return say(Sentence.CARE_LINES, language, number=care.number, lines="\n".join(care.lines))


def codes_of(slot: str) -> tuple[str, ...]:
    """The codes behind the buttons of one of these slots."""
    if slot == CARE:
        return tuple(_CARE)
    if slot == UPSET:
        return tuple(code.value for code in _UPSET)
    return tuple(_CHOICES.get(ASKED[slot], {}))


def labels_of(slot: str, language: str) -> tuple[str, ...]:
    """The labels of these buttons."""
    if slot == CARE:
        sentences = tuple(_CARE.values())
    elif slot == UPSET:
        sentences = tuple(_UPSET.values())
    else:
        sentences = tuple(_CHOICES.get(ASKED[slot], {}).values())
    return tuple(say(sentence, language) for sentence in sentences)


def concern_prompt(turn: Turn, ask: int, text: str | None = None) -> Prompt:
    """One of these questions as a message; `text` where it is not the usual one."""
    slot, language = turn.state.asks[ask].slot, turn.state.language
    options = tuple(map(Option, labels_of(slot, language)))
    if slot in ASKED:
        options = (*options, Option(say(Sentence.BUTTON_SKIP, language), control=True))
    kind = PromptKind.SELECT_ONE if codes_of(slot) else PromptKind.TEXT
    return Prompt(text or _usual(turn, slot), kind, ask, options=options, language=language)


def _usual(turn: Turn, slot: str) -> str:
    language = turn.state.language
    if slot == CARE:
        care = turn.state.care
        return say(Sentence.CARE_AGAIN, language, number="…" if care is None else care.number)
    return say(Sentence.UPSET if slot == UPSET else _TEXTS[ASKED[slot]], language)
