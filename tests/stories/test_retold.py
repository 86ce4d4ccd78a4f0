"""Conversations in every language: what each shipped flow says there, letter by letter, and what it keeps."""

import pytest

from flows.script.loader import library
from tests.support.dialogue import TRANSCRIPTS, read_script, write
from tests.support.retelling import LANGUAGES, RETOLD, complete, path_of, retold


def test_every_shipped_flow_is_told() -> None:
    """No flow is without a conversation in every language."""
    assert {read_script(TRANSCRIPTS / f"{name}.txt").flow for name in RETOLD} == set(library())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RETOLD)
async def test_conversation_in_another_language(
    name: str, language: str, request: pytest.FixtureRequest
) -> None:
    """The same choices, made and typed in another language, are answered as it is written down there."""
    script, exchanges = await retold(name, language)
    path, told = path_of(name, language), script.text(exchanges)
    if request.config.getoption("--update-transcripts"):
        path.parent.mkdir(exist_ok=True)
        write(path, told)
    assert path.read_text(encoding="utf-8") == told
    written = read_script(path)
    assert written.text(written.exchanges) == told


def test_every_shipped_language_is_complete() -> None:
    """All that is shipped can be had in the six other languages."""
    assert complete() == LANGUAGES
