"""Measure the reader of people's questions to the bot: `python bench/questions.py`.

Hits: the wordings of `tests/data/questions`, 30 of each question in seven languages, which were written before the
patterns of `flows/library/inquiries`. The even ones were looked at while those were written, the odd ones never.
False hits: answers of `tests/data` that ask nothing, at most 300 a language, read as if typed under a question with
buttons, where more is taken for a question than under one for own words. Each share has its Wilson interval of 95%.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import wilson
from flows.formats.yaml_source import read_source
from flows.inquiries.inquiry import Inquiry
from flows.inquiries.reading import read_inquiries
from flows.parsing.commands import global_word
from flows.parsing.vocabulary import languages

DATA = Path(__file__).parents[1] / "tests" / "data"
ANSWERS = ("language_answers.yaml", "safety_phrases.yaml", "safety_blind.yaml", "thin_answers.yaml")
MOST = 300
COMMANDS = {Inquiry.CALL_ME: "human", Inquiry.WHAT_SAID: "my_data"}


def wordings(language: str) -> Iterator[tuple[Inquiry, int, str]]:
    """Yield each wording with its question and its number, from 1."""
    for name, listed in read_source(DATA / "questions" / f"{language}.yaml").value.items():
        for number, text in enumerate(listed.splitlines(), 1):
            yield Inquiry(name), number, text


def is_hit(text: str, language: str, inquiry: Inquiry) -> bool:
    """Return whether a wording is answered as what it asks: by its question, or by the command for the same."""
    command = global_word(text, language)
    if command is not None:
        return command.value == COMMANDS.get(inquiry)
    read = read_inquiries(text, language)
    return read is not None and read.inquiries == (inquiry,)


def answers(language: str) -> list[str]:
    """Return ordinary answers in a language, evenly taken from all that there are: none ends in a question mark."""
    found: dict[str, None] = {}
    for name in ANSWERS:
        for text in _texts(read_source(DATA / name).value.get(language)):
            if not text.rstrip().endswith(("?", "\u061f")):
                found[text] = None
    listed = list(found)
    step = max(1.0, len(listed) / MOST)
    return [listed[int(place * step)] for place in range(min(MOST, len(listed)))]


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value of a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def main() -> None:
    """Print hits and false hits by language, then the hits by question."""
    by_question: dict[Inquiry, list[bool]] = {}
    print("| | looked at | held out | answers | false hits |\n|---|---|---|---|---|")
    for language in languages():
        halves: tuple[list[bool], list[bool]] = ([], [])
        for inquiry, number, text in wordings(language):
            hit = is_hit(text, language, inquiry)
            halves[number % 2].append(hit)
            if number % 2:
                by_question.setdefault(inquiry, []).append(hit)
        told = answers(language)
        false = [text for text in told if read_inquiries(text, language) is not None]
        seen, held = (wilson(sum(half), len(half)) for half in halves)
        print(
            f"| {language} | {seen} | {held} | {len(told)} | {len(false)}: {wilson(len(false), len(told))} |"
        )
        for text in false:
            print(f"    false: {text}")
    print("\n| question | held out, all languages |\n|---|---|")
    for inquiry, hits in by_question.items():
        print(f"| {inquiry.value} | {wilson(sum(hits), len(hits))} |")


if __name__ == "__main__":
    main()
