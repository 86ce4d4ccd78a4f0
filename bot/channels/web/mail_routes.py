"""Answer browsers that come by a link in a mail.

The link of a question shows what waits, and takes its answer; it shows nothing that was said before, for mails are
passed on. Whoever has a mail may end mails by it, and nothing else: all of it is stopped by whoever has a code.
Opening a link uses up nothing: scanners of mail open all of them. What it asks for is done by a POST.
"""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.request_limits import RequestKeeper
from bot.channels.web import rendering
from bot.channels.web.address_routes import AddressRoutes
from bot.channels.web.code_routes import CodeRoutes
from bot.channels.web.device import new_secret
from bot.channels.web.forms import inbound_of
from bot.channels.web.mail_door import OpenedMail
from bot.channels.web.options import WebConfig
from bot.channels.web.page_answers import LinkGuard, MailSayer, kept_words, mail_answer
from bot.channels.web.port import (
    CODE_PATH,
    CONFIRM_PATH,
    MAIL_PATH,
    NEWS,
    NO_DRAFT,
    STOP_CODE_PATH,
    UNSUBSCRIBE_PATH,
    ConversationPage,
    FormField,
    FormMarks,
    FormProblem,
    MailForm,
    MailPage,
    PageAuthor,
)
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from flows.i18n.say_in_mail import MailSentence

_BEFORE_THE_MAIL: Final = timedelta(seconds=1)


class MailRoutes:
    """The pages behind the links of mails. `turns` takes what is posted, `keeper` says who asks too often."""

    def __init__(self, config: WebConfig, turns: WebTurns, keeper: RequestKeeper) -> None:
        self._turns, self._guard = turns, LinkGuard(turns, keeper)
        self._others = (*CodeRoutes(config, turns, self._guard).answers(), *AddressRoutes(turns).answers())

    def answers(self) -> tuple[tuple[str, str, Answer], ...]:
        """Return the paths, the methods, and what answers them."""
        question, ends = f"{MAIL_PATH}{{token}}", f"{UNSUBSCRIBE_PATH}{{token}}"
        confirms = f"{CONFIRM_PATH}{{token}}"
        return (
            (question, "GET", self._show_question),
            (question, "POST", self._take),
            (ends, "GET", self._ask_to_unsubscribe),
            (ends, "POST", self._unsubscribe),
            (confirms, "GET", self._ask_to_confirm),
            (confirms, "POST", self._confirm),
            *self._others,
        )

    # The question

    async def _show_question(self, visit: Visit) -> Response:
        """Show what waits behind the link of a mail."""
        opened = await self._opened(visit)
        return opened if isinstance(opened, Response) else await self._question(visit, opened)

    async def _opened(self, visit: Visit) -> OpenedMail | Response:
        """Return what the link of a question opens, or the page that says why it opens nothing."""
        opened = await self._guard.behind(visit, lambda door: door.opened(visit.token), keeps_words=True)
        if isinstance(opened, OpenedMail) and opened.ended:
            return await self._ended(visit, opened, MAIL_PATH, HTTPStatus.GONE)
        return opened

    async def _question(
        self, visit: Visit, opened: OpenedMail, problem: FormProblem | None = None
    ) -> Response:
        """Show what waits, with what stood in the fields of the form that was posted."""
        page = await visit.pages.conversation(opened.address)
        if page is None:
            return await self._guard.over(visit, keeps_words=True)
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
            # The bot did not take the answer. This page, and no later one, shows it again: others may have the link.
            return await self._question(visit, opened)
        if visit.form.unsent is not None:  # a redirection would lose what they have typed
            visit.form = visit.form.unsent
            return await self._question(visit, opened)
        return RedirectResponse(f"{MAIL_PATH}{visit.token}#{NEWS}", HTTPStatus.SEE_OTHER)

    def _visited(self, opened: OpenedMail) -> None:
        if self._turns.mail is not None:
            self._turns.mail.visited(opened.address)

    # Mails are ended

    async def _ask_to_unsubscribe(self, visit: Visit) -> Response:
        """Ask whether mails are to be ended, or say that they were; nothing is ended by looking."""
        opened = await self._guard.behind(visit, lambda door: door.unsubscribes(visit.token))
        if isinstance(opened, Response):
            return opened
        if opened.ended:
            return await self._ended(visit, opened, UNSUBSCRIBE_PATH)
        say = await _sayer(visit, opened)
        asks = MailForm(button=say(MailSentence.UNSUBSCRIBE), posts_to=f"{UNSUBSCRIBE_PATH}{visit.token}")
        page = MailPage(
            language=say.language,
            title=say(MailSentence.UNSUBSCRIBE_TITLE),
            texts=(say(MailSentence.UNSUBSCRIBE_ASK),),
            forms=(asks,),
        )
        return mail_answer(visit, page)

    async def _unsubscribe(self, visit: Visit) -> Response:
        """End mails, for a person as for a mail program: that is answered at once, for it follows no redirection."""
        opened = await self._guard.behind(visit, lambda door: door.end_mails(visit.token))
        if isinstance(opened, Response):
            return opened
        if visit.form.key is None:  # no form of ours: one click (RFC 8058)
            return await self._ended(visit, opened, UNSUBSCRIBE_PATH)
        return RedirectResponse(visit.onward(f"{UNSUBSCRIBE_PATH}{visit.token}"), HTTPStatus.SEE_OTHER)

    async def _ended(
        self, visit: Visit, opened: OpenedMail, path: str, status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        """Say that mails were ended, and offer to stop all of it, which needs a code; an invitation has ended, too."""
        say = await _sayer(visit, opened)
        if opened.invited_in is not None:
            title, texts = say(MailSentence.UNSUBSCRIBED), (say(MailSentence.INVITED_OVER),)
            return mail_answer(visit, MailPage(language=say.language, title=title, texts=texts), status)
        behind = STOP_CODE_PATH if path == MAIL_PATH else CODE_PATH
        stops = MailForm(button=say(MailSentence.STOP), posts_to=f"{path}{visit.token}{behind}")
        page = MailPage(
            language=say.language,
            title=say(MailSentence.UNSUBSCRIBED),
            texts=(say(MailSentence.STOP_ASK),),
            words=kept_words(visit, say),
            forms=(stops,),
        )
        return mail_answer(visit, page, status)

    # An address is confirmed

    async def _ask_to_confirm(self, visit: Visit) -> Response:
        """Ask whether an address is to be confirmed, or say that it is; nothing is confirmed by looking."""
        opened = await self._guard.behind(visit, lambda door: door.addresses.behind(visit.token))
        if isinstance(opened, Response):
            return opened
        say = MailSayer(await visit.language_for(None) if visit.chosen else opened.language)
        if opened.is_confirmed:
            return mail_answer(visit, MailPage(language=say.language, title=say(MailSentence.CONFIRMED)))
        asks = MailForm(button=say(MailSentence.CONFIRM), posts_to=f"{CONFIRM_PATH}{visit.token}")
        page = MailPage(
            language=say.language,
            title=say(MailSentence.CONFIRM_SUBJECT),
            texts=(say(MailSentence.CONFIRM_ASK),),
            forms=(asks,),
        )
        return mail_answer(visit, page)

    async def _confirm(self, visit: Visit) -> Response:
        """Confirm an address, and lead to the page that says so."""
        opened = await self._guard.behind(visit, lambda door: door.addresses.confirm(visit.token))
        if isinstance(opened, Response):
            return opened
        return RedirectResponse(visit.onward(f"{CONFIRM_PATH}{visit.token}"), HTTPStatus.SEE_OTHER)


async def _sayer(visit: Visit, opened: OpenedMail) -> MailSayer:
    """Return what speaks to whoever has a mail: in the language that they chose, else in that of the mail."""
    if opened.invited_in is not None and not visit.chosen:
        return MailSayer(opened.invited_in)
    return MailSayer(await visit.language_for(opened.address or None))


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
        code_path=f"{MAIL_PATH}{token}{CODE_PATH}",
    )
