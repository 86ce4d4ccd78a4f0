"""Signing in with a second step."""

from datetime import timedelta

import pyotp
import pytest

from bot.console.sign_in import step_of_code
from storage.schema import TeamRole
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
    assert "You have one" in page.text
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


def test_a_code_is_good_in_its_half_minute_and_the_ones_beside_it():
    """Clocks of phones differ; codes of a minute ago are none."""
    secret, now = pyotp.random_base32(), 1_700_000_010
    for seconds, step in ((now - 30, -1), (now, 0), (now + 30, 1)):
        assert step_of_code(secret, pyotp.TOTP(secret).at(seconds), now) == now // 30 + step
    assert step_of_code(secret, pyotp.TOTP(secret).at(now - 90), now) is None
    assert step_of_code(secret, "", now) is None
