"""What each role of the team may do: the one place where that is decided."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from storage.schema import TeamRole
from storage.team.roles import GivenRole


class Permission(StrEnum):
    """What a page needs."""

    SEE_FIGURES = "see_figures"
    """Figures and tables, nobody's words and no person."""
    SEE_PEOPLE = "see_people"
    """Lists of people by code, and what was sent to them and why."""
    READ_WORDS = "read_words"
    """What people wrote, without what may tell who they are."""
    CARE_FOR_PEOPLE = "care_for_people"
    """Pause, send again, put zone and language right, move, erase."""
    INVITE = "invite"
    """Make links, and end them."""
    DECIDE_CASES = "decide_cases"
    """Take steps with safety cases."""
    CODE_WORDS = "code_words"
    """Code what people wrote by a codebook, and settle."""
    HAND_OUT = "hand_out"
    """Make exports and reports."""
    LOAD_PROGRAMS = "load_programs"
    """Load, pause, close and archive programs."""
    SEE_SYSTEM = "see_system"
    """How the bot stands: doctor, lanes, backups, audit."""
    RUN_TEAM = "run_team"
    """Who is of the team, what they may do, and where they are signed in."""


_LOOK: Final = frozenset({Permission.SEE_FIGURES})
OF_ROLE: Final[Mapping[TeamRole, frozenset[Permission]]] = {
    TeamRole.VIEWER: _LOOK,
    TeamRole.COORDINATOR: _LOOK
    | {
        Permission.SEE_PEOPLE,
        Permission.READ_WORDS,
        Permission.CARE_FOR_PEOPLE,
        Permission.INVITE,
        Permission.CODE_WORDS,
        Permission.HAND_OUT,
    },
    TeamRole.SAFETY: _LOOK | {Permission.SEE_PEOPLE, Permission.READ_WORDS, Permission.DECIDE_CASES},
    TeamRole.AUTHOR: _LOOK | {Permission.LOAD_PROGRAMS},
    TeamRole.ADMIN: _LOOK
    | {Permission.SEE_PEOPLE, Permission.SEE_SYSTEM, Permission.RUN_TEAM, Permission.INVITE},
}
"""What each role may do where it was given."""


def programs_with(roles: Iterable[GivenRole], permission: Permission) -> frozenset[str] | None:
    """Return the short names of the programs in which somebody may do something; None for all, empty for none."""
    granted = [one.program for one in roles if permission in OF_ROLE[one.role]]
    return None if None in granted else frozenset(program for program in granted if program is not None)


def may_anywhere(roles: Iterable[GivenRole], permission: Permission) -> bool:
    """Return whether somebody may do something in a program at least."""
    return programs_with(roles, permission) != frozenset()
