"""Words that quote a question or stand in its thread are about that question, and are answered there."""

import pytest

from bot.turns import named_messages
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence
from flows.script.model import Role
from tests.support.engine_world import flow_of, one, text
from tests.support.engine_world import say as say_step
from tests.support.seen_words import answers, begin
from tests.support.turn_world import flows, said, texts


async def test_a_quotation_answers_what_it_quotes(world, chat):
    """Under the open question it is the answer, under an earlier one a correction."""
    await chat.start(world.token())
    await chat.say("blue")
    [first], [second] = chat.rows_of("Which colour?"), chat.rows_of("Say something.")
    await chat.say("some words", about=chat.number_of(second))
    await chat.say("red", about=chat.number_of(first))
    assert sorted(row[:2] for row in answers(world)) == [("colour", "red"), ("words", "some words")]


async def after_a_long_question(chat, *, about="Long words. " * 500, about_next="Ask z?", labels=0):
    """A question that went out in three messages is answered, and the next one is open.

    The numbers of the message before it, and of its first parts.
    """
    asked = one("q", "red", "blue", text=about)
    asked["choices"] += [
        {"code": f"c{place}", "label": f"{place} of many words " * 10} for place in range(labels)
    ]
    steps = [say_step("hi", "Hello."), asked, text("z", text=about_next), text("y")]
    known = {**flows(), "long": flow_of(*steps, flow="long")}
    world = chat.world
    world.runtime = Runtime(world.database, known, world.clock, RuntimeOptions(opens=lambda _flow: True))
    await chat.say("hello")  # whoever is not known is told how to come in
    hello = chat.number_of(chat.rows_of("")[-1])
    await chat.person.start(world.token("long"))
    parts = [next(chat.ids), next(chat.ids)]
    chat.person.look()
    chat.show()
    await chat.say("red")
    return hello, parts


@pytest.mark.parametrize("part", [0, 1])
async def test_a_quotation_of_a_part_is_about_the_question(world, chat, part):
    """A long question is named by its last message; its first ones are quoted as well."""
    _, parts = await after_a_long_question(chat)
    await chat.say("blue", about=str(parts[part]))
    assert [row[:2] for row in answers(world)] == [("q", "blue")]


async def test_a_part_in_characters_of_two_units(world, chat):
    """A text of 2,100 emoji is sent in parts, too: the platforms count units, and so do we."""
    _, parts = await after_a_long_question(chat, about="\U0001f33b" * 2_100)
    await chat.say("blue", about=str(parts[0]))
    assert [row[:2] for row in answers(world)] == [("q", "blue")]


async def test_buttons_make_no_long_text(world, chat):
    """A short question with many long choices is sent whole: what stands before it is no part of it."""
    _, parts = await after_a_long_question(chat, about="Short?", labels=30)
    await chat.say("blue", about=str(parts[0]))
    assert [row[:2] for row in answers(world)] == [("q", "red"), ("z", "blue")]


@pytest.mark.parametrize(("named", "looked_at"), [("hello", 1), ("hello", 2), ("a part", 2), ("a part", 3)])
async def test_a_quotation_of_what_is_too_old(world, chat, monkeypatch, named, looked_at):
    """Where all messages that are searched came after the one that is quoted, it is about none of them."""
    monkeypatch.setattr(named_messages, "LOOKED_AT", looked_at)
    hello, parts = await after_a_long_question(chat, about_next="Longer words. " * 500)
    await chat.say("blue", about=str(hello if named == "hello" else parts[0]))
    corrected = [("q", "blue")] if looked_at == 3 else [("q", "red"), ("z", "blue")]
    assert [row[:2] for row in answers(world)] == corrected


@pytest.mark.parametrize("of", ["a message before", "a short question", "a thread"])
async def test_a_quotation_of_what_is_no_part(world, chat, of):
    """What we said before it, what stands before a question that is sent whole, and a thread of one's own."""
    short = {"about": "Short?"} if of == "a short question" else {}
    hello, parts = await after_a_long_question(chat, **short)
    named = hello if of == "a message before" else parts[0]
    await chat.say("blue", about=str(named), threaded=of == "a thread")
    assert [row[:2] for row in answers(world)] == [("q", "red"), ("z", "blue")]


async def test_what_is_said_in_a_thread_comes_in_it(world, chat):
    """The correction is confirmed there, with where the conversation goes on; the open question is not repeated."""
    await chat.start(world.token())
    await chat.say("blue")
    [first] = chat.rows_of("Which colour?")
    parent = chat.number_of(first)
    shown = await chat.say("red", about=parent, threaded=True)
    assert texts(shown) == [said(Sentence.CORRECTED), said(Sentence.GOES_ON_BELOW)]
    assert world.rows("SELECT thread FROM outbox ORDER BY id DESC LIMIT 2") == [(parent,), (parent,)]


async def test_the_next_question_comes_in_the_chat(world, chat):
    """An answer to the open question in its thread: the conversation goes on in the chat, and the thread says so."""
    await chat.start(world.token())
    [first] = chat.rows_of("Which colour?")
    parent = chat.number_of(first)
    shown = await chat.say("red", about=parent, threaded=True)
    assert texts(shown) == ["Say something.", said(Sentence.GOES_ON_BELOW)]
    assert world.rows("SELECT thread FROM outbox ORDER BY id DESC LIMIT 2") == [(parent,), (None,)]


async def test_the_open_question_comes_again_below_help(world, chat):
    """Whoever goes on from the thread of crisis help gets the open question in the chat: help stood below it there."""
    await chat.start(world.token())
    await chat.say("I want to kill myself")
    [[shown_help]] = world.rows("SELECT message_id FROM outbox WHERE kind = 'help' AND ask IS NOT NULL")
    await chat.say(said(Sentence.CARE_GO_ON), about=str(shown_help), threaded=True)
    asked = (
        "SELECT thread FROM outbox WHERE json_extract(payload, '$.text') LIKE '%Which colour?' ORDER BY id"
    )
    assert world.rows(asked) == [(None,), (None,)]


@pytest.mark.parametrize("word", ["stop", "Stop!", "/stop"])
async def test_words_that_work_everywhere_are_about_no_one_question(world, chat, word):
    """In the thread of a question of an earlier talk they are not about that one: stop ends the one that is open."""
    await begin(chat, "small", Role.PATIENT)
    for reply in ("blue", "skip", "4"):
        await chat.say(reply)
    [first] = chat.rows_of("Which colour?")
    await begin(chat)
    await chat.say(word, about=chat.number_of(first), threaded=True)
    assert answers(world)[0] == ("colour", "blue", "answered")
    assert world.rows("SELECT outcome FROM conversation ORDER BY id") == [("completed",), ("withdrawn",)]


async def test_a_language_is_asked_for_in_any_thread(world, chat):
    """It is no answer to the question above it either."""
    await begin(chat, "small", Role.PATIENT)
    for reply in ("blue", "skip", "4"):
        await chat.say(reply)
    [first] = chat.rows_of("Which colour?")
    await begin(chat)
    shown = await chat.say("Language español", about=chat.number_of(first), threaded=True)
    assert said(Sentence.LANGUAGE_ONLY) in texts(shown)
