"""Check what patients can read: the grade, the number of sentences, and words that put people off.

Sources are named at each limit.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from flows.check.outline import Outline
from flows.check.texts import labels, prompts
from flows.errors import Problem
from flows.heavy_packages import load
from flows.problem_codes import ProblemCode
from flows.script.model import QUESTION_TYPES, AskConsent

GRADE = 6.0
"""The highest Flesch-Kincaid grade of what a patient reads. Half of adults struggle with the average eighth
to ninth grade (AHRQ, Health Literacy Universal Precautions, tool 11); risk managers ask for the fifth
(Coverys).
"""

SENTENCES = 2
"""Sentences in one question to a patient: one idea, then what is asked."""

CONSENT_SENTENCES = 5
"""A consent may say more: its record keeps the exact text shown, so all that is agreed to stands in one
message.
"""

BANNED = {
    "decision": "say 'choosing' or 'what to do'",
    "decisions": "say 'choosing' or 'what to do'",
    "option": "say 'choice' or 'what you can do'",
    "options": "say 'choices' or 'what you can do'",
    "preference": "say 'what you want' or 'what matters to you'",
    "preferences": "say 'what you want' or 'what matters to you'",
}
"""Words that patients stumbled over in collaboRATE's cognitive interviews (pubmed 23768763)."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_SENTENCE = re.compile(r"[^.!?]*\w[^.!?]*(?:[.!?]+(?=[\s\"'\u201d\u2019)]|$)|$)", re.DOTALL)


def neutral(text: str) -> str:
    """Return the text as it is measured, each placeholder one short word: the name of a long illness does not count."""
    return _PLACEHOLDER.sub("care", text)


@lru_cache(maxsize=2048)
def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade (school year) of an English text, each placeholder counted as a short word."""
    return float(load("textstat").textstat.flesch_kincaid_grade(neutral(text)))


def sentences(text: str) -> int:
    """Count the sentences of a text; a placeholder is a word."""
    plain = re.sub(r"(?<=\d)\.(?=\d)", "", neutral(text))
    return sum(1 for found in _SENTENCE.findall(plain) if found.strip())


def hard_texts(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each English text for patients that reads above `GRADE`.

    The formula does not carry over to other languages.
    """
    if not outline.for_patients or not outline.flow.language.startswith("en"):
        return
    for text in prompts(outline):
        reached = grade(text.text)
        if reached > GRADE:
            message = f"reads at grade {reached:.1f}; patients' texts stay at {GRADE:.0f}"
            remedy = "use shorter words and shorter sentences"
            yield outline.problem(ProblemCode.READING_GRADE, text.path, message, remedy)


def long_questions(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each question to patients of more than `SENTENCES` sentences.

    A consent may have `CONSENT_SENTENCES`.
    """
    if not outline.for_patients:
        return
    for text in prompts(outline):
        if not isinstance(text.node.step, QUESTION_TYPES):
            continue
        limit = CONSENT_SENTENCES if isinstance(text.node.step, AskConsent) else SENTENCES
        found = sentences(text.text)
        if found > limit:
            message = f"has {found} sentences; at most {limit} are read"
            remedy = "move what explains it into a step of kind say before it"
            yield outline.problem(ProblemCode.SENTENCES, text.path, message, remedy)


def banned_words(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each word in a text or on a button for patients that is known to put them off (`BANNED`)."""
    if not outline.for_patients:
        return
    for text in (*prompts(outline), *labels(outline)):
        for found in re.finditer(r"[A-Za-z]+", text.text):
            remedy = BANNED.get(found[0].lower())
            if remedy is not None:
                message = f"patients stumble over '{found[0]}'"
                yield outline.problem_inside(
                    ProblemCode.BANNED_WORD, text.path, found.start(), message, remedy
                )


RULES = (hard_texts, long_questions, banned_words)
