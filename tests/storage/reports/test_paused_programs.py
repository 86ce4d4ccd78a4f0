"""Which programs are paused, as every page of the team says."""

from datetime import timedelta

import pytest

from storage.database import audit
from storage.programs import programs
from storage.reports import paused_programs
from storage.reports.team_acts import Doer
from storage.schema import TEAM_ACTS, AuditKind
from tests.support.turn_world import make_world


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def test_a_paused_program_is_told_with_who_paused_it_by_one_indexed_statement(world):
    """In the pages by its coordinator, else on the machine; nothing of it walks through the trail."""
    now = world.clock.now()
    assert world.database.read_now(paused_programs.list_paused) == ()

    def pause(connection) -> None:
        programs.pause(connection, world.program_id, now)
        [row] = programs.list_all(connection)
        audit.record(
            connection,
            AuditKind.SETTINGS,
            participant_id=None,
            now=now,
            command="pause",
            program=row.slug,
            by="CAT",
        )

    world.database.write_now(pause)
    [paused] = world.database.read_now(paused_programs.list_paused)
    assert (paused.since, paused.by) == (now, "CAT")
    query = "SELECT paused_at, details FROM program LEFT JOIN audit_event ON audit_event.at = paused_at"
    plan = world.rows(f"EXPLAIN QUERY PLAN {query} AND audit_event.{TEAM_ACTS} WHERE paused_at IS NOT NULL")
    assert any("ix_audit_event_team (at=? AND kind=?)" in row[3] for row in plan)
    world.clock.move(timedelta(minutes=1))
    later = world.clock.now()
    world.database.write_now(lambda c: programs.resume(c, world.program_id, later))
    assert world.database.read_now(paused_programs.list_paused) == ()
    world.database.write_now(lambda c: programs.pause(c, world.program_id, later + timedelta(seconds=1)))
    [again] = world.database.read_now(paused_programs.list_paused)
    assert again.by in (None, Doer.MACHINE)
