"""The file of people: codes and functions, no names, and an error that names the line and the remedy."""

from datetime import date
from pathlib import Path

import pytest

from storage.outcomes.people_file import (
    ActivityFunction,
    ActivityPerson,
    DisclosureStatus,
    PeopleFileError,
    parse_people,
    read_people_file,
)

HEAD = "activity,person,function,patient,disclosure,start"
GOOD = "spring,P-1,planner,yes,disclosed,2026-03-01"


def problem(text: str) -> str:
    with pytest.raises(PeopleFileError) as caught:
        parse_people(text)
    return str(caught.value)


def test_a_line_is_a_function_of_a_person(tmp_path: Path) -> None:
    """In any order of columns, in capitals too, from a spreadsheet with a mark at its beginning and semicolons."""
    path = tmp_path / "people.csv"
    text = "\ufeffPerson;Activity;Patient;Function\r\nP-1;spring;Yes;Planner\r\n;;;\r\n"
    path.write_text(text, encoding="utf-8", newline="")
    planner, missing = ActivityFunction.PLANNER, DisclosureStatus.MISSING
    assert read_people_file(path).entries == (
        ActivityPerson("spring", "P-1", planner, True, missing, None, 2),
    )
    [one] = parse_people(f"{HEAD}\n{GOOD}\n").entries
    assert (one.disclosure, one.start) == (DisclosureStatus.DISCLOSED, date(2026, 3, 1))


@pytest.mark.parametrize(
    "column", ["name", "Full name", "e-mail", "Email", "phone", "surname", "date of birth"]
)
def test_columns_that_tell_who_somebody_is_are_refused(column: str) -> None:
    """Even beside all that is needed: such a file is not to be kept."""
    said = problem(f"{HEAD},{column}\n{GOOD},x\n")
    assert said == "people.csv:1: column 7 may tell who somebody is; remove it and give codes alone"


@pytest.mark.parametrize("person", ["Anna", "Anna Bell", "", "A" * 30 + "1", "Dr. Bell 1", "=1"])
def test_a_name_is_no_code(person: str) -> None:
    """A code has a digit and no space; what may be a name is not repeated in the error."""
    said = problem(f"{HEAD}\nspring,{person},planner,yes,,\n")
    assert said.startswith("people.csv:2: the person is no code:")
    assert "Anna" not in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("spring,P-1,planner,yes,disclosed", "has 5 cells and the first line 6; give one for each column"),
        (
            "spring,P-1,planner,yes,ann@example.org,",
            "holds an e-mail address; remove it and give codes alone",
        ),
        (",P-1,planner,yes,,", "names no activity; give its short name"),
        (
            "spring,P-1,chair,yes,,",
            "function is none of planner, faculty, reviewer, interviewee",
        ),
        ("spring,P-1,planner,ja,,", "patient is neither yes nor no; yes also for carers and the public"),
        (
            "spring,P-1,planner,yes,done,",
            "disclosure is none of disclosed, nothing_to_disclose, missing",
        ),
        ("spring,P-1,planner,yes,,1.3.2026", "start is no day; write it as 2026-03-19"),
    ],
)
def test_an_error_names_line_and_remedy(line: str, said: str) -> None:
    """Of every bad line at once."""
    assert problem(f"{HEAD}\n{GOOD}\n{line}\n{line}\n") == f"people.csv:3: {said}\npeople.csv:4: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line must name the columns; activity, person, function, patient is missing"),
        ("activity,person,function\n", "the first line must name the columns; patient is missing"),
        (f"{HEAD},colour\n", f"column 7 is none of those that there are: {HEAD.replace(',', ', ')}"),
        (f"{HEAD},start\n", "a column is named twice; name each once"),
    ],
)
def test_the_first_line_names_the_columns(text: str, said: str) -> None:
    """All that are needed, each once, and no other."""
    assert problem(text) == f"people.csv:1: {said}"


def test_what_is_said_twice_or_differently_is_refused() -> None:
    """Somebody is a patient in all activities or in none."""
    assert problem(f"{HEAD}\n{GOOD}\n{GOOD}\n") == "people.csv:3: says the same as line 2; remove one of them"
    twice = GOOD.replace("P-1", "p-1")
    assert problem(f"{HEAD}\n{GOOD}\n{twice}\n").endswith("the same as line 2; remove one of them"), (
        "case is nothing"
    )
    assert "line 2" in problem(f"{HEAD}\n{GOOD}\nautumn,P-1,faculty,no,,\n")


def test_activities_must_be_those_of_the_program() -> None:
    """The error names those that there are."""
    found = parse_people(f"{HEAD}\n{GOOD}\n")
    found.check_activities({"spring", "autumn"})
    with pytest.raises(PeopleFileError) as caught:
        found.check_activities({"autumn"})
    assert str(caught.value) == "people.csv:2: activity is none of the programme's; write one of: autumn"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is named, with what to do: not there, of another encoding, too large."""
    with pytest.raises(PeopleFileError, match=r"people\.csv:1: cannot be read"):
        read_people_file(tmp_path / "people.csv")
    other = tmp_path / "latin.csv"
    other.write_bytes("activity;é".encode("latin-1"))
    with pytest.raises(PeopleFileError, match=r"latin\.csv:1: is not UTF-8; save it as CSV UTF-8"):
        read_people_file(other)
    other.write_bytes(b"x" * 1_000_001)
    with pytest.raises(PeopleFileError, match="too large"):
        read_people_file(other)


@pytest.mark.parametrize("place", range(6))
def test_no_cell_is_repeated(place: int) -> None:
    """Each may be somebody's name, or act on the terminal; nor is what stands in the first line."""
    cells = GOOD.split(",")
    cells[place] = "\x1b[2JBrown"
    bad = f"{HEAD}\n{','.join(cells)}\n"
    if place == 0:
        with pytest.raises(PeopleFileError) as caught:
            parse_people(bad).check_activities({"autumn"})
        said = str(caught.value)
    else:
        said = problem(bad)
    for text in (said, problem(f"{HEAD},Brown\n"), problem(f"{HEAD},name of Brown\n")):
        assert "rown" not in text
        assert "\x1b" not in text
