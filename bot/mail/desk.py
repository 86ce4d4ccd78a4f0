"""Look after what mails lead to: their secrets, the addresses that people give, and mails that come back.

The e-mail channel and the pages ask it (`bot.channels.email.port`, `bot.channels.web.mail_door`), so that neither knows
storage. Secrets leave it once, in a mail or a link; what is kept of them are keyed hashes.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, assert_never

import structlog
from sqlalchemy import Connection

from bot.channels.base import ChannelDown, SendError
from bot.channels.email.address import address_of, mailbox_of, normalised
from bot.channels.email.bounces import BounceKind, MailBounce
from bot.channels.email.mails import code_text, confirmation_text
from bot.channels.email.port import MailTokens
from bot.channels.email.sending import MailingChannel, MailSender
from bot.channels.web.mail_door import AddressOutcome, MailLinkedChannel, OpenedMail
from bot.clock import Clock
from bot.delivery.results import ContactEnded, tell_nobody
from bot.team import alerts
from bot.turn_context import TurnContext
from flows.i18n.localized_flow import Localizations
from flows.i18n.say_to_team import TeamSentence
from storage.conversations import outbox, page_history
from storage.conversations.conversations import find_conversation
from storage.conversations.outbox import Head
from storage.database.connection import Database
from storage.database.wakeups import Wakeups, WorkKind
from storage.errors import StorageError
from storage.people import address_requests, mail_addresses, mail_tokens, participants
from storage.people.address_requests import NewRequest, UnsentRequest
from storage.people.mail_tokens import UNSUBSCRIBED, MailedAddress
from storage.programs import programs
from storage.schema import AddressStatus, MailTokenPurpose

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"
"""Reasons of addresses to which no mails go any more."""
LOOK_SECONDS: Final = 60.0
"""How often mails that are to be sent are looked for, in case nobody said so."""

log = structlog.get_logger(__name__)


def new_token() -> str:
    """Return a secret that nobody can guess: 32 random bytes as 43 letters of A-Z a-z 0-9 _ and -."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(1_000_000):06}"


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
        known = self._known(connection, address)
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
        hashed, now = self._hash(MailTokenPurpose.QUESTION, tokens.question), self.clock.now()
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
            MailTokenPurpose.QUESTION: self._hash(MailTokenPurpose.QUESTION, tokens.question),
            MailTokenPurpose.UNSUBSCRIBE: self._hash(MailTokenPurpose.UNSUBSCRIBE, tokens.unsubscribe),
            MailTokenPurpose.NAME: self._hash(MailTokenPurpose.NAME, tokens.name.lower()),
        }

    def _known(self, connection: Connection, address: str) -> int | None:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        return None if found is None or found.participant_id is None else found.id

    def _hash(self, purpose: MailTokenPurpose, token: str) -> bytes:
        return self.database.identity.token_hash(f"mail {purpose.value}: {token}")

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

    async def unsubscribes(self, token: str, /) -> OpenedMail | None:
        """Return whose mails a link ends; None where it is not good any more. Nothing is ended."""
        found = await self._behind(MailTokenPurpose.UNSUBSCRIBE, token)
        return None if found is None else self._as_opened(found)

    def _as_opened(self, found: MailedAddress) -> OpenedMail:
        address = self.database.identity.open(found.sealed)
        return OpenedMail(address, found.mailed_at, ended=found.status is not AddressStatus.ACTIVE)

    async def _behind(self, purpose: MailTokenPurpose, token: str) -> MailedAddress | None:
        return await self.database.read(partial(self._mailed, purpose=purpose, token=token))

    def _mailed(self, connection: Connection, purpose: MailTokenPurpose, token: str) -> MailedAddress | None:
        hashed = self._hash(purpose, token)
        return mail_tokens.address_behind(connection, purpose, hashed, self.clock.now())

    async def unsubscribe(self, token: str, /) -> bool:
        """End mails to the address that a link was mailed to; return whether there is one. Twice is as once."""
        return await self.end_mails(token) is not None

    async def end_mails(self, token: str, /) -> OpenedMail | None:
        """End mails to the address that a link was mailed to; return it, None where there is none."""
        return await self.database.write(partial(self._end_mails, token=token))

    def _end_mails(self, connection: Connection, token: str) -> OpenedMail | None:
        found = self._mailed(connection, MailTokenPurpose.UNSUBSCRIBE, token)
        if found is None:
            return None
        if found.status is AddressStatus.ACTIVE:
            self._want_no_mails(connection, found, UNSUBSCRIBED)
        return self._as_opened(found)

    def _want_no_mails(self, connection: Connection, mailed: MailedAddress, reason: str) -> None:
        now = self.clock.now()
        mail_addresses.end_mails(connection, mailed.id, mailed.participant_id, reason=reason, now=now)
        log.info("mails_ended", channel="email", reason=reason)

    # An address is given, and confirmed

    async def may_give_address(self, address: str, /) -> bool:
        """Return whether whoever is at an address may give an e-mail address.

        They agreed to be contacted again, and are not reached by e-mail.
        """
        return await self.database.read(partial(self._may_give_address, address=address))

    def _may_give_address(self, connection: Connection, address: str) -> bool:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        if found is None or found.participant_id is None:
            return False
        return mail_addresses.offer_of(connection, found.participant_id).may_give

    async def decline_mails(self, address: str, /) -> None:
        """Keep that whoever is at an address gives no e-mail address now."""
        await self.database.write(partial(self._decline_mails, address=address))

    def _decline_mails(self, connection: Connection, address: str) -> None:
        found = page_history.find_address(connection, self.database.identity.lookup(address))
        if found is not None and found.participant_id is not None:
            mail_addresses.decline(connection, found.participant_id, self.clock.now())

    async def give_address(self, address: str, written: str, language: str, /) -> AddressOutcome:
        """Take the e-mail address that somebody wrote on their page, and have a mail sent there to confirm it."""
        mailbox = normalised(written)
        if mailbox is None:
            return AddressOutcome.UNREADABLE
        outcome = await self.database.write(
            partial(self._give_address, address=address, mailbox=mailbox, language=language)
        )
        self._asked.set()
        return outcome

    def _give_address(
        self, connection: Connection, address: str, mailbox: str, language: str
    ) -> AddressOutcome:
        identity = self.database.identity
        found = page_history.find_address(connection, identity.lookup(address))
        if found is None or found.participant_id is None:
            return AddressOutcome.NOBODY
        theirs = address_of(mailbox)
        new = NewRequest(found.participant_id, identity.lookup(theirs), identity.seal(theirs), language)
        problem = address_requests.ask(connection, new, self.clock.now())
        return AddressOutcome.TAKEN if problem is None else AddressOutcome.TOO_OFTEN

    async def confirms(self, token: str, /) -> str | None:
        """Return the language of the page that confirms an address; None where its link is not good any more."""
        hashed, now = self._confirm_hash(token), self.clock.now()
        return await self.database.read(partial(address_requests.is_waiting, token_hash=hashed, now=now))

    async def confirm(self, token: str, /) -> str | None:
        """Confirm an address: from now on its participant is written to there.

        Return the language in which they are thanked; None where the link is not good.
        """
        hashed, now = self._confirm_hash(token), self.clock.now()
        return await self.database.write(partial(address_requests.confirm, token_hash=hashed, now=now))

    def _confirm_hash(self, token: str) -> bytes:
        return self.database.identity.token_hash(f"mail confirm: {token}")

    # A code shows that somebody reads what comes to an address

    async def send_code(self, address: str, language: str, /) -> bool:
        """Send a code to an address; return whether one went: not too many a day, and not where mails were ended.

        Raises:
            SendError: the mail server did not take it.
        """
        code, mailbox = self.make_code(), mailbox_of(address)
        may = await self.database.write(partial(self._keep_code, address=address, code=code))
        if not may or mailbox is None:
            return False
        await self.sender.send_text(mailbox, code_text(code, language), self.make_token())
        return True

    def _keep_code(self, connection: Connection, address: str, code: str) -> bool:
        known, now = self._known(connection, address), self.clock.now()
        if known is None or not mail_tokens.may_send_code(connection, known, now):
            return False
        hashed = self._hash(MailTokenPurpose.CODE, f"{known}: {code}")
        mail_tokens.mail_a_token(connection, known, MailTokenPurpose.CODE, hashed, now)
        return True

    async def take_code(self, address: str, code: str, devices: Sequence[str], /) -> str | None:
        """Make a browser one of theirs who reads what comes to an address, by the code; five wrong ones end it.

        `devices` are addresses that the browser may have: the first that is nobody else's becomes theirs, and is
        returned. None where the code was not good.
        """
        return await self.database.write(
            partial(self._take_code, address=address, code=code.strip(), devices=devices)
        )

    def _take_code(
        self, connection: Connection, address: str, code: str, devices: Sequence[str]
    ) -> str | None:
        identity, now = self.database.identity, self.clock.now()
        found = page_history.find_address(connection, identity.lookup(address))
        if found is None or found.participant_id is None:
            return None
        hashed = self._hash(MailTokenPurpose.CODE, f"{found.id}: {code}")
        if not mail_tokens.take_code(connection, found.id, hashed, now):
            return None
        for device in devices:
            lookup = identity.lookup(device)
            known = page_history.find_address(connection, lookup)
            if known is None:
                sealed = identity.seal(device)
                number = participants.add_address(
                    connection, channel="web", lookup=lookup, sealed=sealed, now=now
                )
            elif known.participant_id in (None, found.participant_id):
                number = known.id
            else:  # somebody else's, on a browser that people share
                continue
            participants.assign_address(connection, number, found.participant_id)
            participants.copy_locale(connection, number, found.participant_id)
            return device
        return None

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
        found = self._mailed(connection, MailTokenPurpose.NAME, bounce.name.lower())
        if found is None or found.status is not AddressStatus.ACTIVE:
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
        """Send the mails that addresses are confirmed by, as they are asked for, until cancelled."""
        while True:
            self._asked.clear()
            try:
                await self.send_confirmations()
            except StorageError as error:
                log.error("mail_desk_waits", error=type(error).__name__)  # noqa: TRY400 - no words in the log
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                continue

    async def send_confirmations(self) -> int:
        """Send the mails that wait, delete addresses that nobody confirmed, and return how many mails went."""
        await self.database.write(partial(address_requests.forget_unconfirmed, now=self.clock.now()))
        waiting = await self.database.read(partial(address_requests.unsent, now=self.clock.now()))
        return sum([await self._send_confirmation(one) for one in waiting])

    async def _send_confirmation(self, request: UnsentRequest) -> bool:
        """Send one mail; return whether the server took it. What it refuses for good is not tried again.

        Nor is what may have arrived: a server that answers late would have a stranger's mailbox filled.
        """
        token, mailbox = self.make_token(), mailbox_of(self.database.identity.open(request.sealed))
        hashed = self._confirm_hash(token)
        await self.database.write(
            partial(address_requests.keep_token, request_id=request.id, token_hash=hashed)
        )
        refused = mailbox is None
        if mailbox is not None:
            text = confirmation_text(token, request.language, self.sender.config)
            try:
                await self.sender.send_text(mailbox, text, self.make_token())
            except SendError as error:
                log.warning("confirmation_not_sent", channel="email", reason=error.reason)
                if (error.retryable and not error.ambiguous) or error.stops_channel:
                    return False
                refused = not error.ambiguous
        mark = partial(
            address_requests.mark_sent, request_id=request.id, refused=refused, now=self.clock.now()
        )
        await self.database.write(mark)
        return not refused


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
