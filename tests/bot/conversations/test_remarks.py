"""Remarks, from the message to whoever reads, edits, takes back or deletes it."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bot.channels.base import InboundKind
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence, say
from flows.script.loader import load_flow_text
from storage.export.tables.remarks import remarks
from storage.export.tables.table import ExportSelection
from storage.people import account_links
from storage.privacy.subject_access import participant_data_text
from storage.reports import operators
from storage.safety import cases
from storage.safety.case_text import read_case_text
from tests.support.retelling import LANGUAGES
from tests.support.safety_world import ADVERSE
from tests.support.turn_world import Someone, World, make_world, texts

STORY = "My ward has too few nurses at night"
EDITED = "My ward has far too few nurses at night"
SECOND = "And nobody tells us who comes at the weekend"
FLOW = load_flow_text("""
flow: kept
title: A talk about a year
language: en
audience: [hcp]
steps:
  - {key: born, kind: number, text: "In which year were you born?", personal: true}
  - {key: colour, kind: select_one, text: "Which colour?", choices: [{code: red, label: Red}]}
  - {key: words, kind: text, text: Say something., takes_remarks: true}
  - {key: last, kind: text, text: Anything else?}
  - {key: bye, kind: end, text: Goodbye.}
""")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


async def at_colour(world: World) -> Someone:
    """Somebody who is asked for a colour, by taps."""
    person = world.someone()
    await person.start(world.token())
    return person


def own(world: World, language: str = "en") -> str:
    """What `my data` hands to the first participant."""
    return world.database.read_now(lambda c: participant_data_text(c, 1, language))


def standing(world: World) -> list[tuple[object, ...]]:
    return world.rows("SELECT number, slot, raw FROM remark WHERE superseded_at IS NULL ORDER BY id")


async def test_an_edit_changes_the_remark(world: World) -> None:
    """The question stays open, and the edit costs no second try; both wordings are kept, one of them standing."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    shown = await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    assert texts(shown)[-1] == "Which colour?"
    assert standing(world) == [(0, "colour", EDITED)]
    assert world.rows("SELECT raw, superseded_at IS NULL FROM remark ORDER BY id") == [
        (STORY, 0),
        (EDITED, 1),
    ]
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]


async def test_an_edit_stays_under_the_question_of_its_remark(world: World) -> None:
    """Whatever is open by now: the words were not said to that."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    await person.say("red")
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    assert world.rows("SELECT slot, shown_text, raw FROM remark WHERE superseded_at IS NULL") == [
        ("colour", "Which colour?", EDITED)
    ]


async def test_an_edit_after_the_end_changes_the_remark(world: World) -> None:
    """The talk is over, and what was said in it can still be put right."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    for reply in ("red", "Some words of mine", "3"):
        await person.say(reply)
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    assert [raw for _, _, raw in standing(world)] == [EDITED]


@pytest.mark.parametrize("later", [(), ("red",), ("red", "Some words of mine", "3")])
async def test_a_message_that_is_taken_back_marks_its_remark(world: World, later: tuple[str, ...]) -> None:
    """Under its question, after it, and after the end: the words are kept, and no answer is marked."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    for reply in later:
        await person.say(reply)
    await person.does(InboundKind.DELETED, message_id="10")
    assert world.rows("SELECT raw, message_deleted_at IS NOT NULL FROM remark") == [(STORY, 1)]
    assert world.rows("SELECT count(*) FROM answer WHERE message_deleted_at IS NOT NULL") == [(0,)]


async def at_year(world: World) -> Someone:
    """Somebody who is asked for a year, which is personal, and then for a colour."""
    options = RuntimeOptions(pick=Random(7).choice, opens=lambda _flow: True)
    world.runtime = Runtime(world.database, {"kept": FLOW}, world.clock, options)
    person = world.someone()
    await person.start(world.token("kept"))
    return person


async def test_other_words_under_an_offer_are_the_answer(world: World) -> None:
    """The one message that offers the remark shows the question too: who writes below it has seen that."""
    person = await at_year(world)
    await person.say("1970")
    await person.say(STORY)
    shown = await person.say("red")
    assert [(text.count("Say something."), text.count(STORY)) for text in texts(shown)] == [(1, 1)]
    assert texts(await person.say(SECOND)) == ["Anything else?"]
    assert world.rows("SELECT raw, shown_text FROM answer WHERE question_key = 'words'") == [
        (SECOND, "Say something.")
    ]


async def test_what_is_written_under_a_personal_question_stays_personal(world: World) -> None:
    """Also where it is edited under another one: it is in no export, and its language is not looked for."""
    person = await at_year(world)
    await person.say(STORY, message_id="10")
    await person.say("1970")
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    await person.say(SECOND)
    assert world.rows(
        "SELECT slot, personal, unheard FROM remark WHERE superseded_at IS NULL ORDER BY number"
    ) == [
        ("born", 1, 0),
        ("colour", 0, 1),
    ]
    exported = world.database.read_now(lambda c: [row[12] for row in remarks(c, ExportSelection()).rows])
    assert exported == [SECOND]


async def test_a_remark_that_became_an_answer_is_one_from_then_on(world: World) -> None:
    """An edit of its message changes the answer, and taking the message back marks that answer and no other."""
    person = await at_year(world)
    await person.say("1970")
    await person.say(STORY, message_id="10")
    *_, offer = await person.say("red", message_id="11")
    await person.tap(offer, 0)
    assert world.rows("SELECT taken_as FROM remark") == [("words",)]
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    assert world.rows("SELECT slot, raw FROM answer WHERE superseded_at IS NULL AND slot != 'born'") == [
        ("colour", "red"),
        ("words", EDITED),
    ]
    await person.does(InboundKind.DELETED, message_id="10")
    assert world.rows("SELECT slot FROM answer WHERE message_deleted_at IS NOT NULL") == [("words",)]
    assert world.rows("SELECT message_deleted_at FROM remark") == [(None,)]


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
async def test_my_data_shows_remarks_with_their_question(world: World, language: str) -> None:
    """In each language: when, the question that was open, the words, and that they were changed."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    _, _, remarks = own(world, language).partition(say(Sentence.OWN_REMARKS, language))
    told = remarks.partition(say(Sentence.OWN_COMMITMENTS, language))[0]
    assert told.count("Which colour?") == 2
    assert f"    {STORY} {say(Sentence.OWN_CHANGED, language)}\n" in told
    assert f"    {EDITED}\n" in told
    assert "2026" in told or "٢٠٢٦" in told
    assert (language == "en") == (say(Sentence.OWN_REMARKS, language) == say(Sentence.OWN_REMARKS, "en"))


async def test_my_data_is_silent_of_remarks_whose_words_are_gone(world: World) -> None:
    """What the retention has emptied is no entry without a question and a word."""
    person = await at_colour(world)
    await person.say(STORY)
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE remark SET raw = '', shown_text = ''"))
    assert say(Sentence.OWN_NO_QUESTION, "en") not in own(world)
    assert say(Sentence.OWN_NOTHING, "en") in own(world).partition(say(Sentence.OWN_REMARKS, "en"))[2]


async def test_my_data_is_silent_of_answers_of_which_nothing_is_kept(world: World) -> None:
    """A question with nothing under it tells nobody anything; one that was left out says so."""
    person = await at_colour(world)
    await person.say("red")
    await person.say("skip")
    emptied = "UPDATE answer SET raw = '', status = 'unparsed', value = NULL WHERE slot = 'colour'"
    assert "Which colour?" in own(world)
    world.database.write_now(lambda c: c.exec_driver_sql(emptied))
    assert "Which colour?" not in own(world)
    assert f"    {say(Sentence.OWN_SKIPPED, 'en')}\n" in own(world)


async def test_my_data_says_that_a_remark_became_an_answer(world: World) -> None:
    """Its words of then stand there still, since the answer may have others."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    await person.does(InboundKind.EDIT, text="red", message_id="10")
    assert world.rows("SELECT raw, taken_as FROM remark") == [(STORY, "colour")]
    assert f"{STORY} {say(Sentence.OWN_TAKEN, 'en')}" in own(world)


async def test_my_data_shows_what_only_a_safety_case_keeps(world: World) -> None:
    """Answers to the questions for a report, and words that were written outside of all talks; else no such heading."""
    person = await at_colour(world)
    heading = say(Sentence.OWN_SAFETY, "en")
    assert heading not in own(world)
    await person.say("red")
    await person.say(f"{ADVERSE}")
    await person.say("yes")
    await person.say("3")
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE safety_case SET details = json_set(details, '$.answers.said', 'I said this on the stairs')"
        )
    )
    told = own(world).partition(heading)[2]
    assert f"{say(Sentence.SAFETY_CONTACT, 'en')}\n    Yes" in told
    assert f"{say(Sentence.OWN_NO_QUESTION, 'en')}\n    I said this on the stairs" in told


async def test_my_data_shows_what_waits_for_the_consent(world: World) -> None:
    """What was said before it is in no row yet, and is shown all the same."""
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    await person.say(STORY)
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]
    assert STORY in own(world)


@pytest.mark.parametrize("agrees", [True, False])
async def test_what_waits_for_the_consent_waits_on_where_the_talk_begins_anew(
    world: World, agrees: bool
) -> None:
    """'Restart' before the consent loses nothing that was promised to be kept with it; a no forgets all of it."""
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    for words in (STORY, SECOND, "restart"):
        await person.say(words)
    assert (STORY in own(world), own(world).count(SECOND)) == (True, 1)
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]
    await person.say("yes" if agrees else "no")
    kept = world.rows("SELECT conversation_id, number, raw FROM remark ORDER BY number")
    assert kept == ([(2, 0, STORY), (2, 1, SECOND)] if agrees else [])
    assert (STORY in own(world)) is agrees
    third = "And the weekend is worse than all the other days"
    await person.say(third)
    assert standing(world)[2:] == ([(2, "c0_follow", third)] if agrees else [])


@pytest.mark.parametrize("agrees_before", [True, False])
async def test_what_waits_where_the_talk_begins_anew_can_be_edited(world: World, agrees_before: bool) -> None:
    """Before the consent and after it; whoever takes the message back has its remark marked."""
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    await person.say("Thank you, but one thing is on my mind first", message_id="9")
    await person.say(STORY, message_id="10")
    for words in ("restart", "yes") if agrees_before else ("restart",):
        await person.say(words)
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    assert (own(world).count(EDITED), own(world).count("on my mind")) == (1, 1)
    if not agrees_before:
        await person.say("yes")
    assert standing(world)[-1][2] == EDITED
    await person.does(InboundKind.DELETED, message_id="10")
    marked = world.rows("SELECT raw FROM remark WHERE message_deleted_at IS NOT NULL")
    assert marked == [(EDITED,)]


async def test_an_edit_of_what_is_offered_is_taken(world: World) -> None:
    """The answer has the words that the message says now, and not those of before."""
    person = await at_year(world)
    await person.say("1970")
    await person.say(STORY, message_id="10")
    await person.say("red")
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    await person.say("yes")
    assert world.rows("SELECT raw FROM answer WHERE question_key = 'words'") == [(EDITED,)]


async def test_delete_my_data_takes_remarks_with_all_that_hangs_on_them(world: World) -> None:
    """Excerpts and their themes too; the tombstone says how many there were."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    coded(world)
    await person.say("delete my data")
    await person.say("yes")
    for table in ("remark", "excerpt", "coding"):
        assert world.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    [(counts,)] = world.rows("SELECT counts FROM tombstone")
    assert json.loads(counts)["remarks"] == 2
    assert world.rows("PRAGMA foreign_key_check") == []


async def test_a_remark_that_a_sent_report_quotes_stays(world: World) -> None:
    """The report was sent with these words; a remark that no report quotes goes."""
    person = await at_colour(world)
    await person.say(ADVERSE)
    await person.say("no")
    await person.say(SECOND)
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE safety_case SET status = 'sent'"))
    await person.say("delete my data")
    await person.say("yes")
    assert world.rows("SELECT raw FROM remark JOIN safety_case ON remark_id = remark.id") == [(ADVERSE,)]
    assert world.rows("SELECT count(*) FROM remark") == [(1,)]


async def test_a_case_of_a_second_remark_names_it(world: World) -> None:
    """The answer beside it has no words: whoever reads the case is shown those that there are."""
    person = await at_colour(world)
    await person.say(STORY)
    await person.say(ADVERSE)
    assert world.rows("SELECT status, raw FROM answer WHERE slot = 'colour'") == [("unparsed", "")]
    [(answer, raw)] = world.rows(
        "SELECT answer_id, raw FROM safety_case LEFT JOIN remark ON remark.id = remark_id"
    )
    assert (answer, raw) == (None, ADVERSE)


@pytest.mark.parametrize("status", ["sent", "new"])
async def test_what_was_added_to_a_case_is_read_and_stays_with_it(world: World, status: str) -> None:
    """A remark that an open case was given besides stays for a report that was sent, and goes with one that was not."""
    person = await at_colour(world)
    await person.say(ADVERSE)
    await person.say("no")
    await person.say(f"{ADVERSE} again and again")
    [case] = world.database.read_now(cases.list_cases)
    assert case.sources == {"answer_id": (), "remark_id": (1, 2)}
    text = world.database.write_now(lambda c: read_case_text(c, case, by=None, now=world.clock.now())).text
    assert text == f"{ADVERSE}\n{ADVERSE} again and again"
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE safety_case SET status = ?", (status,)))
    await person.say("delete my data")
    await person.say("yes")
    assert world.rows("SELECT count(*) FROM remark") == [(2 if status == "sent" else 0,)]


async def test_nobody_with_remarks_is_joined_to_another_account(world: World) -> None:
    """What they wrote is something that is kept of them, as an answer is."""
    person = await at_colour(world)
    assert not world.database.read_now(lambda c: account_links.has_said_anything(c, 1))
    await person.say(STORY)
    assert world.database.read_now(lambda c: account_links.has_said_anything(c, 1))


async def test_why_tells_that_a_remark_was_made(world: World) -> None:
    """Once for each, however often it was edited, and without a word of it."""
    person = await at_colour(world)
    await person.say(STORY, message_id="10")
    await person.does(InboundKind.EDIT, text=EDITED, message_id="10")
    [(code,)] = world.rows("SELECT code FROM participant")
    story = world.database.read_now(lambda c: operators.participant_story(c, code))
    assert story is not None
    assert [line.what for line in story.lines if "remark" in line.what] == ["remark r2 in talk 1"]
    assert "nurses" not in str(story)


def coded(world: World) -> None:
    """Give each remark an excerpt with a theme."""
    statements = [
        "INSERT INTO coordinator (code, timezone, digest_hour, created_at) VALUES ('T-1', 'UTC', 9, '2026-03-02')",
        "INSERT INTO theme (program_id, code, label) SELECT id, 'staff', 'Staff' FROM program",
        'INSERT INTO excerpt (remark_id, start, "end") SELECT id, 0, 7 FROM remark',
        (
            "INSERT INTO coding (excerpt_id, theme_id, coordinator_id, coded_at)"
            " SELECT id, 1, 1, '2026-03-02' FROM excerpt"
        ),
    ]
    world.database.write_now(lambda c: [c.exec_driver_sql(statement) for statement in statements])


async def test_what_a_script_keeps_beside_an_answer_is_not_told_as_one_more(world: World) -> None:
    """Each question stands once over what was said to it: not again over the years, or the order of the buttons."""
    person = world.someone()
    await person.start(world.token("patient_interview"))
    for words in ("yes", "yes", "no", "me", "4 years", "skip", "skip", "skip", "cost"):
        await person.say(words)
    kept = {key for (key,) in world.rows("SELECT question_key FROM answer")}
    assert {"a2", "a2_years", "a6", "a6_order"} <= kept
    assert (own(world).count("How long have you"), own(world).count("Which of these need")) == (1, 1)
