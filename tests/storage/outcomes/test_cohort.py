"""A cohort is counted by the same queries, sees nobody else, and leaves nothing behind."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from flows.script.roles import Role
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.errors import DatabaseUnwritable
from storage.export.measures.links import LINKS
from storage.export.measures.reference import query_text
from storage.export.measures.registry import EVERY_TABLE
from storage.export.measures.statuses import IMPLEMENTED_TABLE
from storage.outcomes.cohort import (
    EVERYBODY,
    FILTERS,
    UNFILTERED,
    CohortError,
    CohortSpan,
    cohort_connection,
    everybody_on,
    joined_people,
)
from storage.outcomes.report import WHOLE, ReportRequest, make_report
from storage.schema import METADATA
from tests.support import earlier_database

PROGRAM = "myeloma"
ALL_DAYS = CohortSpan(since=date(2020, 1, 1))
MIDDLE = date(2026, 9, 1)
EARLY, LATE = CohortSpan(until=MIDDLE), CohortSpan(since=MIDDLE)
ABOUT = {
    "participant": "id",
    "conversation": "participant_id",
    "answer": "(SELECT participant_id FROM main.conversation c WHERE c.id = conversation_id)",
    "remark": "(SELECT participant_id FROM main.conversation c WHERE c.id = conversation_id)",
    "implementation": "(SELECT participant_id FROM main.'commitment' c WHERE c.id = commitment_id)",
}
"""Whose a row is, told by other SQL than the filter's; else by its own column."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with something in nearly each table, and a remark."""
    path = earlier_database.make(tmp_path_factory.mktemp("cohort") / "said.sqlite")
    with Database.open(path, identity=AddressKeys(earlier_database.TEST_KEY)) as found:
        found.write_now(add_what_is_rare)
        yield found


def add_what_is_rare(connection: sa.Connection) -> None:
    """A remark, a quotation, and a link that nobody used, made in the later span."""
    talk = connection.exec_driver_sql("SELECT max(id) FROM conversation").scalar_one()
    connection.exec_driver_sql(
        "INSERT INTO remark (conversation_id, number, slot, raw, shown_text, language, channel, said_at, personal,"
        " identifiers, unheard) VALUES (?, 1, '', 'hm', '', 'en', 'telegram', '2026-09-09 10:00:00.000000', 0, 0, 0)",
        (talk,),
    )
    connection.exec_driver_sql(
        "INSERT INTO quotation (answer_id, text, released_by, released_at)"
        " SELECT max(id), 'x', 1, '2026-09-09 10:00:00.000000' FROM answer"
    )
    connection.exec_driver_sql(
        "INSERT INTO invitation (token_hash, program_id, role, flow, source, kind, uses, created_at)"
        " VALUES (x'00', 1, 'patient', 'patient_interview', 'late', 'single', 0, '2026-09-02 10:00:00.000000')"
    )


def counts(database: Database, span: CohortSpan) -> dict[str, int]:
    """How many rows each table has for a span."""
    with cohort_connection(database, PROGRAM, span) as connection:
        return {
            table: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one())
            for table in METADATA.tables
        }


def test_every_table_is_decided_on():
    """A new table is either filtered or said to hold nobody."""
    assert FILTERS.keys() | UNFILTERED == set(METADATA.tables)
    assert not FILTERS.keys() & UNFILTERED


def test_every_table_with_a_participant_is_filtered():
    """A table with a participant's number, or that leads to one that is filtered, is filtered itself."""
    unfiltered = {
        table.name
        for table in METADATA.tables.values()
        if table.name not in FILTERS
        and (
            "participant_id" in table.c or any(key.column.table.name in FILTERS for key in table.foreign_keys)
        )
    }
    assert unfiltered == {"coordinator"}, "where somebody of the team is reached is no participant's"


@pytest.mark.parametrize("span", [EARLY, LATE], ids=["early", "late"])
def test_nobody_else_is_seen(database: Database, span: CohortSpan):
    """Each row with a participant is of somebody who joined within the span."""
    first, last = span.since or date.min, span.until or date.max
    with cohort_connection(database, PROGRAM, span) as connection:
        joined = {
            number
            for number, day in connection.exec_driver_sql(
                "SELECT participant_id, date(min(enrolled_at)) FROM main.enrollment GROUP BY 1"
            )
            if first <= date.fromisoformat(day) < last
        }
        assert joined
        for table, columns in METADATA.tables.items():
            if table not in ABOUT and "participant_id" not in columns.c:
                continue
            about = ABOUT.get(table, "participant_id")
            found = {row[0] for row in connection.exec_driver_sql(f'SELECT DISTINCT {about} FROM "{table}"')}
            assert found <= {*joined, None}, table


def test_spans_side_by_side_add_up(database: Database):
    """What two adjacent spans hold is together what all have; what belongs to nobody is in both."""
    early, late, every = counts(database, EARLY), counts(database, LATE), counts(database, ALL_DAYS)
    twice = UNFILTERED | {"audit_event", "theme_link"}
    assert {name for name in every if early[name] + late[name] != every[name]} - twice == set()
    everybody = counts(database, EVERYBODY)
    of_nobody = {"audit_event", "address", "inbox", "outbox", "link_attempt"}  # strangers and the team
    assert {name for name in every if every[name] != everybody[name]} <= of_nobody
    assert min(early["answer"], late["answer"], early["invitation"], late["invitation"]) > 0


@pytest.mark.parametrize(
    ("table", "columns"), [(LINKS, ("opened", "finished")), (IMPLEMENTED_TABLE, ("clinicians",))]
)
def test_counts_of_people_add_up(database: Database, table, columns):
    """The people of a measure in two adjacent spans are together those of all."""

    def total(span: CohortSpan, column: str) -> int:
        with cohort_connection(database, PROGRAM, span) as connection:
            place = table.columns.index(column)
            return sum(int(row[place]) for row in table.count(connection, PROGRAM))

    for column in columns:
        whole = total(EVERYBODY, column)
        assert whole > 0
        assert total(EARLY, column) + total(LATE, column) == whole == total(ALL_DAYS, column)


def test_an_unused_link_is_of_the_day_when_it_was_made(database: Database):
    """And a used one of whoever came in by it."""
    for span, there in ((EARLY, False), (LATE, True), (CohortSpan(until=date(2026, 9, 2)), False)):
        with cohort_connection(database, PROGRAM, span) as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM invitation WHERE source = 'late'")
            assert bool(found.scalar_one()) is there


def test_days_are_the_programs(database: Database):
    """Midnight is that of the program's time zone: here, in summer, an hour before that of UTC."""
    at = "2026-08-06 23:30:00.000000"  # half past midnight of the next day in London
    with database.reading() as connection:
        settings = connection.exec_driver_sql("SELECT settings ->> 'timezone' FROM program").scalar_one()
    assert settings == "Europe/London"

    def move(connection: sa.Connection) -> int:
        number = connection.exec_driver_sql(
            "SELECT min(participant_id) FROM enrollment WHERE enrolled_at LIKE '2026-08-07%'"
        ).scalar_one()
        connection.exec_driver_sql(
            "UPDATE enrollment SET enrolled_at = ? WHERE participant_id = ?", (at, number)
        )
        return int(number)

    number = database.write_now(move)
    for span, there in ((CohortSpan(until=date(2026, 8, 7)), False), (CohortSpan(date(2026, 8, 7)), True)):
        with cohort_connection(database, PROGRAM, span) as connection:
            found = connection.exec_driver_sql("SELECT count(*) FROM participant WHERE id = ?", (number,))
            assert bool(found.scalar_one()) is there


@pytest.mark.parametrize("span", [EVERYBODY, LATE], ids=["everybody", "a cohort"])
def test_people_are_told_apart_by_their_roles(database: Database, span: CohortSpan):
    """Everybody in order, on a cohort's connection, too; who has a commitment counts as a clinician in any role."""
    people = "SELECT count(DISTINCT participant_id) FROM main.enrollment WHERE program_id = 1"
    promised = "SELECT participant_id FROM main.'commitment' WHERE program_id = 1"
    clinicians = f"role IN ('hcp', 'educator') OR participant.id IN ({promised})"
    joined = "SELECT count(*) FROM main.participant WHERE id IN (SELECT participant_id FROM main.enrollment)"
    with cohort_connection(database, PROGRAM, span) as connection:
        found = joined_people(connection, PROGRAM)
        assert list(found.moments) == sorted(found.moments)
        assert len(found.people) == connection.exec_driver_sql(people).scalar_one()
        some = found.of_roles({Role.HCP, Role.EDUCATOR})
        count = connection.exec_driver_sql(f"{joined} AND ({clinicians})").scalar_one()
        assert 0 < len(some.people) == count < len(found.people)
        assert some.stretch(EVERYBODY) == (0, count)
        assert all(one.roles for one in found.people)


def test_nothing_is_left_behind(database: Database):
    """After an error, too: other readers see everybody, and there is no view of ours."""
    before = counts(database, EVERYBODY)
    with pytest.raises(ZeroDivisionError), cohort_connection(database, PROGRAM, EARLY):
        raise ZeroDivisionError
    for _ in range(6):  # every connection of the pool
        with database.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM temp.sqlite_master").scalar_one() == 0
    assert counts(database, EVERYBODY) == before


@pytest.mark.parametrize("span", [EVERYBODY, EARLY], ids=["everybody", "a cohort"])
def test_it_cannot_write(database: Database, span: CohortSpan):
    """The connection reads, and nothing else."""
    with (
        pytest.raises(DatabaseUnwritable),
        cohort_connection(database, PROGRAM, span) as connection,
    ):
        connection.exec_driver_sql("UPDATE main.participant SET language = 'xx'")


@pytest.mark.parametrize("span", [EVERYBODY, LATE], ids=["everybody", "a cohort"])
def test_it_is_one_snapshot(database: Database, span: CohortSpan):
    """What is written meanwhile is not seen."""
    query = "SELECT language FROM participant ORDER BY id DESC LIMIT 1"
    with cohort_connection(database, PROGRAM, span) as connection:
        database.write_now(
            lambda c: c.exec_driver_sql(
                "UPDATE participant SET language = 'zz' WHERE id = (SELECT max(id) FROM participant)"
            )
        )
        assert connection.exec_driver_sql(query).scalar() != "zz"
    database.write_now(lambda c: c.exec_driver_sql("UPDATE participant SET language = 'en'"))


@pytest.mark.parametrize(
    ("program", "span", "words"),
    [
        ("nope", EVERYBODY, "no programme 'nope'"),
        ("nope", EARLY, "no programme 'nope'"),
        (PROGRAM, CohortSpan(MIDDLE, MIDDLE), "no day"),
        (PROGRAM, CohortSpan(MIDDLE, date(2026, 8, 1)), "no day"),
    ],
)
def test_what_cannot_be_counted_is_refused(database: Database, program: str, span: CohortSpan, words: str):
    """An unknown program, and a span without a day."""
    with pytest.raises(CohortError, match=words), cohort_connection(database, program, span):
        pass


def test_no_query_walks_through_more_tables(database: Database):
    """A cohort's rows are found by the same indexes: no query reads a whole table that it did not read before."""
    queries = {query_text(one.query) for table in EVERY_TABLE for one in table.measures}

    def walks(span: CohortSpan) -> dict[str, list[str]]:
        with cohort_connection(database, PROGRAM, span) as connection:
            return {
                query: [
                    row[3].split()[1]
                    for row in connection.exec_driver_sql(
                        "EXPLAIN QUERY PLAN " + query.replace(":program", f"'{PROGRAM}'")
                    )
                    if row[3].startswith("SCAN") or "AUTOMATIC" in row[3]
                ]
                for query in queries
            }

    plain, shadowed = walks(EVERYBODY), walks(ALL_DAYS)
    for query in queries:
        assert len(shadowed[query]) <= len(plain[query]), query


def test_everybody_is_counted_within_a_block(database: Database):
    """In the snapshot of the cohort, which is as it was afterwards; it still cannot write. Else nothing is done."""
    people = "SELECT count(*) FROM participant"
    with cohort_connection(database, PROGRAM) as connection, everybody_on(connection):
        everybody = connection.exec_driver_sql(people).scalar_one()
    with cohort_connection(database, PROGRAM, LATE) as connection:
        before = connection.exec_driver_sql(people).scalar_one()
        with everybody_on(connection):
            assert connection.exec_driver_sql(people).scalar_one() == everybody > before
            with pytest.raises(sa.exc.OperationalError, match="readonly"):
                connection.exec_driver_sql("DELETE FROM participant")
        assert connection.exec_driver_sql(people).scalar_one() == before


@pytest.mark.parametrize(("hour", "held"), [(22, 0), (23, 1)])
def test_an_activity_is_held_by_the_programs_day(database: Database, hour: int, held: int):
    """At half past 23 in UTC it is the next day in London, in summer: what is held on that one counts."""
    held_on = "UPDATE activity SET held_on = ?"
    with database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT id, held_on FROM activity").all()
    database.write_now(lambda c: c.exec_driver_sql(held_on, ("2026-08-07",)))
    with cohort_connection(database, PROGRAM) as connection:
        now = datetime(2026, 8, 6, hour, 30, tzinfo=UTC)
        found = make_report(connection, ReportRequest(PROGRAM, now)).section("T6")
    for number, day in kept:
        database.write_now(lambda c, n=number, d=day: c.exec_driver_sql(f"{held_on} WHERE id = ?", (d, n)))
    assert found is not None
    [criteria] = [one for one in found.tables if one.table.name == "outcomes.criteria"]
    counted = {row[criteria.table.columns.index("activities")] for row in criteria.rows}
    assert {min(one, 1) for one in counted if isinstance(one, int)} == {held}


def test_safety_cases_and_activities_are_of_everybody(database: Database):
    """T6 and T9 of a cohort without anybody say what those of the whole program do, and that they do."""
    nobody, now = CohortSpan(since=date(2031, 1, 1)), datetime(2026, 11, 30, tzinfo=UTC)
    reports = []
    for span in (EVERYBODY, nobody):
        with cohort_connection(database, PROGRAM, span) as connection:
            reports.append(make_report(connection, ReportRequest(PROGRAM, now, span=span)))
    for name in ("T6", "T9"):
        whole, cohort = (one.section(name) for one in reports)
        assert whole is not None
        assert cohort is not None
        assert [one.rows for one in cohort.tables] == [one.rows for one in whole.tables]
        assert (cohort.opening.endswith(WHOLE), whole.opening.endswith(WHOLE)) == (True, False)
    safety = reports[1].section("T9")
    assert safety is not None
    assert any(row[2] for row in safety.tables[0].rows)
