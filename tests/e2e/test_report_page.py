"""The outcomes report as a browser shows it: alone on a disk, on a phone, in the dark, on paper, and read aloud."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from flows.heavy_packages import load
from storage.outcomes.page.render import html_page
from tests.support.chromium import DESKTOP, LAUNCH, NEEDS_CHROMIUM, PHONE, SCREENS
from tests.support.outcomes_reports import HOSTILE, report

MISSING = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
SHEET = (688, 1009)
"""What margins leave of A4, in pixels."""
pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.timeout(600),
]


@dataclass
class Opened:
    """A page that was opened, what it asked for beside its file, and what it complained of."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium without a window, as root without its sandbox."""
    with load("playwright.sync_api").sync_playwright() as driver:
        started = driver.chromium.launch(**LAUNCH)
        yield started
        started.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report, and one in which all words try to be markup."""
    folder = tmp_path_factory.mktemp("page")
    made = {"plain": report(), "hostile": report(title=HOSTILE, words=HOSTILE)}
    for name, one in made.items():
        (folder / f"{name}.html").write_text(html_page(one), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


def opened(browser: Any, file: Path, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Opened:
    """Open a file as somebody does who double-clicks it."""
    wide, high = size
    context = browser.new_context(
        viewport={"width": wide, "height": high}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(300_000)
    found = Opened(context.new_page())
    found.page.on("request", lambda one: found.asked.append(one.url))
    found.page.on("console", lambda one: found.complaints.append(one.text))
    found.page.on("pageerror", lambda one: found.complaints.append(str(one)))
    found.page.on("dialog", lambda one: found.complaints.append(one.message))
    found.page.goto(file.as_uri(), wait_until="load")
    return found


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_it_asks_for_nothing_and_complains_of_nothing(browser: Any, files: dict[str, Path], name: str):
    """No request leaves the page, no script but its own runs, nothing is in the console."""
    found = opened(browser, files[name])
    assert [url for url in found.asked if not url.startswith("data:")] == [files[name].as_uri()]
    assert found.complaints == []
    assert found.page.locator("img").count() == 0
    found.page.context.close()


@pytest.mark.parametrize(("size", "scheme"), SCREENS)
def test_a_screen_reader_stumbles_over_nothing(
    browser: Any, files: dict[str, Path], size: tuple[int, int], scheme: str
):
    """Axe finds nothing serious, with everything unfolded: names, landmarks, tables, contrast."""
    found = opened(browser, files["plain"], size, scheme)
    found.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    result = load("axe_playwright_python.sync_playwright").Axe().run(found.page)
    serious = [
        (one["id"], one["nodes"][0]["html"][:200])
        for one in result.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    found.page.context.close()


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_a_phone_shows_all_of_its_width(browser: Any, files: dict[str, Path], name: str):
    """Nothing sticks out at the side: wide tables scroll by themselves, long words are broken."""
    found = opened(browser, files[name], PHONE)
    found.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert found.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    found.page.context.close()


def test_a_phone_shows_numbers_beside_their_row(browser: Any, files: dict[str, Path]):
    """What tells rows apart stands in one column that stays, so that the first numbers are in sight at once."""
    found = opened(browser, files["plain"], PHONE)
    table = found.page.locator("[id='t-response.statuses'] table").first
    assert not table.locator("th.next").first.is_visible()
    box = table.locator("tbody td").first.bounding_box()
    assert box["x"] + box["width"] < PHONE[0]
    beside = table.locator("tbody th").first.get_attribute("data-beside")
    assert beside.split("\n") == table.locator("tbody tr").first.locator("th.next").all_text_contents()
    table.locator("..").evaluate("one => one.scrollLeft = 80")
    assert table.locator("tbody th").first.bounding_box()["x"] >= 0
    found.page.context.close()


def test_light_and_dark(browser: Any, files: dict[str, Path], tmp_path: Path):
    """The page follows what its reader prefers."""
    colours = {}
    for scheme in ("light", "dark"):
        found = opened(browser, files["plain"], PHONE, scheme)
        colours[scheme] = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        found.page.screenshot(path=tmp_path / f"{scheme}.png")
        found.page.context.close()
    assert colours["light"] == "rgb(255, 255, 255)"
    assert colours["dark"] != colours["light"]
    assert (tmp_path / "light.png").read_bytes() != (tmp_path / "dark.png").read_bytes()


def test_the_first_page_is_one_sheet_of_paper(browser: Any, files: dict[str, Path], tmp_path: Path):
    """On paper it ends before the sheet does; all that is folded is printed, also in the dark in black on white."""
    found = opened(browser, files["plain"], SHEET, "dark")
    found.page.emulate_media(media="print")
    end = found.page.evaluate("document.getElementById('first').getBoundingClientRect().bottom")
    assert end < SHEET[1]
    assert found.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    name = "getComputedStyle(document.querySelector('#first .defined')).textDecorationLine"
    assert found.page.evaluate(name) == "none", "paper has no links"
    found.page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    found.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert found.page.locator("details:not([open])").count() == 0
    found.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert found.page.locator("details[open]").count() == 0
    found.page.context.close()


def test_the_keyboard_comes_to_the_report_first(browser: Any, files: dict[str, Path]):
    """The first stop skips what stands before the report."""
    found = opened(browser, files["plain"])
    found.page.keyboard.press("Tab")
    assert found.page.evaluate("document.activeElement.className") == "skip"
    found.page.keyboard.press("Enter")
    assert found.page.evaluate("document.activeElement.id") == "content"
    found.page.context.close()


def test_a_number_is_followed_to_its_definition(browser: Any, files: dict[str, Path]):
    """The id at a column unfolds the definitions of its table, and shows its own."""
    found = opened(browser, files["plain"])
    definition = found.page.locator("[id='m-loop.themes.raised']")
    assert not definition.is_visible()
    found.page.locator("#first a[href='#m-loop.themes.raised']").click()
    definition.wait_for(state="visible")
    assert "picked the theme" in definition.inner_text()
    found.page.context.close()


def test_the_draft_is_counted_as_somebody_writes(browser: Any, files: dict[str, Path]):
    """A part that was too long and is made shorter says so no more."""
    found = opened(browser, files["plain"])
    part = found.page.get_by_role("textbox", name="Format")
    count = found.page.locator("[id='abstract-symposium-format-count']")
    assert count.inner_text() == "7 of 2 words, too long"
    part.fill("Live\n symposium")
    assert count.inner_text() == "2 of 2 words"
    found.page.context.close()
