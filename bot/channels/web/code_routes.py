"""Send codes to whoever came by the link of a mail, and take them: a code opens all else, or stops all of it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Final, NamedTuple

from starlette.responses import RedirectResponse, Response

from bot.channels.base import Inbound, InboundKind, SendError
from bot.channels.page_guards import tells_its_page
from bot.channels.web.device import address_of, delivery_of, new_secret, remember, secret_from
from bot.channels.web.mail_door import CodeDoor, OpenedMail
from bot.channels.web.options import WebConfig
from bot.channels.web.page_answers import LinkGuard, MailSayer, mail_answer
from bot.channels.web.port import (
    CODE_PATH,
    CONVERSATION_PATH,
    MAIL_PATH,
    NEWS,
    STOP_CODE_PATH,
    STOPPED_PATH,
    UNSUBSCRIBE_PATH,
    FormField,
    MailForm,
    MailPage,
)
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from flows.i18n.say_in_mail import MailSentence

STOP: Final = "/stop"
"""What is said to stop all of it; the bot reads it in every language."""
MOST_KEPT: Final = 10_000
"""Forms of which it is remembered that they had a code sent."""


class CodePlace(NamedTuple):
    """Where a code is asked for, behind the link at `path`: for all else, or to stop all of it."""

    path: str
    behind: str
    stops: bool

    def of(self, token: str) -> str:
        """Return the path of the page behind the link with this token."""
        return f"{self.path}{token}{self.behind}"


PLACES: Final = (
    CodePlace(MAIL_PATH, CODE_PATH, stops=False),
    CodePlace(MAIL_PATH, STOP_CODE_PATH, stops=True),
    CodePlace(UNSUBSCRIBE_PATH, CODE_PATH, stops=True),
)


class CodeRoutes:
    """The pages on which a code is asked for. `guard` lets on whoever has a link that is good."""

    def __init__(self, config: WebConfig, turns: WebTurns, guard: LinkGuard) -> None:
        self._config, self._turns, self._guard = config, turns, guard
        self._once = RepeatedForms()

    def answers(self) -> tuple[tuple[str, str, Answer], ...]:
        """Return the paths, the methods, and what answers them."""
        shown = ((place.of("{token}"), "GET", partial(self._show, place)) for place in PLACES)
        taken = ((place.of("{token}"), "POST", partial(self._take, place)) for place in PLACES)
        return (*shown, *taken, (STOPPED_PATH, "GET", self._tell_stopped))

    @property
    def _door(self) -> CodeDoor:
        assert self._turns.mail is not None  # it opened the link
        return self._turns.mail.codes

    async def _opened(self, place: CodePlace, visit: Visit) -> OpenedMail | Response:
        """Return what a link opens that a code may be sent by, or the page that says why it opens nothing."""
        if place.path == UNSUBSCRIBE_PATH:
            opened = await self._guard.behind(visit, lambda door: door.unsubscribes(visit.token))
            is_invitation = isinstance(opened, OpenedMail) and opened.invited_in is not None
            return await self._guard.over(visit) if is_invitation else opened  # nobody is there to be stopped
        return await self._guard.behind(visit, lambda door: door.opened(visit.token))

    async def _show(self, place: CodePlace, visit: Visit) -> Response:
        """Say why a code is needed, with the button that sends one, and the field that takes it."""
        opened = await self._opened(place, visit)
        return opened if isinstance(opened, Response) else await self._page(place, visit, opened)

    async def _page(
        self, place: CodePlace, visit: Visit, opened: OpenedMail, problem: MailSentence | None = None
    ) -> Response:
        """Return the page; the field stands first while a code that was sent is good."""
        say, here = MailSayer(await visit.language_for(opened.address)), place.of(visit.token)
        told = "" if problem is None else say(problem)
        is_wrong = problem is MailSentence.CODE_WRONG
        send = MailForm(button=say(MailSentence.CODE_SEND), posts_to=here, problem="" if is_wrong else told)
        enter = MailForm(
            button=say(MailSentence.CODE_GO),
            posts_to=here,
            label=say(MailSentence.CODE_LABEL),
            is_code=True,
            problem=told if is_wrong else "",
        )
        texts = [MailSentence.CODE_WHY]
        if visit.address is not None and await self._door.is_of_another(opened.address, visit.address):
            texts.append(MailSentence.CODE_TAKES_OVER)
        waits = is_wrong or await self._door.waits(opened.address)
        page = MailPage(
            language=say.language,
            title=say(MailSentence.STOP if place.stops else MailSentence.CODE_TITLE),
            texts=tuple(map(say, texts)),
            forms=(enter, send) if waits else (send, enter),
            back=(say(MailSentence.ASK_SKIP), visit.onward(f"{place.path}{visit.token}")),
        )
        status = HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY
        response = mail_answer(visit, page, status)
        response.headers["referrer-policy"] = (
            "same-origin"  # else older browsers tell "null" of our own page, too
        )
        return response

    async def _take(self, place: CodePlace, visit: Visit) -> Response:
        """Send a code, or take the one that came: a form with a field for it holds one."""
        opened = await self._opened(place, visit)
        if isinstance(opened, Response):
            return opened
        if visit.form.has(FormField.WORDS):
            return await self._let_in(place, visit, opened)
        return await self._send(place, visit, opened)

    async def _send(self, place: CodePlace, visit: Visit, opened: OpenedMail) -> Response:
        """Send a code, once for each form, and lead to the page that takes it."""
        language = await visit.language_for(opened.address)
        send = partial(self._door.send, opened.address, language)
        try:
            sent = await self._once.done(visit.form.key or new_secret(), send)
        except SendError:
            sent = False
        if not sent:
            return await self._page(place, visit, opened, MailSentence.CODE_NOT_SENT)
        return RedirectResponse(visit.onward(place.of(visit.token)), HTTPStatus.SEE_OTHER)

    async def _let_in(self, place: CodePlace, visit: Visit, opened: OpenedMail) -> Response:
        """Take a code: then this browser is one of theirs, and leads to all that was said on it.

        Taken is one that a page of ours posted, as the browser tells: any other page could make the browser somebody's
        whose conversation its reader would then write into. A new device gets its secret from the key of the form, so
        that a second tap makes no other. Where the browser was somebody else's, nobody is reached there any more.
        """
        key = visit.form.key or new_secret()
        if not tells_its_page(visit.request.headers, self._config.public_url):
            return await self._page(place, visit, opened)
        stops_only = place.path == UNSUBSCRIBE_PATH
        known = None if stops_only else visit.secret
        secrets = {address_of(one): one for one in (known, secret_from(key)) if one is not None}
        device = await self._door.take(opened.address, visit.form.words, tuple(secrets))
        if device is None:
            return await self._page(place, visit, opened, MailSentence.CODE_WRONG)
        if stops_only:
            return await self._stop_only(visit, opened, device, key)
        if visit.address is not None and visit.address != device:
            await self._turns.leave(visit.address, f"{key}-left")
        if place.stops:
            await self._stop(device, key)
        response = RedirectResponse(f"{CONVERSATION_PATH}#{NEWS}", HTTPStatus.SEE_OTHER)
        remember(response, secrets[device], secure=self._config.secure)
        return response

    async def _stop(self, address: str, key: str) -> None:
        """Stop all of it for whoever has shown by a code that it is theirs, from what is their own address now."""
        stop = Inbound(
            address=address, external_id=delivery_of(f"{key}-stop"), kind=InboundKind.TEXT, text=STOP
        )
        await self._turns.take(stop)

    async def _stop_only(self, visit: Visit, opened: OpenedMail, address: str, key: str) -> Response:
        """Stop all of it from an address that is given up at once: this browser does not become one of theirs."""
        language = await visit.language_for(opened.address)
        await self._stop(address, key)
        await self._turns.leave(address, f"{key}-left")
        told = f"{STOPPED_PATH}?{FormField.LANGUAGE.value}={language}"
        return RedirectResponse(told, HTTPStatus.SEE_OTHER)

    async def _tell_stopped(self, visit: Visit) -> Response:
        """Say that all of it has stopped."""
        say = MailSayer(await visit.language_for(visit.address))
        return mail_answer(visit, MailPage(language=say.language, title=say(MailSentence.STOPPED)))


class RepeatedForms:
    """Does something once for each form: a second tap waits for what the first one does, and hears the same."""

    def __init__(self) -> None:
        self._doing: OrderedDict[str, asyncio.Future[bool]] = OrderedDict()

    async def done(self, key: str, do: Callable[[], Awaitable[bool]]) -> bool:
        """Do something for the form with this key, or return what came of it before; what failed is done anew.

        Raises whatever `do` raises.
        """
        doing = self._doing.get(key)
        if doing is None or (doing.done() and (doing.exception() is not None or not doing.result())):
            doing = self._doing[key] = asyncio.ensure_future(_as_task(do))
            if len(self._doing) > MOST_KEPT:
                self._doing.popitem(last=False)
        return await asyncio.shield(doing)


async def _as_task(do: Callable[[], Awaitable[bool]]) -> bool:
    return await do()
