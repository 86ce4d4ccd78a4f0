"""What a platform's Home tab shows of whoever opened it: where they stand, and nothing that they said."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable


class HomeStanding(StrEnum):
    """Where somebody stands with the bot."""

    STRANGER = "stranger"
    """Nobody is known at the address."""
    OPEN = "open"
    PAUSED = "paused"
    IDLE = "idle"
    """They take part, and nothing is open."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class HomeState:
    """Where somebody stands, as a Home tab shows it.

    `language` is the one in which they are spoken to, None where it is not known. `title` is what the open conversation
    is called and `progress` its n of m, '' and None where there is none. `until` is the day before which nothing is
    sent to them, None where they named none; `expects_us` says whether we shall write of our own accord.
    """

    standing: HomeStanding = HomeStanding.STRANGER
    language: str | None = None
    title: str = ""
    progress: tuple[int, int] | None = None
    until: date | None = None
    expects_us: bool = False


HomeQuery = Callable[[str], Awaitable[HomeState]]
"""Finds where somebody at an address stands; raises whatever the reading raises."""


async def nothing_known(_address: str) -> HomeState:
    """Answer that nobody is known: the query of a channel that was given no other."""
    return HomeState()


class HomeAsker(Protocol):
    """What shows a Home tab; `query` is how it asks what to show."""

    query: HomeQuery


@runtime_checkable
class HomeChannel(Protocol):
    """A channel whose platform has a Home tab."""

    home_tab: HomeAsker
