"""`said quote`: a person of the team reads the very text, releases it, and withdraws it; all of that is audited."""

import csv
import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from tests.support.coordinators import enrolled
from tests.support.follow_on_world import DAILY, Story

ASIDE = "My doctor Brown was the only one who ever explained it, at 020 7946 0958"
REDACTED = "My doctor [name] was the only one who ever explained it, at [phone]"
SHOWN = "[My doctor] was the only one who ever explained it"


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = Story(tmp_path, **DAILY)
    yield made
    made.world.database.close()


def said(story: Story, *arguments: str, typed: str = "") -> Result:
    """The command, on this story's database."""
    there = ("--database", str(Path(story.world.database.path)))
    return CliRunner().invoke(app, [*arguments, *there], input=typed)


async def remarked(story: Story) -> str:
    """A patient who said something after the interview; the number of the remark as the command takes it."""
    await enrolled(story.world)
    pat = await story.patient("pat")
    await pat.say(ASIDE)
    [(number,)] = story.world.rows("SELECT id FROM remark WHERE raw = :words", words=ASIDE)
    return f"r{number}"


def listed(story: Story) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(said(story, "quote", "list", "--json").stdout)
    return found


async def test_a_text_is_released_and_withdrawn(story: Story) -> None:
    """With the very text given nothing is asked; the list has it, shown; withdrawn it is not."""
    number = await remarked(story)
    done = said(story, "quote", "release", number, "--by", "team-1", "--text", SHOWN, "--theme", "explaining")
    assert (done.exit_code, done.stdout) == (0, "Quotation 1 may be shown, while its author permits it.\n")
    [one] = listed(story)
    assert (one["source"], one["text"], one["theme"], one["is_shown"]) == (number, SHOWN, "explaining", True)
    assert (one["released_by"], one["program"], one["flow"]) == ("TEAM-1", "myeloma", "patient_interview")
    assert " yes " in said(story, "quote", "list", "--program", "myeloma").stdout
    assert said(story, "quote", "withdraw", "1", "--by", "TEAM-1").exit_code == 0
    assert [one["is_shown"] for one in listed(story)] == [False]
    assert "withdrawn" in said(story, "quote", "list").stdout
    rows = story.world.rows("SELECT details FROM audit_event WHERE kind = 'quotation' ORDER BY id")
    trail = [json.loads(details) for (details,) in rows]
    assert [(one["quotation"], one["by"], one["released"]) for one in trail] == [
        (1, "TEAM-1", True),
        (1, "TEAM-1", False),
    ]


@pytest.mark.parametrize(("typed", "released"), [("y\n", 1), ("n\n", 0), ("", 0)])
async def test_all_words_are_shown_first(story: Story, typed: str, released: int) -> None:
    """Without a text, all words are shown, redacted, and asked about; that they were shown is audited."""
    number = await remarked(story)
    result = said(story, "quote", "release", number, "--by", "TEAM-1", typed=typed)
    assert REDACTED in result.stdout
    assert "0958" not in result.output
    assert [one["text"] for one in listed(story)] == [REDACTED] * released
    [view, *_] = story.world.rows("SELECT details FROM audit_event WHERE kind = 'view' ORDER BY id")
    assert json.loads(view[0])["of"] == number


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("release", "abc", "--by", "TEAM-1"), "no number of an answer or a remark"),
        (("release", "{number}", "--by", "NOBODY", "--text", SHOWN), "no coordinator 'NOBODY'"),
        (("release", "{number}", "--by", "TEAM-1", "--text", "Something else altogether"), "no passage"),
        (("release", "{number}", "--by", "TEAM-1", "--text", "My doctor"), "12 letters at least"),
        (("release", "{number}", "--by", "TEAM-1", "--text", SHOWN, "--theme", "no"), "no theme 'no'"),
        (("release", "9999", "--by", "TEAM-1"), "there are no words 9999"),
        (("withdraw", "7", "--by", "TEAM-1"), "no quotation 7"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
async def test_what_is_refused(story: Story, arguments: tuple[str, ...], why: str) -> None:
    """Each refusal says why in a line; nothing is released."""
    number = await remarked(story)
    result = said(story, "quote", *(word.format(number=number) for word in arguments))
    assert why in str(result.exception)
    assert listed(story) == []


async def test_what_is_taken_back_is_not_shown(story: Story) -> None:
    """After 'not my words' the list says so, and no words are read out any more."""
    number = await remarked(story)
    said(story, "quote", "release", number, "--by", "TEAM-1", "--text", SHOWN)
    await story.world.someone("pat").say("not my words")
    assert [one["is_shown"] for one in listed(story)] == [False]
    assert "not permitted" in said(story, "quote", "list").stdout
    result = said(story, "quote", "release", number, "--by", "TEAM-1", typed="y\n")
    assert "has not permitted" in str(result.exception)
    assert "Brown" not in result.output


async def test_quotes_only(story: Story, tmp_path: Path) -> None:
    """`said export --quotes-only` writes a file and its manifest for their owner alone, with numbers for a release."""
    number = await remarked(story)
    said(story, "quote", "release", number, "--by", "TEAM-1", "--text", SHOWN)
    assert said(story, "export", "--quotes-only", "--to", "out").exit_code == 0
    [file, beside] = sorted((tmp_path / "out").iterdir(), reverse=True)
    assert (beside.name, beside.stat().st_mode & 0o777) == ("manifest-quotes-csv.json", 0o600)
    assert (file.name, file.stat().st_mode & 0o777) == ("quotes.csv", 0o600)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    [ours] = [row for row in rows if row["remark"] == number.removeprefix("r")]
    assert (ours["words"], ours["released"], ours["redacted"]) == (REDACTED, "1", "1")
    for option in ("--raw", "--for=supporters"):
        refused = said(story, "export", "--quotes-only", "--to", "no", option)
        assert "not for" in str(refused.exception)
    assert not (tmp_path / "no").exists()
