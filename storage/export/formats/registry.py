"""The formats that tables can be written as.

A new format is a module beside this one with a `FormatWriter`, a member of `ExportFormat`, and a line here.
"""

from collections.abc import Mapping
from typing import Final

from storage.export.formats.csv_files import CsvFiles
from storage.export.formats.format_writer import FormatWriter
from storage.export.formats.json_lines import JsonLines
from storage.export.formats.xlsx_workbooks import XlsxWorkbooks
from storage.export.options import ExportFormat

FORMATS: Final[Mapping[ExportFormat, FormatWriter]] = {
    ExportFormat.CSV: CsvFiles(),
    ExportFormat.XLSX: XlsxWorkbooks(),
}
RAW_FORMAT: Final[FormatWriter] = JsonLines()
"""What the answers and remarks are written as besides, whatever the format of the tables."""
