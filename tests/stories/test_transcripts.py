"""Golden conversations on the pure engine, with the state written out and read back between any two lines."""

from pathlib import Path

import pytest

from flows.script.loader import library
from tests.support.dialogue import TRANSCRIPTS, EngineDriver, Exchange, play, read_script, typed_moves, write
from tests.support.dialogue_facts import facts_named

PATHS = sorted(TRANSCRIPTS.glob("*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_transcript(path: Path, request: pytest.FixtureRequest) -> None:
    """A conversation runs as it is written down, to the letter."""
    script = read_script(path)
    driver = EngineDriver(library()[script.flow], facts_named(script.facts))
    exchanges = await play(script, driver)
    told = script.text(exchanges)
    if request.config.getoption("--update-transcripts"):
        write(path, told)
    assert script.source == told or request.config.getoption("--update-transcripts")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_transcript_typed(path: Path) -> None:
    """The same conversation with every tap typed keeps the same answers."""
    script = read_script(path)
    moves = typed_moves(script)
    if moves is None:
        return
    driver = EngineDriver(library()[script.flow], facts_named(script.facts))
    exchanges = await play(script, driver, moves)
    assert _kept(exchanges) == _kept(script.exchanges)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_transcript_reads_back(path: Path) -> None:
    """What the harness writes it reads back as the same, so that other drivers can compare by message."""
    script = read_script(path)
    assert script.text(script.exchanges) == path.read_text(encoding="utf-8")


def _kept(exchanges: list[Exchange]) -> list[str]:
    return [line for exchange in exchanges for line in exchange.kept]
