"""Promises of `said code` in a terminal: one excerpt after the other, codes as typed, suggestions that stay such."""

from collections import deque
from datetime import UTC, datetime

import pytest

from bot.cli.coding import codings, session
from bot.cli.coding.session import CodingSession, typed
from flows.heavy_packages import PackageMissing
from storage.people.coordinators import CoordinatorRecord
from tests.support.coding_rows import BOOK, CodingRows, words_to_code

LINE = "Codes, [none], [list], [skip], [quit], ?CODE: "


class OneTransaction:
    """Stands in for a database: all is read and written by one connection."""

    def __init__(self, rows: CodingRows) -> None:
        self.rows = rows

    def read_now(self, work):
        return work(self.rows.connection)

    write_now = read_now


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def play(rows: CodingRows, coder: str, *replies: str) -> CodingSession:
    """Type these replies, each at the same question, and quit when there are no more."""
    waiting = deque(replies)

    def ask(question: str) -> str:
        assert question == LINE
        return waiting.popleft() if waiting else "quit"

    who: CoordinatorRecord = rows.coder(coder)
    made = CodingSession(OneTransaction(rows), who, 1, BOOK, ask, lambda: datetime(2026, 4, 1, tzinfo=UTC))
    made.run()
    assert not waiting
    return made


def given(rows: CodingRows, coder: str) -> dict[str, list[str]]:
    """What a coder gave, by source."""
    return {
        str(one.text.source): sorted(each.codes)
        for one in codings.excerpts.coded_texts(rows.connection, 1)
        for each in one.codings
        if each.coder == coder
    }


def test_codes_by_name_and_number(rows, capsys):
    """With spaces or commas; none fits; what is skipped waits; the end is told."""
    play(rows, "ANNA", "body, wait", "3 FEET", "none", "s", "q")
    assert given(rows, "ANNA") == {"1": ["body", "wait"], "2": ["feet", "wait"], "3": []}
    shown = capsys.readouterr().out
    assert "ring [phone]" in shown
    assert "7946" not in shown
    assert "P-7K3" not in shown
    assert "Coded: 3. 2 excerpts still waiting for you." in shown


def test_what_is_suggested_is_marked_and_not_kept(rows, capsys):
    """An excerpt that is skipped has no code, whatever was suggested."""
    play(rows, "ANNA", "skip")
    assert given(rows, "ANNA") == {}
    assert rows.count("coding") == rows.count("excerpt") == 0
    assert "suggested, no coding" in capsys.readouterr().out


def test_slips_and_questions_come_back(rows, capsys):
    """A misspelt code, nothing at all, a code's meaning and the list: the same excerpt is asked again."""
    play(rows, "ANNA", "bdoy", "", "?body", "?1", "?nope", "list", "body", "q")
    assert given(rows, "ANNA") == {"1": ["body"]}
    shown = capsys.readouterr().out
    assert "'bdoy' is no code. did you mean 'body'?" in shown
    assert "Name a code, or say none, skip or quit." in shown
    assert shown.count("numb*") >= 2


def test_two_sessions_are_blind(rows, capsys):
    """The second coder is shown nothing of the first one's codes."""
    play(rows, "ANNA", "worry", "q")
    capsys.readouterr()
    play(rows, "BERT", "wait", "q")
    shown = capsys.readouterr().out
    assert "ANNA" not in shown
    assert [one for one in shown.splitlines() if one.startswith("suggested") and "worry" in one] == []
    assert given(rows, "BERT") == {"1": ["wait"]}


def test_an_excerpt_that_two_coded_meanwhile_is_passed_over(rows, capsys):
    """It says so, and the next one comes."""
    made = deque(["body", "quit"])

    def ask(_question: str) -> str:
        if len(made) == 2:
            rows.both("1", "wait", "wait")
        return made.popleft()

    session_of = CodingSession(
        OneTransaction(rows), rows.coder("CLEO"), 1, BOOK, ask, lambda: datetime.now(UTC)
    )
    session_of.run()
    assert "cannot be given any more" in capsys.readouterr().out
    assert given(rows, "CLEO") == {}


def test_nothing_waits(rows, capsys):
    """The session ends by itself."""
    rows.connection.exec_driver_sql("DELETE FROM consent")
    play(rows, "ANNA")
    assert "0 excerpts waiting for ANNA" in capsys.readouterr().out


def test_without_scikit_learn(rows, capsys, monkeypatch):
    """Words of the codebook go on suggesting; that likeness cannot is said once."""

    def missing(*_arguments: object) -> object:
        raise PackageMissing("no")

    monkeypatch.setattr(codings, "proposed_by_likeness", missing)
    play(rows, "ANNA", "skip", "skip", "quit")
    shown = capsys.readouterr().out
    assert shown.count("pip install scikit-learn") == 1
    assert "the word 'numb*'" in shown


def test_a_terminal_that_is_closed(monkeypatch):
    """It ends the session; what was kept is kept."""

    def closed(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr(session, "input", closed, raising=False)
    assert typed("?") == "quit"
