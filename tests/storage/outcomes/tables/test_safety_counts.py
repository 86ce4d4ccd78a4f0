"""Safety cases by kind and month, with every month in which there was none."""

from datetime import UTC, datetime, timedelta

from storage.export.tables.safety import safety_case_counts
from storage.export.tables.table import ExportSelection
from storage.outcomes.tables.safety_counts import months, safety_table
from storage.schema import SafetyKind, SafetyStatus
from tests.support.export_rows import NOW
from tests.support.report_rows import put_in_everything, small_report


def test_zeros_are_told() -> None:
    """Every kind has every month from the first person to the report, and the whole time."""
    with small_report() as rows:
        put_in_everything(rows)
        found = rows.rows(safety_table(datetime(2026, 6, 1, tzinfo=UTC)))
    span = ["(all)", "2026-03", "2026-04", "2026-05", "2026-06"]
    assert list(found) == [(kind.value, month) for kind in SafetyKind for month in span]
    assert {row["cases"] for (kind, _), row in found.items() if kind != "adverse_event"} == {0}


def test_by_what_became_of_them() -> None:
    """Settled by its hour is in time, after it late; an open one is overdue from its hour on."""
    opened = NOW + timedelta(days=40)
    with small_report() as rows:
        put_in_everything(rows)
        tables = [safety_table(now) for now in (None, opened, opened + timedelta(days=1))]
        overdue = [rows.rows(table)["adverse_event", "(all)"]["overdue"] for table in tables]
        found = rows.rows(tables[-1])
    assert overdue == [None, 0, 1]
    columns = ("cases", "new", "sent", "not_an_event", "in_time", "late", "overdue")
    assert [found["adverse_event", "2026-03"][name] for name in columns] == [1, 0, 1, 0, 1, 0, 0]
    assert [found["adverse_event", "2026-04"][name] for name in columns] == [2, 1, 0, 1, 0, 1, 1]
    assert [found["adverse_event", "(all)"][name] for name in columns] == [3, 1, 1, 1, 1, 1, 1]


def test_it_says_what_the_reconciliation_says() -> None:
    """The whole time has the numbers of `said safety reconcile`, kind by kind."""
    now = NOW + timedelta(days=60)
    with small_report() as rows:
        put_in_everything(rows)
        table = rows.rows(safety_table(now))
        counts = safety_case_counts(rows.connection, ExportSelection("p"), now)
    assert len(counts) == len(SafetyKind)
    for one in counts:
        row = table[one.kind, "(all)"]
        names = ("cases", "overdue", "sent", "acknowledged", "not_an_event", "cleared")
        assert [row[name] for name in names] == [getattr(one, name) for name in names]
        assert (row["new"] or row["reviewing"]) == one.open


def test_a_program_without_anybody_has_no_month() -> None:
    """What is told is the whole time, of each kind, nought."""
    with small_report() as rows:
        found = rows.rows(safety_table())
    assert list(found) == [(kind.value, "(all)") for kind in SafetyKind]


def test_a_case_outside_of_all_conversations_counts() -> None:
    """Its month is there although nobody is."""
    with small_report() as rows:
        rows.case(SafetyKind.DISTRESS, SafetyStatus.CLEARED, NOW, settled_at=NOW)
        assert rows.rows(safety_table())["distress", "2026-03"]["in_time"] == 1


def test_months_go_over_the_year() -> None:
    """Both ends are included, by the clock of UTC."""
    first, last = datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert list(months(first, last)) == ["2026-11", "2026-12", "2027-01"]
    assert list(months(last, first)) == []
