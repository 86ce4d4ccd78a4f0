"""After a full run on both platforms what is planted is where the design says, byte by byte, and nowhere else."""

import asyncio
import shutil
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import logs
from bot.cli.root import app
from storage.database import audit
from storage.database.backup import backup
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.support.full_run import TEAM, Planted, Run, a_month_goes_by, full_house, lives, tell_names
from tests.support.log_lines import logging_as_before
from tests.support.planted_words import columns_with, files_under, words_of

KEPT_IN = {
    "answer.raw",
    "answer.value",
    "answer.shown_text",
    "commitment.statement",
    "conversation.state",
    "outbox.payload",
    "remark.raw",
}
"""Where words that somebody wrote stand in the database, until their time is over or they delete them."""
REDACTED_IN = {
    "answer.redaction",
    "remark.redaction",
    "commitment.redaction",
    "commitmentrevision.redaction",
    "implementation.redaction",
}
"""Where their redacted form stands beside them: never an identifier."""
AS_IT_CAME = "inbox.payload"
"""Where they stand too, for the first days."""
COORDINATORS, GONE = ("Cora", "Carl"), "Pat"


@dataclass
class Remains:
    """What a full run left: everything that was written to disk, and what everybody heard."""

    people: dict[str, Planted]
    codes: list[str]
    first_day: Path
    before: Path
    """Database and write-ahead log while the bot was at work, with nobody gone."""
    backup: Path
    exports: Path
    raw: Path
    log: Path
    after: Path
    """Database and write-ahead log, once Pat has had everything deleted."""
    to_team: list[str]
    """What was written to coordinators."""
    broken: int | None

    @property
    def participants(self) -> list[Planted]:
        return [person for name, person in self.people.items() if name not in COORDINATORS]


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remains]:
    """One full run for all of these tests."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patched, logging_as_before():
        logs.configure("debug", folder / "said.log")
        tell_names(patched)
        yield asyncio.run(_run(folder, patched))


async def _run(folder: Path, patched: pytest.MonkeyPatch) -> Remains:
    live = folder / "live"
    live.mkdir()
    async with full_house(live) as run:
        await lives(run, patched)
        shutil.copytree(live, folder / "first-day")
        await a_month_goes_by(run)
        _take_away(run, folder)
        team = "SELECT payload FROM outbox WHERE address_id IN (SELECT address_id FROM coordinator)"
        to_team = [row[0] for row in run.home.rows(team)]
        codes = [row[0] for row in run.home.rows("SELECT code FROM participant")]
        gone = run.people[GONE]
        for words in ("delete my data", "yes"):
            await gone.says(words)
        await run.home.pass_time(run.home.clock.now() + timedelta(days=2))
        shutil.copytree(live, folder / "after")
        broken = run.home.database.read_now(audit.verify).broken
    return Remains(
        people=run.people,
        codes=codes,
        first_day=folder / "first-day",
        before=folder / "before",
        backup=folder / "backup.sqlite",
        exports=folder / "out",
        raw=folder / "raw",
        log=folder / "said.log",
        after=folder / "after",
        to_team=to_team,
        broken=None if broken is None else broken.row,
    )


def _take_away(run: Run, folder: Path) -> None:
    """The files as they are, a backup, and an export in each format."""
    database = run.home.database
    shutil.copytree(folder / "live", folder / "before")
    backup(database.path, folder / "backup.sqlite")
    for form in ExportFormat:
        with database.reading() as connection:
            export(connection, ExportDestination(folder / "out" / form, form), ExportSelection())
    with database.reading() as connection:
        export(connection, ExportDestination(folder / "raw", ExportFormat.CSV), ExportSelection(), raw=True)


def found_in(path: Path, *planted: str) -> list[str]:
    """What stands in the bytes of a file."""
    content = path.read_bytes()
    return [one for one in planted if one.encode() in content]


def test_nobody_is_named_in_any_file(remains: Remains) -> None:
    """Names, users, chats, rooms and the workspace: in no byte of database, journal, backup, export or log."""
    files = [
        path
        for place in (remains.first_day, remains.before, remains.after, remains.exports, remains.raw)
        for path in files_under(place)
    ]
    files += [remains.backup, remains.log]
    assert {path.suffix for path in files} >= {".sqlite", ".sqlite-wal", ".csv", ".xlsx", ".jsonl", ".log"}
    for person in remains.people.values():
        for path in files:
            assert found_in(path, TEAM, *person.who) == [], path.name


def test_what_was_written_stands_in_columns_for_words(remains: Remains) -> None:
    """Numbers, mail and records: in these columns and no others, in a backup as in the database."""
    found, at_first = set[str](), set[str]()
    for person in remains.participants:
        for planted in (*person.typed, person.mark):
            in_database = columns_with(remains.before / "said.sqlite", planted)
            assert in_database, f"{planted} was never kept"
            assert columns_with(remains.backup, planted) == in_database
            assert planted not in person.typed or in_database.isdisjoint(REDACTED_IN), planted
            found |= in_database
            at_first |= columns_with(remains.first_day / "said.sqlite", planted)
    assert found - REDACTED_IN == KEPT_IN
    assert AS_IT_CAME in at_first
    assert at_first <= KEPT_IN | REDACTED_IN | {AS_IT_CAME}


def test_no_identifier_is_exported_unless_raw(remains: Remains) -> None:
    """Words are, with what names somebody taken out; the export of raw words is the only one that has it."""
    marks = [person.mark for person in remains.participants]
    shown = " ".join(
        words_of(path) for form in ("csv", "xlsx") for path in (remains.exports / form).iterdir()
    )
    assert [mark for mark in marks if mark not in shown] == []
    for person in remains.participants:
        for path in files_under(remains.exports):
            assert found_in(path, *person.typed) == [], path.name
        assert [one for one in person.typed if one in shown] == []
    raw = " ".join(words_of(path) for path in files_under(remains.raw))
    assert remains.people["Ian"].phone in raw


def test_no_word_is_logged(remains: Remains) -> None:
    """At the most talkative level, with sends that failed and a turn put aside whose error quoted the words."""
    text = words_of(remains.log)
    assert "turn_put_aside" in text
    assert "message_failed" in text
    for person in remains.people.values():
        assert [one for one in (*person.typed, person.mark) if one in text] == []


def test_the_team_reads_codes_alone(remains: Remains) -> None:
    """Alerts, digests and the answers to every command, in their chats and as kept to be sent."""
    for name in COORDINATORS:
        heard = " ".join(remains.people[name].heard)
        assert [one for one in remains.codes if one not in heard] == []
        assert "Safety case 3: distress" in heard
        assert "People who asked for a human being" in heard or "today" in heard
        for text in (heard, *remains.to_team):
            for person in remains.people.values():
                assert [one for one in (*person.who, *person.typed, person.mark) if one in text] == []


def test_nobody_reads_another(remains: Remains) -> None:
    """A partner reads what a team wrote, and the team what the partner says: without what names somebody."""
    for reader in remains.people.values():
        heard = " ".join(reader.heard)
        for writer in remains.people.values():
            if writer is not reader:
                assert [one for one in (*writer.who, *writer.typed) if one in heard] == [], reader.name
    assert remains.people["Eve"].mark in " ".join(remains.people["Pia"].heard)


@pytest.mark.parametrize(
    "command",
    ["participants", "safety list", "safety show 1", "safety show 3", "review list", "coordinator list",
     "doctor", "why {code}", "audit verify", "db check", "participants --json", "safety show 2 --json",
     "why {code} --json"],
)  # fmt: skip
def test_commands_show_codes_alone(remains: Remains, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name, account or identifier is shown on a terminal, in words or as JSON."""
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    words = command.format(code=remains.codes[0]).split()
    result = CliRunner().invoke(app, [*words, "--database", str(remains.backup)])
    assert result.exit_code == 0, result.output
    for person in remains.people.values():
        assert [one for one in (TEAM, *person.who, *person.typed) if one in result.output] == []


def test_who_has_all_deleted_is_gone(remains: Remains) -> None:
    """No byte of theirs is left in the database, its journal or the log; others' words are, and the trail holds.

    What was taken away before holds them still: backups and exports of raw words are the operator's to delete.
    """
    gone, stays = remains.people[GONE], remains.people["Ian"]
    files = [*files_under(remains.after), remains.log]
    for path in files:
        assert found_in(path, *gone.who, *gone.typed, gone.mark) == [], path.name
    assert columns_with(remains.after / "said.sqlite", stays.phone)
    assert columns_with(remains.backup, gone.phone)
    assert remains.broken is None
