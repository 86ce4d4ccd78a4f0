"""A source of pages in memory, for tests of what guards them."""

from bot.channels.base import Inbound
from bot.channels.web.port import ConversationPage, InvitationPreview, NoticeKind, PageNotice
from bot.channels.web.source import PageRequest


class FakePages:
    """Knows the devices that have sent something, and one link, `Good-token`; all that was sent is answered."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.taken: list[Inbound] = []
        self.settled = True
        self.error: Exception | None = None
        self.looked_at: list[str] = []
        self.spoken = "en"

    async def receive(self, inbounds: list[Inbound]) -> None:
        """Take what was posted, each delivery once."""
        if self.error is not None:
            raise self.error
        names = {one.external_id for one in self.taken}
        self.taken += [one for one in inbounds if one.external_id not in names]
        self.known |= {one.address for one in inbounds}

    def language(self, wish: PageRequest) -> str:
        return next((one for one in wish.languages if one in self.languages()), "en")

    def languages(self) -> tuple[str, ...]:
        return ("en", "de")

    async def language_at(self, address: str) -> str | None:
        return self.spoken if address in self.known or address.startswith("email:") else None

    async def knows(self, address: str) -> bool:
        return address in self.known

    async def is_settled(self, address: str) -> bool:
        return self.settled

    async def newest_number(self, address: str) -> int:
        return 5000

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        if address not in self.known:
            return None
        return ConversationPage(language="en", newest=5000, waiting=not self.settled)

    async def invitation(
        self, token: str, address: str | None, wish: PageRequest
    ) -> InvitationPreview | PageNotice:
        self.looked_at.append(token)
        if token != "Good-token":
            return PageNotice(kind=NoticeKind.LINK_UNKNOWN, language="en")
        return InvitationPreview(token=token, language=self.language(wish), begun=address in self.known)

    async def takes_code(self, code: str) -> bool:
        self.looked_at.append(code)
        return code == "GOODCODE"

    async def document(self, address: str) -> str | None:
        return "All that you told us\n" if address in self.known else None
