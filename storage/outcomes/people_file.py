"""Read `people.csv`: who had which function in which activity, by code and never by name.

A coordinator keeps it beside the program, a line for each function of each person. It says which planners and faculty
are patients or members of the public, which no conversation tells. Nothing of it is stored.
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Final

from flows.formats.plain_files import FileTooLarge, read_plain_file
from storage.errors import StorageError

COLUMNS: Final = ("activity", "person", "function", "patient", "disclosure", "start")
"""What the first line names, in any order; the last two may be left out."""
_REQUIRED: Final = frozenset(COLUMNS[:4])
_TELLS_WHO: Final = re.compile(
    r"name|mail|phone|tel\b|mobile|address|birth|born|surname|nom\b|prenom|prénom|nombre|apellido|cognome|adres",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9_-]{0,23}")
"""A person's code has a digit, so that nobody's first name is one."""
_YES_NO: Final = {"yes": True, "no": False}


class ActivityFunction(StrEnum):
    """What somebody does for an activity."""

    PLANNER = "planner"
    FACULTY = "faculty"
    REVIEWER = "reviewer"
    """Read what is taught before it is taught: no planner by that alone."""
    INTERVIEWEE = "interviewee"
    """Was asked what they need: no planner by that alone."""


class DisclosureStatus(StrEnum):
    """Whether somebody told the team of their financial relationships, as planners and faculty must beforehand."""

    DISCLOSED = "disclosed"
    NOTHING = "nothing_to_disclose"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ActivityPerson:
    """One line of the file: one function of one person in one activity. `person` is a code of the team's own.

    `patient` says whether they are a patient, a carer or a member of the public. `start` is the day from which they
    have the function; None for always. `line` is where it stands. `person` is in capitals: `p-1` is `P-1`.
    """

    activity: str
    person: str
    function: ActivityFunction
    patient: bool
    disclosure: DisclosureStatus
    start: date | None
    line: int


class PeopleFileError(StorageError):
    """The file of people cannot be used: `problems` says for each line what is wrong and what to do."""

    def __init__(self, source: str, problems: Collection[tuple[int, str]]) -> None:
        """Name the file and the line before each problem."""
        super().__init__("\n".join(f"{source}:{line}: {what}" for line, what in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a file of people says; `source` is how its errors call it."""

    source: str
    entries: tuple[ActivityPerson, ...]

    def check_activities(self, known: Collection[str]) -> None:
        """Refuse a file that names an activity that the program does not have.

        Raises:
            PeopleFileError: for each such line.
        """
        there = ", ".join(sorted(known)) or "none"
        problems = [
            (one.line, f"activity is none of the programme's; write one of: {there}")
            for one in self.entries
            if one.activity not in known
        ]
        if problems:
            raise PeopleFileError(self.source, problems)


def read_people_file(path: Path) -> PeopleFile:
    """Return what a file of people says.

    Raises:
        PeopleFileError: it cannot be read, or a line of it cannot be used, or holds what tells who somebody is.
    """
    source = path.name
    try:
        text = read_plain_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PeopleFileError(source, [(1, "is not UTF-8; save it as CSV UTF-8")]) from error
    except FileTooLarge as error:
        raise PeopleFileError(
            source, [(1, "is too large; give a line for each function and no more")]
        ) from error
    except OSError as error:
        what = f"cannot be read ({error.strerror or error}); give the path of a CSV file"
        raise PeopleFileError(source, [(1, what)]) from error
    return parse_people(text, source)


def parse_people(text: str, source: str = "people.csv") -> PeopleFile:
    """Return what the text of a file of people says; commas or semicolons stand between its cells.

    Raises:
        PeopleFileError: as `read_people_file`.
    """
    first = text.partition("\n")[0]
    reader = csv.reader(
        StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise PeopleFileError(
            source, [(reader.line_num, f"is no CSV ({error}); save it as CSV UTF-8")]
        ) from error
    header = [cell.lower() for cell in rows[0][1]] if rows else []
    if problem := _header_problem(header):
        raise PeopleFileError(source, [(1, problem)])
    entries, problems = list[ActivityPerson](), list[tuple[int, str]]()
    for line, cells in rows[1:]:
        if any(cells):
            found = _entry(header, cells, line)
            if isinstance(found, str):
                problems.append((line, found))
            else:
                entries.append(found)
    problems += _contradictions(entries)
    if problems:
        raise PeopleFileError(source, sorted(problems))
    return PeopleFile(source, tuple(entries))


def _header_problem(header: list[str]) -> str | None:
    """Return what is wrong with the first line, and what to do; None where it is as it must be."""
    for place, name in enumerate(header, 1):
        if name not in COLUMNS and _TELLS_WHO.search(name):
            return f"column {place} may tell who somebody is; remove it and give codes alone"
    strange = [place for place, name in enumerate(header, 1) if name not in COLUMNS]
    if strange:
        return f"column {strange[0]} is none of those that there are: {', '.join(COLUMNS)}"
    if len(set(header)) < len(header):
        return "a column is named twice; name each once"
    missing = [name for name in COLUMNS if name in _REQUIRED and name not in header]
    if missing:
        return f"the first line must name the columns; {', '.join(missing)} is missing"
    return None


def _entry(header: list[str], cells: list[str], line: int) -> ActivityPerson | str:  # noqa: PLR0911 - one line a problem
    """Return what a line says, or what is wrong with it and what to do. No cell is repeated: any may be a name."""
    if len(cells) != len(header):
        return f"has {len(cells)} cells and the first line {len(header)}; give one for each column"
    said: Mapping[str, str] = dict(zip(header, cells, strict=True))
    if any("@" in cell for cell in cells):
        return "holds an e-mail address; remove it and give codes alone"
    if not said["activity"]:
        return "names no activity; give its short name"
    if not _CODE.fullmatch(said["person"]):
        return "the person is no code: up to 24 letters, digits, - and _, with a digit, such as P-12; never a name"
    if said["function"].lower() not in set(ActivityFunction):
        return f"function is none of {_list(ActivityFunction)}"
    if said["patient"].lower() not in _YES_NO:
        return "patient is neither yes nor no; yes also for carers and the public"
    disclosure = said.get("disclosure", "").lower() or DisclosureStatus.MISSING
    if disclosure not in set(DisclosureStatus):
        return f"disclosure is none of {_list(DisclosureStatus)}"
    start = _day(said.get("start", ""))
    if isinstance(start, str):
        return start
    return ActivityPerson(
        said["activity"],
        said["person"].upper(),
        ActivityFunction(said["function"].lower()),
        _YES_NO[said["patient"].lower()],
        DisclosureStatus(disclosure),
        start,
        line,
    )


def _day(text: str) -> date | str | None:
    """Return a day; None for none, and what is wrong with what is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return "start is no day; write it as 2026-03-19"


def _contradictions(entries: list[ActivityPerson]) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something twice, or another thing than an earlier line."""
    functions: dict[tuple[str, str, ActivityFunction], int] = {}
    patients: dict[str, ActivityPerson] = {}
    for one in entries:
        earlier = functions.setdefault((one.activity, one.person, one.function), one.line)
        if earlier != one.line:
            yield one.line, f"says the same as line {earlier}; remove one of them"
        first = patients.setdefault(one.person, one)
        if first.patient is not one.patient:
            yield (
                one.line,
                f"says of the same person another patient than line {first.line}; decide on one of both",
            )


def _list(codes: type[StrEnum]) -> str:
    return ", ".join(code.value for code in codes)
