"""Find the consents to ask again, because their text has changed since the participant agreed to it.

Also how many people keep theirs where an author wrote a text anew that says the same.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from flows.engine.state import ConversationState
from flows.program.model import ProgramFile, program_facts
from flows.script.model import AskConsent, Flow, Purpose
from flows.script.reconsent import (
    ConsentText,
    agreed_text,
    changed,
    consents,
    is_replaced,
    origin_of,
    renewing,
)
from storage.programs import flow_versions, programs
from storage.programs.consents import ConsentGrant, ParticipantConsents, grants_of_program


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
        agreed = _agreed(connection, granted, granted.flow, facts)
        step = None if agreed is None else changed(agreed, flows.get(granted.flow), granted.purpose, facts)
        if step is not None:
            found.append((granted.flow, step))
    return Reconsents(tuple(found))


@dataclass(frozen=True, slots=True)
class ChangedConsent:
    """A flow's consent to a purpose whose text was changed, and how many people agreed to an earlier one.

    `kept` are those who agreed to a text that it replaces (`same_as`), `asked` those who agreed to another text and
    are asked anew before anything is sent on their yes.
    """

    flow: str
    purpose: Purpose
    kept: int
    asked: int


def changed_consents(
    connection: Connection, flows: Mapping[str, Flow], program_id: int
) -> tuple[ChangedConsent, ...]:
    """Return the consents of a program's people whose text was changed, by flow and purpose; empty where none was.

    `flows` are the current flows by name. Who has taken the consent back is not counted.
    """
    facts = program_facts(programs.program_file(connection, program_id), None)["program"]
    kept: Counter[tuple[str, Purpose]] = Counter()
    asked: Counter[tuple[str, Purpose]] = Counter()
    for granted in grants_of_program(connection, program_id):
        flow = flows.get(granted.flow or "")
        agreed = None if flow is None else _agreed(connection, granted, flow.flow, facts)
        if flow is None or agreed is None:
            continue
        if changed(agreed, flow, granted.purpose, facts) is not None:
            asked[flow.flow, granted.purpose] += 1
        elif is_replaced(agreed, flow, granted.purpose, facts):
            kept[flow.flow, granted.purpose] += 1
    return tuple(ChangedConsent(*place, kept[place], asked[place]) for place in sorted({*kept, *asked}))


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


def _agreed(
    connection: Connection, granted: ConsentGrant, flow: str, facts: Mapping[str, object]
) -> ConsentText | None:
    """Return the text of a flow that was agreed to; None where neither its hash nor its version is kept."""
    version = None if granted.version is None else flow_versions.load(connection, granted.version)
    return agreed_text(granted.source, version, (flow, granted.purpose), facts)
