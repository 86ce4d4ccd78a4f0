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
    """Choose languages, each only if it is offered."""

    def __init__(self, localizations: Localizations) -> None:
        self.localizations = localizations

    def in_program(self, connection: Connection, program_id: int) -> ProgramLocalizations:
        """Return the flows in the languages that a program offers."""
        return ProgramLocalizations(
            self.localizations, partial(programs.program_words, connection, program_id)
        )

    def of_conversation(self, connection: Connection, conversation: ConversationRecord, flow: Flow) -> str:
        """Return the language in which a conversation of this flow begins."""
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
        """Return the language of what is said outside of a conversation.

        `invited` is that of an invitation just opened.
        """
        participant = pending.participant
        known = None if participant is None else invitations.language_of(connection, participant.id)
        chosen = None if participant is None else participant.language
        return self.localizations.spoken((chosen, invited or known, pending.locale))
