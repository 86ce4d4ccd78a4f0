"""Render the report as one HTML page: its style and its little script stand in it, and it may load nothing."""

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flows.heavy_packages import load
from storage.export.measures.loop import CAVEAT
from storage.export.options import ExportAudience
from storage.outcomes.figures.draw import NARROW, STYLE, WIDE, draw
from storage.outcomes.page.first_page import first_page
from storage.outcomes.page.view import definitions, shown_table
from storage.outcomes.quotes import ReportQuote
from storage.outcomes.report import CountedSection, OutcomesReport, ReportFigure
from storage.outcomes.supporters import TOO_FEW

NOTHING_YET: Final = "Nothing yet."
"""What stands in place of a table without rows; in a supporter's cut it may hold a few."""
_TEMPLATES: Final = Path(__file__).parent / "templates"
_PAGE: Final = "report.html.jinja"
_SCRIPT: Final = "report.js"
_STYLE: Final = "report.css"


def html_page(report: OutcomesReport) -> str:
    """Return the report as a page. Everything that a person or a file wrote is escaped.

    Its policy lets a browser run this one script, known by its hash, and load nothing from anywhere.

    Raises:
        PackageMissing: matplotlib is not installed; it comes with the extra `report`.
    """
    jinja = load("jinja2")
    environment = jinja.Environment(
        loader=jinja.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _text(_SCRIPT)
    markup = load("markupsafe").Markup
    found: str = environment.get_template(_PAGE).render(
        report=report,
        origin=report.origin,
        request=report.origin.request,
        made_on=_day(report.origin.request.made_at),
        as_of=_day(report.origin.handed_at),
        first=first_page(report),
        sections=[_section(one) for one in report.sections],
        definitions=definitions(report.tables),
        pars=None if report.pars is None else shown_table(report.pars),
        caveat=CAVEAT,
        empty=NOTHING_YET if report.origin.request.audience is ExportAudience.TEAM else TOO_FEW,
        style=markup(_text(_STYLE) + STYLE),
        script=markup(script),
        script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return found


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d")


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _section(section: CountedSection) -> dict[str, Any]:
    """Return what the template shows of a section."""
    return {
        "id": section.id,
        "title": section.title,
        "opening": section.opening,
        "figures": [_figure(one) for one in section.figures],
        "not_drawn": section.not_drawn,
        "tables": [shown_table(one) for one in section.tables],
        "quotes": _by_theme(section),
    }


def _figure(one: ReportFigure) -> dict[str, Any]:
    """Return what the template shows of a figure: drawn for both widths, and its numbers as a table."""
    markup = load("markupsafe").Markup
    widths = {"wide": WIDE, "narrow": NARROW}
    drawn = {
        name: markup(draw(one.figure, f"figure-{one.name}-{name}", width)) for name, width in widths.items()
    }
    return {"name": one.name, "title": one.figure.title, "table": one.figure.table, **drawn}


def _by_theme(section: CountedSection) -> list[tuple[str, list[ReportQuote]]]:
    """Return the quotations of a section under the labels of their themes, in the order of its tables; '' for none."""
    labels = {
        str(row[0]): str(row[1])
        for one in section.tables
        if one.table.keys == ("theme", "label")
        for row in one.rows
    }
    themes = dict.fromkeys([*labels, *(one.theme for one in section.quotes)])
    found = [
        (labels.get(theme, theme), [one for one in section.quotes if one.theme == theme]) for theme in themes
    ]
    return [(label, quotes) for label, quotes in found if quotes]
