"""Follow-ups and the loop: tables as counted beside the bot, each number with what it is, by programme."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.console.jobs import JobKind
from bot.console.pages.figures import cell_in_words
from storage.export.measures.measure import Figure
from storage.export.measures.registry import LOOP_TABLES
from storage.export.measures.shown import as_json, table_as_json
from storage.schema import TeamRole
from tests.support.console import Console, console
from tests.support.told_jobs import ToldJobs
from tests.support.turn_world import make_world


def counted() -> dict[str, Any]:
    """What `said program loop --json` prints, with one row of ones and a theme that is markup."""
    [table] = LOOP_TABLES
    row = tuple("<i>cost</i>" if column == "theme" else 1 for column in table.columns)
    return {"tables": [table_as_json(table, [row])]}


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    jobs = ToldJobs(world.database.path, world.clock, tells={JobKind.LOOP: counted()})
    async with jobs.working(), console(world, jobs=jobs) as made:
        yield made
    world.database.close()


async def test_a_page_counts_once_and_tells_what_each_number_is(team):
    """The first visit begins it and asks again by itself; the next ones show the same, until it is a while ago."""
    browser = await team.member("VIEWER", TeamRole.VIEWER)
    page = await browser.open("/team/loop")
    assert page.response.headers["refresh"] == "2"
    await team.jobs.settle()
    page = await browser.open("/team/loop")
    assert "refresh" not in page.response.headers
    assert "<i>cost</i>" in page.text
    assert LOOP_TABLES[0].measures[0].definition in page.text
    assert len(team.jobs.asked) == 1
    await browser.press("Count anew")
    assert len(team.jobs.jobs) == 2
    await team.jobs.settle()
    team.world.clock.move(timedelta(minutes=16))
    await browser.open("/team/loop")
    await team.jobs.settle()
    assert len(team.jobs.asked) == 3


async def test_what_cannot_be_counted_is_told(team):
    """A child process that fails is no broken page, and is not begun again by every look at it."""
    browser = await team.member("VIEWER", TeamRole.VIEWER)
    await browser.open("/team/follow-ups")
    await team.jobs.settle()
    for _ in range(3):
        page = await browser.open("/team/follow-ups")
        assert page.status == 200
        assert "it went wrong" in page.text
    assert len(team.jobs.asked) == 1


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (as_json(Figure(3, 4, 4)), "3 of 4 (fewer than five people)"),
        (as_json(Figure(5, 10, 10)), "5 of 10 = 50.0 % (23.7 to 76.3)"),
        ({"points": 1.5, "low": 0.5, "high": 2.5, "people": 9, "few": False}, "+1.5 (+0.5 to +2.5) of 9"),
        ("2026-05-25T16:00:00Z", "2026-05-25"),
        (4.3333, "4.3"),
        (None, "\u2013"),
    ],
)
def test_cells_are_in_words(cell, words):
    """A share has its counts and interval, and says where few answered."""
    assert cell_in_words(cell) == words
