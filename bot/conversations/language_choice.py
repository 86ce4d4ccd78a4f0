"""Choose the language in which a participant is written to.

What they chose comes first, then the invitation's, the app's and the program's.
"""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from flows.i18n.localized_flow import Localizations, ProgramLocalizations
from flows.script.model import Flow
from storage.conversations.conversations import ConversationRecord
from storage.conversations.inbox import PendingTurn
from storage.people import invitations, participants
from storage.programs import programs


class LanguageChoice:
    """Chooses in which language a participant is written to; `localizations` says which are offered."""

    def __init__(self, localizations: Localizations) -> None:
        self.localizations = localizations

    def in_program(self, connection: Connection, program_id: int) -> ProgramLocalizations:
        """Return the translations of flows for one program: only in languages that its own words have, too."""
        return ProgramLocalizations(
            self.localizations, partial(programs.program_words, connection, program_id)
        )

    def of_conversations(
        self, connection: Connection, begun: Sequence[tuple[ConversationRecord, Flow]]
    ) -> list[str]:
        """Choose the language in which each conversation begins, among those in which its flow can be had.

        The first that fits of: what the participant chose, the invitation's, the locale of their app, the program's.
        """
        numbers = [conversation.participant_id for conversation, _ in begun]
        people = participants.find_many(connection, numbers)
        invited = invitations.languages_of(connection, numbers)
        apps = participants.apps_at(connection, [conversation.address_id for conversation, _ in begun])
        found = []
        for conversation, flow in begun:
            number, program_id = conversation.participant_id, conversation.program_id
            wishes = (
                people[number].language if number in people else None,
                invited.get((number, program_id)),
                apps[conversation.address_id][1] if conversation.address_id in apps else None,
                programs.program_file(connection, program_id).language,
            )
            found.append(self.in_program(connection, program_id).best(flow, wishes))
        return found

    def outside(self, connection: Connection, pending: PendingTurn, invited: str | None = None) -> str:
        """Choose the language of the bot's own sentences to whoever wrote, outside of a conversation.

        The first in which they are translated of: what the participant chose, `invited` (the language of an invitation
        just opened; None for that of an earlier one), the locale of their app; else English.
        """
        participant = pending.participant
        known = None if participant is None else invitations.language_of(connection, participant.id)
        chosen = None if participant is None else participant.language
        return self.localizations.spoken((chosen, invited or known, pending.locale))
