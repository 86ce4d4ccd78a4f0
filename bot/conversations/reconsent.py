"""Find the consents to ask again, because their text has changed since the participant agreed to it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from flows.engine.state import ConversationState
from flows.program.model import ProgramFile, program_facts
from flows.script.model import AskConsent, Flow, Purpose
from flows.script.reconsent import changed, consents, origin_of, renewing, source_of
from storage.programs import flow_versions
from storage.programs.consents import ConsentGrant, ParticipantConsents


@dataclass(frozen=True, slots=True)
class Reconsents:
    """The consents that a conversation asks again at its start. False where there are none.

    `asked` has for each the name of the flow whose text it is, and the step that asks.
    """

    asked: tuple[tuple[str, AskConsent], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.asked)


NONE = Reconsents()


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A contact of our own accord that is planned: to whom, in which program, with which flow.

    `after` are the names of the flows on which it follows: the consents given in them permit it. `flow` is None where
    there is no flow of the name that is planned.
    """

    participant_id: int
    program_id: int
    program: ProgramFile
    flow: Flow | None
    after: Collection[str]


def needed(
    connection: Connection,
    flows: Mapping[str, Flow],
    planned: PlannedContact,
    decided: ParticipantConsents,
) -> Reconsents:
    """
    Return the consents that must be asked again before a planned contact; empty where none.

    Those that the participant gave in the flows on which the contact follows, and whose text has changed since.
    `flows` are the current flows by name, `decided` is all that the participant decided. A flow that asks by itself
    whether the participant takes part is not preceded by that question.
    """
    facts = program_facts(planned.program, None)["program"]
    found = []
    for granted in decided.current_grants(planned.program_id, planned.after):
        if granted.flow is None or _asks_itself(planned.flow, granted.purpose):
            continue
        source = granted.source or _source_of_version(connection, granted, facts)
        step = None if source is None else changed(source, flows.get(granted.flow), granted.purpose, facts)
        if step is not None:
            found.append((granted.flow, step))
    return Reconsents(tuple(found))


def undecided(flow: Flow, state: ConversationState) -> Reconsents:
    """Return the consents that a conversation was to ask again and that have no answer yet.

    `flow` is the version that the conversation plays. For a conversation that is begun again: there they are asked.
    """
    found = []
    for step in renewing(flow):
        if step.key not in state.answers:
            name, key = origin_of(step, flow.flow)
            found.append((name, step.model_copy(update={"key": key, "renews": None})))
    return Reconsents(tuple(found))


def _asks_itself(coming: Flow | None, purpose: Purpose) -> bool:
    return coming is not None and purpose is Purpose.TAKE_PART and bool(consents(coming, purpose))


def _source_of_version(
    connection: Connection, granted: ConsentGrant, facts: Mapping[str, object]
) -> str | None:
    """Return the hash for rows from before it was kept; None where the version is not known.

    It is that of the version in which the consent was asked, with today's values.
    """
    version = None if granted.version is None else flow_versions.load(connection, granted.version)
    steps = () if version is None else consents(version, granted.purpose)
    return next(map(partial(_hash, facts=facts), steps), None)


def _hash(step: AskConsent, *, facts: Mapping[str, object]) -> str:
    return source_of(step.text, facts)
