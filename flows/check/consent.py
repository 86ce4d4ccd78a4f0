"""Check that nothing is asked before the consent to take part, nor after a no, and which texts a consent replaces."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from flows.check.conditions import script_conditions
from flows.check.outline import FINISH, Outline, OutlineNode, reachable
from flows.check.texts import prompts
from flows.errors import Problem
from flows.problem_codes import ProblemCode
from flows.script.conditions import ConditionError, names
from flows.script.facts import EARLIER, FACTS
from flows.script.model import QUESTION_TYPES, AskConsent, Block, Confirm, ForEach, Purpose, SelectOne
from flows.text.suggest import did_you_mean
from flows.text.templates import TemplateError, fields_of, placeholders


def consent_first(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each question that may be put without the consent to take part: before it, or after a no.

    Also where a script never asks for that consent and does not follow on an earlier conversation, in which it was
    given: what follows on comes only while that consent stands. It was given to an interview. So a script for patients
    that follows on may ask them no more than what it tells calls for (`_asked_about_what_is_told`).
    """
    consents = [
        (node, step)
        for node, step in outline.questions
        if isinstance(step, AskConsent) and step.purpose is Purpose.TAKE_PART
    ]
    if consents:
        yield from _asked_around(outline, *consents[0])
    elif not outline.questions:
        return
    elif outline.for_patients:
        yield from _patients_asked(outline)
    elif not _follows_on(outline):
        message = "it asks, but never whether people take part, so no link can lead to it"
        remedy = (
            "add a step of kind consent with `purpose: take_part` before the first question, or name there what it"
            " follows on, such as {earlier.on:date}"
        )
        yield outline.problem_at_key(ProblemCode.NOT_OPENED, ("steps",), message, remedy)


def _patients_asked(outline: Outline) -> Iterator[Problem]:
    """Report that a script asks patients without their consent; if it follows on, each question that may not be put."""
    remedy = "add a step of kind consent with `purpose: take_part` before the first question"
    if not _follows_on(outline):
        message = "patients are asked without their consent"
        yield outline.problem_at_key(ProblemCode.NO_CONSENT, ("steps",), message, remedy)
        return
    for node, step in outline.questions:
        if not _asked_about_what_is_told(outline, node):
            message = f"'{step.key}' is asked without consent, and is no question about what is told here"
            other = f"{remedy}; or set `counted: false`, with a `when` that names what the earlier talk left"
            yield outline.problem(ProblemCode.NO_CONSENT, (*node.path, "key"), message, other)


def _asked_around(outline: Outline, node: OutlineNode, step: AskConsent) -> Iterator[Problem]:
    """Report questions that come before this consent, or after a no to it."""
    before = reachable(outline.ways, 0, without=node.number) | ({0} - {node.number})
    if step.when is not None:
        before |= reachable(outline.ways, node.number)
    declined = outline.by_key[step.on_decline].number if step.on_decline in outline.by_key else None
    after_no = outline.ways[node.number] if step.on_decline is None else frozenset({declined})
    yield from _kept_without_consent(
        outline, node, before, "may be asked before the consent", "move it behind '{}'"
    )
    refused = {
        number for start in after_no if start not in {None, FINISH} for number in _from(outline, start)
    }
    asked_after = _kept_without_consent(outline, node, refused, "", "")
    if next(asked_after, None) is not None:
        message = f"after '{step.decline}' to '{step.key}' the questions go on"
        path = (*node.path, "on_decline") if step.on_decline else (*node.path, "key")
        yield outline.problem(
            ProblemCode.CONSENT_LATE, path, message, "add `on_decline:` with a step that ends the talk"
        )


def _follows_on(outline: Outline) -> bool:
    """Tell whether a script names a fact of an earlier conversation by its first question, and so comes after one.

    The consent was given there, so the script needs none of its own. What is named later, such as in a goodbye, does
    not keep the first question from being put to somebody without an earlier conversation.
    """
    first = outline.questions[0][0].number
    named = _gone_through([node for node in outline.nodes if node.number <= first])
    for text in prompts(outline):
        if text.node.number <= first:
            with suppress(TemplateError):  # told by another rule
                named |= {place.root for place in placeholders(text.text)}
    for condition in script_conditions(outline):
        if condition.scope.node.number <= first:
            with suppress(ConditionError):
                named |= names(condition.text)
    return not EARLIER.isdisjoint(named)


def _asked_about_what_is_told(outline: Outline, node: OutlineNode) -> bool:
    """Tell whether a question only takes up what is told of an earlier conversation: 'Is that what you meant?'.

    It is not counted, and is put only where there is something of that conversation, by its condition or that of a
    block around it; or it asks on after such a question.
    """
    step = node.step
    if not isinstance(step, QUESTION_TYPES) or step.counted:
        return False
    around = [*(outline.nodes[number] for number in node.blocks), node]
    named = _gone_through(around)
    for one in around:
        with suppress(ConditionError):
            named |= names(one.step.when) if one.step.when is not None else frozenset()
    before = [outline.answers[name] for name in named & outline.answers.keys()]
    return not EARLIER.isdisjoint(named) or any(
        one.number < node.number and _asked_about_what_is_told(outline, one) for one in before
    )


def _gone_through(nodes: Iterable[OutlineNode]) -> set[str]:
    """Return the facts that blocks among these nodes go through."""
    blocks = (node.step for node in nodes if isinstance(node.step, Block))
    return {block.repeat.for_each for block in blocks if isinstance(block.repeat, ForEach)}


def _from(outline: Outline, start: int | None) -> frozenset[int]:
    """Return a node and all that can be reached from it; nothing for None."""
    return frozenset() if start is None else reachable(outline.ways, start) | {start}


def _kept_without_consent(
    outline: Outline, consent: OutlineNode, numbers: frozenset[int] | set[int], what: str, remedy: str
) -> Iterator[Problem]:
    """Report the questions among these nodes whose answers say something of the participant.

    A choice that only leads the way ('Continue', 'Tell me more') has `counted: false` and says nothing.
    """
    for number in sorted(numbers - {FINISH}):
        node = outline.nodes[number]
        leads = isinstance(node.step, SelectOne | Confirm) and not node.step.counted
        if isinstance(node.step, QUESTION_TYPES) and not leads and node is not consent:
            message = f"'{node.step.key}' {what}"
            place = (*node.path, "key")
            yield outline.problem(ProblemCode.CONSENT_LATE, place, message, remedy.format(consent.step.key))


def replaced_texts(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each text of `same_as` that cannot say the same as the text of its consent."""
    for node, step in outline.questions:
        if not isinstance(step, AskConsent):
            continue
        for number in range(len(step.same_as)):
            found = _replaced_problem(outline, step, number)
            if found is not None:
                path = (*node.path, "same_as", number)
                yield outline.problem(ProblemCode.SAME_AS, path, *found)


def _replaced_problem(outline: Outline, step: AskConsent, number: int) -> tuple[str, str] | None:
    """Return what is wrong with a text that a consent replaces, with the remedy; None if nothing is."""
    text = step.same_as[number]
    fields = fields_of(text)
    if fields is None:
        return "its placeholders cannot be read", "write it word for word as it stood in the script"
    if _plain(text) in map(_plain, (step.text, *step.same_as[:number])):
        return "this text is there already", "take it out; nobody is asked anew for the same text"
    for _, other in outline.questions:
        if isinstance(other, AskConsent) and other is not step and _plain(text) == _plain(other.text):
            return (
                f"this is the text of '{other.key}'",
                "take it out; who agreed to that said yes to something else",
            )
    unknown = [name for name in _of_program(fields) if name not in FACTS["program"]]
    if unknown:
        remedy = did_you_mean(unknown[0], FACTS["program"]) or "write it as it stood in the script"
        return f"'program' has no '{unknown[0]}'", remedy
    added = sorted(_of_program(fields_of(step.text) or frozenset()) - _of_program(fields))
    if added:
        message = f"this text does not name '{{program.{added[0]}}}', and the one that replaces it does"
        remedy = "write the placeholder where its words stood, or take the text out: who agreed to it is asked anew"
        return message, remedy
    return None


def _plain(text: str) -> str:
    """Return a text without its line breaks and runs of spaces, which are no change."""
    return " ".join(text.split())


def _of_program(fields: frozenset[str]) -> set[str]:
    """Return the names of the program's values among placeholders, without their formats."""
    return {name.removeprefix("program.").split(":")[0] for name in fields if name.startswith("program.")}


RULES = (replaced_texts,)
WHOLE_RULES = (consent_first,)
