"""Choose the language in which a participant is written to.

What they chose comes first, then the invitation's, the app's and the program's.
"""

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

    def of_conversation(self, connection: Connection, conversation: ConversationRecord, flow: Flow) -> str:
        """Choose the language in which a conversation begins, among those in which its flow can be had.

        The first that fits of: what the participant chose, the invitation's, the locale of their app, the program's.
        """
        participant = participants.find(connection, conversation.participant_id)
        program_id = conversation.program_id
        return self.in_program(connection, program_id).best(
            flow,
            (
                None if participant is None else participant.language,
                invitations.language_of(connection, conversation.participant_id, program_id),
                participants.locale_of(connection, conversation.address_id),
                programs.program_file(connection, program_id).language,
            ),
        )

    def outside(self, connection: Connection, pending: PendingTurn, invited: str | None = None) -> str:
        """Choose the language of the bot's own sentences to whoever wrote, outside of a conversation.

        The first in which they are translated of: what the participant chose, `invited` (the language of an invitation
        just opened; None for that of an earlier one), the locale of their app; else English.
        """
        participant = pending.participant
        known = None if participant is None else invitations.language_of(connection, participant.id)
        chosen = None if participant is None else participant.language
        return self.localizations.spoken((chosen, invited or known, pending.locale))
