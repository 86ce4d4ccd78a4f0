"""Accounts that turn out to be one person's: they are counted once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flows.script.model import Role
from storage.export.measures.links import DISPOSITIONS, LINKS
from tests.support.turn_world import Someone, World, make_world, through


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


PROGRAM = "myeloma"


async def joined(world: World, first: str, second: str) -> None:
    """Somebody talks by one link, opens another one elsewhere, says nothing there, and joins the two accounts."""
    ann, other = world.someone("ann"), world.someone("ann-too")
    await ann.start(first)
    await through(ann, "1")
    await other.start(second)
    await join(ann, other)


async def join(ann: Someone, other: Someone) -> None:
    """The code from one account is written at the other."""
    code = (await ann.say("link"))[0].text.rpartition(": ")[2]
    assert (await other.say(code))[0].text.startswith("Done.")


def opened(world: World) -> list[tuple[str, int]]:
    """How many people came in, by role."""
    place = LINKS.columns.index("opened")
    rows = world.database.read_now(lambda c: list(LINKS.count(c, PROGRAM)))
    return [(str(row[LINKS.columns.index("role")]), int(str(row[place]))) for row in rows]


async def test_one_link_in_two_apps_is_one_person(world: World) -> None:
    """Whoever opens the same link in two apps came in once."""
    link = world.group()
    await joined(world, link, link)
    assert opened(world) == [("hcp", 1)]


async def test_two_links_are_one_person_in_each_row(world: World) -> None:
    """Of one row, they are in it once; of two, once in each, as if they had opened both in one app."""
    await joined(world, world.group(), world.group())
    assert opened(world) == [("hcp", 1)]
    assert world.rows("SELECT participant_id, count(*) FROM enrollment GROUP BY participant_id") == [(1, 2)]


async def test_they_came_in_when_they_first_opened_the_link(world: World) -> None:
    """Also where that was in the app whose account is joined to the other one, and nobody is counted as a refusal."""
    link = world.group()
    ann, other = world.someone("ann"), world.someone("ann-too")
    await other.start(link)
    first = world.clock.now()
    world.clock.move(timedelta(days=1))
    await ann.start(link)
    await through(ann, "1")
    await join(ann, other)
    [row] = world.database.read_now(lambda c: list(LINKS.count(c, PROGRAM)))
    assert str(row[LINKS.columns.index("first_opened")])[:10] == f"{first:%Y-%m-%d}"
    [case] = world.database.read_now(lambda c: list(DISPOSITIONS.count(c, PROGRAM)))
    assert case[DISPOSITIONS.columns.index("refusal")] == 0


async def test_others_stay_others(world: World) -> None:
    """Who opened the link and joined nobody is counted beside them."""
    link = world.group(role=Role.HCP)
    await joined(world, link, link)
    await world.someone("bob").start(link)
    assert opened(world) == [("hcp", 2)]
