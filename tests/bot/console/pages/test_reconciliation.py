"""Reconciliation in the console: the figures of the command, by month, with zeros, for whoever may see cases."""

from datetime import timedelta

import pytest

from flows.script.model import Role
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.turn_world import make_world


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def with_case(team) -> None:
    """Somebody writes what a coordinator opens a case for."""
    person = team.world.someone("ann")
    await person.start(team.world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say("It went on for a while, and then it was over.")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/reading")
    await browser.press("Case: adverse event")


async def test_cases_are_counted_by_kind_and_month_with_zeros(team):
    """Kinds and months without a case stand there as 0; the days and who counted are told."""
    await with_case(team)
    sam = await team.member("SAM", TeamRole.SAFETY)
    page = await sam.open("/team/safety/reconciliation?since=2026-01-15&until=2026-03-31")
    assert "from 2026-01-15 to 2026-03-31, both days included" in page.text
    assert "SAM" in page.text
    for begin in ("2026-01-15", "2026-02-01", "2026-03-01"):
        assert f"{begin} myeloma distress 0 0 0 0 0 0 0" in page.text, begin
    assert "2026-03-01 myeloma adverse event 1 1 0 0 0 0 0" in page.text
    assert "2026-02-01 myeloma adverse event 0 0 0 0 0 0 0" in page.text


async def test_without_days_this_month_is_counted(team):
    """One span, up to today; a later month has nothing."""
    await with_case(team)
    sam = await team.member("SAM", TeamRole.SAFETY)
    page = await sam.open("/team/safety/reconciliation")
    assert "myeloma adverse event 1 1 0" in page.text
    assert "By month" not in page.text
    team.world.clock.move(timedelta(days=40))
    sam = await team.member("SAM", TeamRole.SAFETY)
    page = await sam.open("/team/safety/reconciliation")
    assert "myeloma adverse event 0 0 0" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=2026-03-02&until=2026-03-01",
        "since=1900-01-01",
        "since=1999-01-01&until=2026-01-01",
        "until=9999-12-31",
    ],
)
async def test_a_span_that_is_none_is_refused(team, query):
    """Words, an end before the beginning, and more months than fit a page."""
    sam = await team.member("SAM", TeamRole.SAFETY)
    assert (await sam.open(f"/team/safety/reconciliation?{query}")).status == 400


async def test_it_is_for_whoever_sees_cases_and_of_their_programs(team):
    """Others are refused; whoever is of one program sees that one alone."""
    viewer = await team.member("VERA", TeamRole.VIEWER)
    assert (await viewer.open("/team/safety/reconciliation")).status == 403
    one = await team.member("OTTO", GivenRole(TeamRole.SAFETY, "myeloma"))
    assert "Cases of myeloma" in (await one.open("/team/safety/reconciliation")).text
    assert (await one.open("/team/safety/reconciliation?program=elsewhere")).status == 404
