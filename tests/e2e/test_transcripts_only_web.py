"""The golden conversations in a browser: forms are posted to the pages, and leave what the transcripts say."""

from pathlib import Path

import pytest

from tests.support.dialogue import TRANSCRIPTS, Seen, read_script
from tests.support.platforms.drivers import begins_at, is_played
from tests.support.platforms.playing import Mode, Plan, lines, make_move
from tests.support.platforms.web import can_do, web_driver

PATHS = [
    path
    for path in sorted(TRANSCRIPTS.glob("*.txt"))
    if is_played(script := read_script(path)) and all(can_do(one.move) for one in script.exchanges)
]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
async def test_transcript(path: Path, mode: Mode, tmp_path: Path) -> None:
    """What is kept is what is written, and each question comes with its choices, and how far it is."""
    script = read_script(path)
    async with web_driver(tmp_path, begins_at(script)) as driver:
        seen = await driver.start(script)
        assert asked(seen) == asked(script.exchanges[0].seen)
        assert lines(driver.kept()) == lines(script.exchanges[0].kept)
        for step in Plan(mode, driver.ticks_are_told, driver.stickers).steps(script):
            if not step.moves:
                continue
            seen = [one for move in step.moves for one in await make_move(driver, move)]
            kept = lines(driver.kept(), raw=not step.changed)
            assert kept == lines(step.written.kept, raw=not step.changed), step.written.move
            if not any(one.again for one in step.written.seen):
                assert asked(seen) == asked(step.written.seen), step.written.move
        assert driver.house.put_aside() == []


def asked(seen: list[Seen]) -> tuple[str, list[str], str]:
    """The last thing that is said with choices: its words, what can be chosen, and how far it is."""
    question = next((one for one in reversed(seen) if one.buttons), Seen(""))
    return question.text, [one.label for one in question.buttons], question.progress
