"""What is written in several messages is one answer, and each message stays a part of it."""

import pytest

from bot.channels.base import InboundKind
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.model import Role
from tests.support.engine_world import end, flow_of, text
from tests.support.seen_words import answers, begin, to_story
from tests.support.turn_world import opens, texts


@pytest.mark.parametrize("pieces", [("It began in March.", "Nobody listened.", "Then it got worse.")])
async def test_a_story_in_three_messages_is_one_answer(world, chat, pieces):
    """They stand in the order in which they were written, under the question that they were written to."""
    asked = (await to_story(chat))[-1]
    for piece in pieces:
        await chat.write(piece)
    await chat.go_on()
    [(slot, raw, _)] = [row for row in answers(world) if "March" in row[1]]
    assert raw == "\n".join(pieces)
    rows = world.rows("SELECT shown_text FROM answer WHERE slot = :slot", slot=slot)
    assert {row[0] for row in rows} == {asked.text}


async def test_a_piece_that_comes_late_stands_at_its_place(world, chat):
    """A platform that hands on the first message after the second changes nothing of the story, nor of later edits."""
    await to_story(chat)
    first = next(chat.ids)
    second = await chat.write("Nobody listened.")
    await chat.go_on()
    await chat.write("It began in March.", number=first)
    await chat.go_on()
    assert answers(world)[-1][1] == "It began in March.\nNobody listened."
    await chat.write("My doctor listened.", kind=InboundKind.EDIT, number=second)
    await chat.go_on()
    assert answers(world)[-1][1] == "It began in March.\nMy doctor listened."


async def test_distress_is_heard_in_the_order_of_the_chat(world, chat):
    """The first half comes last: what is kept is read, and not what came in a row."""
    await to_story(chat)
    first = next(chat.ids)
    await chat.write("die")
    await chat.go_on()
    await chat.write("I want to", number=first)
    shown = await chat.go_on()
    assert answers(world)[-1][1] == "I want to\ndie"
    assert any("emergency" in one.lower() for one in texts(shown))
    assert world.rows("SELECT kind FROM safety_case") == [("distress",)]


async def test_two_chats_have_no_common_order(world, chat):
    """A second app numbers its messages otherwise: what came in later stands later."""
    await to_story(chat)
    [(person,)] = world.rows("SELECT participant_id FROM conversation")
    other = world.someone("other")
    await other.say("hello")
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE address SET participant_id = ? WHERE participant_id IS NULL", (person,)
        )
    )
    first = next(chat.ids)
    await chat.write("Nobody listened.")
    await chat.go_on()
    await chat.write("Not once.", number=first)
    await chat.go_on()
    assert answers(world)[-1][1] == "Nobody listened.\nNot once."


async def test_an_edit_of_one_piece_changes_that_piece(world, chat):
    """The others stay, and the place stays."""
    await to_story(chat)
    numbers = [await chat.write(piece) for piece in ("It began in March.", "Nobody listened.")]
    await chat.go_on()
    await chat.write("It began in April.", kind=InboundKind.EDIT, number=numbers[0])
    await chat.go_on()
    assert [row[1] for row in answers(world) if "began" in row[1]] == ["It began in April.\nNobody listened."]


async def test_words_of_distress_in_a_later_piece_are_heard(world, chat):
    """What is joined is scanned, alone and as a whole."""
    await to_story(chat)
    await chat.write("The nights are the worst,")
    await chat.write("I want to kill myself")
    shown = await chat.go_on()
    assert any("112" in text or "988" in text or "emergency" in text.lower() for text in texts(shown))
    assert world.rows("SELECT kind FROM safety_case") == [("distress",)]


@pytest.mark.parametrize(
    ("pieces", "edited", "becomes", "kind"),
    [
        (("I started lenalidomide in May.", "I feel fine."), 1, "I feel dizzy.", "adverse_event"),
        (("I got a letter", "from lenalidomide"), 0, "I got a rash", "adverse_event"),
        (("The tablets", "were good"), 1, "were crumbled in the pack", "product_complaint"),
        (("The nights are bad", "and long"), 1, "I want to kill myself", "distress"),
    ],
)
async def test_an_edited_piece_is_scanned_with_the_others(world, chat, pieces, edited, becomes, kind):
    """What the whole says now is heard, also where no message says it alone."""
    await to_story(chat)
    numbers = [await chat.write(piece) for piece in pieces]
    await chat.go_on()
    assert world.rows("SELECT kind FROM safety_case") == []
    await chat.write(becomes, kind=InboundKind.EDIT, number=numbers[edited])
    await chat.go_on()
    assert world.rows("SELECT kind FROM safety_case") == [(kind,)]


async def test_an_edit_of_another_piece_raises_no_second_alarm(world, chat):
    """What was heard before in the pieces that stay is not heard once more."""
    await to_story(chat)
    numbers = [await chat.write(piece) for piece in ("The nights are bad", "I want to kill myself")]
    await chat.go_on()
    heard = world.rows("SELECT count(*) FROM audit_event WHERE kind = 'flag'")
    await chat.write("The nights are long", kind=InboundKind.EDIT, number=numbers[0])
    await chat.go_on()
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'flag'") == heard


async def test_the_second_half_of_the_last_answer_is_no_new_talk(world, chat):
    """The second half comes after the farewell was queued, and was written before it could be seen."""
    await begin(chat, "small", Role.HCP)
    await chat.say("blue")
    await chat.say("skip")
    await chat.write("4")
    await chat.write("and that is all")
    shown = await chat.go_on()
    assert texts(shown) == ["Goodbye.", "Thank you. I keep this for the team."]


LAST_IN_WORDS = flow_of(text("colour"), text("words"), end("bye", text="Goodbye."), flow="small")


async def test_pieces_of_the_last_answer_stand_in_their_order(world, chat):
    """Written before the farewell could be seen, and handed on the wrong way round after the end."""
    world.runtime = Runtime(
        world.database, {"small": LAST_IN_WORDS}, world.clock, RuntimeOptions(opens=opens)
    )
    await chat.start(world.token())
    await chat.say("blue")
    await chat.write("It began in March.")
    second = next(chat.ids)
    await chat.write("Then it got worse.")
    await world.runtime.drain()
    await chat.write("Nobody listened.", number=second)
    await chat.go_on()
    assert world.rows("SELECT outcome FROM conversation") == [("completed",)]
    assert answers(world)[-1][1] == "It began in March.\nNobody listened.\nThen it got worse."


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("words", ["thanks", "I want to kill myself", "sorry, that was a slip"])
async def test_what_follows_the_farewell_is_no_part_of_the_last_answer(world, chat, asks, words):
    """Written before what was said to a change after the end could be seen: answered, and no answer grows."""
    world.runtime = Runtime(
        world.database, {"small": LAST_IN_WORDS}, world.clock, RuntimeOptions(opens=opens)
    )
    await chat.start(world.token())
    await chat.say("blue")
    number = await chat.write("It went well.")
    await chat.go_on()
    kept = answers(world)
    chat.wait(minutes=1)
    await chat.write("It went badly.", kind=InboundKind.EDIT, number=number)
    await chat.go_on()
    if not asks:
        await chat.write("no")
    else:
        [row] = chat.rows_of("Shall I change it")
        await chat.write("👎", about=chat.number_of(row))
    await world.runtime.drain()
    chat.person.look()
    await chat.write(words)
    told = texts(await chat.go_on())
    assert answers(world) == kept
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
    if "kill" in words:
        assert "emergency" in told[0].lower()


async def test_what_was_added_to_an_answer_and_taken_back_is_marked_at_both(world, chat):
    """The answer holds the words that were added when more was asked: both say that they were taken back."""
    await to_story(chat)
    await chat.say("Pain")
    number = await chat.write("It began in March")
    await chat.go_on()
    await chat.react(kind=InboundKind.DELETED, message_id=str(number), order=None)
    marked = world.rows(
        "SELECT slot FROM answer WHERE message_deleted_at IS NOT NULL AND superseded_at IS NULL"
    )
    assert [slot.removesuffix("_more") for (slot,) in marked] == [marked[0][0].removesuffix("_more")] * 2
    assert len(set(marked)) == 2
