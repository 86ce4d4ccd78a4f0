"""The sections of the report: all ten in order, and no table in two of them."""

from storage.outcomes.registry import SECTIONS


def test_ten_sections_in_order() -> None:
    """T1 to T10, each with a title and a line that says what it tells."""
    assert [one.id for one in SECTIONS] == [f"T{number}" for number in range(1, 11)]
    for one in SECTIONS:
        assert one.title
        assert one.opening.endswith(".")


def test_no_table_is_in_two_sections() -> None:
    """Every table of the report has its one place."""
    names = [table.name for one in SECTIONS for table in one.tables]
    assert len(names) == len(set(names))
