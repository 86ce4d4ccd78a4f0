"""Answer browsers: every page, and every post. What guards all of them stands in `_guarded`, once.

Only a POST begins a conversation, or says anything in it: a link that is fetched by a preview or a scanner of mail uses
up nothing. Every post is answered by a redirection to a page, so that a reload posts nothing twice.
"""

import math
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.channels.base import Inbound, InboundKind
from bot.channels.web import rendering
from bot.channels.web.device import (
    CHANNEL,
    address_of,
    csrf_of,
    forget,
    new_secret,
    remember,
    secret_from,
    secret_in,
)
from bot.channels.web.forms import inbound_of, language_code, read_form
from bot.channels.web.guards import HEADERS, STRICT_TRANSPORT, client_of, is_from_our_page
from bot.channels.web.limits import RequestKeeper
from bot.channels.web.mail_routes import MailRoutes
from bot.channels.web.options import WebConfig
from bot.channels.web.port import (
    CONVERSATION_PATH,
    DATA_PATH,
    FORGET_PATH,
    INVITATION_PATH,
    NEWS,
    REACHED_BY_PROXY,
    REACHED_DIRECTLY,
    REACHED_PATH,
    UNSUBSCRIBE_PATH,
    FormField,
    FormMarks,
    FormProblem,
    InvitationPreview,
    NoticeKind,
    PageAsset,
    PageNotice,
)
from bot.channels.web.source import PageRequest, PageSource, wished
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from bot.channels.webhook_request import read_request

log = structlog.get_logger(__name__)

MAX_BODY: Final = 300_000
"""Bytes: 40,000 letters of any script, as a form writes them, and some fields."""
TO_NEWS: Final = f"{CONVERSATION_PATH}#{NEWS}"
"""Where a post leads to: the place from which on all is new."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_STATUS: Mapping[NoticeKind, HTTPStatus] = {
    NoticeKind.LINK_UNKNOWN: HTTPStatus.NOT_FOUND,
    NoticeKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    NoticeKind.LINK_USED: HTTPStatus.GONE,
    NoticeKind.LINK_EXPIRED: HTTPStatus.GONE,
    NoticeKind.REFUSED_HERE: HTTPStatus.FORBIDDEN,
    NoticeKind.NOT_READY: HTTPStatus.SERVICE_UNAVAILABLE,
    NoticeKind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NoticeKind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    NoticeKind.OUR_ERROR: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a page with a notice is to whoever reads no words; 200 for those that are not named."""


class PageRoutes:
    """The pages of the web channel. `turns` takes what is posted, `keeper` says who asks too often."""

    def __init__(self, config: WebConfig, turns: WebTurns, keeper: RequestKeeper) -> None:
        self._config, self._turns, self._keeper = config, turns, keeper

    def routes(self) -> list[Route]:
        """Return the routes."""
        link = f"{INVITATION_PATH}{{token}}"
        made: tuple[tuple[str, str, Answer], ...] = (
            ("/", "GET", self._front),
            (link, "GET", self._show_invitation),
            (link, "POST", self._begin),
            (CONVERSATION_PATH, "GET", self._show_conversation),
            (CONVERSATION_PATH, "POST", self._take),
            (DATA_PATH, "GET", self._give_data),
            (FORGET_PATH, "GET", self._ask_to_forget),
            (FORGET_PATH, "POST", self._forget_device),
        )
        made += MailRoutes(self._config, self._turns, self._keeper).answers()
        pages = [Route(path, self._guarded(answer), methods=[method]) for path, method, answer in made]
        pages.append(Route(REACHED_PATH, _reached))
        return [*pages, *(Route(one.path, _file(one)) for one in rendering.assets().values())]

    # What guards every page

    def _guarded(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint that lets `answer` answer whatever may come through; whatever it raises is a page too."""

        async def endpoint(request: Request) -> Response:
            pages = self._turns.pages
            if pages is None:
                return self._dressed(PlainTextResponse("starting", HTTPStatus.SERVICE_UNAVAILABLE))
            visit = self._visit(request, pages)
            try:
                response = await self._refusal(visit) or await answer(visit)
            except ClientDisconnect:
                response = PlainTextResponse("incomplete", HTTPStatus.BAD_REQUEST)
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for a page
                log.error("page_not_made", channel="web", error=type(error).__name__)  # noqa: TRY400 - no words
                response = self._notice(visit, NoticeKind.OUR_ERROR)
            return self._dressed(response)

        return endpoint

    def _visit(self, request: Request, pages: PageSource) -> Visit:
        peer = request.client.host if request.client is not None else ""
        client = client_of(request.headers, peer, behind_proxy=self._config.behind_proxy)
        chosen = language_code(request.query_params.get(FormField.LANGUAGE, ""))
        languages = ((chosen,) if chosen else ()) + wished(request.headers.get("accept-language", ""))
        return Visit(request, pages, client, PageRequest(languages, bool(chosen)))

    async def _refusal(self, visit: Visit) -> Response | None:
        """Return what a request is refused by, before it is answered; None for one that may go on.

        The device is looked up, and the form read, on the way. Mails are ended by whoever has the token of one, from
        whatever page: a mail program in a browser posts as its own page (RFC 8058).
        """
        wait = self._keeper.from_range(visit.client)
        if wait:
            return self._too_many(visit, wait)
        is_post = visit.request.method == "POST"
        is_bearer = visit.request.url.path.startswith(UNSUBSCRIBE_PATH)
        if is_post and not is_bearer and not is_from_our_page(visit.request.headers, self._config.public_url):
            return self._notice(visit, NoticeKind.NOT_FOUND, HTTPStatus.FORBIDDEN)
        secret = secret_in(visit.request.cookies)
        if secret is not None:
            address = address_of(secret)
            if wait := self._keeper.by_device(address):
                return self._too_many(visit, wait)
            visit.was_told = True
            if await visit.pages.knows(address):
                visit.secret, visit.address = secret, address
        if is_post:
            body = await read_request(visit.request, MAX_BODY)
            if body is None:
                return self._notice(visit, NoticeKind.TOO_LARGE)
            visit.form = read_form(body) or visit.form
        return None

    def _dressed(self, response: Response) -> Response:
        """Return a response with the headers that every one has."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if self._config.secure:
            response.headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
        return response

    # The pages

    async def _front(self, visit: Visit) -> Response:
        """Lead to the conversation of a device that is known; say to others that a link is needed."""
        if visit.address is not None:
            return RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        return self._stranger(visit)

    def _stranger(self, visit: Visit) -> Response:
        """Say that a link is needed; a cookie that leads nowhere any more is cleared."""
        response = self._notice(visit, NoticeKind.LINK_NEEDED)
        if visit.was_told:
            forget(response, secure=self._config.secure)
        return response

    async def _show_invitation(self, visit: Visit) -> Response:
        """Show what a link is for, with the button that begins; nothing is used up."""
        found = await self._found(visit, visit.address)
        if isinstance(found, Response):
            return found
        mark = "" if visit.secret is None else csrf_of(visit.secret)
        return HTMLResponse(rendering.invitation_page(found, FormMarks(key=new_secret(), csrf=mark)))

    async def _found(self, visit: Visit, address: str | None) -> InvitationPreview | Response:
        """Return what a link is for, or the page that says why it opens nothing."""
        wait = self._keeper.by_link(visit.token, visit.client)
        if wait:
            return self._too_many(visit, wait)
        if _TOKEN.fullmatch(visit.token) is None:
            found: InvitationPreview | PageNotice = self._plain(visit, NoticeKind.LINK_UNKNOWN)
        else:
            found = await visit.pages.invitation(visit.token, address, visit.wish)
        if isinstance(found, InvitationPreview):
            return found
        if found.kind is NoticeKind.LINK_UNKNOWN:
            self._keeper.unknown_link(visit.client)
        return _noticed(found)

    async def _begin(self, visit: Visit) -> Response:
        """Begin what a link is for, on this device, and lead to the conversation.

        The form itself names a new device, so that a second tap on its button begins nothing else. Where the browser
        does not tell which page posted, it does not: somebody could have it begin under a name that they know. A
        language other than the one in which the link shows itself was chosen there.
        """
        key = visit.form.key
        if key is None or (visit.secret is not None and not visit.has_mark):
            return RedirectResponse(f"{INVITATION_PATH}{visit.token}", HTTPStatus.SEE_OTHER)
        headers = visit.request.headers
        is_told = "sec-fetch-site" in headers or headers.get("origin") == self._config.public_url
        secret = visit.secret or (secret_from(key) if is_told else new_secret())
        address = address_of(secret)
        found = await self._found(visit, address)
        if isinstance(found, Response):
            return found
        await self._turns.take(
            Inbound(
                address=address,
                external_id=f"{CHANNEL}-{key}",
                kind=InboundKind.START,
                text=visit.token,
                locale=next(iter(visit.wish.languages), None),
                language=visit.form.language if visit.form.language != found.language else None,
                timezone=visit.form.zone,
            )
        )
        response = RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        remember(response, secret, secure=self._config.secure)
        return response

    async def _show_conversation(self, visit: Visit) -> Response:
        """Show the conversation of a device."""
        before = visit.request.query_params.get("before", "")
        place = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None  # noqa: PLR2004
        return await self._conversation(visit, place)

    async def _conversation(
        self, visit: Visit, before: int | None = None, problem: FormProblem | None = None
    ) -> Response:
        """Show the conversation, with why what was posted could not be taken, if it could not."""
        page = None if visit.address is None else await visit.pages.conversation(visit.address, before)
        if page is None or visit.secret is None or visit.address is None:
            return self._stranger(visit)
        draft = "" if problem is None else visit.form.words
        marks = FormMarks(key=new_secret(), csrf=csrf_of(visit.secret), problem=problem, draft=draft)
        status = HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY
        return HTMLResponse(rendering.conversation_page(page, marks), status)

    async def _take(self, visit: Visit) -> Response:
        """Take what somebody did in their conversation, and lead to the page with the answer."""
        if visit.address is None:
            return self._stranger(visit)
        if not visit.has_mark:
            return await self._conversation(visit, problem=FormProblem.STALE)
        if visit.form.has(FormField.NOT_NOW) and self._turns.mail is not None:
            await self._turns.mail.decline_mails(visit.address)
            return RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        order = self._turns.numbers.of_theirs(visit.address, visit.form.newest or 0)
        said = inbound_of(visit.form, visit.address, order)
        if isinstance(said, FormProblem):
            return await self._conversation(visit, problem=said)
        await self._turns.take(said)
        return RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)

    async def _give_data(self, visit: Visit) -> Response:
        """Give all that somebody told us as a text file, made now."""
        text = None if visit.address is None else await visit.pages.document(visit.address)
        if text is None:
            return self._stranger(visit)
        attached = {"content-disposition": f'attachment; filename="{DATA_PATH.removeprefix("/")}"'}
        return PlainTextResponse(text, headers=attached)

    async def _ask_to_forget(self, visit: Visit) -> Response:
        """Ask whether this device is to be forgotten."""
        if visit.secret is None:
            return self._stranger(visit)
        marks = FormMarks(key=new_secret(), csrf=csrf_of(visit.secret))
        language = visit.pages.language(visit.wish)
        return HTMLResponse(rendering.forget_page(language, visit.pages.languages(), marks))

    async def _forget_device(self, visit: Visit) -> Response:
        """Forget this device: nothing is sent to it any more, and its cookie opens nothing."""
        if visit.address is not None:
            if not visit.has_mark or visit.form.key is None:
                return RedirectResponse(FORGET_PATH, HTTPStatus.SEE_OTHER)
            left = f"{CHANNEL}-{visit.form.key}"
            await self._turns.take(Inbound(address=visit.address, external_id=left, kind=InboundKind.BLOCKED))
        response = self._notice(visit, NoticeKind.FORGOTTEN)
        forget(response, secure=self._config.secure)
        return response

    # Notices

    def _plain(self, visit: Visit, kind: NoticeKind, retry_after: int | None = None) -> PageNotice:
        language = visit.pages.language(visit.wish)
        return PageNotice(
            kind=kind, language=language, languages=visit.pages.languages(), retry_after=retry_after
        )

    def _notice(self, visit: Visit, kind: NoticeKind, status: HTTPStatus | None = None) -> Response:
        return _noticed(self._plain(visit, kind), status)

    def _too_many(self, visit: Visit, wait: float) -> Response:
        return _noticed(self._plain(visit, NoticeKind.TOO_MANY, math.ceil(wait)))


def _noticed(notice: PageNotice, status: HTTPStatus | None = None) -> Response:
    """Return the page of a notice."""
    code = status or _STATUS.get(notice.kind, HTTPStatus.OK)
    headers = {} if notice.retry_after is None else {"retry-after": str(notice.retry_after)}
    return HTMLResponse(rendering.notice_page(notice), code, headers=headers)


async def _reached(request: Request) -> Response:
    """Tell `said doctor`, and anybody, that the bot is here, and whether a proxy names who asks."""
    is_named = "x-forwarded-for" in request.headers
    text = REACHED_BY_PROXY if is_named else REACHED_DIRECTLY
    return PlainTextResponse(f"{text}\n", headers=HEADERS)


def _file(asset: PageAsset) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that gives an asset; its path changes with what is in it, so that it may be kept for ever."""

    async def endpoint(_request: Request) -> Response:
        headers = {**HEADERS, "cache-control": "public, max-age=31536000, immutable"}
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    return endpoint
