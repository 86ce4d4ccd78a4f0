"""What puts off contact of our own accord."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.follow_up import holds, timers
from tests.support.wave_world import MONDAY, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def test_pause_holds_until_its_conversation_ends(world: World) -> None:
    """A snoozed person is left in peace until the chosen hour; the end of the conversation ends that."""
    ann = world.person()
    conversation = ann.commit()
    until = MONDAY + timedelta(days=1)
    world.database.write_now(
        lambda c: timers.snooze(
            c, conversation_id=conversation, participant_id=ann.id, until=until, now=MONDAY
        )
    )
    assert world.database.read_now(lambda c: holds.contact_hold(c, ann.id)) == until
    world.database.write_now(
        lambda c: timers.conversation_ended(
            c, conversation_id=conversation, participant_id=ann.id, now=MONDAY
        )
    )
    assert world.database.read_now(lambda c: holds.contact_hold(c, ann.id)) is None
    assert world.column("SELECT reason FROM timer") == ["talk_ended"]


def test_the_latest_of_three_holds_counts(world: World) -> None:
    """They are away, a coordinator wants quiet: contact waits for the later one, and each is told by itself."""
    ann = world.person()
    away, quiet = MONDAY + timedelta(days=2), MONDAY + timedelta(days=5)

    def hold_both(connection):
        holds.hold(connection, participant_id=ann.id, until=away, now=MONDAY)
        holds.hold_for_team(connection, participant_id=ann.id, until=quiet, now=MONDAY)

    world.database.write_now(hold_both)
    read = world.database.read_now
    assert read(lambda c: holds.held_until(c, ann.id)) == away
    assert read(lambda c: holds.held_for_team(c, ann.id)) == quiet
    assert read(lambda c: holds.contact_hold(c, ann.id)) == quiet
    world.database.write_now(lambda c: holds.hold_for_team(c, participant_id=ann.id, until=None, now=MONDAY))
    assert read(lambda c: holds.contact_hold(c, ann.id)) == away
