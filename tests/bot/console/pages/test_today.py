"""The first page of the console: what waits for somebody of the team."""

from datetime import timedelta

import pytest

from flows.script.model import Role
from storage.schema import TeamRole
from tests.support.console import console
from tests.support.turn_world import make_world


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def test_deletions_wait_for_whoever_may_confirm_them(team):
    """With the person, who asked and until when; gone once the wish is too old, and shown to no other role."""
    await team.world.someone("ann").start(team.world.token("small", role=Role.HCP))
    ((code,),) = team.world.rows("SELECT code FROM participant")
    cora, bob = (
        await team.member("CORA", TeamRole.COORDINATOR),
        await team.member("BOB", TeamRole.COORDINATOR),
    )
    assert "Deletions to confirm" not in (await bob.open("/team")).text
    await cora.open(f"/team/people/{code}")
    await cora.press("Keep that they want it")
    page = await bob.open("/team")
    assert "Deletions to confirm" in page.text
    assert (code in page.text, "CORA" in page.text) == (True, True)
    assert "somebody else must confirm" not in page.text
    assert "somebody else must confirm" in (await cora.open("/team")).text
    for name, role in (("EVE", TeamRole.SAFETY), ("OTTO", TeamRole.VIEWER)):
        other = await team.member(name, role)
        assert "Deletions to confirm" not in (await other.open("/team")).text
    team.world.clock.move(timedelta(days=14, minutes=1))
    late = await team.member("LENA", TeamRole.COORDINATOR)
    assert "Deletions to confirm" not in (await late.open("/team")).text
