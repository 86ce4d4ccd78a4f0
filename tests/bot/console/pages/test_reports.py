"""Reports in the console: made beside the bot, had by whoever may hand out in that programme, and audited."""

from collections.abc import AsyncIterator

import pytest

from bot.console.jobs import JobKind
from storage.schema import TeamRole
from storage.team.roles import GivenRole
from tests.support.console import Console, console
from tests.support.told_jobs import ToldJobs
from tests.support.turn_world import make_world
from tests.support.web_browser import SAME_SITE


@pytest.fixture
async def team(tmp_path) -> AsyncIterator[Console]:
    world = make_world(tmp_path)
    jobs = ToldJobs(world.database.path, world.clock, tells={JobKind.REPORT: {}})
    async with jobs.working(), console(world, jobs=jobs) as made:
        yield made
    world.database.close()


async def test_a_report_is_made_and_downloaded(team):
    """Its command has codes and days alone; who had the file is in the audit trail."""
    slug = team.world.rows("SELECT slug FROM program")[0][0]
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/reports")
    form = next(one for one in browser.page.forms if ("what", "report") in one.hidden())
    await browser.post(form, ("audience", "supporters"), ("since", "2026-01-31"))
    await team.jobs.settle()
    page = await browser.open("/team/reports")
    assert "table.csv" in page.text
    assert team.jobs.asked[0][3:11] == (
        *("report", slug, "--for", "supporters", "--by", "CORA", "--since", "2026-01-31"),
    )
    [code] = team.jobs.jobs
    file = await browser.client.get(f"/team/reports/{code}/files/1")
    assert file.content == b"a"
    assert file.headers["content-disposition"].startswith("attachment")
    assert team.world.rows(
        "SELECT count(*) FROM audit_event WHERE details LIKE '%table.csv%CORA%' OR details LIKE '%CORA%table.csv%'"
    ) == [(1,)]
    assert (await browser.client.get(f"/team/reports/{code}/files/2")).status_code == 404


async def test_a_file_is_for_whoever_may_hand_out_there(team):
    """Not for a viewer, and not for a coordinator of another programme, whose lists do not name it either."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    await browser.open("/team/reports")
    form = next(one for one in browser.page.forms if ("what", "report") in one.hidden())
    await browser.post(form, ("audience", "team"))
    await team.jobs.settle()
    [code] = team.jobs.jobs
    team.world.database.write_now(
        lambda c: c.exec_driver_sql(
            "INSERT INTO program (slug, title, settings, hash, loaded_at)"
            " SELECT 'other', title, settings, hash, loaded_at FROM program"
        )
    )
    other = await team.member("DORA", GivenRole(TeamRole.COORDINATOR, "other"))
    assert (await other.client.get(f"/team/reports/{code}/files/1")).status_code == 404
    assert "table.csv" not in (await other.open("/team/reports")).text
    viewer = await team.member("VIEWER", TeamRole.VIEWER)
    assert (await viewer.client.get(f"/team/reports/{code}/files/1")).status_code == 403


async def test_a_job_that_fails_says_why(team):
    """What it said is shown, and nothing can be downloaded; what is no choice or day begins no job."""
    browser = await team.member("CORA", TeamRole.COORDINATOR)
    page = await browser.open("/team/reports")
    form = next(one for one in page.forms if ("what", "export") in one.hidden())
    await browser.post(form, ("audience", "team"), ("format", "csv"))
    await team.jobs.settle()
    assert "it went wrong" in (await browser.open("/team/reports")).text
    for fields in (
        [("audience", "everybody"), ("format", "csv")],
        [("audience", "team"), ("format", "--raw")],
        [("what", "purge"), ("audience", "team")],
    ):
        assert (await browser.send(form.action, [*form.hidden(), *fields])).status == 400
    report = next(one for one in page.forms if ("what", "report") in one.hidden())
    assert (await browser.post(report, ("audience", "team"), ("since", "--force"))).status == 400
    mark = dict(form.hidden())["mark"]
    data = {"mark": mark, "program": "none", "what": "report", "audience": "team"}
    assert (await browser.client.post("/team/reports", data=data, headers=SAME_SITE)).status_code == 404
    assert len(team.jobs.asked) == 1


async def test_an_export_is_had_as_one_file(tmp_path):
    """The child process packs all that it wrote; the archive stands before the files, and who had it is kept."""
    world = make_world(tmp_path)
    jobs = ToldJobs(
        world.database.path, world.clock, tells={JobKind.EXPORT: {}}, writes=("a.csv", "said-export-csv.zip")
    )
    async with jobs.working(), console(world, jobs=jobs) as team:
        browser = await team.member("CORA", TeamRole.COORDINATOR)
        page = await browser.open("/team/reports")
        form = next(one for one in page.forms if ("what", "export") in one.hidden())
        await browser.post(form, ("audience", "team"), ("format", "csv"))
        await jobs.settle()
        assert "--zip" in jobs.asked[0]
        assert jobs.asked[0][jobs.asked[0].index("--by") + 1] == "CORA"
        page = await browser.open("/team/reports")
        assert "All files in one: said-export-csv.zip" in page.text
        [code] = jobs.jobs
        file = await browser.client.get(f"/team/reports/{code}/files/2")
        assert file.headers["content-disposition"].endswith('said-export-csv.zip"')
        assert world.rows("SELECT count(*) FROM audit_event WHERE details LIKE '%said-export-csv.zip%'") == [
            (1,)
        ]
    world.database.close()
