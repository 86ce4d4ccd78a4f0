"""Programmes in the console: a file is looked at before it is loaded; one is paused, closed and put away."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from bot.console.jobs import UPLOAD, JobKind, JobRunner, JobState
from storage.schema import PROGRAM, TeamRole
from storage.team.roles import GivenRole
from tests.support.console import Console, console
from tests.support.told_jobs import ToldJobs
from tests.support.turn_world import World, make_world
from tests.support.web_browser import SAME_SITE, Browser, Page

CHANGE = {
    "name": "myeloma",
    "is_new": False,
    "is_same": False,
    "refused": None,
    "settings": [{"key": "title", "before": "A", "after": "<b>B</b>"}],
    "parts": [],
    "waves_planned": 30,
    "waves_moved": 28,
    "told_of_changes": 0,
    "kept": [{"flow": "hcp_commitment", "version": 2, "conversations": 3}],
    "languages": [{"language": "es", "lost": 1, "lacks": 4}],
    "wordings": {
        "lines": [
            {"where": "activities.s.title", "before": "Old", "after": "<i>New</i>", "people": 7},
            {"where": "themes.pain", "before": None, "after": "Pain", "people": 0},
        ],
        "total": 5,
    },
}


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    jobs = ToldJobs(world.database.path, world.clock, tells={JobKind.DIFF: CHANGE, JobKind.LOAD: {}})
    async with jobs.working(), console(world, jobs=jobs) as made:
        yield made
    world.database.close()


async def choose(browser: Browser, content: bytes, name: str = "p.yaml") -> httpx.Response:
    """Send a file by the form of the page."""
    form = next(one for one in browser.page.forms if one.named("file"))
    return await browser.client.post(
        form.action, data=dict(form.hidden()), files={"file": (name, content)}, headers=SAME_SITE
    )


async def test_a_file_is_looked_at_and_then_loaded(team):
    """What it would touch is told in sentences; only a button loads it, the very file that was looked at."""
    browser = await team.member("AUTHOR", TeamRole.AUTHOR)
    await browser.open("/team/programs")
    response = await choose(browser, b"program: myeloma\n")
    await team.jobs.settle()
    page = await browser.open(str(response.url))
    assert "28 waves move" in page.text
    assert "3 conversations keep version 2 of hcp_commitment" in page.text
    assert "Translation es loses 1 string" in page.text
    assert "activities.s.title Old <i>New</i> 7" in " ".join(page.text.split())
    assert "Lines that are not shown: 3." in page.text
    assert "<b>B</b>" not in response.text
    page = await browser.press("Load it")
    await team.jobs.settle()
    page = await browser.open(str(page.response.url))
    assert "The programme is loaded." in page.text
    looked, loaded = team.jobs.asked
    assert looked[3:5] == ("program", "diff")
    assert loaded[3:5] == ("program", "load")
    assert {one.uploaded for one in team.jobs.jobs.values()} == {b"program: myeloma\n"}
    assert not any("program: myeloma" in word for words in team.jobs.asked for word in words)
    [[by]] = team.world.rows(
        "SELECT json_extract(details, '$.by') FROM audit_event WHERE details LIKE '%\"load\"%'"
    )
    assert by == "AUTHOR"


@pytest.mark.parametrize("is_new", [False, True])
async def test_what_was_compared_with_another_file_is_not_loaded(team, is_new: bool):
    """Somebody else loaded one meanwhile: nobody overwrites what they have not seen."""
    browser = await team.member("AUTHOR", TeamRole.AUTHOR)
    team.jobs.tells[JobKind.DIFF] = {**CHANGE, "is_new": is_new}
    await browser.open("/team/programs")
    response = await choose(browser, b"program: myeloma\n")
    await team.jobs.settle()
    page = await browser.open(str(response.url))
    if not is_new:
        later = team.world.clock.now() + timedelta(seconds=1)
        team.world.database.write_now(lambda c: c.execute(PROGRAM.update().values(loaded_at=later)))
    page = await browser.press("Load it")
    assert page.status == 409
    assert "compare it again" in page.text
    assert len(team.jobs.asked) == 1


async def test_who_may_load_one_programme_loads_no_other(team):
    """What a file would touch is not shown to whom its programme is not, nor is a new programme theirs to load."""
    browser = await team.member("AUTHOR", GivenRole(TeamRole.AUTHOR, "myeloma"))
    other = await team.member("OTHER", TeamRole.AUTHOR)
    for name, status in (("myeloma", 200), ("lymphoma", 403)):
        team.jobs.tells[JobKind.DIFF] = {**CHANGE, "name": name}
        await browser.open("/team/programs")
        response = await choose(browser, b"x: 1\n")
        await team.jobs.settle()
        page = await browser.open(str(response.url))
        assert page.status == status
        assert (await other.open(str(response.url))).status == 404
    mark = dict(browser.page.forms[0].hidden())["mark"]
    posted = await browser.client.post(f"{response.url.path}/load", data={"mark": mark}, headers=SAME_SITE)
    assert posted.status_code == 403
    viewer = await team.member("VIEWER", TeamRole.VIEWER)
    page = await viewer.open("/team/programs/myeloma")
    assert "What can be done" not in page.text


async def test_an_upload_that_is_too_long_or_empty_is_refused(team):
    """50 MB are not read to their end, and no job begins; an empty file is none."""
    browser = await team.member("AUTHOR", TeamRole.AUTHOR)
    await browser.open("/team/programs")
    assert (await choose(browser, b"a" * 50_000_000)).status_code == 413
    assert (await choose(browser, b" \n")).status_code == 400
    assert team.jobs.asked == []


HOSTILE = {
    "billion laughs": (
        b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        b"c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        b"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nprogram: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
    ),
    "not UTF-8": b"program: \xff\xfe\n",
    "deep": b"program: " + b"[" * 50_000,
    "no YAML": b"\x00\x01\x02",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_an_error_with_its_place(tmp_path, name):
    """By the real command: it ends soon, says where the file is wrong, and changes nothing."""
    world: World = make_world(tmp_path)
    jobs = JobRunner(world.database.path, world.clock)
    before = world.rows("SELECT * FROM program")
    async with jobs.working(), console(world, jobs=jobs) as made:
        browser = await made.member("AUTHOR", TeamRole.AUTHOR)
        await browser.open("/team/programs")
        response = await choose(browser, HOSTILE[name])
        [job] = jobs.jobs.values()
        assert job.task is not None
        await job.task
        assert job.state is JobState.FAILED
        page: Page = await browser.open(str(response.url))
        assert "That did not work" in page.text
        assert UPLOAD in page.text
        assert str(tmp_path) not in page.text
    assert world.rows("SELECT * FROM program") == before
    world.database.close()


async def test_a_programme_is_paused_closed_and_put_away(team):
    """Closing wants its short name typed; each step says whether it can be undone."""
    browser = await team.member("AUTHOR", TeamRole.AUTHOR)
    slug = team.world.rows("SELECT slug FROM program")[0][0]
    await browser.open(f"/team/programs/{slug}")
    assert "until it is resumed" in (await browser.press("Pause")).text
    assert "What is due goes on" in (await browser.press("Resume")).text
    form = next(one for one in browser.page.forms if one.named("slug"))
    refused = await browser.post(form, ("slug", "other"))
    assert refused.status == 400
    page = await browser.post(form, ("slug", slug))
    assert "That cannot be undone" in page.text
    assert team.world.rows("SELECT closed_at IS NOT NULL FROM program") == [(1,)]
    page = await browser.press("Put it away")
    assert "only read from now on" in page.text
    assert "put away" in (await browser.open("/team/programs")).text
