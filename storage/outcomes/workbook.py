"""Write the tables of the outcomes report as a workbook: a worksheet for each, quotations, and what each number is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from storage.export.formats.spreadsheet_safety import neutral
from storage.export.measures.measure import Figure, MeasureCell, RatingChange
from storage.export.measures.reference import query_text
from storage.export.options import ExportAudience
from storage.export.statistics import Difference, percent
from storage.outcomes.report import CountedTable, OutcomesReport

FEW: Final = "fewer than five answered"
"""What stands in place of a per cent."""
_FIGURE: Final = ("", " of", " %", " low %", " high %", " responders")
_CHANGE: Final = (" points", " low", " high", " people")
_NAME: Final = 31
"""Letters that the name of a worksheet may have: Excel's specifications and limits."""
_NARROWEST, _WIDEST = 8, 60
_Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A worksheet before it is written: its name, its columns, and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[_Value, ...], ...]


def write_workbook(report: OutcomesReport, path: Path) -> None:
    """Write a report into a workbook; the same report gives the same bytes.

    A share takes several columns: its part, its whole, per cent with interval, and how many people answered. Texts stay
    texts: never formulas, links or numbers.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options["in_memory"] = True  # nobody's words lie in a folder for everybody, not even for a moment
    made_on = datetime.combine(report.origin.request.made_at.astimezone(UTC).date(), time())
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"{report.origin.title}: outcomes report", "created": made_on})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for sheet in _sheets(report):
            _write(book.add_worksheet(sheet.name), sheet, bold, wrapped)


def _sheets(report: OutcomesReport) -> Iterator[_Sheet]:
    yield _origin(report)
    for counted in report.tables:
        yield _counted(counted, for_team=report.origin.request.audience is ExportAudience.TEAM)
    for section in report.sections:
        for one in section.figures:
            table = one.figure.table
            yield _Sheet(f"figure {one.name}"[:_NAME], table.columns, table.rows)
    if report.abstracts:
        yield _abstracts(report)
    if any(section.quotes for section in report.sections):
        yield _quotes(report)
    yield _definitions(report)


def _origin(report: OutcomesReport) -> _Sheet:
    """Return the sheet on what the report was made of."""
    origin, request = report.origin, report.origin.request
    rows = (
        ("program", request.program),
        ("title", origin.title),
        ("made_on", request.made_at.astimezone(UTC).strftime("%Y-%m-%d")),
        ("for", request.audience.value),
        ("cut", origin.cut),
        ("as_of", _as_of(report)),
        ("cohort", request.cohort),
        ("term", None if request.term is None else str(request.term)),
        ("people", None if request.people is None else request.people.source),
        ("product", origin.product_version),
        ("schema", origin.schema_version),
        ("redaction_rules", origin.redaction_rules),
        ("report", origin.format),
    )
    return _Sheet("report", ("what", "value"), rows)


def _as_of(report: OutcomesReport) -> str | None:
    """Return of which day the numbers of a cut are that was written again; None of any other report."""
    origin = report.origin
    if origin.handed_at is None:
        return None
    days = [one.astimezone(UTC).strftime("%Y-%m-%d") for one in (origin.handed_at, origin.request.made_at)]
    return f"{days[0]}, written again on {days[1]}"


def _counted(one: CountedTable, *, for_team: bool) -> _Sheet:
    """Return the sheet of a table; a column of shares takes several, for the team one more: its people."""
    places = range(len(one.table.columns))
    endings = [_endings([row[place] for row in one.rows], for_team=for_team) for place in places]
    columns = (
        f"{name}{ending}"
        for name, of_column in zip(one.table.columns, endings, strict=True)
        for ending in of_column
    )
    rows = (
        tuple(cell for place in places for cell in _spread(row[place], len(endings[place])))
        for row in one.rows
    )
    return _Sheet(one.table.name[:_NAME], tuple(columns), tuple(rows))


def _endings(values: Sequence[MeasureCell], *, for_team: bool) -> tuple[str, ...]:
    """Return what the names of the columns end in that a column of these values takes."""
    if any(isinstance(value, Figure) for value in values):
        return _FIGURE if for_team else _FIGURE[:-1]
    return _CHANGE if any(isinstance(value, RatingChange | Difference) for value in values) else ("",)


def _spread(value: MeasureCell, width: int) -> list[_Value]:
    """Return the cells of a value, `width` of them."""
    match value:
        case Figure():
            share = value.share
            shares: list[_Value] = [percent(share.value), percent(share.low), percent(share.high)]
            few: list[_Value] = [FEW if value.of else None, None, None]
            return [value.n, value.of, *(few if value.is_few else shares), value.responders][:width]
        case RatingChange():
            return _difference(value.mean, value.low, value.high, value.people)
        case Difference():
            low, high = (percent(value.low), percent(value.high))
            return _difference(100 * value.mean, low, high, value.people)
        case datetime():
            return [value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")]
        case _:
            return [value, *[None] * (width - 1)]


def _difference(mean: float, low: float | None, high: float | None, people: int) -> list[_Value]:
    is_few = Figure(0, people, people).is_few
    ends: list[_Value] = [
        FEW if is_few else None if low is None else round(low, 2),
        None if is_few or high is None else round(high, 2),
    ]
    return [round(mean, 2), *ends, people]


def _abstracts(report: OutcomesReport) -> _Sheet:
    rows = tuple(
        (draft.activity, part.key, part.limit, part.words, part.text or f"To write: {part.hint}")
        for draft in report.abstracts
        for part in draft.parts
    )
    return _Sheet("abstract", ("activity", "part", "limit", "words", "text"), rows)


def _quotes(report: OutcomesReport) -> _Sheet:
    rows = tuple(
        (quote.number, section.id, quote.theme, quote.role.value, quote.language, quote.text)
        for section in report.sections
        for quote in section.quotes
    )
    return _Sheet("quotations", ("quotation", "section", "theme", "role", "language", "text"), rows)


def _definitions(report: OutcomesReport) -> _Sheet:
    tables = {one.table.name: one.table for one in report.tables}
    rows = tuple(
        (
            *(one.id, table.title, one.definition),
            *_parts(one.numerator, one.denominator),
            *(one.source.value, query_text(one.query)),
        )
        for table in tables.values()
        for one in table.measures
    )
    columns = ("id", "table", "definition", "numerator", "denominator", "source", "query")
    return _Sheet("definitions", columns, rows)


def _parts(numerator: str, denominator: str | None) -> tuple[str | None, str | None]:
    """Return what a share is made of; of a count, whose numerator is its definition, nothing."""
    return (None, None) if denominator is None else (numerator, denominator)


def _write(worksheet: Any, sheet: _Sheet, bold: Any, wrapped: Any) -> None:
    """Fill a worksheet: its columns stay in sight, can be filtered, and are as wide as what they hold."""
    worksheet.freeze_panes(1, 0)
    for column, name in enumerate(sheet.columns):
        worksheet.write_string(0, column, name, bold)
        longest = max((len(str(row[column])) for row in sheet.rows if row[column] is not None), default=0)
        worksheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, len(name), longest) + 1))
    for place, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row):
            safe = neutral(value)
            if isinstance(safe, str):
                worksheet.write_string(place, column, _without_markup(safe), wrapped)
            elif safe is not None:
                worksheet.write_number(place, column, safe, wrapped)
    if sheet.rows:
        worksheet.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)


def _without_markup(text: str) -> str:
    """Return a text with an apostrophe before it where XlsxWriter takes it for markup of its own, written as it is."""
    return f"'{text}" if text.startswith("<r>") and text.endswith("</r>") else text
