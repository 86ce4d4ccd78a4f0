"""What two coders found in people's words stands in the loop, beside what people picked."""

from storage.export.measures.coded import coded_by_two
from storage.export.measures.loop import loop_table
from storage.export.measures.registry import LOOP_TABLES
from tests.support.coding_rows import words_to_code


def test_what_two_coded_counts_people_and_what_one_coded_nobody() -> None:
    """Two passages of one person are one person; a parent has its parts' people; open disagreement is left out."""
    with words_to_code() as rows:
        rows.both("1", "feet", "feet")
        rows.both("2", "body wait", "body wait")
        rows.both("3", "worry", "wait")
        rows.code("ANNA", "4", "worry")
        slug = rows.connection.exec_driver_sql("SELECT slug FROM program").scalar_one()
        people = {"body": {1}, "feet": {1}, "wait": {1}, "worry": set()}
        assert coded_by_two(rows.connection, slug) == people
        [table] = LOOP_TABLES
        found = {
            str(row[0]): row[table.columns.index("raised_coded")]
            for row in table.count(rows.connection, slug)
        }
        assert found["body"] == 1


def test_without_a_codebook_nothing_is_said() -> None:
    """Empty is not nought: nobody coded."""
    with words_to_code() as rows:
        rows.connection.exec_driver_sql("DELETE FROM codebook")
        slug = rows.connection.exec_driver_sql("SELECT slug FROM program").scalar_one()
        assert coded_by_two(rows.connection, slug) is None
        table = loop_table(coded_by_two)
        at = table.columns.index("raised_coded")
        assert {row[at] for row in table.count(rows.connection, slug)} == {None}
