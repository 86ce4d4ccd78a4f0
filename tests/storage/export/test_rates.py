"""Rates before and after: of the last ten such patients, pair by pair, with an interval by person."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.script.model import Role
from storage.export.funnel import AFTER_START, LATEST, funnels
from storage.export.rates import OtherReports, RateChange, rate_changes, share_reported
from storage.export.statistics import difference_of
from storage.export.tables.rates import COLUMNS, rates
from storage.export.tables.table import ExportSelection
from storage.schema import FollowUpStatus, ImplementationStatus, ParticipantStatus
from tests.support.export_rows import NOW, Rows

ALL = ExportSelection()


class Rates(Rows):
    """A program with one activity, whose commitments have a baseline, and reports with numbers."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.add("program", slug="mm", title="M", settings={}, hash="1", loaded_at=NOW)
        self.add("activity", program_id=1, slug="spring", title="Spring")

    def plan(self, before: tuple[int, int] | None) -> int:
        """A plan of a new person."""
        found = self.connection.scalars(sa.select(SQLModel.metadata.tables["participant"].c.id)).all()
        who = {"code": f"P-{len(found)}", "role": Role.HCP, "status": ParticipantStatus.ACTIVE}
        person = self.add("participant", **who, created_at=NOW)
        number = self.add(
            "commitment", participant_id=person, program_id=1, activity_id=1, conversation_id=1,
            slot=f"c[{person}]", statement="x", foreseen_barriers=[], made_at=NOW,
        )  # fmt: skip
        if before is not None:
            self.change("commitment", number, baseline_did=before[0], baseline_had=before[1])
        return number

    def change(self, table: str, number: int, **values: Any) -> None:
        found = SQLModel.metadata.tables[table]
        self.connection.execute(found.update().where(found.c.id == number).values(**values))

    def report(
        self,
        plan: int,
        days: int,
        details: dict[str, Any],
        *,
        after_start: bool = False,
        status: ImplementationStatus = ImplementationStatus.PARTIAL,
    ) -> None:
        at = NOW + timedelta(days=days)
        follow_up = self.add(
            "follow_up", commitment_id=plan, participant_id=1, program_id=1, wave_days=days, reminded=0,
            status=FollowUpStatus.ANSWERED, due_at=at, sent_at=at, answered_at=at, after_start=after_start,
        )  # fmt: skip
        self.add(
            "implementation", commitment_id=plan, follow_up_id=follow_up, conversation_id=1,
            status=status, details=details, reported_at=at + timedelta(minutes=1), late=False,
        )  # fmt: skip

    def told(self, wave: str = "30") -> RateChange:
        return next(one for one in rate_changes(self.connection, ALL) if one.wave == wave)


@pytest.fixture
def rows() -> Iterator[Rates]:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    made = Rates(engine.connect())
    yield made
    made.connection.close()


@pytest.mark.parametrize(
    ("details", "share"),
    [
        ({"of_10": 0}, 0.0),
        ({"of_10": 7}, 0.7),
        ({"of_10": 10, "had": 3, "did": 1}, 1.0),
        ({"of_10": "fewer", "had": 4, "did": 3}, 0.75),
        ({"of_10": "fewer", "had": 4, "did": 9}, 1.0),
        ({"of_10": "fewer", "had": 0}, None),
        ({"of_10": "fewer", "had": 4}, None),
        ({"of_10": "not_known"}, None),
        ({"patients_band": "n5_9"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_a_report_tells(details: dict[str, Any] | None, share: float | None) -> None:
    """Of ten, or of as many as there were; a band of before, no number and no patients tell no rate."""
    assert share_reported(details) == share


def test_before_and_after(rows: Rates) -> None:
    """Three plans of three people: 20 to 60, 40 to 40, and 50 to 75 per cent of four."""
    for before, after in (
        ((2, 10), {"of_10": 6}), ((4, 10), {"of_10": 4}), ((2, 4), {"of_10": "fewer", "had": 4, "did": 3})
    ):  # fmt: skip
        rows.report(rows.plan(before), 30, after)
    found = rows.told()
    assert (found.committed, found.with_baseline, found.change.n, found.change.people) == (3, 3, 3, 3)
    assert round(found.change.mean, 4) == round((0.4 + 0 + 0.25) / 3, 4)
    # By hand: standard deviation 0.2021, over the root of 3, times 4.303.
    assert found.change.low == pytest.approx(0.21667 - 0.50204, abs=1e-3)
    assert found.change.high == pytest.approx(0.21667 + 0.50204, abs=1e-3)


def test_who_is_outside(rows: Rates) -> None:
    """No baseline, no number after, never confirmed, no such patients after all: all outside, and n says so."""
    rows.report(rows.plan((2, 10)), 30, {"of_10": 6})
    rows.report(rows.plan(None), 30, {"of_10": 9})
    rows.report(rows.plan((2, 10)), 30, {"of_10": "not_known"})
    rows.plan((1, 10))
    unconfirmed = rows.plan((0, 10))
    rows.change("commitment", unconfirmed, confirmed=False)
    rows.report(unconfirmed, 30, {"of_10": 10})
    corrected = rows.plan((5, 10))
    rows.report(corrected, 30, {"of_10": 9})
    rows.change("implementation", 5, status=ImplementationStatus.NOT_APPLICABLE)
    assert (found := rows.told()).change.n == 1
    assert (found.committed, found.with_baseline, found.reported) == (5, 4, 3)
    assert (found.change.low, found.change.in_points) == (None, "+40.0")


def test_who_is_outside_is_told_by_what_they_reported(rows: Rates) -> None:
    """Not done, not begun, no such patients, done and not known: each is counted, over all waves too."""
    status = ImplementationStatus
    rows.report(rows.plan((2, 10)), 30, {"of_10": 6})
    reports = (status.PLANNED, status.DROPPED, status.NOT_STARTED_YET, status.NOT_APPLICABLE, status.FULL)
    plans = [rows.plan((2, 10)) for _ in reports]
    for plan, reported in zip(plans, reports, strict=True):
        rows.report(plan, 30, {}, status=reported)
    rows.report(rows.plan(None), 30, {}, status=status.PLANNED)
    found = rows.told()
    assert (found.reported, found.change.n, found.outside) == (6, 1, OtherReports(1, 2, 1, 1))
    rows.report(plans[0], 60, {"of_10": 3})
    rows.report(plans[1], 60, {}, status=status.NOT_APPLICABLE)
    latest = rows.told(LATEST)
    assert (latest.reported, latest.change.n, latest.outside) == (6, 2, OtherReports(1, 0, 1, 2))
    row = dict(zip(COLUMNS, next(iter(rates(rows.connection, ALL).rows)), strict=True))
    assert row["reported"] == row["n"] + row["outside"]
    assert (row["outside"], row["outside_not_done"], row["outside_done"]) == (5, 2, 1)


@pytest.mark.parametrize(
    ("status", "is_counted", "is_done"),
    [
        (ImplementationStatus.FULL, True, True),
        (ImplementationStatus.PARTIAL, True, True),
        (ImplementationStatus.ALREADY, True, True),
        (ImplementationStatus.PLANNED, True, False),
        (ImplementationStatus.MODIFIED, True, False),
        (ImplementationStatus.DROPPED, True, False),
        (ImplementationStatus.NOT_APPLICABLE, False, False),
        (ImplementationStatus.NOT_STARTED_YET, False, False),
    ],
)
def test_whoever_told_a_number_counts(
    rows: Rates, status: ImplementationStatus, is_counted: bool, is_done: bool
) -> None:
    """By intention: not yet done, done otherwise and dropped since count as well; the done stand beside them."""
    rows.report(rows.plan((2, 10)), 30, {"of_10": 6})
    rows.report(rows.plan((2, 10)), 30, {"of_10": 2}, status=status)
    found = rows.told()
    assert (found.reported, found.change.n) == (2, 1 + is_counted)
    assert found.done is not None
    assert found.done.n == 1 + is_done


def test_the_successful_alone_are_no_change_of_practice(rows: Rates) -> None:
    """Nothing changed on the whole: who does more and who does less cancel out, where the done alone show a rise."""
    rows.report(rows.plan((5, 10)), 30, {"of_10": 8})
    rows.report(rows.plan((5, 10)), 30, {"of_10": 2}, status=ImplementationStatus.PLANNED)
    found = rows.told()
    assert (found.change.before, found.change.after, round(found.change.mean, 6)) == (0.5, 0.5, 0.0)
    assert found.done is not None
    assert round(found.done.mean, 6) == 0.3


def test_nobody_does_it(rows: Rates) -> None:
    """Where none is done there is no figure of the done; that of all stands."""
    rows.report(rows.plan((5, 10)), 30, {"of_10": 2}, status=ImplementationStatus.PLANNED)
    assert (rows.told().change.n, rows.told().done) == (1, None)
    [at_wave, _] = [dict(zip(COLUMNS, row, strict=True)) for row in rates(rows.connection, ALL).rows]
    assert (at_wave["n"], at_wave["done_n"], at_wave["done_after"]) == (1, 0, None)


@pytest.mark.parametrize(
    ("revisions", "counted"),
    [
        ([], ["30", "60", "90"]),
        ([(30.1, "x")], ["30", "60", "90"]),  # a new start alone
        ([(30.1, "other")], ["30"]),
        ([(30.1, "x"), (60.1, "other")], ["30", "60"]),
        ([(30.1, "other"), (60.1, "another")], ["30"]),
        ([(0.1, "other"), (60.1, "x")], ["30", "60"]),
    ],
)
def test_each_report_is_of_the_words_that_it_was_asked_about(
    rows: Rates, revisions: list[tuple[float, str]], counted: list[str]
) -> None:
    """What is reported with the wave at which the words change is of the old ones; later reports have no before."""
    plan = rows.plan((2, 10))
    for days in (30, 60, 90):
        rows.report(plan, days, {"of_10": 6})
    words = "x"
    for days, new in revisions:
        rows.add(
            "commitmentrevision",
            commitment_id=plan, statement=words, replaced_at=NOW + timedelta(days=days),
        )  # fmt: skip
        words = new
    rows.change("commitment", plan, statement=words)
    assert [one.wave for one in rate_changes(rows.connection, ALL)] == [*counted, LATEST]


@pytest.mark.parametrize(
    ("reworded", "counts"),
    [(None, True), (timedelta(minutes=5), True), (timedelta(days=31), False), (timedelta(days=61), True)],
)
def test_other_words_are_another_act(rows: Rates, reworded: timedelta | None, counts: bool) -> None:
    """A correction before the first wave is the same plan; what is reported after new words has no before."""
    plan = rows.plan((2, 10))
    rows.report(plan, 30, {})
    rows.report(plan, 60, {"of_10": 6})
    if reworded is not None:
        rows.add(
            "commitmentrevision",
            commitment_id=plan, statement="other", replaced_at=NOW + reworded,
        )  # fmt: skip
    assert [one.wave for one in rate_changes(rows.connection, ALL)] == (["60", LATEST] if counts else [])


@pytest.mark.filterwarnings("error")
def test_a_programme_has_its_own_figures(rows: Rates) -> None:
    """What is asked of one programme is told of that alone, its other words too."""
    plan = rows.plan((2, 10))
    rows.report(plan, 30, {"of_10": 6})
    rows.add(
        "commitmentrevision", commitment_id=plan, statement="other", replaced_at=NOW + timedelta(days=31)
    )
    assert [one.wave for one in rate_changes(rows.connection, ExportSelection("mm"))] == ["30", LATEST]
    assert rate_changes(rows.connection, ExportSelection("another")) == ()


def test_plans_of_one_person_belong_together(rows: Rates) -> None:
    """Three plans of one person and one of another: the interval is that of two people."""
    change = difference_of({1: [(0.2, 0.6)] * 3, 2: [(0.2, 0.2)]})
    assert (change.n, change.people, round(change.mean, 3)) == (4, 2, 0.3)
    assert (change.low, change.high) == (-1.0, 1.0)  # one degree of freedom
    with pytest.raises(ValueError, match="no commitment has both shares"):
        difference_of({})


def test_many_people_by_expansion() -> None:
    """Beyond the table Student's t is near the normal distribution: 2.009 for fifty degrees of freedom."""
    change = difference_of({person: [(0.0, float(person % 2))] for person in range(51)})
    assert change.high is not None
    spread = (51 * 25 * 26 / 51 / 51 / 50 / 51) ** 0.5
    assert (change.high - change.mean) / spread == pytest.approx(2.009, abs=2e-3)


def test_the_wave_after_a_late_start(rows: Rates) -> None:
    """Waves on days of their own stand together under one name, in the rates and in the funnel; LATEST has all."""
    rows.report(rows.plan((2, 10)), 30, {"of_10": 6})
    rows.report(rows.plan((2, 10)), 117, {"of_10": 6}, after_start=True)
    rows.report(rows.plan((2, 10)), 131, {"of_10": 6}, after_start=True)
    assert [(one.wave, one.change.n) for one in rate_changes(rows.connection, ALL)] == [
        ("30", 1), (AFTER_START, 2), (LATEST, 3)
    ]  # fmt: skip
    assert [(one.wave, one.funnel.committed, one.funnel.responded) for one in funnels(rows.connection, ALL)] == [
        ("30", 3, 1), (AFTER_START, 2, 2), (LATEST, 3, 3)
    ]  # fmt: skip


def test_the_table(rows: Rates) -> None:
    """Per cent with one decimal; what clinicians report of themselves says so."""
    rows.report(rows.plan((1, 3)), 30, {"of_10": 6})
    [at_wave, latest] = list(rates(rows.connection, ALL).rows)
    assert dict(zip(COLUMNS, at_wave, strict=True)) == {
        "program": "mm", "activity": "spring", "wave": "30", "committed": 1, "with_baseline": 1, "n": 1,
        "people": 1, "before": 33.3, "after": 60.0, "difference": 26.7, "difference_low": None,
        "difference_high": None, "basis": "self-reported", "reported": 1, "done_n": 1, "done_people": 1,
        "done_before": 33.3, "done_after": 60.0, "done_difference": 26.7, "done_difference_low": None,
        "done_difference_high": None, "outside": 0, "outside_done": 0, "outside_not_done": 0,
        "outside_not_started": 0, "outside_no_patients": 0,
    }  # fmt: skip
    assert latest[2] == LATEST
