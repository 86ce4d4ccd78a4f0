"""Sign in and out: a link that is good once, opened by its button, and the code of a second step.

A link that is fetched by a preview or a scanner uses up nothing: only the POST of its button does.
"""

import re
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import cookies
from bot.console.access import codes, recovery
from bot.console.done import Done
from bot.console.languages.marks import noted
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.database import audit
from storage.schema import AuditKind
from storage.team import sessions, sign_in

CODE_PATH: Final = "/code"
SIGN_OUT_PATH: Final = "/out"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_DEAD_LINK: Final = noted(
    "This link is not good any more: each lets you in once, within a quarter of an hour. Ask the bot for a new one by"
    " writing `console` to it, or on its machine by `said coordinator console`."
)


_LOST_STEP: Final = noted(
    "You set your second step after the backup was made that was put in place since, so that no code of it is known any"
    " more. Ask somebody who looks after the team to take it away, and set a new one; on the bot's machine,"
    " `said coordinator reset-step` does it."
)


async def ask_for_link(visit: ConsoleVisit) -> Response:
    """Say how to get in; whoever is in already is led on."""
    return visit.page("sign_in.html.jinja", token=None) if visit.member is None else visit.to("")


async def show_link(visit: ConsoleVisit) -> Response:
    """Show the button of a link."""
    hashed = _hash_of(visit)
    if not await visit.read(lambda connection: sign_in.is_good(connection, hashed, visit.now)):
        raise PageRefused(HTTPStatus.GONE, _DEAD_LINK)
    return visit.page("sign_in.html.jinja", token=visit.request.path_params["token"])


async def use_link(visit: ConsoleVisit) -> Response:
    """Let somebody in by their link: a session of its own, whatever cookie the browser had."""
    hashed, secret, now = _hash_of(visit), cookies.new_secret(), visit.now
    secret_hash = visit.parts.database.identity.token_hash(secret)

    def begin(connection: Connection) -> bool:
        coordinator_id = sign_in.use_link(connection, hashed, now)
        if coordinator_id is None:
            return False
        if visit.member is not None:
            sessions.end(connection, [visit.member.session_id], now)
        number = sessions.begin(connection, coordinator_id, secret_hash, now, visit.device)
        audit.record(
            connection, AuditKind.VIEW, participant_id=None, now=now, what="signed in", session=number,
            coordinator_id=coordinator_id,
        )  # fmt: skip
        return True

    if not await visit.write(begin):
        raise PageRefused(HTTPStatus.GONE, _DEAD_LINK)
    response = visit.to("")
    cookies.remember(response, secret, secure=visit.parts.config.secure)
    return response


async def ask_for_code(visit: ConsoleVisit) -> Response:
    """Ask for the code of the second step, unless no code can be right since a backup was restored."""
    assert visit.member is not None
    mine = await visit.read(partial(sign_in.second_step_of, coordinator_id=visit.member.coordinator.id))
    if mine == sign_in.LOST_STEP:
        raise PageRefused(HTTPStatus.FORBIDDEN, _LOST_STEP)
    return visit.page("code.html.jinja", is_wrong=bool(visit.query("wrong")))


async def take_code(visit: ConsoleVisit) -> Response:
    """Take a code of the app, or a recovery code; after five wrong ones the session ends."""
    assert visit.member is not None
    member, now = visit.member, visit.now
    told = visit.form.value("code").replace(" ", "").replace("-", "")

    def check(connection: Connection) -> str:
        codes.check_tries(connection, member.coordinator.id, now)
        by_app = codes.take_app_code(connection, visit, told)
        if not by_app and not recovery.use(connection, visit, told):
            sessions.count_wrong_code(connection, member.session_id, now)
            return ""
        sessions.confirm(connection, member.session_id, now)
        return "by app" if by_app else "recovered"

    match await visit.write(check):
        case "by app":
            return visit.to("")
        case "recovered":
            return visit.to("/me", Done.RECOVERED)
        case _:
            return visit.to(f"{CODE_PATH}?wrong=1")


async def sign_out(visit: ConsoleVisit) -> Response:
    """End the session of this browser."""
    assert visit.member is not None
    member = visit.member
    await visit.write(lambda connection: sessions.end(connection, [member.session_id], visit.now))
    response = visit.to("/in")
    cookies.forget(response, secure=visit.parts.config.secure)
    return response


def _hash_of(visit: ConsoleVisit) -> bytes:
    token = str(visit.request.path_params["token"])
    if not _TOKEN.fullmatch(token):
        raise PageRefused(HTTPStatus.GONE, _DEAD_LINK)
    return visit.parts.database.identity.token_hash(token)


PUBLIC_PAGES: Final = (
    ConsolePage("GET", "/in", None, ask_for_link),
    ConsolePage("GET", "/in/{token}", None, show_link),
    ConsolePage("POST", "/in/{token}", None, use_link),
)
"""Pages that need nobody to be signed in."""
PAGES: Final = (
    ConsolePage("GET", CODE_PATH, None, ask_for_code),
    ConsolePage("POST", CODE_PATH, None, take_code),
    ConsolePage("POST", SIGN_OUT_PATH, None, sign_out),
    *recovery.PAGES,
)
