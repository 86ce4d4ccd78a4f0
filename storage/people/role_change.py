"""Put right what somebody takes part as, as long as nothing of theirs would be misread by it.

The theory. What somebody takes part as decides which words are read by the team, how the safety scan reads them, in
which figures they are counted, and what they are asked at a wave. All of that goes by the role of today, also for what
was said before. So a role is changed only of somebody who has said nothing yet: who opened the link of somebody else,
say. What was begun in the wrong role ends, and they need a link of the right one. For whoever has said something there
is no way but a new person: they have their data deleted, and begin anew.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Role
from storage.conversations import outbox
from storage.conversations.conversations import ParticipantRecord, unfinished_conversations
from storage.errors import StorageError
from storage.follow_up import timers
from storage.people import participants
from storage.people.account_links import has_said_anything
from storage.schema import (
    ADDRESS,
    CONVERSATION,
    SAFETY_CASE,
    AddressStatus,
    ConversationStatus,
    TimerKind,
)


class RoleRefused(StorageError):
    """A role stays as it is: it says why, and what to do instead."""


def set_role(
    connection: Connection,
    person: ParticipantRecord,
    role: Role,
    *,
    allows: Callable[[Role, str], bool],
    now: datetime,
) -> int:
    """Set what a participant takes part as, and end what was begun before; return how many conversations ended.

    `allows` says whether a role may be served on a channel.

    Raises:
        RoleRefused: they take part no more, have said something, or may not be written to in that role where they are.
    """
    if not person.active:
        raise RoleRefused(f"{person.code} takes part no more")
    if person.role is role:
        return 0
    if has_said_anything(connection, person.id) or _has_case(connection, person.id):
        raise RoleRefused(
            f"{person.code} has said something as {person.role.value}: it would be read, and counted, as that of"
            f" somebody else; have them write 'delete my data', or ask for it with `said participant erase`,"
            f" and give them a link for {role.value}"
        )
    refused = [channel for channel in _channels(connection, person.id) if not allows(role, channel)]
    if refused:
        raise RoleRefused(
            f"a {role.value} may not be written to by {', '.join(refused)}; see policy in the settings"
        )
    ended = [one.id for one in unfinished_conversations(connection, person.id)]
    for number in ended:
        _end(connection, number, now)
    participants.update(connection, person.id, {"role": role})
    return len(ended)


def _end(connection: Connection, conversation_id: int, now: datetime) -> None:
    reason = ContactReason.TALK_ENDED
    connection.execute(
        CONVERSATION.update()
        .where(CONVERSATION.c.id == conversation_id)
        .values(status=ConversationStatus.ENDED, outcome=Outcome.NOT_RELEVANT, ended_at=now)
    )
    timers.finish_of_conversation(connection, conversation_id, reason, now=now, kinds=list(TimerKind))
    outbox.drop_for_conversation(connection, conversation_id, reason)


def _has_case(connection: Connection, participant_id: int) -> bool:
    query = sa.select(SAFETY_CASE.c.id).where(SAFETY_CASE.c.participant_id == participant_id)
    return connection.scalar(query.limit(1)) is not None


def _channels(connection: Connection, participant_id: int) -> list[str]:
    query = (
        sa.select(ADDRESS.c.channel)
        .where(ADDRESS.c.participant_id == participant_id, ADDRESS.c.status == AddressStatus.ACTIVE)
        .distinct()
        .order_by(ADDRESS.c.channel)
    )
    return list(connection.scalars(query))
