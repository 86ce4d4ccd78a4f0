"""Say what shows that a criterion of accreditation is met: which rows of the report, and which of the team's files.

A place in the report is the name of a table and which of its rows; one in a file is the file's name and which lines.
They are for whoever hands in examples: `commitments.csv` is a file of an export, the file of people is the team's own.
"""

from collections.abc import Collection
from typing import Final

from storage.outcomes.people_file import PeopleFile
from storage.outcomes.tables.commitments import COMMITMENT_LIST

ACTIVITY_TABLE: Final = "outcomes.activities"
"""The table that says of each activity which criteria it meets."""
PEOPLE_FILE: Final = "people.csv"
"""How the file of people is called where nobody gave one."""
ENGAGING_ACTIVITIES: Final = f"{ACTIVITY_TABLE}: engages = yes"
"""Which rows of the report show the activities that engage patients."""
IMPROVING_ACTIVITIES: Final = f"{ACTIVITY_TABLE}: improves = yes"
"""Which rows of the report show the activities after which clinicians improved."""


def planners_and_faculty(people: PeopleFile | None) -> str:
    """Return which lines of the file of people show who planned and taught; `people` is None where nobody gave one."""
    return f"{_name(people)}: function = planner or faculty, patient = yes"


def lines_of_people(people: PeopleFile, lines: Collection[int]) -> str | None:
    """Return in words these lines of the file of people, by number from 1; None where there are none."""
    if not lines:
        return None
    numbers = ", ".join(map(str, sorted(lines)))
    return f"{_name(people)}: {'line' if len(lines) == 1 else 'lines'} {numbers}"


def done_in_report(activity: str) -> str:
    """Return which commitments of the report were done after an activity, as their newest reports say."""
    return f"{COMMITMENT_LIST.name}: activity = {activity}, latest = full or partial"


def done_in_export(program: str, activity: str | None = None) -> str:
    """Return which rows of an export show the same, after an activity or (None) after any of a program."""
    wanted = f"program = {program}" if activity is None else f"program = {program}, activity = {activity}"
    return f"commitments.csv: {wanted}, confirmed = 1, implementation = full or partial"


def _name(people: PeopleFile | None) -> str:
    return PEOPLE_FILE if people is None else people.source
