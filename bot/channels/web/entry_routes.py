"""Answer browsers of those who begin without an invitation: who tries the program, and who has a code.

A code joins another app, or moves somebody from one that they lost. All begin by a POST, as everybody does.
"""

from http import HTTPStatus

from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.base import Inbound, InboundKind
from bot.channels.page_guards import tells_its_page
from bot.channels.request_limits import RequestKeeper
from bot.channels.web import rendering
from bot.channels.web.device import address_of, csrf_of, delivery_of, new_secret, remember, secret_from
from bot.channels.web.options import WebConfig
from bot.channels.web.page_answers import too_many
from bot.channels.web.port import (
    CONVERSATION_PATH,
    LINK_PATH,
    NEWS,
    TRY_PATH,
    FormField,
    FormMarks,
    LinkPage,
    TryPage,
)
from bot.channels.web.source import TryDoor
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from flows.parsing.link_codes import CODE_LENGTH, link_code


class TryRoutes:
    """The page on which somebody who tries the program begins. `door` makes the invitations."""

    def __init__(self, config: WebConfig, turns: WebTurns, door: TryDoor) -> None:
        self._config, self._turns, self._door = config, turns, door

    def answers(self) -> tuple[tuple[str, str, Answer], ...]:
        """Return the paths, the methods, and what answers them."""
        return ((TRY_PATH, "GET", self._show), (TRY_PATH, "POST", self._begin))

    async def _show(self, visit: Visit) -> Response:
        """Show whom one may play; nothing begins by that."""
        page = TryPage(
            language=visit.pages.language(visit.wish),
            roles=self._door.roles,
            kept_in=self._door.kept_in,
            begun=visit.address is not None,
        )
        mark = "" if visit.secret is None else csrf_of(visit.secret)
        return HTMLResponse(rendering.try_page(page, FormMarks(key=new_secret(), csrf=mark)))

    async def _begin(self, visit: Visit) -> Response:
        """Begin as somebody new in the role that was chosen, and lead to the conversation.

        As where a link begins, the form itself names the device, so that a second tap begins nothing else.
        """
        key, role = visit.form.key, visit.form.value(FormField.ROLE)
        if key is None or role not in self._door.roles or (visit.secret is not None and not visit.has_mark):
            return RedirectResponse(TRY_PATH, HTTPStatus.SEE_OTHER)
        is_told = tells_its_page(visit.request.headers, self._config.public_url)
        secret = secret_from(f"{key}-{role}") if is_told else new_secret()
        await self._turns.take(
            Inbound(
                address=address_of(secret),
                external_id=delivery_of(f"{key}-{role}"),
                kind=InboundKind.START,
                text=await self._door.invite(role),
                locale=next(iter(visit.wish.languages), None),
                timezone=visit.form.zone,
            )
        )
        response = RedirectResponse(f"{CONVERSATION_PATH}#{NEWS}", HTTPStatus.SEE_OTHER)
        remember(response, secret, secure=self._config.secure)
        return response


class LinkRoutes:
    """The page on which somebody gives an account-link code. `keeper` says who tries too many.

    A browser that is not known yet gets a secret only where the code is good: whoever tries others leaves nothing
    behind. A good one is written for them, as they would in a chat, and the turn decides.
    """

    def __init__(self, config: WebConfig, turns: WebTurns, keeper: RequestKeeper) -> None:
        self._config, self._turns, self._keeper = config, turns, keeper

    def answers(self) -> tuple[tuple[str, str, Answer], ...]:
        """Return the paths, the methods, and what answers them."""
        return (
            (LINK_PATH, "GET", self._show),
            (f"{LINK_PATH}/{{token}}", "GET", self._show),
            (LINK_PATH, "POST", self._take),
        )

    async def _show(self, visit: Visit) -> Response:
        """Show the field, with the code of the address in it; nothing is used up, or looked up, by that."""
        return await self._page(visit, link_code(f"link {visit.token}") or "")

    async def _page(self, visit: Visit, draft: str, *, is_wrong: bool = False) -> Response:
        language = await visit.language_for(visit.address)
        page = LinkPage(language, visit.pages.languages(), visit.chosen, draft, is_wrong)
        mark = "" if visit.secret is None else csrf_of(visit.secret)
        body = rendering.link_page(page, FormMarks(key=new_secret(), csrf=mark))
        return HTMLResponse(body, HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK)

    async def _take(self, visit: Visit) -> Response:
        """Write a code that is good to the bot, from this device or as a new one, and lead to the conversation."""
        key, typed = visit.form.key, visit.form.value(FormField.WORDS).strip()
        code = link_code(f"link {typed}")
        if key is None or (visit.secret is not None and not visit.has_mark):
            return await self._page(visit, code or "")
        wait = self._keeper.by_link(f"link-{code}", visit.client)
        if wait:
            return too_many(visit, wait)
        if code is None or not await visit.pages.takes_code(code):
            self._keeper.unknown_link(visit.client)
            return await self._page(visit, typed[: 2 * CODE_LENGTH], is_wrong=True)
        is_told = tells_its_page(visit.request.headers, self._config.public_url)
        secret = visit.secret or (secret_from(key) if is_told else new_secret())
        await self._turns.take(
            Inbound(
                address=address_of(secret),
                external_id=delivery_of(key),
                kind=InboundKind.TEXT,
                text=f"link {code}",
                locale=next(iter(visit.wish.languages), None),
                timezone=visit.form.zone,
            )
        )
        response = RedirectResponse(f"{CONVERSATION_PATH}#{NEWS}", HTTPStatus.SEE_OTHER)
        remember(response, secret, secure=self._config.secure)
        return response
