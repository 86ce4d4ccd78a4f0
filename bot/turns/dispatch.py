"""One turn: an inbox row in, what is to be written out. Says for every message what its answer is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from bot.channels.base import InboundKind
from bot.conversations import safety
from bot.conversations.messages import Message, from_payload
from bot.conversations.player import Conversations, open_conversation
from bot.conversations.requests import Requester, sure
from bot.delivery.rows import sentence_row
from bot.turns.invitations import InvitationOpener
from bot.turns.routing import (
    Begin,
    Blocked,
    Decide,
    Grant,
    Help,
    Join,
    Nothing,
    Play,
    PlayEdit,
    PlayOther,
    Route,
    StopAll,
    Tell,
    Unasked,
    Unblocked,
    is_of_house,
    route,
)
from bot.turns.team_commands import Team
from flows.engine.effects import Outcome, RequestKind
from flows.engine.events import Edited, Event, Replied
from flows.engine.state import decode_state
from flows.i18n.say import FALLBACK, Sentence
from flows.parsing.absences import read_away
from flows.parsing.language_names import asked_language, language_named
from flows.schedule.contact_policy import ContactReason
from flows.schedule.local_time import local
from storage.conversations import conversations, outbox
from storage.conversations.conversations import ConversationRecord
from storage.conversations.inbox import PendingTurn
from storage.conversations.turns import Writes
from storage.database import audit
from storage.database.statements import Row
from storage.follow_up import timers, waves
from storage.people import participants
from storage.programs import programs
from storage.reports import operators
from storage.schema import AddressStatus, AuditKind

SORRY_EVERY = timedelta(hours=1)
"""Whoever hears that something went wrong hears it so often at most, however much goes wrong."""
_WORDS = frozenset({InboundKind.TEXT, InboundKind.FORM, InboundKind.EDIT})
"""What holds words of a person."""
_RECENT = 5
"""How many ended conversations are searched for an edited message."""


@dataclass(frozen=True, slots=True)
class TurnDispatcher:
    """Answers one message at a time, inside the caller's transaction."""

    player: Conversations
    entrance: InvitationOpener

    @property
    def team(self) -> Team:
        """Whoever answers coordinators."""
        return Team(self.player)

    def take_turn(self, connection: Connection, taken: PendingTurn) -> Writes:
        """What is to be written for one inbox row, the mark that it is handled among it."""
        message = from_payload(taken.payload)
        now = taken.received_at
        news = _news(taken, message)
        team = self._of_team(connection, taken, message, now)
        if team is not None:
            if news:
                team.rare.append(partial(_learn, taken=taken, news=news))
            team.handled.append(handled_row(taken, None, now))
            return team
        where = route(message, taken.person, taken.conversations)
        if isinstance(where, Play):
            writes = self._play(connection, taken, where.conversation, where.event, now)
            conversation: ConversationRecord | None = where.conversation
        else:
            with connection.begin_nested():  # what fails halfway leaves nothing, and the batch goes on
                writes = self._other(connection, taken, where, now)
            conversation = open_conversation(taken.conversations)
        if news:
            writes.rare.append(partial(_learn, taken=taken, news=news))
        writes.handled.append(handled_row(taken, conversation.id if conversation else None, now))
        return writes

    def _of_team(
        self, connection: Connection, taken: PendingTurn, message: Message, now: datetime
    ) -> Writes | None:
        """The answer to a coordinator; None for everybody else, and for what is no matter of the team."""
        if message.kind is not InboundKind.TEXT:
            return None
        return self.team.answer(connection, taken, message.text, now)

    def put_aside(self, connection: Connection, taken: PendingTurn, error: str, now: datetime) -> Writes:
        """What is to be written for a row whose turn raised: its mark, and, at most once in `SORRY_EVERY`, a word."""
        writes = Writes(handled=[handled_row(taken, None, now, error)])
        lately = operators.has_put_aside_message(
            connection, address_id=taken.address_id, since=now - SORRY_EVERY
        )
        if not lately and not _says_nothing(taken.payload):
            writes.outbox.append(self._sentence(connection, taken, Sentence.PUT_ASIDE, now))
        return writes

    def _other(  # noqa: PLR0911, PLR0912 - one line a route
        self, connection: Connection, taken: PendingTurn, where: Route, now: datetime
    ) -> Writes:
        match where:
            case Play(conversation, event):
                return self._play(connection, taken, conversation, event, now)
            case PlayOther(conversation_id, event):
                return self._play_other(connection, taken, conversation_id, event, now)
            case PlayEdit(event):
                return self._edit(connection, taken, event, now)
            case Unasked(event):
                return self._unasked(connection, taken, event, now)
            case Begin(token):
                return self.entrance.open(connection, taken, token, now=now)
            case StopAll():
                return self._stop(connection, taken, now)
            case Help():
                return self._help(connection, taken, now)
            case Grant(wish):
                return self._grant(connection, taken, wish, now)
            case Join(code):
                return self._join(connection, taken, code, now)
            case Decide():
                return self._decide(connection, taken, now)
            case Tell(sentence):
                return self._concern(connection, taken, now) or self._tell(connection, taken, sentence, now)
            case Blocked():
                return self._blocked(connection, taken, now)
            case Unblocked():
                return self._unblocked(connection, taken, now)
            case Nothing():
                return Writes()
            case _:
                assert_never(where)

    def _play(
        self,
        connection: Connection,
        taken: PendingTurn,
        conversation: ConversationRecord,
        event: Event,
        now: datetime,
    ) -> Writes:
        return self.player.play(connection, conversation, event, address_id=taken.address_id, now=now)

    def _play_other(
        self, connection: Connection, taken: PendingTurn, conversation_id: int, event: Event, now: datetime
    ) -> Writes:
        """A button of another conversation: it must be this person's own, and it must have begun."""
        conversation = conversations.load_conversation(connection, conversation_id)
        if (
            conversation is None
            or taken.person is None
            or conversation.participant_id != taken.person.id
            or not conversation.state
        ):
            return self._untaken(connection, taken, self._nothing_here(taken), now)
        if conversation.outcome is Outcome.EXPIRED and open_conversation(taken.conversations) is None:
            conversation = self.player.reopen(connection, conversation, now=now)
        elif not _may_be_corrected(conversation):
            return self._untaken(connection, taken, Sentence.CONVERSATION_ENDED, now)
        return self._play(connection, taken, conversation, event, now)

    def _untaken(
        self, connection: Connection, taken: PendingTurn, sentence: Sentence, now: datetime
    ) -> Writes:
        """What is said to what belongs to no talk that takes it; words that must be heeded come before that."""
        return self._concern(connection, taken, now) or self._tell(connection, taken, sentence, now)

    def _edit(self, connection: Connection, taken: PendingTurn, event: Edited, now: datetime) -> Writes:
        """The conversation that knows the message: the open one, else one of the latest that ended."""
        conversation = open_conversation(taken.conversations)
        assert taken.person is not None
        ended = conversations.ended_conversations(connection, taken.person.id, _RECENT)
        candidates = [
            *([conversation] if conversation else []),
            *(one for one in ended if _may_be_corrected(one)),
        ]
        for candidate in candidates:
            if event.message_id in decode_state(candidate.state).messages:
                return self._play(connection, taken, candidate, event, now)
        return self._untaken(connection, taken, self._nothing_here(taken), now)

    def _unasked(self, connection: Connection, taken: PendingTurn, event: Event, now: datetime) -> Writes:
        """Words while nothing is open: an answer to a talk that ran out of time, or a kind word."""
        assert taken.person is not None
        wanted = asked_language(event.text) if isinstance(event, Replied) else None
        if wanted is not None:
            return self._set_language(connection, taken, wanted, now)
        until = self._away_until(taken, event, now)
        if until is not None:
            writes = self._hold(connection, taken, until, now)
            writes.add(self._concern(connection, taken, now) or Writes())
            return writes
        latest = next(iter(conversations.ended_conversations(connection, taken.person.id, 1)), None)
        if latest is None or latest.outcome is not Outcome.EXPIRED or latest.ended_at is None:
            return self._nothing_open(connection, taken, now)
        schedule = programs.program_file(connection, latest.program_id).schedule
        if now - latest.ended_at > timedelta(days=schedule.expire_after):
            return self._nothing_open(connection, taken, now)
        conversation = self.player.reopen(connection, latest, now=now)
        return self._play(connection, taken, conversation, event, now)

    def _nothing_open(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes:
        return self._untaken(connection, taken, Sentence.NO_CONVERSATION, now)

    def _concern(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes | None:
        """What is said to words that must be heeded, whatever else they were; None for all others."""
        message = from_payload(taken.payload)
        if taken.person is None or message.kind not in _WORDS:
            return None
        return safety.outside(
            connection,
            participant_id=taken.person.id,
            address_id=taken.address_id,
            language=self.player.languages.outside(connection, taken),
            localizations=self.player.languages.localizations,
            text=message.text,
            now=now,
        )

    def _set_language(self, connection: Connection, taken: PendingTurn, wanted: str, now: datetime) -> Writes:
        """'Language español' while nothing is open: what comes next is in it, where it is offered."""
        assert taken.person is not None
        language = language_named(wanted)
        if language is None or self.player.languages.localizations.spoken((language,)) != language:
            return self._tell(connection, taken, Sentence.LANGUAGE_NOT_YET, now)
        participants.update(connection, taken.person.id, {"language": language})
        return Writes(outbox=[sentence_row(Sentence.LANGUAGE_SET, language, taken.address_id, now)])

    def _away_until(self, taken: PendingTurn, event: Event, now: datetime) -> datetime | None:
        """Until when the person says to be away."""
        if not isinstance(event, Replied) or taken.person is None:
            return None
        zone, language = taken.person.timezone or "UTC", taken.person.language or FALLBACK
        return read_away(event.text, now=now, zone=zone, language=language)

    def _hold(self, connection: Connection, taken: PendingTurn, until: datetime, now: datetime) -> Writes:
        """Nothing of our own accord before then, while nothing is open."""
        assert taken.person is not None
        timers.hold(connection, participant_id=taken.person.id, until=until, now=now)
        when = local(until, taken.person.timezone or "UTC")
        return Writes(outbox=[self._sentence(connection, taken, Sentence.HELD_IDLE, now, when=when)])

    def _stop(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes:
        assert taken.person is not None
        waves.withdraw(connection, participant_id=taken.person.id, now=now)
        audit.record(connection, AuditKind.WITHDRAWAL, participant_id=taken.person.id, now=now)
        return Writes(outbox=[self._sentence(connection, taken, Sentence.STOPPED, now)])

    def _help(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes:
        assert taken.person is not None
        latest = next(iter(conversations.ended_conversations(connection, taken.person.id, 1)), None)
        if latest is None:
            return self._tell(connection, taken, Sentence.NO_CONVERSATION, now)
        contact = programs.program_file(connection, latest.program_id).contact
        return Writes(outbox=[self._sentence(connection, taken, Sentence.HELP, now, contact=contact)])

    def _grant(self, connection: Connection, taken: PendingTurn, wish: RequestKind, now: datetime) -> Writes:
        """What can be had at any time, while nothing is open."""
        assert taken.person is not None
        language = self.player.languages.outside(connection, taken)
        asker = Requester(taken.person.id, taken.address_id, language)
        return Writes(outbox=self.player.wishes.grant(connection, wish, asker, now=now))

    def _join(self, connection: Connection, taken: PendingTurn, code: str, now: datetime) -> Writes:
        """A code from another app: from now on this address is that person's too, and the talk goes on here."""
        language = self.player.languages.outside(connection, taken)
        rows, joined = self.player.wishes.link(connection, taken, code, language, now=now)
        unfinished = (
            conversations.conversations_at(connection, taken.address_id) if joined else taken.conversations
        )
        conversation = open_conversation(unfinished)
        if conversation is not None and conversation.state:
            rows += self.player.show_again(connection, conversation, address_id=taken.address_id, now=now)
        return Writes(outbox=rows)

    def _decide(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes:
        """The answer to 'Shall I delete all?'. Whatever is neither yes nor no leaves all as it is."""
        assert taken.person is not None
        person, message = taken.person, from_payload(taken.payload)
        language = self.player.languages.outside(connection, taken)
        decision = sure(message, person.erasure_asked_at, language, now)
        if decision is True:
            return Writes(outbox=self.player.wishes.erase(connection, taken, language, now=now))
        participants.update(connection, person.id, {"erasure_asked_at": None})
        taken.person = replace(person, erasure_asked_at=None)
        if decision is False or is_of_house(message):
            return self._tell(connection, taken, Sentence.DELETE_KEPT, now)
        return self._other(connection, taken, route(message, taken.person, taken.conversations), now)

    def _blocked(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes:
        """Nothing can be sent there until they let us in again."""
        status = AddressStatus.BLOCKED
        outbox.stop_contact(
            connection, taken.address_id, status=status, reason=ContactReason.BLOCKED, now=now
        )
        return Writes()

    def _unblocked(self, connection: Connection, taken: PendingTurn, now: datetime) -> Writes:
        """Their address is active again, as after any message (`_news`); the open question is shown again."""
        return (
            self._tell(connection, taken, Sentence.REOPENED, now)
            if open_conversation(taken.conversations)
            else Writes()
        )

    def _tell(self, connection: Connection, taken: PendingTurn, sentence: Sentence, now: datetime) -> Writes:
        """One sentence, and the open question again if there is one."""
        writes = Writes(outbox=[self._sentence(connection, taken, sentence, now)])
        conversation = open_conversation(taken.conversations)
        if conversation is not None:
            writes.outbox += self.player.show_again(
                connection, conversation, address_id=taken.address_id, now=now
            )
        return writes

    def _sentence(
        self, connection: Connection, taken: PendingTurn, sentence: Sentence, now: datetime, **fields: object
    ) -> Row:
        language = self.player.languages.outside(connection, taken)
        return sentence_row(sentence, language, taken.address_id, now, **fields)

    def _nothing_here(self, taken: PendingTurn) -> Sentence:
        return (
            Sentence.CONVERSATION_ENDED
            if open_conversation(taken.conversations)
            else Sentence.NO_CONVERSATION
        )


def handled_row(
    taken: PendingTurn, conversation_id: int | None, now: datetime, error: str | None = None
) -> Row:
    """The mark that an inbox row is handled; `error` where it was put aside."""
    return {"of": taken.inbox_id, "at": now, "conversation": conversation_id, "problem": error}


def _says_nothing(payload: str) -> bool:
    """Whether the platform told us something, and nobody waits for an answer."""
    try:
        return from_payload(payload).kind in (InboundKind.PROFILE, InboundKind.BLOCKED)
    except msgspec.MsgspecError:
        return False


def _may_be_corrected(conversation: ConversationRecord) -> bool:
    """Whether a talk came to an end of its own: one that was cut off has an open question still."""
    return bool(conversation.state) and decode_state(conversation.state).outcome is not None


@lru_cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _news(taken: PendingTurn, message: Message) -> Row:
    """What a message tells of its address beside what it says: locale, time zone, that we are not blocked."""
    news: Row = {}
    if message.locale and message.locale != taken.locale:
        news["locale"] = taken.locale = message.locale
    if message.timezone and message.timezone != taken.timezone and _is_zone(message.timezone):
        news["timezone"] = taken.timezone = message.timezone
    if taken.address_status is not AddressStatus.ACTIVE and message.kind is not InboundKind.BLOCKED:
        news |= {"status": AddressStatus.ACTIVE, "reason": None}
    return news


def _learn(connection: Connection, _writes: Writes, *, taken: PendingTurn, news: Row) -> None:
    participants.update_address(connection, taken.address_id, news)
    if taken.person is not None and "timezone" in news:
        participants.update(connection, taken.person.id, {"timezone": news["timezone"]})
