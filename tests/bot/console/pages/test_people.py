"""People in the console: who is in the list, and in which order; nobody sees those of another program."""

from datetime import timedelta

import pytest

from flows.script.model import Role
from storage.programs import programs
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


async def comes(team, name: str, role: Role = Role.HCP, *said: str, **link) -> str:
    """Somebody comes in by a link, and says these things; their code."""
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=role, **link))
    for words in said:
        await person.say(words)
    return team.world.rows("SELECT code FROM participant ORDER BY id DESC LIMIT 1")[0][0]


async def test_people_are_found_by_what_is_asked(team):
    """Each filter leaves those whom it is about, and says how many they are."""
    ann = await comes(team, "ann", Role.HCP, "red")
    pat = await comes(team, "pat", Role.PATIENT, source="clinic", language="de")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    for query, shown, hidden in (
        ("role=patient", pat, ann),
        ("role=hcp", ann, pat),
        ("source=clinic", pat, ann),
        ("state=silent", pat, ann),
        ("state=active&role=hcp", ann, pat),
    ):
        page = await browser.open(f"/team/people?{query}")
        assert shown in page.text, query
        assert hidden not in page.text, query
        assert "1 people" in page.text
    team.world.clock.move(timedelta(days=4))
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    assert ann in (await browser.open("/team/people?state=stuck")).text
    assert "Nobody is like that." in (await browser.open("/team/people?state=deleted")).text
    assert ann in (await browser.open("/team/people?state=nonsense&sort=nonsense&page=0")).text


async def test_the_list_is_sorted_as_asked(team):
    """Who wrote last comes first; by their codes otherwise."""
    codes = [await comes(team, name) for name in ("ann", "bob", "cat")]
    team.world.clock.move(timedelta(minutes=5))
    await team.world.someone("ann").say("red")
    browser = await team.member("CORA", TeamRole.COORDINATOR)

    async def shown(query: str) -> list[str]:
        body = (await browser.open(f"/team/people{query}")).response.text
        return sorted(codes, key=lambda code: body.index(f">{code}<"))

    assert (await shown(""))[0] == codes[0]
    assert await shown("?sort=code") == sorted(codes)


async def test_people_of_another_program_are_not_there(team):
    """Neither in the list nor by their code, nor by any form."""
    code = await comes(team, "ann", Role.HCP, "red")
    another = team.world.database.read_now(lambda c: programs.program_file(c, team.world.program_id))
    another = another.model_copy(update={"program": "other-program"})
    team.world.database.write_now(lambda c: programs.load(c, another, "another", team.world.clock.now()))
    browser = await team.member("CORA", GivenRole(TeamRole.COORDINATOR, "other-program"))
    assert code not in (await browser.open("/team/people")).text
    assert (await browser.open("/team/people?program=myeloma")).status == 404
    for path in (f"/team/people/{code}", f"/team/people/{code}/talks/1"):
        assert (await browser.open(path)).status == 404
    mark = dict((await browser.open("/team/people")).forms[0].hidden())["mark"]
    for step in ("pause", "set", "resend", "move", "erase"):
        fields = [("mark", mark), ("days", "3"), ("timezone", "UTC"), ("step", "ask")]
        assert (await browser.send(f"/team/people/{code}/{step}", fields)).status == 404
    assert team.world.rows("SELECT count(*) FROM requested_erasure") == [(0,)]


async def test_a_wave_that_is_owed_is_a_filter(team):
    """A day that nobody owes leaves nobody; what is no day is passed over."""
    ann = await comes(team, "ann")
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/people?owes=30")
    assert ann not in page.text
    assert "Asked, not answered" in page.text
    assert ann in (await browser.open("/team/people?owes=x")).text
