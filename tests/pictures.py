"""Take the pictures of the team's pages for the documents: `python -m tests.pictures`, of invented people in Chromium.

They are written to docs/pictures. Whoever changes a template takes them anew and looks at them.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from flows.heavy_packages import load
from storage.schema import TeamRole
from tests.support.console_server import ServedConsole, served_console

PICTURES: Final = Path(__file__).parents[1] / "docs" / "pictures"
TAKEN: Final = (
    ("console-today", "/team", (1040, 760), "light"),
    ("console-reading", "/team/reading", (390, 780), "light"),
)
"""Each with its page, the size of the screen in CSS pixels, and whether it is light or dark."""


def take(into: Path = PICTURES, taken: tuple[tuple[str, str, tuple[int, int], str], ...] = TAKEN) -> None:
    """Take these pictures into a folder, as PNG files."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served_console(Path(folder)) as team,
        load("playwright.sync_api").sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        kept: Any = None
        for name, path, (wide, high), scheme in taken:
            context = browser.new_context(
                viewport={"width": wide, "height": high}, color_scheme=scheme, storage_state=kept
            )
            page = context.new_page()
            if kept is None:
                _sign_in(team, page)
                kept = context.storage_state()
            page.goto(team.url + path)
            page.screenshot(path=into / f"{name}.png")
            context.close()
        browser.close()


def _sign_in(team: ServedConsole, page: Any) -> None:
    page.goto(team.link("ANNA", TeamRole.COORDINATOR, TeamRole.SAFETY))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{team.url}/team")


if __name__ == "__main__":
    take()
