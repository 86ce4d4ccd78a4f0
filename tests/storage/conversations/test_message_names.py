"""Where another bot is heard from now on, the numbers of the old one's messages lead to nothing; all else stays."""

from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from bot.channels.base import InboundKind
from bot.turns.catch_up import forget_other_account
from flows.engine.state import JoinedPart, decode_state, encode_state
from storage.conversations import message_names
from storage.conversations.message_names import newest_delivery
from tests.support.turn_world import Someone, World, make_world

SAID, OTHER = "My ward has too few nurses at night", "Good evening to all of you"
SENT = "UPDATE outbox SET status = 'sent', sent_at = created_at, message_id = 5000 + id"
ANSWERED = "SELECT raw FROM answer WHERE kind = 'text' ORDER BY id"


@pytest.fixture
async def world(tmp_path: Path) -> World:
    """Ann is asked how sure she is by bot 7, and the question stands far below in its chat; Sue wrote in Slack."""
    made = make_world(tmp_path)
    for address, bot, name in (("slack:T1/U1", "", "1700.0000{}"), ("telegram:77", "7:", "{}")):
        someone = Someone(made, address)
        await someone.start(made.token(), external_id=f"{bot}{address}0")
        for number, text in (("11", "red"), ("12", SAID)):
            message = name.format(number)
            await someone.say(text, message_id=message, external_id=f"{bot}{address}{number}")
    made.database.write_now(lambda c: c.exec_driver_sql(SENT))
    return made


def heard_by(world: World, bot: str) -> int | None:
    return world.database.write_now(partial(forget_other_account, channel="telegram", account=bot))


@pytest.mark.parametrize(
    ("bot", "forgotten", "changed"), [("7", None, True), ("8", 3, False), ("", None, True)]
)
async def test_an_edit_at_another_bot_changes_no_answer_of_before(world, bot, forgotten, changed):
    """Its message has the number of an answer in the old chat; at the same bot it is that answer."""
    assert heard_by(world, bot) == forgotten
    ann = Someone(world, "telegram:77")
    await ann.does(InboundKind.EDIT, text=OTHER, message_id="12", external_id=f"{bot}:900")
    assert ((OTHER,) in world.rows(ANSWERED)) is changed


@pytest.mark.parametrize(("bot", "is_answer"), [("7", False), ("8", True)])
async def test_words_at_another_bot_answer_the_question_that_was_shown_by_the_old_one(world, bot, is_answer):
    """Its numbers begin anew, so that they would stand above a question that everybody has seen long ago."""
    heard_by(world, bot)
    ann = Someone(world, "telegram:77")
    await ann.say("3", message_id="20", order=20, external_id=f"{bot}:901")
    assert (("3",) in world.rows("SELECT raw FROM answer")) is is_answer


async def test_names_of_other_platforms_stay(world):
    """In Slack the same message is edited as before."""
    assert heard_by(world, "8") == 3
    sue = Someone(world, "slack:T1/U1")
    await sue.does(InboundKind.EDIT, text=OTHER, message_id="1700.000012", external_id="edited")
    assert (OTHER,) in world.rows(ANSWERED)


async def test_a_remark_of_before_is_not_edited_at_another_bot(world):
    """A message there may have the number that a remark had: what it says now is a remark of its own."""
    ann, remarked = Someone(world, "telegram:77"), "SELECT raw FROM remark WHERE superseded_at IS NULL"
    await ann.say("I told you of the nights, and of the days as well", message_id="15", external_id="7:15")
    [before] = world.rows(remarked)
    assert heard_by(world, "8") is not None
    await ann.does(InboundKind.EDIT, text=OTHER, message_id="15", external_id="8:902")
    assert world.rows(remarked) == [before, (OTHER,)]


async def test_no_state_knows_a_number_any_more(world, monkeypatch):
    """Of everybody, some at a time: of answers, of remarks, and of the parts that an answer was joined of."""
    monkeypatch.setattr(message_names, "_CHUNK", 1)
    bob = Someone(world, "telegram:78")
    await bob.start(world.token(), external_id="7:1000")
    await bob.say("red", message_id="31", external_id="7:1001")
    named = {
        "messages": {"12": "colour", "1700.000012": "colour"},
        "remarks": {"13": 1, "1700.000013": 1},
        "joined": {"why": (JoinedPart("14", SAID), JoinedPart("1700.000014", OTHER), JoinedPart("", SAID))},
    }

    def name(connection: Connection) -> None:
        for number, state in connection.exec_driver_sql("SELECT id, state FROM conversation").all():
            with_names = encode_state(replace(decode_state(state), **named))
            connection.exec_driver_sql("UPDATE conversation SET state = ? WHERE id = ?", (with_names, number))

    world.database.write_now(name)
    assert heard_by(world, "8") is not None
    states = [decode_state(state) for (state,) in world.rows("SELECT state FROM conversation ORDER BY id")]
    of_sue, *of_others = [(one.messages, one.remarks, one.joined) for one in states]
    assert of_sue == tuple(named.values())
    kept = {"why": (JoinedPart("", SAID), JoinedPart("1700.000014", OTHER), JoinedPart("", SAID))}
    assert of_others == [({"1700.000012": "colour"}, {"1700.000013": 1}, kept)] * 2


async def test_where_deliveries_tell_no_account_nothing_is_forgotten(world):
    """Their names begin otherwise than with the number of an account."""
    forget = partial(forget_other_account, channel="slack", account="8")
    assert world.database.write_now(forget) is None


async def test_it_is_done_once(world):
    """The first message that comes to the new bot says that it is the one; erased deliveries say nothing."""
    assert heard_by(world, "8") == 3
    await Someone(world, "telegram:77").say("3", message_id="20", external_id="8:1")
    world.database.write_now(lambda c: c.exec_driver_sql(SENT))
    assert heard_by(world, "8") is None
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE inbox SET external_id = 'erased:' || id WHERE external_id = '8:1'"
        )
    )
    newest = world.database.read_now(lambda c: newest_delivery(c, "telegram"))
    assert newest is not None
    assert newest.startswith("7:")
    assert world.database.read_now(lambda c: newest_delivery(c, "email")) is None
