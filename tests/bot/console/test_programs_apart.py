"""Roles of one program, on every page of the console: nothing of another program is shown or changed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.console import registry
from bot.console.permissions import OF_ROLE, Permission
from storage.people import coordinators
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import Console, console
from tests.support.console_attacks import Planted, another_place, tour_of, two_programs
from tests.support.console_tour import page_at
from tests.support.web_browser import Page


@dataclass
class Both:
    """A team, what was written in each of two programs, and the addresses of all pages with something of either."""

    team: Console
    planted: Planted
    addresses: list[str]

    def secrets(self, written: str) -> list[str]:
        """What tells of a program: the words and the codes of its people."""
        people = self.planted.first if written == "first" else self.planted.second
        return [one.code for one in people] + [one.words[0] for one in people]


@pytest.fixture
async def both(tmp_path) -> AsyncIterator[Both]:
    world, planted = await two_programs(tmp_path)
    async with console(world) as team:
        browser = await team.member("ROOT", *TeamRole)
        for _ in range(2):
            await browser.open("/team/reading")
            await browser.press("Case: adverse event")
        codes = [one.code for one in (*planted.first, *planted.second)]
        addresses = {*(await tour_of(browser)).all, *(f"/team/people/{code}" for code in codes)}
        bare = {one.partition("?")[0] for one in addresses}
        every = addresses | {
            f"{one}{query}"
            for one in bare
            for query in ("", "?program=myeloma", "?program=elsewhere", "?program=&program=myeloma&page=1")
        }
        yield Both(team, planted, sorted(every))
    world.database.close()


@pytest.mark.parametrize("role", TeamRole)
async def test_a_role_of_one_program_shows_nothing_of_another(both, role):
    """Whatever the address asks for, no page shows a word or a person of a program in which the member has no role."""
    here = await both.team.member("HERE", GivenRole(role, "elsewhere"))
    theirs, others = both.secrets("second"), both.secrets("first")
    shown = set()
    async with another_place(both.team, here, 77) as client:
        for address in both.addresses:
            response = await client.get(address)
            assert response.status_code != 500, address
            leaked = [one for one in others if one in response.text]
            assert leaked == [], (role, address)
            shown |= {one for one in theirs if one in response.text}
    assert bool(shown) == (Permission.SEE_PEOPLE in OF_ROLE[role])


async def test_what_is_of_another_program_changes_nothing(both):
    """Every form of a page, sent by a member of another program with their own mark, is refused, and writes nothing."""
    root = await both.team.member("BOSS", *TeamRole)
    outsider = await both.team.member("HERE", *(GivenRole(role, "elsewhere") for role in TeamRole))
    mark = dict(outsider.page.forms[0].hidden())["mark"]
    others = both.secrets("first")
    tried = 0
    async with another_place(both.team, root, 78) as boss, another_place(both.team, outsider, 79) as client:
        for address in both.addresses:
            page = await _page(boss, address)
            for form in page.forms if page is not None else []:
                fields = dict(form.hidden())
                about = [one for one in others if one in form.action or one in fields.values()]
                if form.method != "post" or not about or page_at(form.action, "POST") is None:
                    continue
                tried += 1
                filled = {one.name: "7" for one in form.controls if one.name and one.kind != "hidden"}
                before = both.team.world.rows("SELECT count(*) FROM audit_event")
                answered = await client.post(form.action, data={**filled, **fields, "mark": mark})
                assert answered.status_code in (400, 403, 404), (form.action, answered.status_code)
                assert both.team.world.rows("SELECT count(*) FROM audit_event") == before
    assert tried > 0


async def test_whoever_is_removed_is_out_with_their_next_page(both):
    """A removed coordinator's session opens nothing and posts nothing, also where they are enrolled anew."""
    browser, now = await both.team.member("GONE", *TeamRole), both.team.world.clock.now()
    mark = dict(browser.page.forms[0].hidden())["mark"]
    link = both.team.link("GONE")
    both.team.world.database.write_now(lambda c: coordinators.remove(c, "GONE", now))
    for page in registry.PAGES:
        if "{" in page.path:
            continue
        response = await browser.client.request(
            page.method, f"/team{page.path}", data={"mark": mark}, follow_redirects=False
        )
        assert (response.status_code, response.headers.get("location")) == (303, "/team/in"), page.path
    assert (await (await both.team.stranger()).open(link)).status == 410


async def _page(client, address):
    """The page at an address, with its forms."""
    response = await client.get(address)
    return Page(response) if response.headers.get("content-type", "").startswith("text/html") else None
