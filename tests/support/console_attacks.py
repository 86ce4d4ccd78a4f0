"""A world in which everybody writes what tries to be more than words, and what looks for it in a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import httpx

from flows.i18n.localized_program import StoredTranslations
from flows.program.model import ProgramFile
from flows.script.model import Role
from storage.people.invitations import NewInvitation
from storage.programs import programs
from tests.support import fresh
from tests.support.console import OURS, Console
from tests.support.console_tour import Tour, tour
from tests.support.turn_world import START, World, make_runtime, make_world
from tests.support.web_browser import Browser

PLANTED: Final = "Zaphodine"
"""Stands in all hostile words, so that they are found wherever they come out."""
HOSTILE: Final = (
    f'<img src=x onerror="alert(1)">{PLANTED}',
    f"</blockquote></title></textarea><script>alert(1)</script>{PLANTED}",
    f"{{{{ 7*191 }}}} {{% raw %}} ${{7*191}} {PLANTED}",
    f"\"' onmouseover=alert(1) x='{PLANTED}",
    f"\u202e{PLANTED}\u2066 \u200f\x00\x1b[31m",
    f"javascript:alert(1) {PLANTED} =HYPERLINK(1)",
    f"{PLANTED} " + "very long " * 10_000,
)
_SCRIPT = re.compile(r"/team/assets/[\w.-]+\.js")


class Markup(HTMLParser):
    """Finds in a page what none of our templates has: it came from somebody's words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.found += [repr(one) for one in ("\x00", "\x1b", "\u202e", "\u2066") if one in text]
        if "1337" in text:
            self.found.append("a template was evaluated")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_ours = tag == "script" and _SCRIPT.fullmatch(given.get("src") or "") is not None
        if tag in ("img", "iframe", "object", "embed", "base") or (tag == "script" and not is_ours):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on") or name == "srcdoc"]
        leads = [given.get(name) or "" for name in ("href", "src", "action", "formaction")]
        self.found += [one for one in leads if one.strip().lower().startswith(("javascript:", "data:"))]


@dataclass
class Written:
    """What somebody wrote: under which name, and their code."""

    name: str
    code: str
    words: tuple[str, ...]


@dataclass
class Planted:
    """A second program of the same world, and who wrote in it."""

    other: str
    first: list[Written] = field(default_factory=list)
    second: list[Written] = field(default_factory=list)


def load_program(world: World, changed: ProgramFile) -> int:
    """Load a program, and return its number."""
    words: StoredTranslations = {}
    version = programs.program_hash(changed, words)
    loaded = world.database.write_now(lambda c: programs.load(c, changed, version, START, words))
    world.runtime = make_runtime(world.database, world.clock)
    return loaded.program_id


async def write(world: World, name: str, words: Sequence[str], *, program_id: int | None = None) -> Written:
    """A patient writes these words in a talk of a program, the rest of them after its end."""
    number = world.program_id if program_id is None else program_id
    before = {code for (code,) in world.rows("SELECT code FROM participant")}
    person = world.someone(name)
    wanted = NewInvitation(
        program_id=number, role=Role.PATIENT, flow="small", source="a ward", activity_id=None
    )
    await person.start(world.token("small", **_fields(wanted)))
    await person.say("red")
    await person.say(words[0])
    await person.say("3")
    for one in words[1:]:
        await person.say(one)
    [code] = {code for (code,) in world.rows("SELECT code FROM participant")} - before
    return Written(name, code, tuple(words))


def _fields(wanted: NewInvitation) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in ("program_id", "role", "source", "activity_id")}


async def hostile_world(folder: Path) -> World:
    """A world whose program, invitations, answers and remarks are all hostile."""
    world = make_world(folder)
    program, _ = fresh.program()
    short = HOSTILE[0][:120]
    activities = tuple(one.model_copy(update={"title": short}) for one in program.activities)
    changed = program.model_copy(
        update={"title": short, "team": HOSTILE[3], "contact": HOSTILE[1], "activities": activities}
    )
    world.program_id = load_program(world, changed)
    for number, words in enumerate(HOSTILE):
        await write(world, f"person{number}", [words, words])
        world.token("small", role=Role.PATIENT, source=words[:60])
    return world


def another_program(world: World) -> int:
    """A second program of a world, `elsewhere`; return its number."""
    program, _ = fresh.program()
    return load_program(world, program.model_copy(update={"program": "elsewhere", "title": "Elsewhere"}))


async def two_programs(folder: Path) -> tuple[World, Planted]:
    """A world with two programs, in each of which people wrote."""
    world = make_world(folder)
    other = another_program(world)
    planted = Planted("elsewhere")
    for number in range(2):
        planted.first.append(
            await write(world, f"ann{number}", [f"Firstwords{number} are mine", "More of it"])
        )
        second = [f"Secondwords{number} are mine", "More of it"]
        planted.second.append(await write(world, f"bob{number}", second, program_id=other))
    return world, planted


def another_place(team: Console, browser: Browser, number: int) -> httpx.AsyncClient:
    """The same browser at another address of the network: what is tried often is held by none of the limits."""
    peer = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    transport = httpx.ASGITransport(team.app, client=(peer, 1))
    return httpx.AsyncClient(transport=transport, base_url=OURS, cookies=browser.client.cookies)


async def tour_of(browser: Browser) -> Tour:
    """The addresses to which links lead a browser of the tests."""

    async def fetch(address: str) -> str | None:
        response = await browser.client.get(address)
        is_page = response.headers.get("content-type", "").startswith("text/html")
        return response.text if is_page else None

    return await tour(fetch)
