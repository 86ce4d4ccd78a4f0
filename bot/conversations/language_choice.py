"""The language in which we talk with a person: what they chose, else the invitation's, the app's, the
programme's.
"""

from functools import partial

from sqlalchemy import Connection

from flows.i18n.localized_flow import Localizations, ProgramLocalizations
from flows.script.model import Flow
from storage.conversations.inbox import PendingTurn
from storage.people import invitations, participants
from storage.programs import programs


class LanguageChoice:
    """Chooses languages, each only if it is offered."""

    def __init__(self, localizations: Localizations) -> None:
        self.localizations = localizations

    def in_program(self, connection: Connection, program_id: int) -> ProgramLocalizations:
        """The flows as people of a programme may have them."""
        return ProgramLocalizations(
            self.localizations, partial(programs.program_words, connection, program_id)
        )

    def of_conversation(
        self, connection: Connection, flow: Flow, *, participant_id: int, address_id: int, program_id: int
    ) -> str:
        """The language in which a talk of this flow begins."""
        person = participants.find(connection, participant_id)
        return self.in_program(connection, program_id).best(
            flow,
            (
                None if person is None else person.language,
                invitations.language_of(connection, participant_id, program_id),
                participants.locale_of(connection, address_id),
                programs.program_file(connection, program_id).language,
            ),
        )

    def outside(self, connection: Connection, taken: PendingTurn, invited: str | None = None) -> str:
        """The language of what we say outside of a talk; `invited` is that of a link just opened."""
        person = taken.person
        known = None if person is None else invitations.language_of(connection, person.id)
        return self.localizations.spoken(
            (None if person is None else person.language, invited or known, taken.locale)
        )
