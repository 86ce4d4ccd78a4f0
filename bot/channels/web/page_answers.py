"""Answer browsers by pages that several routes share: notices, pages about mails, and links that open nothing."""

import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final, TypeVar

from starlette.responses import HTMLResponse, Response

from bot.channels.request_limits import RequestKeeper
from bot.channels.web import rendering
from bot.channels.web.device import csrf_of, new_secret
from bot.channels.web.mail_door import MailDoor
from bot.channels.web.port import FormMarks, MailPage, NoticeKind, PageNotice
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Visit
from flows.i18n.say_in_mail import MailSentence, say_in_mail

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32,64}")
_STATUS: Final[Mapping[NoticeKind, HTTPStatus]] = {
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

Found = TypeVar("Found")
"""What a link leads to."""


def plain_notice(visit: Visit, kind: NoticeKind, retry_after: int | None = None) -> PageNotice:
    """Return a notice in the language of the browser."""
    language, every = visit.pages.language(visit.wish), visit.pages.languages()
    return PageNotice(kind=kind, language=language, languages=every, retry_after=retry_after)


def noticed(notice: PageNotice, status: HTTPStatus | None = None) -> Response:
    """Return the page of a notice; with None its status is that of its kind."""
    code = status or _STATUS.get(notice.kind, HTTPStatus.OK)
    headers = {} if notice.retry_after is None else {"retry-after": str(notice.retry_after)}
    return HTMLResponse(rendering.notice_page(notice), code, headers=headers)


def too_many(visit: Visit, wait: float) -> Response:
    """Return the page that says that too much was asked for; it may be asked for again in `wait` seconds."""
    return noticed(plain_notice(visit, NoticeKind.TOO_MANY, math.ceil(wait)))


class MailSayer:
    """Says the sentences of mails in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, sentence: MailSentence) -> str:
        return say_in_mail(sentence, self.language)


def mail_answer(visit: Visit, page: MailPage, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a page about mails, with the languages that may be chosen there."""
    mark = "" if visit.secret is None else csrf_of(visit.secret)
    page = replace(page, languages=visit.pages.languages(), chosen=visit.chosen)
    return HTMLResponse(rendering.mail_page(page, FormMarks(key=new_secret(), csrf=mark)), status)


def kept_words(visit: Visit, say: MailSayer) -> tuple[str, str] | None:
    """Return the words in a form that could not be taken, with what is said of them; None where there are none."""
    words = visit.form.words
    return (say(MailSentence.WORDS_KEPT), words) if words else None


class LinkGuard:
    """Lets whoever comes by the link of a mail on to what it leads to, or answers why it leads nowhere."""

    def __init__(self, turns: WebTurns, keeper: RequestKeeper) -> None:
        self._turns, self._keeper = turns, keeper

    async def behind(
        self,
        visit: Visit,
        look: Callable[[MailDoor], Awaitable[Found | None]],
        *,
        keeps_words: bool = False,
    ) -> Found | Response:
        """Return what a link leads to, or the page that says that it leads nowhere.

        It is not looked up where too many were tried, or where it can be none of ours. `keeps_words` is as in `over`.
        """
        if wait := self._keeper.by_link(visit.token, visit.client):
            return too_many(visit, wait)
        door = self._turns.mail if _TOKEN.fullmatch(visit.token) else None
        found = None if door is None else await look(door)
        return await self.over(visit, keeps_words=keeps_words) if found is None else found

    async def over(self, visit: Visit, *, keeps_words: bool = False) -> Response:
        """Say that a link is not good any more; whoever tries many that never were waits.

        With `keeps_words` the page shows the words that were posted: nobody writes them twice.
        """
        door = self._turns.mail if _TOKEN.fullmatch(visit.token) else None
        if door is None or not await door.is_ours(visit.token):
            self._keeper.unknown_link(visit.client)
        say = MailSayer(await visit.language_for(visit.address))
        words = kept_words(visit, say) if keeps_words else None
        page = MailPage(language=say.language, title=say(MailSentence.LINK_OVER), words=words)
        return mail_answer(visit, page, HTTPStatus.GONE)
