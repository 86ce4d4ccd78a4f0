"""Debian's Chromium for tests: somebody's phone at a bot that runs, and what its pages asked for and complained of."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from flows.heavy_packages import load

CHROMIUM: Final = shutil.which("chromium")
MISSING: Final = [name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None]
NEEDS_CHROMIUM: Final = (
    pytest.mark.skipif(
        CHROMIUM is None, reason="there is no Chromium; as root `make test` installs Debian's"
    ),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
)
LAUNCH: Final[dict[str, Any]] = {
    "executable_path": CHROMIUM,
    "args": ["--no-sandbox", "--disable-dev-shm-usage"],
    "timeout": 300_000,
}
"""Without a window, as root without its sandbox."""
PHONE, DESKTOP = (390, 844), (1280, 900)
SCREENS: Final = [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]
ZONE: Final = "Europe/London"
"""Where phones are, as the example program has it."""
PATIENCE_MS: Final = 100_000
"""How long a page may take on a machine that is busy with others."""
FOLDER: Final = "SCREENSHOTS"
"""The variable that names a folder in which pictures of pages are kept; without it they go with the test."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """Run Chromium, in the event loop of the test."""
    async with load("playwright.async_api").async_playwright() as driver:
        started = await driver.chromium.launch(**LAUNCH)
        yield started
        await started.close()


@dataclass
class Phone:
    """Somebody's browser at one host: its `page`, and what went wrong in it.

    `elsewhere` are the addresses of other hosts that were asked for, none of which is let through; `complaints` what
    stands in the console.
    """

    page: Any
    host: str
    script: bool
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Open a page of the host."""
        await self.page.goto(f"{self.host}{path}")

    async def serious(self) -> list[tuple[str, str]]:
        """What axe finds serious on the page, with the element; it needs a script, as do all who ask."""
        axe = load("axe_playwright_python.async_playwright").Axe()
        found = (await axe.run(self.page)).response["violations"]
        return [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]

    async def picture(self, folder: Path, name: str) -> None:
        """Take a picture of the page on a phone and a desktop, by day and by night; nothing sticks out at the side."""
        folder = Path(os.environ.get(FOLDER, folder))
        folder.mkdir(parents=True, exist_ok=True)
        for (wide, high), scheme in SCREENS:
            await self.page.set_viewport_size({"width": wide, "height": high})
            await self.page.emulate_media(color_scheme=scheme)
            assert await self.page.evaluate("document.documentElement.scrollWidth") == wide, (name, wide)
            device = "phone" if (wide, high) == PHONE else "desktop"
            await self.page.screenshot(path=folder / f"{name}-{device}-{scheme}.png")
        await self.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await self.page.emulate_media(color_scheme="light")


@asynccontextmanager
async def phone(
    browser: Any, host: str, *, language: str = "en", script: bool = True
) -> AsyncIterator[Phone]:
    """Somebody's phone with no cookie on it; whatever it asks of another host than `host` is noted, and refused."""
    context = await browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        is_mobile=True,
        has_touch=True,
        locale=language,
        timezone_id=ZONE,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    held = Phone(await context.new_page(), host, script)

    async def refuse(route: Any) -> None:
        held.elsewhere.append(route.request.url)
        await route.abort()

    await context.route(lambda url: not url.startswith(f"{host}/"), refuse)
    held.page.on("console", lambda one: held.complaints.append(one.text))
    held.page.on("pageerror", lambda one: held.complaints.append(str(one)))
    held.page.on("dialog", lambda one: held.complaints.append(one.message))
    try:
        yield held
    finally:
        await context.close()
