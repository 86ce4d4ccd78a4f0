"""`said invitation roster`: a link a line, looked at first, all of them or none."""

import csv
import json

import pytest

from bot.cli import WRONG_USE
from flows.program.loader import program_paths
from tests.support.said import Said

ROSTER = ("--program", "myeloma", "--role", "patient", "--flow", "interview", "--source", "Ward 3")


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    made = Said(capsys, monkeypatch)
    assert made("program", "load", program_paths()[0]).code == 0
    return made


def total(said) -> int:
    return json.loads(said("invitation", "list", "--json").out)["total"]


def test_a_list_is_looked_at_and_made(said, tmp_path):
    """The preview makes nothing; the file is for its owner alone, and runs nothing in a spreadsheet."""
    file, to = tmp_path / "people.csv", tmp_path / "links.csv"
    file.write_text("label;role\n=Ann;\nBob;carer\n", encoding="utf-8")
    told = json.loads(said("invitation", "roster", file, *ROSTER, "--preview", "--json").out)
    assert (told["links"], [one["role"] for one in told["of"]]) == (2, ["patient", "carer"])
    assert "would be made" in said("invitation", "roster", file, *ROSTER, "--preview").err
    assert total(said) == 0
    done = said("invitation", "roster", file, *ROSTER, "--to", to)
    assert (done.code, "revoke" in done.err) == (0, True)
    assert to.stat().st_mode & 0o777 == 0o600
    with to.open(encoding="utf-8-sig", newline="") as made:
        assert [row["label"] for row in csv.DictReader(made)] == ["'=Ann", "Bob"]
    assert total(said) == 2
    assert said("invitation", "roster", file, *ROSTER, "--to", to).code == WRONG_USE
    assert total(said) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"label\nAnn\nAnn\n", "people.csv:3: the label of line 2"),
        (b"label,language\nAnn,xx\n", "people.csv:2: flow"),
        ("label\nJosé\n".encode("latin-1"), "people.csv:2: the file is not in UTF-8"),
        (bytes(2_000_000), "2,000,000 bytes"),
    ],
    ids=["twice", "language", "latin-1", "long"],
)
def test_a_bad_list_makes_nothing(said, tmp_path, content, told):
    """Each problem is told by its line; no link is made, and no file is left."""
    file, to = tmp_path / "people.csv", tmp_path / "links.csv"
    file.write_bytes(content)
    done = said("invitation", "roster", file, *ROSTER, "--to", to)
    assert (done.code, told in done.err) == (WRONG_USE, True), done.err
    assert not to.exists()
    assert total(said) == 0


def test_links_that_nobody_would_see_are_not_made(said, tmp_path):
    """Without a file for them, or in a folder that is not there."""
    file = tmp_path / "people.csv"
    file.write_text("label\nAnn\n", encoding="utf-8")
    for more in ((), ("--to", tmp_path / "nowhere" / "links.csv")):
        assert said("invitation", "roster", file, *ROSTER, *more).code == WRONG_USE
    assert said("invitation", "roster", tmp_path / "none.csv", *ROSTER, "--preview").code == WRONG_USE
    assert total(said) == 0
