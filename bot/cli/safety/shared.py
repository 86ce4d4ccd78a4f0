"""What the commands about safety cases share: a case by its number, its clock in colours, and its fields."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.text import Text

from bot.errors import UsageError
from bot.team.clocks import clock_of
from storage.database.connection import Database
from storage.safety import cases as safety_cases
from storage.safety.cases import Case

_STYLES = {"OVERDUE": "bold red", "due soon": "red", "half": "yellow"}
"""Colours for those who see them; the words beside say the same."""


def case_of(found: Database, number: int) -> Case:
    """Read the safety case with this number from a database.

    Raises:
        UsageError: there is none.
    """
    case = found.read_now(lambda c: safety_cases.find(c, number))
    if case is None:
        raise UsageError(f"there is no safety case {number}", "see `said safety list --all`")
    return case


def clock_text(case: Case, now: datetime) -> Text:
    """Say in English how much of a safety case's time is used, or that its clock has stopped.

    The text is coloured from when half of the time has passed; its words say the same.
    """
    words = clock_of(case, now, "en")
    style = next((style for start, style in _STYLES.items() if words.startswith(start)), "")
    return Text(words, style=style)


def plain(code: Any) -> str:
    """Write the code of an enum's member in plain words: `adverse_event` is "adverse event"."""
    return str(code.value).replace("_", " ")


def words_source(case: Case) -> str:
    """Say where the words of a case are kept: in answers and remarks, or with the case alone."""
    names = {"answer_id": "answer", "remark_id": "remark"}
    named = [f"{names[key]} {number}" for key, numbers in case.sources.items() for number in numbers]
    return ", ".join(named) or "with the case"


def case_as_json(case: Case, now: datetime) -> dict[str, Any]:
    """Return a case as JSON without words: what was answered to our questions is shown by `said safety show` alone."""
    fields = asdict(case)
    fields.pop("details")
    return {**fields, "solicited": case.is_solicited, "clock": clock_text(case, now).plain}
