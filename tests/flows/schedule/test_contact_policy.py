"""Who may be contacted when: one line a rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.program.model import Schedule
from flows.schedule.contact_policy import Decision, Go, Reach, Reason, Situation, Stop, Wait, gate

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # a Monday, 15:30 in Vienna
NOON_THURSDAY = datetime(2026, 3, 5, 11, tzinfo=UTC)
SCHEDULE = Schedule(contacts_per_week=2)  # type: ignore[call-arg]


def situation(**differs: Any) -> Situation:
    known: dict[str, Any] = {
        "now": NOW,
        "zone": "Europe/Vienna",
        "schedule": SCHEDULE,
        "own_accord": True,
        "participant_active": True,
        "consented": True,
        "reach": Reach.OPEN,
    }
    return Situation(**(known | differs))


@pytest.mark.parametrize(
    ("differs", "decision"),
    [
        ({}, Go()),
        ({"participant_active": False}, Stop(Reason.WITHDRAWN)),
        ({"consented": False}, Stop(Reason.NO_CONSENT)),
        ({"reach": Reach.BLOCKED}, Stop(Reason.BLOCKED)),
        ({"reach": Reach.NONE}, Stop(Reason.UNREACHABLE)),
        ({"allowed": False}, Stop(Reason.NOT_ALLOWED)),
        (
            {"conversation_ended_at": NOW - timedelta(hours=1)},
            Wait(NOW + timedelta(hours=23), Reason.QUIET_AFTER_TALK),
        ),
        ({"conversation_ended_at": NOW - timedelta(hours=25)}, Go()),
        ({"conversation_ended_at": NOW, "own_accord": False}, Go()),
        ({"answered": True}, Stop(Reason.ALREADY_ANSWERED)),
        ({"something_to_ask": False}, Stop(Reason.NOTHING_LEFT_TO_ASK)),
        ({"flow_found": False}, Wait(NOW + timedelta(days=1), Reason.FLOW_MISSING)),
        ({"safety_hold": True}, Wait(NOW + timedelta(days=1), Reason.SAFETY_HOLD)),
        ({"other_conversation_open": True}, Wait(NOW + timedelta(days=1), Reason.OTHER_TALK_OPEN)),
        ({"hold_until": NOW}, Go()),
        ({"hold_until": datetime(2026, 3, 5, 6, tzinfo=UTC)}, Wait(NOON_THURSDAY, Reason.ON_HOLD)),
        (
            {"now": datetime(2026, 3, 4, 20, tzinfo=UTC)},
            Wait(NOON_THURSDAY, Reason.OUTSIDE_WINDOW),
        ),
        (
            {"contacts": (NOW - timedelta(days=6), NOW - timedelta(days=1))},
            Wait(NOW + timedelta(days=1), Reason.CONTACT_BUDGET),
        ),
        ({"contacts": (NOW - timedelta(days=7), NOW - timedelta(days=1))}, Go()),
        ({"contacts": (NOW - timedelta(days=1),) * 2, "own_accord": False}, Go()),
        ({"now": datetime(2026, 3, 4, 20, tzinfo=UTC), "own_accord": False}, Go()),
        ({"participant_active": False, "consented": False, "answered": True}, Stop(Reason.WITHDRAWN)),
        ({"answered": True, "other_conversation_open": True}, Stop(Reason.ALREADY_ANSWERED)),
    ],
)
def test_gate(differs: dict[str, Any], decision: Decision) -> None:
    """Each rule forbids, makes pointless or puts off, in this order; without any, the contact is made."""
    assert gate(situation(**differs)) == decision


def test_new_time_is_inside_the_window() -> None:
    """What the budget puts off to a Friday comes on the next open day instead, so that one wait is enough."""
    now = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    contacts = (now - timedelta(days=6), now - timedelta(days=2))
    assert gate(situation(now=now, contacts=contacts)) == Wait(
        datetime(2026, 3, 9, 11, tzinfo=UTC), Reason.CONTACT_BUDGET
    )
