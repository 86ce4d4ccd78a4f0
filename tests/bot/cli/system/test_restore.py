"""`said db restore` says how many of each kind were done again, refuses with what would come back, and its code."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from bot.cli.system import restore as restore_module
from bot.clock import MovableClock
from storage.database.journal import journal_path
from storage.schema import JournalKind
from tests.support.restoring import Town, make_town
from tests.support.said import Said
from tests.support.turn_world import through


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Two people, a backup, and both left; the bot has stopped."""
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = make_town(tmp_path)
    await made.settle("ann", "bob", lines=("1", "1"))
    made.back_up()
    await made["ann"].say("stop")
    await through(made["bob"], "delete my data", "yes")
    made.world.database.close()
    clock = MovableClock(made.world.clock.now())
    monkeypatch.setattr(restore_module, "SystemClock", lambda: clock)
    return made


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    return Said(capsys, monkeypatch)


def command(town: Town, *more: object) -> tuple[object, ...]:
    return ("db", "restore", town.backup, "--database", town.world.database.path, *more)


async def test_it_says_what_was_done(town: Town, said: Said) -> None:
    """A line for each kind, where the old file is, and what to do next; before it a rehearsal says the same."""
    rehearsed = said(*command(town, "--dry-run"))
    assert (rehearsed.code, rehearsed.err) == (0, "")
    done = said(*command(town))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[:2] == rehearsed.out.splitlines()[:2] == ["stop: 1", "erasure: 1"]
    assert "Nothing was changed" in rehearsed.out
    assert "said.sqlite.before-20260302-090000" in done.out
    assert "said db check" in done.out


async def test_a_program_reads_the_same(town: Town, said: Said) -> None:
    """Every kind is there, also those of which there were none."""
    told = json.loads(said(*command(town, "--json")).out)
    assert told["restored"] is True
    assert told["replayed"] | {"stop": 1, "erasure": 1} == told["replayed"]
    silent = {JournalKind.BEGIN.value, JournalKind.RESTORE.value}
    assert set(told["replayed"]) == {kind.value for kind in JournalKind} - silent
    assert (told["unknown"], told["uncovered"]) == (0, None)


async def test_it_refuses_in_one_line(town: Town, said: Said) -> None:
    """Exit code 1, since when nothing is known, and both ways on; the second of them is taken."""
    journal_path(town.world.database.path).unlink()
    refused = said(*command(town))
    assert (refused.code, refused.out) == (1, "")
    for part in ("since 2026-03-02 09:00 UTC (less than a day)", "comes back", "--journal", "--anyway"):
        assert part in refused.err
    assert refused.err.count("\n") == 1
    done = said(*command(town, "--anyway"))
    assert done.code == 0
    assert "Beware: " in done.out


async def test_what_is_no_backup_is_one_line(town: Town, said: Said, tmp_path: Path) -> None:
    """A file that is not there, and one that is no database."""
    for file in (tmp_path / "none", Path(__file__)):
        result = said("db", "restore", file, "--database", town.world.database.path)
        assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)


async def test_a_journal_in_which_nobody_left_is_told_so(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the year 1970, in which a new journal begins, nor a time at all; a program reads null."""
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = make_town(tmp_path)
    await made.settle("ann", lines=("1", "1"))
    made.back_up()
    made.world.database.close()
    rehearsed, done = said(*command(made, "--dry-run")), said(*command(made))
    for told in (rehearsed, done):
        assert (told.code, told.err) == (0, "")
        assert "the backup of 2026-03-02 09:00 UTC. Its journal tells of nobody who left." in told.out
        assert "1970" not in told.out
    again = json.loads(said(*command(made, "--dry-run", "--json")).out)
    assert again["journal_until"] is not None, "that of the restore, from which on it knows of all"


async def test_a_new_journal_has_no_time_for_a_program(town: Town, said: Said) -> None:
    """Null, where no line tells of anybody."""
    before = town.backup.with_name("before.journal")
    journal = journal_path(town.world.database.path)
    before.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))
    told = json.loads(said(*command(town, "--dry-run", "--json", "--journal", before)).out)
    assert (told["journal_until"], told["ended"]) == (None, 0)
