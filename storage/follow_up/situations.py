"""Read what decides whether participants may be written to: for many of them at once, a statement for each table.

What is read is as things are now; whoever changes it for a participant reads it again.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import Reach
from storage.conversations import contact_log
from storage.conversations.conversations import COLUMNS, UNFINISHED, ConversationRecord, ParticipantRecord
from storage.database.statements import TupleQuery, after_finding, among, by_no_index, numbers
from storage.programs import consents
from storage.programs.consents import ParticipantConsents
from storage.schema import (
    ADDRESS,
    CONVERSATION,
    PARTICIPANT,
    SAFETY_CASE,
    TIMER,
    AddressStatus,
    SafetyKind,
    TimerKind,
)

_REACH = {
    AddressStatus.ACTIVE: Reach.OPEN,
    AddressStatus.BLOCKED: Reach.BLOCKED,
    AddressStatus.UNREACHABLE: Reach.NONE,
}


UNHEARD = frozenset({"web"})
"""Channels on which nobody sees what is sent until they look."""


class ParticipantAddress(NamedTuple):
    """Hold an address of a participant: its number, whether it can be written to, and its channel."""

    id: int
    status: AddressStatus
    channel: str
    last_used_at: datetime | None
    """When the participant took to it; None where they never chose it."""


@dataclass(frozen=True, slots=True)
class ParticipantSituation:
    """Hold what decides whether one participant may be written to, as it is now."""

    participant: ParticipantRecord
    hold_until: datetime | None
    """The latest end of a hold: they are away, a coordinator wants quiet, they chose an hour. It may be past."""
    team_hold_until: datetime | None
    """The end of the one that a coordinator set; None without one. It may be past."""
    safety_hold: bool
    last_end: datetime | None
    """When they last completed a conversation, in any program."""
    contacts: tuple[datetime, ...]
    """When we contacted them of our own accord in the last seven days, oldest first."""
    unfinished: tuple[ConversationRecord, ...]
    """Their conversations that have not ended, oldest first."""
    addresses: tuple[ParticipantAddress, ...]
    """The one that they took to last comes first."""
    consents: ParticipantConsents

    def reach(
        self,
        preferred: int | None,
        welcome: Callable[[str], bool] = lambda _channel: True,
        order: Sequence[str] = (),
    ) -> tuple[Reach, int | None]:
        """Return whether they can be written to, and the number of the address; None for nowhere.

        It is the first one of `modes`.
        """
        modes = self.modes(preferred, welcome, order)
        if modes:
            return Reach.OPEN, modes[0]
        blocked = any(one.status is AddressStatus.BLOCKED for one in self.addresses)
        return (Reach.BLOCKED if blocked else Reach.NONE), None

    def modes(
        self, preferred: int | None, welcome: Callable[[str], bool], order: Sequence[str] = ()
    ) -> list[int]:
        """Return the numbers of the addresses at which they may be tried, one after the other; empty for nowhere.

        The address that they took to last comes first, then by the program's `order` of channels, then the `preferred`
        one. `welcome` says whether a channel may be used: an address on one that may not is taken only if there is no
        other, and so is a page, where nobody sees what is sent until they look.
        """
        active = [one for one in self.addresses if one.status is AddressStatus.ACTIVE]
        usable = [one for one in active if welcome(one.channel)] or active
        heard = [one for one in usable if one.channel not in UNHEARD] or usable

        def rank(one: ParticipantAddress) -> tuple[bool, int, bool]:
            if one.last_used_at is not None:
                return False, 0, False
            return True, order.index(one.channel) if one.channel in order else len(order), one.id != preferred

        return [one.id for one in sorted(heard, key=rank)]  # of equals, the newest first, as they stand

    def next_mode(
        self, current: int, welcome: Callable[[str], bool], order: Sequence[str] = ()
    ) -> int | None:
        """Return the number of the address that is tried after the `current` one, and the first after the last.

        It is the current one itself where there is no other; None for nowhere.
        """
        modes = self.modes(current, welcome, order)
        if current not in modes:
            return modes[0] if modes else None
        return modes[(modes.index(current) + 1) % len(modes)]

    def reach_at(self, address_id: int) -> Reach:
        """Return whether one address can be written to; it cannot if it is not theirs."""
        return next((_REACH[one.status] for one in self.addresses if one.id == address_id), Reach.NONE)

    def channel_of(self, address_id: int) -> str:
        """Return the channel of one of their addresses."""
        return next(one.channel for one in self.addresses if one.id == address_id)


def read_situations(
    connection: Connection, participant_ids: Collection[int], now: datetime
) -> dict[int, ParticipantSituation]:
    """Return the situation of each of these participants, by number; those who are not there are left out."""
    which = numbers(participant_ids)
    chosen_hours = dict(_CHOSEN_HOURS.run(connection, people=which))
    held = {row[0] for row in _ON_SAFETY_HOLD.run(connection, people=which)}
    last_ends = dict(_LAST_ENDS.run(connection, people=which))
    contacts = contact_log.sent_to_many(connection, participant_ids, now)
    unfinished, addresses = defaultdict(list), defaultdict(list)
    for row in _UNFINISHED.run(connection, people=which):
        one = ConversationRecord(*row)
        unfinished[one.participant_id].append(one)
    for number, *columns in _ADDRESSES.run(connection, people=which):
        addresses[number].append(ParticipantAddress(*columns))
    decided = consents.of_participants(connection, participant_ids)
    found = {}
    for *columns, away_until, quiet_until in _PARTICIPANTS.run(connection, people=which):
        participant = ParticipantRecord(*columns)
        number = participant.id
        holds = (away_until, quiet_until, chosen_hours.get(number))
        found[number] = ParticipantSituation(
            participant,
            hold_until=max((until for until in holds if until is not None), default=None),
            team_hold_until=quiet_until,
            safety_hold=number in held,
            last_end=last_ends.get(number),
            contacts=contacts.get(number, ()),
            unfinished=tuple(unfinished.get(number, ())),
            addresses=tuple(addresses.get(number, ())),
            consents=decided[number],
        )
    return found


_PARTICIPANTS = TupleQuery(
    sa.select(
        PARTICIPANT.c.id,
        PARTICIPANT.c.code,
        PARTICIPANT.c.role,
        PARTICIPANT.c.language,
        PARTICIPANT.c.timezone,
        PARTICIPANT.c.status,
        PARTICIPANT.c.erasure_asked_at,
        PARTICIPANT.c.zone_asked_at,
        PARTICIPANT.c.hold_until,
        PARTICIPANT.c.team_hold_until,
    ).where(among(PARTICIPANT.c.id, "people"))
)
"""The columns are the fields of `ParticipantRecord`, in their order, and the ends of two holds."""
_CHOSEN_HOURS = TupleQuery(
    sa.select(TIMER.c.participant_id, sa.func.max(TIMER.c.due_at))
    .where(
        among(TIMER.c.participant_id, "people"),
        TIMER.c.done_at.is_(None),
        by_no_index(TIMER.c.kind) == TimerKind.RESUME,
    )
    .group_by(TIMER.c.participant_id)
)
_ON_SAFETY_HOLD = TupleQuery(
    sa.select(SAFETY_CASE.c.participant_id).where(
        among(SAFETY_CASE.c.participant_id, "people"),
        sa.text("safety_case.status IN ('new', 'reviewing')"),  # as the partial index has it
        SAFETY_CASE.c.kind == SafetyKind.DISTRESS,
    )
)
_LAST_ENDS = TupleQuery(
    sa.select(CONVERSATION.c.participant_id, sa.func.max(CONVERSATION.c.ended_at))
    .where(among(CONVERSATION.c.participant_id, "people"), CONVERSATION.c.outcome == Outcome.COMPLETED)
    .group_by(CONVERSATION.c.participant_id)
)
_UNFINISHED = TupleQuery(
    sa.select(*COLUMNS)
    .where(among(CONVERSATION.c.participant_id, "people"), UNFINISHED)
    .order_by(after_finding(CONVERSATION.c.id))
)
_ADDRESSES = TupleQuery(
    sa.select(
        ADDRESS.c.participant_id, ADDRESS.c.id, ADDRESS.c.status, ADDRESS.c.channel, ADDRESS.c.last_used_at
    )
    .where(among(ADDRESS.c.participant_id, "people"))
    .order_by(ADDRESS.c.last_used_at.desc().nulls_last(), ADDRESS.c.id.desc())
)
