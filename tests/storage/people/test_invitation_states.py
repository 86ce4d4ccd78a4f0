"""How invitations stand: each in one state, found by it, counted by source, sorted and cut into pages."""

from datetime import timedelta

import pytest

from storage.enums import InvitationSort, InvitationState
from storage.people import invitation_changes, invitation_states
from storage.people.invitation_changes import InvitationChange
from storage.people.invitation_states import InvitationFilter
from tests.support.turn_world import IDENTITY, START, make_world

DAY = timedelta(days=1)
STATES = [
    InvitationState.UNUSED,
    InvitationState.IN_USE,
    InvitationState.USED,
    InvitationState.FULL,
    InvitationState.EXPIRED,
    InvitationState.REVOKED,
]
"""Of the links of the world, by number from 1."""
ALL = InvitationFilter()


@pytest.fixture
async def world(tmp_path):
    made = make_world(tmp_path)
    made.token(source="a")
    await made.someone("ann").start(made.group(source="a"))
    await made.someone("bob").start(made.token(source="b"))
    await made.someone("cat").start(made.group(source="b", max_uses=1))
    made.token(source="b", expires_at=START)
    made.token(source="c", expires_at=START + DAY)
    made.database.write_now(lambda c: invitation_changes.revoke(c, [6], InvitationChange(START)))
    yield made
    made.database.close()


def listed(world, wanted=ALL, **more) -> list[int]:
    rows = world.database.read_now(
        lambda connection: invitation_states.list_invitations(connection, wanted, START, **more)
    )
    return [one.id for one in rows]


def test_each_has_one_state(world):
    """What it is told as, in the list and by its number."""
    for number, state in enumerate(STATES, 1):
        found = world.database.read_now(lambda c, number=number: invitation_states.find(c, number, START))
        assert found.state is state
        assert listed(world, InvitationFilter(state=state)) == [number]
    assert {state for state in InvitationState if state.lets_in} == {
        InvitationState.UNUSED,
        InvitationState.IN_USE,
    }


def test_a_link_that_was_used_stays_used(world):
    """Its time may be over since: whoever it let in is in."""
    later = START + 900 * DAY
    found = world.database.read_now(lambda c: invitation_states.find(c, 3, later))
    assert found.state is InvitationState.USED


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (InvitationSort.NEWEST, [6, 5, 4, 3, 2, 1]),
        (InvitationSort.OLDEST, [1, 2, 3, 4, 5, 6]),
        (InvitationSort.SOURCE, [2, 1, 5, 4, 3, 6]),
        (InvitationSort.EXPIRY, [5, 6, 4, 3, 2, 1]),
        (InvitationSort.USES, [4, 3, 2, 6, 5, 1]),
    ],
)
def test_the_list_is_sorted_and_cut(world, sort, order):
    """Each order is whole, and its pages are parts of it."""
    assert listed(world, sort=sort) == order
    assert listed(world, sort=sort, page=(2, 2)) == order[2:4]


def test_the_list_is_of_what_is_wanted(world):
    """Of a program, a source, or both; the count says the same."""
    for wanted, numbers in (
        (InvitationFilter("myeloma"), [6, 5, 4, 3, 2, 1]),
        (InvitationFilter("other"), []),
        (InvitationFilter(source="b"), [5, 4, 3]),
        (InvitationFilter("myeloma", "b", InvitationState.FULL), [4]),
    ):
        assert listed(world, wanted) == numbers
        count = world.database.read_now(
            lambda c, wanted=wanted: invitation_states.count_invitations(c, wanted, START)
        )
        assert count == len(numbers)


def test_sources_are_tallied(world):
    """How many links of each were used, and how many not."""
    tallies = world.database.read_now(lambda c: invitation_states.tally_sources(c, START))
    told = {one.source: (one.total, one.uses, [one.states[state] for state in STATES]) for one in tallies}
    assert told == {
        "a": (2, 1, [1, 1, 0, 0, 0, 0]),
        "b": (3, 2, [0, 0, 1, 1, 1, 0]),
        "c": (1, 0, [0, 0, 0, 0, 0, 1]),
    }
    assert world.database.read_now(lambda c: invitation_states.tally_sources(c, START, "other")) == ()


def test_links_are_found_by_their_tokens(world):
    """By the keyed hash; what is unknown is left out."""
    token = world.token()
    hashed = IDENTITY.token_hash(token)
    found = world.database.read_now(lambda c: invitation_states.by_tokens(c, [hashed, b"other"], START))
    assert {key: one.id for key, one in found.items()} == {hashed: 7}
