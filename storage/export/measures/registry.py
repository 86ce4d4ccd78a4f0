"""List the tables of measures, in the order in which they are shown. A new one is a module here, and a line below."""

from typing import Final

from storage.export.measures.barriers import BARRIERS
from storage.export.measures.coded import coded_by_two
from storage.export.measures.links import DISPOSITIONS, LINKS
from storage.export.measures.loop import loop_table
from storage.export.measures.measure import MeasureTable
from storage.export.measures.questions import MINUTES, QUESTIONS, REMINDERS
from storage.export.measures.statuses import IMPLEMENTED_TABLE, RATE_TABLE, STATUS_TABLE
from storage.export.measures.waves import WAVE_TABLE

RESPONSE_TABLES: Final[tuple[MeasureTable, ...]] = (
    LINKS,
    DISPOSITIONS,
    WAVE_TABLE,
    REMINDERS,
    QUESTIONS,
    MINUTES,
    BARRIERS,
    STATUS_TABLE,
    IMPLEMENTED_TABLE,
    RATE_TABLE,
)
"""Response, from invitation to last wave."""
LOOP_TABLES: Final[tuple[MeasureTable, ...]] = (loop_table(coded_by_two),)
"""The closed loop."""
EVERY_TABLE: Final = (*RESPONSE_TABLES, *LOOP_TABLES)
