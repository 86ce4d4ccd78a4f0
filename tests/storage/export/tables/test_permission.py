"""What may be done with words stands beside them, and only beside words that stand themselves."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flows.engine.effects import PromptKind
from storage.export.tables import permission
from storage.export.tables.answers import answers_as_json, answers_long
from storage.export.tables.commitments import commitments
from storage.export.tables.remarks import remarks, remarks_as_json
from storage.export.tables.table import ExportSelection, ExportTable
from storage.export.tables.wide import wide
from storage.schema import ImplementationStatus
from tests.support.export_rows import INTERVIEW as FLOW
from tests.support.export_rows import NOW, Rows, conversation, known_flow, use_of_words

TABLES: list[Callable[[sa.Connection, ExportSelection], ExportTable]] = [
    answers_long,
    answers_as_json,
    remarks,
    remarks_as_json,
]


@pytest.fixture
def rows():
    """Three conversations of a person, who may be quoted in the first; each with words."""
    with known_flow(FLOW) as found:
        for number in (1, 2, 3):
            conversation(found, FLOW, NOW)
            words(found, number)
        use_of_words(found, granted=True)
        yield found


def words(rows: Rows, number: int, **more: Any) -> None:
    """Put an answer and a remark into a conversation."""
    rows.answer(number, "a1", PromptKind.TEXT, "Some words", "Some words", **more)
    plain = {"shown_text": "", "language": "en", "channel": "telegram", "said_at": NOW}
    marks = {"personal": False, "identifiers": False, "unheard": False}
    rows.add("remark", conversation_id=number, number=0, slot="", raw="A remark", **plain, **marks, **more)


def read(table: ExportTable) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def may_quote(rows: Rows, make: Callable[..., ExportTable]) -> list[tuple[int, int]]:
    found = read(make(rows.connection, ExportSelection()))
    return [(row["conversation"], int(row["may_quote"])) for row in found]


@pytest.mark.parametrize("make", TABLES)
@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_each_row_has_its_own(rows: Rows, monkeypatch, make: Callable[..., ExportTable], chunk: int) -> None:
    """However many rows are looked up at once."""
    monkeypatch.setattr(permission, "CHUNK", chunk)
    assert may_quote(rows, make) == [(1, 1), (2, 0), (3, 0)]


@pytest.mark.parametrize("make", TABLES)
@pytest.mark.parametrize("gone", ["superseded_at", "message_deleted_at"])
def test_words_that_do_not_stand(rows: Rows, make: Callable[..., ExportTable], gone: str) -> None:
    """What was corrected, edited or taken back on the platform may not be quoted, beside what may."""
    words(rows, 1, **{gone: NOW})
    assert may_quote(rows, make) == [(1, 1), (1, 0), (2, 0), (3, 0)]


@pytest.mark.parametrize("chunk", [1, 1000])
def test_a_line_of_a_wide_table(rows: Rows, monkeypatch, chunk: int) -> None:
    """One for the conversation; none where a message of it was taken back."""
    monkeypatch.setattr(permission, "CHUNK", chunk)

    def found() -> list[int]:
        return [
            row["may_quote"] for row in read(wide(rows.connection, ExportSelection(), "patient_interview"))
        ]

    assert found() == [1, 0, 0]
    words(rows, 1, message_deleted_at=NOW)
    assert found() == [0, 0, 0]


@pytest.mark.parametrize(("made_in", "reported_in", "free"), [(1, 1, 1), (1, 2, 0), (2, 1, 0), (1, None, 1)])
def test_a_commitment_and_its_report(rows: Rows, made_in: int, reported_in: int | None, free: int) -> None:
    """Words of two conversations stand in the row: both must permit it."""
    whose = {"participant_id": 1, "program_id": 1}
    made = {"slot": "c4", "statement": "Ask first", "foreseen_barriers": [], "made_at": NOW}
    rows.add("commitment", **whose, conversation_id=made_in, **made)
    rows.add("follow_up", commitment_id=1, **whose, wave_days=30, due_at=NOW)
    if reported_in is not None:
        rows.add(
            "implementation",
            commitment_id=1,
            follow_up_id=1,
            conversation_id=reported_in,
            reported_at=NOW,
            late=False,
            status=ImplementationStatus.FULL,
            details={"helped": "a nurse"},
        )
    [row] = read(commitments(rows.connection, ExportSelection()))
    assert row["may_quote"] == free
