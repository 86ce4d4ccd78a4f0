"""Words in a thread of Slack: what is said of them stands there, and the question that waits in the chat below."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.i18n.say import Sentence
from flows.script.model import Role
from tests.support.ordered_chat import OrderedChat
from tests.support.turn_world import World, make_world, said, texts

WENT_WELL = "What went well?"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A program, and nobody in it."""
    made = make_world(tmp_path)
    yield made
    made.database.close()


async def at_risk(world: World) -> tuple[OrderedChat, str]:
    """A patient who was shown help, and went on; with the name of the message that showed it."""
    chat = OrderedChat(world)
    await chat.start(world.token("patient_interview", role=Role.PATIENT))
    for reply in ("continue", "yes", "yes", "1", "5", "I want to kill myself"):
        await chat.say(reply)
    help_row = chat.rows_of("I am a bot, so I can not keep you safe.")[-1]
    assert texts(await chat.say("Go on with the questions"))[-1] == WENT_WELL
    return chat, chat.number_of(help_row)


@pytest.mark.parametrize("pauses", [True, False])
async def test_a_question_that_is_said_to_follow_follows(world: World, *, pauses: bool) -> None:
    """Words in the thread under help of before: 'Here is my question again' is not all that comes."""
    chat, about = await at_risk(world)
    if pauses:
        await chat.say("later")
        await chat.say("tomorrow")
    told = texts(await chat.say("Go on with the questions", about=about, threaded=True))
    assert told.index(WENT_WELL) > told.index(said(Sentence.QUESTION_AGAIN))
    assert told[-1] == said(Sentence.GOES_ON_BELOW)


async def test_a_question_that_stands_last_is_not_repeated(world: World) -> None:
    """What is said in a thread under an earlier question leaves the chat as it is."""
    chat, _ = await at_risk(world)
    [row] = chat.rows_of("Which fits you best?")
    told = texts(await chat.say("hm", about=chat.number_of(row), threaded=True))
    assert WENT_WELL not in told
