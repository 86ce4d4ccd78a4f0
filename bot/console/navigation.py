"""The pages that every page leads to, in the order of a day: each member sees those that their roles include."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A line of the navigation: its name, and its path below `/team`. Who sees it follows from the page there."""

    name: str
    path: str


NAVIGATION: Final = (
    NavigationEntry("Today", ""),
    NavigationEntry("Reading", "/reading"),
    NavigationEntry("People", "/people"),
    NavigationEntry("Safety", "/safety"),
    NavigationEntry("Invitations", "/invitations"),
    NavigationEntry("Follow-ups", "/follow-ups"),
    NavigationEntry("Loop", "/loop"),
    NavigationEntry("Themes", "/themes"),
    NavigationEntry("Programmes", "/programs"),
    NavigationEntry("Reports", "/reports"),
    NavigationEntry("Team", "/members"),
    NavigationEntry("Who did what", "/acts"),
    NavigationEntry("System", "/system"),
)
