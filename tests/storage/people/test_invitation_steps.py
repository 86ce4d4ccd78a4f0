"""Many invitations, kept some at a time: none lets in before all are there, and what was begun lets in nobody."""

from pathlib import Path

import pytest

from flows.script.roles import Role
from storage.people import invitation_steps, invitations
from storage.people.invitations import InvitationProblem, NewInvitation, RedeemedInvitation
from storage.privacy import closing
from storage.programs.programs import ProgramError
from tests.support.turn_world import START, World, make_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(invitation_steps, "AT_ONCE", 2)
    made = make_world(tmp_path)
    yield made
    made.database.close()


def wanted(world: World, number: int) -> list[tuple[NewInvitation, bytes]]:
    new = NewInvitation(program_id=world.program_id, role=Role.HCP, flow="small", source="x")
    return [(new, b"hash %d" % one) for one in range(number)]


def lets_in(world: World, number: int) -> bool:
    look = world.database.read_now(
        lambda c: invitations.look_at(c, token_hash=b"hash %d" % number, participant_id=None, now=START)
    )
    return look is not None and look.problem is None


def test_none_lets_in_before_all_are_there(world: World) -> None:
    """Each step keeps two; only the last one opens them, all at once."""
    seen = []
    for step in invitation_steps.making_steps(wanted(world, 5), START):
        world.database.write_now(step)
        seen.append([lets_in(world, one) for one in range(5)])
    assert seen == [[False] * 5] * 3 + [[True] * 5]
    assert world.rows("SELECT count(*) FROM invitation WHERE revoked_at IS NULL") == [(5,)]


def test_a_few_are_kept_in_one_step(world: World) -> None:
    """There is nothing to wait for."""
    [step] = invitation_steps.making_steps(wanted(world, 2), START)
    world.database.write_now(step)
    assert lets_in(world, 0)
    assert lets_in(world, 1)


def test_what_was_left_by_a_crash_lets_nobody_in(world: World) -> None:
    """Nobody was shown a token of it; another list that is made later opens its own alone."""
    left = invitation_steps.making_steps(wanted(world, 5), START)
    world.database.write_now(next(left))
    for step in invitation_steps.making_steps(
        [(one, b"later " + two) for one, two in wanted(world, 3)], START
    ):
        world.database.write_now(step)
    answer = world.database.write_now(
        lambda c: invitations.redeem(c, token_hash=b"hash 0", participant_id=None, now=START)
    )
    assert answer is InvitationProblem.REVOKED
    answer = world.database.write_now(
        lambda c: invitations.redeem(c, token_hash=b"later hash 2", participant_id=None, now=START)
    )
    assert isinstance(answer, RedeemedInvitation)


def test_a_program_that_closes_meanwhile_lets_nobody_in(world: World) -> None:
    """The step that finds it closed raises, and those before it stay shut."""
    steps = invitation_steps.making_steps(wanted(world, 5), START)
    world.database.write_now(next(steps))
    world.database.write_now(lambda c: closing.close(c, world.program_id, START))
    with pytest.raises(ProgramError, match="closed"):
        world.database.write_now(next(steps))
    assert not any(lets_in(world, one) for one in range(5))
