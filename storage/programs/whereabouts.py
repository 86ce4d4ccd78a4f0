"""Look up in which countries a participant most likely is, so that their phone numbers are known from other numbers."""

from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.safety import country_of
from flows.text.phone_regions import Regions
from storage.database.statements import TupleQuery
from storage.programs import programs
from storage.schema import ADDRESS, CONVERSATION, ENROLLMENT, PARTICIPANT

_OF_CONVERSATION: Final = TupleQuery(
    sa.select(CONVERSATION.c.program_id, CONVERSATION.c.participant_id).where(
        CONVERSATION.c.id == sa.bindparam("conversation")
    )
)
_OF_PARTICIPANT: Final = TupleQuery(
    sa.select(ENROLLMENT.c.program_id).where(ENROLLMENT.c.participant_id == sa.bindparam("participant"))
)
_ZONES: Final = TupleQuery(
    sa.select(PARTICIPANT.c.timezone, ADDRESS.c.locale)
    .outerjoin(ADDRESS, ADDRESS.c.participant_id == PARTICIPANT.c.id)
    .where(PARTICIPANT.c.id == sa.bindparam("participant"))
)


def of_conversation(connection: Connection, conversation_id: int) -> Regions:
    """Return a look-up of the countries of whoever talks in a conversation, and of its program."""
    return partial(_countries_in_conversation, connection, conversation_id)


def of_participant(connection: Connection, participant_id: int) -> Regions:
    """Return a look-up of the countries of a participant, and of the programs in which they are enrolled."""
    return partial(_countries_of_participant, connection, participant_id)


def _countries_in_conversation(connection: Connection, conversation_id: int) -> tuple[str, ...]:
    found = _OF_CONVERSATION.run(connection, conversation=conversation_id)
    if not found:
        return ()
    program_id, participant_id = found[0]
    return _countries(connection, participant_id, [program_id])


def _countries_of_participant(connection: Connection, participant_id: int) -> tuple[str, ...]:
    enrolled = _OF_PARTICIPANT.run(connection, participant=participant_id)
    return _countries(connection, participant_id, [program_id for (program_id,) in enrolled])


def _countries(connection: Connection, participant_id: int, program_ids: list[int]) -> tuple[str, ...]:
    """Return the countries that a participant's time zone and apps tell, then those of the programs."""
    told = [
        country
        for timezone, locale in _ZONES.run(connection, participant=participant_id)
        for country in (country_of(timezone, None), country_of(None, locale))
        if country is not None
    ]
    files = (programs.program_file(connection, number) for number in program_ids)
    return tuple(dict.fromkeys([*told, *(country for file in files for country in file.whereabouts)]))
