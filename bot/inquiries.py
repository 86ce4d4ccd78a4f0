"""Put the answers to what people ask the bot into words: the program's own, else a plain sentence that is always true.

Pure. What a sentence says must be what the product does: docs/howto/privacy.md.
"""

from datetime import date, timedelta
from typing import NamedTuple

from babel.dates import format_timedelta

from flows.i18n.localized_program import ProgramTranslations
from flows.i18n.say import Sentence, say
from flows.inquiries.inquiry import Inquiry
from flows.program.model import InquiryAnswers, ProgramFile
from flows.text.templates import babel_name

_PLAIN = {
    Inquiry.GENUINE: Sentence.INQUIRY_GENUINE,
    Inquiry.WHO_ARE_YOU: Sentence.INQUIRY_WHO_ARE_YOU,
    Inquiry.WHO_READS: Sentence.INQUIRY_WHO_READS,
    Inquiry.ANONYMOUS: Sentence.INQUIRY_ANONYMOUS,
    Inquiry.BOSS_OR_DOCTOR: Sentence.INQUIRY_BOSS_OR_DOCTOR,
    Inquiry.HOW_LONG: Sentence.INQUIRY_HOW_LONG,
    Inquiry.WHY: Sentence.INQUIRY_WHY,
    Inquiry.WHAT_HAPPENS: Sentence.INQUIRY_WHAT_HAPPENS,
    Inquiry.VOLUNTARY: Sentence.INQUIRY_VOLUNTARY,
    Inquiry.MEDICAL: Sentence.INQUIRY_MEDICAL,
    Inquiry.HELLO: Sentence.INQUIRY_HELLO,
    Inquiry.THANKS: Sentence.INQUIRY_THANKS,
}
"""What is said where the program has no words of its own. When we write again is told by what is planned."""
_NEVER_YEARS = 10_000
"""Babel names a span by the largest unit of which there are so many."""


class KnownToBot(NamedTuple):
    """Hold what an answer may have to tell beside the program's words.

    `progress` is how far the conversation is, n of m, None where it does not count. `next_contact` is the day on which
    we write next, None where none is planned; `is_open` says that a conversation waits for an answer, and
    `may_write_again` that the participant agreed to hear from us after it: its end plans the day.
    """

    emergency_number: str
    progress: tuple[int, int] | None = None
    next_contact: date | None = None
    is_open: bool = False
    may_write_again: bool = False


def inquiry_answer(inquiry: Inquiry, words: ProgramTranslations, language: str, known: KnownToBot) -> str:
    """Return the answer to what a participant asked, in a language, in the program's words where it has them there."""
    own = _in_own_words(inquiry, words, language)
    if own is not None:
        return own
    if inquiry is Inquiry.WHEN_AGAIN:
        return _when_again(language, known)
    if inquiry is Inquiry.HOW_LONG and known.progress is not None:
        n, m = known.progress
        return say(Sentence.INQUIRY_HOW_FAR, language, n=n, m=m)
    program = words.in_language(language)
    return say(_PLAIN[inquiry], language, **_fields(program, language, known))


def _in_own_words(inquiry: Inquiry, words: ProgramTranslations, language: str) -> str | None:
    """Return what the program's file says to an inquiry in a language; None where it says nothing in that one."""
    if inquiry.value not in InquiryAnswers.model_fields:
        return None
    own: str | None = getattr(words.program.answers, inquiry.value, None)
    here: str | None = getattr(words.in_language(language).answers, inquiry.value, None)
    return here if words.is_own(language) or here != own else None


def _when_again(language: str, known: KnownToBot) -> str:
    """Return when we write next. That no day is planned is not said to whoever agreed to a later one just now."""
    if known.next_contact is not None:
        return say(Sentence.FOLLOW_UP_ON, language, when=known.next_contact)
    none = say(Sentence.INQUIRY_NOT_PLANNED, language)
    if not known.is_open:
        return none
    remind = say(Sentence.INQUIRY_MAY_REMIND, language)
    return remind if known.may_write_again else f"{none} {remind}"


def _fields(program: ProgramFile, language: str, known: KnownToBot) -> dict[str, object]:
    """Return the fields of the plain sentences; each has some of them."""
    kept = timedelta(days=30 * program.retention.raw_text_months)
    span = format_timedelta(kept, granularity="month", threshold=_NEVER_YEARS, locale=babel_name(language))
    return {"team": program.team, "contact": program.contact, "time": span, "number": known.emergency_number}
