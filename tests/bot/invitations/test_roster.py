"""A roster: what spreadsheets write is read, and whatever is wrong with a file is told by its line."""

import codecs

import pytest

from bot.invitations.roster import MOST_BYTES, MOST_LINES, RosterLine, read_roster
from flows.script.roles import Role

GOOD = "label,language,role,source\nAnn,de,patient,Ward 3\nBob,,,\n"
READ = (RosterLine(2, "Ann", "de", Role.PATIENT, "Ward 3"), RosterLine(3, "Bob"))


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        codecs.BOM_UTF8 + GOOD.encode(),
        codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("label", " Label ").encode(),
        (GOOD + ",,,\n").encode(),
    ],
    ids=["utf-8", "mark", "utf-16-le", "utf-16-be", "semicolons", "tabs", "crlf", "spaces", "empty line"],
)
def test_what_spreadsheets_write_is_read(content):
    """In each encoding that says what it is, split at any of the usual signs."""
    read = read_roster(content)
    assert (read.lines, read.problems) == (READ, ())


@pytest.mark.parametrize(
    "label",
    [
        "=1+1",
        "+43 1 234",
        "-5",
        "@home",
        "'; DROP TABLE invitation; --",
        "<script>alert(1)</script>",
        "عائشة",
        "{{ 7*7 }}",
    ],
)
def test_a_label_is_what_it_is(label):
    """What a spreadsheet would run, or a page show as markup, is a label like any other here."""
    assert read_roster(f'label\n"{label}"\n'.encode()).lines == (RosterLine(2, label),)


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 0, "empty"),
        (b" \n\n", 0, "empty"),
        (codecs.BOM_UTF8, 0, "empty"),
        (b"label\n", 0, "nobody"),
        (b"Ann\nBob\n", 1, "no column"),
        (b"label,email\nAnn,a@b.example\n", 1, "take it away"),
        (b"label,label\nAnn,Bob\n", 1, "twice"),
        (b"label\nAnn\nann \n", 3, "line 2 is there again"),
        (b"label,role\nAnn,patient\n,hcp\n", 3, "no label"),
        (b"label,role\nAnn,doctor\n", 2, "is no role"),
        (b"label\nAnn,Bob\n", 2, "more cells"),
        (b'label\nAnn\n"Bob\nCat\n', 3, "not closed"),
        (b'label\n"Ann"b\n', 2, "not closed, or stands inside"),
        (b'label\n"Ann\nBob"\n', 2, "line break"),
        (b'label\n"Ann\tBob"\n', 2, "tab"),
        (b"label\nA\x1b[31m\n", 2, "control character"),
        ("label\nAnn\u202e\n".encode(), 2, "control character"),
        (b"label\nAnn\nB\x00b\n", 3, "NUL"),
        (GOOD.encode("utf-16-le"), 1, "NUL"),
        ("label\nAnn\nJosé\n".encode("latin-1"), 3, "not in UTF-8"),
        (codecs.BOM_UTF16_LE + b"label"[:3], 1, "not in UTF-8"),
        (b"PK\x03\x04" + bytes(100), 0, "workbook"),
        (b"label\n" + b"x" * 201 + b"\n", 2, "more than 200"),
        (b"label\n" + b"x" * 200_000 + b"\n", 2, ""),
        (b"label\n" + b"Ann\n" * (MOST_BYTES // 4), 0, "1 MB"),
        (b"label\n" + bytes(50_000_000), 0, "1 MB"),
        (b"label\n" + b"".join(b"%d\n" % one for one in range(100_000)), MOST_LINES + 2, "10,000"),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_what_is_wrong_is_told_by_its_line(content, line, told):
    """Each way in which a file can be no roster has one clear problem, and the reader never raises."""
    problems = read_roster(content).problems
    assert [(one.line, told in one.what) for one in problems] == [(line, True)], problems


def test_every_bad_line_is_told():
    """Not only the first: a file is mended once."""
    read = read_roster(b"label,role\n,hcp\nAnn,doctor\nBob,hcp\nbob,hcp\n")
    assert [one.line for one in read.problems] == [2, 3, 5]
    assert [one.label for one in read.lines] == ["Bob", "bob"]
