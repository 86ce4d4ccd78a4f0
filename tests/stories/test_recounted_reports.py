"""Small programs, put in by hand, are counted twice as the large one is: whatever is rare is in one of them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.script.roles import Purpose, Role
from storage.schema import FollowUpStatus, ImplementationStatus, InvitationKind, LinkedKind
from tests.support.export_rows import NOW
from tests.support.outcome_recounts import Beside
from tests.support.recounted import measured_and_recounted, wrong_cells
from tests.support.report_noise import PEOPLE
from tests.support.report_rows import AUTUMN, ReportRows, put_in_everything, put_in_submissions, small_report

BESIDE = (
    Beside(),
    Beside(
        NOW + timedelta(days=200), PEOPLE.replace("spring_symposium", "spring"), "2026-01-01", "2026-06-30"
    ),
)


def nobody(_rows: ReportRows) -> None:
    """A program with activities, and nobody in it."""


def not_asked_yet(rows: ReportRows) -> None:
    """Commitments without any wave: of somebody who takes part, and of somebody who wants no contact."""
    for _ in range(2):
        rows.commit(rows.talk(rows.person(link=rows.link())))
    rows.add(
        "consent", participant_id=2, program_id=1, conversation_id=1, purpose=Purpose.CONTACT_AGAIN, granted=False,
        shown_text="", text_hash="h", language="en", decided_at=NOW,
    )  # fmt: skip


def by_a_group(rows: ReportRows) -> None:
    """Clinicians by a link for a group and by none, a commitment that an educator made, and a link of no use yet."""
    rows.link(InvitationKind.GROUP)
    rows.link(InvitationKind.SINGLE, Role.PATIENT)
    rows.commit(rows.talk(rows.person(link=rows.link(InvitationKind.GROUP))), AUTUMN)
    rows.person()
    rows.commit(rows.talk(rows.person(Role.EDUCATOR), channel="slack"))


def all_by_links(rows: ReportRows) -> None:
    """Links for one person alone; a theme is linked to an objective, and this to commitments by their suggestion."""
    for status in (ImplementationStatus.FULL, ImplementationStatus.DROPPED, None):
        one = rows.commit(rows.talk(rows.person(link=rows.link())), suggestion="s1")
        if status is not None:
            rows.wave(one, 45, FollowUpStatus.ANSWERED, status, "time")
    rows.link()
    rows.add("theme", program_id=1, code="sleep", label="Sleep")
    rows.lead((LinkedKind.THEME, "sleep"), (LinkedKind.OBJECTIVE, "spring.o1"))
    rows.lead((LinkedKind.OBJECTIVE, "spring.o1"), (LinkedKind.SUGGESTION, "spring.s1"))


PROGRAMS: tuple[tuple[Callable[[ReportRows], None], dict[str, Any] | None], ...] = (
    (nobody, None),
    (put_in_everything, None),
    (put_in_submissions, None),
    (not_asked_yet, {}),
    (by_a_group, {}),
    (all_by_links, None),
)


@pytest.mark.parametrize("beside", BESIDE, ids=("alone", "beside"))
@pytest.mark.parametrize(("fill", "settings"), PROGRAMS, ids=lambda one: getattr(one, "__name__", ""))
def test_small_programs_are_recounted(
    tmp_path: Path, fill: Callable[[ReportRows], None], settings: dict[str, Any] | None, beside: Beside
):
    """Every cell of every table, older ones too."""
    path = tmp_path / "said.sqlite"
    with small_report(path, settings) as rows:
        fill(rows)
    found = measured_and_recounted(path, "p", beside)
    assert [wrong for one in found.values() for wrong in wrong_cells(*one)] == []
