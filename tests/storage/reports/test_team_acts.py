"""Who of the team did what, read out of the audit trail."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from storage.database import audit
from storage.people import coordinators
from storage.reports import team_acts
from storage.reports.team_acts import GROUP_OF, READ_AS, ActFilter, ActGroup, Doer, TeamAct, act_of
from storage.schema import TEAM_ACTS, AuditKind
from tests.support.turn_world import make_world

OF_TURNS = {
    AuditKind.ENTERED,
    AuditKind.REFUSED,
    AuditKind.TALK_BEGAN,
    AuditKind.CONSENT,
    AuditKind.ANSWER,
    AuditKind.CORRECTION,
    AuditKind.REMARK,
    AuditKind.WITHDRAWAL,
    AuditKind.SENT,
}
"""What people and the bot alone do."""


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    assert [one.act for one in listed(made).acts] == [TeamAct.PROGRAM_CHANGED]
    made.clock.move(timedelta(days=1))
    yield made
    made.database.close()


def told(world, kind: AuditKind, *, later: int = 0, person: int | None = None, **details) -> None:
    """An entry of the trail, so many seconds after the last."""
    world.clock.move(timedelta(seconds=later))
    now = world.clock.now()
    world.database.write_now(lambda c: audit.record(c, kind, participant_id=person, now=now, **details))


def listed(world, limit: int = 50, **wanted) -> team_acts.ActList:
    """What the page shows; of its own the world has loaded a program."""
    return world.database.read_now(lambda c: team_acts.list_acts(c, ActFilter(**wanted), limit=limit))


def test_every_kind_of_entry_is_the_teams_or_of_turns():
    """A new kind is read as an act, and stands in the index, or is said to be none of the team's."""
    assert set(AuditKind) == set(READ_AS) | OF_TURNS
    assert not set(READ_AS) & OF_TURNS
    assert {kind for kind in AuditKind if f"'{kind.value}'" in TEAM_ACTS} == set(READ_AS)
    assert all(act_of(kind, {}) is None for kind in OF_TURNS)


def test_every_act_is_of_a_group():
    """So each is found by what it is about."""
    assert set(GROUP_OF) == set(TeamAct)


@pytest.mark.parametrize(
    ("kind", "details", "act", "by"),
    [
        (AuditKind.SETTINGS, {"command": "roles safety", "coordinator": "B", "by": "CAT"}, TeamAct.ROLES_GIVEN, "CAT"),
        (AuditKind.SETTINGS, {"command": "roles safety", "coordinator": "BOB"}, TeamAct.ROLES_GIVEN, Doer.MACHINE),
        (AuditKind.SETTINGS, {"command": "pause", "program": "m", "by": "CAT"}, TeamAct.PROGRAM_PAUSED, "CAT"),
        (AuditKind.SETTINGS, {"command": "pause", "coordinator": "CAT", "number": 3}, TeamAct.PERSON_PAUSED, "CAT"),
        (AuditKind.SETTINGS, {"journal": ["program_paused"]}, TeamAct.PROGRAM_PAUSED, Doer.MACHINE),
        (AuditKind.SETTINGS, {"command": "invitation revoke", "coordinator": "CAT"}, TeamAct.LINK_REVOKED, "CAT"),
        (AuditKind.SETTINGS, {"what": "closed", "program": "m", "by": "CAT"}, TeamAct.PROGRAM_CLOSED, "CAT"),
        (AuditKind.SETTINGS, {"program": "m", "version": "ab"}, TeamAct.PROGRAM_CHANGED, Doer.MACHINE),
        (AuditKind.SETTINGS, {"restored": {}}, TeamAct.RESTORED, Doer.MACHINE),
        (AuditKind.DELETION, {"journal": 7}, TeamAct.RESTORED, Doer.MACHINE),
        (AuditKind.SETTINGS, {"something": 1}, TeamAct.OTHER, Doer.MACHINE),
        (AuditKind.VIEW, {"command": "console", "coordinator": "CAT", "number": None}, TeamAct.SIGN_IN_LINK, "CAT"),
        (AuditKind.VIEW, {"case": 3, "by": "CAT"}, TeamAct.WORDS_SHOWN, "CAT"),
        (AuditKind.DELETION, {"report_kept": False}, TeamAct.ERASED, Doer.THEMSELVES),
        (AuditKind.DELETION, {"asked_by": "BOB", "by": "CAT", "report_kept": False}, TeamAct.ERASED, "CAT"),
        (AuditKind.EXPORT, {"to": "themselves"}, TeamAct.OWN_DATA, Doer.THEMSELVES),
        (AuditKind.PURGE, {"rows": 4}, TeamAct.PURGED, Doer.BOT),
        (AuditKind.FLAG, {"case": 1, "by": "CAT"}, TeamAct.CASE_OPENED, "CAT"),
    ],
)  # fmt: skip
def test_an_entry_tells_what_was_done_and_by_whom(world, kind, details, act, by):
    """Whichever name the entry has for who did it; whom it was done to is not taken for them."""
    told(world, kind, **details)
    found = listed(world, group=GROUP_OF[act]).acts[0]
    assert (found.act, found.by) == (act, by)


def test_what_the_bot_or_a_person_did_is_no_act(world):
    """A rule that found something, or a talk that somebody put off, is nobody of the team."""
    told(world, AuditKind.FLAG, tier="report", conversation=1)
    told(world, AuditKind.SETTINGS, journal=["pause"])
    assert len(listed(world).acts) == 1


def test_acts_are_looked_for(world):
    """By who did it, by whom it is about, by group; what was only looked at stands there when it is asked for."""
    now = world.clock.now()
    world.database.write_now(lambda c: coordinators.enrol(c, "CAT", token_hash=b"c", now=now))
    world.database.write_now(
        lambda c: c.execute(
            sa.text(
                "INSERT INTO participant (id, code, role, status, created_at) VALUES (7, 'P-ABC', 'hcp', 'active', :at)"
            ),
            {"at": "2026-01-01 00:00:00.000000"},
        )
    )
    told(world, AuditKind.SETTINGS, later=1, person=7, command="participant set", by="CAT")
    told(world, AuditKind.SETTINGS, later=1, command="session ended", coordinator="CAT", by="BOB")
    told(world, AuditKind.VIEW, later=1, what="signed in", session=1, coordinator_id=1)
    told(world, AuditKind.VIEW, later=1, what="text", answer=4, by="CAT")
    acts = [one.act for one in listed(world).acts]
    assert acts[:-1] == [TeamAct.SIGNED_IN, TeamAct.SESSION_ENDED, TeamAct.PERSON_SET]
    assert [one.act for one in listed(world, by="CAT").acts] == [TeamAct.SIGNED_IN, TeamAct.PERSON_SET]
    assert [(one.act, one.person) for one in listed(world, person="P-ABC").acts] == [
        (TeamAct.PERSON_SET, "P-ABC")
    ]
    assert [one.act for one in listed(world, group=ActGroup.LOOKED_AT).acts] == [TeamAct.WORDS_SHOWN]


def test_older_acts_follow_without_a_gap(world):
    """From the number that a list names on, also among those of one moment, whatever was done meanwhile."""
    for number in range(7):
        told(world, AuditKind.SAFETY, later=number % 2, case=number, act="review", by="CAT")
    first = listed(world, limit=3, by="CAT")
    told(world, AuditKind.SAFETY, later=1, case=99, act="review", by="CAT")
    second = listed(world, limit=3, by="CAT", before=first.older)
    third = listed(world, limit=3, by="CAT", before=second.older)
    cases = [one.number("case") for part in (first, second, third) for one in part.acts]
    assert cases == [6, 5, 4, 3, 2, 1, 0]
    assert third.older is None


def test_a_list_looks_through_so_many_and_says_where_to_go_on(world, monkeypatch):
    """Somebody rare is looked for in parts."""
    monkeypatch.setattr(team_acts, "LOOKED_THROUGH", 3)
    told(world, AuditKind.SAFETY, case=1, act="note", by="DAN")
    for _ in range(4):
        told(world, AuditKind.SAFETY, later=1, case=2, act="note", by="DANA", after="DAN")
    first = listed(world, by="DAN")
    assert first.acts == ()
    assert [one.number("case") for one in listed(world, by="DAN", before=first.older).acts] == [1]


def test_the_list_goes_by_the_index(world):
    """The many entries of turns are not looked at."""
    query = f"SELECT id FROM audit_event WHERE audit_event.{TEAM_ACTS} ORDER BY at DESC, id DESC LIMIT 50"
    plan = world.rows(f"EXPLAIN QUERY PLAN {query}")
    assert any("ix_audit_event_team" in row[3] for row in plan)
