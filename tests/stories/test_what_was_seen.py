"""A reply counts only for what its writer could have seen, told as what a phone shows: numbers that rise."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from bot.conversations.sight import ReadingTime
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence
from flows.script.model import Role
from storage.schema import OutboxStatus
from tests.support.seen_words import answers, begin, consents, to_story
from tests.support.turn_world import flows, opens, said, texts


async def test_four_quick_yes_answer_the_one_question_that_was_seen(world, chat):
    """The texts of the consents come later: they are decided by nobody."""
    await begin(chat)
    for _ in range(4):
        await chat.write("yes")
    shown = await chat.go_on()
    assert consents(world) == []
    assert shown[-1].text.startswith("Your answers help teach")
    await chat.say("I agree")
    assert consents(world) == [("take_part", True)]


async def test_words_of_before_the_bot_spoke_consent_to_nothing(world, chat):
    """With the bot off somebody opens the link, and writes hello, ok, yes."""
    await world.runtime.receive(
        [chat.person.inbound(InboundKind.START, text=world.token("patient_interview", role=Role.PATIENT))]
    )
    for line in ("hello", "ok", "yes"):
        await chat.write(line)
    shown = await chat.go_on()
    assert texts(shown)[-2].startswith("You can skip, pause or stop")
    assert texts(shown)[-1] == said(Sentence.REMARK_HELD)
    assert answers(world) == []
    assert consents(world) == []


async def test_a_no_of_before_declines_nothing_either(world, chat):
    """A no ends the conversation: it must have been seen what it is said to."""
    await begin(chat)
    await chat.write("yes")
    await chat.write("no")
    await chat.go_on()
    assert world.rows("SELECT status FROM conversation") == [("open",)]


async def test_stop_is_heard_whenever_it_was_written(world, chat):
    """Also before anything was shown."""
    await begin(chat)
    await chat.write("yes")
    await chat.write("stop")
    await chat.go_on()
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


async def test_skip_of_before_skips_nothing(world, chat):
    """A skip answers a question, and so must have seen it."""
    await begin(chat, "small", Role.HCP)
    for _ in range(3):
        await chat.write("skip")
    await chat.go_on()
    assert answers(world) == [("colour", "", "skipped")]


async def test_a_question_that_never_arrived_is_shown_again(world, chat):
    """Whoever then asks "hello?" has answered nothing."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.person.look()
    chat.set_status(row, OutboxStatus.FAILED)
    shown = await chat.say("hello?")
    assert texts(shown) == [said(Sentence.REMARK_KEPT), said(Sentence.QUESTION_AGAIN), "Say something."]
    assert answers(world) == [("colour", "blue", "answered")]


async def test_a_repetition_does_not_move_the_question(world, chat):
    """A reply between the question and its repetition is an answer."""
    await chat.start(world.token())
    await chat.write("help")
    await chat.write("blue")
    await chat.go_on()
    assert answers(world) == [("colour", "blue", "answered")]


@pytest.mark.parametrize("seen", [False, True])
async def test_words_from_before_the_question_of_change_answer_what_stood_there(world, chat, seen):
    """A tap under an old consent asks whether to take it back; what is typed meanwhile is not about that."""
    await to_story(chat)
    await chat.say("It began in April, after a long winter of pain.")
    [row] = chat.rows_of("May I write")
    [(conversation, ask)] = world.rows("SELECT conversation_id, ask FROM outbox WHERE id = :row", row=row)
    tap = chat.person.inbound(InboundKind.TAP, button=button_payload(conversation, ask, 1))
    await world.runtime.receive([tap])
    await (chat.go_on() if seen else world.runtime.drain())
    await chat.say("The nurses were kind.")
    said_so = [row[1:] for row in answers(world) if row[0] in ("a3", "a4")]
    assert said_so == [
        ("It began in April, after a long winter of pain.", "answered"),
        ("The nurses were kind.", "answered"),
    ]
    assert ("use_words", False) not in consents(world)


async def test_a_question_without_a_record_counts_as_shown(world, chat):
    """A copy of the database, or an older one, has none."""
    await begin(chat)
    await chat.say("continue")
    world.database.write_now(lambda connection: connection.exec_driver_sql("DELETE FROM outbox"))
    await chat.say("I agree")
    assert consents(world) == [("take_part", True)]


async def test_sooner_than_it_could_be_read(world, chat):
    """Typed within a moment of the question: not taken, and the question comes once more; commands need no reading."""
    options = RuntimeOptions(opens=opens, reading=ReadingTime(timedelta(seconds=6)))
    world.runtime = Runtime(world.database, flows(), world.clock, options)
    await chat.start(world.token())
    chat.wait(seconds=10)
    await chat.say("blue")
    shown = await chat.say("at once")
    assert texts(shown) == [said(Sentence.REMARK_KEPT), said(Sentence.QUESTION_AGAIN), "Say something."]
    chat.wait(seconds=2)
    await chat.say("after a moment")
    assert answers(world)[-1] == ("words", "after a moment", "answered")
    await chat.say("stop")
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


async def test_a_tap_and_words_of_distress_need_no_reading(world, chat):
    """Within a moment of their questions: the tap is an answer, and so are the words, which bring help."""
    options = RuntimeOptions(opens=opens, reading=ReadingTime(timedelta(seconds=6)))
    world.runtime = Runtime(world.database, flows(), world.clock, options)
    [asked] = await chat.start(world.token())
    button = button_payload(asked.conversation, asked.prompt.ask, 1)
    [row] = chat.rows_of(asked.text)
    await chat.react(InboundKind.TAP, button=button, message_id=chat.number_of(row))
    assert answers(world) == [("colour", "Blue", "answered")]
    told = texts(await chat.say("I want to kill myself"))
    assert ("words", "I want to kill myself", "answered") in answers(world)
    assert "112" in told[-1]


async def test_an_edit_by_somebody_who_has_left_changes_nothing(world, chat):
    """Their answers stay as they were when they left, and they hear nothing more."""
    await chat.start(world.token())
    number = await chat.write("blue")
    await chat.go_on()
    await chat.say("stop")
    shown = await chat.react(kind=InboundKind.EDIT, text="red", message_id=str(number), order=None)
    assert shown == []
    assert answers(world) == [("colour", "blue", "answered")]


async def test_a_reaction_answers_nothing_and_is_explained_once(world, chat):
    """Only under the open question; an emoji on an older message is nobody's business."""
    await begin(chat)
    await chat.say("continue")
    [row] = chat.rows_of("Do you agree to take part?")
    reaction = {"kind": InboundKind.REACTION, "message_id": chat.number_of(row), "order": None}
    said_first = await chat.react(**reaction)
    assert texts(said_first) == [said(Sentence.REACTION_NO_ANSWER)]
    assert await chat.react(**reaction) == []
    assert consents(world) == []


async def test_a_message_that_was_taken_back_is_kept_and_marked(world, chat):
    """The words were said; that they were taken back stands beside them."""
    await chat.start(world.token())
    await chat.say("blue")
    number = await chat.write("some words")
    await chat.go_on()
    await chat.react(kind=InboundKind.DELETED, message_id=str(number), order=None)
    assert world.rows("SELECT slot, raw FROM answer WHERE message_deleted_at IS NOT NULL") == [
        ("words", "some words")
    ]
