"""Before something comes of our own accord: were the texts that the person agreed to changed since?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from flows.engine.state import ConversationState
from flows.program.model import ProgramFile, program_facts
from flows.script.model import AskConsent, Flow, Purpose
from flows.script.reconsent import changed, consents, origin_of, renewing, source_of
from storage.programs import consents as decisions
from storage.programs import flow_versions
from storage.programs.consents import ConsentGrant


@dataclass(frozen=True, slots=True)
class Reconsents:
    """The consents that are asked anew at the start of a talk: each with the flow whose text it is."""

    asked: tuple[tuple[str, AskConsent], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.asked)


NONE = Reconsents()


def needed(
    connection: Connection,
    flows: Mapping[str, Flow],
    program: ProgramFile,
    *,
    participant_id: int,
    program_id: int,
    coming: Flow | None,
    after: Collection[str],
) -> Reconsents:
    """
    What must be asked anew before `coming`, which comes of talks of the flows `after`: each purpose that was agreed to
    there, and whose text is another now.

    A flow that asks by itself whether the person takes part is not preceded by that question.
    """
    facts = program_facts(program, None)["program"]
    found = []
    for granted in decisions.current_grants(connection, participant_id, program_id, after):
        if granted.flow is None or _asks_itself(coming, granted.purpose):
            continue
        source = granted.source or _source_of_version(connection, granted, facts)
        step = None if source is None else changed(source, flows.get(granted.flow), granted.purpose, facts)
        if step is not None:
            found.append((granted.flow, step))
    return Reconsents(tuple(found))


def undecided(flow: Flow, state: ConversationState) -> Reconsents:
    """What a talk was asking anew and was not told: it is asked again where that talk is begun again."""
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
    """For rows from before the hash was kept: from the version in which it was asked, with today's values."""
    version = None if granted.version is None else flow_versions.load(connection, granted.version)
    steps = () if version is None else consents(version, granted.purpose)
    return next(map(partial(_hash, facts=facts), steps), None)


def _hash(step: AskConsent, *, facts: Mapping[str, object]) -> str:
    return source_of(step.text, facts)
