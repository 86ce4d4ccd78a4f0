"""Sign in by the account that a member has in their organisation, and connect that account.

A member connects their account once, while they are in by a link; which account is theirs is not guessed by an address
of e-mail. Their session ends nowhere for that. A second step of ours is asked for as after a link.

The cookie of a session does not come along from another site (`SameSite=Strict`), so whoever comes back from the
provider is known by the sealed cookie that went with them, and goes on by a link of the page that says so.
"""

from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from bot.console import cookies
from bot.console.access.account_provider import AccountProvider, OpenSignIn, ProviderFailed
from bot.console.done import Done
from bot.console.languages.marks import noted
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.database import audit
from storage.errors import KeyWrong
from storage.schema import AuditKind
from storage.team import accounts, sessions

log = structlog.get_logger(__name__)

PATH: Final = "/account"
BACK: Final = f"{PATH}/back"
_NOT_ASKED: Final = noted("The account service could not be asked. Nothing was changed; a link lets you in.")
_NOT_BACK: Final = noted(
    "That did not come from a sign-in which this browser began, or it took too long. Begin anew."
)
_UNKNOWN: Final = noted(
    "This account belongs to nobody of the team. Sign in by a link, and connect it on your own page."
)


async def leave(visit: ConsoleVisit) -> Response:
    """Send a browser to the provider, to sign in, or for a member who is in to connect their account."""
    session = None if visit.member is None else visit.member.session_id
    if visit.member is not None and visit.member.needs_second_step:
        return visit.to("/code")
    try:
        address, left = await _provider(visit).send(visit.now, session)
    except ProviderFailed as error:
        log.warning("console_provider_failed", error=str(error))
        raise PageRefused(HTTPStatus.BAD_GATEWAY, _NOT_ASKED) from error
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    sealed = visit.parts.database.identity.seal(left.written())
    cookies.send_along(response, sealed, secure=visit.parts.config.secure)
    return response


async def come_back(visit: ConsoleVisit) -> Response:
    """Let in whom the provider knows, or connect the account of the member who left for that.

    What this browser left with is good once: it is forgotten with a refusal, too.
    """
    left = _left(visit)
    if left is None or not left.is_answered_by(visit.query("state"), visit.now):
        raise PageRefused(HTTPStatus.BAD_REQUEST, _NOT_BACK)
    try:
        response = await _answered(visit, left)
    except PageRefused as refused:
        response = visit.notice(refused)
    cookies.take_along(response, secure=visit.parts.config.secure)
    return response


async def _answered(visit: ConsoleVisit, left: OpenSignIn) -> Response:
    """Do what somebody left for, once the provider has said who they are.

    Raises:
        PageRefused: it does not say so, or their account does not let them do it.
    """
    try:
        subject = await _provider(visit).subject(visit.query("code"), left)
    except ProviderFailed as error:
        log.warning("console_provider_failed", error=str(error))
        raise PageRefused(HTTPStatus.BAD_GATEWAY, _NOT_ASKED) from error
    return await (_let_in(visit, subject) if left.session is None else _connect(visit, left, subject))


async def _let_in(visit: ConsoleVisit, subject: str) -> Response:
    """Begin a session for whose account that is, in place of the one that this browser had."""
    identity, secret, now = visit.parts.database.identity, cookies.new_secret(), visit.now
    secret_hash = identity.token_hash(secret)

    def begin(connection: Connection) -> bool:
        coordinator_id = accounts.owner_of(connection, subject, identity)
        if coordinator_id is None:
            return False
        if visit.member is not None:
            sessions.end(connection, [visit.member.session_id], now)
        number = sessions.begin(connection, coordinator_id, secret_hash, now, visit.device)
        audit.record(
            connection, AuditKind.VIEW, participant_id=None, now=now, what="signed in by account",
            session=number, coordinator_id=coordinator_id,
        )  # fmt: skip
        return True

    if not await visit.write(begin):
        raise PageRefused(HTTPStatus.FORBIDDEN, _UNKNOWN)
    response = visit.page("account.html.jinja", connected=False)
    cookies.remember(response, secret, secure=visit.parts.config.secure)
    return response


async def _connect(visit: ConsoleVisit, left: OpenSignIn, subject: str) -> Response:
    """Keep the account as that of the member whose session left for it, if that goes on."""
    identity, now = visit.parts.database.identity, visit.now

    def keep(connection: Connection) -> None:
        going_on = sessions.going_on(connection, now)
        code = next((one.code for one in going_on if one.id == left.session), None)
        if code is None:
            raise PageRefused(HTTPStatus.FORBIDDEN, "You were signed out meanwhile. Nothing was changed.")
        if accounts.owner_of(connection, subject, identity) is not None:
            raise PageRefused(HTTPStatus.CONFLICT, "This account is connected already. Nothing was changed.")
        accounts.connect(connection, code, identity.seal(subject))
        _audit(connection, visit, command="account connected", by=code)

    await visit.write(keep)
    return visit.page("account.html.jinja", connected=True)


async def disconnect(visit: ConsoleVisit) -> Response:
    """Forget which account is the member's: it lets them in no more."""
    code = visit.coordinator.code

    def work(connection: Connection) -> None:
        accounts.connect(connection, code, None)
        _audit(connection, visit, command="account disconnected", by=code)

    await visit.write(work)
    return visit.to("/me", Done.ACCOUNT_DISCONNECTED)


def _provider(visit: ConsoleVisit) -> AccountProvider:
    """Return the provider of the settings.

    Raises:
        PageRefused: there is none.
    """
    if visit.parts.provider is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such page.")
    return visit.parts.provider


def _left(visit: ConsoleVisit) -> OpenSignIn | None:
    """Return what this browser left with; None where it did not leave for the provider."""
    sealed = cookies.sent_along(visit.request.cookies, secure=visit.parts.config.secure)
    if sealed is None:
        return None
    try:
        return OpenSignIn.read(visit.parts.database.identity.open(sealed))
    except (KeyWrong, ValueError, TypeError):
        return None


def _audit(connection: Connection, visit: ConsoleVisit, *, command: str, by: str) -> None:
    record = partial(audit.record, connection, AuditKind.SETTINGS, participant_id=None, now=visit.now)
    record(command=command, by=by)


PUBLIC_PAGES: Final = (ConsolePage("GET", PATH, None, leave), ConsolePage("GET", BACK, None, come_back))
PAGES: Final = (ConsolePage("POST", f"{PATH}/disconnect", None, disconnect),)
