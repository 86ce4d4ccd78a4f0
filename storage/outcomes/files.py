"""Write the outcomes report into a folder: the page and the workbook, for their owner alone."""

from collections.abc import Callable, Mapping
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


def write_report(report: OutcomesReport, folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files of a report, each whole or none at all, and return where they are.

    Raises:
        PackageMissing: a package of the extra `report` is not installed.
        ReportError: one of them is there already, and is not to be replaced.
    """
    paths = report_paths(folder, force=force)
    make_private_folder(folder)
    with whole_files(paths) as drafts:
        for path, write in zip(paths, FILES.values(), strict=True):
            write(report, drafts[path])
    return paths
