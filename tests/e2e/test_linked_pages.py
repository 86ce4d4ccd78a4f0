"""One person in a browser and in an app: the two are joined by a code, talk as one, and are forgotten together."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.web.device import COOKIE
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import COMMITTED_AT, PlatformDriver
from tests.support.platforms.platform import Platform
from tests.support.platforms.trouble import AFTER_THE_ROLE, begin
from tests.support.platforms.web import WebDriver, in_a_browser, page_channel
from tests.support.web_browser import SAME_SITE

PEOPLE = "SELECT count(*), count(DISTINCT participant_id) FROM address WHERE participant_id IS NOT NULL"

REACHED = "SELECT count(*) FROM address WHERE length(sealed) > 0"
"""How many addresses there are that lead to anybody."""


@dataclass
class Both:
    """Somebody's browser and their app."""

    page: WebDriver
    app: PlatformDriver

    def people(self) -> tuple[int, int]:
        """How many addresses are known, and how many people have them."""
        [(addresses, people)] = self.app.house.rows(PEOPLE)
        return addresses, people


@pytest.fixture
async def both(platform: Platform, tmp_path: Path) -> AsyncIterator[Both]:
    """A house with pages and a platform, on each platform in turn."""
    channel = page_channel()
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(platform.start(tmp_path, COMMITTED_AT, beside=(channel,)))
        yield Both(await stack.enter_async_context(in_a_browser(channel, app.house)), app)


async def code_from(driver: PlatformDriver) -> str:
    """What somebody is to write in their other app."""
    [told, *_] = said_by(await driver.type("link"))
    return told.rpartition(": ")[2].strip("\u2068\u2069")


async def joined(both: Both) -> None:
    """Somebody who was asked their role in a browser, and wrote the code from there in their app."""
    await begin(both.page)
    said = said_by(await both.app.type(await code_from(both.page)))
    assert said == [say(Sentence.LINK_DONE, "en"), "Your role?"]
    assert both.people() == (2, 1)


async def test_a_code_from_the_page_joins_the_app(both: Both) -> None:
    """The conversation goes on in the app; what is answered on the page counts too, and then it goes on there."""
    await joined(both)
    assert AFTER_THE_ROLE in said_by(await both.app.tap("Nurse", "Your role?"))
    await both.page.after()
    seen = said_by(await both.page.type("I will change something"))
    assert seen
    assert both.app.house.rows("SELECT raw FROM answer WHERE slot IN ('c1', 'c2') ORDER BY slot") == [
        ("Nurse",),
        ("I will change something",),
    ]
    [(first,), (second,)] = both.app.house.rows(
        "SELECT channel FROM answer WHERE slot IN ('c1', 'c2') ORDER BY slot"
    )
    assert first != "web"  # each counts where it was given
    assert second == "web"
    assert both.app.house.put_aside() == []


async def test_a_code_from_the_app_joins_a_browser_of_which_nothing_is_kept(both: Both) -> None:
    """It was opened by a link, and nothing was agreed to there: the code is written below the question."""
    await begin(both.app)
    code = await code_from(both.app)
    await both.page.enter(both.app.house.token("hcp_commitment", Role.HCP))
    assert say(Sentence.LINK_DONE, "en") in said_by(await both.page.type(code))
    assert both.people() == (2, 1)
    assert both.app.house.put_aside() == []


@pytest.mark.parametrize("where", ["page", "app"])
async def test_deletion_takes_both_along(both: Both, where: str) -> None:
    """Whichever way all is deleted: both addresses are gone, the cookie is refused and cleared, and nobody is made."""
    await joined(both)
    old, secret = both.page.browser.page, str(both.page.browser.client.cookies[COOKIE])
    driver: PlatformDriver = both.page if where == "page" else both.app
    asked = (await driver.type("delete my data"))[-1]
    assert say(Sentence.DELETED, "en") in said_by(await driver.tap(asked.buttons[0].label, ""))
    await driver.house.pass_time(driver.house.clock.now() + timedelta(minutes=1))
    assert both.app.house.rows(REACHED) == [(0,)]
    page = await both.page.browser.open("/talk")
    assert not page.labels("words")
    assert COOKIE not in both.page.browser.client.cookies
    form = next(form for form, one in old.controls() if one.name == "words")
    await both.page.browser.client.post(
        "/talk",
        data=dict([*form.hidden(), ("words", "hello again")]),
        headers={**SAME_SITE, "cookie": f"{COOKIE}={secret}"},
    )
    await driver.house.settle()
    assert both.app.house.rows(REACHED) == [(0,)]
    assert both.app.house.rows("SELECT count(*) FROM participant WHERE status = 'active'") == [(0,)]
