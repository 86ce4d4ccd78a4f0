"""Forget the words of changes of answers that conversations keep, so that they can still be made or undone."""

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import compile_flow
from flows.engine.kept_changes import CHANGES, forget_words_of_changes
from flows.engine.state import decode_state, encode_state
from storage.programs import flow_versions
from storage.schema import CONVERSATION


def forget_words(connection: Connection, participant_id: int, program_id: int | None = None) -> None:
    """Forget a participant's own words in the changes that their conversations keep, in one program or in all (None).

    Changes between choices, days and numbers can still be made and undone.
    """
    theirs = (CONVERSATION.c.participant_id == participant_id) & CONVERSATION.c.state.contains(CHANGES)
    if program_id is not None:
        theirs &= CONVERSATION.c.program_id == program_id
    found = sa.select(CONVERSATION.c.id, CONVERSATION.c.flow_hash, CONVERSATION.c.state).where(theirs)
    for row in connection.execute(found).all():
        flow = flow_versions.load(connection, row.flow_hash)
        if flow is None:
            continue
        state = decode_state(row.state)
        kept = forget_words_of_changes(compile_flow(flow), state)
        if kept is not state:
            here = CONVERSATION.c.id == row.id
            connection.execute(CONVERSATION.update().where(here).values(state=encode_state(kept)))
