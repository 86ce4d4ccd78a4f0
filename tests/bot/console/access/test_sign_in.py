"""Signing in with a second step."""

import asyncio
from datetime import timedelta

import pyotp
import pytest

from storage.people import coordinators
from storage.schema import TeamRole
from storage.team import sign_in
from tests.support.console import console
from tests.support.turn_world import make_world


@pytest.fixture
async def team(tmp_path):
    world = make_world(tmp_path)
    async with console(world) as made:
        yield made
    world.database.close()


def code_of(team, secret: str, later: int = 0) -> str:
    """The code that the app shows now, or so many seconds later."""
    return pyotp.TOTP(secret).at(int(team.world.clock.now().timestamp()) + later)


async def with_second_step(team) -> str:
    """Somebody who has set a second step; its secret."""
    browser = await team.member("ANN", TeamRole.VIEWER)
    await browser.open("/team/me")
    form = next(form for form in browser.page.forms if "second-step" in form.action)
    secret = dict(form.hidden())["secret"]
    page = await browser.post(form, ("code", code_of(team, secret)))
    assert "Your second step is set" in page.text
    return secret


async def test_a_link_alone_lets_nobody_in_who_has_a_second_step(team):
    """No page but that of the code is shown before the code was given, and a code is good once."""
    secret = await with_second_step(team)
    team.world.clock.move(timedelta(minutes=1))
    browser = await team.stranger()
    await browser.open(team.link("ANN"))
    await browser.press("Sign in")
    for path in ("/team", "/team/people", "/team/me"):
        assert "authenticator app" in (await browser.open(path)).text
    code = code_of(team, secret)
    page = await browser.post(browser.page.forms[-1], ("code", code))
    assert "Who is waiting" in page.text
    other = await team.stranger()
    await other.open(team.link("ANN"))
    await other.press("Sign in")
    assert "was not the code" in (await other.post(other.page.forms[-1], ("code", code))).text


async def test_a_wrong_code_leaves_the_letters(team):
    """Whoever mistypes the first code scans nothing anew: the same letters stand there, and their code sets them."""
    browser = await team.member("ANN", TeamRole.ADMIN)
    page = await browser.open("/team/me")
    assert "Nobody else looks after the team" in page.text
    form = next(form for form in page.forms if "second-step" in form.action)
    secret = dict(form.hidden())["secret"]
    right = code_of(team, secret)
    page = await browser.post(form, ("code", "000000" if right != "000000" else "111111"))
    assert "They are still good" in page.text
    form = next(form for form in page.forms if "second-step" in form.action)
    assert dict(form.hidden())["secret"] == secret
    assert "Your second step is set" in (await browser.post(form, ("code", right))).text
    team.enrol("BEN", TeamRole.ADMIN)
    assert "Nobody else looks after" not in (await browser.open("/team/me")).text


async def test_two_sessions_are_told_apart(team):
    """The list of sessions shows browser and system of each, with the second; no more of the header is kept."""
    team.enrol("ANN", TeamRole.ADMIN)
    agents = ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/133.0", "<b>curl</b>")
    for agent in agents:
        browser = await team.stranger()
        browser.client.headers["user-agent"] = agent
        await browser.open(team.link("ANN"))
        await browser.press("Sign in")
    second = f"{team.world.clock.now():%M:%S}"
    for path in ("/team/me", "/team/members"):
        page = await browser.open(path)
        assert "Firefox on Windows" in page.text
        assert page.text.count(second) >= 2
        assert "curl" not in page.text
    kept = team.world.rows("SELECT device FROM console_session ORDER BY id")
    assert kept == [("Firefox on Windows",), ("",)]


async def test_five_wrong_codes_end_the_session(team):
    """Codes cannot be tried out."""
    secret = await with_second_step(team)
    team.world.clock.move(timedelta(minutes=1))
    browser = await team.stranger()
    await browser.open(team.link("ANN"))
    await browser.press("Sign in")
    wrong = "000000" if code_of(team, secret) != "000000" else "111111"
    for _ in range(5):
        assert "authenticator app" in browser.page.text
        await browser.post(browser.page.forms[-1], ("code", wrong))
    assert "There is no password" in browser.page.text


async def test_a_new_link_gives_no_more_codes_to_try(team):
    """After fifteen wrong ones within an hour even the right one is refused, however many links there are."""
    secret = await with_second_step(team)
    team.world.clock.move(timedelta(minutes=1))
    wrong = "000000" if code_of(team, secret) != "000000" else "111111"
    for _ in range(3):
        browser = await team.stranger()
        await browser.open(team.link("ANN"))
        await browser.press("Sign in")
        for _ in range(5):
            await browser.post(browser.page.forms[-1], ("code", wrong))
    await browser.open(team.link("ANN"))
    await browser.press("Sign in")
    page = await browser.post(browser.page.forms[-1], ("code", code_of(team, secret)))
    assert page.status == 429


async def test_an_admin_takes_a_lost_second_step_away(team):
    """Whoever lost the app signs in by a link again; nobody takes away their own."""
    await with_second_step(team)
    admin = await team.member("EVE", TeamRole.ADMIN)
    await admin.open("/team/members")
    form = next(form for form in admin.page.forms if form.action.endswith("/ANN/second-step"))
    await admin.post(form)
    browser = await team.stranger()
    await browser.open(team.link("ANN"))
    assert "Who is waiting" in (await browser.press("Sign in")).text


async def test_whoever_waits_at_the_code_is_not_let_in_as_the_step_goes(team):
    """A session without its code ends with the second step; the one that gave its code goes on."""
    await with_second_step(team)
    waiting = await team.stranger()
    await waiting.open(team.link("ANN"))
    await waiting.press("Sign in")
    admin = await team.member("EVE", TeamRole.ADMIN)
    await admin.open("/team/members")
    await admin.post(next(form for form in admin.page.forms if form.action.endswith("/ANN/second-step")))
    assert (await waiting.open("/team")).response.url.path == "/team/in"
    assert (await team.browsers["ANN"].open("/team")).response.url.path == "/team"


async def test_a_second_step_that_a_restored_backup_does_not_know_is_told(team):
    """No code is asked for, as none can be right: the page says who takes the step away."""
    await with_second_step(team)
    who = team.world.database.read_now(lambda c: coordinators.by_code(c, "ANN"))
    now = team.world.clock.now()
    team.world.database.write_now(lambda c: sign_in.set_second_step(c, who, sign_in.LOST_STEP, now))
    browser = await team.stranger()
    await browser.open(team.link("ANN"))
    for page in (await browser.press("Sign in"), await browser.open("/team/people")):
        assert (page.status, "reset-step" in page.text) == (403, True)


FORGED = {
    "of another make": "sign-in-" + "9" * 24,
    "empty": "%20",
    "too short": "abc",
    "too long": "a" * 65,
    "with a path in it": "..%2f..%2fteam",
    "with markup": "%3Cscript%3E",
    "with a NUL": "sign-in-%00" + "0" * 20,
    "of no ASCII": "%C3%A9" * 12,
}


@pytest.mark.parametrize("why", FORGED)
async def test_a_forged_link_lets_nobody_in(team, why):
    """What no link was made of is told to be none, by its page and by its button, and no cookie is set."""
    team.enrol("ANN", *TeamRole)
    team.link("ANN")
    browser = await team.stranger()
    for method in ("GET", "POST"):
        answered = await browser.client.request(method, f"/team/in/{FORGED[why]}", follow_redirects=False)
        led_away = answered.headers.get("location") == "/team/in"
        assert answered.status_code in (404, 405, 410) or led_away, method
        assert "set-cookie" not in answered.headers
    assert team.world.rows("SELECT count(*) FROM console_session") == [(0,)]


async def _used(team, link: str) -> None:
    browser = await team.stranger()
    await browser.open(link)
    await browser.press("Sign in")


async def _late(team, _link: str) -> None:
    team.world.clock.move(timedelta(minutes=15))


async def _removed(team, _link: str) -> None:
    now = team.world.clock.now()
    team.world.database.write_now(lambda c: coordinators.remove(c, "ANN", now))


async def _five_newer(team, _link: str) -> None:
    for _ in range(5):
        team.link("ANN")


@pytest.mark.parametrize(
    "spoiled_by", [_used, _late, _removed, _five_newer], ids=lambda one: one.__name__[1:]
)
async def test_a_link_that_was_good_is_good_no_more(team, spoiled_by):
    """Replayed, expired, of somebody who is gone, or one of too many: it lets nobody in, however it is sent."""
    team.enrol("ANN", *TeamRole)
    link = team.link("ANN")
    await spoiled_by(team, link)
    before = team.world.rows("SELECT count(*) FROM console_session")
    browser = await team.stranger()
    assert (await browser.open(link)).status == 410
    for headers in ({}, {"sec-fetch-site": "same-origin"}, {"origin": "https://team.example.org"}):
        answered = await browser.client.post(link, headers=headers, follow_redirects=False)
        assert (answered.status_code, "set-cookie" in answered.headers) == (410, False)
    assert team.world.rows("SELECT count(*) FROM console_session") == before


async def test_two_presses_at_once_let_one_in(team):
    """A link that is sent twice at the same moment is used once."""
    team.enrol("ANN", TeamRole.VIEWER)
    link, browsers = team.link("ANN"), [await team.stranger() for _ in range(5)]
    answered = await asyncio.gather(*(one.client.post(link, follow_redirects=False) for one in browsers))
    assert sorted(one.status_code for one in answered) == [303, 410, 410, 410, 410]


async def test_cookies_of_nobody_are_nobodys(team):
    """A cookie that was made up, cut, or is somebody else's kind of secret signs nobody in."""
    await team.member("ANN", *TeamRole)
    for value in ("A" * 43, "", "x", "' OR 1=1 --", "A" * 5_000, "%00" * 15):
        browser = await team.stranger()
        answered = await browser.client.get(
            "/team", headers={"cookie": f"__Host-said_team={value}"}, follow_redirects=False
        )
        assert (answered.status_code, answered.headers["location"]) == (303, "/team/in"), value
