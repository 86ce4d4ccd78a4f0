"""What guards the team's pages: who gets in, what each role may open, and what a form must carry."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.console import registry
from bot.console.permissions import OF_ROLE
from bot.console.registry import PUBLIC_PAGES
from bot.console.visit import TEAM_PATH, ConsolePage
from storage.schema import TeamRole
from tests.support.console import Console, console
from tests.support.turn_world import make_world

PLACES = {"code": "P-NOBODY", "number:int": "1", "number": "1", "token": "sign-in-none", "slug": "myeloma"}


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


def address(page: ConsolePage) -> str:
    """An address of a page, with something in each of its places."""
    return TEAM_PATH + re.sub(r"{([^}]+)}", lambda found: PLACES[found[1]], page.path)


@pytest.mark.parametrize("page", registry.PAGES, ids=lambda page: f"{page.method} {page.path}")
async def test_nobody_gets_in_without_a_session(team, page):
    """Every page and every form of the table leads whoever is not signed in to where one signs in, and does nothing."""
    browser = await team.stranger()
    response = await browser.client.request(page.method, address(page), follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/team/in")


@pytest.mark.parametrize("role", TeamRole)
async def test_each_role_opens_what_the_table_says_and_nothing_else(team, role):
    """A page that needs what a role may not do is refused to it, by GET and by POST; all others are not."""
    browser = await team.member("ANN", role)
    for page in registry.PAGES:
        if page.path == "/out":
            continue
        response = await browser.client.request(page.method, address(page), follow_redirects=False)
        refused = "does not include this page" in response.text
        assert refused == (page.needs is not None and page.needs not in OF_ROLE[role]), (
            page.method,
            page.path,
        )


@pytest.mark.parametrize(
    "page", [one for one in registry.PAGES if one.method == "POST"], ids=lambda one: one.path
)
async def test_a_form_without_its_mark_changes_nothing(team, page):
    """A post of another site, of another session, or without a mark is refused before its page sees it."""
    browser = await team.member("ANN", *TeamRole)
    other = await team.member("BOB", *TeamRole)
    mark = dict(other.page.forms[0].hidden())["mark"]
    for data, headers in (
        ({}, {}),
        ({"mark": "0" * 32}, {}),
        ({"mark": mark}, {}),
        ({"mark": dict(browser.page.forms[0].hidden())["mark"]}, {"sec-fetch-site": "cross-site"}),
        ({"mark": dict(browser.page.forms[0].hidden())["mark"]}, {"origin": "https://evil.example"}),
    ):
        before = team.world.rows("SELECT count(*) FROM audit_event")
        response = await browser.client.post(address(page), data=data, headers=headers)
        assert response.status_code == 403, (data, headers, response.text)
        assert team.world.rows("SELECT count(*) FROM audit_event") == before


async def test_a_link_is_used_by_its_button_alone(team):
    """Previews and scanners open links: only its button lets somebody in, once, for a quarter of an hour."""
    team.enrol("ANN", TeamRole.VIEWER)
    link, browser = team.link("ANN"), await team.stranger()
    for _ in range(3):
        assert (await browser.open(link)).status == 200
    page = await browser.press("Sign in")
    assert "ANN" in page.text
    again = await (await team.stranger()).open(link)
    assert again.status == 410
    late = team.link("ANN")
    team.world.clock.move(timedelta(minutes=16))
    assert (await (await team.stranger()).open(late)).status == 410


async def test_signing_in_makes_a_new_session(team):
    """A cookie that somebody put into the browser before is worth nothing afterwards, and a former session ends."""
    browser = await team.stranger()
    browser.client.cookies.set("__Host-said_team", "A" * 43, domain="team.example.org")
    team.enrol("ANN", TeamRole.VIEWER)
    await browser.open(team.link("ANN"))
    await browser.press("Sign in")
    first = browser.client.cookies.get("__Host-said_team", domain="team.example.org")
    assert first != "A" * 43
    await browser.open(team.link("ANN"))
    await browser.press("Sign in")
    stolen = await team.stranger()
    stolen.client.cookies.set("__Host-said_team", first or "", domain="team.example.org")
    assert "There is no password" in (await stolen.open("/team")).text


async def test_a_session_ends(team):
    """By signing out, by three quarters of an hour without a page, and after twelve hours."""
    browser = await team.member("ANN", TeamRole.VIEWER)
    await browser.press("Sign out")
    assert "There is no password" in (await browser.open("/team")).text
    idle = await team.member("BOB", TeamRole.VIEWER)
    team.world.clock.move(timedelta(minutes=46))
    assert "There is no password" in (await idle.open("/team")).text
    busy = await team.member("CAT", TeamRole.VIEWER)
    for _ in range(23):
        team.world.clock.move(timedelta(minutes=30))
        assert "Who is waiting" in (await busy.open("/team")).text
    team.world.clock.move(timedelta(minutes=30))
    assert "There is no password" in (await busy.open("/team")).text


async def test_every_answer_carries_the_headers(team):
    """Nothing may be framed, kept or loaded from elsewhere, and cookies are for this host over https alone."""
    browser = await team.stranger()
    team.enrol("ANN", TeamRole.VIEWER)
    for path in (team.link("ANN"), "/team/in", "/nowhere", "/team/in/x"):
        response = await browser.client.get(path)
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["strict-transport-security"]
    await browser.open(team.link("ANN"))
    posted = await browser.client.post(browser.page.forms[-1].action, follow_redirects=False)
    cookie = posted.headers["set-cookie"]
    assert cookie.startswith("__Host-said_team=")
    assert {"Secure", "HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}


async def test_another_name_of_the_host_is_refused(team):
    """A page of somebody else that leads here by a name of its own gets nothing."""
    browser = await team.stranger()
    response = await browser.client.get("/team/in", headers={"host": "evil.example"})
    assert response.status_code == 421


def test_public_pages_are_those_of_signing_in():
    """Nothing but signing in is open to strangers."""
    assert {page.path for page in PUBLIC_PAGES} == {"/in", "/in/{token}", "/account", "/account/back"}
