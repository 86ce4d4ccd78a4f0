"""Words that try to be more than words, wherever people and programs can put them, on every page of the console."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.cli.people.coordinator import CODE
from flows.script.model import Role
from storage.schema import TeamRole
from tests.support.console import Console, console
from tests.support.console_attacks import HOSTILE, PLANTED, Markup, hostile_world, tour_of, write
from tests.support.log_lines import logged_lines
from tests.support.turn_world import make_world

MOST_LETTERS = 700_000
"""Of a page in which somebody's hundred thousand characters stand whole, twice, escaped."""


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = await hostile_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


async def test_nothing_that_anybody_wrote_is_markup(team):
    """Every page to which links lead is made, with no tag, handler or sign of direction but those of the templates."""
    browser = await team.member("CORA", *TeamRole)
    day, seen = await tour_of(browser), 0
    for address in day.all:
        response = await browser.client.get(address)
        assert response.status_code == 200, (address, response.text[:500])
        assert Markup(response.text).found == [], address
        assert len(response.text) < MOST_LETTERS, address
        seen += PLANTED in response.text
    assert seen > 0


async def test_every_hostile_text_is_read_and_flagged_as_words(team):
    """Each is shown as it was written in Reading, and on the page of a case that was opened for it."""
    browser = await team.member("CORA", *TeamRole)
    for _ in range(2 * len(HOSTILE) + 1):
        page = await browser.open("/team/reading")
        assert page.status == 200
        assert Markup(page.response.text).found == []
        if "All is read." in page.text:
            break
        assert PLANTED in page.response.text
        page = await browser.press("Case: adverse event")
        assert page.status == 200
    cases = team.world.rows("SELECT id FROM safety_case")
    assert len(cases) >= len(HOSTILE)
    for (number,) in cases:
        page = await browser.open(f"/team/safety/{number}")
        assert (page.status, Markup(page.response.text).found) == (200, [])


async def test_what_coordinators_write_is_words_too(team):
    """A reason of a case is shown escaped; a code of somebody of the team can hold no markup at all."""
    browser = await team.member("CORA", *TeamRole)
    await browser.open("/team/reading")
    await browser.press("Case: adverse event")
    [(number,), *_] = team.world.rows("SELECT id FROM safety_case")
    page = await browser.open(f"/team/safety/{number}")
    form = next(form for form in page.forms if ("step", "not_event") in form.hidden())
    page = await browser.post(form, ("reason", HOSTILE[0]))
    assert PLANTED not in str(page.response.url)
    page = await browser.open(f"/team/safety/{number}")
    assert Markup(page.response.text).found == []
    assert [one for one in (*HOSTILE, "<B>", "A B", "", "x" * 200, "A\u202eB") if CODE.fullmatch(one)] == []


@pytest.fixture
async def plain(tmp_path) -> AsyncIterator[Console]:
    """A team, and somebody who wrote words that are found again."""
    world = make_world(tmp_path)
    await write(world, "ann", ["Unmistakable words of mine", "Unmistakable words of later"])
    world.token("small", role=Role.PATIENT, source="a ward")
    async with console(world) as made:
        yield made
    world.database.close()


async def test_whoever_is_shown_words_is_in_the_audit_trail(plain):
    """Each page that shows what somebody wrote writes a row with what it was and who saw it; at least two pages do."""
    browser = await plain.member("CORA", *TeamRole)
    await browser.open("/team/reading")
    await browser.press("Case: adverse event")
    await browser.open("/team/reading")
    day, shown = await tour_of(browser), set()
    newest = "SELECT coalesce(max(id), 0) FROM audit_event"
    for path, addresses in day.addresses.items():
        for address in addresses:
            [(before,)] = plain.world.rows(newest)
            response = await browser.client.get(address)
            if "Unmistakable words" not in response.text:
                continue
            shown.add(path)
            rows = plain.world.rows("SELECT kind, details FROM audit_event WHERE id > :before", before=before)
            told = [json.loads(details) for kind, details in rows if kind == "view"]
            assert any("CORA" in one.values() for one in told), (address, rows)
            assert "Unmistakable" not in str(rows)
    assert {"/reading", "/safety/{number:int}"} <= shown


async def test_the_log_and_addresses_hold_nothing_of_anybody(plain):
    """No words, codes of the team, tokens or cookies are logged, and none of them is in an address that is led to."""
    secrets = ["Unmistakable", "CORA", "ann@example.org", "+4917012345678"]
    with logged_lines("debug") as lines:
        plain.enrol("CORA", *TeamRole)
        browser = await plain.stranger()
        link = plain.link("CORA")
        secrets.append(link.rpartition("/")[2])
        await browser.open(link)
        await browser.press("Sign in")
        secrets += list(browser.client.cookies.values())
        day = await tour_of(browser)
        for address in day.all:
            page = await browser.open(address)
            for form in page.forms:
                if form.method != "post" or form.action in ("/team/out", "") or "/end" in form.action:
                    continue
                values = dict(form.hidden())
                values |= {
                    one.name: f"{secrets[0]} {secrets[2]} {secrets[3]}"
                    for one in form.controls
                    if one.name and one.kind != "hidden" and one.tag in ("input", "textarea")
                }
                answered = await browser.client.post(form.action, data=values)
                for step in answered.history:
                    said = step.headers["location"]
                    assert [one for one in secrets if one in said] == [], (form.action, said)
        await browser.client.get(f"/team/nowhere/{secrets[0]}?x={secrets[2]}")
        told = json.dumps(lines())
    assert [one for one in secrets if one in told] == []


def test_pages_are_read_for_what_is_wrong():
    """The search for markup finds it: it is no search that finds nothing anyway."""
    assert Markup("<p>fine</p><script src='/team/assets/console-12.js'></script>").found == []
    for wrong in (
        "<img src=x>",
        "<p onclick=x>",
        "<script>1</script>",
        "\u202e",
        '<a href="javascript:1">x</a>',
    ):
        assert Markup(wrong).found != [], wrong
