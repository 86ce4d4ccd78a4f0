"""The commands: what they print, what they write, and how they refuse."""

import csv
import errno
import json
import re
import sqlite3
import sys
from contextlib import closing

import pytest
import sqlalchemy as sa

from bot.cli import PROBLEM, WRONG_USE, main
from bot.cli.programs.program import _print_rates, _rate
from bot.cli.system import run
from flows.program.loader import load_program, program_paths
from flows.program.model import program_facts
from flows.script.loader import library
from flows.script.reconsent import source_of
from storage.database.process_lock import RunnerLock
from storage.export.rates import OtherReports, RateChange
from storage.export.statistics import difference_of
from tests.support.said import COMMITMENT, Said

EXAMPLE = program_paths()[0]
INVITE = ("invite", "myeloma", "--role", "hcp", "--flow", "commitment", "--source", "Spring symposium")


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Said(capsys, monkeypatch)


@pytest.fixture
def loaded(said):
    """With the example program loaded."""
    assert said("program", "load", EXAMPLE).code == 0
    return said


@pytest.fixture
def with_a_conversation(said):
    """After a clinician's commitment in the terminal."""
    assert said("run", "--role", "hcp", lines=COMMITMENT).code == 0
    return said


def test_version_and_help(said):
    """`--version` and `--help` answer at once; without a command the help is shown."""
    assert re.fullmatch(r"said \d+\.\d+\.\d+\n", said("--version").out)
    assert "doctor" in said("--help").out
    assert said().code == WRONG_USE


def test_one_run_at_a_time(said, tmp_path):
    """A second `said run` on a database is refused in one line, and says nothing to anybody."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "said.sqlite").touch()
    with RunnerLock() as lock:
        lock.take(tmp_path / "data" / "said.sqlite")
        result = said("run", "--role", "hcp", lines=COMMITMENT)
    assert (result.code, result.out) == (PROBLEM, "")
    assert "another `said run` uses this database; stop that one first" in result.err
    assert said("run", "--role", "hcp", lines=COMMITMENT).code == 0


# Programs


def test_loading_and_listing(said):
    """A program is loaded, found unchanged when loaded again, and listed."""
    assert said("program", "load", EXAMPLE).out.startswith("Loaded programme myeloma (activities: 1,")
    assert said("program", "load", EXAMPLE).out.startswith("Unchanged: programme myeloma")
    [row] = json.loads(said("program", "list", "--json").out)
    assert (row["slug"], row["title"]) == ("myeloma", "Multiple myeloma")
    assert "Multiple myeloma" in said("program", "list").out


def test_a_program_is_translated_beside_its_file(said, tmp_path):
    """Template, translation and report go by the program's file; loading it says how far the words are."""
    file = tmp_path / "mine.yaml"
    file.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert said("translate", "extract", file).code == 0
    assert said("translate", "update", file, "--language", "es").code == 0
    there = tmp_path / "translations" / "es" / "program-myeloma.po"
    there.write_text(
        there.read_text(encoding="utf-8").replace(
            '"multiple myeloma"\nmsgstr ""', '"multiple myeloma"\nmsgstr "{x}"'
        ),
        encoding="utf-8",
    )
    result = said("translate", "report", file, "--json")
    [told] = json.loads(result.out)
    assert (result.code, told["name"], told["status"]) == (PROBLEM, "program-myeloma", "draft")
    assert [one["context"] for one in told["differences"]] == ["myeloma:condition"]
    assert "program-myeloma.po:" in said("check", file).out
    loaded = said("program", "load", file).out
    assert "Translation es: draft, 33 of 33 strings are missing." in loaded
    before = said("program", "load", file).out
    assert before.startswith("Unchanged:")
    there.unlink()
    assert said("program", "load", file).out.startswith("Updated")


def test_loading_tells_whose_consent_stands(with_a_conversation, tmp_path):
    """How many people keep a consent whose text was changed, and how many are asked anew, for each purpose."""
    [asks] = [step for step in library()["hcp_commitment"].steps if step.key == "c0"]
    facts = program_facts(load_program(EXAMPLE), None)["program"]
    assert "Consent" not in with_a_conversation("program", "load", EXAMPLE).out
    sources = {"take_part": source_of(asks.same_as[0], facts, "en"), "contact_again": "another text's"}
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as database:
        for purpose, source in sources.items():
            database.execute("UPDATE consent SET source_hash = ? WHERE purpose = ?", (source, purpose))
    told = with_a_conversation("program", "load", EXAMPLE).out.splitlines()
    anew = "and is asked anew before more is sent on it."
    assert [line for line in told if line.startswith("Consent ")] == [
        f"Consent contact_again of hcp_commitment: 1 person agreed to another text, {anew}",
        "Consent take_part of hcp_commitment: 1 person keeps it, as the new text says the same (same_as).",
    ]
    assert json.loads(with_a_conversation("program", "load", EXAMPLE, "--json").out)["consents"] == [
        {"flow": "hcp_commitment", "purpose": "contact_again", "kept": 0, "asked": 1},
        {"flow": "hcp_commitment", "purpose": "take_part", "kept": 1, "asked": 0},
    ]


def test_a_program_is_paused_and_goes_on(loaded, tmp_path):
    """A paused program says so, and what was put off meanwhile is due once it goes on; another one is none."""
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as database:
        told = loaded("program", "pause", "myeloma").out
        assert told.startswith("Programme myeloma is paused")
        assert told.endswith("said program resume myeloma\n")
        [listed] = json.loads(loaded("program", "list", "--json").out)
        assert listed["paused_at"] is not None
        assert database.execute("SELECT paused_at IS NULL FROM program").fetchall() == [(0,)]
        assert (
            loaded("program", "resume", "myeloma").out
            == "Programme myeloma goes on; contacts that are due: 0.\n"
        )
        assert database.execute("SELECT paused_at IS NULL FROM program").fetchall() == [(1,)]
    unknown = loaded("program", "pause", "other")
    assert (unknown.code, unknown.err.count("\n")) == (WRONG_USE, 1)


def test_a_bad_program_file_names_every_place(said, tmp_path):
    """Each problem is one line with file, line and column, and nothing is loaded."""
    file = tmp_path / "bad.yaml"
    file.write_text("program: Bad Name\ntitle: x\nteem: y\n", encoding="utf-8")
    result = said("program", "load", file)
    assert result.code == PROBLEM
    lines = result.err.splitlines()
    assert len(lines) > 1
    assert all(re.match(r"said: .*bad\.yaml:\d+:\d+ ", line) for line in lines)
    assert not (tmp_path / "data").exists()


def test_commands_that_read_make_no_database(said, tmp_path):
    """A look-up in a place without a database says so, and leaves none behind."""
    for arguments in (
        ("participants",),
        ("why", "P-1"),
        ("export", "--to", "x"),
        ("program", "list"),
        INVITE,
    ):
        result = said(*arguments)
        assert result.code == WRONG_USE
        assert "there is no database" in result.err
        assert len(result.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


# Invitations


def test_links(loaded, tmp_path):
    """Links for every way in; the Telegram one when the bot's name is known."""
    (tmp_path / "config.toml").write_text(
        '[telegram]\ntoken = "1:a"\nbot_name = "@a_bot"\n', encoding="utf-8"
    )
    links = json.loads(loaded(*INVITE, "--count", "3", "--expires", "30d", "--json").out)
    assert len({one["token"] for one in links}) == 3
    first = links[0]
    assert first["telegram"] == f"https://t.me/a_bot?start={first['token']}"
    assert first["slack"] == f"/said start {first['token']}"
    assert first["terminal"] == f"/start {first['token']}"
    assert first["expires_at"] is not None
    assert first["web"] is None


def test_a_link_to_a_page(loaded, tmp_path):
    """With a public address each invitation has a link to a page, in every form of the list, and its code holds it."""
    (tmp_path / "config.toml").write_text(
        '[web]\npublic_url = "https://talk.example.org"\n', encoding="utf-8"
    )
    [one] = json.loads(loaded(*INVITE, "--json").out)
    assert one["web"] == f"https://talk.example.org/c/{one['token']}"
    shown = loaded(*INVITE, "--csv", tmp_path / "links.csv")
    assert "https://talk.example.org/c/" in shown.out
    assert "web.public_url" not in shown.err
    with (tmp_path / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert list(row) == ["number", "telegram", "slack", "terminal", "web"]
    assert row["web"].startswith("https://talk.example.org/c/")


def test_one_link_shows_its_code(loaded):
    """A single invitation shows a QR code in the terminal, and a hint where the bot's name is not known."""
    result = loaded(*INVITE)
    assert "▀" in result.out
    assert "telegram.bot_name" in result.err


def test_codes_and_lists_as_files(loaded, tmp_path):
    """PNG and SVG files, one pair a link, and the links as CSV; a CSV that is there is not overwritten."""
    result = loaded(*INVITE, "--count", "12", "--qr", tmp_path / "qr", "--csv", tmp_path / "links.csv")
    assert result.code == 0
    names = sorted(path.name for path in (tmp_path / "qr").iterdir())
    assert names[:2] == ["invitation-01.png", "invitation-01.svg"]
    assert len(names) == 24
    assert (tmp_path / "qr" / "invitation-12.png").read_bytes().startswith(b"\x89PNG")
    written = [tmp_path / "links.csv", *(tmp_path / "qr").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert (tmp_path / "qr").stat().st_mode & 0o777 == 0o700
    with (tmp_path / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 12
    again = loaded(*INVITE, "--csv", tmp_path / "links.csv")
    assert again.code == WRONG_USE


def test_codes_of_other_invitations_stay(loaded, tmp_path):
    """A code that was printed for one role is not replaced by that of another; no invitation is made."""
    loaded(*INVITE, "--count", "3", "--qr", tmp_path / "qr")
    before = {path.name: path.read_bytes() for path in (tmp_path / "qr").iterdir()}
    again = loaded(*INVITE, "--qr", tmp_path / "qr")
    assert again.code == WRONG_USE
    assert "name another folder" in again.err
    assert again.out == ""
    assert {path.name: path.read_bytes() for path in (tmp_path / "qr").iterdir()} == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("--flow", "commitments"), "best_practice_cosign, commitment, content_review,"),
        (("--flow", "interview"), "use --role patient or carer"),
        (("--activity", "autumn"), "use one of: spring_symposium"),
        (("--max-uses", "3"), "add --group"),
        (("--expires", "soon"), "30d, 12h or a date"),
        (("--expires", "2001-01-01"), "30d, 12h or a date"),
    ],
)
def test_invitations_that_cannot_be(change, words, loaded):
    """What cannot be is refused with what would do, and no invitation is made."""
    result = loaded(*INVITE, *change)
    assert result.code == WRONG_USE
    assert words in result.err


def test_an_unknown_program(loaded):
    """A program that was never loaded is refused with the command that shows the known ones."""
    result = loaded("invite", "other", *INVITE[2:])
    assert (result.code, "said program list" in result.err) == (WRONG_USE, True)


# People and reasons


def test_participants(with_a_conversation):
    """Codes, roles and channels, without a name or an address."""
    found = json.loads(with_a_conversation("participants", "--json").out)
    assert found["total"] == 1
    [person] = found["participants"]
    assert (person["role"], person["channels"], person["conversations"]) == ("hcp", "terminal", 1)
    assert person["code"] in with_a_conversation("participants", "--program", "myeloma").out
    assert json.loads(with_a_conversation("participants", "--program", "other", "--json").out)["total"] == 0


def test_a_time_zone_is_set(with_a_conversation):
    """By code, as an IANA name; the list shows it, and the audit trail has it. What is no zone or nobody is refused."""
    [person] = json.loads(with_a_conversation("participants", "--json").out)["participants"]
    result = with_a_conversation("participant", "set", person["code"].lower(), "--timezone", "Asia/Tokyo")
    assert (result.code, result.out) == (0, f"{person['code']} is in Asia/Tokyo\n")
    [after] = json.loads(with_a_conversation("participants", "--json").out)["participants"]
    assert after == person | {"timezone": "Asia/Tokyo"}
    assert "Asia/Tokyo" in with_a_conversation("participants").out
    assert with_a_conversation("audit", "verify").code == 0
    for code, zone in ((person["code"], "Moon/Base"), ("P-NOBODY", "Asia/Tokyo")):
        assert with_a_conversation("participant", "set", code, "--timezone", zone).code == WRONG_USE


def test_why(with_a_conversation):
    """The story of a participant, in plain words, with what is still to come; never what they said."""
    code = json.loads(with_a_conversation("participants", "--json").out)["participants"][0]["code"]
    result = with_a_conversation("why", code.lower())
    assert "consent to contact_again given" in result.out
    assert "talk 1 (hcp_commitment) ended" in result.out
    assert "wave (30 days)" in result.out.split("To come:")[1]
    assert "numbness" not in result.out
    story = json.loads(with_a_conversation("why", code, "--json").out)
    assert {"talk", "message", "consent", "person"} <= {line["strand"] for line in story["lines"]}
    assert with_a_conversation("why", "P-NOBODY").code == WRONG_USE


# Exports


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_exporting(form, with_a_conversation, tmp_path):
    """The files are named with their rows; a second time needs --force."""
    result = with_a_conversation("export", "--format", form, "--to", tmp_path / "out")
    assert result.code == 0
    assert "answers.jsonl (rows: 15)" in result.out
    again = with_a_conversation("export", "--format", form, "--to", tmp_path / "out")
    assert (again.code, "--force" in again.err) == (PROBLEM, True)
    assert with_a_conversation("export", "--format", form, "--to", tmp_path / "out", "--force").code == 0


def test_a_date_that_is_none(with_a_conversation):
    """A date that cannot be read is refused with how to write one."""
    result = with_a_conversation("export", "--to", "out", "--since", "last spring")
    assert (result.code, "2026-03-31" in result.err) == (WRONG_USE, True)


def test_a_cut_for_supporters(with_a_conversation, tmp_path):
    """One file of figures; neither words nor a span of days goes with it, and the audit trail says for whom it was."""
    result = with_a_conversation("export", "--for", "supporters", "--to", tmp_path / "out")
    assert result.code == 0
    names = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert names == ["manifest-supporters-csv.json", "supporters.csv"]
    for option in (("--raw",), ("--since", "2026-01-01"), ("--until", "2026-01-01")):
        refused = with_a_conversation("export", "--for", "supporters", "--to", tmp_path / "no", *option)
        assert (refused.code, f"{option[0]} is not for supporters" in refused.err) == (WRONG_USE, True)
    assert not (tmp_path / "no").exists()
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        [(asked,)] = connection.execute("SELECT details FROM audit_event WHERE kind = 'export'")
    assert json.loads(asked)["for"] == "supporters"


def test_figures(with_a_conversation):
    """Wave by wave, with both denominators and the words that say what they are; JSON for programs."""
    shown = with_a_conversation("program", "figures", "myeloma")
    assert shown.code == 0
    assert "of those who responded" in shown.out
    assert "of all who were due" in shown.out
    assert "Self-reported" in shown.out
    found = json.loads(with_a_conversation("program", "figures", "myeloma", "--json").out)
    assert [(one["wave"], one["committed"], one["not_due"]) for one in found] == [
        ("30", 1, 1),
        ("60", 1, 1),
        ("90", 1, 1),
        ("latest", 1, 1),
    ]
    assert {one["basis"] for one in found} == {"self-reported"}
    assert found[0]["statuses"][0]["of_due"] == {"of": 0, "percent": None, "low": None, "high": None}


def test_figures_name_who_is_outside(capsys) -> None:
    """Beside a rate stands what those reported who told no number; 'not done' is not lost in it."""
    one = difference_of({1: [(0.2, 0.6)]})
    outside = OtherReports(done=0, not_done=2, not_started=0, no_patients=1)
    change = RateChange("myeloma", "spring", "30", 4, 4, 4, one, one, outside)
    _print_rates((change,))
    assert "2 not done, 1 no patients" in capsys.readouterr().out
    assert _rate(change)["outside"] == {"done": 0, "not_done": 2, "not_started": 0, "no_patients": 1}


def test_figures_of_nothing(loaded):
    """A program without commitments says so; an unknown one is named."""
    assert loaded("program", "figures", "myeloma").out == "No commitments yet.\n"
    unknown = loaded("program", "figures", "other")
    assert (unknown.code, "said program list" in unknown.err) == (WRONG_USE, True)


# Scripts and the database


def test_check(said, tmp_path):
    """The shipped scripts are clean; a bad one is listed with its places; the schema is JSON."""
    assert said("check").code == 0
    file = tmp_path / "bad.yaml"
    file.write_text("flow: x\n", encoding="utf-8")
    result = said("check", file)
    assert result.code == 1
    assert "bad.yaml:1:" in result.out
    assert json.loads(said("check", file, "--json").out)[0]["file"].endswith("bad.yaml")
    assert "$schema" in json.loads(said("check", "--schema").out)
    assert "patient_interview" in said("check", "--grades").out
    assert said("check", EXAMPLE, "--grades").err == "No script for patients.\n"
    told = json.loads(said("check", "--grades", "--json").out)
    assert {each["language"] for each in told} == {"ar", "de", "en", "es", "fr", "it", "pt"}
    assert "$schema" in json.loads(said("check", "--program-schema").out)


def test_database_commands(with_a_conversation, tmp_path):
    """A copy is made once, the file is whole, and is at this version's schema; the copy is a database too."""
    assert with_a_conversation("db", "check").code == 0
    assert with_a_conversation("db", "backup", tmp_path / "copy.sqlite").code == 0
    assert with_a_conversation("db", "backup", tmp_path / "copy.sqlite").code == PROBLEM
    assert "schema" in json.loads(with_a_conversation("db", "migrate", "--json").out)
    (tmp_path / "copy.key").write_bytes((tmp_path / "data" / "said.key").read_bytes())
    (tmp_path / "copy.key").chmod(0o600)
    assert json.loads(with_a_conversation("participants", "-d", "copy.sqlite", "--json").out)["total"] == 1


def test_an_answer_against_a_consent_is_counted(with_a_conversation, tmp_path):
    """`said db check` names the answers that say yes to what was taken back."""
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        changed = connection.execute(
            "UPDATE consent SET granted = 0 WHERE purpose = 'contact_again'"
        ).rowcount
    assert changed == 1
    result = with_a_conversation("db", "check")
    assert result.code == PROBLEM
    assert "an answer says yes to a consent that was taken back: 1 found" in result.out + result.err
    assert len(json.loads(with_a_conversation("db", "check", "--json").out)) == 1


def test_errors_are_one_line(said, tmp_path):
    """A wrong setting, a file that is no database or is not there: one line each, with the remedy."""
    (tmp_path / "wrong.toml").write_text("databse = 'x'", encoding="utf-8")
    (tmp_path / "text.sqlite").write_text("not a database " * 99, encoding="utf-8")
    for arguments in (
        ("run", "--config", "wrong.toml"),
        ("run", "--role", "hcp", "--config", "absent.toml"),
        ("participants", "-d", "text.sqlite"),
        ("db", "check", "-d", "absent.sqlite"),
        ("run", "--role", "carer"),
    ):
        result = said(*arguments)
        assert result.code in (PROBLEM, WRONG_USE), arguments
        assert len(result.err.splitlines()) == 1, result.err
        assert result.err.startswith("said: ")


def test_ctrl_c_in_the_terminal_is_a_quiet_end(said, monkeypatch):
    """The prompt's line is ended, the exit code is the shells' own, and nobody complains."""

    def interrupted():
        sys.stdout.write("> ")
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_prompted", interrupted)
    result = said("run")
    assert (result.code, result.err) == (130, "")
    assert result.out.endswith("\n> \n")


@pytest.mark.parametrize(("wrong", "told"), [(1, "1 problem\n"), (2, "2 problems\n")])
def test_problems_are_counted(wrong, told, said, tmp_path):
    """One problem is one problem."""
    files = [tmp_path / f"x{number}.yaml" for number in range(wrong)]
    for one in files:
        one.write_text("flow: 1\n- 2", encoding="utf-8")
    assert said("check", *files).err == told


@pytest.mark.parametrize(
    "words",
    [
        ("export", "--to", "file"),
        ("safety", "show", "99999999999999999999999999"),
        ("participant", "show", "\udcff"),
        ("check", "\udcff.yaml"),
        ("program", "load", "\udcff.yaml"),
        ("invite", "--program", "myeloma", "--qr", "file"),
        ("invite", "--program", "myeloma", "--csv", "file/links.csv"),
        ("db", "backup", "file/there"),
        ("db", "backup", "--to", "file/there"),
        ("simulate", "myeloma", "--database", "file/there.sqlite"),
        ("read", "show", "99999999999999999999999999"),
        ("program", "load", "."),
    ],
)
def test_what_cannot_be_taken_is_said_in_one_line(said, words, tmp_path, monkeypatch):
    """A path of a file where a folder is wanted, a number beyond 64 bits or half a character is no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x")
    said("program", "load", EXAMPLE)
    result = said(*words)
    assert result.code != 0
    assert "Traceback" not in result.err
    assert result.err.strip() or result.out.strip()


# Faults of the machine


def _refused():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("SELECT 'Mrs Kowalski' FROM nowhere")


def _refused_through_sqlalchemy():
    with sa.create_engine("sqlite://").connect() as connection:
        connection.execute(sa.text("SELECT :words FROM nowhere"), {"words": "Mrs Kowalski"})


def _no_room():
    raise OSError(errno.ENOSPC, "No space left on device", "out/answers.csv")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (_refused, "SQLITE_ERROR"),
        (_refused_through_sqlalchemy, "SQLITE_ERROR"),
        (_no_room, "out/answers.csv: the disk is full; make room"),
    ],
)
def test_a_fault_nobody_expected_is_one_line(monkeypatch, capsys, fault, says):
    """Neither a trace of SQL, with what people wrote in it, nor one of a full disk reaches an operator."""
    monkeypatch.setattr("bot.cli.app", lambda _arguments: fault())
    with pytest.raises(SystemExit) as ended:
        main([])
    shown = capsys.readouterr().err
    assert ended.value.code == PROBLEM
    assert says in shown
    assert shown.count("\n") == 1
    assert "Kowalski" not in shown
