"""Nothing of the language that the scripts are written in is left in a conversation in another one."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from flows.engine.effects import Prompt
from flows.i18n.extraction import domains
from flows.i18n.localized_program import program_domain
from flows.script.loader import library
from flows.text.templates import END_ISOLATE, ISOLATE
from tests.support.dialogue import play, read_script
from tests.support.dialogue_facts import example
from tests.support.retelling import LANGUAGES, RETOLD, driver_of, path_of

ALIKE = {"es": {"No"}, "it": {"No"}, "fr": {"patients"}}
"""Words that are the same in a language as in English."""
_PLACEHOLDER = re.compile(r"\\\{[^{}]*\\\}")


@cache
def english() -> dict[str, re.Pattern[str]]:
    """Every text of the scripts and of the bot's own, and what it looks like with its placeholders filled in."""
    every = (*domains(library().values()), program_domain(example()[0]))
    texts = {text for domain in every for entry in domain.entries for text in entry.texts}
    worded = (text for text in texts if re.search(r"[A-Za-z]{3}|^No$", re.sub(r"\{[^{}]*\}", "", text)))
    return {text: re.compile(_PLACEHOLDER.sub(r"[\\s\\S]+?", re.escape(text))) for text in worded}


@cache
def program_words() -> tuple[str, ...]:
    """The program's own words of more than one word: they stand in the middle of sentences."""
    texts = (entry.texts[0] for entry in program_domain(example()[0]).entries)
    return tuple(text for text in texts if " " in text)


def shown(prompt: Prompt) -> Iterator[str]:
    """All that a person reads of a message."""
    yield prompt.text
    yield from prompt.text.split("\n")
    yield from (option.label for option in prompt.options)
    yield from (label for label in (prompt.low_label, prompt.high_label) if label)


def left(text: str, language: str) -> list[str]:
    """The English texts that this is."""
    bare = text.replace(ISOLATE, "").replace(END_ISOLATE, "")
    alike = ALIKE.get(language, set())
    whole = [text for text, looks in english().items() if text not in alike and looks.fullmatch(bare)]
    return whole + [text for text in program_words() if text.casefold() in bare.casefold()]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RETOLD)
async def test_no_english_is_left(name: str, language: str) -> None:
    """No message and no button of a conversation in another language is one of the English ones."""
    script = read_script(path_of(name, language))
    driver = driver_of(script, language)
    await play(script, driver)
    assert driver.shown
    found = {text: left(text, language) for prompt in driver.shown for text in shown(prompt)}
    assert {text: originals for text, originals in found.items() if originals} == {}
    assert {prompt.language for prompt in driver.shown} == {language}


def test_english_would_be_found() -> None:
    """The English conversation itself consists of nothing else, so that one text left over shows."""
    assert left("Skip", "es") == ["Skip"]
    assert left("What went well?", "es") == ["What went well?"]
    assert left("Hi. I'm an automated helper for the Myeloma Learning Team.", "es")
    assert left("Hola.", "es") == []
    assert left("Hola. Soy un ayudante de the Myeloma Learning Team.", "es")
