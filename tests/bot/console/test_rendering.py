"""The pages in the language of whoever reads them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.invitations.roster import MOST_LINES
from flows.i18n.catalogs import CONSOLE, SHIPPED, translation_path, use_folders
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from storage.people import coordinators
from storage.schema import TeamRole
from tests.support.console import Console, console
from tests.support.console_attacks import PLANTED, Markup, hostile_world, tour_of
from tests.support.turn_world import make_runtime, make_world
from tests.support.web_browser import Browser

DRAFTS = LanguagePolicy(allow_drafts=True)
FIRST = {"en": "Who is waiting for somebody?", "de": "Wer wartet auf jemanden?"}


def choose(team: Console, code: str, language: str) -> None:
    """Somebody of the team chooses their language, as they do in chat."""
    team.world.database.write_now(
        lambda connection: coordinators.set_language(
            connection, coordinators.by_code(connection, code), language
        )
    )


async def german(team: Console, *given: TeamRole) -> Browser:
    """A browser of a member whose language is German."""
    browser = await team.member("GRETA", *given)
    choose(team, "GRETA", "de-AT")
    await browser.open("/team")
    return browser


@pytest.fixture
async def with_drafts(tmp_path: Path) -> AsyncIterator[Console]:
    world = make_world(tmp_path, Localizations(policy=DRAFTS))
    async with console(world) as made:
        yield made
    world.database.close()


async def test_a_member_reads_their_own_language(with_drafts: Console) -> None:
    """Where drafts are allowed, whoever chose German has German pages; the others of the team have theirs."""
    greta = await german(with_drafts, TeamRole.COORDINATOR)
    assert FIRST["de"] in greta.page.text
    assert '<html lang="de" dir="ltr">' in greta.page.response.text
    page = await greta.open("/team/people/nobody")
    assert "In Ihren Programmen hat niemand diesen Code." in page.text
    cora = await with_drafts.member("CORA", TeamRole.COORDINATOR)
    assert FIRST["en"] in cora.page.text
    assert '<html lang="en" dir="ltr">' in cora.page.response.text


async def test_a_draft_is_not_shown_unless_it_may_be(tmp_path: Path) -> None:
    """German is a draft, and the settings allow none: the pages stay English."""
    world = make_world(tmp_path)
    async with console(world) as team:
        assert FIRST["en"] in (await german(team, TeamRole.COORDINATOR)).page.text
    world.database.close()


async def test_a_reviewed_file_of_ones_own_is_shown(tmp_path: Path) -> None:
    """A copy of the file that says that it was reviewed, in the folder of the settings, is enough."""
    own = translation_path(tmp_path / "own", "de", CONSOLE)
    own.parent.mkdir(parents=True)
    text = translation_path(SHIPPED, "de", CONSOLE).read_text()
    own.write_text(text.replace("X-Review-Status: draft", "X-Review-Status: reviewed").replace(
        FIRST["de"], "Wer wartet?"
    ))  # fmt: skip
    use_folders([tmp_path / "own"])
    world = make_world(tmp_path, Localizations((tmp_path / "own",)))
    try:
        async with console(world) as team:
            assert "Wer wartet?" in (await german(team, TeamRole.COORDINATOR)).page.text
    finally:
        use_folders([])
        world.database.close()


async def test_a_stranger_is_spoken_to_as_their_browser_asks(with_drafts: Console) -> None:
    """The page of signing in goes by Accept-Language, the most wished for that there is; else it is English."""
    browser = await with_drafts.stranger()
    for asked, title in (("fi, de-CH;q=0.8, en;q=0.5", "Anmelden"), ("fi", "Sign in"), ("", "Sign in")):
        answer = await browser.client.get("/team/in", headers={"accept-language": asked})
        assert f"<h1>{title}</h1>" in answer.text


async def test_moments_and_numbers_are_written_in_the_language(with_drafts: Console) -> None:
    """Days, hours and distances too, each moment with its zone."""
    greta = await german(with_drafts, *TeamRole)
    page = await greta.open("/team/me")
    assert re.search(r">(Mo|Di|Mi|Do|Fr|Sa|So)\., \d+\. \S+ 20\d\d, \d\d:\d\d UTC</time>", page.response.text)
    page = await greta.open("/team/invitations/roster")
    assert f"Bis zu {MOST_LINES:,} Personen".replace(",", ".") in page.text


async def test_what_a_form_did_is_told_in_the_language(with_drafts: Console) -> None:
    """What was done, what is wrong with a field, and why a page is refused."""
    greta = await german(with_drafts, *TeamRole)
    page = await greta.open("/team/members?done=roles_set")
    assert "Die Rollen gelten ab der nächsten Seite." in page.text
    await greta.open("/team/invitations/new")
    page = await greta.press("Erstellen")
    assert "Kein Programm wurde gewählt: wählen Sie eines." in page.text or "Kein Gespräch" in page.text


async def test_hostile_words_stay_words_in_german(tmp_path: Path) -> None:
    """Every page is made in German, and nothing that anybody wrote is markup in it."""
    world = await hostile_world(tmp_path)
    world.runtime = make_runtime(world.database, world.clock, localizations=Localizations(policy=DRAFTS))
    seen = 0
    async with console(world) as team:
        greta = await german(team, *TeamRole)
        day = await tour_of(greta)
        for address in day.all:
            response = await greta.client.get(address)
            assert response.status_code == 200, address
            assert Markup(response.text).found == [], address
            assert '<html lang="de"' in response.text
            seen += PLANTED in response.text
    world.database.close()
    assert seen > 0
