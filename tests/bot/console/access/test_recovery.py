"""Codes that let a member in without their app: shown once, good once."""

import re
from datetime import timedelta

import pyotp
import pytest

from storage.people import coordinators
from storage.schema import TeamRole
from storage.team import sign_in
from tests.support.console import console
from tests.support.turn_world import make_world

KEPT = "SELECT count(*), count(used_at) FROM recovery_code"


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


def app_code(team, secret: str) -> str:
    """What the app shows now."""
    return pyotp.TOTP(secret).at(int(team.world.clock.now().timestamp()))


def form_of(browser, ending: str):
    """The form of the page that posts to an address of this end."""
    return next(form for form in browser.page.forms if form.action.endswith(ending))


def codes_on(page) -> list[str]:
    """The codes that a page shows."""
    return re.findall(r"\b\d{4} \d{4} \d{4}\b", page.text)


async def with_codes(team, code: str = "ANN"):
    """Somebody who has set a second step: their browser, its secret, and the codes."""
    browser = await team.member(code, TeamRole.ADMIN)
    await browser.open("/team/me")
    form = form_of(browser, "/me/second-step")
    secret = dict(form.hidden())["secret"]
    page = await browser.post(form, ("code", app_code(team, secret)))
    team.world.clock.move(timedelta(minutes=1))
    return browser, secret, codes_on(page)


async def at_the_code(team, code: str = "ANN"):
    """A browser that came by a link, and is asked for a code."""
    browser = await team.stranger()
    await browser.open(team.link(code))
    await browser.press("Sign in")
    return browser


async def give(browser, code: str):
    """Give a code where it is asked for; the page that follows."""
    return await browser.post(form_of(browser, "/team/code"), ("code", code))


async def test_ten_codes_are_shown_once_and_only_hashes_are_kept(team):
    """All differ, the page is stored nowhere, and neither the database nor the audit trail holds one."""
    browser, _, codes = await with_codes(team)
    assert len(set(codes)) == 10
    assert browser.page.response.headers["cache-control"] == "no-store"
    kept = b"".join(path.read_bytes() for path in team.world.database.path.parent.glob("*.sqlite*"))
    assert kept
    for one in codes:
        assert one.replace(" ", "").encode() not in kept
    page = await browser.open("/team/me")
    assert "10 of 10 are left" in page.text
    assert not codes_on(page)
    assert team.world.rows("SELECT details FROM audit_event WHERE details LIKE '%recovery%'") == [
        ('{"by":"ANN","command":"recovery codes made"}',)
    ]


async def test_a_code_lets_in_once(team):
    """In place of the app's code; used again it is a wrong one. It is told how many are left, and audited."""
    _, _, codes = await with_codes(team)
    browser = await at_the_code(team)
    page = await give(browser, codes[3].replace(" ", "-"))
    assert "You are in by a recovery code" in page.text
    assert "9 of 10 are left" in page.text
    again = await at_the_code(team)
    assert "was not the code" in (await give(again, codes[3])).text
    assert team.world.rows(KEPT) == [(10, 1)]
    used = team.world.rows("SELECT details FROM audit_event WHERE details LIKE '%code used%'")
    assert used == [('{"by":"ANN","command":"recovery code used"}',)]


async def test_a_code_of_somebody_else_is_none(team):
    """Codes are each member's own."""
    _, _, codes = await with_codes(team)
    await with_codes(team, "BEN")
    browser = await at_the_code(team, "BEN")
    assert "was not the code" in (await give(browser, codes[0])).text
    assert team.world.rows(KEPT) == [(20, 0)]


async def test_wrong_codes_count_with_those_of_the_app(team):
    """Five of both together end the session, and fifteen within an hour have the right one refused."""
    _, secret, codes = await with_codes(team)
    for turn in range(3):
        browser = await at_the_code(team)
        for number in range(5):
            wrong = "0000 0000 0000" if number % 2 else "000 00" + str(turn)
            await give(browser, wrong)
        assert "There is no password" in browser.page.text
    browser = await at_the_code(team)
    for code in (codes[0], app_code(team, secret)):
        assert (await give(browser, code)).status == 429
        await browser.open("/team/code")
    assert team.world.rows(KEPT) == [(10, 0)]


async def test_new_codes_need_a_code_of_the_app_and_end_those_of_before(team):
    """Neither a wrong code nor a recovery code makes any; the old ones let nobody in."""
    browser, secret, codes = await with_codes(team)
    for wrong in ("123", codes[0]):
        await browser.open("/team/me")
        page = await browser.post(form_of(browser, "/me/recovery-codes"), ("code", wrong))
        assert "nothing was changed" in page.text
    page = await browser.post(form_of(browser, "/me/recovery-codes"), ("code", app_code(team, secret)))
    made = codes_on(page)
    assert len(made) == 10
    assert not set(made) & set(codes)
    other = await at_the_code(team)
    assert "was not the code" in (await give(other, codes[0])).text
    assert "You are in by a recovery code" in (await give(other, made[0])).text


async def test_codes_are_saved_as_a_file(team):
    """The file has the codes that the page shows, and nothing that was not shown to this member."""
    browser, _, codes = await with_codes(team)
    form = form_of(browser, "/recovery-codes/file")
    page = await browser.post(form)
    assert page.response.headers["content-disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert page.response.headers["cache-control"] == "no-store"
    lines = page.response.text.splitlines()
    assert lines[2:] == codes
    page = await browser.send("/team/me/recovery-codes/file", [*form.hidden()[:1], ("codes", "1" * 12)])
    assert page.status == 404


async def test_codes_end_with_the_second_step_and_with_the_member(team):
    """Taken away, set anew, or removed from the team: none of before is kept."""
    await with_codes(team)
    now = team.world.clock.now()

    def take_away(connection) -> None:
        sign_in.set_second_step(connection, coordinators.by_code(connection, "ANN"), None, now)

    team.world.database.write_now(take_away)
    assert team.world.rows(KEPT) == [(0, 0)]
    await with_codes(team)
    team.world.database.write_now(lambda c: coordinators.remove(c, "ANN", now))
    assert team.world.rows(KEPT) == [(0, 0)]


async def test_nobody_without_a_second_step_makes_codes(team):
    """There is nothing for which they would stand in."""
    browser = await team.member("ANN", TeamRole.VIEWER)
    mark = dict(browser.page.forms[0].hidden())["mark"]
    page = await browser.send("/team/me/recovery-codes", [("mark", mark), ("code", "123456")])
    assert page.status == 409
    assert team.world.rows(KEPT) == [(0, 0)]
