"""List the sections of the outcomes report, T1 to T10, each with its tables of measures in order.

Most tables count a database and nothing else: `SECTIONS` has all of them. What two of them need beside it stands in
`ReportFacts`, and `sections` returns the list with the tables that know it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from storage.export.measures.barriers import BARRIERS
from storage.export.measures.links import DISPOSITIONS, LINKS
from storage.export.measures.measure import MeasureTable
from storage.export.measures.questions import MINUTES, QUESTIONS, REMINDERS
from storage.export.measures.registry import LOOP_TABLES
from storage.export.measures.statuses import IMPLEMENTED_TABLE, RATE_TABLE, STATUS_TABLE
from storage.export.measures.waves import WAVE_TABLE
from storage.outcomes.pars import PARS
from storage.outcomes.people_file import PeopleFile
from storage.outcomes.summary import SUMMARY
from storage.outcomes.tables.accreditation import ReportTerm, accreditation_tables
from storage.outcomes.tables.alignment import ALIGNMENT, UNINTENDED
from storage.outcomes.tables.barrier_ranks import BARRIER_RANKS
from storage.outcomes.tables.commitments import COMMITMENT_LIST
from storage.outcomes.tables.data_quality import QUALITY
from storage.outcomes.tables.funnel import FUNNEL
from storage.outcomes.tables.involvement import GRIPP2_WORDS, INVOLVEMENT_TABLES
from storage.outcomes.tables.safety_counts import safety_table


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Hold what the database does not tell: when the report is made, and what a file of people says.

    Without `now` no open safety case is said to be overdue. Without `people` nothing is known of planners and faculty.
    `term` bounds the activities that count for accreditation by their days; all count without it. `zone` is the time
    zone of the program's days.
    """

    now: datetime | None = None
    people: PeopleFile | None = None
    term: ReportTerm | None = None
    zone: tzinfo = UTC

    @property
    def day(self) -> date | None:
        """Return the day of the report in the program's time zone; None where it is not known."""
        return None if self.now is None else self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class OutcomesSection:
    """A section of the report. `id` is `T1` to `T10`, `opening` says in a line what its tables tell."""

    id: str
    title: str
    opening: str
    tables: tuple[MeasureTable, ...]


_WORDS: Final = (
    (
        "T1",
        "From invitation to answer",
        "How many clinicians were invited, took part, committed to a change, and told later what became of it.",
    ),
    (
        "T2",
        "Commitments",
        "What each clinician said they will do, in their words with identifiers removed. For the team only.",
    ),
    (
        "T3",
        "What became of the commitments",
        "Told by the clinicians themselves, twice: of those who answered, and of all who were due.",
    ),
    ("T4", "Barriers foreseen and met", "What clinicians thought would get in the way, and what did."),
    (
        "T5",
        "Commitments and objectives",
        "Which commitments follow what the activities set out to change, and which do not.",
    ),
    (
        "T6",
        "Accreditation tracker",
        "How many activities meet two criteria of ACCME's commendation, and how many more are needed.",
    ),
    (
        "T7",
        "The closed loop",
        "What patients raised, what was taught, what clinicians committed to and did, and what patients see now.",
    ),
    (
        "T8",
        "Patient involvement",
        "What teams told of how patients took part, under the five headings of the GRIPP2 short form.",
    ),
    ("T9", "Safety reconciliation", "Every safety case by kind, status and month; where there was none, 0."),
    (
        "T10",
        "Quality of the data",
        "Where people broke off, how long it took them, and what was skipped or not understood.",
    ),
)
"""Id, title and opening of each section."""


def sections(facts: ReportFacts | None = None) -> tuple[OutcomesSection, ...]:
    """Return the sections of the report in order; `facts` is what their tables know beside the database."""
    tables = _tables(facts or ReportFacts())
    return tuple(OutcomesSection(*words, tables.get(words[0], ())) for words in _WORDS)


def accreditation(facts: ReportFacts) -> tuple[MeasureTable, ...]:
    """Return the tables of T6 alone: what meets the criteria of accreditation."""
    return _tables(facts)["T6"]


def _tables(facts: ReportFacts) -> Mapping[str, tuple[MeasureTable, ...]]:
    """Return the tables of each section by its id."""
    return {
        "T1": (FUNNEL, LINKS, DISPOSITIONS, WAVE_TABLE, REMINDERS),
        "T2": (COMMITMENT_LIST,),
        "T3": (STATUS_TABLE, IMPLEMENTED_TABLE, RATE_TABLE),
        "T4": (BARRIER_RANKS, BARRIERS),
        "T5": (ALIGNMENT, UNINTENDED),
        "T6": accreditation_tables(facts.people, facts.term, facts.day),
        "T7": LOOP_TABLES,
        "T8": INVOLVEMENT_TABLES,
        "T9": (safety_table(facts.now),),
        "T10": (QUALITY, QUESTIONS, MINUTES),
    }


SECTIONS: Final = sections()
"""The sections as far as the database tells them."""
TEAM_ONLY: Final = frozenset({COMMITMENT_LIST.name, UNINTENDED.name, GRIPP2_WORDS.name})
"""Tables that hold people's own words, which nobody but the team sees."""
NEW_TABLES: Final = tuple(
    table for section in SECTIONS for table in section.tables if table.name.startswith("outcomes.")
)
"""The tables that the report alone shows."""
REPORT_TABLES: Final = (SUMMARY, *NEW_TABLES, PARS)
"""The same, with the first page before and the helper for PARS behind."""
