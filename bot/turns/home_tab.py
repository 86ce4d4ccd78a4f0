"""Find where somebody stands, for the Home tab of a platform: no word of theirs, and nothing that they answered."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from bot.channels.home import HomeStanding, HomeState
from bot.conversations.flow_registry import FlowRegistry
from flows.engine.state import decode_state
from flows.i18n.localized_flow import Localizations
from flows.schedule.local_time import local
from storage.conversations.conversations import (
    ConversationRecord,
    ParticipantRecord,
    open_conversation,
    unfinished_conversations,
)
from storage.follow_up import holds, timers
from storage.follow_up.planned_contacts import planned_in_all_programs
from storage.people import invitations, participants


@dataclass(frozen=True, slots=True)
class HomeTabReader:
    """Finds where somebody stands. `registry` has the versions of flows, for the title of what is open."""

    registry: FlowRegistry
    localizations: Localizations

    def read(self, connection: Connection, lookup: bytes, now: datetime) -> HomeState:
        """Return where the participant at the address of this keyed hash stands; a stranger where there is none."""
        participant = participants.find_at(connection, lookup)
        if participant is None:
            return HomeState()
        conversation = open_conversation(unfinished_conversations(connection, participant.id))
        if participant.active and conversation is not None and conversation.state:
            return self._in_conversation(connection, participant, conversation, now)
        wishes = participant.language, invitations.language_of(connection, participant.id)
        language = self.localizations.spoken(wishes) if any(wishes) else None
        if not participant.active:
            return HomeState(HomeStanding.STOPPED, language)
        until = holds.held_until(connection, participant.id)
        planned = planned_in_all_programs(connection, participant.id, now)
        away = _day(participant, until, now)
        return HomeState(HomeStanding.IDLE, language, until=away, expects_us=bool(planned))

    def _in_conversation(
        self,
        connection: Connection,
        participant: ParticipantRecord,
        conversation: ConversationRecord,
        now: datetime,
    ) -> HomeState:
        state = decode_state(conversation.state)
        flow = self.registry.version(connection, conversation.flow_hash)
        title = self.localizations.localized(flow, state.language).title
        progress = None if state.counted is None else state.counted[1:]
        if not conversation.paused:
            return HomeState(HomeStanding.OPEN, state.language, title, progress)
        until = _day(participant, timers.resumes_at(connection, conversation.id), now)
        return HomeState(HomeStanding.PAUSED, state.language, title, progress, until)


def _day(participant: ParticipantRecord, moment: datetime | None, now: datetime) -> date | None:
    """Return the day of a moment to come, where the participant is; None for none, and for one that is past."""
    return None if moment is None or moment <= now else local(moment, participant.zone("UTC")).date()
