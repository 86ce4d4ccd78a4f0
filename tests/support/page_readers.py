"""Somebody who reads their page as it is found in the rows, and answers what it asks."""

from datetime import date, timedelta

from bot.channels.base import Inbound, InboundKind, button_payload
from bot.channels.web.port import ConversationPage, OpenQuestion
from bot.pages.conversation_pages import ConversationPages
from flows.engine.effects import PromptKind
from tests.support.platforms.wired import House

ADDRESS = "web:" + "0" * 32
STORY = "It was hard to get an appointment near home, so I waited for weeks"


class Visitor:
    """Somebody in a browser, and the house that they are in."""

    def __init__(self, home: House, pages: ConversationPages) -> None:
        self.home, self.pages = home, pages
        self._count = 0

    async def do(self, kind: InboundKind, **fields: object) -> ConversationPage:
        """Do something, and see the page that comes."""
        self._count += 1
        name = f"web-{self._count}"
        await self.home.runtime.receive([Inbound(address=ADDRESS, external_id=name, kind=kind, **fields)])
        self.home.clock.move(timedelta(seconds=20))
        await self.home.settle()
        return await self.page()

    async def page(self, before: int | None = None) -> ConversationPage:
        found = await self.pages.conversation(ADDRESS, before)
        assert found is not None
        return found

    async def tap(self, page: ConversationPage, place: int) -> ConversationPage:
        """Tap an option of the open question."""
        question = page.open_question
        assert question is not None
        button = f"{question.conversation:x}.{question.prompt.ask:x}.{place:x}"
        return await self.do(
            InboundKind.TAP, button=button, message_id=str(question.number), order=page.newest + 1
        )

    async def answer(self, page: ConversationPage) -> ConversationPage:
        """Answer whatever is asked: by the first choice, by a day, or by words."""
        question = asked_on(page)
        match question.prompt.kind:
            case PromptKind.SELECT_MANY:
                return await self.tick(page, 0)
            case PromptKind.DATE:
                return await self.pick_day(page, (self.home.clock.now() + timedelta(days=3)).date())
            case PromptKind.TEXT:
                return await self.write(page, STORY)
            case _:
                return await self.tap(page, 0)

    async def tick(self, page: ConversationPage, *places: int) -> ConversationPage:
        """Have these places ticked, and press Done."""
        return await self._fill(page, InboundKind.PICKS, options=places)

    async def pick_day(self, page: ConversationPage, day: date) -> ConversationPage:
        """Choose a day, and send it."""
        return await self._fill(page, InboundKind.DATE, day=day)

    async def _fill(self, page: ConversationPage, kind: InboundKind, **fields: object) -> ConversationPage:
        question = asked_on(page)
        assert question.conversation is not None
        assert question.prompt.ask is not None
        button = button_payload(question.conversation, question.prompt.ask)
        order = page.newest + 1
        return await self.do(kind, button=button, message_id=str(question.number), order=order, **fields)

    async def write(self, page: ConversationPage, text: str) -> ConversationPage:
        """Type something under the open question, and send it."""
        order = page.newest + 1
        about = str(asked_on(page).number)
        return await self.do(InboundKind.TEXT, text=text, message_id=str(order), order=order, about=about)

    async def until(self, page: ConversationPage, kind: PromptKind) -> ConversationPage:
        """Answer until a question of a kind is asked."""
        for _ in range(60):
            if asked_on(page).prompt.kind is kind:
                return page
            page = await self.answer(page)
        raise AssertionError(f"no {kind} came")


def asked_on(page: ConversationPage) -> OpenQuestion:
    """The question that is open on a page."""
    assert page.open_question is not None, [one.text for one in page.messages[-2:]]
    return page.open_question
