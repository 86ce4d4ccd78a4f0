"""What a form is said to have done: where it did nothing, a page says so, and no sentence of success."""

from collections.abc import AsyncIterator

import pytest

from bot.console.done import DONE, Done
from flows.script.model import Role
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import Console, console
from tests.support.turn_world import make_world
from tests.support.web_browser import Browser


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


def mark(browser: Browser) -> tuple[str, str]:
    return next(one for form in browser.page.forms for one in form.hidden() if one[0] == "mark")


def told(page) -> list[str]:
    """The sentences of success on a page."""
    return [one for one in DONE.values() if one in page.text]


def test_everything_done_has_a_sentence():
    """And each of them is of something that a form does."""
    assert set(DONE) == set(Done)


async def test_a_session_that_is_over_is_not_ended(team):
    """One that ended, never was, or is somebody else's: 404, and nothing is audited."""
    browser = await team.member("ADMIN", TeamRole.ADMIN)
    other = await team.member("CORA", TeamRole.COORDINATOR)
    [(mine,), (theirs,)] = team.world.rows("SELECT id FROM console_session ORDER BY id")
    kept = "SELECT count(*) FROM audit_event WHERE details LIKE '%session ended%'"
    page = await other.send(f"/team/sessions/{mine}/end", [mark(other)])
    assert (page.status, told(page)) == (404, [])
    page = await browser.send(f"/team/sessions/{theirs}/end", [mark(browser)])
    assert told(page) == [DONE[Done.SESSION_ENDED]]
    await browser.open("/team/members")
    for number in (theirs, 9_999):
        page = await browser.send(f"/team/sessions/{number}/end", [mark(browser)])
        assert (page.status, told(page)) == (404, []), number
        await browser.open("/team/members")
    assert team.world.rows(kept) == [(1,)]


async def test_a_request_that_is_answered_is_not_answered_again(team):
    """By whoever comes second, of a number that there is not, or of a program of others."""
    person = team.world.someone("ann")
    await person.start(team.world.token("small", role=Role.HCP))
    await person.say("human")
    ann = await team.member("ANN", TeamRole.COORDINATOR)
    bob = await team.member("BOB", TeamRole.COORDINATOR)
    [(number,)] = team.world.rows("SELECT id FROM person_request")
    page = await ann.send(f"/team/requests/{number}/answered", [mark(ann)])
    assert told(page) == [DONE[Done.ANSWERED]]
    for told_number in (number, 77):
        page = await bob.send(f"/team/requests/{told_number}/answered", [mark(bob)])
        assert (page.status, told(page), "somebody has answered it" in page.text) == (404, [], True)
        await bob.open("/team")
    assert team.world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%answered%'") == [(1,)]


@pytest.mark.parametrize("step", ["pause", "resume"])
async def test_a_program_is_not_paused_or_resumed_twice(team, step):
    """Whoever comes second hears that it was done."""
    browser = await team.member("AUTHOR", TeamRole.AUTHOR)
    await browser.open("/team/programs/myeloma")
    if step == "resume":
        await browser.press("Pause")
    assert told(await browser.send(f"/team/programs/myeloma/{step}", [mark(browser)]))
    page = await browser.send(f"/team/programs/myeloma/{step}", [mark(browser)])
    assert (page.status, told(page)) == (409, [])


async def test_a_program_is_put_away_once(team):
    """The second form of it hears so."""
    browser = await team.member("AUTHOR", TeamRole.AUTHOR)
    await browser.open("/team/programs/myeloma")
    await browser.send("/team/programs/myeloma/close", [mark(browser), ("slug", "myeloma")])
    assert told(await browser.send("/team/programs/myeloma/archive", [mark(browser)]))
    page = await browser.send("/team/programs/myeloma/archive", [mark(browser)])
    assert (page.status, told(page)) == (409, [])


async def test_what_is_not_there_is_not_taken_away(team):
    """No second step of whoever has none, and no pause of whom nothing is held back."""
    admin = await team.member("ADMIN", TeamRole.ADMIN, TeamRole.COORDINATOR)
    team.enrol("CORA", GivenRole(TeamRole.VIEWER))
    page = await admin.send("/team/members/CORA/second-step", [mark(admin)])
    assert (page.status, told(page)) == (409, [])
    await team.world.someone("ann").start(team.world.token("small"))
    [(code,)] = team.world.rows("SELECT code FROM participant")
    await admin.open(f"/team/people/{code}")
    page = await admin.send(f"/team/people/{code}/pause", [mark(admin), ("days", "0")])
    assert (page.status, told(page)) == (409, [])
