"""Where another bot is heard from now on, the numbers of the old one's messages lead to nothing; all else stays."""

from functools import partial
from pathlib import Path

import pytest

from bot.channels.base import InboundKind
from bot.turns.catch_up import forget_other_account
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
