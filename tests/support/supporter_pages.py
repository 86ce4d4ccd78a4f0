"""Read a supporters' report as its readers have it: the numbers of its page, its pictures and its workbook."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from flows.script.code_lists import code_lists
from storage.export.options import ExportAudience
from storage.export.small_cells import HiddenMark
from storage.outcomes.report import OutcomesReport
from storage.outcomes.supporter_report import supporter_sections
from storage.outcomes.supporters import CutTable
from tests.support import outcomes_reports

NOT_PEOPLE = frozenset({"activities", "objectives"})
"""Columns of the loop that count what the program's file has: of nobody."""
_NUMBER = re.compile(r"(?<![\w.<])\d[\d,]*(?![\w.])")
_SHARE = re.compile(r"\([^)]*\)|\d+(?:\.\d+)? %|<5")
"""What is no count: an interval, a per cent, and the mark of a hidden number."""
_CODES = {
    label: code
    for name in ("statuses", "barriers")
    for code, label in ((one.code, one.label) for one in code_lists()[name].codes)
} | {"answered in other words": "in_words", "Not started yet, starts later": "not_started_yet"}


def supporters_report(tables: Sequence[CutTable]) -> OutcomesReport:
    """The report of a cut with these tables."""
    origin = outcomes_reports.report().origin
    request = replace(origin.request, audience=ExportAudience.SUPPORTERS)
    return OutcomesReport(replace(origin, request=request, cut=1), None, supporter_sections(tables))


def counts_in(text: str) -> list[int]:
    """All numbers of a text that count something."""
    return [int(one.replace(",", "")) for one in _NUMBER.findall(_SHARE.sub(" ", text))]


@dataclass
class ReadTable:
    """A table as it stands on a page: its columns by the ids of their measures, else by name, and its cells."""

    caption: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)

    @property
    def named(self) -> list[dict[str, str]]:
        """The rows, by the last part of the ids of their columns."""
        names = [
            self.ids.get(place, name).rpartition(".")[2].lower() for place, name in enumerate(self.columns)
        ]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


class ReadPage(HTMLParser):
    """Reads the tables of a page, the numbers of its first page, and the words of its pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[ReadTable] = []
        self.pictures: list[str] = []
        self.steps: list[tuple[str, str, str]] = re.findall(
            r'<p class="big">(.*?)</p>\s*<p class="words">(<a class="defined" href="#m-([\w.]+)".*?)</p>',
            text,
            re.DOTALL,
        )
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"wbr", "meta", "link", "path", "use", "rect", "stop"}:
            return
        self._inside.append(tag)
        if tag == "table":
            self.tables.append(ReadTable())
        elif tag == "tr" and "tbody" in self._inside:
            self.tables[-1].rows.append([])
        elif tag in {"th", "td"}:
            self._cells().append("")
        elif tag == "a" and "thead" in self._inside:
            table = self.tables[-1]
            table.ids[len(table.columns) - 1] = (dict(attrs).get("href") or "").removeprefix("#m-")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without anything inside of it."""

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if {"text", "desc", "title"} & set(self._inside) and "svg" in self._inside:
            self.pictures.append(data)
        elif "caption" in self._inside:
            self.tables[-1].caption += data
        elif "a" not in self._inside and {"th", "td"} & set(self._inside):
            cells = self._cells()
            cells[-1] = f"{cells[-1]} {data.strip()}".strip()

    def _cells(self) -> list[str]:
        table = self.tables[-1]
        return table.columns if "thead" in self._inside else table.rows[-1]

    def people_counts(self) -> Iterator[tuple[str, int]]:
        """Every number of the page that counts people or what they did, with where it stands."""
        for table in self.tables:
            if table.caption.startswith("Definitions"):
                continue
            for row in table.named:
                for column, text in row.items():
                    if column not in NOT_PEOPLE:
                        yield from ((f"{table.caption}/{column}", one) for one in counts_in(text))
        for big, words, measure in self.steps:
            if measure.rpartition(".")[2] not in NOT_PEOPLE:
                yield from ((measure, one) for one in counts_in(f"{big} {_small(words)}"))
        for text in self.pictures:
            yield from ((text, one) for one in counts_in(text))


def _small(words: str) -> str:
    """What stands small below a number of the first page."""
    found = re.search(r"<small[^>]*>(.*)</small>", words)
    return found[1] if found else ""


def page_facts(page: ReadPage) -> dict[str, Any]:
    """What a page says of each number of a small program, by the names of `small_programs.truth`."""
    seen: dict[str, Any] = {}
    for table in page.tables:
        for row in table.named:
            seen |= _facts(table, row)
    return seen


def _facts(table: ReadTable, row: Mapping[str, str]) -> dict[str, Any]:  # noqa: PLR0911 - one a table
    kinds = {one.rpartition(".")[0] for one in table.ids.values()}
    if "response.links" in kinds:
        role = "hcp" if row["role"] == "clinician" else row["role"]
        return {f"{name} {role}": _cell(row[name]) for name in ("opened", "finished")}
    if "response.implemented" in kinds:
        return {name: _cell(row[name]) for name in ("due", "responded")}
    if "response.statuses" in kinds:
        return {_CODES[row["status"]]: _cell(row["commitments"])}
    if "response.barriers" in kinds:
        return {f"met {_CODES[row['barrier']]}": _cell(row["met"])}
    if "loop.themes" in kinds:
        name = row.get("label", row.get("theme", "")).lower()
        found = {f"raised {name}": _cell(row["raised"])}
        share = re.search(r"(\d+) of (\d+) \(", row.get("better", ""))
        return found | ({f"better {name}": int(share[1]), f"told {name}": int(share[2])} if share else {})
    if table.caption.startswith("What became of the commitments, by the newest report"):
        return {"no_answer": int(row["commitments"])} if row["of"] == "No answer" else {}
    return {}


def _cell(text: str) -> Any:
    """A cell as a number or a mark; None where there is nothing."""
    for mark in HiddenMark:
        if text.startswith(mark.value):
            return mark
    return int(text.replace(",", "")) if text[:1].isdecimal() else None


def workbook_counts(path: Path) -> Iterator[tuple[str, int]]:
    """Every number of a workbook that counts people or what they did, with where it stands."""
    for sheet in load_workbook(path):
        if sheet.title in {"report", "definitions"}:
            continue
        columns, *rows = sheet.iter_rows(values_only=True)
        for row in rows:
            for column, cell in zip(columns, row, strict=True):
                if str(column) in NOT_PEOPLE or str(column).endswith("%"):
                    continue
                found = [cell] if isinstance(cell, int) else counts_in(cell) if isinstance(cell, str) else []
                yield from ((f"{sheet.title}/{column}", one) for one in found)


def pictures(page: str) -> dict[str, str]:
    """Each picture of a page by its id."""
    return {found[1]: found[0] for found in re.finditer(r'<svg[^>]* id="([^"]+)".*?</svg>', page, re.DOTALL)}


def bars(svg: str, height: float) -> Iterator[float]:
    """How wide each bar of that height is in a picture, in the order in which they are drawn."""
    number = r"([\d.]+)[ ,]+([\d.]+)\s*"
    for found in re.finditer(rf'd="M {number}L {number}L {number}L {number}z', svg):
        ends = [float(one) for one in found.groups()]
        xs, ys = ends[::2], ends[1::2]
        if abs(max(ys) - min(ys) - height) < _NEAR:
            yield max(xs) - min(xs)


_NEAR = 0.1
"""A tenth of a pixel."""
