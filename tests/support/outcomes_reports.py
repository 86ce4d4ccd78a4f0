"""Outcomes reports that were made by hand: every kind of cell, words that try to be markup, and quotations."""

from dataclasses import replace
from datetime import UTC, datetime

from flows.script.roles import Role
from storage.export.measures.barriers import BARRIERS
from storage.export.measures.links import LINKS
from storage.export.measures.loop import loop_table
from storage.export.measures.measure import Figure, MeasureRow, MeasureTable, RatingChange
from storage.export.measures.statuses import IMPLEMENTED_TABLE, RATE_TABLE, STATUS_TABLE
from storage.export.statistics import Difference
from storage.outcomes.abstract import AbstractDraft, AbstractPart
from storage.outcomes.figures.model import (
    BarrierDots,
    BarrierFigure,
    FunnelFigure,
    FunnelStep,
    LoopFigure,
    LoopPath,
    LoopPlace,
    OutcomesFigure,
    ResponseFigure,
    ResponseSeries,
    StatusBand,
    StatusFigure,
    WaveBar,
)
from storage.outcomes.pars import PARS
from storage.outcomes.quotes import ReportQuote
from storage.outcomes.report import (
    CountedSection,
    CountedTable,
    OutcomesReport,
    ReportFigure,
    ReportOrigin,
    ReportRequest,
)
from storage.outcomes.summary import SUMMARY
from storage.outcomes.tables.accreditation import accreditation_tables

MADE_AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
HOSTILE = (
    '<script>alert("x")</script><img src=https://example.org/a.png onerror=alert(1)> {{ 71 * 72 }}'
    ' & "so" \u202egnp'
)
"""Words that would run, load something, be a template, or turn the letters after them."""
LOOP = loop_table()
_MANY = Figure(23, 60, 31)
_FEW = Figure(2, 3, 3)


def row(table: MeasureTable, keys: tuple[str, ...], **cells: object) -> MeasureRow:
    """A row of a table: its keys, then the cells that are given by column, and None in the others."""
    return (*keys, *(cells.get(measure.column) for measure in table.measures))  # type: ignore[return-value]


def _summary() -> CountedTable:
    shares = dict.fromkeys(("done_of_responders", "done_of_due", "full_of_responders", "full_of_due"), _MANY)
    later = {
        "better": Figure(9, 20, 20),
        "worse": Figure(4, 20, 20),
        "judged_better": _FEW,
        "judged_worse": _FEW,
    }
    counts = {
        "heard": 1182,
        "themes": 8,
        "activities": 2,
        "commitments": 91,
        "clinicians": 60,
        "asked_later": 20,
    }
    cells = {**counts, "taught": Figure(3, 8, 1182), **shares, **later}
    return CountedTable(SUMMARY, (row(SUMMARY, ("myeloma",), **cells),))


def _loop(label: str) -> CountedTable:
    full = {
        "raised": 43,
        "activities": 1,
        "objectives": 2,
        "commitments": 30,
        "clinicians": 21,
        "specificity": 2.6,
        **dict.fromkeys(("done_of_responders", "done_of_due", "full_of_responders", "full_of_due"), _MANY),
        "top_barrier": "time",
        "asked_later": 12,
        "better": Figure(5, 12, 12),
        "judged_better": _FEW,
        "change": RatingChange(12, 0.4, -0.2, 1.0),
    }
    stuck = {"raised": 9, "activities": 0, "commitments": 0, "clinicians": 0, "done_of_due": Figure(0, 0, 0)}
    broken = {**stuck, "asked_later": 3, "better": _FEW, "change": RatingChange(3, -0.5, -2.0, 1.0)}
    rows = (
        row(LOOP, ("explaining", label), **full),
        row(LOOP, ("cost", "Cost"), **broken, **{"break": "raised by 9, taught in 0 activities"}),
        row(LOOP, ("other", "Other"), raised=4),
    )
    return CountedTable(LOOP, rows)


def _reports_of_commitments() -> tuple[CountedTable, ...]:
    shares = {"of_responders": _MANY, "of_due": Figure(23, 70, 31)}
    statuses = (
        row(STATUS_TABLE, ("symposium", "30", "full"), commitments=23, people=20, **shares),
        row(STATUS_TABLE, ("symposium", "latest", "in_words"), commitments=1, people=1, of_responders=_FEW),
    )
    done = dict.fromkeys(("done_of_responders", "done_of_due", "full_of_responders", "full_of_due"), _MANY)
    change = Difference(20, 12, 0.4, 0.55, 0.02, 0.28)
    return (
        CountedTable(STATUS_TABLE, statuses),
        CountedTable(
            IMPLEMENTED_TABLE, (row(IMPLEMENTED_TABLE, ("symposium", "30"), committed=70, due=70, **done),)
        ),
        CountedTable(
            RATE_TABLE, (row(RATE_TABLE, ("symposium", "90"), before=4.0, after=5.5, difference=change),)
        ),
    )


def _tracker(words: str) -> tuple[CountedTable, ...]:
    criteria, activities = accreditation_tables()
    shown = {"evidence_in_report": "outcomes.activities: engages = yes", "evidence_in_files": words}
    counted = (row(criteria, ("engages_patients",), activities=1, met=1, **shown),)
    return (
        CountedTable(criteria, counted),
        CountedTable(activities, (row(activities, ("symposium",), title=words, engages="yes", held="yes"),)),
    )


def quote(text: str, theme: str = "explaining", role: Role = Role.PATIENT, number: int = 1) -> ReportQuote:
    """A quotation in English."""
    return ReportQuote(number, text, role, "en", theme)


def _figures(words: str) -> dict[str, ReportFigure]:
    """One of each kind, with words of people as its labels."""
    bands = (StatusBand("full", words, 23), StatusBand("no_response", "No answer", 9))
    ending, place = LoopPlace("full", "Doing it fully"), LoopPlace("explaining", words)
    made: dict[str, OutcomesFigure] = {
        "funnel": FunnelFigure(
            (FunnelStep("Invited", 80), FunnelStep(words, 60, Figure(60, 80, 80), "of all"))
        ),
        "response": ResponseFigure((ResponseSeries(words, 20, (0, 1, 1, 3, 8)),)),
        "statuses": StatusFigure((WaveBar("day 30", bands, 20), WaveBar(words, bands, 3, 4))),
        "barriers": BarrierFigure((BarrierDots(words, 4, 9), BarrierDots("Cost", 2, 0)), 12),
        "loop": LoopFigure((LoopPath(place, place, place, ending, 9),), (ending,), 9),
    }
    return {name: ReportFigure(name, figure) for name, figure in made.items()}


def _drafts(title: str, words: str) -> tuple[AbstractDraft, ...]:
    parts = (
        AbstractPart("gap", "Professional practice gap", 100, words, "What is missing."),
        AbstractPart("format", "Format", 2, "Many more words than it may have", "How it is held."),
        AbstractPart("attributes", "Attributes", None, "", "Which competencies."),
    )
    return (AbstractDraft("symposium", title, parts),)


def report(title: str = "Multiple myeloma", words: str = "It all went so fast.") -> OutcomesReport:
    """A report with a section of each shape; `title` and `words` stand wherever people's words may."""
    came = {"single_links": 4, "first_made": datetime(2026, 3, 2, tzinfo=UTC)}
    links = CountedTable(LINKS, (row(LINKS, ("", "hcp", "hcp_commitment", words), **came),))
    figures = _figures(words)
    sections = (
        CountedSection(
            "T1",
            "From invitation to answer",
            "How many came.",
            (links,),
            figures=(figures["funnel"], figures["response"]),
        ),
        CountedSection(
            "T3",
            "What became of the commitments",
            "Told twice.",
            _reports_of_commitments(),
            figures=(figures["statuses"],),
        ),
        CountedSection(
            "T4",
            "Barriers",
            "What gets in the way.",
            (CountedTable(BARRIERS, ()),),
            (quote(words, "", Role.HCP),),
            (figures["barriers"],),
        ),
        CountedSection(
            "T6", "Accreditation tracker", "How many activities meet two criteria.", _tracker(words)
        ),
        CountedSection(
            "T7",
            "The closed loop",
            "All steps.",
            (_loop(words),),
            (quote(words), quote(words, "cost")),
            (figures["loop"],),
        ),
    )
    origin = ReportOrigin(title, ReportRequest("myeloma", MADE_AT), "1.2.3", "0011", 1)
    pars = CountedTable(PARS, (row(PARS, ("symposium",), title=title),))
    return OutcomesReport(origin, _summary(), sections, _drafts(title, words), pars)


def made_later(found: OutcomesReport) -> OutcomesReport:
    """The same report, made a day later."""
    request = replace(found.origin.request, made_at=datetime(2026, 12, 1, 7, tzinfo=UTC))
    return replace(found, origin=replace(found.origin, request=request))
