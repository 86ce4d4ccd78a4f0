"""Who did what: the page of acts, who a state is owed to, and what every page says of a program that is paused."""

from datetime import timedelta

import pytest

from bot.console.languages.act_words import DOERS, TOLD
from storage.programs import programs
from storage.reports.team_acts import Doer, TeamAct
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.console_attacks import another_program
from tests.support.turn_world import make_world


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


def form_of(browser, ending: str):
    """The form of the page that posts to an address of this end."""
    return next(form for form in browser.page.forms if form.action.endswith(ending))


async def paused(team, code: str = "CAT"):
    """Somebody who has paused the program; their browser."""
    browser = await team.member(code, *TeamRole)
    await browser.open("/team/programs/myeloma")
    await browser.post(form_of(browser, "/pause"))
    return browser


def test_every_act_has_its_words():
    """And so has everybody who does one that names nobody."""
    assert set(TOLD) == set(TeamAct)
    assert set(DOERS) == set(Doer)


async def test_every_page_says_what_is_paused_since_when_and_by_whom(team):
    """To whoever may see the program, until it is resumed; whoever may not resume it hears who can."""
    browser = await paused(team)
    bob = await team.member("BOB", TeamRole.VIEWER)
    for path in ("/team", "/team/programs", "/team/me"):
        page = await bob.open(path)
        assert "myeloma was paused by CAT: nothing of it goes out of our own accord, since" in page.text
        assert "UTC" in page.text
        assert "whoever is author there resumes it" in page.text
    assert "Resume it" in (await browser.open("/team/people")).text
    await browser.open("/team/programs/myeloma")
    assert "by CAT" in browser.page.text
    page = await browser.post(form_of(browser, "/resume"))
    assert "was paused by" not in page.text
    assert "was paused by" not in (await bob.open("/team")).text


async def test_who_may_not_see_a_program_does_not_hear_that_it_is_paused(team):
    """Nor does anybody before they gave the code of their second step, or are signed in."""
    another_program(team.world)
    await paused(team)
    other = await team.member("DAN", GivenRole(TeamRole.VIEWER, "elsewhere"))
    assert "was paused by" not in (await other.open("/team")).text
    assert "was paused by" not in (await (await team.stranger()).open("/team/in")).text


async def test_what_was_paused_on_the_machine_says_so(team):
    """No coordinator is named where none did it in the pages."""
    now = team.world.clock.now()
    team.world.database.write_now(lambda c: programs.pause(c, team.world.program_id, now))
    browser = await team.member("CAT", TeamRole.VIEWER)
    assert "myeloma is paused: nothing of it goes out" in browser.page.text


async def test_acts_are_listed_with_who_when_and_on_whom(team):
    """Roles, a pause and a session that was ended; each filter leaves its own."""
    browser = await paused(team)
    await team.member("BOB", TeamRole.VIEWER)
    team.world.clock.move(timedelta(minutes=1))
    await browser.open("/team/members")
    form = form_of(browser, "/BOB/roles")
    await browser.send(form.action, [*form.hidden(), ("role", "viewer"), ("role", "safety:myeloma")])
    page = await browser.open("/team/acts")
    assert "CAT gave just these roles viewer safety · myeloma BOB" in page.text
    assert "CAT paused the programme myeloma" in page.text
    assert "signed in" in page.text
    page = await browser.open("/team/acts?group=programs")
    assert "paused the programme" in page.text
    assert "gave just these roles" not in page.text
    assert "paused" not in (await browser.open("/team/acts?by=BOB")).text.partition("On whom or what")[2]
    assert "Nothing of that kind" in (await browser.open("/team/acts?person=P-NOBODY")).text
    page = await browser.open("/team/members")
    assert "These roles since Mon, 2 Mar 2026, 09:01 UTC by CAT" in page.text


async def test_a_link_says_who_made_and_who_revoked_it(team):
    """Beside the moment of each."""
    browser = await team.member("CAT", *TeamRole)
    await browser.open("/team/invitations/new")
    form = form_of(browser, "/invitations/new")
    fields = {"program": "myeloma", "conversation": "hcp/hcp_commitment", "source": "a ward", "count": "1"}
    await browser.post(form, *fields.items())
    [(number,)] = team.world.rows("SELECT max(id) FROM invitation")
    page = await browser.open(f"/team/invitations/{number}")
    assert "by CAT" in page.text.partition("Made")[2].partition("Good until")[0]
    team.world.clock.move(timedelta(minutes=1))
    page = await browser.post(form_of(browser, "/revoke"))
    assert "by CAT" in page.text.partition("Revoked")[2]
    page = await browser.open("/team/acts?group=links")
    assert f"CAT revoked a link link {number}" in page.text
