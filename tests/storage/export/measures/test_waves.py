"""Patients are due to be asked again once their time has come, whether they can be asked or not."""

from datetime import timedelta

import pytest

from flows.schedule.contact_policy import ContactReason
from flows.script.model import Role
from storage.export.measures.waves import WAVE_TABLE
from storage.schema import TimerKind
from tests.support.export_rows import NOW
from tests.support.report_rows import ReportRows, small_report

WEEK = timedelta(weeks=1)


def set_timer(
    rows: ReportRows, *, due: timedelta, done: timedelta | None, reason: ContactReason | None
) -> None:
    """Somebody's interview of `NOW`, and the time at which they are asked again."""
    person = rows.person(Role.PATIENT)
    talk = rows.talk(person, "patient_interview")
    rows.add(
        "timer",
        kind=TimerKind.FOLLOW_ON,
        participant_id=person,
        conversation_id=talk,
        flow="patient_follow_up",
        due_at=NOW + due,
        done_at=None if done is None else NOW + done,
        reason=reason,
    )


@pytest.mark.parametrize(
    ("due", "done", "reason", "number"),
    [
        pytest.param(12 * WEEK, 12 * WEEK, ContactReason.DUE, 1, id="asked"),
        pytest.param(13 * WEEK, None, ContactReason.SAFETY_HOLD, 1, id="put off"),
        pytest.param(12 * WEEK, None, None, 0, id="still to come"),
        pytest.param(12 * WEEK, WEEK, ContactReason.WITHDRAWN, 0, id="left before, still to come"),
        pytest.param(timedelta(), -WEEK, ContactReason.WITHDRAWN, 1, id="left before, and it has come"),
    ],
)
def test_who_is_due_to_be_asked_again(
    due: timedelta, done: timedelta | None, reason: ContactReason | None, number: int
):
    """Also who cannot be asked, and who left; not whose time is still to come. The last turn says how late it is."""
    with small_report() as rows:
        set_timer(rows, due=due, done=done, reason=reason)
        found = rows.rows(WAVE_TABLE)
    assert sum(row["due"] for row in found.values()) == number
