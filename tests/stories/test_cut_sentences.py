"""A sentence that came in several messages is heard like one that came in one."""

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.script.model import Role
from storage.schema import OutboxStatus
from tests.support.ordered_chat import OrderedChat
from tests.support.turn_world import make_world, texts


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def chat(world):
    return OrderedChat(world)


def answers(world):
    return world.rows("SELECT slot, raw FROM answer WHERE superseded_at IS NULL ORDER BY id")


def cases(world):
    return world.rows("SELECT kind FROM safety_case")


async def to_story(chat):
    """Up to the first question of the interview that asks for own words."""
    shown = await chat.start(chat.world.token("patient_interview", role=Role.PATIENT))
    for reply in ("continue", "I agree", "yes", "yes"):
        shown = await chat.say(reply)
    while shown[-1].prompt.kind != "text":
        shown = await chat.say("skip" if shown[-1].prompt.kind != "select_one" else "1")


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        (("I want to", "die"), "distress"),
        (("Some nights I want to end", "my life"), "distress"),
        (("I do", "not want to live", "any more"), "distress"),
        (("Ich will nicht mehr", "leben"), "distress"),
        (("I got a rash", "from lenalidomide"), "adverse_event"),
    ],
)
async def test_a_sentence_that_was_cut_anywhere_is_heard(world, chat, pieces, kind):
    """No message says it alone, and no line of the answer does: a sentence does not end where a message does."""
    await to_story(chat)
    for piece in pieces:
        await chat.write(piece)
    told = texts(await chat.go_on())
    assert cases(world) == [(kind,)]
    if kind == "distress":
        assert "112" in "\n".join(told)


async def test_a_text_that_the_app_cut_is_one_answer_and_heard(world, chat):
    """An app cuts at 4,096 units, in the middle of a sentence: two messages of one moment are one story."""
    await to_story(chat)
    whole = "It went on and on. " * 215 + "Some nights I want to kill myself and nobody asks."
    cut = whole.rindex("kill")
    assert 4_000 < cut < len(whole)
    for piece in (whole[:cut].strip(), whole[cut:]):
        await chat.write(piece)
    told = texts(await chat.go_on())
    assert [raw for _, raw in answers(world)][-1] == f"{whole[:cut].strip()}\n{whole[cut:]}"
    assert cases(world) == [("distress",)]
    assert "112" in "\n".join(told)


@pytest.mark.parametrize(
    "text", ["I want to\ndie", "Some nights\nI want to end\nmy life", "Ich will nicht mehr\n\nleben"]
)
async def test_a_line_break_ends_no_sentence(world, chat, text):
    """Words of risk are heard in one message of several lines as well."""
    await to_story(chat)
    told = texts(await chat.say(text))
    assert cases(world) == [("distress",)]
    assert "112" in "\n".join(one if isinstance(one, str) else one.prompt.text for one in told)


@pytest.mark.parametrize("pieces", [("It is not a plan to", "die for"), ("The nights are bad", "and long")])
async def test_harmless_pieces_stay_harmless(world, chat, pieces):
    """To be read as one sentence raises no alarm by itself."""
    await to_story(chat)
    for piece in pieces:
        await chat.write(piece)
    await chat.go_on()
    assert cases(world) == []


async def test_an_edit_of_a_piece_is_read_in_one_line_too(world, chat):
    """Put right, one piece makes a sentence with the next one."""
    await to_story(chat)
    first = await chat.write("I want to rest, not")
    await chat.write("die")
    await chat.go_on()
    assert cases(world) == []
    await chat.write("I want to", number=first, kind=InboundKind.EDIT)
    await chat.go_on()
    assert cases(world) == [("distress",)]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [("I got a rash", "from lenalidomide", "adverse_event"), ("I want to", "die", "distress")],
)
async def test_words_that_close_a_question_of_ours_are_read_with_what_they_join(
    world, chat, first, second, kind
):
    """The next question never arrived; what we asked about an old answer did, and the words are no answer to it."""
    await to_story(chat)
    await chat.write(first)
    await world.runtime.drain()
    chat.person.look()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.FAILED)
    no = {"button": button_payload(1, 1, 1), "message_id": str(chat.number_of(2))}
    await chat.react(InboundKind.TAP, **no)
    await chat.say(second)
    assert f"{first}\n{second}" in [raw for _, raw in answers(world)]
    assert cases(world) == [(kind,)]
