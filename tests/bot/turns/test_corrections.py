"""Buttons and edits: they answer, they correct what was answered, and those of others do nothing."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.engine.effects import CHANGE_OPTION
from flows.i18n.say import Sentence
from tests.support.ordered_chat import OrderedChat
from tests.support.turn_world import BYE, COLOUR, WORDS, expire, said, texts, through


async def test_a_tap_answers_and_an_old_button_corrects(world):
    """A tap is an answer; on an earlier question it changes that answer and the conversation goes on."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    assert texts(await ann.tap(colour, 1)) == [WORDS]
    await ann.tap(colour, 2)
    assert world.rows("SELECT value, superseded_at IS NULL FROM answer ORDER BY id") == [
        ('"blue"', 0),
        ('"green"', 1),
    ]
    assert await through(ann, "because", "1") == [BYE]


async def test_a_button_of_a_conversation_that_is_over_corrects_it(world):
    """After the end, and beside another open conversation, an old button still changes its own answer, once asked.

    What is typed then answers the open conversation, whose question comes last: a yes is no yes to the change.
    """
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    await ann.start(world.token("hcp_commitment"))
    [sure, first] = await ann.tap(colour, 0)
    assert sure.text.endswith("You answered “Blue”. Shall I change it to “Red”?")
    assert first.text.startswith("I'm an automated helper")
    await ann.say("yes")
    assert world.rows("SELECT purpose, granted FROM consent ORDER BY id")[-1] == ("take_part", 1)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"blue"',)
    ]
    await ann.tap(sure, 0)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"red"',)
    ]
    assert world.rows("SELECT status, outcome FROM conversation ORDER BY id") == [
        ("ended", "completed"),
        ("open", None),
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_question_that_is_changed_beside_an_open_talk_does_not_stand_last(world, place):
    """'Change' under any question of a talk that is over: what is typed then answers the question below it."""
    ann = world.someone()
    asked = list(await ann.start(world.token()))
    for reply in ("blue", "because", "1"):
        asked += await ann.say(reply)
    await ann.start(world.token("hcp_commitment"))
    again = await ann.tap(asked[place], CHANGE_OPTION)
    assert texts(again)[0] == asked[place].text
    assert again[-1].text.startswith("I'm an automated helper")
    before = world.rows("SELECT id FROM answer WHERE conversation_id = 1")
    await ann.say("2")
    assert world.rows("SELECT id FROM answer WHERE conversation_id = 1") == before


async def test_an_undo_beside_an_open_talk_does_not_stand_last(world):
    """The message with 'Undo' is followed by what waits."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    await ann.start(world.token("hcp_commitment"))
    [sure, _] = await ann.tap(colour, 0)
    made = await ann.tap(sure, 0)
    assert texts(made)[0] == said(Sentence.CORRECTED)
    assert made[-1].text.startswith("I'm an automated helper")


@pytest.mark.parametrize(
    ("words", "value"),
    [("yes", '"red"'), ("change it", '"red"'), ("no", '"blue"'), ("my uncle had it too", '"blue"')],
)
async def test_words_after_the_end_decide_on_a_change(world, words, value):
    """With nothing open, a typed yes or no is the answer to 'Shall I change it?'; other words change nothing."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    await ann.tap(colour, 0)
    shown = await ann.say(words)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        (value,)
    ]
    if words == "my uncle had it too":
        assert texts(shown) == [said(Sentence.REMARK_KEPT)]


async def test_a_yes_two_days_later_changes_nothing(world):
    """A question that was left alone is over after a day; its button works as long as it is there."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    [sure] = await ann.tap(colour, 0)
    world.clock.move(timedelta(days=2))
    assert texts(await ann.say("yes")) == [said(Sentence.NO_QUESTION)]
    await ann.tap(sure, 0)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"red"',)
    ]


async def test_somebody_elses_button_does_nothing(world):
    """A button names its conversation; it works only for the person whose conversation it is.

    What they are told is what they would be told if there were no such conversation.
    """
    ann, bob = world.someone("ann"), world.someone("bob")
    [colour] = await ann.start(world.token())
    await bob.start(world.token())
    nobodys = await bob.does(InboundKind.TAP, button=button_payload(99, 0, 0))
    assert texts(nobodys) == [said(Sentence.BUTTON_UNKNOWN), COLOUR]
    assert texts(await bob.tap(colour, 0)) == texts(nobodys)
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]


@pytest.mark.parametrize("moment", ["open", "completed", "expired", "stopped"])
async def test_somebody_elses_button_does_nothing_at_any_moment(world, moment):
    """Whether the other conversation runs, is over, ran out of time or was stopped: it stays as it was."""
    ann, bob = world.someone("ann"), world.someone("bob")
    [colour] = await ann.start(world.token())
    if moment == "completed":
        await through(ann, "red", "because", "1")
    elif moment == "expired":
        expire(world, 14)
    elif moment == "stopped":
        await ann.say("stop")
    await bob.start(world.token())
    kept = "SELECT status, outcome, state FROM conversation WHERE id = 1"
    before = world.rows(kept), world.rows("SELECT * FROM answer")
    assert texts(await bob.tap(colour, 2)) == [said(Sentence.BUTTON_UNKNOWN), COLOUR]
    assert (world.rows(kept), world.rows("SELECT * FROM answer")) == before


@pytest.mark.parametrize(
    "button",
    ["nonsense", "", "ffff.0.0", "0.0.0", "1.99.0", "1.0.99", "1.0", "f" * 20 + ".0.0", "1.0.-1", "1.-1.0"],
)
async def test_a_button_that_is_none_of_ours_does_no_harm(world, button):
    """Stale, cut or invented payloads are answered kindly or left alone, and the conversation goes on."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.does(InboundKind.TAP, button=button)
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
    assert texts(await ann.say("red")) == [WORDS]


@pytest.mark.parametrize("button", ["nonsense", "", "1.0.\u0660", "+1.0.0", "0x1.0.0", "1_0.0.0", "1.0.00"])
async def test_a_button_of_another_bot_is_named_so(world, button):
    """The same words to a stranger, in a conversation, after it and while deletion is asked about; it stays asked."""
    ann = world.someone()
    tap = {"kind": InboundKind.TAP, "button": button}
    unknown = said(Sentence.BUTTON_UNKNOWN)
    assert texts(await ann.does(**tap)) == [unknown]
    await ann.start(world.token())
    assert texts(await ann.does(**tap)) == [unknown, COLOUR]
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    await through(ann, "red", "because", "1", "delete my data")
    assert texts(await ann.does(**tap)) == [unknown]
    assert texts(await ann.say("yes")) == [said(Sentence.DELETED)]


async def test_an_edited_message_changes_its_answer(world):
    """The answer that the message gave is corrected, in the open conversation and, once asked, in one that is over."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red", message_id="m1")
    await ann.does(InboundKind.EDIT, text="blue", message_id="m1")
    assert world.rows("SELECT value FROM answer WHERE superseded_at IS NULL") == [('"blue"',)]
    await through(ann, "because", "1")
    await ann.does(InboundKind.EDIT, text="green", message_id="m1")
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"blue"',)
    ]
    await ann.say("yes")
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"green"',)
    ]


@pytest.mark.parametrize("text", ["x", "stop", "delete my data", "/start", "my data"])
async def test_an_edit_of_what_was_no_answer_says_and_changes_nothing(world, text):
    """Whoever edits it, and whenever: a stranger, in a conversation, after it, and after leaving.

    What tells something is a remark: `test_late_words`.
    """
    ann = world.someone()

    async def edits(message_id="never seen"):
        before = _all_that_is_kept(world)
        assert await ann.does(InboundKind.EDIT, text=text, message_id=message_id) == []
        assert _all_that_is_kept(world) == before

    await edits()
    await ann.say("my uncle had it too", message_id="before the link")
    await ann.start(world.token(), message_id="link")
    for message_id in ("never seen", "before the link", "link"):
        await edits(message_id)
    await ann.say("help", message_id="help")
    await edits("help")
    await through(ann, "red", "because", "1")
    await ann.say("thanks", message_id="thanks")
    await edits("thanks")
    await ann.say("delete my data", message_id="wish")
    await edits("wish")
    await ann.say("no")
    await ann.say("stop", message_id="stop")
    await edits("stop")


def _all_that_is_kept(world):
    """What an edit might change: conversations, answers, participants and what is said to them."""
    tables = {
        "conversation": "status, outcome, state",
        "answer": "*",
        "participant": "status, language, erasure_asked_at",
        "outbox": "id, payload",
        "consent": "*",
    }
    return {table: world.rows(f"SELECT {columns} FROM {table}") for table, columns in tables.items()}


async def test_an_edit_before_its_message_is_answered_counts_after_it(world):
    """Both are stored before either is handled: the words as they were answer, and the edit corrects them."""
    ann = world.someone()
    await ann.start(world.token())
    sent = [
        ann.inbound(InboundKind.TEXT, text="red", message_id="m1"),
        ann.inbound(InboundKind.EDIT, text="green", message_id="m1"),
    ]
    await world.runtime.receive(sent)
    await world.runtime.drain()
    assert world.rows("SELECT value FROM answer WHERE superseded_at IS NULL") == [('"green"',)]


async def test_an_edited_answer_of_what_ran_out_of_time_is_kept_beside_it(world):
    """The answer stands; the new words are a remark, which is said, so that nobody believes that it has changed."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red", message_id="m1")
    expire(world, 14)
    edited = await ann.does(InboundKind.EDIT, text="blue", message_id="m1")
    assert texts(edited) == [said(Sentence.REMARK_KEPT)]
    assert world.rows("SELECT value FROM answer") == [('"red"',)]
    assert world.rows("SELECT raw FROM remark") == [("blue",)]


@pytest.mark.parametrize("moment", ["open", "over", "stopped"])
async def test_words_of_distress_in_an_edit_are_responded_to(world, moment):
    """Also where the message was no answer: help is shown, and a case is opened."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("hello there", message_id="m1")
    if moment == "over":
        await through(ann, "red", "because", "1")
    elif moment == "stopped":
        await ann.say("stop")
    shown = await ann.does(InboundKind.EDIT, text="I want to kill myself", message_id="m1")
    assert "emergency" in shown[0].text
    assert world.rows("SELECT kind FROM safety_case") == [("distress",)]


@pytest.mark.parametrize("was_seen", [False, True])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("language español", said(Sentence.LANGUAGE_NOT_YET)),
        ("idioma español, por favor", said(Sentence.LANGUAGE_NOT_YET)),
        ("I am away until 20 December", said(Sentence.HELD_IDLE, when="20 December 2026")),
    ],
)
async def test_what_works_everywhere_works_before_a_question_after_the_end(world, words, told, was_seen):
    """Whether to change an answer is asked below it: a wish for a language or for quiet is heard all the same."""
    chat = OrderedChat(world)
    [asked] = await chat.start(world.token("small"))
    for reply in ("1", "some words", "1"):
        await chat.say(reply)
    button = button_payload(asked.conversation, asked.prompt.ask, 1)
    await world.runtime.receive([chat.person.inbound(InboundKind.TAP, button=button)])
    await world.runtime.drain()
    chat.person.look()
    if was_seen:
        chat.show()
    await chat.write(words)
    assert told in texts(await chat.go_on())
