"""The files of a report: for their owner alone, each whole or none at all."""

from pathlib import Path

import pytest

from flows.errors import FlowError
from storage.outcomes import files
from storage.outcomes.files import ReportError, report_paths, write_report
from tests.support.outcomes_reports import report


def test_both_files_are_for_their_owner_alone(tmp_path: Path):
    """The folder too, which is made."""
    pytest.importorskip("jinja2", reason="Jinja2 is optional")
    pytest.importorskip("matplotlib", reason="matplotlib is optional")
    folder = tmp_path / "new" / "report"
    written = write_report(report(), folder)
    assert [path.name for path in written] == ["report.html", "report.xlsx"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.xlsx"]


def test_a_file_that_is_there_stays(tmp_path: Path):
    """Unless it is to be replaced."""
    pytest.importorskip("jinja2", reason="Jinja2 is optional")
    pytest.importorskip("matplotlib", reason="matplotlib is optional")
    (tmp_path / "report.xlsx").write_text("mine")
    with pytest.raises(ReportError, match="add --force"):
        report_paths(tmp_path)
    assert report_paths(tmp_path, force=True) == (tmp_path / "report.html", tmp_path / "report.xlsx")
    assert (tmp_path / "report.xlsx").read_text() == "mine"


def test_without_its_packages_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One line says how to install all that is missing."""
    monkeypatch.setattr(files, "PACKAGES", ("no_such_package", "json", "nor_this"))
    with pytest.raises(FlowError, match="run `pip install no_such_package nor_this`"):
        write_report(report(), tmp_path / "report")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_report_that_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither a draft nor half of it."""
    pytest.importorskip("jinja2", reason="Jinja2 is optional")
    pytest.importorskip("matplotlib", reason="matplotlib is optional")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(files, "FILES", {**files.FILES, "report.xlsx": fail})
    with pytest.raises(RuntimeError):
        write_report(report(), tmp_path)
    assert list(tmp_path.iterdir()) == []
