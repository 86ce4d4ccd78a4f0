"""The numbers of the figures, from rows put in by hand."""

from datetime import timedelta

import pytest

from flows.script.roles import Role
from storage.outcomes.figures.data import (
    FIGURES,
    PATIENTS,
    barrier_figure,
    funnel_figure,
    response_figure,
    status_figure,
)
from storage.outcomes.figures.model import BarrierDots, ResponseSeries
from storage.schema import FollowUpStatus, ImplementationStatus, TimerKind
from tests.support.export_rows import NOW
from tests.support.planned_changes import PROGRAM, Changes, changes

FULL, PARTIAL = ImplementationStatus.FULL, ImplementationStatus.PARTIAL


def enrolled(rows: Changes) -> int:
    person = rows.person()
    rows.add("enrollment", program_id=1, participant_id=person, activity_id=1, enrolled_at=NOW)
    return person


def test_the_funnel_is_that_of_the_table() -> None:
    """All clinicians together, in the order of the steps; waves are shares of who committed."""
    with changes() as rows:
        people = [enrolled(rows) for _ in range(6)]
        for person in people:
            rows.agreed(person, rows.talk(person))
        for person in people[:5]:
            rows.told(person, FULL)
        enrolled(rows)
        steps = {one.label: (one.people, one.told) for one in funnel_figure(rows.connection, PROGRAM).steps}
        assert steps["Came in"][0] == 7
        assert steps["Agreed to take part"] == (6, "6 of 6 of the step before: 100 %")
        assert steps["Committed to a change"] == (5, "5 of 6 of the step before: 83 %")
        assert steps["Answered after 30 days"] == (5, "5 of 5 who committed: 100 %")
        assert steps["Answered after 60 days"][0] == 0
        assert steps["Answered at all"][0] == 5


def test_bands_are_all_that_were_due() -> None:
    """Each commitment that was due is in one band; the rest is counted as not due, and people once."""
    with changes() as rows:
        first, second = rows.person(), rows.person()
        rows.told(first, FULL)
        rows.told(first, PARTIAL)
        for status in (FollowUpStatus.SENT, FollowUpStatus.NO_RESPONSE, FollowUpStatus.SCHEDULED):
            rows.wave(rows.plan(second), second, status)
        month, newest = status_figure(rows.connection, PROGRAM).waves
        assert (month.label, newest.label) == ("30 days", "Newest report of each")
        counts = {band.code: band.n for band in month.bands if band.n}
        assert counts == {"full": 1, "partial": 1, "waiting": 1, "no_response": 1}
        assert (month.due, month.not_due, month.responders, month.is_few) == (4, 1, 1, True)


def test_barriers_have_their_labels_and_how_many_were_asked() -> None:
    """As in the table: clinicians, each once, what most people met first."""
    with changes() as rows:
        one, other = rows.person(), rows.person()
        rows.told(one, PARTIAL, "time", foreseen_barriers=["time", "none"])
        rows.told(one, PARTIAL, "time", foreseen_barriers=["skill"])
        rows.told(other, PARTIAL, "own_code")
        figure = barrier_figure(rows.connection, PROGRAM)
        assert set(figure.barriers) == {
            BarrierDots("Not enough time", 1, 1),
            BarrierDots("I need more knowledge or practice", 1, 0),
            BarrierDots("own_code", 0, 1),
        }
        assert figure.responders == 2


def test_answers_come_on_their_day() -> None:
    """Whole days after asking, the first of several commitments of one person; who did not answer is due."""
    with changes() as rows:
        one, other = rows.person(), rows.person()
        for after in (5, 3):
            plan = rows.plan(one)
            wave = rows.wave(plan, one, FollowUpStatus.ANSWERED, after=after)
            rows.report(plan, wave, FULL)
        rows.wave(rows.plan(other), other, FollowUpStatus.NO_RESPONSE)
        assert response_figure(rows.connection, PROGRAM).series == (ResponseSeries("30 days", 2, (3,)),)


def test_patients_who_are_asked_again_are_a_series() -> None:
    """Due once their time has come; answered on the day of the first answer that is no consent."""
    with changes() as rows:
        for answers in (True, False):
            person = rows.person(Role.PATIENT)
            before = rows.talk(person, "patient_interview", None)
            rows.add(
                "timer", kind=TimerKind.FOLLOW_ON, participant_id=person, conversation_id=before, due_at=NOW,
                flow="patient_follow_up", done_at=NOW,
            )  # fmt: skip
            talk = rows.talk(person, "patient_follow_up", None)
            if answers:
                rows.answer(talk, "e1", "select_one", "yes", answered_at=NOW + timedelta(days=4))
        assert response_figure(rows.connection, PROGRAM).series == (ResponseSeries(PATIENTS, 2, (4,)),)


@pytest.mark.parametrize("name", FIGURES)
def test_a_program_without_anybody_has_figures(name: str) -> None:
    """Every figure can be made, with a title and a table."""
    with changes() as rows:
        figure = FIGURES[name](rows.connection, PROGRAM)
        assert figure.title
        assert figure.table.columns
