"""The journal's lines hold together: a torn last one is dropped, a changed one is found, and its key can be changed."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from flows.script.roles import Purpose
from storage.database.address_keys import AddressKeys
from storage.database.journal import Journal, JournalEntry, copy_journal, journal_path, opened_by
from storage.errors import JournalUnreadable, KeyWrong
from storage.schema import JournalKind

KEY, OTHER = AddressKeys(bytes(32)), AddressKeys(bytes([1]) * 32)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEGIN = JournalEntry(JournalKind.BEGIN, AT, "0:00")


def entry(who: str = "") -> JournalEntry:
    return JournalEntry(JournalKind.STOP, AT, "1:00", who=who)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal with three people in it."""
    made = Journal.begin(journal_path(tmp_path / "said.sqlite"), KEY, BEGIN)
    made.append([entry("a"), entry("b")])
    made.append([entry("c")])
    return made


def people(journal: Journal) -> list[str]:
    return [one.who for one in journal.read().entries[1:]]


def test_what_was_appended_is_read(journal: Journal) -> None:
    """In its order, numbered from 1, by another process too; nobody else may read the file."""
    again = Journal.open(journal.file, KEY)
    assert people(again) == ["a", "b", "c"]
    assert [one.number for one in again.read().entries] == [1, 2, 3, 4]
    assert stat.S_IMODE(journal.file.stat().st_mode) == 0o600
    assert [file.name for file in journal.file.parent.iterdir()] == ["said.sqlite.journal"]


def test_hashes_are_of_this_journal_alone(journal: Journal, tmp_path: Path) -> None:
    """The same word has another hash in another journal, and as another kind of thing."""
    other = Journal.begin(tmp_path / "other.journal", KEY, BEGIN)
    assert journal.hash_of("x", "word") == Journal.open(journal.file, KEY).hash_of("x", "word")
    assert journal.hash_of("x", "word") != other.hash_of("x", "word")
    assert journal.hash_of("x", "word") != journal.hash_of("y", "word")


LINE = b'{"kind":"stop","at":"2026-03-02T09:00:00Z","audit":"1:00","who":"d","number":5} 00\n'


AFTER = LINE.replace(b'"d","number":5', b'"e","number":6')
"""Another line of the same append."""
MANY = b"".join(LINE.replace(b'"d","number":5', b'"d","number":%d' % number) for number in range(5, 65))
"""What one append of several pages wrote."""
TORN = [
    LINE[:-1],
    LINE[:20],
    b"\0" * 80,
    b"\0" * 40 + LINE[40:],
    b"{",
    b"\0" * 4_096,
    LINE[:30] + b"\0" * 8_192,
    LINE[:30] + b"\0" * 30 + LINE[60:] + AFTER,
    b"\0" * 40 + LINE[40:] + AFTER + b"\0" * 5_000,
    b"\0" * 4_096 + MANY[4_096:],
    MANY[:30] + b"\0" * 4_096 + MANY[4_126:],
]


@pytest.mark.parametrize("torn", TORN)
def test_a_torn_last_line_is_dropped(journal: Journal, torn: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Cut off anywhere, or zeros where a disk lost power: all before it is read, and the next line takes its place.

    A file that was made longer, and not written to, ends in a page of zeros, or in more.
    """
    journal.file.write_bytes(journal.file.read_bytes() + torn)
    reading = journal.read()
    assert (reading.broken, reading.is_torn, len(reading.entries)) == (None, True, 4)
    journal.append([entry("e")])
    assert people(journal) == ["a", "b", "c", "e"]
    assert journal.read().is_torn is False
    assert [one.getMessage() for one in caplog.records] == [
        f"the journal's last {len(torn)} bytes were cut off while they were written, and are dropped"
    ]


@pytest.mark.parametrize("first", [0, 50, 2_000])
def test_an_append_of_several_pages_of_which_one_was_not_written_is_dropped(
    journal: Journal, first: int
) -> None:
    """Its last lines hold, and hide nothing: what the next process appends is read, behind all that was sound."""
    before = journal.file.stat().st_size
    journal.append([entry(str(number)) for number in range(60)], was_read=True)
    text = bytearray(journal.file.read_bytes())
    assert len(text) - before > 4_096 + first
    text[before + first : before + first + 4_096] = bytes(4_096)
    journal.file.write_bytes(text)
    sound = people(journal)
    assert journal.read()[1:] == (None, True)
    Journal.open(journal.file, KEY).append([entry("e"), entry("f")])
    Journal.open(journal.file, KEY).append([entry("g")], was_read=True)
    assert journal.read()[1:] == (None, False)
    assert people(journal) == [*sound, "e", "f", "g"]
    assert sound[:3] == ["a", "b", "c"]


def test_zeros_before_lines_that_were_acknowledged_are_damage(journal: Journal) -> None:
    """What follows was written later, and somebody was answered: it is not dropped."""
    later = AFTER.replace(b"1:00", b"2:00")
    journal.file.write_bytes(journal.file.read_bytes() + b"\0" * 40 + LINE[40:] + AFTER + later)
    assert journal.read()[1:] == (5, False)
    with pytest.raises(JournalUnreadable):
        journal.append([entry("e")])


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_line_that_is_cut_anywhere_is_torn(journal: Journal, cut: int) -> None:
    """However much of the last line is missing, all before it is read."""
    journal.file.write_bytes(journal.file.read_bytes()[:-cut])
    assert journal.read()[1:] == (None, True)
    assert people(journal) == ["a", "b"]


def test_a_forged_last_line_is_told_from_a_torn_one(journal: Journal) -> None:
    """A whole line whose MAC is not right was written by nobody of ours: nothing is appended to it."""
    journal.file.write_bytes(journal.file.read_bytes() + LINE)
    assert journal.read()[1:] == (5, False)
    with pytest.raises(JournalUnreadable):
        journal.append([entry("e")])


@pytest.mark.parametrize("place", range(1, 5))
@pytest.mark.parametrize("how", ["changed", "taken out", "twice", "torn"])
def test_a_line_that_was_changed_is_found(journal: Journal, place: int, how: str) -> None:
    """Changed, taken out, repeated or torn in the middle: what stands before it is read, and no more."""
    lines = journal.file.read_bytes().splitlines(keepends=True)
    line = lines[place]
    new = {
        "changed": [line.replace(b"2026", b"2027")],
        "taken out": [],
        "twice": [line, line],
        "torn": [line[:30] + b"\n"],
    }[how]
    journal.file.write_bytes(b"".join([*lines[:place], *new, *lines[place + 1 :]]))
    reading = journal.read()
    if how == "taken out" and place == 4:  # of a tail that was cut off whole nothing tells
        assert reading[1:] == (None, False)
        return
    assert reading.broken == place + (how == "twice")
    assert len(reading.entries) == reading.broken - 1


def test_a_new_identity_key_opens_it(journal: Journal) -> None:
    """Both open it while the key is changed, then the new one alone; hashes and lines stay."""
    before = journal.hash_of("x", "word")
    journal.seal_for(KEY, OTHER)
    assert opened_by(journal.file) == 2
    assert people(Journal.open(journal.file, KEY)) == people(Journal.open(journal.file, OTHER))
    journal.seal_for(OTHER)
    again = Journal.open(journal.file, OTHER)
    assert (again.hash_of("x", "word"), people(again)) == (before, ["a", "b", "c"])
    with pytest.raises(KeyWrong):
        Journal.open(journal.file, KEY)
    assert stat.S_IMODE(journal.file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", [b"", b"{}\n", b"no journal\n", b'{"journal":2,"keys":[]}\n', b'{"journal":1,"keys":["?"]}\n']
)
def test_what_is_no_journal_is_named(tmp_path: Path, text: bytes) -> None:
    """Another file, one of a newer version, and none at all."""
    file = tmp_path / "said.sqlite.journal"
    with pytest.raises(JournalUnreadable):
        Journal.open(file, KEY)
    file.write_bytes(text)
    with pytest.raises(JournalUnreadable):
        Journal.open(file, KEY)


def test_a_copy_has_whole_lines(journal: Journal, tmp_path: Path) -> None:
    """What is being written meanwhile is not in it, and it goes over no other file."""
    journal.file.write_bytes(journal.file.read_bytes() + LINE[:20])
    copy_journal(journal.file, tmp_path / "copy")
    copied = Journal.open(tmp_path / "copy", KEY)
    assert (people(copied), copied.read().is_torn) == (["a", "b", "c"], False)


def test_many_lines_are_chained_over_the_tail_that_is_read(journal: Journal) -> None:
    """Appending again reads the end alone; the chain holds all the same."""
    for number in range(60):
        journal.append([entry(str(number) * 20)], was_read=True)
    assert len(journal.file.read_bytes()) > 8_192
    assert journal.read()[1:] == (None, False)
    assert len(people(journal)) == 63


def test_one_that_was_made_first_is_kept(journal: Journal) -> None:
    """Two processes that begin it at once go on with one."""
    again = Journal.begin(journal.file, KEY, BEGIN)
    assert people(again) == ["a", "b", "c"]


OF_BEFORE = """\
{"journal":1,"keys":["LHbKy72a87dtdq6WOl4XVrsRHvREgEtJV/xyWjejbqQ62pWPx4ojlO0U1KVn+WqmaDc4aV3p0C6vY+YQfBcWgZpJlHmHC4oY"]}
{"kind":"begin","at":"2026-03-02T09:00:00Z","audit":"0:","number":1} cf4e4f71a101a044439b1ffcdb1c9fa1
{"kind":"coordinator","at":"2026-03-02T09:00:00Z","audit":"1:ab","who":"10a0084ecdc445e203dd05e6dc64f2f7","number":2}\
 535a3b30ba748acd86688508c5cafc84
{"kind":"consent","at":"2026-03-02T09:00:00Z","audit":"1:ab","who":"c58d11674c1c9a37d0814516a4e0257b",\
"program":"myeloma","purpose":"take_part","until":"2026-03-02T09:00:00Z","number":3} 14469350ce13047198916d116a5632b3
"""
"""A journal as it was written before lines told of roles, second steps and links."""


def test_a_journal_of_before_reads_on(tmp_path: Path) -> None:
    """Its lines hold, mean what they meant, and are written in the same way today; new kinds are appended to them."""
    file = tmp_path / "said.sqlite.journal"
    file.write_text(OF_BEFORE)
    journal = Journal.open(file, KEY)
    entries = journal.read().entries
    assert [one.kind for one in entries] == [JournalKind.BEGIN, JournalKind.COORDINATOR, JournalKind.CONSENT]
    assert entries[1].who == journal.hash_of("coordinator", "TEAM-1")
    assert entries[2].purpose is Purpose.TAKE_PART
    for one, line in zip(entries, OF_BEFORE.splitlines()[1:], strict=True):
        assert msgspec.json.encode(one).decode() == line.rpartition(" ")[0]
    new = JournalEntry(JournalKind.ROLES, AT, "2:00", who="d", roles=("admin", "safety:myeloma"))
    journal.append([new])
    journal.seal_for(OTHER)
    read = Journal.open(file, OTHER).read()
    assert (read.broken, read.entries[-1]) == (None, replace(new, number=4))
