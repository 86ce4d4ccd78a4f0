"""`said program load`: whether patients are asked about their medicine is the author's word, never ours."""

import io

import pytest

from bot.cli import WRONG_USE
from bot.cli.programs.medicine_question import decided
from flows.program.loader import load_program, program_paths
from tests.support.said import Said

KEY = "ask_about_medicine"


class Keyboard(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Said(capsys, monkeypatch)


@pytest.fixture
def file(tmp_path):
    """The example, without its word on the question."""
    lines = program_paths()[0].read_text(encoding="utf-8").splitlines(keepends=True)
    made = tmp_path / "own.yaml"
    made.write_text("".join(line for line in lines if not line.startswith(KEY)), encoding="utf-8")
    return made


def test_a_file_that_leaves_it_open_is_refused_where_nobody_can_be_asked(said, file):
    """The message says what to write, and where it is said what that means; nothing is loaded."""
    refused = said("program", "load", file)
    assert refused.code == WRONG_USE
    assert f"add `{KEY}: yes` or `{KEY}: no`; what it means: docs/why/solicited-reports.md" in refused.err
    assert said("program", "list").code != 0 or "myeloma" not in said("program", "list").out


@pytest.mark.parametrize(("typed", "asks", "word"), [("y", True, "yes"), ("n", False, "no")])
def test_at_a_terminal_its_author_is_asked(file, capsys, monkeypatch, typed, asks, word):
    """No answer is taken for granted; what was answered counts, and is said to be written into the file."""
    monkeypatch.setattr("sys.stdin", Keyboard(f"\n{typed}\n"))
    assert decided(file, load_program(file)).ask_about_medicine is asks
    told = capsys.readouterr().err
    assert "solicited report" in told
    assert "docs/why/solicited-reports.md" in told
    assert f"write into {file}: {KEY}: {word}" in told


def test_where_nobody_is_told_nothing_is_asked(said, file):
    """With `safety_profile: none` a file may leave it out; yes is refused."""
    text = file.read_text(encoding="utf-8").replace("sponsor_contract", "none")
    file.write_text(text, encoding="utf-8")
    assert said("program", "load", file).code == 0
    file.write_text(text + f"{KEY}: yes\n", encoding="utf-8")
    refused = said("program", "load", file)
    assert refused.code != 0
    assert "nobody is told" in refused.err
