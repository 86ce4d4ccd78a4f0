"""All forms and addresses of the console, with fields that no page of ours would send."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.console import registry
from bot.console.visit import TEAM_PATH, ConsolePage
from storage.schema import TeamRole
from tests.support.console import Console, console
from tests.support.console_attacks import HOSTILE, Markup, another_place, tour_of, write
from tests.support.console_tour import AFTER_A_FORM
from tests.support.turn_world import make_world
from tests.support.web_browser import Browser, Page

FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
ENDS_THE_SESSION = ("/out", "/sessions/{number:int}/end", "/members/{code}/roles", "/code")
REFUSED = (400, 403, 404, 405, 413)
POSTS = [page for page in registry.PAGES if page.method == "POST" and page.path not in ENDS_THE_SESSION]
GETS = [page for page in registry.PAGES if page.method == "GET" and page.path not in AFTER_A_FORM]
_numbers = count(1)


@dataclass
class Fuzzed:
    """A team on a loop of its own, with somebody who may do everything, and what the forms of the pages carry."""

    team: Console
    browser: Browser
    loop: asyncio.AbstractEventLoop
    mark: str
    names: list[str]
    values: list[str]
    codes: list[str]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def send(self, method: str, address: str, body: bytes = b"") -> Any:
        """Ask for something from an address of the network that has asked for nothing before."""
        place = another_place(self.team, self.browser, next(_numbers))
        async with asyncio.timeout(60), place as client:
            headers = FORM if method == "POST" else {}
            return await client.request(
                method, address, content=body, headers=headers, follow_redirects=False
            )

    def content(self) -> str:
        """All rows but those of who is signed in."""
        tables = [
            name
            for (name,) in self.team.world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in ("console_session", "sqlite_sequence")
        ]
        return repr([self.team.world.rows(f"SELECT * FROM {name}") for name in sorted(tables)])


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """Once for all, since only the last answer counts; everything is on one loop."""
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()

    async def start() -> Fuzzed:
        world = make_world(tmp_path_factory.mktemp("fuzz"))
        written = [await write(world, name, ["Some words", "More words"]) for name in ("ann", "bob")]
        team = await stack.enter_async_context(console(world))
        browser = await team.member("ANN", *TeamRole)
        await browser.open("/team/reading")
        await browser.press("Case: adverse event")
        forms = []
        for address in (await tour_of(browser)).all:
            forms += Page(await browser.client.get(address)).forms
        controls = [one for form in forms for one in form.controls if one.name and one.name != "mark"]
        return Fuzzed(
            team,
            browser,
            loop,
            dict(browser.page.forms[0].hidden())["mark"],
            sorted({one.name for one in controls}),
            sorted({one.value for one in controls if one.value}),
            [one.code for one in written] + ["ANN"],
        )

    made = loop.run_until_complete(start())
    yield made
    loop.run_until_complete(stack.aclose())
    made.team.world.database.close()
    loop.close()


def any_value(fuzzed: Fuzzed) -> st.SearchStrategy[bytes]:
    """A value of a field, as it is written in the body: sensible, hostile, huge, or no text at all."""
    written: Callable[[str], bytes] = lambda text: quote(text, errors="surrogatepass").encode()  # noqa: E731
    plain = st.one_of(
        st.sampled_from(fuzzed.values),
        st.sampled_from(fuzzed.codes),
        st.sampled_from(HOSTILE[:-1]),
        st.sampled_from(
            ["", "0", "-1", "1e9", "9" * 30, "r1", "c1", "r" + "9" * 25, "١٢", "true", "2026-13-45"]
        ),
        st.text(max_size=40),
    ).map(written)
    return st.one_of(plain, st.sampled_from([b"%ff%fe", b"%00", b"%ED%A0%80", b"x" * 20_000, b"%", b"+"]))


def any_place(fuzzed: Fuzzed) -> st.SearchStrategy[dict[str, str]]:
    """What stands in the places of an address."""
    numbers = st.one_of(st.integers(0, 5), st.integers(0, 10**30)).map(str)
    names = st.one_of(
        st.sampled_from([*fuzzed.codes, "myeloma", "nobody", ".", "..%2f", "%00", "%ff", "x" * 5_000, "<b>"]),
        st.text(min_size=1, max_size=20).map(lambda text: quote(text, safe="")),
    )
    return st.tuples(numbers, names).map(lambda both: {"number": both[0], "other": both[1]})


def address_of(page: ConsolePage, place: dict[str, str]) -> str:
    """An address of a page with these in its places."""
    return TEAM_PATH + re.sub(
        r"{(\w+)[^}]*}", lambda found: place["number" if found[1] == "number" else "other"], page.path
    )


def fields_of(data: st.DataObject, fuzzed: Fuzzed) -> list[bytes]:
    """Fields in any number and order, also twice, and as arrays."""
    name = st.one_of(st.sampled_from(fuzzed.names), st.text(max_size=8))
    ending = st.sampled_from(["", "", "", "[]", "[0]", ".x"])
    one = st.tuples(name, ending, any_value(fuzzed))
    drawn = data.draw(st.lists(one, max_size=8))
    return [quote(f"{key}{end}", errors="replace").encode() + b"=" + value for key, end, value in drawn]


def _is_no_fault(answered: httpx.Response) -> bool:
    """Whether it is taken or refused; 503 is what is said where nothing can be run beside the bot."""
    return answered.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or (
        answered.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        and "Nothing can be counted here now" in answered.text
    )


@pytest.mark.parametrize("page", POSTS, ids=lambda page: page.path)
@settings(max_examples=12, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_no_form_breaks_a_page(fuzzed, page, data):
    """Whatever is posted with the right mark is taken or refused: no error of ours, no markup of anybody."""
    address = address_of(page, data.draw(any_place(fuzzed)))
    fields = [*fields_of(data, fuzzed), b"mark=" + fuzzed.mark.encode()]
    answered = fuzzed.run(fuzzed.send("POST", address, b"&".join(fields)))
    assert _is_no_fault(answered), (address, fields)
    if answered.headers.get("content-type", "").startswith("text/html"):
        assert Markup(answered.text).found == []


@pytest.mark.parametrize("page", GETS, ids=lambda page: page.path)
@settings(max_examples=12, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_no_address_breaks_a_page(fuzzed, page, data):
    """Whatever stands in an address is answered, by a page or by a notice."""
    address = address_of(page, data.draw(any_place(fuzzed)))
    known = st.sampled_from(["program", "page", "later", "kind", "show", "state", "done", *fuzzed.names])
    values = st.one_of(
        st.sampled_from([*fuzzed.values, "9" * 30, "-1", "a1,r1,c1", "9" * 25, *HOSTILE[:4]]),
        st.text(max_size=20),
    )
    query = data.draw(st.lists(st.tuples(known, values), max_size=4))
    asked = f"{address}?{urlencode(query, errors='replace')}"
    answered = fuzzed.run(fuzzed.send("GET", asked))
    assert _is_no_fault(answered), asked
    assert Markup(answered.text).found == []


@pytest.mark.parametrize("page", POSTS, ids=lambda page: page.path)
@settings(max_examples=4, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_no_form_changes_anything_without_its_mark(fuzzed, page, data):
    """With no mark, a wrong one, or one in a field that is like it, everything stays as it was."""
    before = fuzzed.content()
    address = address_of(page, data.draw(any_place(fuzzed)))
    wrong = data.draw(
        st.sampled_from(
            [
                b"",
                b"mark=",
                b"mark=" + b"0" * 32,
                b"mark[]=" + fuzzed.mark.encode(),
                b"mark=%C3%A9",
                b"Mark=x",
            ]
        )
    )
    answered = fuzzed.run(fuzzed.send("POST", address, b"&".join([*fields_of(data, fuzzed), wrong])))
    assert answered.status_code in REFUSED, (address, answered.status_code)
    assert fuzzed.content() == before


def test_numbers_that_no_row_has_lead_to_a_notice(fuzzed):
    """Numbers beyond those of the database, in addresses and in fields, are told to be of nothing."""
    for number in (0, 2**31, 2**63 - 1, 2**63, 10**40):
        for page in (*GETS, *POSTS):
            address = address_of(page, {"number": str(number), "other": f"P-{number}"})
            named = [(name, f"{number}") for name in fuzzed.names if name != "text"]
            for text in (f"{number}", f"r{number}", f"c{number}"):
                fields = {"mark": fuzzed.mark, **dict(named), "text": text, "kind": "distress"}
                answered = fuzzed.run(fuzzed.send(page.method, address, urlencode(fields).encode()))
                assert _is_no_fault(answered), (page.method, address, text)
                if page.method == "GET":
                    break


async def test_what_is_too_much_is_refused(tmp_path):
    """Two million characters, ten thousand fields, and a body that is no form: nothing is changed."""
    world = make_world(tmp_path)
    async with console(world) as team:
        browser = await team.member("ANN", *TeamRole)
        mark = "mark=" + dict(browser.page.forms[0].hidden())["mark"]
        for body in (
            f"{mark}&days=" + "7" * 2_000_000,
            f"{mark}&" + "&".join(f"a{number}=1" for number in range(10_000)),
            '{"mark": "x"}',
            "\x00" * 100,
        ):
            for page in POSTS:
                address = address_of(page, {"number": "1", "other": "nobody"})
                async with another_place(team, browser, next(_numbers)) as client:
                    answered = await client.post(address, content=body.encode(), headers=FORM)
                assert answered.status_code in REFUSED, (page.path, answered.status_code)
    world.database.close()
