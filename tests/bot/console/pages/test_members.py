"""A member's own page: the language in which it is shown."""

import pytest

from flows.i18n.localized_flow import LanguagePolicy, Localizations
from storage.schema import TeamRole
from tests.support.console import console
from tests.support.turn_world import make_world


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path, Localizations(policy=LanguagePolicy(allow_drafts=True)))
    async with console(world) as made:
        yield made
    world.database.close()


def form_of(browser):
    """The form of the language."""
    return next(form for form in browser.page.forms if form.action.endswith("/me/language"))


async def test_a_member_sets_the_language_of_their_pages(team):
    """It holds from the next page on, whatever the browser asks for, and goes by that again once it is taken back."""
    browser = await team.member("ANN", TeamRole.VIEWER)
    await browser.open("/team/me")
    assert {"", "en", "de"} <= {one.value for one in form_of(browser).controls if one.tag == "option"}
    page = await browser.post(form_of(browser), ("language", "de"))
    assert "Sprache der Seiten" in page.text
    assert 'lang="de"' in page.response.text
    assert "Wo Sie angemeldet sind" in (await browser.open("/team/me")).text
    assert team.world.rows("SELECT language FROM coordinator") == [("de",)]
    page = await browser.post(form_of(browser), ("language", ""))
    assert "Language of the pages" in page.text
    browser.client.headers["accept-language"] = "de"
    assert "Sprache der Seiten" in (await browser.open("/team/me")).text


async def test_a_language_that_is_not_there_is_refused(team):
    """Nothing but what the pages are said in is kept."""
    browser = await team.member("ANN", TeamRole.VIEWER)
    await browser.open("/team/me")
    for told in ("xx", "de-CH-1996", "<b>", "fr" * 50):
        page = await browser.send("/team/me/language", [*form_of_first(browser), ("language", told)])
        assert page.status == 400
        await browser.open("/team/me")
    assert team.world.rows("SELECT language FROM coordinator") == [(None,)]


async def test_roles_that_somebody_else_gave_meanwhile_are_not_lost(team):
    """Of two admins who look at the same roles, the second is told that they changed, and changes nothing."""
    ann = await team.member("ANN", TeamRole.ADMIN)
    bob = await team.member("BOB", TeamRole.ADMIN)
    await team.member("CAT", TeamRole.VIEWER)
    forms = []
    for admin in (ann, bob):
        await admin.open("/team/members")
        forms.append(next(one for one in admin.page.forms if one.action.endswith("/CAT/roles")))
    first = await ann.send(forms[0].action, [*forms[0].hidden(), ("role", "safety")])
    second = await bob.send(
        forms[1].action, [*forms[1].hidden(), ("role", "viewer"), ("role", "coordinator")]
    )
    assert (first.status, second.status) == (200, 409)
    assert "These roles were changed since you opened this page" in second.text
    held = (
        "SELECT role FROM coordinator_role JOIN coordinator c ON c.id = coordinator_id WHERE c.code = 'CAT'"
    )
    assert team.world.rows(held) == [("safety",)]


def form_of_first(browser) -> list[tuple[str, str]]:
    """The hidden fields of the form of the language."""
    return form_of(browser).hidden()
