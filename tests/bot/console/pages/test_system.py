"""The system's page: what waits, doctor's findings and the audit trail, for whoever looks after the bot."""

from bot.console.jobs import JobKind
from storage.database.backup import backup, last_backup
from storage.schema import TeamRole
from tests.support.console import console
from tests.support.told_jobs import ToldJobs
from tests.support.turn_world import make_world


async def test_doctor_and_the_audit_trail_are_looked_at_beside_the_bot(tmp_path):
    """Their findings stand on the page with their moment; a trail that is broken is told at its row."""
    world = make_world(tmp_path)
    finding = {"level": "error", "text": "<b>no disk</b>", "remedy": "free some"}
    told = {
        JobKind.DOCTOR: {"well": False, "sections": [{"name": "disk", "findings": [finding]}]},
        JobKind.AUDIT: {
            "whole": False,
            "rows": 3,
            "anchor": "3:ab",
            "broken": {"row": 4, "what": "was changed"},
        },
    }
    jobs = ToldJobs(world.database.path, world.clock, tells=told)
    async with jobs.working(), console(world, jobs=jobs) as team:
        browser = await team.member("ADMIN", TeamRole.ADMIN)
        page = await browser.open("/team/system")
        assert "None was made" in page.text
        await browser.press("Look now")
        await browser.press("Verify it now")
        await jobs.settle()
        backup(world.database.path, tmp_path / "copy.sqlite")
        page = await browser.open("/team/system")
        assert "<b>no disk</b>" in page.text
        assert "Broken: row 4 was changed" in page.text
        assert "The last one was made" in page.text
    assert last_backup(world.database.path) is not None
    world.database.close()


async def test_warnings_are_counted_and_stand_first(tmp_path):
    """All is well only where there is no warning; what is wrong stands above warnings, and those above the rest."""
    levels = {"well": ("ok", "ok"), "warned": ("ok", "warn", "ok", "warn"), "wrong": ("warn", "ok", "error")}
    said = {}
    for name, given in levels.items():
        world = make_world(tmp_path / name)
        findings = [{"level": one, "text": f"found {one}", "remedy": None} for one in given]
        told = {"well": "error" not in given, "sections": [{"name": "disk", "findings": findings}]}
        jobs = ToldJobs(world.database.path, world.clock, tells={JobKind.DOCTOR: told})
        async with jobs.working(), console(world, jobs=jobs) as team:
            browser = await team.member("ADMIN", TeamRole.ADMIN)
            await browser.open("/team/system")
            await browser.press("Look now")
            await jobs.settle()
            said[name] = (await browser.open("/team/system")).text
        world.database.close()
    assert "all is well" in said["well"]
    assert "Well, with 2 warnings" in said["warned"]
    assert "all is well" not in said["warned"]
    assert said["warned"].index("found warn") < said["warned"].index("found ok")
    assert "1 thing is wrong" in said["wrong"]
    assert said["wrong"].index("found error") < said["wrong"].index("found warn")
