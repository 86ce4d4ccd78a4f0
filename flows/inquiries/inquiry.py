"""Name what people ask the bot: a closed set."""

from enum import StrEnum, auto
from typing import Final


class Inquiry(StrEnum):
    """Name what people ask the bot. Where two fit, the one that is named first here is meant."""

    GENUINE = auto()
    WHO_ARE_YOU = auto()
    BOSS_OR_DOCTOR = auto()
    WHO_READS = auto()
    ANONYMOUS = auto()
    WHAT_SAID = auto()
    CALL_ME = auto()
    WHAT_HAPPENS = auto()
    WHEN_AGAIN = auto()
    HOW_LONG = auto()
    WHY = auto()
    VOLUNTARY = auto()
    MEDICAL = auto()
    HELLO = auto()
    THANKS = auto()


SOCIAL: Final = frozenset({Inquiry.HELLO, Inquiry.THANKS})
"""What asks nothing: beside a question or a story it is courtesy, and no inquiry of its own."""
