"""What a file would touch is told before it is loaded, and nothing is written by telling it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.i18n.localized_program import StoredTranslations
from flows.program.model import ProgramFile
from flows.script.loader import load_flow_text
from storage.programs import programs
from storage.reports import program_changes
from tests.support.wave_world import COMMIT, World, make_world, program

ACTIVITY = {"slug": "spring", "title": "Spring", "suggestions": []}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, activities=[ACTIVITY])
    yield made
    made.database.close()


def lines(world: World, file: ProgramFile, words: StoredTranslations | None = None) -> list[str]:
    found = program_changes.rehearsed(world.database.write_now, file, words, world.clock.now())
    change = world.database.read_now(
        lambda c: program_changes.program_change(c, file, words, world.runtime.flows, found)
    )
    return list(program_changes.in_words(change))


def everything(world: World) -> list[tuple[Any, ...]]:
    return [
        *world.rows("SELECT * FROM program"),
        *world.rows("SELECT * FROM activity"),
        *world.rows("SELECT * FROM audit_event"),
    ]


def test_waves_that_move_are_counted(world: World) -> None:
    """A window that opens at other hours moves what is planned outside of it; other days move nothing."""
    world.person().commit("I give a plan")
    before = everything(world)
    later = program(activities=[ACTIVITY], schedule={"window": {"start": "17:00", "end": "18:00"}})
    assert "3 waves move to another hour, as window or zone are others." in lines(world, later)
    days = program(activities=[ACTIVITY], schedule={"waves": [10, 20]})
    assert [line for line in lines(world, days) if "wave" in line][1].startswith(
        "3 planned waves keep their days"
    )
    assert everything(world) == before


def test_the_same_file_touches_nothing(world: World) -> None:
    """So does one that was never loaded before, which says that it is new."""
    same = program(activities=[ACTIVITY])
    world.load(same)
    hashed = programs.program_hash(same, None)
    world.execute("UPDATE program SET hash = :hash", hash=hashed)
    assert lines(world, same) == ["Nothing would change: this is what is loaded."]
    assert lines(world, program("other")) == ["other is new: nobody takes part in it yet."]


def test_what_cannot_be_loaded_says_why(world: World) -> None:
    """An activity that people are in cannot go; nor is anything loaded over a program that was closed."""
    conversation = world.person().commit("I give a plan")
    [activity] = world.column("SELECT id FROM activity")
    world.update("conversation", conversation, activity_id=activity)
    found = lines(world, program())
    assert found[0].startswith("It cannot be loaded: activity 'spring' has conversation rows")
    assert "Activities that go: spring." in found


async def test_talks_keep_their_version(world: World) -> None:
    """A talk that goes on keeps the script with which it began, by the number of that version."""
    await world.person().begin_conversation()
    new = load_flow_text(COMMIT.replace("Anything else?", "Anything more?"))
    change = world.database.read_now(lambda c: program_changes.script_change(c, new))
    assert list(program_changes.in_words(change)) == ["1 conversation keeps version 1 of hcp_commitment."]
    world.runtime.flows = {**world.runtime.flows, "hcp_commitment": new}
    assert "1 conversation keeps version 1 of hcp_commitment." in lines(world, program(title="Other"))


def test_strings_that_a_translation_loses(world: World) -> None:
    """A title that is worded anew has no translation any more; the language says how many it lacks."""
    words = {
        "es": {"status": "reviewed", "strings": {"myeloma:title": ["T", "Te"]}, "sure": ["myeloma:title"]}
    }
    file = program(activities=[ACTIVITY])
    world.database.write_now(
        lambda c: programs.load(c, file, programs.program_hash(file, words), world.clock.now(), words)
    )
    found = lines(world, program(title="Another", activities=[ACTIVITY]), words)
    assert next(line for line in found if line.startswith("Translation")).startswith(
        "Translation es loses 1 string"
    )
