"""Answer browsers of those who try the program: they choose whom to play, and begin by a POST as everybody does."""

from http import HTTPStatus

from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.base import Inbound, InboundKind
from bot.channels.page_guards import tells_its_page
from bot.channels.web import rendering
from bot.channels.web.device import address_of, csrf_of, delivery_of, new_secret, remember, secret_from
from bot.channels.web.options import WebConfig
from bot.channels.web.port import CONVERSATION_PATH, NEWS, TRY_PATH, FormField, FormMarks, TryPage
from bot.channels.web.source import TryDoor
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit


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
