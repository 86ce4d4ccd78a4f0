"""Let members of the team in, and answer them: what guards every page stands in `_guarded`, once.

In order: too many requests, a host that is not ours, a post that comes from elsewhere, who is signed in, the second
step, what their roles allow, the mark of the form. Only then is a page answered. A page that is not in the table of
`registry` cannot be reached.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.page_guards import HEADERS, STRICT_TRANSPORT, client_of, is_from_our_page
from bot.channels.request_limits import RateKeeper, RequestRate, range_of
from bot.channels.webhook_request import read_request
from bot.console import cookies, registry
from bot.console.access.accounts import BACK
from bot.console.access.sign_in import CODE_PATH, SIGN_OUT_PATH
from bot.console.forms import FormUnreadable, read_form
from bot.console.languages.marks import noted
from bot.console.permissions import Permission
from bot.console.presence import OpenPages
from bot.console.rendering import ConsoleAsset, assets, prepare
from bot.console.unread_queue import UnreadQueues
from bot.console.visit import TEAM_PATH, ConsolePage, ConsoleParts, ConsoleVisit, PageRefused
from storage.errors import StorageError
from storage.reports import paused_programs
from storage.team import sessions

log = structlog.get_logger(__name__)

_PER_RANGE: Final = RequestRate(300, 0.1)
_TRIES_TO_SIGN_IN: Final = RequestRate(10, 6.0)
"""How often a range of addresses may try to sign in: links cannot be guessed, and codes of a second step not either."""

_NOT_MADE: Final = noted("This page could not be made. Nothing was changed; the log says which error it was.")


class ConsoleRoutes:
    """The pages of the console, for a bot's parts."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._spoken: set[str] = set()
        self._queues = UnreadQueues(parts.database, parts.settings, parts.clock)
        self._open_pages = OpenPages()
        self._offered = {page.path: page for page in registry.PAGES if page.method == "GET"}
        self._asked, self._tried = RateKeeper(_PER_RANGE), RateKeeper(_TRIES_TO_SIGN_IN)

    def routes(self) -> list[BaseRoute]:
        """Return the routes: those of the pages, of signing in, and of what pages ask for."""
        public = [self._route(page, is_public=True) for page in registry.PUBLIC_PAGES]
        pages = [self._route(page, is_public=False) for page in registry.PAGES]
        return [
            *public,
            *pages,
            *(Route(one.path, _file(one)) for one in assets().values()),
            Route("/", _lead_in),
            Route("/{anything:path}", self._guarded(_nowhere, is_public=False)),
        ]

    async def close(self) -> None:
        """Stop what was begun beside the pages."""
        await self._queues.close()

    def _route(self, page: ConsolePage, *, is_public: bool) -> Route:
        return Route(
            f"{TEAM_PATH}{page.path}", self._guarded(page, is_public=is_public), methods=[page.method]
        )

    def _guarded(self, page: ConsolePage, *, is_public: bool) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint of a page; whatever it raises is a page, too."""

        async def endpoint(request: Request) -> Response:
            visit = self._visit(request)
            try:
                response = await self._refusal(visit, page, is_public=is_public) or await page.answer(visit)
            except PageRefused as refused:
                response = visit.notice(refused)
            except ClientDisconnect:
                response = PlainTextResponse("incomplete", HTTPStatus.BAD_REQUEST)
            except OverflowError:  # a number of somebody's own making, larger than any row's
                what = visit.say(noted("There is nothing of that number. Nothing was changed."))
                response = visit.page("notice.html.jinja", HTTPStatus.NOT_FOUND, what=what)
            except StorageError as error:
                response = visit.page("notice.html.jinja", HTTPStatus.CONFLICT, what=f"{error}.")
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for a page
                log.error("console_page_not_made", where=page.path, error=type(error).__name__)  # noqa: TRY400 - no words
                what = visit.say(_NOT_MADE)
                response = visit.page("notice.html.jinja", HTTPStatus.INTERNAL_SERVER_ERROR, what=what)
            return self._dressed(response)

        return endpoint

    def _visit(self, request: Request) -> ConsoleVisit:
        peer = request.client.host if request.client is not None else ""
        client = client_of(request.headers, peer, behind_proxy=self._parts.config.behind_proxy)
        return ConsoleVisit(
            request,
            self._parts,
            self._queues,
            self._parts.clock.now(),
            client,
            offered=self._offered,
            open_pages=self._open_pages,
        )

    async def _refusal(self, visit: ConsoleVisit, page: ConsolePage, *, is_public: bool) -> Response | None:
        """Return what a request is refused by, or led to, before its page is answered; None where it may go on."""
        self._check_origin(visit, page, is_public=is_public)
        await self._know(visit)
        await self._prepare(visit)
        if page.method == "POST":
            await self._read_form(visit, page)
        if is_public:
            return None
        if visit.member is None:
            return RedirectResponse(TEAM_PATH + "/in", HTTPStatus.SEE_OTHER)
        if visit.member.needs_second_step and page.path not in (CODE_PATH, SIGN_OUT_PATH):
            return RedirectResponse(TEAM_PATH + CODE_PATH, HTTPStatus.SEE_OTHER)
        if not visit.may_open(page):
            raise PageRefused(HTTPStatus.FORBIDDEN, "Your role does not include this page.")
        if page.method == "POST" and not cookies.is_mark(visit.secret, visit.form.value("mark")):
            raise PageRefused(
                HTTPStatus.FORBIDDEN, "This form is too old. Nothing was changed; open the page again."
            )
        return None

    def _check_origin(self, visit: ConsoleVisit, page: ConsolePage, *, is_public: bool) -> None:
        """Check from where, and how often, something is asked, before anybody is known.

        Raises:
            PageRefused: by a name that is not ours, from a page of somebody else, or too often.
        """
        request, config = visit.request, self._parts.config
        if request.url.hostname != config.host:
            place = f"{config.public_url}{TEAM_PATH}"
            raise PageRefused(HTTPStatus.MISDIRECTED_REQUEST, "Open %(place)s instead.", place=place)
        client = range_of(visit.client)
        wait = self._asked.take(client)
        if is_public and (page.method == "POST" or page.path == BACK):
            wait = max(wait, self._tried.take(client))
        if wait:
            raise PageRefused(HTTPStatus.TOO_MANY_REQUESTS, "That was too often. Please wait a minute.")
        if page.method == "POST" and not is_from_our_page(request.headers, config.public_url):
            raise PageRefused(HTTPStatus.FORBIDDEN, "This form came from another page. Nothing was changed.")

    async def _prepare(self, visit: ConsoleVisit) -> None:
        """Have what pages say in a language read beside the conversations, when it is first asked for."""
        language = await asyncio.to_thread(_language_of, visit) if not self._spoken else visit.language
        if language not in self._spoken:
            await asyncio.to_thread(prepare, language)
            self._spoken.add(language)

    async def _know(self, visit: ConsoleVisit) -> None:
        """Find who is signed in and what is paused of theirs, and keep that they asked for a page."""
        secret = cookies.secret_in(visit.request.cookies, secure=self._parts.config.secure)
        if secret is None:
            return
        hashed, now = self._parts.database.identity.token_hash(secret), visit.now
        member = await visit.read(lambda connection: sessions.find(connection, hashed, now))
        if member is None:
            return
        visit.member, visit.secret = member, secret
        paused = await visit.read(paused_programs.list_paused)
        visit.paused = tuple(one for one in paused if visit.may(Permission.SEE_FIGURES, one.slug))
        if await visit.read(lambda connection: sessions.is_to_be_marked(connection, member.session_id, now)):
            await visit.write(lambda connection: sessions.mark_seen(connection, member.session_id, now))

    async def _read_form(self, visit: ConsoleVisit, page: ConsolePage) -> None:
        body = await read_request(visit.request, page.most_bytes)
        if body is None:
            raise PageRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That was too long. Nothing was changed.")
        try:
            visit.form = await read_form(visit.request.headers, body)
        except FormUnreadable as error:
            raise PageRefused(
                HTTPStatus.BAD_REQUEST, "The form could not be read. Nothing was changed."
            ) from error

    def _dressed(self, response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if self._parts.config.secure:
            response.headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
        return response


def _language_of(visit: ConsoleVisit) -> str:
    return visit.language


async def _lead_in(_request: Request) -> Response:
    return RedirectResponse(TEAM_PATH, HTTPStatus.SEE_OTHER, HEADERS)


async def _no_such_page(_visit: ConsoleVisit) -> Response:
    raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such page.")


_nowhere: Final = ConsolePage("GET", "/{anything:path}", None, _no_such_page)


def _file(asset: ConsoleAsset) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        headers = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    return answer
