"""The tracker: which activities meet a criterion, by which people, and how many more are needed."""

from datetime import date

import pytest

from storage.export.measures.measure import Figure
from storage.export.tables.commitments import commitments
from storage.export.tables.table import ExportSelection
from storage.outcomes.people_file import PeopleFile, parse_people
from storage.outcomes.tables.accreditation import ReportTerm, accreditation_tables, provider_size
from storage.outcomes.tables.commitments import COMMITMENT_LIST
from storage.schema import ACTIVITY, FollowUpStatus, ImplementationStatus
from tests.support.report_rows import SPRING, ReportRows, put_in_everything, small_report

HEAD = "activity,person,function,patient,disclosure,start\n"


def people(*lines: str) -> PeopleFile:
    return parse_people(HEAD + "\n".join(lines))


def test_engaging_patients_takes_planners_and_faculty() -> None:
    """One person can be both. Reviewers and interviewees are no planners, and a clinician is no patient."""
    told = people(
        "spring,P-1,planner,yes,disclosed,",
        "spring,P-1,faculty,yes,,",
        "spring,P-2,faculty,no,missing,",
        "autumn,P-1,planner,yes,disclosed,",
        "autumn,P-3,reviewer,yes,,",
        "autumn,P-4,interviewee,yes,,",
        "autumn,P-5,faculty,no,nothing_to_disclose,",
    )
    criteria, activities = accreditation_tables(told)
    with small_report() as rows:
        found = {key: row for (key,), row in rows.rows(activities).items()}
        engaging = rows.rows(criteria)["engages_patients",]
    columns = ("patient_planners", "patient_faculty", "undisclosed", "engages")
    assert [found["spring"][name] for name in columns] == [1, 1, 2, "yes"]
    assert [found["autumn"][name] for name in columns] == [1, 0, 0, "no"]
    assert [engaging[name] for name in ("activities", "met", "wanted", "more_needed")] == [2, 1, 2, 1]
    assert [engaging[name] for name in ("size", "evidence", "more_evidence")] == ["S", 2, 1]


def test_without_a_file_nothing_is_known() -> None:
    """Empty is not nought; the other criterion needs no file."""
    criteria, activities = accreditation_tables()
    with small_report() as rows:
        engaging, improving = (
            rows.rows(criteria)[name,] for name in ("engages_patients", "improves_performance")
        )
        planners = {row["patient_planners"] for row in rows.rows(activities).values()}
    assert planners == {None}
    assert (engaging["met"], engaging["more_needed"]) == (None, None)
    assert (improving["met"], improving["more_needed"]) == (0, 2)


def test_a_function_counts_from_its_day() -> None:
    """Whoever becomes faculty after the report is none yet; their disclosure is not missed yet, either."""
    told = people("spring,P-1,planner,yes,disclosed,", "spring,P-1,faculty,yes,,2026-05-01")
    with small_report() as rows:
        engages = [
            rows.rows(accreditation_tables(told, at=day)[1])["spring",]["engages"]
            for day in (date(2026, 4, 30), date(2026, 5, 1), None)
        ]
    assert engages == ["no", "yes", "yes"]


def clinicians(rows: ReportRows, *statuses: ImplementationStatus | None) -> None:
    """Clinicians with one commitment each; None is of whoever does not answer."""
    for status in statuses:
        one = rows.commit(rows.talk(rows.person()), SPRING)
        where = FollowUpStatus.NO_RESPONSE if status is None else FollowUpStatus.ANSWERED
        rows.wave(one, 30, where, status)


FULL, PARTIAL, PLANNED = (
    ImplementationStatus.FULL,
    ImplementationStatus.PARTIAL,
    ImplementationStatus.PLANNED,
)


@pytest.mark.parametrize(
    ("statuses", "improved", "full", "of_committed", "improves"),
    [
        ((FULL, PARTIAL, PLANNED, None, None), (2, 3), (1, 3), (2, 5), "yes"),
        ((FULL, PLANNED), (1, 2), (1, 2), (1, 2), "no"),
        ((None,), (0, 0), (0, 0), (0, 1), "no"),
        ((), (0, 0), (0, 0), (0, 0), "no"),
    ],
)
def test_the_majority_is_of_those_who_answered(
    statuses: tuple[ImplementationStatus | None, ...],
    improved: tuple[int, int],
    full: tuple[int, int],
    of_committed: tuple[int, int],
    improves: str,
) -> None:
    """More than half of the clinicians who answered; in full alone, and of all who committed, stand beside."""
    with small_report() as rows:
        clinicians(rows, *statuses)
        found = rows.rows(accreditation_tables()[1])["spring",]
    answered = improved[1]
    shares = [Figure(*share, answered) for share in (improved, full, of_committed)]
    assert [found[name] for name in ("improved", "improved_full", "improved_of_committed")] == shares
    assert found["improves"] == improves


def test_a_clinician_with_several_commitments_counts_once() -> None:
    """By their newest reports: one of them done is an improvement of theirs. Reviewed content is no activity."""
    with small_report() as rows:
        put_in_everything(rows)
        found = rows.rows(accreditation_tables()[1])
    assert set(found) == {("spring",), ("autumn",)}
    assert found["spring",]["improved"] == Figure(1, 2, 2)
    assert found["autumn",]["improved"] == Figure(0, 1, 1)


@pytest.mark.parametrize(
    ("since", "until", "names"),
    [
        (None, None, {"spring", "autumn"}),
        (date(2026, 3, 19), date(2026, 9, 30), {"spring"}),
        (date(2026, 3, 20), None, {"autumn"}),
        (None, date(2026, 3, 18), set()),
    ],
)
def test_only_activities_of_the_term_count(since: date | None, until: date | None, names: set[str]) -> None:
    """By their days, both ends included; one without a day counts where there is no term."""
    criteria, activities = accreditation_tables(term=ReportTerm(since, until))
    with small_report() as rows:
        assert {name for (name,) in rows.rows(activities)} == names
        assert rows.rows(criteria)["improves_performance",]["activities"] == len(names)
    assert ReportTerm().holds(None)
    assert not ReportTerm(since=date(2026, 1, 1)).holds(None)


@pytest.mark.parametrize(
    ("at", "count"),
    [(date(2026, 3, 18), 0), (date(2026, 3, 19), 1), (date(2026, 12, 31), 2), (None, 2)],
)
def test_what_lies_in_the_future_is_not_held(at: date | None, count: int) -> None:
    """It counts for the criteria from its day on; it is listed before, too."""
    criteria, activities = accreditation_tables(at=at)
    with small_report() as rows:
        assert rows.rows(criteria)["improves_performance",]["activities"] == count
        assert set(rows.rows(activities)) == {("spring",), ("autumn",)}


@pytest.mark.parametrize(
    ("at", "held"),
    [(date(2026, 3, 18), ["no", "no"]), (date(2026, 3, 19), ["yes", "no"]), (None, [None, None])],
)
def test_each_activity_says_whether_it_was_held(at: date | None, held: list[str | None]) -> None:
    """By its day and that of the report, from the day itself on; without one of both nothing is said."""
    with small_report() as rows:
        found = rows.rows(accreditation_tables(at=at)[1])
        assert [found[name,]["held"] for name in ("spring", "autumn")] == held
        rows.connection.execute(ACTIVITY.update().values(held_on=None))
        assert rows.rows(accreditation_tables(at=at)[1])["spring",]["held"] is None


def test_each_activity_names_what_shows_it() -> None:
    """The lines of the file that count, the commitments in T2, and the rows of an export; nothing where none does."""
    told = people(
        "spring,P-1,planner,yes,disclosed,",
        "spring,F-2,faculty,no,disclosed,",
        "spring,P-1,faculty,yes,disclosed,",
        "spring,P-3,faculty,yes,disclosed,2026-12-01",
        "autumn,P-4,reviewer,yes,,",
    )
    with small_report() as rows:
        clinicians(rows, FULL, None)
        found = rows.rows(accreditation_tables(told, at=date(2026, 4, 1))[1])
        one = rows.rows(accreditation_tables(people("spring,P-1,planner,yes,,"))[1])
    columns = ("engages_in_files", "improves_in_report", "improves_in_files")
    assert [found["spring",][name] for name in columns] == [
        "people.csv: lines 2, 4",
        "outcomes.commitments: activity = spring, latest = full or partial",
        "commitments.csv: program = p, activity = spring, confirmed = 1, implementation = full or partial",
    ]
    assert [found["autumn",][name] for name in columns] == [None, None, None]
    assert one["spring",]["engages_in_files"] == "people.csv: line 2"


def test_each_criterion_names_what_shows_it() -> None:
    """Also where no file was given: it is the one that is wanted."""
    with small_report() as rows:
        found = rows.rows(accreditation_tables()[0])
    assert [
        [found[name,][column] for column in ("evidence_in_report", "evidence_in_files")]
        for name in ("engages_patients", "improves_performance")
    ] == [
        ["outcomes.activities: engages = yes", "people.csv: function = planner or faculty, patient = yes"],
        [
            "outcomes.activities: improves = yes",
            "commitments.csv: program = p, confirmed = 1, implementation = full or partial",
        ],
    ]


def test_what_is_named_is_there() -> None:
    """The commitments of T2 are of the clinicians that an activity counts as improved; an export has the columns."""
    with small_report() as rows:
        put_in_everything(rows)
        improved = rows.rows(accreditation_tables()[1])["spring",]["improved"]
        listed = rows.rows(COMMITMENT_LIST).values()
        exported = commitments(rows.connection, ExportSelection(program="p")).columns
    done = [one for one in listed if one["activity"] == "spring" and one["latest"] in {"full", "partial"}]
    assert isinstance(improved, Figure)
    assert len(done) >= improved.n > 0
    assert {"program", "activity", "confirmed", "implementation", "reported_at"} <= set(exported)


@pytest.mark.parametrize(
    ("count", "size"),
    [(0, "S"), (39, "S"), (40, "M"), (100, "M"), (101, "L"), (250, "L"), (251, "XL")],
)
def test_sizes_are_those_of_accme(count: int, size: str) -> None:
    """S to 39 activities of a term, M to 100, L to 250, then XL."""
    assert provider_size(count) == (size, {"S": 2, "M": 4, "L": 6, "XL": 8}[size])
