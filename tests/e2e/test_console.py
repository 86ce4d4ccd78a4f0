"""The team's pages in a browser: a day by mouse and by keyboard alone, read aloud, small, and in the dark."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Self

import pytest

from bot.console import registry
from flows.heavy_packages import load
from storage.schema import TeamRole
from tests.support.console_server import ServedConsole, served_console
from tests.support.console_tour import Tour, page_at, shown_pages, tour

CHROMIUM = shutil.which("chromium")
MISSING = [name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None]
PHONE, DESKTOP, NARROW = (390, 844), (1280, 900), (320, 640)
SCREENS = [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]
SMALLEST_TARGET = 24
"""CSS pixels: WCAG 2.2, 2.5.8."""
MOST_STOPS = 150
pytestmark = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="there is no Chromium; as root `make test` installs Debian's"
    ),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.timeout(1200),
]

TARGETS = """() => [...document.querySelectorAll("a, button, summary, input, select, textarea")]
  .filter((one) => one.checkVisibility() && one.type !== "hidden")
  .filter((one) => !one.closest("p, td, dd, h2") && !one.matches(".skip"))
  .map((one) => [one.outerHTML.slice(0, 120), (one.closest("label") || one).getBoundingClientRect()])
  .filter(([, box]) => box.height < %d || box.width < %d).map(([html]) => html)"""
"""What can be pressed and is too small for a thumb; links among words and cells are as large as those."""
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const seen = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return [one.outerHTML.slice(0, 120), one.tagName, style.outlineStyle !== "none", seen];
}"""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    """The pages of a bot with some people, cases and texts that nobody has read."""
    with served_console(tmp_path_factory.mktemp("console")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium without a window, as root without its sandbox."""
    with load("playwright.sync_api").sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=300_000
        )
        yield started
        started.close()


@dataclass
class Screen:
    """Somebody's browser: what it asked for, and what it complained of."""

    browser: Any
    size: tuple[int, int] = DESKTOP
    scheme: str = "light"
    kept: Any = None
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        wide, high = self.size
        self.context = self.browser.new_context(
            viewport={"width": wide, "height": high},
            color_scheme=self.scheme,
            reduced_motion="reduce",
            storage_state=self.kept,
        )
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.page.on("request", lambda one: self.asked.append(one.url))
        self.page.on("console", lambda one: self.complaints.append(one.text))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self.page.on("dialog", lambda one: self.complaints.append(one.message))
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def tab_to(self, selector: str) -> None:
        """Press Tab until the control has the focus."""
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        raise AssertionError(f"the keyboard never comes to {selector} on {self.page.url}")

    def is_clean(self, url: str) -> None:
        """Nothing was asked elsewhere, and nothing complained of."""
        assert [one for one in self.asked if not one.startswith(f"{url}/")] == []
        assert self.complaints == []


@pytest.fixture(scope="module")
def kept(browser: Any, team: ServedConsole) -> Any:
    """What a browser keeps in which somebody with every role is signed in, by the keyboard alone."""
    with Screen(browser) as screen:
        screen.page.goto(team.link("ANNA", *TeamRole))
        screen.tab_to("button.main")
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_url(f"{team.url}/team")
        screen.is_clean(team.url)
        return screen.context.storage_state()


@pytest.fixture(scope="module")
def day(browser: Any, team: ServedConsole, kept: Any) -> Tour:
    """The addresses of all pages to which links lead."""
    with Screen(browser, kept=kept) as screen:

        async def fetch(address: str) -> str | None:
            answered = screen.context.request.get(team.url + address)
            assert answered.status == 200, (address, answered.status)
            return answered.text() if answered.headers["content-type"].startswith("text/html") else None

        try:  # the driver has the loop of this thread, and nothing here waits
            tour(fetch).send(None)
        except StopIteration as done:
            made: Tour = done.value
            return made
        raise AssertionError("the tour waited")


def pages_of(day: Tour) -> list[str]:
    """One address of each page."""
    return [addresses[0] for addresses in day.addresses.values()]


def test_links_lead_to_every_page(day: Tour):
    """Every page of the table is reached by links from the first one, and no link leads to what is no page."""
    assert day.missing == set()
    assert day.unknown == []


def test_a_day_by_mouse(browser: Any, team: ServedConsole, kept: Any, day: Tour):
    """Each page is opened by a click on the page that leads to it, and has a heading and a title of its own."""
    with Screen(browser, kept=kept) as screen:
        for address in pages_of(day):
            if day.found_on[address]:
                screen.page.goto(team.url + day.found_on[address])
                screen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                path = address.partition("?")[0]
                screen.page.locator(f'a[href="{address}"], a[href^="{path}"]').first.click()
                screen.page.wait_for_load_state()
            else:
                screen.page.goto(team.url + address)
            assert screen.page.locator("h1").count() == 1, address
            assert screen.page.title().endswith("Said & Done"), address
        screen.is_clean(team.url)


@pytest.mark.parametrize(("size", "scheme"), SCREENS)
def test_a_screen_reader_stumbles_over_nothing(
    browser: Any, team: ServedConsole, kept: Any, day: Tour, size: tuple[int, int], scheme: str
):
    """On every page axe finds nothing serious, with all unfolded, and nothing is asked elsewhere."""
    axe = load("axe_playwright_python.sync_playwright").Axe()
    found = []
    with Screen(browser, size, scheme, kept) as screen:
        for address in pages_of(day):
            screen.page.goto(team.url + address)
            screen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            found += [
                (address, one["id"], one["nodes"][0]["html"][:200])
                for one in axe.run(screen.page).response["violations"]
                if one["impact"] in {"serious", "critical"}
            ]
        screen.is_clean(team.url)
    assert found == []


def open_settled(screen: Screen, address: str) -> None:
    """Open a page. While something is counted for it, it loads itself anew, in the middle of what is measured."""
    for _ in range(200):
        answered = screen.page.goto(address)
        if "refresh" not in answered.headers:
            return
        screen.page.wait_for_timeout(500)
    raise AssertionError(f"{address} is counted for ever")


@pytest.mark.parametrize("size", [PHONE, NARROW])
def test_a_small_screen_shows_all_of_its_width(
    browser: Any, team: ServedConsole, kept: Any, day: Tour, size: tuple[int, int]
):
    """Pages do not scroll sideways, also at 400 % zoom (320 pixels): tables do in their region. All fits a thumb."""
    with Screen(browser, size, kept=kept) as screen:
        for address in pages_of(day):
            open_settled(screen, team.url + address)
            screen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert screen.page.evaluate("document.documentElement.scrollWidth") == size[0], address
            small = screen.page.evaluate(TARGETS % (SMALLEST_TARGET, SMALLEST_TARGET))
            assert small == [], address


def test_larger_letters_hide_nothing(browser: Any, team: ServedConsole, kept: Any, day: Tour):
    """With letters of twice the size nothing sticks out, and no button is cut."""
    with Screen(browser, kept=kept) as screen:
        for address in pages_of(day):
            open_settled(screen, team.url + address)
            screen.page.evaluate(
                """document.adoptedStyleSheets = [new CSSStyleSheet()];
                document.adoptedStyleSheets[0].replaceSync("html { font-size: 200% !important }")"""
            )
            assert screen.page.evaluate("document.documentElement.scrollWidth") == DESKTOP[0], address
            cut = screen.page.evaluate(
                """[...document.querySelectorAll("button, .button, summary")].filter((one) => one.checkVisibility()
                  && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
                  .map((one) => one.outerHTML)"""
            )
            assert cut == [], address


def test_every_stop_of_the_keyboard_can_be_seen(browser: Any, team: ServedConsole, kept: Any, day: Tour):
    """On every page the first stop skips to what it is about, and whatever has the focus is on the screen, outlined."""
    with Screen(browser, PHONE, kept=kept) as screen:
        for address in pages_of(day):
            open_settled(screen, team.url + address)
            if screen.page.locator("[autofocus]").count():
                continue
            for number in range(40):
                screen.page.keyboard.press("Tab")
                html, tag, outlined, seen = screen.page.evaluate(FOCUSED)
                if tag == "BODY":
                    break
                assert number or 'class="skip"' in html, address
                assert outlined, (address, html)
                assert seen, (address, html)


def test_reading_by_one_key_each(browser: Any, team: ServedConsole, kept: Any):
    """`l` puts a text off, `r` marks the next one as read, `e` opens a case for one."""
    with Screen(browser, kept=kept) as screen:
        page, press = screen.page, screen.page.keyboard.press
        page.goto(f"{team.url}/team/reading")
        first = page.locator("#of").inner_text()
        press("l")
        page.wait_for_url(re.compile(r"later="))
        second = page.locator("#of").inner_text()
        assert second != first
        read = "SELECT count(*) FROM reading WHERE read_at IS NOT NULL"
        [(before,)] = team.rows(read)
        with page.expect_navigation():
            press("r")
        assert "Marked as read" in page.get_by_role("status").inner_text()
        assert team.rows(read) == [(before + 1,)]
        [(cases,)] = team.rows("SELECT count(*) FROM safety_case")
        while page.locator("[data-key=e]").count() == 0:
            with page.expect_navigation():
                press("l")
        with page.expect_navigation():
            press("e")
        assert "A safety case is open" in page.get_by_role("status").inner_text()
        assert team.rows("SELECT count(*) FROM safety_case") == [(cases + 1,)]
        screen.is_clean(team.url)


def test_what_was_understood_is_put_right_by_one_key_each(browser: Any, team: ServedConsole, kept: Any):
    """`3` sets the third choice for an answer, `k` leaves the next one as it was read."""
    with Screen(browser, PHONE, kept=kept) as screen:
        page = screen.page
        page.goto(f"{team.url}/team/reading")
        page.get_by_role("link", name="Put right").click()
        for key, said in (("3", "Kept beside the answer"), ("k", "Left as it was read")):
            with page.expect_navigation():
                page.keyboard.press(key)
            assert said in page.get_by_role("status").inner_text()
        kept_rows = team.rows("SELECT value IS NULL FROM rereading ORDER BY id")
        assert kept_rows == [(0,), (1,)]
        screen.is_clean(team.url)


def test_a_quotation_is_released_and_withdrawn_by_one_key_each(browser: Any, team: ServedConsole, kept: Any):
    """`r` releases the words that are shown, `w` withdraws them again."""
    standing = "SELECT count(*) FROM quotation WHERE withdrawn_at IS NULL"
    with Screen(browser, kept=kept) as screen:
        page = screen.page
        page.goto(f"{team.url}/team/quotations")
        for key, said, count in (("r", "Released:", 1), ("w", "Withdrawn:", 0)):
            with page.expect_navigation():
                page.keyboard.press(key)
            assert said in page.get_by_role("status").inner_text()
            assert team.rows(standing) == [(count,)]
        screen.is_clean(team.url)


def test_two_people_see_each_other_at_a_case(browser: Any, team: ServedConsole, kept: Any):
    """Who comes second is told who has it open, and since when, before they press anything."""
    with Screen(browser, kept=kept) as anna, Screen(browser, PHONE) as bert:
        bert.page.goto(team.link("BERT", *TeamRole))
        bert.page.get_by_role("button", name="Sign in").click()
        bert.page.wait_for_url(f"{team.url}/team")
        anna.page.goto(f"{team.url}/team/safety/1")
        bert.page.goto(f"{team.url}/team/safety/1")
        assert "ANNA has this open, too, since" in bert.page.get_by_role("note").first.inner_text()
        bert.is_clean(team.url)


def test_the_keys_can_be_switched_off(browser: Any, team: ServedConsole, kept: Any):
    """Who dictates, or whose cat walks over the keyboard, unticks them once, and the browser keeps that."""
    with Screen(browser, kept=kept) as screen:
        page = screen.page
        page.goto(f"{team.url}/team/reading")
        page.get_by_label(re.compile("one key each")).uncheck()
        page.goto(f"{team.url}/team/reading")
        shown = page.locator("#of").inner_text()
        assert page.get_by_label(re.compile("one key each")).is_checked() is False
        for key in ("r", "l", "e"):
            page.keyboard.press(key)
        page.reload()
        assert page.locator("#of").inner_text() == shown
        page.get_by_label(re.compile("one key each")).check()
        with page.expect_navigation():
            page.keyboard.press("l")


def test_a_case_by_keyboard_alone(browser: Any, team: ServedConsole, kept: Any):
    """From the first page to a case, which is taken over, and said to be no event, with a reason."""
    with Screen(browser, kept=kept) as screen:
        page, press = screen.page, screen.page.keyboard.press
        page.goto(f"{team.url}/team")
        screen.tab_to('nav a[href="/team/safety"]')
        press("Enter")
        page.wait_for_url(f"{team.url}/team/safety")
        screen.tab_to('td a[href^="/team/safety/"]')
        press("Enter")
        page.wait_for_url(re.compile(r"/team/safety/\d+"))
        screen.tab_to('form[action$="/step"] button')
        with page.expect_navigation():
            press("Enter")
        assert "ANNA" in page.locator("dl.facts").first.inner_text()
        screen.tab_to("input[name=reason]")
        page.keyboard.type("She was seen to by the ward")
        with page.expect_navigation():
            press("Enter")
        assert "The case was changed" in page.get_by_role("status").inner_text()
        screen.is_clean(team.url)


def test_a_person_is_paused_by_keyboard_alone(browser: Any, team: ServedConsole, kept: Any):
    """From the list of people to one of them, who is paused, and the pause is ended."""
    with Screen(browser, kept=kept) as screen:
        page, press = screen.page, screen.page.keyboard.press
        page.goto(f"{team.url}/team/people")
        screen.tab_to('td a[href^="/team/people/"]')
        press("Enter")
        page.wait_for_url(re.compile(r"/team/people/."))
        for said, selector in (("until then", "input[name=days][type=number]"), ("written to again", "")):
            screen.tab_to(selector or 'form:has(input[name=days][value="0"]) button')
            with page.expect_navigation():
                press("Enter")
            assert said in page.get_by_role("status").inner_text()
        screen.is_clean(team.url)


def test_a_request_is_answered_by_mouse(browser: Any, team: ServedConsole, kept: Any):
    """Who asked for a human being stands on the first page, with a button."""
    with Screen(browser, PHONE, kept=kept) as screen:
        screen.page.goto(f"{team.url}/team")
        screen.page.get_by_role("button", name="Answered").first.click()
        assert "marked as answered" in screen.page.get_by_role("status").inner_text()
        assert team.rows("SELECT count(*) FROM person_request WHERE answered_at IS NULL") == [(0,)]


def test_without_a_script_pages_work_alike(browser: Any, team: ServedConsole, kept: Any):
    """Every form is posted by its button where no script runs."""
    context = browser.new_context(java_script_enabled=False, storage_state=kept)
    page = context.new_page()
    page.goto(f"{team.url}/team/reading")
    assert page.get_by_label(re.compile("one key each")).is_visible() is False
    page.get_by_role("button", name="Read").first.click()
    assert "Marked as read" in page.get_by_role("status").inner_text()
    context.close()


def test_the_table_is_looked_at(day: Tour):
    """Every address that the tour opened belongs to a page of the table, and each has been opened once at least."""
    assert all(page_at(one) in registry.PAGES for one in day.all)
    assert {page.path for page in shown_pages()} >= set(day.addresses)
