"""Look after what mails lead to: what a mail is made with, what its links open and end, and mails that come back.

The e-mail channel and the pages ask it (`bot.channels.email.port`, `bot.channels.web.mail_door`), so that neither knows
storage. Secrets leave it once, in a mail or a link; what is kept of them are keyed hashes (`token_keeper`). The
addresses that people give are looked after by `given_addresses`, and codes by `access_codes`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, assert_never

import structlog
from sqlalchemy import Connection

from bot.channels.base import ChannelDown
from bot.channels.email.bounces import BounceKind, MailBounce
from bot.channels.email.port import MailTokens
from bot.channels.email.sending import MailingChannel, MailSender
from bot.channels.web.mail_door import MailLinkedChannel, OpenedMail
from bot.clock import Clock
from bot.delivery.results import ContactEnded, tell_nobody
from bot.mail.access_codes import AccessCodes
from bot.mail.given_addresses import GivenAddresses
from bot.mail.mailed_invitations import MailedInvitations
from bot.mail.token_keeper import TokenKeeper, new_code, new_token
from bot.team import alerts
from bot.turn_context import TurnContext
from flows.i18n.localized_flow import Localizations
from flows.i18n.say_to_team import TeamSentence
from storage.conversations import outbox
from storage.conversations.conversations import find_conversation
from storage.conversations.outbox import Head
from storage.database.connection import Database
from storage.database.wakeups import Wakeups, WorkKind
from storage.errors import StorageError
from storage.people import mail_addresses, mail_tokens, participants
from storage.people.invitation_mails import MailedInvitation
from storage.people.mail_tokens import UNSUBSCRIBED, MailedAddress
from storage.programs import programs
from storage.schema import AddressStatus, MailTokenPurpose

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"
"""Reasons of addresses to which no mails go any more."""
LOOK_SECONDS: Final = 60.0
"""How often mails that are to be sent are looked for, in case nobody said so."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailDesk:
    """Looks after what mails lead to. `sender` sends the mails that no row of the outbox holds.

    `wakeups` carry to the delivery that the team is to be told something.
    """

    database: Database
    clock: Clock
    localizations: Localizations
    sender: MailSender
    wakeups: Wakeups = field(kw_only=True)
    make_token: Callable[[], str] = new_token
    make_code: Callable[[], str] = new_code
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def _tokens(self) -> TokenKeeper:
        return TokenKeeper(self.database, self.clock, self.make_token, self.make_code)

    @property
    def _invitations(self) -> MailedInvitations:
        return MailedInvitations(self._tokens)

    @property
    def codes(self) -> AccessCodes:
        """What sends codes, and takes them."""
        return AccessCodes(self._tokens, self.sender)

    @property
    def addresses(self) -> GivenAddresses:
        """What takes e-mail addresses, and has them confirmed."""
        return GivenAddresses(self._tokens, self.sender, self._asked)

    # What a mail is made with

    async def new_tokens(self, address: str, /) -> MailTokens | None:
        """Make the tokens of a mail to this address; None if nobody is there.

        Raises:
            ChannelDown: the database takes nothing now; the mail is tried again.
        """
        tokens = MailTokens(self.make_token(), self.make_token(), self.make_token())
        try:
            made = await self.database.write(partial(self._keep_tokens, address=address, tokens=tokens))
        except StorageError as error:
            raise ChannelDown("the database takes nothing now") from error
        return tokens if made else None

    def _keep_tokens(self, connection: Connection, address: str, tokens: MailTokens) -> bool:
        known = self._tokens.address_id(connection, address)
        if known is None:
            return False
        for purpose, hashed in self._hashes(tokens).items():
            mail_tokens.mail_a_token(connection, known, purpose, hashed, self.clock.now())
        return True

    async def shows_question(self, conversation: int, /) -> bool:
        """Return whether the program of a conversation, as loaded last, has its mails hold the question.

        False where there is no such conversation: it was deleted, or the message belongs to none.
        """
        return await self.database.read(partial(_shows_question, conversation=conversation))

    async def mailed(self, tokens: MailTokens, /) -> None:
        """Note that the mail with these tokens went: the links of questions in the mails before it end."""
        hashed, now = self._tokens.hash_of(MailTokenPurpose.QUESTION, tokens.question), self.clock.now()
        await self._note(partial(mail_tokens.end_earlier_questions, token_hash=hashed, now=now))

    async def not_mailed(self, tokens: MailTokens, /) -> None:
        """Forget tokens that went in no mail; the links of the mails before stay good."""
        hashes = list(self._hashes(tokens).values())
        await self._note(partial(mail_tokens.forget_unmailed, token_hashes=hashes))

    async def _note(self, work: Callable[[Connection], None]) -> None:
        """Write what became of a mail. Where the database cannot, that is logged: the mail went, or did not, anyway."""
        try:
            await self.database.write(work)
        except StorageError as error:
            log.error("mail_not_noted", channel="email", error=type(error).__name__)  # noqa: TRY400 - no words

    def _hashes(self, tokens: MailTokens) -> dict[MailTokenPurpose, bytes]:
        return {
            MailTokenPurpose.QUESTION: self._tokens.hash_of(MailTokenPurpose.QUESTION, tokens.question),
            MailTokenPurpose.UNSUBSCRIBE: self._tokens.hash_of(
                MailTokenPurpose.UNSUBSCRIBE, tokens.unsubscribe
            ),
            MailTokenPurpose.NAME: self._tokens.hash_of(MailTokenPurpose.NAME, tokens.name.lower()),
        }

    def visited(self, address: str, /) -> None:
        """Note that whoever is at an address is on its page now: what they see there needs no mail."""
        self.sender.presence.visit(address)

    # What a link opens

    async def opened(self, token: str, /) -> OpenedMail | None:
        """Return what the link of a question opens; None where it is not good any more. Nothing is used up."""
        found = await self._behind(MailTokenPurpose.QUESTION, token)
        if found is None or not (found.status is AddressStatus.ACTIVE or found.is_unsubscribed):
            return None
        return self._as_opened(found)

    async def is_ours(self, token: str, /) -> bool:
        """Return whether a link was mailed by us, be it good or not."""
        return await self.database.read(partial(self._tokens.is_ours, token=token))

    async def unsubscribes(self, token: str, /) -> OpenedMail | None:
        """Return whose mails a link ends; None where it is not good any more. Nothing is ended."""
        found = await self._behind(MailTokenPurpose.UNSUBSCRIBE, token)
        if found is None:
            return _as_invited(await self.database.read(partial(self._invitations.unsubscribes, token=token)))
        return self._as_opened(found)

    def _as_opened(self, found: MailedAddress) -> OpenedMail:
        address = self.database.identity.open(found.sealed)
        return OpenedMail(address, found.mailed_at, ended=found.status is not AddressStatus.ACTIVE)

    async def _behind(self, purpose: MailTokenPurpose, token: str) -> MailedAddress | None:
        return await self.database.read(partial(self._tokens.mailed_to, purpose=purpose, token=token))

    async def unsubscribe(self, token: str, /) -> bool:
        """End mails to where a link was mailed to; return whether there is such a mail. Twice is as once."""
        return await self.end_mails(token) is not None

    async def end_mails(self, token: str, /) -> OpenedMail | None:
        """End mails to where a link was mailed to, also an invitation; return it, None where there is no such mail."""
        return await self.database.write(partial(self._end_mails, token=token))

    def _end_mails(self, connection: Connection, token: str) -> OpenedMail | None:
        found = self._tokens.mailed_to(connection, MailTokenPurpose.UNSUBSCRIBE, token)
        if found is None:
            return _as_invited(self._invitations.end_mails(connection, token))
        if found.status is AddressStatus.ACTIVE:
            self._want_no_mails(connection, found, UNSUBSCRIBED)
        return self._as_opened(found)

    def _want_no_mails(self, connection: Connection, mailed: MailedAddress, reason: str) -> None:
        now = self.clock.now()
        mail_addresses.end_mails(connection, mailed.id, mailed.participant_id, reason=reason, now=now)
        log.info("mails_ended", channel="email", reason=reason)

    # Mails come back

    async def came_back(self, bounces: Sequence[MailBounce], /) -> int:
        """End contact at the addresses whose mails came back, or were complained of; return at how many.

        Only what names a mail of ours counts, for anybody may write what looks like a bounce. The team is told of it.
        """
        ended = 0
        for bounce in bounces:
            ended += await self.database.write(partial(self._came_back, bounce=bounce))
        return ended

    def _came_back(self, connection: Connection, bounce: MailBounce) -> bool:
        found = self._tokens.mailed_to(connection, MailTokenPurpose.NAME, bounce.name.lower())
        if found is None:
            return self._invitations.came_back(connection, bounce)
        if found.status is not AddressStatus.ACTIVE:
            return False
        match bounce.kind:
            case BounceKind.BOUNCED:
                status, now = AddressStatus.UNREACHABLE, self.clock.now()
                outbox.stop_contact(connection, found.id, status=status, reason=BOUNCED, now=now)
                log.info("mails_ended", channel="email", reason=BOUNCED)
            case BounceKind.COMPLAINED:
                self._want_no_mails(connection, found, COMPLAINED)
            case _:
                assert_never(bounce.kind)
        self._tell_team(connection, found.participant_id, bounce.kind)
        return True

    def refused(self, connection: Connection, head: Head, _now: datetime, /) -> None:
        """Tell the team of an address that the mail server refused at once, as of one whose mail came back."""
        if head.channel == "email" and head.participant_id is not None:
            self._tell_team(connection, head.participant_id, BounceKind.BOUNCED)

    def _tell_team(self, connection: Connection, participant_id: int, kind: BounceKind) -> None:
        turn = TurnContext(connection, self.clock.now())
        code = participants.get(connection, participant_id).code
        sentence = TeamSentence.MAIL_BOUNCED if kind is BounceKind.BOUNCED else TeamSentence.MAIL_COMPLAINED
        alerts.to_team(turn, self.localizations, sentence, person=code)
        outbox.queue(connection, turn.writes.outbox)
        self.wakeups.defer(connection, WorkKind.OUTBOX, {row["address_id"] for row in turn.writes.outbox})

    # What is to be sent, and to be deleted

    async def run(self) -> None:
        """Send the mails that addresses are confirmed by, as they are asked for, and delete what nobody confirmed."""
        while True:
            self._asked.clear()
            try:
                await self.addresses.forget_unconfirmed()
                await self.addresses.send_mails()
            except StorageError as error:
                log.error("mail_desk_waits", error=type(error).__name__)  # noqa: TRY400 - no words in the log
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                continue


def _as_invited(found: MailedInvitation | None) -> OpenedMail | None:
    """Return the mail of an invitation as its link opens it: at no address, for nobody takes part yet."""
    return (
        None
        if found is None
        else OpenedMail("", found.made_at, ended=found.is_ended, invited_in=found.language)
    )


def open_mail_desk(channels: Mapping[str, object], make: Callable[[MailSender], MailDesk]) -> ContactEnded:
    """Have the e-mail channel among some channels, and the pages, ask a mail desk; none without that channel.

    Return what is to be told of each message whose address its platform refused.
    """
    mails, pages = channels.get("email"), channels.get("web")
    if not isinstance(mails, MailingChannel):
        return tell_nobody
    desk = make(mails)
    mails.port = desk
    if isinstance(pages, MailLinkedChannel):
        pages.mail = desk
        mails.shown = pages.shown
    return desk.refused


def _shows_question(connection: Connection, conversation: int) -> bool:
    found = find_conversation(connection, conversation)
    if found is None:
        return False
    return programs.program_file(connection, found.program_id).schedule.mails_show_question
