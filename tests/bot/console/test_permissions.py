"""What each role may do, and where."""

import pytest

from bot.console.permissions import OF_ROLE, Permission, may_anywhere, programs_with
from storage.schema import TeamRole
from storage.team.roles import GivenRole


def test_every_role_looks_at_figures():
    """Whoever is of the team sees figures; only those who need words read them."""
    assert all(Permission.SEE_FIGURES in allowed for allowed in OF_ROLE.values())
    readers = {role for role, allowed in OF_ROLE.items() if Permission.READ_WORDS in allowed}
    assert readers == {TeamRole.COORDINATOR, TeamRole.SAFETY}


def test_the_table_names_each_role_and_each_permission():
    """No role is without a line, and nothing is needed that nobody may do."""
    assert set(OF_ROLE) == set(TeamRole)
    assert frozenset().union(*OF_ROLE.values()) == set(Permission)


@pytest.mark.parametrize(
    ("roles", "permission", "where"),
    [
        ((), Permission.SEE_FIGURES, frozenset()),
        ((GivenRole(TeamRole.SAFETY),), Permission.DECIDE_CASES, None),
        ((GivenRole(TeamRole.SAFETY, "a"),), Permission.DECIDE_CASES, {"a"}),
        ((GivenRole(TeamRole.SAFETY, "a"), GivenRole(TeamRole.COORDINATOR)), Permission.DECIDE_CASES, {"a"}),
        ((GivenRole(TeamRole.SAFETY, "a"), GivenRole(TeamRole.COORDINATOR)), Permission.READ_WORDS, None),
        (
            (GivenRole(TeamRole.SAFETY, "a"), GivenRole(TeamRole.SAFETY, "b")),
            Permission.READ_WORDS,
            {"a", "b"},
        ),
    ],
)
def test_a_role_holds_where_it_was_given(roles, permission, where):
    """In its program, or everywhere; None is everywhere, an empty set nowhere."""
    assert programs_with(roles, permission) == where
    assert may_anywhere(roles, permission) == (where is None or bool(where))
