"""The scan knows what a participant's words answer, and notes a weak hit beside them without a word."""

import pytest

from flows.i18n.say import Sentence, say
from tests.support import turn_world
from tests.support.safety_world import ADVERSE, at_words, texts
from tests.support.turn_world import SMALL_FLOW, make_world

SIGN = "threw up again this morning"


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def asked_of_medicine(tmp_path, monkeypatch):
    """A world whose question in own words is about the medicine."""
    marked = SMALL_FLOW.replace("kind: text\n", "kind: text\n    about: medicine\n")
    monkeypatch.setattr(turn_world, "SMALL_FLOW", marked)
    made = make_world(tmp_path)
    yield made
    made.database.close()


def noted(world):
    """What was noted beside which answers."""
    return world.rows(
        "SELECT a.raw, s.reading_class, s.source, s.level FROM text_signal s JOIN answer a ON a.id = s.answer_id"
    )


async def test_a_sign_alone_opens_no_case_and_is_noted_to_be_read(world):
    """The conversation goes on as if nothing were; the answer stands near the head of the reading queue."""
    person = await at_words(world)
    await person.say(SIGN)
    assert texts(person) == ["How sure?"]
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]
    assert noted(world) == [(SIGN, "event", "rules", "queue")]


async def test_the_same_words_open_a_case_where_the_medicine_is_asked_about(asked_of_medicine):
    """The question is the other half."""
    person = await at_words(asked_of_medicine)
    await person.say(SIGN)
    assert texts(person)[0] == say(Sentence.SAFETY_INTRO, "en")
    assert asked_of_medicine.rows("SELECT kind FROM safety_case") == [("adverse_event",)]
    assert noted(asked_of_medicine) == []


async def test_no_side_effects_is_no_report_where_the_medicine_is_asked_about(asked_of_medicine):
    """The commonest answer there."""
    person = await at_words(asked_of_medicine)
    await person.say("I had no side effects at all")
    assert texts(person) == ["How sure?"]
    assert noted(asked_of_medicine) == []


async def test_words_that_open_a_case_are_not_noted_besides(world):
    """The case has its place in the queue already."""
    person = await at_words(world)
    await person.say(ADVERSE)
    assert world.rows("SELECT count(*) FROM safety_case") == [(1,)]
    assert noted(world) == []


async def test_ordinary_words_leave_nothing(world):
    """Most words are of no concern, and no row is written for them."""
    person = await at_words(world)
    await person.say("the nurse was kind and took her time")
    assert noted(world) == []


async def test_a_joke_about_dying_is_read_first_and_halts_nothing(world):
    """Where the hyperbole is plain there is no crisis text."""
    person = await at_words(world)
    await person.say("waited two hours again, gonna kill myself lol")
    assert texts(person) == ["How sure?"]
    assert [row[1] for row in noted(world)] == ["risk"]
