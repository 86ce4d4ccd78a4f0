"""Ask anew for a consent whose text was changed: what counts as changed, and how it comes before all else.

What a participant agreed to is the text as its author wrote it, in the language of the script, with the
values of the program's file in their places (who asks, after how many weeks), written as they are shown. Its hash
is kept with every decision. So another text, another team or another span asks again; a better translation,
another language of the conversation, another activity or another country's emergency number does not, nor does
another way to write the same words (`{program.contact_again_weeks:weeks}` for `12 weeks`). Where an author wrote
a text anew without changing what is agreed to, the step names the texts that it replaces (`same_as`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from flows.script.model import AskConsent, End, Flow, Purpose, Step
from flows.text.templates import written

_PLACE: Final = re.compile(r"\{program\.(\w+)(?::([^{}]*))?\}")
_BY_PERSON: Final = frozenset({"emergency_number"})
"""Values of the program that differ from participant to participant."""
_KEY: Final = "again_{}"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The text that a participant agreed to.

    `source` is its hash as `source_of` makes it. With `plain` it may also be one that was made when the formats of
    values were not looked at yet.
    """

    source: str
    plain: bool


def source_of(text: str, program: Mapping[str, Any], language: str) -> str:
    """Return the hash (SHA-256, hex) of a consent's text as its author wrote it, in the script's `language`.

    Values of `program`, the fact, are put in first as they are shown, but for those that differ by participant.
    Line breaks and runs of spaces do not count.
    """

    def value(place: re.Match[str]) -> str:
        """Return the program's value for a placeholder; the placeholder itself where it differs by participant."""
        known = place[1] in program and place[1] not in _BY_PERSON
        return written(program[place[1]], place[2] or "", language) if known else place[0]

    return _hash(_PLACE.sub(value, text))


def _plain_source_of(text: str, program: Mapping[str, Any]) -> str:
    """Return the hash as it was made when the formats of values were not looked at: `12` for `{x:weeks}`."""

    def value(place: re.Match[str]) -> str:
        """Return the program's value for a placeholder, whatever its format."""
        known = place[1] in program and place[1] not in _BY_PERSON
        return str(program[place[1]]) if known else place[0]

    return _hash(_PLACE.sub(value, text))


def _hash(text: str) -> str:
    return sha256(" ".join(text.split()).encode()).hexdigest()


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
                    "same_as": (),
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


def agreed_text(
    source: str | None, version: Flow | None, asked: tuple[str, Purpose], program: Mapping[str, Any]
) -> ConsentText | None:
    """Return the text that a participant agreed to, by what is kept of their decision; None where nothing tells it.

    `source` is the hash that is kept; None in rows from before it was. `version` is the flow of their conversation,
    `asked` names the flow whose text it is, with the purpose. Where the hash is that of the text in the version, with
    the values of today, the version says how it was shown; so it is taken too where there is no hash.
    """
    for step in () if version is None else version.steps:
        if version is None or not isinstance(step, AskConsent) or step.purpose is not asked[1]:
            continue
        shown = source_of(step.text, program, version.language)
        is_it = origin_of(step, version.flow)[0] == asked[0]
        if is_it and source in {None, shown, _plain_source_of(step.text, program)}:
            return ConsentText(shown, plain=False)
    return None if source is None else ConsentText(source, plain=True)


def changed(
    agreed: ConsentText, flow: Flow | None, purpose: Purpose, program: Mapping[str, Any]
) -> AskConsent | None:
    """Return the step of a flow that asks for consent to a purpose, if its text is not the one agreed to.

    `program` is the fact. None where nothing need be asked anew: the text is the same, or one that the step replaces
    (`same_as`), or the flow does not exist any more or no longer asks for the purpose.
    """
    steps = () if flow is None else consents(flow, purpose)
    if flow is None or not steps or is_in_force(agreed, flow, purpose, program):
        return None
    return None if is_replaced(agreed, flow, purpose, program) else steps[0]


def is_in_force(agreed: ConsentText, flow: Flow, purpose: Purpose, program: Mapping[str, Any]) -> bool:
    """Tell whether the text agreed to is one in which the flow asks for consent to the purpose now."""
    texts = (step.text for step in consents(flow, purpose))
    return any(_is(agreed, text, program, flow.language) for text in texts)


def is_replaced(agreed: ConsentText, flow: Flow, purpose: Purpose, program: Mapping[str, Any]) -> bool:
    """Tell whether the text agreed to is not in force, and a step of the flow names it as one that says the same."""
    texts = (text for step in consents(flow, purpose) for text in step.same_as)
    named = any(_is(agreed, text, program, flow.language) for text in texts)
    return named and not is_in_force(agreed, flow, purpose, program)


def _is(agreed: ConsentText, text: str, program: Mapping[str, Any], language: str) -> bool:
    """Tell whether the text agreed to is this one, as it is shown with the values of the program."""
    if agreed.source == source_of(text, program, language):
        return True
    return agreed.plain and agreed.source == _plain_source_of(text, program)
