"""Codes that let a member in without the app of their second step: shown once, as they are made, and good once each.

A code is twelve digits, so that it is typed into the field of the app's six, on any keyboard. It counts with the wrong
ones of the app where it is wrong. Ten of them are made with a second step, and anew by a code of the app alone, so that
whoever finds an open page makes none.
"""

import re
import secrets
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.access.codes import check_tries, take_app_code
from bot.console.done import Done
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.database import audit
from storage.schema import AuditKind
from storage.team import recovery_codes, sessions, sign_in

AT_ONCE: Final = 10
_DIGITS: Final = 12
_GROUP: Final = 4
_CODE: Final = re.compile(rf"[0-9]{{{_DIGITS}}}")


def make(connection: Connection, visit: ConsoleVisit) -> tuple[str, ...]:
    """Make a member's codes, in place of those of before, and return them; only their hashes are kept."""
    identity, who = visit.parts.database.identity, visit.coordinator.id
    codes = tuple(f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}" for _ in range(AT_ONCE))
    hashes = [recovery_codes.hash_of(identity, who, one) for one in codes]
    recovery_codes.make(connection, who, hashes, visit.now)
    _audit(connection, visit, "recovery codes made")
    return codes


def use(connection: Connection, visit: ConsoleVisit, told: str) -> bool:
    """Use up a code that was told; return False where it is none of the member's, or was used."""
    if not _CODE.fullmatch(told):
        return False
    hashed = recovery_codes.hash_of(visit.parts.database.identity, visit.coordinator.id, told)
    if not recovery_codes.use(connection, visit.coordinator.id, hashed, visit.now):
        return False
    _audit(connection, visit, "recovery code used")
    return True


def show(visit: ConsoleVisit, codes: tuple[str, ...]) -> Response:
    """Show codes that were made just now: nobody can show them again."""
    return visit.page("recovery.html.jinja", codes=[_grouped(one) for one in codes], told=" ".join(codes))


async def make_anew(visit: ConsoleVisit) -> Response:
    """Make new codes for a member who gives a code of their app."""
    assert visit.member is not None
    member, told, now = visit.member, visit.form.value("code").replace(" ", ""), visit.now

    def work(connection: Connection) -> tuple[str, ...]:
        check_tries(connection, member.coordinator.id, now)
        if sign_in.second_step_of(connection, member.coordinator.id) is None:
            raise PageRefused(HTTPStatus.CONFLICT, "You have no second step. Nothing was changed.")
        if not take_app_code(connection, visit, told):
            sessions.count_wrong_code(connection, member.session_id, now)
            return ()
        return make(connection, visit)

    made = await visit.write(work)
    return show(visit, made) if made else visit.to("/me", Done.CODE_WRONG)


async def save(visit: ConsoleVisit) -> Response:
    """Give the codes that a page has just shown as a file of text."""
    codes = visit.form.value("codes").split()
    identity, who = visit.parts.database.identity, visit.coordinator.id
    hashes = [recovery_codes.hash_of(identity, who, one) for one in codes[: AT_ONCE + 1]]
    if not await visit.read(lambda connection: recovery_codes.are_good(connection, who, hashes)):
        raise PageRefused(HTTPStatus.NOT_FOUND, "These are not codes that are good.")
    lines = [visit.say("Said & Done: recovery codes of %(who)s", who=visit.coordinator.code), ""]
    lines += map(_grouped, codes)
    headers = {"content-disposition": 'attachment; filename="recovery-codes.txt"'}
    return Response("\r\n".join([*lines, ""]), headers=headers, media_type="text/plain; charset=utf-8")


def _grouped(code: str) -> str:
    """Return a code as it is read.

    >>> _grouped("123456789012")
    '1234 5678 9012'
    """
    return " ".join(code[place : place + _GROUP] for place in range(0, _DIGITS, _GROUP))


def _audit(connection: Connection, visit: ConsoleVisit, command: str) -> None:
    by = visit.coordinator.code
    audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=visit.now, command=command, by=by)


PAGES: Final = (
    ConsolePage("POST", "/me/recovery-codes", None, make_anew),
    ConsolePage("POST", "/me/recovery-codes/file", None, save),
)
