"""What people ask the bot is read, in seven languages; what they answer is not taken for it."""

import random
import re
from collections.abc import Iterator

import pytest

from bench.questions import answers, is_hit, wordings
from flows.inquiries.inquiry import Inquiry
from flows.inquiries.inquiry_file import GAPS, InquiryFile
from flows.inquiries.patterns import patterns_in
from flows.inquiries.reading import read_inquiries
from flows.parsing.vocabulary import languages, phrases
from flows.text.folding import fold

LEAST = 0.85
"""Of the wordings that the patterns were not written for, in each language."""


@pytest.mark.parametrize("language", languages())
def test_most_wordings_are_read(language: str) -> None:
    """Of 30 wordings of each question, written before the patterns, most are read as what they ask."""
    unseen = [is_hit(text, language, inquiry) for inquiry, number, text in wordings(language) if number % 2]
    assert len(unseen) == 15 * len(Inquiry)
    assert sum(unseen) / len(unseen) >= LEAST


@pytest.mark.parametrize("language", languages())
def test_answers_are_not_taken_for_questions(language: str) -> None:
    """Three hundred answers that ask nothing are read as asking nothing."""
    told = answers(language)
    assert len(told) == 300
    assert [text for text in told if read_inquiries(text, language)] == []


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "en",
            "morning; why not; it is very long; that is private; very kind; a nurse; my doctor; to know who I am",
        ),
        (
            "en",
            "how long it takes to get an appointment; I never know who reads my chart; nobody told me who reads it",
        ),
        (
            "en",
            "I would like to know what my blood results mean; what helps me most is my wife; be told what happens",
        ),
        (
            "en",
            "they ask why; The nurse said who are you and laughed; I asked her who reads this and she left",
        ),
        (
            "de",
            "Morgen; Tag; das dauert lange; ich bin anonym; weil es wichtig ist; wann ich wieder arbeiten darf",
        ),
        (
            "es",
            "buenas; bueno; porque es importante; es muy largo; es privado; muy amable; es peligroso; que me llamen",
        ),
        (
            "fr",
            "c'est long; c'est dangereux; ça va; c'est privé; mon médecin lit tout; que quelqu'un m'appelle",
        ),
        ("it", "perché è importante; pronto; è lungo; ci vuole tanto; molto gentile; è normale; è privato"),
        (
            "pt",
            "porque é importante; boa; boas; é longo; tudo bem; demora muito; é privado; que alguém me ligue",
        ),
        ("ar", "لان هذا مهم; طويل; طبيبي يعرف; شخص اتكلم معه; ان يتصل بي احد; خاص; كثير"),
    ],
)
def test_words_that_look_like_a_question_and_are_an_answer(language: str, texts: str) -> None:
    """Statements, wishes and words alone stay answers, though a question has the same words."""
    for text in texts.split("; "):
        assert read_inquiries(text, language) is None, text


@pytest.mark.parametrize(
    ("text", "inquiries", "rest"),
    [
        ("Who reads this?", (Inquiry.WHO_READS,), ""),
        ("Hello! Who reads this? Thank you.", (Inquiry.WHO_READS,), ""),
        ("Who are you? And how long does this take?", (Inquiry.WHO_ARE_YOU, Inquiry.HOW_LONG), ""),
        ("My uncle had it too. Who reads this?", (Inquiry.WHO_READS,), "My uncle had it too."),
        ("I lost my notes, can you show me my answers?", (Inquiry.WHAT_SAID,), "I lost my notes"),
        ("wer liest das?", (Inquiry.WHO_READS,), ""),
        ("who recieves my answers", (Inquiry.WHO_READS,), ""),
    ],
)
def test_a_message_of_several_sentences(text: str, inquiries: tuple[Inquiry, ...], rest: str) -> None:
    """Each question is found once; what is told beside it is handed on, and courtesy beside it is nothing."""
    assert read_inquiries(text, "en") == (inquiries, rest)


@pytest.mark.parametrize("language", languages())
def test_every_language_has_patterns_for_every_question(language: str) -> None:
    """No file lacks a question; no pattern covers a message without one of its own words."""
    assert {one.inquiry for one in patterns_in(language).patterns} == set(Inquiry)
    file = InquiryFile.load(language)
    for pattern in filter(None, "\n".join(file.asks.values()).splitlines()):
        assert re.search(r"(?:^|\s)[^\s\[?.]", pattern), f"all of it may be missing: {pattern}"


@pytest.mark.parametrize("language", languages())
def test_a_pattern_is_found_by_its_own_words(language: str) -> None:
    """Whatever words are chosen of a pattern, the sentence of them is found to be one that it may be, and is it."""
    rng = random.Random(3)
    for pattern in patterns_in(language).patterns:
        words = "".join(f"{one} " for one in spoken(pattern.text, InquiryFile.load(language), rng))
        assert pattern.may_be(frozenset(words.split())), (pattern.text, words)
        assert pattern.is_all_of(words, is_marked=True), (pattern.text, words)
        needed = pattern.needed[0]
        without = (
            frozenset(words.split())
            - needed.words
            - {one for one in words.split() if one.startswith(needed.stems)}
        )
        assert not pattern.may_be(without), (pattern.text, words)


def spoken(pattern: str, file: InquiryFile, rng: random.Random) -> Iterator[str]:
    """Yield words of which a pattern is one: any of those that it has, and now and then what is optional."""
    for element in pattern.split():
        if element in GAPS or (element.startswith("[") and rng.random() < 0.5):
            continue
        part = rng.choice(element.strip("[]").split("/"))
        phrase = rng.choice(sorted(phrases(file.words[part.strip("<>")]))) if part.startswith("<") else part
        yield fold(phrase.replace("_", " "))


def test_a_long_text_is_a_story() -> None:
    """Whoever writes more than 400 characters tells something, though a question stands in it."""
    assert read_inquiries("It was a hard year for all of us. " * 12 + "Who reads this?", "en") is None


BEHIND = {
    "en": "Who runs this?|Which company is behind this?|Who is responsible for this survey?|who is behind this?",
    "de": "Wer organisiert das?|Welche Firma steckt dahinter?|Wer ist für diese Umfrage verantwortlich?",
    "fr": "Qui organise ça ?|Quelle entreprise est derrière tout ça ?|Qui est responsable de ce questionnaire ?",
    "es": "¿Quién organiza esto?|¿Qué empresa está detrás de esto?|¿Quién es el responsable de esta encuesta?",
    "it": "Chi organizza questo?|Quale azienda c'è dietro?|Chi è il responsabile di questo sondaggio?",
    "pt": "Quem organiza isto?|Que empresa está por trás disto?|Quem está por detrás disso?",
    "ar": "من ينظم هذا الاستبيان؟|ما الجهة التي تقف وراء هذا؟|مين ورا هاد؟|من المسؤول عن هذا؟",
}
"""Who is behind it: the answer names the team and its contact."""


@pytest.mark.parametrize("language", BEHIND)
def test_who_is_behind_it(language: str) -> None:
    """Asked by who runs it, which company, or who answers for it; without a question mark it may be told."""
    for words in BEHIND[language].split("|"):
        found = read_inquiries(words, language)
        assert (words, found and found.inquiries) == (words, (Inquiry.WHO_ARE_YOU,))


@pytest.mark.parametrize(
    ("language", "words", "inquiry"),
    [
        ("fr", "Je suis obligé ?", Inquiry.VOLUNTARY),
        ("fr", "Suis-je obligée ?", Inquiry.VOLUNTARY),
        ("es", "¿Es esto un timo?", Inquiry.GENUINE),
        ("es", "¿Es este mensaje oficial?", Inquiry.GENUINE),
    ],
)
def test_must_i_and_is_it_real(language: str, words: str, inquiry: Inquiry) -> None:
    """Also turned round, or cut short."""
    found = read_inquiries(words, language)
    assert found is not None
    assert found.inquiries == (inquiry,)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Nobody told me who runs this"),
        ("en", "who is responsible for this"),
        ("fr", "je suis obligé"),
        ("de", "wer macht das"),
        ("es", "quien organiza esto"),
    ],
)
def test_who_does_it_may_be_told(language: str, words: str) -> None:
    """Without a question mark such words may be an answer."""
    assert read_inquiries(words, language) is None
