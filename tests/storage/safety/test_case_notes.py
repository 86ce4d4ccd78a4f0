"""Promises of notes about a safety case: kept in order while it is open, and gone with the person's words."""

import pytest

from storage.people import coordinators
from storage.safety import case_notes, cases
from storage.safety.case_notes import LONGEST, NoteRefused
from storage.safety.cases import Case
from storage.schema import SAFETY_CASE, SafetyStatus
from tests.support.coordinators import enrolled
from tests.support.safety_world import ADVERSE
from tests.support.turn_world import Someone, World, make_world

CALLED = "Called Zebedee's daughter; the doctor knows"


@pytest.fixture
async def world(tmp_path):
    """A world with a coordinator, TEAM-1."""
    made = make_world(tmp_path)
    await enrolled(made)
    yield made
    made.database.close()


async def reported(world: World) -> tuple[Someone, Case]:
    """Somebody who told of an adverse event, and the case of it."""
    ann = world.someone("ann")
    await ann.start(world.token())
    await ann.say("red")
    await ann.say(ADVERSE)
    return ann, case(world)


def case(world: World) -> Case:
    [number] = world.database.read_now(
        lambda c: list(c.scalars(SAFETY_CASE.select().with_only_columns(SAFETY_CASE.c.id)))
    )
    found = world.database.read_now(lambda c: cases.find(c, number))
    assert found is not None
    return found


def note(world: World, about: Case, text: str) -> None:
    by = world.database.read_now(lambda c: coordinators.by_code(c, "TEAM-1"))
    world.database.write_now(lambda c: case_notes.add_note(c, about, text, by=by, now=world.clock.now()))


def set_status(world: World, status: SafetyStatus) -> None:
    world.database.write_now(lambda c: c.execute(SAFETY_CASE.update().values(status=status)))


async def test_notes_are_kept_in_order(world: World) -> None:
    """Each with who wrote it; the case is as open as before, and the audit trail has no word of them."""
    _, about = await reported(world)
    note(world, about, f" {CALLED} ")
    note(world, case(world), "Nobody answered.")
    found = case(world)
    assert [(one.by, one.text) for one in case_notes.notes_of(found)] == [
        ("TEAM-1", CALLED),
        ("TEAM-1", "Nobody answered."),
    ]
    assert (found.status, found.is_open) == (about.status, True)
    assert not world.rows("SELECT 1 FROM audit_event WHERE details LIKE '%Zebedee%'")


@pytest.mark.parametrize("text", ["", "  ", "x" * (LONGEST + 1)])
async def test_a_note_has_words_and_an_end(world: World, text: str) -> None:
    """What is empty or too long is refused, and nothing is changed."""
    _, about = await reported(world)
    with pytest.raises(NoteRefused):
        note(world, about, text)
    assert case_notes.notes_of(case(world)) == ()


async def test_what_is_settled_gets_no_note(world: World) -> None:
    """A case that was sent is what was sent."""
    await reported(world)
    set_status(world, SafetyStatus.SENT)
    with pytest.raises(NoteRefused, match="settled already"):
        note(world, case(world), CALLED)


@pytest.mark.parametrize(("status", "left"), [(None, 0), (SafetyStatus.SENT, 1)])
async def test_notes_go_when_the_person_has_everything_deleted(
    world: World, status: SafetyStatus | None, left: int
) -> None:
    """They may name people, and go with their case; with a report that was sent they stay, as the report does."""
    ann, about = await reported(world)
    note(world, about, CALLED)
    if status is not None:
        set_status(world, status)
    for text in ("delete my data", "yes"):
        await ann.say(text)
    assert len(world.rows("SELECT 1 FROM safety_case WHERE details LIKE '%Zebedee%'")) == left
