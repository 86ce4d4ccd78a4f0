"""Cuts that were handed out are kept as they were shown, and the next one does not tell more beside them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.outcomes.cohort import EVERYBODY, CohortSpan, cohort_connection, joined_people
from storage.outcomes.cuts import (
    CutError,
    CutRecord,
    CutRefused,
    CutResult,
    again,
    hand_out,
    handed_out,
    prepare_cut,
    prepare_export_cut,
)
from storage.schema import AUDIT_EVENT, SUPPORTER_CUT, AuditKind, CutKind
from tests.support import earlier_database

PROGRAM = "myeloma"
NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a program with some eighty people."""
    path = earlier_database.make(tmp_path_factory.mktemp("cuts") / "said.sqlite")
    Database.open(path, identity=AddressKeys(earlier_database.TEST_KEY)).close()
    return path.read_bytes()


@pytest.fixture
def database(made: bytes, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "said.sqlite"
    path.write_bytes(made)
    with Database.open(path, identity=AddressKeys(earlier_database.TEST_KEY)) as found:
        yield found


def prepared(database: Database, span: CohortSpan = EVERYBODY) -> CutResult | CutRefused:
    with cohort_connection(database, PROGRAM, span) as connection:
        return prepare_cut(connection, PROGRAM, span, now=NOW)


def handed(database: Database, cut: CutResult | CutRefused, day: int = 0) -> CutResult:
    assert isinstance(cut, CutResult), str(cut)
    found = database.write_now(lambda c: hand_out(c, cut, now=NOW + timedelta(days=day), by=1))
    assert isinstance(found, CutResult)
    return found


def patients_come(database: Database, count: int) -> None:
    """So many more come in by no link, finish nothing and say nothing."""

    def come(connection: sa.Connection) -> None:
        for _ in range(count):
            number = connection.exec_driver_sql(
                "INSERT INTO participant (code, role, status, created_at) SELECT 'P-' || max(id), 'patient', 'active',"
                " '2026-09-10 13:00:00.000000' FROM participant"
            ).lastrowid
            connection.exec_driver_sql(
                "INSERT INTO enrollment (program_id, participant_id, invitation_id, enrolled_at)"
                " SELECT 1, ?, max(id), '2026-09-10 13:00:00.000000' FROM invitation"
                " WHERE role = 'patient' AND flow = 'patient_interview'",
                (number,),
            )

    database.write_now(come)


def audited(database: Database) -> list[str]:
    query = sa.select(AUDIT_EVENT.c.details).where(AUDIT_EVENT.c.kind == AuditKind.EXPORT)
    return [text for text in database.read_now(lambda c: list(c.scalars(query))) if '"cut"' in text]


def test_the_same_cut_of_unchanged_data_is_the_same(database: Database):
    """It has the same hash, keeps its number, and is told of in the audit trail each time."""
    first = handed(database, prepared(database))
    second = handed(database, prepared(database), day=30)
    assert (first.number, first.hash, first.tables[0].rows) == (
        second.number,
        second.hash,
        second.tables[0].rows,
    )
    assert second.handed_at == NOW
    [record] = database.read_now(lambda c: handed_out(c, PROGRAM))
    assert (record.number, record.kind, record.span, record.hash) == (
        1,
        CutKind.REPORT,
        EVERYBODY,
        first.hash,
    )
    assert record.handed_by is not None
    assert all(f'"by":"{record.handed_by}"' in text for text in audited(database))
    assert len(audited(database)) == 2
    assert all(first.hash in text for text in audited(database))


def test_a_cut_beside_which_a_few_would_be_told_is_refused(database: Database):
    """Two more patients; the earlier cut can be handed out again as it was. Of five none finished."""
    first = handed(database, prepared(database))
    assert "people/patient/patient_interview" in first.cells, "else this proves nothing"
    patients_come(database, 2)
    refused = prepared(database)
    assert isinstance(refused, CutRefused)
    assert [one.number for one in refused.earlier] == [1]
    assert "people/patient/patient_interview" in refused.places
    assert "hand out cut 1 again" in str(refused)
    kept = database.read_now(lambda c: again(c, PROGRAM, 1))
    assert kept.hash == first.hash
    assert [one.rows for one in kept.tables] == [one.rows for one in first.tables]
    assert [one.table.columns for one in kept.tables] == [one.table.columns for one in first.tables]
    assert handed(database, kept, day=9).number == 1
    patients_come(database, 3)
    refused = prepared(database)
    assert isinstance(refused, CutRefused)
    assert "people/patient/patient_interview" not in refused.places
    assert "people/patient/patient_interview/finished" in refused.places


def test_days_between_which_nobody_joined_are_one(database: Database):
    """The earlier cut is of everybody; another first day, before the first who joined, does not hide the last two."""
    handed(database, prepared(database))
    with database.reading() as connection:
        moments = joined_people(connection, PROGRAM).moments
    begin = moments[0].date()
    wider = CohortSpan(begin - timedelta(days=3), date(2026, 9, 12))
    assert isinstance(prepared(database, wider), CutResult)
    patients_come(database, 2)
    assert isinstance(prepared(database, wider), CutRefused)


def test_another_cut_that_was_handed_out_meanwhile_counts(database: Database):
    """What is handed out is compared again in the transaction that keeps it."""
    early = prepared(database)
    patients_come(database, 2)
    handed(database, prepared(database))
    assert isinstance(early, CutResult)
    found = database.write_now(lambda c: hand_out(c, early, now=NOW))
    assert isinstance(found, CutRefused)
    assert len(database.read_now(lambda c: handed_out(c, PROGRAM))) == 1


def test_a_cut_is_of_those_who_had_joined_when_it_was_counted(database: Database):
    """Not of who joined until it was kept: they are newcomers beside it."""
    with database.reading() as connection:
        before = len(joined_people(connection, PROGRAM).people)
    early = prepared(database)
    patients_come(database, 5)  # an hour later
    handed(database, early, day=1)
    [record] = database.read_now(lambda c: handed_out(c, PROGRAM))
    assert record.handed_at == NOW
    with database.reading() as connection:
        assert joined_people(connection, PROGRAM).stretch(record.span, record.handed_at) == (0, before)


def test_who_joins_in_another_role_changes_nothing_of_a_tree(database: Database):
    """Ten patients who say nothing: the clinicians' cells are those of the same people, counted twice."""
    first = handed(database, prepared(database))
    root = "commitments/spring"
    place = f"{root}/responded/full"
    kept = {root: (60, 60, 1), place: (20, 20, 1), f"{root}/other": (8, 8, 1)}

    def keep(connection: sa.Connection) -> None:
        connection.execute(
            SUPPORTER_CUT.update().values(shown_cells={one: [*cell] for one, cell in kept.items()})
        )

    database.write_now(keep)
    patients_come(database, 10)
    risen = {**kept, root: (70, 70, 1), place: (30, 30, 1)}
    later = replace(first, number=None, kind=CutKind.EXPORT, cells=risen)
    assert isinstance(database.write_now(lambda c: hand_out(c, later, now=NOW)), CutResult)
    few = replace(later, cells={**risen, place: (32, 32, 1)})
    assert isinstance(database.write_now(lambda c: hand_out(c, few, now=NOW)), CutRefused)


def test_a_span_that_leaves_a_few_is_refused(database: Database):
    """Everybody, and then everybody who joined before a day after which only two did."""
    patients_come(database, 2)
    handed(database, prepared(database))
    refused = prepared(database, CohortSpan(until=date(2026, 9, 10)))
    assert isinstance(refused, CutRefused)


def test_nothing_of_a_person_is_kept(database: Database):
    """The row holds what was shown, the numbers of people behind it, and no code of anybody."""
    first = handed(database, prepared(database))
    row = database.read_now(lambda c: c.execute(sa.select(SUPPORTER_CUT)).one())
    text = repr((row.shown_tables, row.shown_cells))
    codes = database.read_now(lambda c: list(c.exec_driver_sql("SELECT code FROM participant").scalars()))
    assert not [code for code in codes if code in text]
    assert all(n >= people >= 5 for n, people, _ in row.shown_cells.values())
    assert row.shown_cells == {place: list(cell) for place, cell in first.cells.items()}
    assert "participant" not in text


def test_an_export_for_supporters_is_compared_too(database: Database):
    """Its numbers are those of the report: the same ones tell nothing beside it."""
    handed(database, prepared(database))
    with database.reading() as connection:
        found = prepare_export_cut(connection, PROGRAM, now=NOW)
    cut = handed(database, found)
    assert (cut.number, cut.kind) == (2, CutKind.EXPORT)
    with pytest.raises(CutError, match="no report"):
        database.read_now(lambda c: again(c, PROGRAM, 2))


@pytest.mark.parametrize(
    "ask", [handed_out, lambda c, p: prepare_export_cut(c, p, now=NOW), lambda c, p: again(c, p, 1)]
)
def test_an_unknown_program_is_refused(database: Database, ask: Any):
    """By its name."""
    with pytest.raises(CutError, match="no programme 'nope'"):
        database.read_now(lambda c: ask(c, "nope"))


def test_a_table_of_another_version_is_shown_as_it_was(database: Database):
    """A column that is not known any more keeps its name and its numbers."""
    handed(database, prepared(database))

    def rename(connection: sa.Connection) -> None:
        tables = list(connection.execute(sa.select(SUPPORTER_CUT.c.shown_tables)).scalar_one())
        tables[0]["columns"][0] = "of_before"
        connection.execute(SUPPORTER_CUT.update().values(shown_tables=tables))

    database.write_now(rename)
    kept = database.read_now(lambda c: again(c, PROGRAM, 1)).tables[0]
    assert "of_before" in kept.table.columns
    assert all(len(row) == len(kept.table.columns) for row in kept.rows)


@pytest.mark.parametrize(
    ("earlier", "kind", "remedy"),
    [
        (
            CutKind.REPORT,
            CutKind.REPORT,
            "hand out cut 3 again as it was, take a longer span of days, or wait",
        ),
        (CutKind.REPORT, CutKind.EXPORT, "hand out cut 3 again as it was, or wait"),
        (
            CutKind.EXPORT,
            CutKind.REPORT,
            "files that were kept of cut 3, take a longer span of days, or wait",
        ),
        (CutKind.EXPORT, CutKind.EXPORT, "files that were kept of cut 3, or wait"),
    ],
)
def test_a_remedy_can_be_followed(earlier: CutKind, kind: CutKind, remedy: str):
    """An export cannot be made again as it was, nor of other days."""
    record = CutRecord(3, earlier, EVERYBODY, NOW, None, "")
    assert remedy in CutRefused(PROGRAM, kind, (record,), ("people",)).remedy
