"""Which people a member may see, and do something for: the one place where that is decided.

Somebody may take part in two programs, and a member have a role in one of them. The member sees of this person what
belongs to the programs that are theirs, and does what touches these alone. What touches the person as a whole (their
zone, language and role, how long nothing is written to them, their account, all that is kept of them) is for whoever
may do it in every program of theirs. Who is in no program is for those who may do it in all.
"""

from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection

from bot.console.permissions import Permission
from bot.console.visit import ConsoleVisit, PageRefused
from storage.conversations.conversations import ParticipantRecord
from storage.people import participants
from storage.reports import operators
from storage.team import scope


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """A person, and in which of their programs, by short names, the member may do what they came for.

    `is_whole` says that these are all of their programs.
    """

    person: ParticipantRecord
    programs: tuple[str, ...]
    is_whole: bool

    @property
    def told(self) -> tuple[str, ...] | None:
        """Return the programs of which something is to be shown; None for all, also what belongs to none."""
        return None if self.is_whole else self.programs

    def covers(self, program: str | None) -> bool:
        """Return whether something of a program, or (None) of none, is the member's to see or to do."""
        return self.is_whole or program in self.programs

    def require(self, program: str | None) -> None:
        """Check that something of a program is the member's to do.

        Raises:
            PageRefused: it is not.
        """
        if not self.covers(program):
            raise PageRefused(
                HTTPStatus.FORBIDDEN, "That belongs to a programme of others. Nothing was changed."
            )


async def of_address(visit: ConsoleVisit, permission: Permission) -> PersonAccess:
    """Return the person whom the address names, if the member may do this in a program of theirs.

    Raises:
        PageRefused: there is nobody of that code in a program that is theirs.
    """
    code = str(visit.request.path_params["code"])

    def find(connection: Connection) -> tuple[ParticipantRecord | None, tuple[str, ...]]:
        number = operators.participant_id(connection, code)
        if number is None:
            return None, ()
        return participants.find(connection, number), scope.programs_of_person(connection, number)

    person, programs = await visit.read(find)
    found = None if person is None else access_of(visit, person, programs, permission)
    if found is None or not (found.programs or found.is_whole):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is nobody of that code in a programme of yours.")
    return found


async def whole(visit: ConsoleVisit, permission: Permission) -> PersonAccess:
    """Return the person whom the address names, if the member may do this in every program of theirs.

    Raises:
        PageRefused: there is nobody of that code in a program of the member's, or they are in one of others, too.
    """
    found = await of_address(visit, permission)
    if not found.is_whole:
        raise PageRefused(
            HTTPStatus.FORBIDDEN,
            "They are in a programme of others, too: somebody of all their programmes must do this.",
        )
    return found


def access_of(
    visit: ConsoleVisit, person: ParticipantRecord, programs: tuple[str, ...], permission: Permission
) -> PersonAccess:
    """Return in which of a person's programs the member may do something."""
    theirs = tuple(one for one in programs if visit.may_in(permission, one))
    return PersonAccess(person, theirs, is_whole(visit, programs, permission))


def is_whole(visit: ConsoleVisit, programs: tuple[str, ...], permission: Permission) -> bool:
    """Return whether the member may do something for a person of these programs as a whole."""
    everywhere = visit.may_everywhere(permission)
    return everywhere or (bool(programs) and all(visit.may_in(permission, one) for one in programs))
