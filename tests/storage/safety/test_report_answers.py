"""Answers to the questions for a report: the newest counts, and what nobody has read is not written over."""

import pytest

from flows.script.roles import Role
from storage.people import coordinators
from storage.safety import reading
from storage.safety.report_answers import ReportAnswer, record_report_answer
from storage.safety.text_signals import TextKind, TextSource
from storage.safety.unread_rows import find
from tests.support.coordinators import enrolled
from tests.support.turn_world import make_world


@pytest.fixture
async def world(tmp_path):
    """Somebody has told of an adverse event, and a case waits for answers."""
    made = make_world(tmp_path)
    await enrolled(made)
    person = made.someone()
    await person.start(made.token(role=Role.PATIENT))
    await person.say("red")
    await person.say("The new tablets gave me a terrible rash")
    yield made
    made.database.close()


def answer(world, name: str, words: str) -> None:
    told = ReportAnswer(name, words)
    world.database.write_now(lambda c: record_report_answer(c, 1, told, world.clock.now()))


def waiting(world) -> list[str]:
    """What cases alone hold that nobody has read."""
    found = world.database.read_now(lambda c: list(find(c)))
    return [one.raw for one in found if one.source.kind is TextKind.CASE]


def read(world) -> None:
    case, now = TextSource(TextKind.CASE, 1), world.clock.now()

    def work(connection) -> None:
        by = coordinators.by_code(connection, "TEAM-1")
        reading.show_text(connection, case, by=by, now=now)
        reading.mark_read(connection, [case], by=by, now=now)

    world.database.write_now(work)


async def test_an_unread_answer_is_not_written_over(world):
    """What was said first stays among what else was said, until somebody has read it; then the newest is enough."""
    answer(world, "which", "the white pill")
    answer(world, "which", "no, it was the blue one")
    assert waiting(world) == ["said: the white pill\nwhich: no, it was the blue one"]
    answer(world, "which", "or the yellow one")
    assert waiting(world) == ["said: the white pill\nno, it was the blue one\nwhich: or the yellow one"]
    read(world)
    assert waiting(world) == []
    answer(world, "which", "I do not know")
    assert "yellow" not in waiting(world)[0]
    assert "which: I do not know" in waiting(world)[0]


@pytest.mark.parametrize(
    ("name", "first", "then", "waits"),
    [
        ("contact", "yes", "no", "contact: no"),
        ("who", "self", "other", "who: other"),
        ("which", "no_medicine", "the white pill", "which: the white pill"),
        ("which", "the white pill", "the white pill", "which: the white pill"),
        ("which", "the white pill", "the white pill and water", "which: the white pill and water"),
        ("contact", "nothing at all", "yes", "contact: yes\nsaid: nothing at all"),
    ],
)
async def test_choices_and_what_stands_in_the_new_words_are_written_over(world, name, first, then, waits):
    """A choice is nobody's words; a field that holds a choice goes on holding one."""
    answer(world, name, first)
    answer(world, name, then)
    assert waiting(world) == [waits]
