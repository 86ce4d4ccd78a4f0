"""Sign-in by an account of the organisation: connected once by hand, believed only as the standard says."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import RSAKey

from bot.console.access.account_provider import AWAY_AT_MOST, AccountProvider, ProviderOptions
from storage.people import coordinators
from storage.schema import TeamRole
from tests.emulators.account_provider import CLIENT, ISSUER, SECRET, ProviderEmulator, by_the_client_s_secret
from tests.support.console import OURS, Console, console
from tests.support.turn_world import IDENTITY, make_world
from tests.support.web_browser import Browser, Page

BACK = f"{OURS}/team/account/back"


@dataclass
class Staff:
    """The team's pages, and the provider of its organisation's accounts."""

    team: Console
    emulator: ProviderEmulator
    transport: httpx.ASGITransport

    async def goes(self, browser: Browser, *, drops: str = "") -> Page:
        """A browser leaves for the provider, and comes back; `drops` is a cookie that does not come along."""
        left = await browser.client.get("/team/account", follow_redirects=False)
        if left.status_code != 303 or not left.headers["location"].startswith(ISSUER):
            return Page(left)
        async with httpx.AsyncClient(transport=self.transport) as there:
            said = await there.get(left.headers["location"])
        assert said.status_code == 302, said.text
        kept = browser.client.cookies.get("__Host-said_team")
        if kept is not None:
            browser.client.cookies.delete(
                "__Host-said_team"
            )  # SameSite=Strict: it does not come from another site
        if drops:
            browser.client.cookies.delete(drops)
        page = Page(await browser.client.get(said.headers["location"]))
        if kept is not None and browser.client.cookies.get("__Host-said_team") is None:
            browser.client.cookies.set("__Host-said_team", kept, domain="team.example.org")
        return page


@pytest.fixture
async def staff(tmp_path) -> AsyncIterator[Staff]:
    world = make_world(tmp_path)
    emulator = ProviderEmulator(BACK, time.time)
    transport = emulator.transport()
    options = ProviderOptions(ISSUER, CLIENT, SECRET, "Example Hospital")
    provider = AccountProvider(options, BACK, http={"transport": transport})
    async with console(world, provider=provider) as team:
        yield Staff(team, emulator, transport)
    world.database.close()


def signed_in_by_account(staff: Staff) -> int:
    [[count]] = staff.team.world.rows(
        "SELECT count(*) FROM audit_event WHERE details LIKE '%signed in by account%'"
    )
    return int(count)


async def test_an_account_is_connected_once_and_lets_in(staff):
    """A member connects it while they are in; from then on it opens the pages, also in another browser."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    assert "Connect it" in (await ann.open("/team/me")).text
    assert "The account is connected" in (await staff.goes(ann)).text
    assert "It is connected, and lets you in." in (await ann.open("/team/me")).text
    other = await staff.team.stranger()
    assert "Sign in with Example Hospital" in (await other.open("/team/in")).text
    page = await staff.goes(other)
    assert page.status == 200
    assert "You are signed in" in page.text
    assert "Today" in (await other.open("/team")).text
    assert signed_in_by_account(staff) == 1
    sealed = staff.team.world.rows("SELECT account_sealed FROM coordinator")
    assert b"jane" not in sealed[0][0]


async def test_an_account_that_nobody_connected_lets_nobody_in(staff):
    """Nobody is guessed by a name or an address; it is said how to connect one."""
    staff.team.enrol("ANN", TeamRole.ADMIN)
    stranger = await staff.team.stranger()
    page = await staff.goes(stranger)
    assert page.status == 403
    assert "belongs to nobody of the team" in page.text
    assert (await stranger.open("/team")).response.url.path == "/team/in"


async def test_an_account_is_of_one_member_and_can_be_disconnected(staff):
    """A second member cannot connect it; once it is disconnected, or its member has left, it lets nobody in."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    bob = await staff.team.member("BOB", TeamRole.COORDINATOR)
    await staff.goes(ann)
    assert (await staff.goes(bob)).status == 409
    page = await ann.open("/team/me")
    await ann.press("Disconnect it")
    assert "lets you in no more" in ann.page.text
    assert (await staff.goes(await staff.team.stranger())).status == 403
    assert (await staff.goes(bob)).status == 200
    now = staff.team.world.clock.now()
    staff.team.world.database.write_now(lambda c: coordinators.remove(c, "BOB", now))
    assert (await staff.goes(await staff.team.stranger())).status == 403
    assert page.status == 200


async def test_a_second_step_is_asked_for_all_the_same(staff):
    """An account takes the place of the link, not of the second step."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    await staff.goes(ann)
    sealed = IDENTITY.seal("JBSWY3DPEHPK3PXP")
    staff.team.world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE coordinator SET totp_sealed = ?", (sealed,))
    )
    other = await staff.team.stranger()
    await staff.goes(other)
    assert (await other.open("/team")).response.url.path == "/team/code"
    assert (await staff.goes(other)).response.headers["location"] == "/team/code"


def other_key(emulator: ProviderEmulator) -> None:
    emulator.signs_with = RSAKey.generate_key(2048, {"kid": "one"})


@pytest.mark.parametrize(
    "breaks",
    [
        lambda one: one.lies.update(nonce="another"),
        lambda one: one.lies.update(nonce=None),
        lambda one: one.lies.update(aud="somebody else"),
        lambda one: one.lies.update(aud="somebody else", azp=CLIENT),
        lambda one: one.lies.update(aud=["somebody else"], azp=CLIENT),
        lambda one: one.lies.update(iss="https://evil.example"),
        lambda one: one.lies.update(exp=int(time.time()) - 600),
        lambda one: one.lies.update(sub=None),
        lambda one: setattr(one, "issuer", "https://evil.example"),
        other_key,
        by_the_client_s_secret,
    ],
    ids=[
        "nonce",
        "no nonce",
        "audience",
        "other audience",
        "other audiences",
        "issuer",
        "time",
        "subject",
        "metadata",
        "key",
        "shared secret",
    ],
)
async def test_a_statement_that_cannot_be_believed_lets_nobody_in(staff, breaks: Callable):
    """Whatever is not as the standard has it: a page says that nothing was changed, and nobody is in."""
    ann = await staff.team.member("ANN", TeamRole.ADMIN)
    if breaks.__name__ != "<lambda>" or staff.emulator.issuer == ISSUER:
        await staff.goes(ann)
    breaks(staff.emulator)
    other = await staff.team.stranger()
    page = await staff.goes(other)
    if staff.emulator.issuer == ISSUER:
        assert page.status == 502
        assert "could not be asked" in page.text
    assert (await other.open("/team")).response.url.path == "/team/in"
    assert signed_in_by_account(staff) == 0


async def test_a_statement_for_us_among_others_lets_in(staff):
    """Several audiences are good where we are one of them, and the statement was made for us."""
    ann = await staff.team.member("ANN", TeamRole.ADMIN)
    await staff.goes(ann)
    staff.emulator.lies.update(aud=["somebody else", CLIENT], azp=CLIENT)
    assert (await staff.goes(await staff.team.stranger())).status == 200


async def test_a_provider_that_names_another_issuer_is_not_asked(staff):
    """What it says of itself must be what the settings say."""
    staff.emulator.issuer = "https://evil.example"
    page = await staff.goes(await staff.team.stranger())
    assert page.status == 502


async def test_an_answer_that_this_browser_did_not_ask_for_is_refused(staff):
    """An answer without its departure, with another state, or one that took too long: nobody is signed in by it."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    await staff.goes(ann)
    dropped = await staff.goes(await staff.team.stranger(), drops="__Host-said_team_account")
    assert dropped.status == 400
    other = await staff.team.stranger()
    await other.client.get("/team/account", follow_redirects=False)
    assert (await other.client.get("/team/account/back?code=x&state=another")).status_code == 400
    assert (await other.client.get("/team/account/back")).status_code == 400
    left = await other.client.get("/team/account", follow_redirects=False)
    async with httpx.AsyncClient(transport=staff.transport) as there:
        said = await there.get(left.headers["location"])
    staff.team.world.clock.move(AWAY_AT_MOST + timedelta(seconds=1))
    assert (await other.client.get(said.headers["location"])).status_code == 400
    assert signed_in_by_account(staff) == 0


async def test_the_session_of_before_ends_where_an_account_lets_in(staff):
    """A browser has one session: whoever signed in by a link while they were away is signed out by coming back."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    await staff.goes(ann)
    other = await staff.team.stranger()
    left = await other.client.get("/team/account", follow_redirects=False)
    await other.open(staff.team.link("ANN"))
    await other.press("Sign in")
    async with httpx.AsyncClient(transport=staff.transport) as there:
        said = await there.get(left.headers["location"])
    assert (await other.client.get(said.headers["location"])).status_code == 200
    sessions = "SELECT count(*) FROM console_session WHERE ended_at IS NULL"
    assert staff.team.world.rows(sessions) == [(2,)]


async def test_an_answer_that_was_refused_is_not_good_again(staff):
    """What went along is forgotten with a refusal, too: the browser begins anew."""
    staff.team.enrol("ANN", TeamRole.ADMIN)
    other = await staff.team.stranger()
    assert (await staff.goes(other)).status == 403
    assert other.client.cookies.get("__Host-said_team_account") is None
    staff.emulator.lies.update(nonce="another")
    assert (await staff.goes(other)).status == 502
    assert other.client.cookies.get("__Host-said_team_account") is None


async def test_an_answer_is_good_once(staff):
    """The address that led back lets nobody in a second time, from a history or a log."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    await staff.goes(ann)
    other = await staff.team.stranger()
    page = await staff.goes(other)
    again = await other.client.get(str(page.response.url))
    assert again.status_code == 400
    assert signed_in_by_account(staff) == 1


async def test_a_member_who_signed_out_meanwhile_connects_nothing(staff):
    """The account goes to the session that left for it, and only while that goes on."""
    ann = await staff.team.member("ANN", TeamRole.COORDINATOR)
    left = await ann.client.get("/team/account", follow_redirects=False)
    staff.team.world.database.write_now(lambda c: c.exec_driver_sql("DELETE FROM console_session"))
    async with httpx.AsyncClient(transport=staff.transport) as there:
        said = await there.get(left.headers["location"])
    assert (await ann.client.get(said.headers["location"])).status_code == 403
    assert staff.team.world.rows("SELECT account_sealed FROM coordinator") == [(None,)]


async def test_without_a_provider_there_is_no_such_page(tmp_path):
    """The settings name nobody: neither button nor page is there."""
    world = make_world(tmp_path)
    async with console(world) as team:
        stranger = await team.stranger()
        assert "Sign in with" not in (await stranger.open("/team/in")).text
        for path in ("/team/account", "/team/account/back"):
            assert (await stranger.open(path)).status in (400, 404)
    world.database.close()
