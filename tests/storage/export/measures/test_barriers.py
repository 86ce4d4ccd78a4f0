"""Barriers foreseen and met, clinician by clinician."""

from storage.export.measures.barriers import BARRIERS
from tests.support.coding_rows import words_to_code


def test_none_is_no_barrier() -> None:
    """Who foresaw or met none is in no row; the others are counted."""
    with words_to_code() as rows:
        rows.connection.exec_driver_sql(
            'UPDATE commitment SET confirmed = 1, foreseen_barriers = \'["none", "time"]\''
        )
        slug = rows.connection.exec_driver_sql("SELECT slug FROM program").scalar_one()
        found = {row[0]: row[1:3] for row in BARRIERS.count(rows.connection, slug)}
    assert found == {"time": (1, 0)}
