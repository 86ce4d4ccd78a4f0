"""What happens between the queueing and the hand-over of what we begin: people write and tap, and are told things."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection

from bot.channels.base import OutcomeUnknown
from bot.schedule import waves
from bot.schedule.scheduler import Scheduler
from bot.schedule.timers import FiringTimer
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.events import Tapped
from flows.i18n.say import Sentence
from storage.conversations import outbox
from storage.privacy import erasure
from storage.reports import operators
from storage.schema import OutboxKind
from tests.support.follow_on_world import DAILY, Story
from tests.support.opener_town import QUESTION, Town, contacts, due
from tests.support.turn_world import Someone, flows, said
from tests.support.wave_world import make_world

NIGHT = timedelta(hours=8)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    world = make_world(tmp_path)
    yield Town(world)
    world.database.close()


def told(town: Town, address: int, text: str, kind: OutboxKind) -> None:
    """Queue something that is no answer to anybody."""
    row = {
        "address_id": address,
        "payload": f'{{"text": "{text}"}}',
        "created_at": town.world.clock.now(),
        "kind": kind,
    }
    town.world.database.write_now(lambda c: outbox.queue(c, [row]))


def texts(town: Town) -> list[str]:
    return [call.text for call in town.channel.delivered]


@pytest.mark.parametrize(
    ("words", "story"),
    [
        ("I am on holiday until 20 April", {("wave", "deferred", "on_hold")}),
        ("no further contact", {("wave", "not_sent", "no_consent")}),
        ("language English", {("wave", "deferred", "outside_window")}),
        ("delete my data", {("wave", "deferred", "outside_window")}),
    ],
)
async def test_a_wish_brings_no_opener_along(
    town: Town, words: str, story: set[tuple[str, str, str]]
) -> None:
    """Whoever asks for quiet, another language or their data is answered at once; their opener is decided anew."""
    ann = due(town)
    await town.world.scheduler.tick()
    town.world.clock.move(NIGHT)
    await town.says(ann, words)
    await town.delivery.drain()
    assert QUESTION not in texts(town)
    await town.step()
    assert QUESTION not in texts(town)
    assert set(contacts(town)) == story
    assert town.world.column("SELECT count(*) FROM conversation WHERE status = 'waiting'") == [0]


STORY = "My ward has too few nurses at night, and nobody seems to care"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY)
    yield made
    made.world.database.close()


async def announced(story: Story) -> Someone:
    """Somebody who made a commitment, and is about to be written to: the first words are queued."""
    amy, world = await story.clinician("amy"), story.world
    options = RuntimeOptions(pick=Random(7).choice, openers_wait=True)
    world.runtime = Runtime(world.database, flows(), world.clock, options)
    story.scheduler = Scheduler(world.database, world.runtime, world.clock)
    amy.look()
    await story.pass_time(days=31)
    assert world.rows("SELECT flow FROM conversation WHERE status = 'waiting'") == [("hcp_follow_up",)]
    return amy


@pytest.mark.parametrize(
    ("words", "answer", "kept"),
    [
        (STORY, Sentence.REMARK_KEPT, [STORY]),
        ("hello", None, []),
        ("ok", None, []),
    ],
)
async def test_what_is_written_while_an_opener_is_on_its_way_is_not_lost(
    story: Story, words: str, answer: Sentence | None, kept: list[str]
) -> None:
    """A story is a remark of the talk before, then comes what was on its way, which greets."""
    amy = await announced(story)
    told = [shown.text for shown in await amy.say(words)]
    first = [] if answer is None else [said(answer)]
    assert told[: len(first)] == first
    assert told[len(first)].startswith("Hello again from the Myeloma Learning Team.")
    assert story.world.rows("SELECT raw FROM remark") == [(one,) for one in kept]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("how long does this take?", []),
        ("can I take ibuprofen with this?", ["can I take ibuprofen with this?"]),
    ],
)
async def test_a_question_about_health_is_kept_while_an_opener_is_on_its_way(
    story: Story, words: str, kept: list[str]
) -> None:
    """What the bot is asked it answers before the opener; people read what is about health, too."""
    amy = await announced(story)
    assert len(await amy.say(words)) > 1
    assert story.world.rows("SELECT raw FROM remark") == [(one,) for one in kept]


async def test_where_no_word_of_theirs_may_be_kept_that_is_said(town: Town) -> None:
    """What is not kept for want of a talk that can keep it is refused in words, and the opener comes."""
    ann = due(town)
    await town.world.scheduler.tick()
    await town.says(ann, STORY)
    await town.delivery.drain()
    assert said(Sentence.NOT_KEPT) in texts(town)
    assert QUESTION in texts(town)


async def test_an_alert_brings_no_opener_along(town: Town) -> None:
    """A coordinator who takes part gets an alert at night, and not the opener that waited before it."""
    ann = due(town)
    await town.world.scheduler.tick()
    town.world.clock.move(NIGHT)
    told(town, ann.address, "Alert.", OutboxKind.TEAM)
    await town.delivery.drain()
    assert texts(town) == ["Alert."]
    await town.pass_time(hours=24)
    assert texts(town) == ["Alert.", QUESTION]


async def test_a_wave_answered_before_its_hand_over_stays_answered(town: Town) -> None:
    """Where nobody knew whether the opener had arrived, the answer to it is kept, and no reminder follows."""
    ann = due(town)
    town.channel.fail("*", OutcomeUnknown("cut off"))
    await town.world.scheduler.tick()
    await town.delivery.drain()
    await ann.tell(ann.open_conversation(), Tapped(0, 0))
    town.world.clock.move(timedelta(minutes=10))
    await town.delivery.drain()
    assert contacts(town) == [("wave", "sent", "due")]
    left = "SELECT kind FROM timer WHERE done_at IS NULL AND kind != 'wave' ORDER BY kind"
    assert town.world.column(left) == ["wave_close"]
    await town.pass_time(hours=24 * 20, every=12)
    assert ann.waves()[0] == (30, "answered", None)
    assert contacts(town) == [("wave", "sent", "due")]


async def test_an_opener_whose_outcome_stays_unknown_is_not_queued_for_ever(town: Town) -> None:
    """After too many crashes on the way it is no sent contact; its conversation goes on with its reminders."""
    ann = due(town)
    await town.world.scheduler.tick()
    later = "strftime('%Y-%m-%d %H:%M:%f000', created_at, '+2 hours')"
    tried = f"status = 'sending', attempts = 5, possibly_duplicate = 1, not_before = {later}"
    town.world.execute(f"UPDATE outbox SET {tried}")
    town.start()
    await town.pass_time(hours=2)
    assert contacts(town) == [("wave", "not_sent", "failed")]
    assert town.world.column("SELECT count(*) FROM timer WHERE reason = 'queued' AND done_at IS NULL") == [0]
    await town.pass_time(hours=24 * 6)
    assert [text for _, text in town.heard(ann)] == [QUESTION]


async def test_who_joins_another_app_gets_the_opener_there(town: Town) -> None:
    """An opener that waits at the address of before is taken back, and comes where its participant is now."""
    ann = due(town)
    await town.world.scheduler.tick()
    new = town.world.address(ann.id, "terminal:new")
    town.world.update("address", new, last_used_at=town.world.clock.now())
    town.world.execute("UPDATE conversation SET address_id = :new WHERE status = 'waiting'", new=new)
    await town.delivery.drain()
    assert texts(town) == []
    await town.step()
    assert [(call.text, call.message.address) for call in town.channel.delivered] == [
        (QUESTION, "terminal:new")
    ]
    assert contacts(town) == [("wave", "sent", "due")]


@pytest.mark.parametrize("words", ["hello?", "help"])
async def test_no_opener_follows_help(town: Town, words: str) -> None:
    """Whoever writes, and then that they are at risk, gets help, and not the opener that was to answer them."""
    ann = due(town)
    await town.world.scheduler.tick()
    await town.says(ann, words)
    await town.says(ann, "I cannot go on, I want to kill myself")
    assert town.world.column("SELECT lane FROM outbox WHERE status = 'queued' AND is_head") == ["safety"]
    await town.delivery.drain()
    await town.step()
    assert QUESTION not in texts(town)
    assert ("wave", "not_sent", "crisis_help") in contacts(town)
    assert town.world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [0]


async def test_a_reply_on_its_way_is_no_reminder(town: Town) -> None:
    """A question that waited for days comes at any hour; the reminder behind it does not."""
    ann = due(town)
    await town.step()
    await town.says(ann, "what do you mean?")
    town.world.clock.move(timedelta(days=5))
    await town.world.scheduler.tick()
    assert contacts(town)[-1] == ("wave_reminder", "queued", "due")
    town.world.clock.move(NIGHT)
    await town.delivery.drain()
    assert texts(town) == [QUESTION, QUESTION]
    assert ("wave_reminder", "sent", "due") not in contacts(town)


async def test_a_reply_waits_for_no_opener_that_was_put_off(town: Town) -> None:
    """An opener that may have been seen is put off at night; whoever writes then is answered at once."""
    ann = due(town)
    town.channel.fail("*", OutcomeUnknown("cut off"))
    await town.world.scheduler.tick()
    await town.delivery.drain()
    town.world.clock.move(NIGHT)
    await town.delivery.drain()
    assert texts(town) == []
    await ann.tell(ann.open_conversation(), Tapped(0, 0))
    await town.delivery.drain()
    assert texts(town) == [QUESTION, "Thank you."]


async def test_one_that_cannot_be_decided_holds_up_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error over one opener leaves it queued, and all else goes out."""
    due(town)
    ben = town.world.person()
    await town.world.scheduler.tick()
    told(town, ben.address, "Help.", OutboxKind.HELP)

    def fails(_firing: FiringTimer, _conversation: int) -> bool:
        raise LookupError

    with monkeypatch.context() as broken:
        broken.setattr(waves, "may_still_go", fails)
        await town.delivery.drain()
    assert texts(town) == ["Help."]
    assert contacts(town) == [("wave", "queued", "due")]
    await town.pass_time(hours=2)
    assert texts(town) == ["Help.", QUESTION]


async def test_a_hand_over_that_cannot_be_told_is_found_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error over what follows from a hand-over sends nothing twice, and what follows is set later."""
    due(town)

    def fails(_connection: Connection, _conversations: object, _now: datetime, *_: object) -> None:
        raise LookupError

    await town.world.scheduler.tick()
    with monkeypatch.context() as broken:
        broken.setattr("storage.follow_up.openers.handed_over", fails)
        await town.delivery.drain()
    await town.pass_time(hours=3)
    assert texts(town) == [QUESTION]
    assert contacts(town) == [("wave", "sent", "due")]


async def test_nothing_of_an_opener_is_left_after_a_deletion(town: Town) -> None:
    """Whoever has all deleted while their opener waits gets the last message, and nothing else ever."""
    ann = due(town)
    await town.world.scheduler.tick()
    request = erasure.ErasureRequest(ann.id, ann.address, 0)
    town.world.database.write_now(lambda c: erasure.erase_participant(c, request, town.world.clock.now()))
    await town.pass_time(hours=48, every=6)
    assert texts(town) == []
    assert town.world.column("SELECT count(*) FROM contact WHERE action = 'queued'") == [0]
    assert town.world.column("SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending')") == [0]
    assert town.world.column("SELECT count(*) FROM conversation WHERE status != 'ended'") == [0]


async def test_the_story_says_queued_until_the_hand_over(town: Town) -> None:
    """`said why` tells of an opener that waits that it is queued, and that it was sent once it was handed over."""
    due(town)
    [code] = town.world.column("SELECT code FROM participant")

    def waves_told() -> list[str]:
        story = town.world.database.read_now(lambda c: operators.participant_story(c, code))
        assert story is not None
        return [line.what for line in story.lines]

    await town.world.scheduler.tick()
    before = waves_told()
    await town.delivery.drain()
    after = waves_told()
    assert "wave queued" in before
    assert not {"wave sent", "30-day wave of commitment 1 asked"} & set(before)
    assert {"wave sent", "30-day wave of commitment 1 asked"} <= set(after)
    assert "wave queued" not in after
    begun = set(after) - set(before)
    assert any(line.endswith("(hcp_follow_up) began") for line in begun)
