"""Read a roster: a CSV file with a line for each person to be invited, of which every line is good or is told.

What a spreadsheet writes is taken: UTF-8 with or without its mark, UTF-16 with its mark, split at commas, semicolons or
tabs. Another encoding is refused, never guessed: a wrong guess would put wrong names beside links.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.channels.email.address import normalised
from flows.script.roles import Role

MOST_BYTES: Final = 1_000_000
"""Of a roster."""
MOST_LINES: Final = 10_000
"""People in a roster."""
LONGEST_LABEL: Final = 200
LONGEST_SOURCE: Final = 200
MOST_PROBLEMS: Final = 50
"""Problems that are told; of more, only how many there are."""
COLUMNS: Final = ("label", "language", "role", "source")
MAILBOX: Final = "email"
"""The column of e-mail addresses, in a roster whose invitations are mailed."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, line breaks, and what turns the direction of a text: no label needs them."""


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A person to be invited: the number of the line in the file, their label, and what differs for them, or None."""

    line: int
    label: str
    language: str | None = None
    role: Role | None = None
    source: str | None = None
    mailbox: str | None = field(default=None, repr=False)
    """Where their invitation is mailed, in its one spelling; None in a roster without such a column."""


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """What is wrong at a line of the file; 0 is the file as a whole."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read. Where there are problems, nothing may be made of it; `lines` are those that are good."""

    lines: tuple[RosterLine, ...] = ()
    problems: tuple[RosterProblem, ...] = ()


class RosterUnreadable(Exception):
    """A file is no roster at all: `line` says where, 0 for all of it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


def read_roster(content: bytes, most: int = MOST_BYTES, *, mailed: bool = False) -> Roster:
    """Read a roster out of the bytes of a file, `most` at most; whatever is wrong with it is among its problems.

    With `mailed` it has a column of e-mail addresses, which no other may have. No problem quotes an address.
    """
    columns = (*COLUMNS, MAILBOX) if mailed else COLUMNS
    try:
        header, records = _records(_decoded(content, most))
        read = list(_read_lines(_places(header, columns, mailed=mailed), records))
    except RosterUnreadable as error:
        return Roster(problems=(RosterProblem(error.line, error.what),))
    if not read:
        return Roster(problems=(RosterProblem(0, "there is nobody in it, only the names of the columns"),))
    lines = tuple(one for one in read if isinstance(one, RosterLine))
    problems = [one for one in read if isinstance(one, RosterProblem)]
    return Roster(
        lines, tuple(sorted([*problems, *_repeated(lines), *_mailed_twice(lines)], key=lambda one: one.line))
    )


def _read_lines(
    places: dict[str, int], records: Iterator[tuple[int, list[str]]]
) -> Iterator[RosterLine | RosterProblem]:
    """Yield what each record says, or what is wrong with it.

    Raises:
        RosterUnreadable: there are too many records.
    """
    for count, (number, cells) in enumerate(records):
        if count == MOST_LINES:
            raise RosterUnreadable(number, f"there are more than {MOST_LINES:,} people; split the file")
        yield _line(number, cells, places)


def _decoded(content: bytes, most: int) -> str:
    """Return the text of a file, without the mark at its beginning.

    Raises:
        RosterUnreadable: it is too long, empty, no text, or in an encoding that cannot be told.
    """
    if len(content) > most:
        raise RosterUnreadable(0, f"the file has more than {most // 1_000_000} MB; split it")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise RosterUnreadable(0, "this is a workbook; save it as “CSV UTF-8” first")
    mark, encoding = next((one for one in _MARKS if content.startswith(one[0])), (b"", "utf-8"))
    body = content[len(mark) :]
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise RosterUnreadable(line, "the file is not in UTF-8; save it as “CSV UTF-8”") from error
    if not text.strip():
        raise RosterUnreadable(0, "the file is empty")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise RosterUnreadable(
            line, "there is a NUL character; the file is no text, or UTF-16 without its mark"
        )
    return text


def _records(text: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the names of the columns, and an iterator of each record with the number of the line where it begins.

    Raises:
        RosterUnreadable: a quotation mark is not closed, or stands inside a cell.
    """
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records = _numbered(reader)
    _, header = next(records, (0, []))
    return header, records


def _numbered(reader: "Iterator[list[str]]") -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not empty, each with the number of its first line."""
    while True:
        begins = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = "a quotation mark is not closed, or stands inside a cell; double it there"
            raise RosterUnreadable(begins, what) from error
        if any(cell.strip() for cell in cells):
            yield begins, cells


def _places(header: Sequence[str], columns: Sequence[str], *, mailed: bool) -> dict[str, int]:
    """Return at which place each column stands.

    Raises:
        RosterUnreadable: there is no column of labels, one that is not known, or one twice.
    """
    names = [cell.strip().lower() for cell in header]
    known = ", ".join(columns)
    if "label" not in names:
        raise RosterUnreadable(1, f"the first line names no column “label”; the columns are {known}")
    if mailed and MAILBOX not in names:
        raise RosterUnreadable(1, f"the first line names no column “{MAILBOX}”; the columns are {known}")
    others = [name for name in names if name not in columns]
    if others:
        raise RosterUnreadable(
            1, f"there is a column {_shown(others[0])}; take it away, the columns are {known}"
        )
    if len(set(names)) != len(names):
        raise RosterUnreadable(1, "a column is named twice")
    return {name: place for place, name in enumerate(names)}


def _line(number: int, cells: Sequence[str], places: dict[str, int]) -> RosterLine | RosterProblem:
    """Read one record; return what is wrong with it where something is."""
    if len(cells) > len(places):
        return RosterProblem(number, f"there are more cells ({len(cells)}) than columns ({len(places)})")
    said = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
    mailbox = normalised(said.get(MAILBOX, ""))
    lacking = _lacking(said, mailbox)
    if lacking is not None:
        return RosterProblem(number, lacking)
    if any(map(_UNSEEN.search, said.values())):
        return RosterProblem(number, "there is a line break, a tab or a control character in a cell")
    if len(said["label"]) > LONGEST_LABEL or len(said.get("source", "")) > LONGEST_SOURCE:
        return RosterProblem(number, f"a label or source has more than {LONGEST_LABEL} characters")
    role = said.get("role", "").lower()
    if role and role not in set(Role):
        return RosterProblem(number, f"{_shown(role)} is no role; the roles are {', '.join(Role)}")
    return RosterLine(
        number,
        said["label"],
        said.get("language") or None,
        Role(role) if role else None,
        said.get("source") or None,
        mailbox,
    )


def _lacking(said: dict[str, str], mailbox: str | None) -> str | None:
    """Return what a record lacks, its address having been read as `mailbox`; None where it has all that it needs."""
    if not said["label"]:
        return "there is no label"
    if MAILBOX in said and mailbox is None:
        return "there is no e-mail address, or one that no mail can go to"
    return None


def _repeated(lines: Sequence[RosterLine]) -> Iterator[RosterProblem]:
    """Yield a problem for each line whose label stood before: who is in the list twice would get two links."""
    first: dict[str, int] = {}
    for one in lines:
        before = first.setdefault(one.label.casefold(), one.line)
        if before != one.line:
            yield RosterProblem(one.line, f"the label of line {before} is there again")


def _mailed_twice(lines: Sequence[RosterLine]) -> Iterator[RosterProblem]:
    """Yield a problem for each line whose address stood before: nobody is to get two invitations."""
    first: dict[str, int] = {}
    for one in lines:
        before = one.line if one.mailbox is None else first.setdefault(one.mailbox, one.line)
        if before != one.line:
            yield RosterProblem(one.line, f"the address of line {before} is there again")


def _shown(text: str) -> str:
    """Return a text of the file for a sentence: short, and in quotation marks."""
    plain = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return f"“{plain[:40]}{'…' if len(plain) > 40 else ''}”"  # noqa: PLR2004 - letters of a sentence
