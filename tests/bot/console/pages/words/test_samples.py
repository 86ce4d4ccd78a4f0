"""Samples in the console: words that the rules found nothing in, drawn, read, flagged, and marked as looked at."""

import json

import pytest

from bot.console.pages.words import samples as page_of_samples
from flows.script.model import Role
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import console
from tests.support.console_attacks import HOSTILE, Markup
from tests.support.turn_world import make_world
from tests.support.web_browser import Browser, Page

WORDS = "I sat there with the leaflet until the morning."


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def writes(team, words: str = WORDS, name: str = "ann") -> None:
    person = team.world.someone(name)
    await person.start(team.world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say(words)


async def draw(browser: Browser, share: str = "10") -> Page:
    """Draw a sample from all programmes, on the page of samples."""
    form = next(form for form in browser.page.forms if form.named("share"))
    return await browser.post(form, ("share", share))


async def test_a_sample_is_drawn_read_and_marked(team):
    """Its words are shown redacted, audited once a page, and read by whoever says that they looked."""
    await writes(team)
    browser = await team.member("SAM", TeamRole.SAFETY)
    page = await browser.open("/team/safety/samples")
    assert "None is drawn yet." in page.text
    page = await draw(browser)
    assert "The sample is drawn" in page.text
    assert WORDS in page.text
    assert "1 of 1 texts" in page.text
    page = await browser.press("I have read all that I was shown; there is nothing else in it")
    assert "you looked at all of it" in page.text
    assert team.world.rows("SELECT looked_by, found FROM safety_look") == [(1, 0)]
    assert team.world.rows("SELECT count(*) FROM reading WHERE read_at IS NOT NULL") == [(1,)]
    told = [
        json.loads(one) for (one,) in team.world.rows("SELECT details FROM audit_event WHERE kind = 'view'")
    ]
    assert {"drawn", "shown", "looked_at"} <= {one.get("what") for one in told}
    assert WORDS not in str(told)
    assert "to be read" not in (await browser.open("/team/safety/samples")).text


async def test_something_in_it_opens_a_case_and_comes_back_to_the_sample(team):
    """The text is flagged in its sample, and a case is open."""
    await writes(team)
    browser = await team.member("SAM", TeamRole.SAFETY)
    await browser.open("/team/safety/samples")
    await draw(browser)
    page = await browser.press("Case: product complaint")
    assert str(page.response.url).partition("?")[0].endswith("/team/safety/samples/1")
    assert "A safety case is open" in page.text
    assert "flagged" in page.text
    assert team.world.rows("SELECT kind FROM safety_case") == [("product_complaint",)]
    assert team.world.rows("SELECT found FROM safety_look") == [(1,)]


async def test_of_a_long_sample_only_what_was_shown_is_looked_at(team, monkeypatch):
    """A page has so many texts; the others stay as they are until somebody has seen them."""
    monkeypatch.setattr(page_of_samples, "PER_PAGE", 2)
    monkeypatch.setattr(page_of_samples, "SHARES", (100,))
    monkeypatch.setattr("bot.console.lists.PER_PAGE", 2)
    for number in range(3):
        await writes(team, f"Words of number {number}, at some length.", f"p{number}")
    browser = await team.member("SAM", TeamRole.SAFETY)
    await browser.open("/team/safety/samples")
    page = await draw(browser, "100")
    assert "number 0" in page.text
    assert "number 2" not in page.text
    await browser.press("I have read all that I was shown; there is nothing else in it")
    assert team.world.rows("SELECT count(*) FROM safety_look WHERE looked_at IS NOT NULL") == [(2,)]
    page = await browser.open("/team/safety/samples/1?page=2")
    assert "number 2" in page.text
    await browser.press("I have read all that I was shown; there is nothing else in it")
    assert team.world.rows("SELECT count(*) FROM safety_look WHERE looked_at IS NOT NULL") == [(3,)]


async def test_hostile_words_are_words(team):
    """Nothing that anybody wrote is markup on the page of a sample."""
    for number, words in enumerate(HOSTILE):
        await writes(team, words, f"p{number}")
    browser = await team.member("SAM", TeamRole.SAFETY)
    mark = dict(browser.page.forms[0].hidden())["mark"]
    for _ in range(3):
        answered = await browser.client.post("/team/safety/samples", data={"mark": mark, "share": "10"})
        assert answered.status_code == 200
        assert Markup(answered.text).found == []


async def test_a_sample_of_all_is_for_whoever_reads_all(team):
    """Who reads in one program draws from that, and does not see what was drawn from all."""
    await writes(team)
    root = await team.member("SAM", TeamRole.SAFETY)
    await root.open("/team/safety/samples")
    await draw(root)
    other = await team.member("OTTO", GivenRole(TeamRole.SAFETY, "myeloma"))
    mark = dict(other.page.forms[0].hidden())["mark"]
    assert "None is drawn yet." in (await other.open("/team/safety/samples")).text
    assert (await other.open("/team/safety/samples/1")).status == 404
    for path, data, status in (
        ("samples", {"share": "10"}, 403),
        ("samples", {"share": "10", "program": "elsewhere"}, 404),
        ("samples", {"share": "99", "program": "myeloma"}, 400),
        ("samples", {"share": "10", "program": "myeloma"}, 409),
        ("samples/1/looked", {}, 404),
    ):
        answered = await other.client.post(f"/team/safety/{path}", data={"mark": mark, **data})
        assert answered.status_code == status, (path, data)
    assert team.world.rows("SELECT count(*) FROM safety_sample") == [(1,)]
