"""Answer browsers: every page, and every post. What guards all of them stands in `_guarded`, once.

Only a POST begins a conversation, or says anything in it: a link that is fetched by a preview or a scanner of mail uses
up nothing. Every post is answered by a redirection to a page, so that a reload posts nothing twice.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.channels.base import Inbound, InboundKind
from bot.channels.page_guards import (
    HEADERS,
    STRICT_TRANSPORT,
    client_of,
    is_from_our_page,
    tells_its_page,
)
from bot.channels.page_languages import wished
from bot.channels.request_limits import RequestKeeper
from bot.channels.web import rendering
from bot.channels.web.device import (
    address_of,
    csrf_of,
    delivery_of,
    forget,
    new_secret,
    remember,
    secret_from,
    secret_in,
)
from bot.channels.web.entry_routes import LinkRoutes, TryRoutes
from bot.channels.web.forms import MOST_WORDS, inbound_of, language_code, read_form
from bot.channels.web.mail_routes import MailRoutes
from bot.channels.web.options import WebConfig
from bot.channels.web.page_answers import noticed, plain_notice, too_many
from bot.channels.web.port import (
    CODE_PATH,
    CONVERSATION_PATH,
    DATA_PATH,
    FORGET_PATH,
    FRONT_PATH,
    INVITATION_PATH,
    NEWS,
    REACHED_BY_PROXY,
    REACHED_DIRECTLY,
    REACHED_PATH,
    TRY_PATH,
    UNSUBSCRIBE_PATH,
    FormField,
    FormMarks,
    FormProblem,
    InvitationPreview,
    NoticeKind,
    PageAsset,
    PageNotice,
    TryClock,
)
from bot.channels.web.source import PageRequest, PageSource, TryDoor
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from bot.channels.webhook_request import read_request
from flows.parsing.vocabulary import ENGLISH, languages

log = structlog.get_logger(__name__)

MAX_BODY: Final = 12 * MOST_WORDS + 20_000
"""Bytes: as many letters as a message may have, of any script, as a form writes them, and some fields."""
MOST_TYPED: Final = 40
"""Characters that are shown again of what names no time."""
STARTING_SECONDS: Final = 5
"""After which a page is asked for again that came while the bot was starting."""
TO_NEWS: Final = f"{CONVERSATION_PATH}#{NEWS}"
"""Where a post leads to: the place from which on all is new."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")


class PageRoutes:
    """The pages of the web channel. `turns` takes what is posted, `keeper` says who asks too often."""

    def __init__(self, config: WebConfig, turns: WebTurns, keeper: RequestKeeper) -> None:
        self._config, self._turns, self._keeper = config, turns, keeper
        self._pages: tuple[Route, ...] = ()

    def routes(self) -> list[Route]:
        """Return the routes."""
        link = f"{INVITATION_PATH}{{token}}"
        made: tuple[tuple[str, str, Answer], ...] = (
            (FRONT_PATH, "GET", self._front),
            (link, "GET", self._show_invitation),
            (link, "POST", self._begin),
            (CONVERSATION_PATH, "GET", self._show_conversation),
            (CONVERSATION_PATH, "POST", self._take),
            (DATA_PATH, "GET", self._give_data),
            (FORGET_PATH, "GET", self._ask_to_forget),
            (FORGET_PATH, "POST", self._forget_device),
        )
        made += LinkRoutes(self._config, self._turns, self._keeper).answers()
        made += MailRoutes(self._config, self._turns, self._keeper).answers()
        if self._turns.trying is not None:
            made += TryRoutes(self._config, self._turns, self._turns.trying).answers()
        self._pages = tuple(
            Route(path, self._guarded(answer), methods=[method]) for path, method, answer in made
        )
        files = (Route(one.path, _file(one)) for one in rendering.assets().values())
        return [*self._pages, Route(REACHED_PATH, _reached), *files]

    async def unknown(self, request: Request, error: Exception) -> Response:
        """Answer what no route does by a page that says so; plainly where it is a route of machines that is misused."""
        assert isinstance(error, HTTPException)  # as Starlette raises it
        is_for_people = request.scope.get("route") in (None, *self._pages)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not is_for_people:
            return PlainTextResponse(error.detail, error.status_code, headers=error.headers)
        return await self._guarded(partial(self._not_there, error))(request)

    async def _not_there(self, error: HTTPException, visit: Visit) -> Response:
        """Say that there is no page, in the language of the conversation of a device that is known, and lead to that.

        A page that is asked for with a slash too many is led to.
        """
        path, _, last = visit.request.scope["path"].rpartition("/")
        is_asked_for = visit.request.method in ("GET", "HEAD") and not last
        if is_asked_for and any(one.path_regex.match(path) for one in self._pages):
            return RedirectResponse(path, HTTPStatus.SEE_OTHER)
        notice = replace(
            plain_notice(visit, NoticeKind.NOT_FOUND),
            language=await visit.language_for(visit.address),
            leads_back=visit.address is not None,
        )
        response = noticed(notice, HTTPStatus(error.status_code))
        response.headers.update(error.headers or {})
        return response

    # What guards every page

    def _guarded(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint that lets `answer` answer whatever may come through; whatever it raises is a page too."""

        async def endpoint(request: Request) -> Response:
            pages = self._turns.pages
            if pages is None:
                return self._dressed(noticed(_not_started(request)))
            visit = self._visit(request, pages)
            try:
                response = await self._refusal(visit) or await answer(visit)
            except ClientDisconnect:
                response = PlainTextResponse("incomplete", HTTPStatus.BAD_REQUEST)
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for a page
                log.error("page_not_made", channel="web", error=type(error).__name__)  # noqa: TRY400 - no words
                response = noticed(plain_notice(visit, NoticeKind.OUR_ERROR))
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
        if self._config.hosts and not self._is_named(visit.request):
            return noticed(plain_notice(visit, NoticeKind.NOT_FOUND), HTTPStatus.MISDIRECTED_REQUEST)
        wait = self._keeper.from_range(visit.client)
        if wait:
            return too_many(visit, wait)
        is_post = visit.request.method == "POST"
        path = visit.request.scope["path"]
        is_bearer = path.startswith(UNSUBSCRIBE_PATH) and not path.endswith(CODE_PATH)
        if is_post and not is_bearer and not is_from_our_page(visit.request.headers, self._config.public_url):
            return noticed(plain_notice(visit, NoticeKind.NOT_FOUND), HTTPStatus.FORBIDDEN)
        secret = secret_in(visit.request.cookies, secure=self._config.secure)
        if secret is not None:
            address = address_of(secret)
            if wait := self._keeper.by_device(address):
                return too_many(visit, wait)
            visit.was_told = True
            if await visit.pages.knows(address):
                visit.secret, visit.address = secret, address
        if is_post:
            body = await read_request(visit.request, MAX_BODY)
            if body is None:
                return noticed(plain_notice(visit, NoticeKind.TOO_LARGE))
            visit.form = read_form(body) or visit.form
        return None

    def _is_named(self, request: Request) -> bool:
        """Return whether a request names this machine itself, and no proxy has handed it on from elsewhere."""
        is_passed_on = any(name in request.headers for name in ("x-forwarded-for", "forwarded"))
        return request.url.hostname in self._config.hosts and not is_passed_on

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
        """Say that a link is needed, or lead to where one may try; a cookie that leads nowhere any more is cleared."""
        response: Response = noticed(plain_notice(visit, NoticeKind.LINK_NEEDED))
        if self._turns.trying is not None:
            response = RedirectResponse(TRY_PATH, HTTPStatus.SEE_OTHER)
        if visit.was_told:
            forget(response, secure=self._config.secure)
        return response

    async def _show_invitation(self, visit: Visit) -> Response:
        """Show what a link is for, with the button that begins; nothing is used up."""
        found = await self._found(visit, visit.address)
        if isinstance(found, Response):
            return found
        if visit.address is not None:
            others = await visit.pages.invitation(visit.token, None, visit.wish)
            found = replace(found, asks_whose=isinstance(others, InvitationPreview))
        mark = "" if visit.secret is None else csrf_of(visit.secret)
        return HTMLResponse(rendering.invitation_page(found, FormMarks(key=new_secret(), csrf=mark)))

    async def _found(self, visit: Visit, address: str | None) -> InvitationPreview | Response:
        """Return what a link is for, or the page that says why it opens nothing."""
        wait = self._keeper.by_link(visit.token, visit.client)
        if wait:
            return too_many(visit, wait)
        if _TOKEN.fullmatch(visit.token) is None:
            found: InvitationPreview | PageNotice = plain_notice(visit, NoticeKind.LINK_UNKNOWN)
        else:
            found = await visit.pages.invitation(visit.token, address, visit.wish)
        if isinstance(found, InvitationPreview):
            return found
        if found.kind is NoticeKind.LINK_UNKNOWN:
            self._keeper.unknown_link(visit.client)
        return noticed(found)

    async def _begin(self, visit: Visit) -> Response:
        """Begin what a link is for, on this device, and lead to the conversation.

        A new device gets its secret from the key of the form, so that a second tap on the button begins nothing else.
        Where the browser does not tell which page posted, the secret is made anew: a form of somebody else's could hold
        a key that they know. A language other than that of the link was chosen on its page. Where several people use
        one device, whoever is new on it gets a secret of their own, and the device forgets the one before.
        """
        key = visit.form.key
        if key is None or (visit.secret is not None and not visit.has_mark):
            return RedirectResponse(f"{INVITATION_PATH}{visit.token}", HTTPStatus.SEE_OTHER)
        is_told = tells_its_page(visit.request.headers, self._config.public_url)
        is_other = visit.form.has(FormField.ANEW)
        known = None if is_other else visit.secret
        secret = known or (secret_from(key) if is_told else new_secret())
        address = address_of(secret)
        found = await self._found(visit, address)
        if isinstance(found, Response):
            return found
        await self._turns.take(
            Inbound(
                address=address,
                external_id=delivery_of(key),
                kind=InboundKind.START,
                text=visit.token,
                locale=next(iter(visit.wish.languages), None),
                language=visit.form.language if visit.form.language != found.language else None,
                timezone=visit.form.zone,
            )
        )
        if is_other and visit.address is not None:
            await self._turns.leave(visit.address, f"{key}-left")
        response = RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        remember(response, secret, secure=self._config.secure)
        return response

    async def _show_conversation(self, visit: Visit) -> Response:
        """Show the conversation of a device."""
        before = visit.request.query_params.get("before", "")
        place = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None  # noqa: PLR2004
        return await self._conversation(visit, place)

    async def _conversation(
        self,
        visit: Visit,
        before: int | None = None,
        problem: FormProblem | None = None,
        clock: TryClock | None = None,
    ) -> Response:
        """Show the conversation, with what stood in the fields of the form that was posted.

        `problem` is why that could not be taken, None where it could.
        `clock` is that of a try; None for what it shows by itself.
        """
        page = None if visit.address is None else await visit.pages.conversation(visit.address, before)
        if page is None or visit.secret is None or visit.address is None:
            return self._stranger(visit)
        if self._turns.trying is not None:
            page = replace(page, clock=clock or await self._turns.trying.clock())
        marks = FormMarks(
            key=new_secret(), csrf=csrf_of(visit.secret), problem=problem, draft=visit.form.draft
        )
        is_wrong = problem is not None or (clock is not None and clock.problem)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
        return HTMLResponse(rendering.conversation_page(page, marks), status)

    async def _take(self, visit: Visit) -> Response:
        """Take what somebody did in their conversation, and lead to the page with the answer."""
        if visit.address is None:
            return self._stranger(visit)
        if not visit.has_mark or visit.form.has(FormField.LOOK):
            return await self._conversation(visit, problem=None if visit.has_mark else FormProblem.STALE)
        if visit.form.has(FormField.NOT_NOW) and self._turns.mail is not None:
            await self._turns.mail.addresses.decline(visit.address)
            return RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        if self._turns.trying is not None and visit.form.has(FormField.CLOCK):
            return await self._move_clock(visit, self._turns.trying)
        order = self._turns.numbers.of_theirs(visit.address, visit.form.newest or 0)
        said = inbound_of(visit.form, visit.address, order)
        if isinstance(said, FormProblem):
            return await self._conversation(visit, problem=said)
        await self._turns.take(said)
        return await self._taken(visit)

    async def _taken(self, visit: Visit) -> Response:
        """Lead to the page with the answer; show it at once where a redirection would lose what they have typed."""
        if visit.form.unsent is None:
            return RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        visit.form = visit.form.unsent
        return await self._conversation(visit)

    async def _move_clock(self, visit: Visit, trying: TryDoor) -> Response:
        """Move the clock of a try, and lead to the page with what came meanwhile."""
        text = visit.form.value(FormField.CLOCK).strip()
        problem = await trying.move(text, visit.form.key or "")
        if not problem:
            return RedirectResponse(TO_NEWS, HTTPStatus.SEE_OTHER)
        clock = replace(await trying.clock(), typed=text[:MOST_TYPED], problem=problem)
        return await self._conversation(visit, clock=clock)

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
        language = await visit.language_for(visit.address)
        page = rendering.forget_page(language, visit.pages.languages(), marks, visit.chosen)
        return HTMLResponse(page)

    async def _forget_device(self, visit: Visit) -> Response:
        """Forget this device: nothing is sent to it any more, and its cookie opens nothing."""
        language = await visit.language_for(visit.address)
        if visit.address is not None:
            if not visit.has_mark or visit.form.key is None:
                return RedirectResponse(FORGET_PATH, HTTPStatus.SEE_OTHER)
            await self._turns.leave(visit.address, visit.form.key)
        response = noticed(replace(plain_notice(visit, NoticeKind.FORGOTTEN), language=language))
        forget(response, secure=self._config.secure)
        return response


def _not_started(request: Request) -> PageNotice:
    """Return what is said before the bot can say what pages show."""
    wishes = (one.partition("-")[0] for one in wished(request.headers.get("accept-language", "")))
    language = next((one for one in wishes if one in languages()), ENGLISH)
    return PageNotice(kind=NoticeKind.OUR_ERROR, language=language, retry_after=STARTING_SECONDS)


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
