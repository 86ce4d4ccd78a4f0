"""Check the codes of a second step: those that the member's app shows, and how many wrong ones there may be."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import pyotp
from sqlalchemy import Connection

from bot.console.visit import ConsoleVisit, PageRefused
from storage.team import sessions, sign_in

_STEP_SECONDS: Final = 30
_HOUR: Final = timedelta(hours=1)
_WRONG_AN_HOUR: Final = 15
"""Wrong codes of one member within an hour, in all their sessions: a new link gives no more of them."""


def check_tries(connection: Connection, coordinator_id: int, now: datetime) -> None:
    """Check that a member has not told too many wrong codes.

    Raises:
        PageRefused: they have, within an hour; right ones are refused, too.
    """
    if sessions.wrong_codes(connection, coordinator_id, now - _HOUR) >= _WRONG_AN_HOUR:
        raise PageRefused(HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong codes. Wait for an hour.")


def take_app_code(connection: Connection, visit: ConsoleVisit, told: str) -> bool:
    """Take a code of a member's app; return False where it is not right, or was taken before."""
    sealed = sign_in.second_step_of(connection, visit.coordinator.id)
    secret = visit.parts.database.identity.open(sealed) if sealed else None
    step = None if secret is None else step_of_code(secret, told, visit.now.timestamp())
    return step is not None and sign_in.take_step(connection, visit.coordinator.id, step)


def step_of_code(secret: str, told: str, seconds: float) -> int | None:
    """Return the step of time whose code was told: the one of now, or of half a minute before or after; None for none.

    `secret` is the one that the app of the second step has, in base 32. Codes are compared in constant time.
    """
    maker = pyotp.TOTP(secret)
    now = int(seconds) // _STEP_SECONDS
    right = [
        step for step in (now - 1, now, now + 1) if pyotp.utils.strings_equal(maker.generate_otp(step), told)
    ]
    return right[-1] if right else None
