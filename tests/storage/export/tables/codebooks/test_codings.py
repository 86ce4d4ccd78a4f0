"""What two coders gave the same words is exported, each with their code; what one alone gave is nobody's to see."""

from datetime import timedelta

from storage.coding import settlements
from storage.export.tables.codebooks.codings import COLUMNS, SETTLED, codings
from storage.export.tables.table import ExportSelection
from tests.support.coding_rows import CodingRows, words_to_code
from tests.support.export_rows import NOW

TOLD = ("words_of", "words_number", "coder", "given_code", "settled_because")
EVERYTHING = ExportSelection()


def rows_of(rows: CodingRows, selection: ExportSelection = EVERYTHING) -> list[dict[str, object]]:
    """The rows of the table, by column."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in codings(rows.connection, selection).rows]


def test_each_code_of_each_coder_and_what_was_settled():
    """A coder who found that none fits has a row without a code; words come redacted."""
    with words_to_code() as rows:
        number = rows.both("1", "feet worry", "")
        why = frozenset({"feet"}), "It is of feet"
        settlements.settle(rows.connection, 1, number, why, by=(rows.coder("CLEO"), NOW))
        rows.both("k1", "body", "body")
        found = rows_of(rows)
    told = [tuple(one[name] for name in TOLD) for one in found]
    assert told == [
        ("answer", 1, "ANNA", "feet", None),
        ("answer", 1, "ANNA", "worry", None),
        ("answer", 1, "BERT", None, None),
        ("answer", 1, SETTLED, "feet", "It is of feet"),
        ("commitment", 1, "ANNA", "body", None),
        ("commitment", 1, "BERT", "body", None),
    ]
    assert found[0]["excerpt_words"] == "My feet were numb; ring [phone] and ask for me."
    assert (found[0]["program"], found[0]["role"], found[0]["question_key"]) == ("mm", "patient", "a1")


def test_what_one_coder_gave_stays_unseen():
    """The other must not learn it from an export before they have coded the words themselves."""
    with words_to_code() as rows:
        rows.code("ANNA", "1", "feet")
        assert rows_of(rows) == []
        rows.code("BERT", "1", "feet")
        assert len(rows_of(rows)) == 2


def test_a_selection():
    """By program, and by when the conversation began; whoever left is not there."""
    with words_to_code() as rows:
        rows.both("1", "feet", "feet")
        rows.both("3", "wait", "wait")
        later = ExportSelection(since=NOW + timedelta(hours=2))
        assert {one["words_number"] for one in rows_of(rows, later)} == {3}
        assert rows_of(rows, ExportSelection(program="other")) == []
        rows.agrees(1, 1, granted=False)
        assert {one["words_number"] for one in rows_of(rows)} == {3}
