"""Say where people most likely are, for whoever looks for phone numbers as they write them at home."""

from collections.abc import Callable, Collection

Regions = Callable[[], Collection[str]]
"""Looks up the codes of countries (GB); asked only where no other rule decides."""


def nowhere() -> Collection[str]:
    """Return no country: nothing tells where people are."""
    return ()
