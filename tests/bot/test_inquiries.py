"""What people who ask something of the bot are told: the program's words, else a plain sentence, in their language."""

from datetime import date

import pytest

from bot.inquiries import KnownToBot, inquiry_answer
from flows.i18n.localized_program import ProgramTranslations
from flows.i18n.say import Sentence, say
from flows.inquiries.inquiry import Inquiry
from flows.program.model import InquiryAnswers
from tests.support import fresh

PROGRAM, WORDS = fresh.program()
SHIPPED = ProgramTranslations(PROGRAM, WORDS)
PLAIN = ProgramTranslations(PROGRAM.model_copy(update={"answers": None}), WORDS)
KNOWN = KnownToBot("112")
WISHES = {Inquiry.WHAT_SAID, Inquiry.CALL_ME}


@pytest.mark.parametrize("language", ["en", "ar", "de", "es", "fr", "it", "pt"])
@pytest.mark.parametrize("inquiry", [one for one in Inquiry if one not in WISHES])
def test_every_question_has_an_answer_in_every_language(inquiry: Inquiry, language: str) -> None:
    """Without words of the program's own too, and with no placeholder left in it."""
    told = {inquiry_answer(inquiry, words, language, KNOWN) for words in (SHIPPED, PLAIN)}
    assert all(told)
    assert not any(set("{}") & set(text) for text in told)


def test_the_program_says_it_in_its_own_words() -> None:
    """What the file has under `answers` is said; all else by a plain sentence with the team and the contact."""
    assert PROGRAM.answers is not None
    assert inquiry_answer(Inquiry.WHY, SHIPPED, "en", KNOWN) == PROGRAM.answers.why
    plain = say(Sentence.INQUIRY_WHO_ARE_YOU, "en", team=PROGRAM.team, contact=PROGRAM.contact)
    assert inquiry_answer(Inquiry.WHO_ARE_YOU, SHIPPED, "en", KNOWN) == plain


def test_words_without_a_translation_are_not_said_in_another_language() -> None:
    """A person who reads Spanish hears the plain sentence in Spanish, and not the file's English."""
    answers = InquiryAnswers(anonymous="Yes: nobody asks for your name.")
    own = ProgramTranslations(PROGRAM.model_copy(update={"answers": answers}), WORDS)
    assert inquiry_answer(Inquiry.ANONYMOUS, own, "en", KNOWN) == answers.anonymous
    plain = inquiry_answer(Inquiry.ANONYMOUS, PLAIN, "es", KNOWN)
    assert inquiry_answer(Inquiry.ANONYMOUS, own, "es", KNOWN) == plain


def test_how_long_tells_how_far_it_is() -> None:
    """With n of m where the conversation counts, without where it does not."""
    known = KNOWN._replace(progress=(3, 10))
    assert inquiry_answer(Inquiry.HOW_LONG, PLAIN, "en", known).startswith("We are at question 3 of 10.")
    assert inquiry_answer(Inquiry.HOW_LONG, PLAIN, "en", KNOWN).startswith("It takes a few minutes.")


def test_how_long_words_are_kept_is_what_the_program_keeps() -> None:
    """The months are those of `retention`."""
    assert "24 months" in inquiry_answer(Inquiry.WHAT_HAPPENS, PLAIN, "en", KNOWN)
    assert "24 Monate" in inquiry_answer(Inquiry.WHAT_HAPPENS, PLAIN, "de", KNOWN)


def test_when_we_write_next() -> None:
    """The planned day; else that none is, and that an open conversation may be reminded of."""
    planned = KNOWN._replace(next_contact=date(2026, 4, 1))
    assert "1 April 2026" in inquiry_answer(Inquiry.WHEN_AGAIN, PLAIN, "en", planned)
    none = say(Sentence.INQUIRY_NOT_PLANNED, "en")
    assert inquiry_answer(Inquiry.WHEN_AGAIN, PLAIN, "en", KNOWN) == none
    reminded = f"{none} {say(Sentence.INQUIRY_MAY_REMIND, 'en')}"
    assert inquiry_answer(Inquiry.WHEN_AGAIN, PLAIN, "en", KNOWN._replace(is_open=True)) == reminded


def test_nobody_who_agreed_to_be_asked_again_hears_that_no_day_is_planned() -> None:
    """The end of the open conversation plans the day; before, only what is known is said."""
    open_and_agreed = KNOWN._replace(is_open=True, may_write_again=True)
    remind = say(Sentence.INQUIRY_MAY_REMIND, "en")
    assert inquiry_answer(Inquiry.WHEN_AGAIN, PLAIN, "en", open_and_agreed) == remind
    over = KNOWN._replace(may_write_again=True)
    assert inquiry_answer(Inquiry.WHEN_AGAIN, PLAIN, "en", over) == say(Sentence.INQUIRY_NOT_PLANNED, "en")


def test_a_medical_question_gets_the_emergency_number() -> None:
    """And no advice."""
    assert inquiry_answer(Inquiry.MEDICAL, SHIPPED, "en", KNOWN).endswith("If it is urgent, call 112.")
