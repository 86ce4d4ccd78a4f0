"""What the web channel asks for its pages: the composition root answers, so that the channel knows no storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.channels.web.port import ConversationPage, InvitationPreview, PageNotice, TryClock


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What whoever asks for a page wishes: languages by their codes, the most wished for first.

    `is_chosen` says that they chose the first one themselves, on the page.
    """

    languages: tuple[str, ...] = ()
    is_chosen: bool = False


class PageSource(Protocol):
    """Finds what pages show. Every method raises whatever the reading raises."""

    def language(self, wish: PageRequest) -> str:
        """Return the language of a page that belongs to no conversation."""

    def languages(self) -> tuple[str, ...]:
        """Return the languages of such pages."""

    async def language_at(self, address: str) -> str | None:
        """Return the language in which somebody is spoken to at an address; None where nobody is known there."""

    async def knows(self, address: str) -> bool:
        """Return whether a device is known: not where its data were deleted, or it was forgotten."""

    async def is_settled(self, address: str) -> bool:
        """Return whether all that a device sent was answered, and the answers can be read."""

    async def newest_number(self, address: str) -> int:
        """Return the number of the newest message that was sent to a device; 0 for none."""

    async def conversation(self, address: str, before: int | None = None) -> ConversationPage | None:
        """Return what a device's page shows; None where the device is not known.

        `before` names the place in the history above which it is shown, as `ConversationPage.older` has it.
        """

    async def invitation(
        self, token: str, address: str | None, wish: PageRequest
    ) -> InvitationPreview | PageNotice:
        """Return what the page of a link shows, or why it opens nothing; nothing is used up by that.

        `address` is the device that asks, None for one that is not known.
        """

    async def takes_code(self, code: str) -> bool:
        """Return whether an account-link code, in capitals, is good for somebody who may be served on the web."""

    async def document(self, address: str) -> str | None:
        """Return all that whoever uses a device told us, as text; None where the device is not known."""


class TryDoor(Protocol):
    """Lets somebody try the program on pages of this machine alone, by a clock that they move."""

    kept_in: str
    """The file in which all that is said is kept."""

    @property
    def roles(self) -> Mapping[str, str]:
        """Whom one may play, with what each is."""

    async def invite(self, role: str, /) -> str:
        """Make an invitation for one of the roles, and return its token."""

    async def clock(self) -> TryClock:
        """Return where the clock stands."""

    async def move(self, text: str, key: str, /) -> str:
        """Move the clock to where a text says; return what is wrong with that, '' where it was moved.

        `key` names the wish: the same key twice moves it once.
        """


@runtime_checkable
class PagedChannel(Protocol):
    """A channel that shows pages."""

    pages: PageSource | None
