"""Say what a scan found in a text: signals to act upon, and hints to read it by."""

from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from msgspec import Struct

from flows.safety.products import ProductMention


class FindingKind(StrEnum):
    """What a text may be found to tell of: an adverse event, a product complaint, distress of two grades.

    None of these is a judgement of the person.
    """

    ADVERSE_EVENT = auto()
    """Something unwanted beside a medicine: also no effect, a wrong dose, a pregnancy, a stop."""
    PRODUCT_COMPLAINT = auto()
    """Something is wrong with the product itself."""
    UPSET = auto()
    """Tier 1 of distress: sadness, fear, tears, too much. Acknowledge; the conversation goes on."""
    RISK = auto()
    """Tier 2 of distress: words of dying or self-harm, direct or not. Resources first, the script stops."""


_REPORTABLE: Final = frozenset({FindingKind.ADVERSE_EVENT, FindingKind.PRODUCT_COMPLAINT})


class HitStrength(Enum):
    """How much a hit counts: a weak one interrupts nobody."""

    WEAK = auto()
    STRONG = auto()


class ReportElement(StrEnum):
    """The four elements that make a safety report valid (GVP Module VI, VI.B.2): who, whom, what, which product.

    Source: https://www.navireg.com/regulation/gvp-module-vi/vi-b-2-validation-of-reports.
    """

    REPORTER = auto()
    PATIENT = auto()
    REACTION = auto()
    PRODUCT = auto()


class SafetySignal(NamedTuple):
    """Words of the text that made the finding: from `start` to before `end`, in characters.

    `language` is the lexicon's, which need not be the text's; a word of several lexicons counts once.
    """

    kind: FindingKind
    language: str
    start: int
    end: int


class SafetyFinding(Struct, frozen=True):
    """What the scan found in one text.

    Without `signals` there is nothing to pass on: naming a product alone is none. `hints` are weak hits: they open no
    case and interrupt nobody, but somebody should read the text soon.
    """

    signals: tuple[SafetySignal, ...] = ()
    products: tuple[ProductMention, ...] = ()
    says_who: frozenset[ReportElement] = frozenset()
    """REPORTER where the writer speaks of what they saw or had, PATIENT where the text says whom it is about."""
    hints: tuple[SafetySignal, ...] = ()
    is_well: bool = False
    """Whether it answers that all is well with a medicine, and nothing of an event was found in it."""
    held_back: bool = False
    """Whether hits of an event are hints by the second opinion alone: nothing takes the text's place in the queue."""

    @property
    def kinds(self) -> frozenset[FindingKind]:
        """The kinds of what is to be acted upon; empty for a harmless text."""
        return frozenset(signal.kind for signal in self.signals)

    @property
    def noticed(self) -> frozenset[FindingKind]:
        """The kinds of all hits, the weak ones too."""
        return self.kinds | {hint.kind for hint in self.hints} if self.hints else self.kinds

    @property
    def tier(self) -> int:
        """The tier of distress: 2 for words of risk, 1 for upset, 0 for neither."""
        if not self.signals:
            return 0
        return 2 if FindingKind.RISK in self.kinds else int(FindingKind.UPSET in self.kinds)

    @property
    def reportable(self) -> bool:
        """Whether it is to open a safety case: an adverse event or a product complaint was found."""
        return bool(self.signals) and not self.kinds.isdisjoint(_REPORTABLE)
