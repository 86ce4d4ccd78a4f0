"""The links in the console: how they stand, and their end, extension and replacement."""

from datetime import timedelta

import pytest

from flows.i18n.say import Sentence
from storage.programs import programs
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.turn_world import COLOUR, IDENTITY, make_world, said, texts

DAY = timedelta(days=1)


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


def label_views(team) -> int:
    return team.world.rows(
        "SELECT count(*) FROM audit_event WHERE kind = 'view' AND details LIKE '%labels%'"
    )[0][0]


async def test_a_link_is_revoked_and_extended_again(team):
    """Nobody comes in by it meanwhile, and is told so kindly; both pages say how it can be undone."""
    token = team.world.token()
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/invitations/1")
    page = await browser.press("Revoke")
    assert "It can be extended again." in page.text
    assert "revoked" in page.text
    ann = team.world.someone("ann")
    assert texts(await ann.start(token)) == [said(Sentence.INVITATION_EXPIRED)]
    form = next(one for one in page.forms if one.action.endswith("/extend"))
    page = await browser.post(form, ("until", "2026-03-04"))
    assert "The link is good until then." in page.text
    assert "Wed, 4 Mar 2026, 23:59 UTC" in page.text
    assert texts(await ann.start(token)) == [COLOUR]
    found = team.world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%invitation %CORA%'")
    assert found == [(2,)]


@pytest.mark.parametrize("day", ["2026-03-01", "yesterday", "2026-02-30", "0000-00-00", "99999-01-01"])
async def test_a_day_that_is_none_changes_nothing(team, day):
    """The page says what is wrong with it."""
    team.world.token()
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/invitations/1")
    form = next(one for one in page.forms if one.action.endswith("/extend"))
    page = await browser.post(form, ("until", day))
    assert page.status == 400
    assert "Nothing was changed." in page.text


async def test_a_link_that_was_used_meanwhile_is_not_revoked(team):
    """A page is of its moment: who came in since, or what another did, is looked at first."""
    token = team.world.group()
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/invitations/1")
    await team.world.someone("ann").start(token)
    page = await browser.press("Revoke")
    assert page.status == 409
    assert team.world.rows("SELECT revoked_at FROM invitation") == [(None,)]


async def test_a_link_is_replaced_once(team):
    """The new one is shown once with its label; the same form, sent again, makes no other one."""
    old = team.world.token(label_sealed=IDENTITY.seal("Bed 7"))
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/invitations/1")
    assert "Bed 7" in page.text
    form = next(one for one in page.forms if one.action.endswith("/replace"))
    page = await browser.post(form)
    assert "Bed 7" in page.text
    assert "<svg" in page.response.text
    token = next(value for one in page.forms for name, value in one.hidden() if name == "tokens")
    page = await browser.post(form)
    assert page.status == 409
    assert team.world.rows("SELECT count(*) FROM invitation") == [(2,)]
    ann = team.world.someone("ann")
    assert texts(await ann.start(old)) == [said(Sentence.INVITATION_EXPIRED)]
    assert texts(await ann.start(token)) == [COLOUR]
    assert label_views(team) == 2


async def test_labels_are_shown_where_they_were_asked_for(team):
    """The list has none unless its box is ticked, which is audited; markup in one is shown as words."""
    team.world.token(label_sealed=IDENTITY.seal("<b>Bed 7</b>"))
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/invitations")
    assert "Bed 7" not in page.text
    assert label_views(team) == 0
    page = await browser.open("/team/invitations?labels=yes")
    assert "&lt;b&gt;Bed 7&lt;/b&gt;" in page.response.text
    assert label_views(team) == 1


async def test_the_list_is_filtered_and_sources_are_tallied(team):
    """By source, state and order; what is no state or order is passed over."""
    team.world.token(source="Ward 3")
    await team.world.someone("ann").start(team.world.group(source="Ward 4"))
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    for query, shown in (
        ("", {1, 2}),
        ("?source=Ward+3", {1}),
        ("?state=in_use", {2}),
        ("?state=nonsense&sort=nonsense", {1, 2}),
        ("?sort=oldest&page=7", set()),
    ):
        page = await browser.open(f"/team/invitations{query}")
        found = {number for number in (1, 2) if f'"/team/invitations/{number}"' in page.response.text}
        assert found == shown, query
    assert "Ward 3 myeloma 1 0 1" in page.text


async def test_a_member_of_one_program_sees_its_links_alone(team):
    """Those of another are not there, by number either, and nothing can be done with them."""
    file = team.world.database.read_now(lambda c: programs.program_file(c, 1))
    other = file.model_copy(update={"program": "other"})
    team.world.database.write_now(lambda c: programs.load(c, other, "2", team.world.clock.now()))
    team.world.token()
    browser = await team.member("CORA", GivenRole(TeamRole.COORDINATOR, "other"))
    page = await browser.open("/team/invitations")
    assert '"/team/invitations/1"' not in page.response.text
    assert (await browser.open("/team/invitations/1")).status == 404
    mark = next(value for one in browser.page.forms for name, value in one.hidden() if name == "mark")
    for action in ("revoke", "extend", "replace"):
        page = await browser.send(f"/team/invitations/1/{action}", [("mark", mark)])
        assert page.status == 404
    page = await browser.send("/team/invitations/new", [("mark", mark), ("program", "myeloma")])
    assert page.status == 403
    assert team.world.rows("SELECT count(*), max(revoked_at) FROM invitation") == [(1, None)]


async def test_a_used_link_is_replaced_once(team):
    """Its state is the same before and after: that a link like it was made since is what tells a second press."""
    token = team.world.token()
    await team.world.someone("ann").start(token)
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/invitations/1")
    form = next(one for one in page.forms if one.action.endswith("/replace"))
    team.world.token(source="another ward")
    assert "<svg" in (await browser.post(form)).response.text
    assert (await browser.post(form)).status == 409
    assert team.world.rows("SELECT count(*) FROM invitation") == [(3,)]
