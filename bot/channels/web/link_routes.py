"""Answer browsers of those who have a code that joins another app, or moves them from one that they lost.

The code is typed on a page, or stands in the address that somebody was given; a button sends it. A browser that is not
known yet gets a secret only where the code is good: whoever tries many that are not waits, and leaves nothing behind.
Then the code is written for them, as they would in a chat, and the turn decides.
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
from bot.channels.web.port import CONVERSATION_PATH, LINK_PATH, NEWS, FormField, FormMarks, LinkPage
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from flows.parsing.link_codes import CODE_LENGTH, link_code


class LinkRoutes:
    """The page on which somebody gives an account-link code. `keeper` says who tries too many."""

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
