"""The pages that every page leads to, in the order of a day."""

from dataclasses import dataclass
from typing import Final

from bot.console.permissions import Permission


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A line of the navigation: its name, its path below `/team`, and what a member must be allowed to do to see it."""

    name: str
    path: str
    needs: Permission


NAVIGATION: Final = (
    NavigationEntry("Today", "", Permission.SEE_FIGURES),
    NavigationEntry("Reading", "/reading", Permission.READ_WORDS),
    NavigationEntry("People", "/people", Permission.SEE_PEOPLE),
    NavigationEntry("Safety", "/safety", Permission.READ_WORDS),
    NavigationEntry("Invitations", "/invitations", Permission.INVITE),
    NavigationEntry("Follow-ups", "/follow-ups", Permission.SEE_FIGURES),
    NavigationEntry("Loop", "/loop", Permission.SEE_FIGURES),
    NavigationEntry("Themes", "/themes", Permission.CODE_WORDS),
    NavigationEntry("Programmes", "/programs", Permission.SEE_FIGURES),
    NavigationEntry("Reports", "/reports", Permission.HAND_OUT),
    NavigationEntry("Team", "/members", Permission.RUN_TEAM),
    NavigationEntry("System", "/system", Permission.SEE_SYSTEM),
)
