"""Ask for e-mail addresses, and take them: each is used for nothing until it is confirmed by the mail that it gets."""

from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from bot.channels.web.mail_door import AddressDoor, AddressOutcome
from bot.channels.web.page_answers import MailSayer, mail_answer
from bot.channels.web.port import ADDRESS_PATH, ADDRESS_SENT_PATH, CONVERSATION_PATH, MailForm, MailPage
from bot.channels.web.turns import WebTurns
from bot.channels.web.visit import Answer, Visit
from flows.i18n.say_in_mail import MailSentence


class AddressRoutes:
    """The pages on which somebody who agreed to be contacted again gives an e-mail address."""

    def __init__(self, turns: WebTurns) -> None:
        self._turns = turns

    def answers(self) -> tuple[tuple[str, str, Answer], ...]:
        """Return the paths, the methods, and what answers them."""
        return (
            (ADDRESS_PATH, "GET", self._ask),
            (ADDRESS_PATH, "POST", self._take),
            (ADDRESS_SENT_PATH, "GET", self._tell),
        )

    async def _giver(self, visit: Visit) -> tuple[AddressDoor, str] | None:
        """Return whom to give an e-mail address to, and the address of whoever gives it; None where they may not."""
        door = self._turns.mail
        if visit.address is None or door is None or not await door.addresses.may_give(visit.address):
            return None
        return door.addresses, visit.address

    async def _ask(self, visit: Visit) -> Response:
        """Ask for an e-mail address, of whoever agreed to be contacted again and gave none."""
        if await self._giver(visit) is None:
            return RedirectResponse(CONVERSATION_PATH, HTTPStatus.SEE_OTHER)
        return await self._page(visit)

    async def _page(self, visit: Visit, problem: MailSentence | None = None) -> Response:
        """Return the page that asks, with what stood in the field of the form that was posted."""
        say = MailSayer(await visit.language_for(visit.address))
        asks = MailForm(
            button=say(MailSentence.ASK_BUTTON),
            posts_to=ADDRESS_PATH,
            label=say(MailSentence.ASK_LABEL),
            draft=visit.form.words,
            problem="" if problem is None else say(problem),
        )
        declines = MailForm(button=say(MailSentence.ASK_SKIP), posts_to=CONVERSATION_PATH, declines=True)
        page = MailPage(
            language=say.language,
            title=say(MailSentence.ASK_LABEL),
            texts=(say(MailSentence.ASK_ADDRESS),),
            forms=(asks, declines),
        )
        return mail_answer(visit, page, HTTPStatus.OK if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY)

    async def _take(self, visit: Visit) -> Response:
        """Take an e-mail address, and lead to the page that says that a mail goes there."""
        giver = await self._giver(visit)
        if giver is None:
            return RedirectResponse(CONVERSATION_PATH, HTTPStatus.SEE_OTHER)
        if not visit.has_mark:
            return await self._page(visit)
        door, address = giver
        outcome = await door.give(address, visit.form.words, await visit.language_for(address))
        match outcome:
            case AddressOutcome.UNREADABLE:
                return await self._page(visit, MailSentence.ASK_UNREADABLE)
            case AddressOutcome.TOO_OFTEN:
                return await self._page(visit, MailSentence.ASK_TOO_OFTEN)
            case AddressOutcome.NOBODY | AddressOutcome.TAKEN:
                return RedirectResponse(visit.onward(ADDRESS_SENT_PATH), HTTPStatus.SEE_OTHER)

    async def _tell(self, visit: Visit) -> Response:
        """Say that a mail goes to the address that was given."""
        if visit.address is None:
            return RedirectResponse(CONVERSATION_PATH, HTTPStatus.SEE_OTHER)
        say = MailSayer(await visit.language_for(visit.address))
        back = (say(MailSentence.CODE_GO), CONVERSATION_PATH)
        return mail_answer(
            visit, MailPage(language=say.language, title=say(MailSentence.ASK_SENT), back=back)
        )
