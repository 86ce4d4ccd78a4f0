"""Mail invitations, one a line of a roster: each is kept before its mail is handed over, and what became of it after.

So whoever was mailed is not mailed again when the roster is run once more, also where a process died in between: of
the one mail that was on its way then, it is not known whether it went. Addresses are read from the roster and kept
nowhere; what is kept is a keyed hash of each.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple, assert_never

from sqlalchemy import Connection

from bot.channel_policy import web_link
from bot.channels.base import RateLimited, SendError
from bot.channels.email.mails import invitation_text
from bot.channels.email.port import MailTokens
from bot.channels.email.sending import InvitationSender
from bot.delivery.rate_limits import EMAIL, MessageRate
from bot.invitations.roster import RosterLine
from bot.mail.token_keeper import TokenKeeper, new_token
from storage.enums import InvitationState
from storage.people import invitation_mails, invitations, mail_addresses
from storage.people.invitation_mails import EarlierMail, NewInvitationMail
from storage.people.invitations import NewInvitation
from storage.schema import AddressStatus, InvitationMailStatus, MailTokenPurpose

MOST_FAILURES: Final = 3
"""Mails in a row that the server puts off before nothing more is handed to it: all of it is out of order then."""
LONGEST_WAIT: Final = 60.0
"""Seconds that a server which takes no more for now is waited for, at most."""


class MailingOutcome(StrEnum):
    """What became of a line of a roster whose invitations are mailed."""

    TO_MAIL = "to_mail"
    """It would be mailed: of a preview alone."""
    MAILED = "mailed"
    """The mail server took it now."""
    BEFORE = "before"
    """It was mailed by an earlier run, and the link is good."""
    USED = "used"
    """It was mailed by an earlier run, and whoever got it came in."""
    OVER = "over"
    """It was mailed by an earlier run, and the link has expired or was revoked."""
    ENDED = "ended"
    """Whoever reads there wants no mails."""
    REFUSED = "refused"
    """The mail server refused it for good, now or in an earlier run."""
    BOUNCED = "bounced"
    """It was mailed by an earlier run, and came back."""
    UNKNOWN = "unknown"
    """Whether it went is not known: no answer came, or the process ended meanwhile."""
    PUT_OFF = "put_off"
    """The mail server did not take it for now: run it again."""
    LEFT = "left"
    """It was not tried, since the mail server takes nothing: run it again."""


AGAIN: Final = frozenset({MailingOutcome.PUT_OFF, MailingOutcome.LEFT})
"""What another run of the same roster mails."""


class MailedLine(NamedTuple):
    """A line of a roster and what became of it; `reason` is what the mail server answered, '' where it did not matter.

    `invitation` is the number of its invitation, None where it has none.
    """

    line: RosterLine
    outcome: MailingOutcome
    reason: str = ""
    invitation: int | None = None


class PlannedMail(NamedTuple):
    """A line of a roster, its invitation as it is to be kept, and the language of its mail."""

    line: RosterLine
    invitation: NewInvitation
    language: str


class _Claim(NamedTuple):
    """An invitation that was kept for a mail, and the secrets of both."""

    number: int
    token: str
    tokens: MailTokens


@dataclass(slots=True)
class InvitationMailing:
    """Mails invitations by `sender`, as fast as `rate` says; `sleep` waits some seconds.

    With `again` it mails those, too, whose mail was refused, came back or is not known to have gone, and those whose
    link has expired or was revoked; never those who want no mails, or came in.
    """

    known: TokenKeeper
    sender: InvitationSender
    again: bool = False
    rate: MessageRate = EMAIL.channel
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _arrival: datetime | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)

    def preview(self, connection: Connection, planned: Sequence[PlannedMail]) -> list[MailedLine]:
        """Return what would become of each line; nothing is made."""
        return [
            self._standing(connection, one) or MailedLine(one.line, MailingOutcome.TO_MAIL) for one in planned
        ]

    async def run(
        self, planned: Sequence[PlannedMail], told: Callable[[MailedLine], None]
    ) -> list[MailedLine]:
        """Mail what is to be mailed, in order, and return what became of each line; `told` hears of each at once.

        Where the mail server takes nothing, the rest is left for another run.
        """
        found, stopped = [], ""
        for one in planned:
            done = MailedLine(one.line, MailingOutcome.LEFT, stopped) if stopped else await self._mail(one)
            if self._failures >= MOST_FAILURES and not stopped:
                stopped = done.reason
            found.append(done)
            told(done)
        return found

    def _standing(self, connection: Connection, one: PlannedMail) -> MailedLine | None:
        """Return what is known of a line that is not to be mailed; None for one that is."""
        assert one.line.mailbox is not None  # the roster has a column of them
        mailbox_hash = self.known.hash_of_mailbox(one.line.mailbox)
        if invitation_mails.refusing(connection, [mailbox_hash]):
            return MailedLine(one.line, MailingOutcome.ENDED)
        lookup = self.known.database.identity.lookup(f"email:{one.line.mailbox}")
        match mail_addresses.status_at(connection, lookup):
            case AddressStatus.BLOCKED:
                return MailedLine(one.line, MailingOutcome.ENDED)
            case AddressStatus.UNREACHABLE if not self.again:
                return MailedLine(one.line, MailingOutcome.BOUNCED)
        earlier = self._earlier(connection, one)
        if earlier is None or (self.again and earlier.may_be_repeated):
            return None
        return MailedLine(one.line, _outcome_of(earlier), invitation=earlier.invitation_id)

    def _earlier(self, connection: Connection, one: PlannedMail) -> EarlierMail | None:
        assert one.line.mailbox is not None
        mailbox_hash, now = self.known.hash_of_mailbox(one.line.mailbox), self.known.clock.now()
        return invitation_mails.earlier(connection, one.invitation, [mailbox_hash], now).get(mailbox_hash)

    def _claim(self, connection: Connection, one: PlannedMail) -> MailedLine | _Claim:
        """Keep an invitation and the mail that is to carry it, unless the line is not to be mailed."""
        standing = self._standing(connection, one)
        if standing is not None:
            return standing
        assert one.line.mailbox is not None
        known, earlier = self.known, self._earlier(connection, one)
        token, tokens = invitations.new_token(), MailTokens("", new_token(), new_token())
        mail = NewInvitationMail(
            mailbox_hash=known.hash_of_mailbox(one.line.mailbox),
            ends_hash=known.hash_of(MailTokenPurpose.UNSUBSCRIBE, tokens.unsubscribe),
            name_hash=known.hash_of(MailTokenPurpose.NAME, tokens.name.lower()),
            language=one.language,
        )
        number = invitation_mails.begin(
            connection,
            (one.invitation, known.database.identity.token_hash(token)),
            mail,
            known.clock.now(),
            instead_of=None if earlier is None else earlier.invitation_id,
        )
        return _Claim(number, token, tokens)

    async def _mail(self, one: PlannedMail) -> MailedLine:
        """Mail one line, and keep what became of it."""
        claim = await self.known.database.write(partial(self._claim, one=one))
        if isinstance(claim, MailedLine):
            return claim
        try:
            await self._hand_over(one, claim)
        except SendError as error:
            return await self._not_taken(one, claim, error)
        self._failures = 0
        await self.known.database.write(
            partial(invitation_mails.settle, number=claim.number, now=self.known.clock.now())
        )
        return MailedLine(one.line, MailingOutcome.MAILED, invitation=claim.number)

    async def _hand_over(self, one: PlannedMail, claim: _Claim) -> None:
        """Hand a mail to the server at its pace; one that takes no more for now is waited for once."""
        assert one.line.mailbox is not None
        config = self.sender.config
        link = web_link(config.public_url, claim.token)
        text = invitation_text(link, claim.tokens, one.language, config)
        await self._pace()
        try:
            await self.sender.send_invitation(one.line.mailbox, text, claim.tokens)
        except RateLimited as error:
            wait = error.retry_after.total_seconds() if error.retry_after is not None else LONGEST_WAIT
            await self.sleep(min(wait, LONGEST_WAIT))
            await self.sender.send_invitation(one.line.mailbox, text, claim.tokens)

    async def _pace(self) -> None:
        """Wait until one more mail may go."""
        now = self.known.clock.now()
        arrival = self._arrival or now
        wait = (self.rate.earliest(arrival) - now).total_seconds()
        if wait > 0:
            await self.sleep(wait)
        self._arrival = self.rate.after(arrival, self.known.clock.now())

    async def _not_taken(self, one: PlannedMail, claim: _Claim, error: SendError) -> MailedLine:
        """Keep that a mail was not taken: for good, for now, or that it is not known."""
        if error.ambiguous:
            return MailedLine(one.line, MailingOutcome.UNKNOWN, error.reason, claim.number)
        if not error.retryable and not error.stops_channel:
            self._failures = 0
            now = self.known.clock.now()
            settle = partial(invitation_mails.settle, number=claim.number, now=now, refused=error.reason)
            await self.known.database.write(settle)
            return MailedLine(one.line, MailingOutcome.REFUSED, error.reason, claim.number)
        self._failures = MOST_FAILURES if error.stops_channel else self._failures + 1
        await self.known.database.write(partial(invitation_mails.take_back, number=claim.number))
        return MailedLine(one.line, MailingOutcome.PUT_OFF, error.reason)


def _outcome_of(earlier: EarlierMail) -> MailingOutcome:
    """Return what an earlier mail says of its line."""
    if earlier.state is InvitationState.USED:
        return MailingOutcome.USED
    match earlier.status:
        case InvitationMailStatus.MAILED:
            return MailingOutcome.BEFORE if earlier.state.lets_in else MailingOutcome.OVER
        case InvitationMailStatus.SENDING:
            return MailingOutcome.UNKNOWN
        case InvitationMailStatus.REFUSED:
            return MailingOutcome.REFUSED
        case InvitationMailStatus.BOUNCED:
            return MailingOutcome.BOUNCED
        case InvitationMailStatus.COMPLAINED | InvitationMailStatus.ENDED:
            return MailingOutcome.ENDED
        case _:
            assert_never(earlier.status)


def count_outcomes(lines: Sequence[MailedLine]) -> Mapping[MailingOutcome, int]:
    """Return how many lines had each outcome that any had, in the order of the outcomes."""
    counts = {outcome: sum(one.outcome is outcome for one in lines) for outcome in MailingOutcome}
    return {outcome: number for outcome, number in counts.items() if number}
