"""Follow-ups and the loop: tables as counted beside the bot, each number with what it is, by programme."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.console.jobs import JobKind
from bot.console.pages.figures import ObjectiveThemes, cell_in_words, shown_tables
from storage.export.measures.measure import Figure
from storage.export.measures.registry import LOOP_TABLES, RESPONSE_TABLES
from storage.export.measures.shown import as_json, table_as_json
from storage.outcomes.registry import ReportFacts, accreditation
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
    criteria = {
        "tables": [
            table_as_json(one, [tuple(1 for _ in one.columns)]) for one in accreditation(ReportFacts())
        ]
    }
    tells = {JobKind.LOOP: counted(), JobKind.ACCREDITATION: criteria}
    jobs = ToldJobs(world.database.path, world.clock, tells=tells)
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


async def test_accreditation_tells_how_many_more_are_needed(team):
    """Reports lead there, and it is counted by the command of its name."""
    browser = await team.member("VIEWER", TeamRole.VIEWER, TeamRole.COORDINATOR)
    reports = await browser.open("/team/reports")
    assert "/team/accreditation?program=myeloma" in reports.response.text
    await browser.open("/team/accreditation?program=myeloma")
    await team.jobs.settle()
    page = await browser.open("/team/accreditation?program=myeloma")
    assert {"accreditation", "myeloma"} <= set(team.jobs.asked[-1])
    assert "more needed" in page.text
    assert "How many more that takes." in page.text


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


def waves(*rows: tuple[int | str | None, int | None, int | None]) -> list[dict[str, Any]]:
    """The table of waves as it is printed, with these days, and how many were asked and have answered."""
    [table] = [one for one in RESPONSE_TABLES if one.name == "response.waves"]
    told = [
        tuple({"wave": day, "asked": asked, "answered": answered}.get(column) for column in table.columns)
        for day, asked, answered in rows
    ]
    return [table_as_json(table, told)]


@pytest.mark.parametrize(
    ("rows", "owing"),
    [
        ([("30", 4, 3), ("90", 2, 2)], (30,)),
        ([("90", 5, 0), ("30", 4, 3), ("90", 1, 1)], (30, 90)),
        ([("30", 4, None), ("latest", 9, 1), (None, 3, 1)], (30,)),
        ([("30", None, None), ("90", 0, 0), ("180", 2, 3)], ()),
        ([], ()),
    ],
)
def test_waves_that_somebody_owes_lead_to_whom(rows, owing):
    """Those at which more were asked than answered, each day once and in order; what is no day has no list."""
    [table] = shown_tables(JobKind.RESPONSE, waves(*rows))
    assert table.owing == owing


def test_only_waves_are_owed():
    """No other table of response says that somebody owes an answer."""
    others = [
        table_as_json(table, [tuple(1 for _ in table.columns)])
        for table in RESPONSE_TABLES
        if table.name != "response.waves"
    ]
    assert {table.owing for table in shown_tables(JobKind.RESPONSE, others)} == {()}


def loop_of(**cells: Any) -> list[dict[str, Any]]:
    """The table of the loop as it is printed, with one theme."""
    [table] = LOOP_TABLES
    told = dict.fromkeys(table.columns, 1) | {"theme": "cost", "label": "Cost"} | cells
    return [table_as_json(table, [tuple(told[column] for column in table.columns)])]


@pytest.mark.parametrize(
    ("taught", "activities", "stuck"),
    [
        (ObjectiveThemes(4, 4), "0", "raised by 9, taught in 0 activities"),
        (ObjectiveThemes(4, 1), "0", "raised by 9, taught in 0 activities"),
        (ObjectiveThemes(4, 0), "not filled in yet", "raised by 9, what teaches it is not filled in yet"),
        (ObjectiveThemes(), "not filled in yet", "raised by 9, what teaches it is not filled in yet"),
    ],
)
def test_untaught_is_told_apart_from_not_filled_in(taught, activities, stuck):
    """Where a theme gets stuck stands first; where no objective names any theme, nobody has told what is taught."""
    told = loop_of(activities=0, objectives=0, **{"break": "raised by 9, taught in 0 activities"})
    [table] = shown_tables(JobKind.LOOP, told, taught)
    assert table.columns[:3] == ("theme", "label", "where it gets stuck")
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    assert (cells["activities"], cells["where it gets stuck"]) == (activities, stuck)
    assert ("Nobody has filled in yet" in taught.note) is (taught.named == 0)
    assert ("Not filled in yet" in taught.note) is (0 < taught.named < taught.objectives)


async def test_the_loop_says_how_far_it_is_filled_in(team):
    """Beside its table: how many objectives name a theme; a theme of the codebook leads to its sentences."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/loop")
    await team.jobs.settle()
    page = await browser.open("/team/loop")
    assert "is taught: no objective names a theme" in page.text or "objectives" in page.text
    assert "where it gets stuck" in page.text
