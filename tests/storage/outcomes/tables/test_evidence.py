"""What shows that a criterion is met, in words that can be followed."""

import pytest

from storage.outcomes.people_file import PeopleFile
from storage.outcomes.tables.accreditation import accreditation_tables
from storage.outcomes.tables.commitments import COMMITMENT_LIST
from storage.outcomes.tables.evidence import (
    ACTIVITY_TABLE,
    ENGAGING_ACTIVITIES,
    IMPROVING_ACTIVITIES,
    done_in_export,
    done_in_report,
    lines_of_people,
    planners_and_faculty,
)


@pytest.mark.parametrize(
    ("lines", "words"),
    [((), None), ((3,), "who.csv: line 3"), ((12, 3, 4), "who.csv: lines 3, 4, 12")],
)
def test_lines_are_named_in_order(lines: tuple[int, ...], words: str | None) -> None:
    """One, several, or none; the file has the name that it was given."""
    assert lines_of_people(PeopleFile("who.csv", ()), lines) == words


def test_the_file_of_people_has_a_name_before_there_is_one() -> None:
    """Whoever gave none is told what is wanted."""
    assert planners_and_faculty(None).startswith("people.csv: ")
    assert planners_and_faculty(PeopleFile("who.csv", ())).startswith("who.csv: ")


def test_tables_and_columns_are_those_that_there_are() -> None:
    """A table of the report has the columns by which its rows are named."""
    _, activities = accreditation_tables()
    assert activities.name == ACTIVITY_TABLE
    named = {
        words.removeprefix(f"{ACTIVITY_TABLE}: ") for words in (ENGAGING_ACTIVITIES, IMPROVING_ACTIVITIES)
    }
    assert named == {"engages = yes", "improves = yes"}
    assert {"engages", "improves"} <= set(activities.columns)
    assert done_in_report("spring").startswith(f"{COMMITMENT_LIST.name}: ")
    assert {"activity", "latest"} <= set(COMMITMENT_LIST.columns)


def test_an_export_is_narrowed_to_an_activity() -> None:
    """Of a program all, or those after one of its activities."""
    assert "activity" not in done_in_export("mm")
    assert "program = mm, activity = spring," in done_in_export("mm", "spring")
