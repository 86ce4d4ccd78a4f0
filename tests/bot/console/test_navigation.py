"""Where the pages lead: every link that a member is shown opens, whatever their roles are and wherever they hold."""

from collections.abc import AsyncIterator
from urllib.parse import urldefrag

import pytest

from bot.console.navigation import NAVIGATION
from bot.console.permissions import OF_ROLE, Permission
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import Console, console
from tests.support.console_attacks import another_place, two_programs
from tests.support.console_tour import links_in

SCOPES = (None, "elsewhere", "myeloma")
MIXED = (
    (GivenRole(TeamRole.VIEWER, "elsewhere"), GivenRole(TeamRole.COORDINATOR, "myeloma")),
    (GivenRole(TeamRole.AUTHOR, "elsewhere"), GivenRole(TeamRole.SAFETY, "myeloma")),
    (GivenRole(TeamRole.VIEWER), GivenRole(TeamRole.COORDINATOR, "elsewhere")),
    (GivenRole(TeamRole.ADMIN, "elsewhere"), GivenRole(TeamRole.AUTHOR)),
)
MOST = 120
"""Addresses that are opened for one member: pages of a list are made alike."""


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world, _ = await two_programs(tmp_path)
    token = world.token("small", source="a ward")
    async with console(world) as made:
        root = await made.member("ROOT", *TeamRole)
        await root.open("/team/reading")
        await root.press("Case: adverse event")
        await world.someone("eve").start(token)
        yield made
    world.database.close()


async def refused_links(team: Console, *given: GivenRole) -> list[tuple[str, str, int]]:
    """The links that lead a member nowhere: on which page each stands, where it leads, and what is answered."""
    member = await team.member("LINK", *given)
    waiting, seen, refused = [("", "/team")], {"/team"}, []
    async with another_place(team, member, len(seen) + hash(given) % 60_000) as client:
        while waiting and len(seen) <= MOST:
            stands_on, address = waiting.pop(0)
            response = await client.get(address, follow_redirects=True)
            if response.status_code not in (200, 503):  # nothing runs jobs here
                refused.append((stands_on, address, response.status_code))
            if response.headers.get("content-type", "").startswith("text/html"):
                found = [urldefrag(one).url for one in links_in(response.text, address)]
                new = [one for one in dict.fromkeys(found) if one not in seen]
                waiting += [(address, one) for one in new]
                seen |= set(new)
    return refused


@pytest.mark.parametrize("role", TeamRole)
async def test_every_link_that_is_shown_opens(team, role):
    """No page leads to one that answers that the role does not include it, or that there is nothing."""
    for scope in SCOPES:
        assert await refused_links(team, GivenRole(role, scope)) == [], scope


@pytest.mark.parametrize(
    "given", MIXED, ids=lambda given: " ".join(f"{one.role}:{one.program}" for one in given)
)
async def test_every_link_opens_for_whoever_has_different_roles(team, given):
    """What may be done in one program only is led to in that one."""
    assert await refused_links(team, *given) == []


@pytest.mark.parametrize("role", TeamRole)
async def test_the_navigation_has_what_may_be_opened(team, role):
    """Each entry opens; those that are left out are refused; what runs the whole bot needs a role in all programs."""
    whole = {"/team/members": Permission.RUN_TEAM, "/team/system": Permission.SEE_SYSTEM}
    for number, scope in enumerate(SCOPES):
        member = await team.member("LINK", GivenRole(role, scope))
        shown = set(links_in(member.page.response.text.split("<nav")[1].split("</nav>")[0], "/team"))
        async with another_place(team, member, number) as client:
            for entry in NAVIGATION:
                response = await client.get(f"/team{entry.path}")
                assert (response.status_code == 200) == (f"/team{entry.path}" in shown), (entry.name, scope)
        for path, needed in whole.items():
            assert (path in shown) == (scope is None and needed in OF_ROLE[role])
