"""A program that was loaded before its numbers had bounds goes on: no turn fails by what its author once wrote."""

import json
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.schedule.scheduler import Scheduler
from storage.schema import PROGRAM
from tests.support.turn_world import make_world, texts

ABSURD = {
    "expire_after": 10_000_000,
    "close_after": 10_000_000,
    "quiet_days_after_talk": 10_000_000,
    "reminders": [10_000_000],
    "interview_reminder_hours": [10_000_000_000],
}


def loaded_before(connection: Connection) -> None:
    """Keep the program as a version without bounds took it."""
    settings = connection.scalar(sa.select(PROGRAM.c.settings))
    found = json.loads(settings) if isinstance(settings, str) else settings
    found["schedule"] |= ABSURD
    found["contact_again_weeks"] = 10_000_000
    connection.execute(PROGRAM.update().values(settings=found, hash="of before"))


async def test_the_first_turn_and_what_is_planned_after_it(tmp_path: Path) -> None:
    """People are answered, and a month of ticks puts nothing aside, though an end in 27,000 years was written."""
    world = make_world(tmp_path)
    world.database.write_now(loaded_before)
    ann = world.someone()
    await ann.start(world.token())
    assert texts(await ann.say("red")) == ["Say something."]
    assert texts(await ann.say("words"))[-1].startswith("How sure?")
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    for _ in range(4):
        world.clock.move(timedelta(days=7))
        await scheduler.tick()
    assert world.rows("SELECT error FROM inbox WHERE error IS NOT NULL") == []
    assert world.rows("SELECT reason FROM timer WHERE reason LIKE 'failed%'") == []
    assert "Goodbye." in texts(await ann.say("5"))
    world.database.close()
