"""Words that no open conversation takes: people read them all the same, wherever there is a consent to keep them."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.i18n.say import Sentence
from flows.script.roles import Role
from storage.programs import programs
from storage.safety.unread_rows import find
from tests.support import fresh
from tests.support.turn_world import World, expire, make_world, said, texts

TOLD = "My feet feel so heavy on the stairs since spring"
"""No rule is sure of it: it opens no case."""
RISK = "I do not want to live any more"


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def queue(world: World) -> list[str]:
    return [one.raw for one in world.database.read_now(lambda c: list(find(c)))]


async def patient(world: World, *lines: str):
    person = world.someone()
    await person.start(world.token(role=Role.PATIENT))
    for line in lines:
        await person.say(line)
    return person


async def test_after_a_halted_talk_ran_out(world):
    """Somebody at risk who writes weeks later is read like anybody else, and nothing of the script is said."""
    ann = await patient(world, "red", RISK)
    expire(world, 14)
    world.clock.move(timedelta(days=20))
    assert texts(await ann.say(TOLD)) == [said(Sentence.CARE_AGAIN, number="112")]
    assert TOLD in queue(world)
    assert world.rows("SELECT status, outcome FROM conversation") == [("ended", "expired")]


async def test_behind_a_talk_that_never_began(world):
    """The last one was announced and ran out before a word: the words belong to the one before."""
    ann = await patient(world, "red", "all went well", "5")
    await ann.start(world.token(role=Role.PATIENT))
    expire(world, 30)
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE conversation SET state = '' WHERE id = 2"))
    world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE conversation SET outcome = 'completed' WHERE id = 1")
    )
    await ann.say(TOLD)
    assert TOLD in queue(world)
    assert world.rows("SELECT conversation_id FROM remark") == [(1,)]


@pytest.mark.parametrize("moment", ["open", "over", "ran out"])
async def test_an_edit_of_what_was_no_answer(world, moment):
    """A greeting that becomes a story is a remark; one that stays a greeting is nothing."""
    ann = await patient(world)
    await ann.say("hello there", message_id="m1")
    if moment == "over":
        for line in ("red", "all went well", "5"):
            await ann.say(line)
    elif moment == "ran out":
        expire(world, 14)
        world.clock.move(timedelta(days=20))
    assert await ann.does(InboundKind.EDIT, text="hello!!", message_id="m1") == []
    shown = await ann.does(InboundKind.EDIT, text=f"Hello, {TOLD}", message_id="m1")
    assert texts(shown) == [said(Sentence.REMARK_KEPT)]
    assert f"Hello, {TOLD}" in queue(world)
    await ann.does(InboundKind.EDIT, text=f"Hello, {TOLD}, both of them", message_id="m1")
    assert world.rows("SELECT number, count(*) FROM remark GROUP BY number") == [(0, 2)]


async def test_an_old_message_is_edited_before_a_new_talk_is_agreed_to(world):
    """The open talk has no consent yet: the words belong to the one before, which has."""
    ann = await patient(world, "red", "all went well", "5")
    await ann.start(world.token("patient_interview", role=Role.PATIENT))
    shown = await ann.does(InboundKind.EDIT, text=TOLD, message_id="m9")
    assert said(Sentence.REMARK_KEPT) in texts(shown)
    assert TOLD in queue(world)
    assert world.rows("SELECT conversation_id FROM remark") == [(1,)]


async def test_what_was_held_for_a_consent_that_never_came_is_kept_nowhere(world):
    """Its own talk decides: an edit of it weeks later is no remark of an earlier talk."""
    ann = await patient(world, "red", "all went well", "5")
    await ann.start(world.token("patient_interview", role=Role.PATIENT))
    assert said(Sentence.REMARK_HELD) in texts(await ann.say(f"{TOLD} since sprnig", message_id="m9"))
    expire(world, 40)
    world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE conversation SET outcome = 'completed' WHERE id = 1")
    )
    await ann.does(InboundKind.EDIT, text=f"{TOLD} since spring", message_id="m9")
    assert world.rows("SELECT conversation_id FROM remark") == []


async def test_the_team_of_another_program_reads_nothing(world):
    """The open talk is not agreed to yet, and the one before is of another program."""
    other, words = fresh.program()
    other = other.model_copy(update={"program": "other"})
    loaded = world.database.write_now(
        lambda c: programs.load(c, other, "another-hash", world.clock.now(), words)
    )
    ann = await patient(world, "red", "all went well", "5")
    there = {"program_id": loaded.program_id, "activity_id": None}
    await ann.start(world.token("patient_interview", role=Role.PATIENT, **there))
    await ann.does(InboundKind.EDIT, text=TOLD, message_id="m77")
    assert world.rows("SELECT conversation_id FROM remark") == []


async def test_under_a_question_of_a_talk_that_was_cut_off(world):
    """Another one is open by now: the words change nothing there, and are kept beside it."""
    ann = await patient(world, "red")
    asked = ann.shown[-1]
    expire(world, 30)
    await ann.start(world.token(role=Role.PATIENT))
    button = button_payload(asked.conversation, asked.prompt.ask)
    await ann.does(InboundKind.FORM, button=button, text=TOLD)
    assert TOLD in queue(world)


async def test_without_consent_words_are_refused_aloud(world):
    """Whoever has stopped is told that nothing is kept of it."""
    ann = await patient(world, "red", "stop")
    assert said(Sentence.NOT_KEPT) in texts(await ann.say(TOLD))
    assert queue(world) == []


@pytest.mark.parametrize(
    ("asked", "is_kept"), [("is it ok that my hair falls out", True), ("who reads this?", False)]
)
async def test_a_question_about_health_after_the_end_is_read(world, asked, is_kept):
    """The bot gives no advice, so that people must see what it was asked; a question about itself it answers."""
    ann = await patient(world, "red", "all went well", "5")
    shown = texts(await ann.say(asked))
    assert (asked in queue(world)) is is_kept
    assert (said(Sentence.REMARK_KEPT) in shown) is is_kept
