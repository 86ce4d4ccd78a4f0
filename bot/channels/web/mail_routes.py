"""Answer browsers that come by a link in a mail, and ask for e-mail addresses.

The link of a question shows what waits, and takes its answer; it shows nothing that was said before, for mails are
passed on. Whoever has a mail may end mails by it, and nothing else: all of it is stopped by whoever has a code.
Opening a link uses up nothing: scanners of mail open all of them. What it asks for is done by a POST.
"""

import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, TypeVar

from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.base import Inbound, InboundKind, SendError
from bot.channels.page_guards import tells_its_page
from bot.channels.request_limits import RequestKeeper
from bot.channels.web import rendering
from bot.channels.web.device import address_of, csrf_of, delivery_of, new_secret, remember
from bot.channels.web.forms import inbound_of
from bot.channels.web.mail_door import AddressOutcome, MailDoor, OpenedMail
from bot.channels.web.options import WebConfig
from bot.channels.web.port import (
    ADDRESS_PATH,
    CONFIRM_PATH,
    CONVERSATION_PATH,
    MAIL_PATH,
    NEWS,
    NO_DRAFT,
    UNSUBSCRIBE_PATH,
    ConversationPage,
    FormField,
    FormMarks,
    FormProblem,
    MailPage,
    NoticeKind,
    PageAuthor,
    PageNotice,
)
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from flows.i18n.say_in_mail import MailSentence, say_in_mail

CODE: Final = "/code"
"""Behind the link of a question: where a code opens all else."""
STOP: Final = "stop"
"""What is posted to stop all of it; the bot reads it in every language."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32,64}")
_BEFORE_THE_MAIL: Final = timedelta(seconds=1)

Found = TypeVar("Found")
"""What a link leads to."""


class MailRoutes:
    """The pages behind the links of mails. `turns` takes what is posted, `keeper` says who asks too often."""

    def __init__(self, config: WebConfig, turns: WebTurns, keeper: RequestKeeper) -> None:
        self._config, self._turns, self._keeper = config, turns, keeper

    def answers(self) -> tuple[tuple[str, str, Answer], ...]:
        """Return the paths, the methods, and what answers them."""
        question, ends = f"{MAIL_PATH}{{token}}", f"{UNSUBSCRIBE_PATH}{{token}}"
        confirms = f"{CONFIRM_PATH}{{token}}"
        return (
            (question, "GET", self._show_question),
            (question, "POST", self._take),
            (f"{question}{CODE}", "GET", partial(self._ask_for_code, MAIL_PATH)),
            (f"{question}{CODE}", "POST", partial(self._take_code, MAIL_PATH)),
            (ends, "GET", self._ask_to_unsubscribe),
            (ends, "POST", self._unsubscribe),
            (f"{ends}{CODE}", "GET", partial(self._ask_for_code, UNSUBSCRIBE_PATH)),
            (f"{ends}{CODE}", "POST", partial(self._take_code, UNSUBSCRIBE_PATH)),
            (confirms, "GET", self._ask_to_confirm),
            (confirms, "POST", self._confirm),
            (ADDRESS_PATH, "GET", self._ask_for_address),
            (ADDRESS_PATH, "POST", self._take_address),
        )

    @property
    def _door(self) -> MailDoor | None:
        return self._turns.mail

    # The question

    async def _show_question(self, visit: Visit) -> Response:
        """Show what waits behind the link of a mail."""
        opened = await self._opened(visit)
        return opened if isinstance(opened, Response) else await self._question(visit, opened)

    async def _opened(self, visit: Visit) -> OpenedMail | Response:
        """Return what the link of a question opens, or the page that says why it opens nothing."""
        opened = await self._behind(visit, lambda door: door.opened(visit.token))
        if isinstance(opened, OpenedMail) and opened.ended:
            return self._ended(visit, MAIL_PATH, HTTPStatus.GONE)
        return opened

    async def _question(
        self, visit: Visit, opened: OpenedMail, problem: FormProblem | None = None
    ) -> Response:
        """Show what waits, with what stood in the fields of the form that was posted."""
        page = await visit.pages.conversation(opened.address)
        if page is None:
            return self._over(visit)
        marks = FormMarks(key=new_secret(), problem=problem, draft=visit.form.draft)
        status = HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY
        return HTMLResponse(rendering.conversation_page(limited(page, visit.token, opened), marks), status)

    async def _take(self, visit: Visit) -> Response:
        """Take an answer, and lead to the page with what is said to it."""
        opened = await self._opened(visit)
        if isinstance(opened, Response):
            return opened
        if visit.form.has(FormField.LOOK):
            return await self._question(visit, opened)
        order = self._turns.numbers.of_theirs(opened.address, visit.form.newest or 0)
        said = inbound_of(visit.form, opened.address, order)
        if isinstance(said, FormProblem):
            return await self._question(visit, opened, said)
        self._visited(opened)
        await self._turns.take(said)
        page = await visit.pages.conversation(opened.address)
        question = None if page is None else page.open_question
        if question is not None and question.draft == visit.form.draft != NO_DRAFT:
            # It was not taken. Who gave it sees it again here: whoever else has the link sees nothing of it later.
            return await self._question(visit, opened)
        return RedirectResponse(f"{MAIL_PATH}{visit.token}#{NEWS}", HTTPStatus.SEE_OTHER)

    def _visited(self, opened: OpenedMail) -> None:
        if self._door is not None:
            self._door.visited(opened.address)

    # A code opens all else

    async def _ask_for_code(self, path: str, visit: Visit) -> Response:
        """Say why a code is needed, with the button that sends one; `path` is that of the link, before its token."""
        opened = await self._opened_by(path, visit)
        return opened if isinstance(opened, Response) else self._code_page(path, visit, asked=False)

    async def _take_code(self, path: str, visit: Visit) -> Response:
        """Send a code, or take one: then this browser is one of theirs, and leads to all that was said on it.

        Where a code was asked for to stop all of it, that is done at once; by the link that ends mails, which is good
        for a year, nothing else is. A code is taken where the browser tells that a page of ours posted it: any other
        page could make the browser somebody's whose conversation its reader would then write into.
        """
        opened = await self._opened_by(path, visit)
        if isinstance(opened, Response):
            return opened
        assert self._door is not None  # it opened the link
        language = visit.pages.language(visit.wish)
        if not visit.form.has(FormField.WORDS):
            try:
                sent = await self._door.send_code(opened.address, language)
            except SendError:
                sent = False
            problem = None if sent else MailSentence.CODE_NOT_SENT
            return self._code_page(path, visit, asked=sent, problem=problem)
        if not tells_its_page(visit.request.headers, self._config.public_url):
            return self._code_page(path, visit, asked=True)
        only_stops = path == UNSUBSCRIBE_PATH
        known = None if only_stops else visit.secret
        secrets = {address_of(one): one for one in (known, new_secret()) if one is not None}
        device = await self._door.take_code(opened.address, visit.form.words, tuple(secrets))
        if device is None:
            return self._code_page(path, visit, asked=True, problem=MailSentence.CODE_WRONG)
        if only_stops:
            return await self._stop_only(visit, device)
        response: Response = RedirectResponse(CONVERSATION_PATH, HTTPStatus.SEE_OTHER)
        if _stops(path, visit):
            back = (_Sayer(visit.pages.language(visit.wish))(MailSentence.CODE_GO), CONVERSATION_PATH)
            response = await self._stop(visit, device, back)
        remember(response, secrets[device], secure=self._config.secure)
        return response

    async def _opened_by(self, path: str, visit: Visit) -> OpenedMail | Response:
        """Return what a link opens that a code may be sent by, or the page that says why it opens nothing."""
        if path == UNSUBSCRIBE_PATH:
            return await self._behind(visit, lambda door: door.unsubscribes(visit.token))
        return await self._behind(visit, lambda door: door.opened(visit.token))

    def _code_page(
        self, path: str, visit: Visit, *, asked: bool, problem: MailSentence | None = None
    ) -> Response:
        say, stops = _Sayer(visit.pages.language(visit.wish)), _stops(path, visit)
        status = HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY
        page = MailPage(
            language=say.language,
            title=say(MailSentence.STOP if stops else MailSentence.CODE_TITLE),
            texts=(say(MailSentence.CODE_WHY),),
            button=say(MailSentence.CODE_GO if asked else MailSentence.CODE_SEND),
            command=STOP if stops else "",
            posts_to=f"{path}{visit.token}{CODE}",
            label=say(MailSentence.CODE_LABEL) if asked else None,
            is_code=True,
            problem="" if problem is None else say(problem),
            back=(say(MailSentence.ASK_SKIP), f"{path}{visit.token}"),
        )
        response = _page(page, status)
        response.headers["referrer-policy"] = (
            "same-origin"  # else older browsers tell "null" for our own page
        )
        return response

    async def _stop_only(self, visit: Visit, address: str) -> Response:
        """Stop all of it from an address that is given up at once: this browser does not become one of theirs."""
        response = await self._stop(visit, address)
        left = Inbound(address=address, external_id=delivery_of(new_secret()), kind=InboundKind.BLOCKED)
        await self._turns.take(left)
        return response

    async def _stop(self, visit: Visit, address: str, back: tuple[str, str] | None = None) -> Response:
        """Stop all of it for whoever has shown by a code that it is theirs, from what is their own address now."""
        key = visit.form.key or new_secret()
        await self._turns.take(
            Inbound(address=address, external_id=delivery_of(key), kind=InboundKind.TEXT, text=f"/{STOP}")
        )
        say = _Sayer(visit.pages.language(visit.wish))
        return _page(MailPage(language=say.language, title=say(MailSentence.STOPPED), back=back))

    # Mails are ended

    async def _ask_to_unsubscribe(self, visit: Visit) -> Response:
        """Ask whether mails are to be ended; nothing is ended by looking."""
        opened = await self._behind(visit, lambda door: door.unsubscribes(visit.token))
        if isinstance(opened, Response):
            return opened
        say = _Sayer(visit.pages.language(visit.wish))
        return _page(
            MailPage(
                language=say.language,
                title=say(MailSentence.UNSUBSCRIBE_TITLE),
                texts=(say(MailSentence.UNSUBSCRIBE_ASK),),
                button=say(MailSentence.UNSUBSCRIBE),
                posts_to=f"{UNSUBSCRIBE_PATH}{visit.token}",
            )
        )

    async def _unsubscribe(self, visit: Visit) -> Response:
        """End mails, for a mail program (RFC 8058) as for a person, and offer to stop all of it."""
        opened = await self._behind(visit, lambda door: door.end_mails(visit.token))
        return opened if isinstance(opened, Response) else self._ended(visit, UNSUBSCRIBE_PATH)

    def _ended(self, visit: Visit, path: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Say that mails were ended, and offer to stop all of it, which needs a code."""
        say = _Sayer(visit.pages.language(visit.wish))
        page = MailPage(
            language=say.language,
            title=say(MailSentence.UNSUBSCRIBED),
            texts=(say(MailSentence.STOP_ASK),),
            button=say(MailSentence.STOP),
            command=STOP,
            posts_to=f"{path}{visit.token}{CODE}",
        )
        return _page(page, status)

    # An address is confirmed

    async def _ask_to_confirm(self, visit: Visit) -> Response:
        """Ask whether an address is to be confirmed; nothing is by looking."""
        language = await self._behind(visit, lambda door: door.confirms(visit.token))
        if isinstance(language, Response):
            return language
        say = _Sayer(language)
        return _page(
            MailPage(
                language=language,
                title=say(MailSentence.CONFIRM_SUBJECT),
                texts=(say(MailSentence.CONFIRM_ASK),),
                button=say(MailSentence.CONFIRM),
                posts_to=f"{CONFIRM_PATH}{visit.token}",
            )
        )

    async def _confirm(self, visit: Visit) -> Response:
        """Confirm an address."""
        language = await self._behind(visit, lambda door: door.confirm(visit.token))
        if isinstance(language, Response):
            return language
        return _page(MailPage(language=language, title=_Sayer(language)(MailSentence.CONFIRMED)))

    # An address is given

    async def _giver(self, visit: Visit) -> tuple[MailDoor, str] | None:
        """Return whom to give an e-mail address to, and the address of whoever gives it; None where they may not."""
        door = self._turns.mail
        if visit.address is None or door is None or not await door.may_give_address(visit.address):
            return None
        return door, visit.address

    async def _ask_for_address(self, visit: Visit) -> Response:
        """Ask for an e-mail address, of whoever agreed to be contacted again and gave none."""
        if await self._giver(visit) is None:
            return RedirectResponse(CONVERSATION_PATH, HTTPStatus.SEE_OTHER)
        return self._address_page(visit)

    def _address_page(self, visit: Visit, problem: MailSentence | None = None) -> Response:
        say = _Sayer(visit.pages.language(visit.wish))
        status = HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY
        page = MailPage(
            language=say.language,
            title=say(MailSentence.ASK_LABEL),
            texts=(say(MailSentence.ASK_ADDRESS),),
            button=say(MailSentence.ASK_BUTTON),
            posts_to=ADDRESS_PATH,
            label=say(MailSentence.ASK_LABEL),
            draft="" if problem is None else visit.form.words,
            problem="" if problem is None else say(problem),
            not_now=say(MailSentence.ASK_SKIP),
        )
        return _page(page, status, visit)

    async def _take_address(self, visit: Visit) -> Response:
        """Take an e-mail address; it is used for nothing until it is confirmed."""
        giver = await self._giver(visit)
        if giver is None:
            return RedirectResponse(CONVERSATION_PATH, HTTPStatus.SEE_OTHER)
        if not visit.has_mark:
            return self._address_page(visit)
        language = visit.pages.language(visit.wish)
        door, address = giver
        outcome = await door.give_address(address, visit.form.words, language)
        match outcome:
            case AddressOutcome.UNREADABLE:
                return self._address_page(visit, MailSentence.ASK_UNREADABLE)
            case AddressOutcome.TOO_OFTEN:
                return self._address_page(visit, MailSentence.ASK_TOO_OFTEN)
            case AddressOutcome.NOBODY | AddressOutcome.TAKEN:
                say = _Sayer(language)
                back = (say(MailSentence.CODE_GO), CONVERSATION_PATH)
                return _page(MailPage(language=language, title=say(MailSentence.ASK_SENT), back=back))

    # What guards them

    async def _behind(
        self, visit: Visit, look: Callable[[MailDoor], Awaitable[Found | None]]
    ) -> Found | Response:
        """Return what a link leads to, or the page that says that it leads nowhere.

        It is not looked up where too many were tried, or where it can be none of ours.
        """
        if wait := self._keeper.by_link(visit.token, visit.client):
            return self._too_many(visit, wait)
        door = self._turns.mail if _TOKEN.fullmatch(visit.token) else None
        found = None if door is None else await look(door)
        return self._over(visit) if found is None else found

    def _over(self, visit: Visit) -> Response:
        """Say that a link is not good any more; whoever tries many waits."""
        self._keeper.unknown_link(visit.client)
        say = _Sayer(visit.pages.language(visit.wish))
        page = MailPage(language=say.language, title=say(MailSentence.LINK_OVER))
        return _page(page, HTTPStatus.GONE)

    def _too_many(self, visit: Visit, wait: float) -> Response:
        notice = PageNotice(
            kind=NoticeKind.TOO_MANY,
            language=visit.pages.language(visit.wish),
            languages=visit.pages.languages(),
        )
        headers = {"retry-after": str(math.ceil(wait))}
        return HTMLResponse(rendering.notice_page(notice), HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


def _stops(path: str, visit: Visit) -> bool:
    """Return whether a code is asked for to stop all of it; by the link that ends mails (`path`) for nothing else."""
    return path == UNSUBSCRIBE_PATH or visit.form.value(FormField.COMMAND) == STOP


class _Sayer:
    """Says the sentences of mails in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, sentence: MailSentence) -> str:
        return say_in_mail(sentence, self.language)


def limited(page: ConversationPage, token: str, opened: OpenedMail) -> ConversationPage:
    """Return what of a conversation the link of a mail shows: the open question, and what led to it.

    That is what was said to its reader since the mail, or since they last said something on its page; nothing that was
    said before, and nothing of what they said. Nothing of it can be changed there, so that no button stands below.
    """
    said = [place for place, one in enumerate(page.messages) if one.author is PageAuthor.PERSON]
    newer = page.messages[said[-1] + 1 if said else 0 :]
    since = opened.mailed_at - _BEFORE_THE_MAIL
    question = page.open_question
    return replace(
        page,
        open_question=None if question is None else replace(question, draft=NO_DRAFT),
        messages=tuple(
            replace(one, buttons=(), file="") for one in newer if one.at is None or one.at >= since
        ),
        older=None,
        posts_to=f"{MAIL_PATH}{token}",
        code_path=f"{MAIL_PATH}{token}{CODE}",
    )


def _page(page: MailPage, status: HTTPStatus = HTTPStatus.OK, visit: Visit | None = None) -> Response:
    mark = "" if visit is None or visit.secret is None else csrf_of(visit.secret)
    return HTMLResponse(rendering.mail_page(page, FormMarks(key=new_secret(), csrf=mark)), status)
