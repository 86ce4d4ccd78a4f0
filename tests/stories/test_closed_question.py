"""Patients are asked once whether their health got worse since they began a medicine, where the author decided so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from storage.export.tables.safety import safety
from storage.export.tables.table import ExportSelection
from storage.privacy.subject_access import participant_data_text
from tests.support.follow_on_world import AGAIN, DAILY, INTERVIEW, Story, converse, texts
from tests.support.turn_world import Someone

ASKED = "Think of the time"
PLAIN = "It is green like the sea"
WHICH, CONTACT = (say(one, "en") for one in (Sentence.SAFETY_WHICH, Sentence.SAFETY_CONTACT))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    (tmp_path / "house").mkdir()
    made = Story(tmp_path / "house", **DAILY)
    yield made
    made.world.database.close()


async def at_the_question(story: Story, name: str = "ann", **replies: str) -> Someone:
    """Somebody who has come to the question on medicine in the interview."""
    person = await story.someone(name, "patient_interview", Role.PATIENT)
    known = {**INTERVIEW, **{start.replace("_", " "): reply for start, reply in replies.items()}}
    while not (question := person.shown[-1].prompt.text).startswith(ASKED):
        await person.say(
            next((known[start] for start in known if question.startswith(start)), "Some words, here.")
        )
    return person


def cases(story: Story) -> list[dict[str, Any]]:
    """The cases that there are, with whether a question asked for what they tell, as exported."""
    with story.world.database.reading() as connection:
        table = safety(connection, ExportSelection())
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return [row for row in rows if row["cases"]]


def said_of(person: Someone) -> list[str]:
    return [shown.prompt.text for shown in person.shown]


async def test_a_yes_opens_a_case_whatever_the_words(story):
    """The case is there at once, and has the words, in which the rules find nothing; then what it lacks is asked."""
    person = await at_the_question(story)
    await person.say("yes")
    assert said_of(person) == ["What was it?"]
    [opened] = cases(story)
    assert (opened["kind"], opened["state"], opened["solicited"]) == ("adverse_event", "new", "yes")
    assert (opened["patient"], opened["reaction"]) == (1, 0)
    await person.say(PLAIN)
    assert said_of(person) == [say(Sentence.SAFETY_INTRO, "en"), WHICH]
    await person.say("Revlimid")
    assert said_of(person) == [CONTACT]
    await person.say("yes")
    assert said_of(person)[0] == say(Sentence.SAFETY_THANKS, "en")
    assert said_of(person)[-1].startswith("If you could tell every doctor")
    [told] = cases(story)
    assert (told["reaction"], told["product"], told["reporter"]) == (1, 1, 1)
    assert (told["products"], told["may_be_contacted"], told["solicited"]) == ("lenalidomide", "yes", "yes")
    own = story.world.database.read_now(lambda c: participant_data_text(c, 1, "en"))
    assert own.index(ASKED) < own.index(PLAIN) < own.index(WHICH)


async def test_a_yes_without_a_word_more_stays_a_case(story):
    """Skipped, nothing told or no medicine: the team hears of it all the same, and nobody is pressed."""
    for name, reply in (("ann", "skip"), ("bob", "nothing"), ("cat", "I don't know")):
        person = await at_the_question(story, name)
        await person.say("yes")
        await person.say(reply)
        assert said_of(person)[-1].startswith("If you could tell every doctor"), reply
    assert [case["solicited"] for case in cases(story)] == ["yes"] * 3


async def test_not_sure_opens_one_where_the_rules_find_something(story):
    """Its words are read by a person like all others; where the rules find an event there is a case, asked for too."""
    person = await at_the_question(story)
    await person.say("not sure")
    assert said_of(person) == ["What did you notice?"]
    await person.say(PLAIN)
    assert said_of(person)[-1].startswith("If you could tell every doctor")
    assert cases(story) == []
    other = await at_the_question(story, "bob")
    await other.say("not sure")
    await other.say("Since I started Revlimid I have had terrible nausea")
    assert [case["solicited"] for case in cases(story)] == ["yes"]


@pytest.mark.parametrize(
    "reply",
    [
        "Since I started Revlimid I have had terrible nausea",
        "Hard to say, but since I started Revlimid I have had terrible nausea",
        "No, but since I started Revlimid I have had terrible nausea",
    ],
)
async def test_own_words_under_the_question_are_asked_for(story, reply):
    """Whatever the question is answered with: what comes out of it is a solicited report."""
    person = await at_the_question(story)
    await person.say(reply)
    [case] = cases(story)
    assert (case["kind"], case["solicited"]) == ("adverse_event", "yes")


async def test_what_is_told_elsewhere_is_not_asked_for(story):
    """Under the question after it the same words are told of their own accord."""
    person = await at_the_question(story)
    await person.say("no")
    await person.say("Since I started Revlimid I have had terrible nausea")
    assert [case["solicited"] for case in cases(story)] == ["no"]


@pytest.mark.parametrize("reply", ["no", "No medicine", "nothing", "I take no medicine", "skip"])
async def test_no_is_the_end_of_it(story, reply):
    """Nothing more is asked."""
    person = await at_the_question(story)
    await person.say(reply)
    assert said_of(person)[-1].startswith("If you could tell every doctor")
    assert cases(story) == []


async def test_what_was_told_unasked_keeps_its_mark(story):
    """A case that was open before the question is not solicited, and has what is told then, too."""
    person = await at_the_question(
        story, What_went="Since I started Revlimid I have had terrible nausea", May_our="no"
    )
    await person.say("yes")
    await person.say(PLAIN)
    assert WHICH not in said_of(person)  # the questions for a report come once in a talk
    [case] = cases(story)
    assert case["solicited"] == "no"


async def test_carers_are_asked_about_the_person_they_care_for(story):
    """In the interview and when they are asked again."""
    person = await at_the_question(story, Which_fits="2", Which_of="Cost")
    assert "since they began a medicine" in said_of(person)[-1]
    assert "their health" in said_of(person)[-1]


@pytest.mark.parametrize("settings", [{"ask_about_medicine": False}, {"ask_about_medicine": None}])
async def test_nobody_is_asked_where_it_was_not_decided(story, settings):
    """Neither where the author said no, nor where a programme of before says nothing: ten questions, as promised."""
    story.load(**DAILY, **settings)
    person = await story.someone("ann", "patient_interview", Role.PATIENT)
    told = [shown.prompt.text for shown in person.shown] + await converse(person, INTERVIEW)
    assert not any(text.startswith(ASKED) for text in told)
    assert any("10 short questions" in text for text in told)
    assert not any("11 short questions" in text for text in told)


async def test_the_follow_up_asks_it_once_more(story):
    """With what it may lead to said before it; a yes opens a case there, too."""
    person = await story.patient()
    await story.pass_time(weeks=13)
    texts(person)
    said = await converse(person, AGAIN | {ASKED: "yes", "What was it": PLAIN, WHICH: "not a medicine"})
    note = next(text for text in said if "drug maker" in text)
    assert said.index(note) < next(n for n, text in enumerate(said) if text.startswith(ASKED))
    assert [case["solicited"] for case in cases(story)] == ["yes"]
    assert any(text == say(Sentence.SAFETY_CLOSED, "en") for text in said)
    [(details,)] = story.world.rows("SELECT details FROM safety_case")
    assert json.loads(details)["hits"] == 2


async def test_where_nobody_is_told_no_case_is_opened(story):
    """A script of one's own may ask without a sponsor; nothing is opened."""
    story.load(**DAILY, safety_profile="none", ask_about_medicine=None)
    person = await story.someone("ann", "patient_interview", Role.PATIENT)
    await converse(person, INTERVIEW)
    assert cases(story) == []
