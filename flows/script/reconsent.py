"""Ask anew for a consent whose text was changed: what counts as changed, and how it comes before all else.

What a participant agreed to is the text as its author wrote it, in the language of the script, with the
values of the program's file in their places (who asks, after how many weeks). Its hash is kept with every
decision. So another text, another team or another span asks again; a better translation, another language of
the conversation, another activity or another country's emergency number does not.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from flows.script.model import AskConsent, End, Flow, Purpose, Step

_PLACE: Final = re.compile(r"\{program\.(\w+)(?::[^{}]*)?\}")
_BY_PERSON: Final = frozenset({"emergency_number"})
"""Values of the program that differ from participant to participant."""
_KEY: Final = "again_{}"


def source_of(text: str, program: Mapping[str, Any]) -> str:
    """Return the hash (SHA-256, hex) of a consent's text as its author wrote it.

    Values of `program`, the fact, are put in first, but for those that differ by participant. Line breaks and
    runs of spaces do not count.
    """

    def value(place: re.Match[str]) -> str:
        """Return the program's value for a placeholder; the placeholder itself where it differs by participant."""
        known = place[1] in program and place[1] not in _BY_PERSON
        return str(program[place[1]]) if known else place[0]

    return sha256(" ".join(_PLACE.sub(value, text).split()).encode()).hexdigest()


def consents(flow: Flow, purpose: Purpose) -> tuple[AskConsent, ...]:
    """Return the steps of a flow that ask for consent to a purpose, in order.

    Those in blocks and those that ask anew for what another flow asked are left out.
    """
    return tuple(
        step
        for step in flow.steps
        if isinstance(step, AskConsent) and step.purpose is purpose and step.renews is None
    )


def may_be_opened(flow: Flow) -> bool:
    """Tell whether an invitation's link may lead to a flow: only where it asks for consent to taking part."""
    return bool(consents(flow, Purpose.TAKE_PART))


def with_renewals(flow: Flow, asked: Sequence[tuple[str, AskConsent]]) -> Flow:
    """Return the flow with these consents asked anew before all else, under keys that are free in it.

    `asked` are the names of flows, each with the step of it that asks. The flow gets another hash. Whoever says
    no to taking part or to being contacted is asked nothing more.
    """
    taken = {step.key for step in flow.steps}
    before: list[Step] = []
    for name, step in asked:
        key = _free(_KEY.format(step.purpose.value), taken)
        before.append(
            step.model_copy(
                update={
                    "key": key,
                    "renews": f"{name}:{step.key}",
                    "when": None,
                    "goto": None,
                    "on_decline": None,
                    "counted": False,
                }
            )
        )
        if step.purpose is not Purpose.USE_WORDS:
            end = {"key": _free(f"{key}_no", taken), "kind": "end", "outcome": "declined"}
            before.append(End.model_validate({**end, "when": f"{key} == false"}))
    renewed = flow.model_copy(update={"steps": (*before, *flow.steps)})
    vars(renewed).pop("hash", None)  # that of the flow before, where it was worked out
    return renewed


def _free(key: str, taken: set[str]) -> str:
    """Return a key that no step has yet, and take it."""
    while key in taken:
        key += "_"
    taken.add(key)
    return key


def renewing(flow: Flow) -> tuple[AskConsent, ...]:
    """Return the steps of a flow that ask anew for a consent that was given in an earlier conversation."""
    return tuple(step for step in flow.steps if isinstance(step, AskConsent) and step.renews is not None)


def lenders(flow: Flow) -> tuple[str, ...]:
    """Return the names of the flows whose consents are asked anew in this one: their translations serve it too."""
    return tuple(dict.fromkeys(origin_of(step, flow.flow)[0] for step in renewing(flow)))


def origin_of(step: AskConsent, flow: str) -> tuple[str, str]:
    """Return the flow and the key under which a consent's text was written; its own unless it renews another."""
    name, _, key = (step.renews or f"{flow}:{step.key}").partition(":")
    return name, key


def is_waiting(flow: Flow, open_slot: str | None) -> bool:
    """Tell whether the open question asks anew for a consent; `open_slot` None is no open question."""
    return open_slot is not None and any(step.key == open_slot for step in renewing(flow))


def changed(
    granted_source: str, flow: Flow | None, purpose: Purpose, program: Mapping[str, Any]
) -> AskConsent | None:
    """Return the step of a flow that asks for consent to a purpose, if its text is not the one agreed to.

    `granted_source` is the hash of the text agreed to, as `source_of` makes it; `program` is the fact. None where
    nothing need be asked anew: the text is the same, or the flow does not exist any more or no longer asks for
    the purpose.
    """
    asked: Iterable[AskConsent] = () if flow is None else consents(flow, purpose)
    steps = tuple(asked)
    if not steps or any(source_of(step.text, program) == granted_source for step in steps):
        return None
    return steps[0]
