"""The workbook of the report, read back."""

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from storage.export.measures.reference import query_text
from storage.export.options import ExportAudience
from storage.outcomes.workbook import FEW, write_workbook
from tests.support.outcomes_reports import HOSTILE, made_later, report


def sheets(path: Path, **given: str) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each worksheet of a workbook that was written of a report."""
    write_workbook(report(**given), path)
    book = load_workbook(path)
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


@pytest.fixture
def found(tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    return sheets(tmp_path / "report.xlsx")


def test_a_sheet_for_each_table(found: dict[str, list[tuple[object, ...]]]):
    """What it was made of comes first, then the tables in their order, quotations, and definitions."""
    names = [one.table.name for one in report().tables]
    figures = [f"figure {one.name}" for section in report().sections for one in section.figures]
    assert list(found) == ["report", *names, *figures, "abstract", "quotations", "definitions"]
    assert ("made_on", "2026-11-30") in found["report"]
    assert ("schema", "0011") in found["report"]


def test_a_share_takes_several_columns(found: dict[str, list[tuple[object, ...]]]):
    """Its part, its whole, per cent with interval, and people; of few people there is no per cent."""
    columns, first, second = found["response.statuses"]
    place = columns.index("of_responders")
    assert columns[place : place + 6] == (
        "of_responders", "of_responders of", "of_responders %",
        "of_responders low %", "of_responders high %", "of_responders responders",
    )  # fmt: skip
    assert first[place : place + 6] == (23, 60, 38.3, 27.1, 51.0, 31)
    assert second[place : place + 6] == (2, 3, FEW, None, None, 3)


def test_a_difference_has_its_interval(found: dict[str, list[tuple[object, ...]]]):
    """In points, with how many people it is of; of few people without an interval."""
    columns, first, second, _ = found["loop.themes"]
    place = columns.index("change points")
    assert first[place : place + 4] == (0.4, -0.2, 1, 12)
    assert second[place : place + 4] == (-0.5, FEW, None, 3)
    columns, row = found["response.rates"]
    place = columns.index("difference points")
    assert row[place : place + 4] == (15, 2, 28, 12)


def test_every_number_has_its_definition(found: dict[str, list[tuple[object, ...]]]):
    """By its id, with the query that returns its rows as the last column, whole."""
    columns, *rows = found["definitions"]
    queries = {
        measure.id: query_text(measure.query) for one in report().tables for measure in one.table.measures
    }
    assert columns[-1] == "query"
    assert {row[0]: row[-1] for row in rows} == queries
    ids = {row[0] for row in found["definitions"]}
    assert {measure.id for one in report().tables for measure in one.table.measures} <= ids


def test_evidence_is_text(found: dict[str, list[tuple[object, ...]]]):
    """It names a sheet of the workbook, and which of its rows."""
    columns, row = found["outcomes.criteria"]
    place = row[columns.index("evidence_in_report")]
    assert place == "outcomes.activities: engages = yes"
    assert "engages" in found[str(place).partition(":")[0]][0]


def test_figures_have_their_numbers(found: dict[str, list[tuple[object, ...]]]):
    """As the page has them below each."""
    assert found["figure barriers"][1:] == [("It all went so fast.", 4, 9), ("Cost", 2, 0)]


def test_the_draft_says_what_is_to_be_written(found: dict[str, list[tuple[object, ...]]]):
    """With the words that each part has, and those that it may have."""
    assert found["abstract"][2] == ("symposium", "format", 2, 7, "Many more words than it may have")
    assert found["abstract"][3] == ("symposium", "attributes", None, 0, "To write: Which competencies.")


def test_words_are_texts(tmp_path: Path):
    """Neither a formula nor a link, whatever they begin with."""
    markup = "<r><f>1+1</f></r>"
    for words in ("=HYPERLINK(A1)", "https://example.org", markup, HOSTILE):
        found = sheets(tmp_path / "report.xlsx", words=words, title=words)
        assert found["quotations"][1][-1] in {words, f"'{words}"}
        book = load_workbook(tmp_path / "report.xlsx")
        assert not any(
            cell.data_type == "f" or cell.hyperlink
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
        )


def test_the_same_report_gives_the_same_bytes(tmp_path: Path):
    """And another day gives others."""
    for name, one in (("a", report()), ("b", report()), ("c", made_later(report()))):
        write_workbook(one, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_supporters_have_no_column_of_responders(tmp_path: Path):
    """A cut knows of no share how many people answered, so that the workbook does not say so."""
    found = report()
    request = replace(found.origin.request, audience=ExportAudience.SUPPORTERS)
    write_workbook(replace(found, origin=replace(found.origin, request=request)), tmp_path / "report.xlsx")
    columns, first = list(load_workbook(tmp_path / "report.xlsx")["response.statuses"].values)[:2]
    assert "of_responders high %" in columns
    assert not [name for name in columns if str(name).endswith(" responders")]
    assert len(first) == len(columns)
