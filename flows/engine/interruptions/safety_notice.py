"""Hand on what a safety scan found to the conversation: how grave it is, and what a report lacks.

Plain values only: the bot makes a `SafetyNotice`, `flows.engine.interruptions.safety_response` acts on it.
"""

from enum import StrEnum, auto
from typing import Final

import msgspec

from flows.engine.state import Care
from flows.i18n.say import Sentence, say
from flows.safety.scan import ReportElement, SafetyFinding, elements

RISK_TIER: Final = 2
"""The tier of words about dying or self-harm: see `flows.safety.scan.FindingKind.RISK`."""
_FEW_WORDS: Final = 4
"""A message of fewer words says that something happened, but not what."""


class ReportQuestion(StrEnum):
    """Name what a safety report needs and a message may lack: the reaction, the product, the patient, leave to contact.

    The values are stored with the answers.
    """

    WHAT = auto()
    WHICH = auto()
    WHO = auto()
    CONTACT = auto()


class SafetyNotice(msgspec.Struct, frozen=True):
    """Tell the engine what a scan found in a participant's message.

    `tier` is that of `SafetyFinding`; `reportable` says that a case is opened for the safety team. `ask` lists what a
    report lacks, in the order of asking; it is empty where nothing is to be reported. `care` is the help to show at
    `RISK_TIER`; None below it.
    """

    tier: int
    reportable: bool
    ask: tuple[ReportQuestion, ...]
    care: Care | None = None


def missing(finding: SafetyFinding, text: str) -> tuple[ReportQuestion, ...]:
    """Return what a report on this finding in this text still has to ask: at most four, in the order of asking.

    Empty where the finding is not reportable. Permission to contact is always asked for.
    """
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
    """Return crisis help in full, as a participant at risk is shown it the first time.

    It names the emergency number, and the help lines where there are any.
    """
    if not care.lines:
        return say(Sentence.CARE, language, number=care.number)
    return say(Sentence.CARE_LINES, language, number=care.number, lines="\n".join(care.lines))


def help_text(care: Care, language: str) -> str:
    """Return where help can be found, for somebody who may not need it: the number, and help lines where there are any.

    Nothing is said of why.
    """
    if not care.lines:
        return say(Sentence.HELP_NEAR, language, number=care.number)
    return say(Sentence.HELP_NEAR_LINES, language, number=care.number, lines="\n".join(care.lines))
