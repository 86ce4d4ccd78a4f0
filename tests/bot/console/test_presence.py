"""Two at one case or text: each sees the other before either presses, and nobody who is not there any more."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.console.presence import KEPT, MOST_CASES, MOST_SESSIONS, OpenPages
from flows.script.model import Role
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import TeamRole
from tests.support.console import Console, console
from tests.support.turn_world import make_world

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN = "has this open, too, since"


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    async with console(world) as made:
        person = world.someone("ann")
        await person.start(world.token("small", role=Role.PATIENT))
        await person.say("red")
        await person.say("They never ask what I can manage at home.")
        yield made
    world.database.close()


async def test_two_at_one_text_see_each_other(team):
    """The second is told at once, the first when they load the page again; a change of the text ends it."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.SAFETY)
    page = await anna.open("/team/reading")
    assert OPEN not in page.text
    team.world.clock.move(timedelta(minutes=3))
    page = await bert.open("/team/reading")
    assert f"ANNA {OPEN}" in page.text
    assert "(3 minutes ago)" in page.text
    assert f"BERT {OPEN}" in (await anna.open("/team/reading")).text
    await anna.press("Read")
    assert OPEN not in (await bert.open("/team/reading")).text


async def test_two_at_one_case_see_each_other_until_one_signs_out(team):
    """Whose session is over has nothing open."""
    anna = await team.member("ANNA", TeamRole.COORDINATOR)
    bert = await team.member("BERT", TeamRole.SAFETY)
    await anna.open("/team/reading")
    await anna.press("Case: adverse event")
    await anna.open("/team/safety/1")
    assert f"ANNA {OPEN}" in (await bert.open("/team/safety/1")).text
    await anna.press("Sign out")
    assert OPEN not in (await bert.open("/team/safety/1")).text


def test_somebody_in_two_browsers_is_not_told_of_themselves():
    """It is the person that counts, and of several windows the one that was open first."""
    pages = OpenPages()
    pages.note(7, 1, "ANNA", NOW)
    pages.note(7, 2, "ANNA", NOW + timedelta(minutes=1))
    assert pages.others(7, "ANNA", NOW) == ()
    [one] = pages.others(7, "BERT", NOW + timedelta(minutes=2))
    assert (one.code, one.since) == ("ANNA", NOW)


def test_what_is_kept_has_an_end():
    """A page counts for half an hour, a session has few cases and one text open, and sessions are so many at most."""
    pages = OpenPages()
    pages.note(7, 1, "ANNA", NOW)
    assert pages.others(7, "BERT", NOW + KEPT) == ()
    pages.note(7, 1, "ANNA", NOW + KEPT)
    assert pages.others(7, "BERT", NOW + KEPT)[0].since == NOW + KEPT
    for number in range(8, 8 + MOST_CASES):
        pages.note(number, 1, "ANNA", NOW + KEPT)
    assert pages.others(7, "BERT", NOW + KEPT) == ()
    first, second = (TextSource(TextKind.REMARK, number) for number in (1, 2))
    pages.note(first, 1, "ANNA", NOW + KEPT)
    pages.note(second, 1, "ANNA", NOW + KEPT)
    assert pages.others(first, "BERT", NOW + KEPT) == ()
    assert len(pages.others(second, "BERT", NOW + KEPT)) == 1
    pages.close_text(1)
    assert pages.others(second, "BERT", NOW + KEPT) == ()
    for number in range(2, 2 + MOST_SESSIONS):
        pages.note(99, number, f"T{number}", NOW)
    assert pages.others(8, "BERT", NOW) == ()
    pages.forget(range(2, 2 + MOST_SESSIONS))
    assert pages.others(99, "BERT", NOW) == ()
