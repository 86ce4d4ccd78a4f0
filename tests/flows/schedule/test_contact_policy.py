"""Who may be contacted when: one line a rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.program.model import Schedule
from flows.schedule.contact_policy import (
    ContactDecision,
    ContactLater,
    ContactNow,
    ContactReason,
    ContactSituation,
    NoContact,
    Reach,
    decide_contact,
)

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # a Monday, 15:30 in Vienna
NOON_THURSDAY = datetime(2026, 3, 5, 11, tzinfo=UTC)
YEAR = timedelta(days=365)
"""What happened so long after now was told by a clock that was wrong."""
SCHEDULE = Schedule(contacts_per_week=2)  # type: ignore[call-arg]


def situation(**differs: Any) -> ContactSituation:
    known: dict[str, Any] = {
        "now": NOW,
        "zone": "Europe/Vienna",
        "schedule": SCHEDULE,
        "own_accord": True,
        "participant_active": True,
        "consented": True,
        "reach": Reach.OPEN,
    }
    return ContactSituation(**(known | differs))


@pytest.mark.parametrize(
    ("differs", "decision"),
    [
        ({}, ContactNow()),
        ({"participant_active": False}, NoContact(ContactReason.WITHDRAWN)),
        ({"consented": False}, NoContact(ContactReason.NO_CONSENT)),
        ({"reach": Reach.BLOCKED}, NoContact(ContactReason.BLOCKED)),
        ({"reach": Reach.NONE}, NoContact(ContactReason.UNREACHABLE)),
        ({"allowed": False}, NoContact(ContactReason.NOT_ALLOWED)),
        (
            {"conversation_ended_at": NOW - timedelta(hours=1)},
            ContactLater(NOW + timedelta(hours=23), ContactReason.QUIET_AFTER_TALK),
        ),
        ({"conversation_ended_at": NOW - timedelta(hours=25)}, ContactNow()),
        ({"conversation_ended_at": NOW, "own_accord": False}, ContactNow()),
        ({"conversation_ended_at": NOW + YEAR}, ContactNow()),
        ({"contacts": (NOW + YEAR, NOW + YEAR), "talked_at": NOW + YEAR}, ContactNow()),
        ({"answered": True}, NoContact(ContactReason.ALREADY_ANSWERED)),
        ({"something_to_ask": False}, NoContact(ContactReason.NOTHING_LEFT_TO_ASK)),
        ({"flow_found": False}, ContactLater(NOW + timedelta(days=1), ContactReason.FLOW_MISSING)),
        ({"safety_hold": True}, ContactLater(NOW + timedelta(days=1), ContactReason.SAFETY_HOLD)),
        (
            {"other_conversation_open": True},
            ContactLater(NOW + timedelta(days=1), ContactReason.OTHER_TALK_OPEN),
        ),
        ({"hold_until": NOW}, ContactNow()),
        (
            {"hold_until": datetime(2026, 3, 5, 6, tzinfo=UTC)},
            ContactLater(NOON_THURSDAY, ContactReason.ON_HOLD),
        ),
        (
            {"hold_until": NOW + timedelta(days=1), "team_hold_until": NOW + timedelta(days=1)},
            ContactLater(NOW + timedelta(days=1), ContactReason.TEAM_HOLD),
        ),
        (
            {"hold_until": NOW + timedelta(days=1), "team_hold_until": NOW + timedelta(hours=1)},
            ContactLater(NOW + timedelta(days=1), ContactReason.ON_HOLD),
        ),
        (
            {"now": datetime(2026, 3, 4, 20, tzinfo=UTC)},
            ContactLater(NOON_THURSDAY, ContactReason.OUTSIDE_WINDOW),
        ),
        (
            {"contacts": (NOW - timedelta(days=6), NOW - timedelta(days=1))},
            ContactLater(NOW + timedelta(days=1), ContactReason.CONTACT_BUDGET),
        ),
        ({"contacts": (NOW - timedelta(days=7), NOW - timedelta(days=1))}, ContactNow()),
        ({"contacts": (NOW - timedelta(days=1),) * 2, "own_accord": False}, ContactNow()),
        (
            {"contacts": (NOW - timedelta(minutes=1),)},
            ContactLater(NOW + timedelta(minutes=59), ContactReason.JUST_WRITTEN_TO),
        ),
        ({"contacts": (NOW - timedelta(hours=1),)}, ContactNow()),
        ({"contacts": (NOW,), "own_accord": False}, ContactNow()),
        (
            {"talked_at": NOW - timedelta(minutes=20)},
            ContactLater(NOW + timedelta(minutes=40), ContactReason.JUST_WRITTEN_TO),
        ),
        ({"talked_at": NOW - timedelta(minutes=20), "own_accord": False}, ContactNow()),
        ({"now": datetime(2026, 3, 4, 20, tzinfo=UTC), "own_accord": False}, ContactNow()),
        (
            {"participant_active": False, "consented": False, "answered": True},
            NoContact(ContactReason.WITHDRAWN),
        ),
        ({"answered": True, "other_conversation_open": True}, NoContact(ContactReason.ALREADY_ANSWERED)),
    ],
)
def test_gate(differs: dict[str, Any], decision: ContactDecision) -> None:
    """Each rule forbids, makes pointless or puts off, in this order; without any, the contact is made."""
    assert decide_contact(situation(**differs)) == decision


def test_new_time_is_inside_the_window() -> None:
    """What the budget puts off to a Friday comes on the next open day instead, so that one wait is enough."""
    now = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    contacts = (now - timedelta(days=6), now - timedelta(days=2))
    assert decide_contact(situation(now=now, contacts=contacts)) == ContactLater(
        datetime(2026, 3, 9, 11, tzinfo=UTC), ContactReason.CONTACT_BUDGET
    )
