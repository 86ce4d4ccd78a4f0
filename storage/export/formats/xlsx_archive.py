"""The archive of a workbook: XlsxWriter makes all of it but the rows, which are packed as they come.

A skeleton, a workbook with empty sheets, is made in memory; its parts are copied into the archive, and rows are put
where a sheet of it has its own. So no row lies on the disk unpacked, and the packing is no harder than rows are worth.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

from storage.export.formats.xlsx_rows import header_as_xml

LEVEL: Final = 1
"""How hard to pack, from 1 to 9: rows repeat themselves, so harder packing takes thrice the time and saves little."""
_SHEETS: Final = "xl/worksheets/"
_SHEETLESS: Final = ("_rels/.rels", "docProps/core.xml", "xl/styles.xml", "xl/theme/theme1.xml")
"""Parts that are the same for any sheets. They come first, by which programs tell what kind of file this is."""
_FRAME: Final = re.compile(
    rb"(?P<head>.*)<dimension [^>]*/>(?P<view>.*<sheetData>)"
    rb'<row [^>]*><c r="A1" (?P<style>s="\d+")/></row>(?P<tail></sheetData>.*)',
    re.DOTALL,
)
"""A sheet of a skeleton. How many rows it has is left out: that is told before them, and not known then."""


class XlsxArchive:
    """Writes a workbook, sheet after sheet; a context manager, at whose end the workbook is whole."""

    def __init__(self, path: Path) -> None:
        """Begin the workbook in the file `path`, which is overwritten."""
        self._archive = ZipFile(path, "w", ZIP_DEFLATED, compresslevel=LEVEL)
        self._names: list[str] = []
        with _skeleton(["first", "other"]) as parts:
            self._first_frame, self._other_frame = _frame(parts, 1), _frame(parts, 2)
            self._copy(parts, _SHEETLESS)

    def __enter__(self) -> Self:
        """Return the archive."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what names the sheets, where nothing went wrong, and close the file."""
        with self._archive:
            if error is None:
                with _skeleton(self._names) as parts:
                    others = (part for part in parts.namelist() if part not in _SHEETLESS)
                    self._copy(parts, [part for part in others if not part.startswith(_SHEETS)])

    @contextmanager
    def sheet(self, name: str, header: Sequence[str]) -> Iterator[IO[bytes]]:
        """Add a sheet under a name that no other has, its header in sight; yield where its rows go, as XML from row 2.

        It takes rows of less than 2 GiB.
        """
        frame = self._other_frame if self._names else self._first_frame
        self._names.append(name)
        with self._archive.open(f"{_SHEETS}sheet{len(self._names)}.xml", "w") as rows:
            rows.write(frame["head"] + frame["view"] + header_as_xml(header, frame["style"].decode()))
            yield rows
            rows.write(frame["tail"])

    def _copy(self, parts: ZipFile, names: Iterable[str]) -> None:
        for name in names:
            with self._archive.open(name, "w") as part:
                part.write(parts.read(name))


def _skeleton(names: Sequence[str]) -> ZipFile:
    """Return a workbook with empty sheets of these names: each with its first row fixed, a cell of the header in it."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for name in names:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_blank(0, 0, None, bold)
    return ZipFile(made)


def _frame(parts: ZipFile, number: int) -> re.Match[bytes]:
    found = _FRAME.fullmatch(parts.read(f"{_SHEETS}sheet{number}.xml"))
    if found is None:
        message = "XlsxWriter writes a sheet in another way than it did"
        raise RuntimeError(message)
    return found
