"""A yes confirms and deletes only what its writer was shown: the words read back as they are now, and that all goes."""

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.engine.events import Reminded
from flows.i18n.say import Sentence
from flows.script.model import Role
from tests.support.seen_words import answers, begin, to_story
from tests.support.turn_world import said, texts


async def test_yes_before_the_question_of_deletion_deletes_nothing(world, chat):
    """Neither a yes of before, nor one that crossed it."""
    await begin(chat, "small", Role.HCP)
    await chat.write("delete my data")
    await chat.write("yes")
    shown = await chat.go_on()
    assert said(Sentence.DELETE_SURE) in texts(shown)
    assert world.rows("SELECT status FROM participant") == [("active",)]
    await chat.say("yes")
    assert world.rows("SELECT count(*) FROM conversation WHERE state != ''") == [(0,)]


async def corrected(world, chat):
    """A read-back was shown, and the answer in it is changed: the new read-back is still to be shown."""
    await chat.start(world.token("read_back"))
    number = await chat.write("the first words")
    await chat.go_on()
    [shown] = chat.rows_of("Did I get that right?")
    await chat.write("the other words", kind=InboundKind.EDIT, number=number)
    await world.runtime.drain()
    return shown


async def test_a_read_back_is_confirmed_as_it_stands_now(world, read_back):
    """A yes that was written to the words of before confirms nothing; one to the new ones does."""
    await corrected(world, read_back)
    await read_back.write("yes")
    await read_back.go_on()
    assert [row[0] for row in answers(world)] == ["w"]
    await read_back.say("yes")
    assert [row[:2] for row in answers(world)] == [("w", "the other words"), ("ok", "yes")]


async def test_a_tap_under_the_words_of_before_confirms_nothing(world, read_back):
    """Its message quotes other words than would be kept."""
    shown = await corrected(world, read_back)
    read_back.show()
    button = button_payload(1, 1, 0)
    tap = {"kind": InboundKind.TAP, "button": button, "order": None}
    said_then = await read_back.react(**tap, message_id=read_back.number_of(shown))
    assert [row[0] for row in answers(world)] == ["w"]
    assert "the other words" in texts(said_then)[-1]
    newest = read_back.rows_of("Did I get that right?")[-1]
    await read_back.react(**tap, message_id=read_back.number_of(newest))
    assert [row[0] for row in answers(world)] == ["w", "ok"]


async def test_yes_to_a_reminder_deletes_nothing(world, chat):
    """A reminder put a question below that of deletion: a yes is said to that one, and deletion is asked again."""
    await begin(chat, "small", Role.HCP)
    await chat.say("delete my data")
    world.database.write_now(
        lambda connection: world.runtime.apply(connection, 1, Reminded(), now=world.clock.now())
    )
    await chat.go_on()
    shown = await chat.say("yes")
    assert texts(shown)[-1] == said(Sentence.DELETE_SURE)
    assert world.rows("SELECT status FROM participant") == [("active",)]
    await chat.say("yes")
    assert world.rows("SELECT count(*) FROM conversation WHERE state != ''") == [(0,)]


@pytest.mark.parametrize("words", ["stop", "help", "my data"])
async def test_what_works_everywhere_works_before_the_question_of_deletion(world, chat, words):
    """Only a yes or a no has to wait until that question was seen."""
    await begin(chat, "small", Role.HCP)
    await chat.write("delete my data")
    await chat.write(words)
    shown = await chat.go_on()
    assert len(shown) > 1
    stopped = world.rows("SELECT status FROM participant") == [("withdrawn",)]
    assert stopped == (words == "stop")


async def test_help_is_sent_although_its_reader_leaves(world, chat):
    """Words of distress, and stop at once: the help was queued, and goes out."""
    await to_story(chat)
    await chat.write("I want to kill myself")
    await chat.write("stop")
    await chat.go_on()
    kinds = world.rows("SELECT kind, status FROM outbox WHERE kind = 'help'")
    assert kinds == [("help", "sent")]
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


@pytest.mark.parametrize("way", ["early words", "a quotation", "an edit"])
async def test_a_yes_to_another_question_deletes_nothing(world, read_back, way):
    """Where a question is put after the one of deletion, which waits still, that one comes once more, last."""
    await read_back.start(world.token("read_back"))
    [asked] = read_back.rows_of("Say it.")
    if way == "an edit":
        number = await read_back.write("It went well.")
        await read_back.go_on()
    await read_back.write("delete my data")
    if way != "early words":
        await read_back.go_on()
    match way:
        case "early words":
            await read_back.write("It went well.")
        case "a quotation":
            await read_back.write("It went well.", about=read_back.number_of(asked))
        case _:
            await read_back.write("It went badly.", kind=InboundKind.EDIT, number=number)
    shown = texts(await read_back.go_on())
    assert shown[-2].startswith("Did I get that right?")
    assert shown[-1] == said(Sentence.DELETE_SURE)
    await read_back.say("no")
    assert world.rows("SELECT state != '' FROM conversation") == [(1,)]
