"""Write the outcomes report into a folder: the page and the workbook, for their owner alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.heavy_packages import require
from storage.errors import StorageError
from storage.export.formats.whole_files import whole_files
from storage.outcomes.page.render import html_page
from storage.outcomes.report import OutcomesReport
from storage.outcomes.workbook import write_workbook
from storage.private_files import make_private_folder


class ReportError(StorageError):
    """A report cannot be written where it was asked for. The message says what to do; nothing has changed."""


PACKAGES: Final = ("jinja2", "matplotlib")
"""The packages of the extra `report`."""


def _write_page(report: OutcomesReport, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(html_page(report))


FILES: Final[Mapping[str, Callable[[OutcomesReport, Path], None]]] = {
    "report.html": _write_page,
    "report.xlsx": write_workbook,
}
"""The files of a report, and what writes each."""


def report_paths(folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Return where the files of a report are to be, before it is made; with `force` they may be there already.

    Raises:
        PackageMissing: a package of the extra `report` is not installed.
        ReportError: one of the files is there, and is not to be replaced.
    """
    require("the report", PACKAGES)
    paths = tuple(folder / name for name in FILES)
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise ReportError(f"{there[0]} is there already; name another folder, or add --force to replace it")
    return paths


@dataclass(frozen=True, slots=True)
class ReportDrafts:
    """Files of a report that are open to be written, by the paths under which they are to stand."""

    drafts: Mapping[Path, Path]

    def write(self, report: OutcomesReport) -> tuple[Path, ...]:
        """Write a report into them, and return where its files are to be."""
        for draft, write in zip(self.drafts.values(), FILES.values(), strict=True):
            write(report, draft)
        return tuple(self.drafts)


@contextmanager
def report_drafts(folder: Path, *, force: bool = False) -> Iterator[ReportDrafts]:
    """Make the folder and drafts in it, yield these, and rename them at the end; an error deletes them.

    So it is known that a report can be written before anything is kept of it.

    Raises:
        PackageMissing: a package of the extra `report` is not installed.
        ReportError: one of the files is there already, and is not to be replaced.
        OSError: the folder or a draft cannot be made.
    """
    paths = report_paths(folder, force=force)
    make_private_folder(folder)
    with whole_files(paths) as drafts:
        yield ReportDrafts(drafts)


def write_report(report: OutcomesReport, folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files of a report, each whole or none at all, and return where they are.

    Raises:
        PackageMissing: a package of the extra `report` is not installed.
        ReportError: one of them is there already, and is not to be replaced.
        OSError: they cannot be written.
    """
    with report_drafts(folder, force=force) as drafts:
        return drafts.write(report)
