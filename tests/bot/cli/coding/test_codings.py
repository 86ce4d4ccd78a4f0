"""Promises of `said codebook`, `said code` and `said link`: a team codes, settles and links at the command line."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from flows.errors import ScriptError
from flows.script.roles import Role
from storage.coding.errors import CodingError
from tests.support.coordinators import enrolled
from tests.support.follow_on_world import DAILY, Story

TOLD = "My feet were numb for weeks and no one asked, ring 020 7946 0958"
SHOWN = "My feet were numb for weeks and no one asked, ring [phone]"
BOOK = """
codebook: myeloma
version: "1"
codes:
  - {code: body, label: Symptoms, labels: {de: Beschwerden}, include: [numb*]}
  - {code: waiting, label: Waiting, parent: body}
"""


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = Story(tmp_path, **DAILY)
    yield made
    made.world.database.close()


def said(story: Story, *arguments: str) -> Result:
    """The command, on this story's database."""
    there = ("--database", str(Path(story.world.database.path)))
    return CliRunner().invoke(app, [*arguments, *there])


def told(story: Story, *arguments: str):
    """What the command prints as JSON."""
    result = said(story, *arguments, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


async def to_code(story: Story, tmp_path: Path) -> str:
    """A team of three with a codebook, and a patient who told something; the name of the words."""
    for number in (1, 2, 3):
        await enrolled(story.world, f"TEAM-{number}", f"cora{number}")
    pat = await story.patient("pat")
    await pat.say(TOLD)
    file = tmp_path / "book.yaml"
    file.write_text(BOOK, encoding="utf-8")
    assert said(story, "codebook", "load", str(file), "--by", "team-1").exit_code == 0
    waiting = told(story, "code", "list", "--by", "TEAM-1", "--waiting")
    [name] = [one["source"] for one in waiting if one["words"] == SHOWN]
    return name


async def test_two_code_blind_and_a_third_settles(story: Story, tmp_path: Path) -> None:
    """From the codebook to figures: nobody sees another's codes before theirs are in, and nobody's number is shown."""
    name = await to_code(story, tmp_path)
    shown = told(story, "code", "show", name, "--by", "TEAM-2")[0]
    assert shown["words"] == SHOWN
    assert [(one["code"], one["source"]) for one in shown["suggested_not_coded"]] == [("body", "rule")]
    assert said(story, "code", "add", name, "body", "--by", "TEAM-1").exit_code == 0
    for blind in ("TEAM-2", "TEAM-3"):
        assert "body" not in said(story, "code", "list", "--by", blind).stdout
    number = told(story, "code", "add", name, "waiting", "--by", "TEAM-2")["excerpt"]
    [one] = told(story, "code", "list", "--by", "TEAM-3", "--open")
    assert (one["excerpt"], one["others"]) == (number, {"TEAM-1": ["body"], "TEAM-2": ["waiting"]})
    done = said(story, "code", "settle", str(number), "body", "--by", "TEAM-3", "--why", "Feet are meant")
    assert done.stdout == f"Excerpt {number} is settled: body.\n"
    assert told(story, "code", "list", "--by", "TEAM-3", "--open") == []
    people = told(story, "code", "people")
    assert [(one["code"], one["people"]) for one in people["codes"]] == [("body", 1), ("waiting", 0)]
    assert told(story, "code", "saturation")["last_new"] == 1
    assert "settled by TEAM-3" in said(story, "code", "list", "--by", "TEAM-1").stdout
    assert "0958" not in said(story, "code", "list", "--by", "TEAM-1").output


async def test_agreement_is_told(story: Story, tmp_path: Path) -> None:
    """For each two coders; where kappa is not defined, that is said."""
    pytest.importorskip("sklearn", reason="scikit-learn is optional")
    name = await to_code(story, tmp_path)
    assert "No excerpt was coded by two yet." in said(story, "code", "agreement").stdout
    for coder in ("TEAM-1", "TEAM-2"):
        said(story, "code", "add", name, "body", "--by", coder)
    shown = said(story, "code", "agreement").stdout
    assert "TEAM-1 and TEAM-2: 1 excerpt coded by both, 0 to be settled." in shown
    assert "not defined" in shown
    [pair] = told(story, "code", "agreement")
    assert (pair["excerpts"], pair["overall"]["share"], pair["overall"]["kappa"]) == (1, 1.0, None)


async def test_what_is_wrong_is_said(story: Story, tmp_path: Path) -> None:
    """A name that is none, no codes at all, and a codebook with a mistake."""
    name = await to_code(story, tmp_path)
    for arguments, why in (
        (("code", "add", "x9", "body", "--by", "TEAM-1"), "names no words"),
        (("code", "add", name, "--by", "TEAM-1"), "that none does"),
        (("code", "add", name, "body", "--none", "--by", "TEAM-1"), "that none does"),
        (("code", "add", name, "cost", "--by", "TEAM-1"), "no code 'cost'"),
        (("code", "add", name, "body", "--by", "NOBODY"), "no coordinator"),
        (("code", "list", "--by", "TEAM-1", "--program", "other"), "no programme 'other'"),
        (("codebook", "show", "myeloma", "--version", "9"), "no version '9'"),
        (("code", "--by", "TEAM-1"), "in a terminal only"),
        (("code",), "say who codes"),
    ):
        result = said(story, *arguments)
        assert result.exit_code == 1, arguments
        assert why in str(result.exception), arguments
    bad = tmp_path / "bad.yaml"
    bad.write_text(BOOK.replace("parent: body", "parent: bdoy"), encoding="utf-8")
    result = said(story, "codebook", "load", str(bad), "--by", "TEAM-1")
    assert isinstance(result.exception, ScriptError)
    assert "bad.yaml:6:" in str(result.exception)


async def test_a_codebook_is_shown_and_listed(story: Story, tmp_path: Path) -> None:
    """In the coder's language where it has it; loading it again changes nothing."""
    await to_code(story, tmp_path)
    again = told(story, "codebook", "load", str(tmp_path / "book.yaml"), "--by", "TEAM-2")
    assert again == {"program": "myeloma", "version": "1", "codes": 2, "changed": False}
    assert "Beschwerden" in said(story, "codebook", "show", "myeloma", "-l", "de").stdout
    assert [one["code"] for one in told(story, "codebook", "show", "myeloma")["codes"]] == ["body", "waiting"]
    [one] = told(story, "codebook", "list", "--program", "myeloma")
    assert (one["version"], one["loaded_by"], one["in_use"]) == ("1", "TEAM-1", True)
    assert "TEAM-1" in said(story, "codebook", "list").stdout


async def test_links_are_made_and_removed(story: Story, tmp_path: Path) -> None:
    """Those of the programme's file stand among them; each has who and why."""
    await to_code(story, tmp_path)
    before = told(story, "link", "list")
    assert before
    objective = next(one["end"] for one in before if one["end"].startswith("objective:"))
    ends = ("theme:waiting", objective)
    number = told(story, "link", "add", *ends, "--by", "TEAM-1", "--why", "They wait for it")["link"]
    [made] = [one for one in told(story, "link", "list") if one["id"] == number]
    assert (made["begin"], made["end"], made["made_by"], made["reason"]) == (
        *ends,
        "TEAM-1",
        "They wait for it",
    )
    assert "They wait for it" in said(story, "link", "list").stdout
    again = said(story, "link", "add", *ends, "--by", "TEAM-1", "--why", "x")
    assert isinstance(again.exception, CodingError)
    assert "no end of a link" in str(
        said(story, "link", "add", "body", objective, "--by", "TEAM-1", "--why", "x").exception
    )
    assert said(story, "link", "remove", str(number), "--by", "TEAM-1", "--why", "No").exit_code == 0
    assert told(story, "link", "list") == before


async def test_deleting_ones_data_takes_codes_along(story: Story, tmp_path: Path) -> None:
    """Whoever has everything deleted is in no figure any more."""
    name = await to_code(story, tmp_path)
    for coder in ("TEAM-1", "TEAM-2"):
        said(story, "code", "add", name, "body", "--by", coder)
    [(code,)] = story.world.rows("SELECT code FROM participant WHERE role = :role", role=Role.PATIENT.value)
    assert code
    pat = story.world.someone("pat")
    await pat.say("delete my data")
    await pat.say("yes")
    for table in ("excerpt", "coded_excerpt", "coding"):
        assert story.world.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert [one["people"] for one in told(story, "code", "people")["codes"]] == [0, 0]
