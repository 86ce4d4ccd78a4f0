"""What is asked: choices that differ, bounds the right way round, consent first, effects that have what they
need.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import pairwise

from flows.check.conditions import sites
from flows.check.outline import FINISH, Outline, OutlineNode, choices_of, reachable
from flows.check.scope import Known, Scope
from flows.check.texts import prompts
from flows.errors import Problem
from flows.formats.yaml_source import Path_
from flows.problem_codes import Code
from flows.script.conditions import ConditionError, names
from flows.script.facts import CHOICE_FACTS, EARLIER, LIST_PARTS
from flows.script.model import (
    QUESTION_TYPES,
    AskConsent,
    AskDate,
    AskText,
    Band,
    Block,
    Confirm,
    Do,
    EffectName,
    ForEach,
    Number,
    Purpose,
    Scale,
    SelectMany,
    SelectOne,
)
from flows.text.folding import fold_label
from flows.text.suggest import did_you_mean, listed
from flows.text.templates import TextError, placeholders

EFFECT_FIELDS: Mapping[EffectName, frozenset[str]] = {
    EffectName.RECORD_COMMITMENT: frozenset(
        {
            "statement",
            "suggestion",
            "type",
            "theme",
            "objective",
            "if_then",
            "start_on",
            "level",
            "confidence",
            "foreseen_barriers",
            "coping",
        }
    ),
    EffectName.RECORD_IMPLEMENTATION: frozenset(
        {
            "status",
            "patients_band",
            "barriers",
            "helped",
            "instead",
            "noticed",
            "noticed_text",
            "sustained",
            "evidence",
        }
    ),
    EffectName.REVISE_COMMITMENT: frozenset({"statement", "if_then", "start_on"}),
    EffectName.SCHEDULE_WAVES: frozenset(),
    EffectName.INVITE_PARTNER: frozenset(),
}
"""The fields that each effect takes; storage keeps them under the same names."""

EFFECT_NEEDS: Mapping[EffectName, frozenset[str]] = {
    EffectName.RECORD_COMMITMENT: frozenset({"statement"}),
    EffectName.RECORD_IMPLEMENTATION: frozenset({"status"}),
    EffectName.REVISE_COMMITMENT: frozenset({"statement"}),
    EffectName.SCHEDULE_WAVES: frozenset(),
    EffectName.INVITE_PARTNER: frozenset(),
}
"""The fields without which an effect means nothing."""

ABOUT_A_COMMITMENT = frozenset({EffectName.RECORD_IMPLEMENTATION, EffectName.REVISE_COMMITMENT})


def _coded(outline: Outline, node: OutlineNode) -> list[tuple[Path_, str, tuple[str, ...]]]:
    """The codes of a question with their places, each with its label and aliases."""
    step, path = node.step, node.path
    found = [
        (outline.choices_path(node, number), choice.code, (choice.label, *choice.aliases))
        for number, choice in choices_of(step)
    ]
    match step:
        case Number():
            found += [((*path, "bands", n), band.code, (band.label,)) for n, band in enumerate(step.bands)]
        case AskDate():
            found += [
                ((*path, "shortcuts", n), short.code, (short.label,))
                for n, short in enumerate(step.shortcuts)
            ]
        case AskConsent():
            found = [((*path, "agree"), "yes", (step.agree,)), ((*path, "decline"), "no", (step.decline,))]
        case Confirm():
            found = [((*path, "agree"), "yes", (step.agree,)), ((*path, "change"), "no", (step.change,))]
        case _:
            pass
    return found


def duplicate_choices(outline: Outline) -> Iterator[Problem]:
    """No two choices of a question share a code, a label or another word for it."""
    for node, _ in outline.questions:
        codes: set[str] = set()
        words: dict[str, str] = {}
        for path, code, said in _coded(outline, node):
            if code in codes:
                message = f"the code '{code}' is used twice in '{node.step.key}'"
                yield outline.problem(
                    Code.DUPLICATE_CODE, path, message, "give each choice a code of its own"
                )
            codes.add(code)
            for name in dict.fromkeys(fold_label(name) for name in said):
                if words.setdefault(name, code) != code:
                    message = f"'{name}' means both '{words[name]}' and '{code}' in '{node.step.key}'"
                    yield outline.problem(Code.DUPLICATE_LABEL, path, message, "change one label or alias")


def missing_choices(outline: Outline) -> Iterator[Problem]:
    """A choice needs two to choose from, in the script or from a fact."""
    for node, step in outline.questions:
        if (
            isinstance(step, SelectOne | SelectMany)
            and step.choices_from is None
            and not isinstance(step.choices, str)
        ):
            count = len(step.choices)
            if count < 2 and node.path not in outline.lists:  # noqa: PLR2004 - one is no choice
                message = f"'{step.key}' offers {count or 'no'} choice{'s' * (count != 1)}"
                yield outline.problem(
                    Code.NO_CHOICES, node.path, message, "write at least two under `choices:`"
                )


def pick_bounds(outline: Outline) -> Iterator[Problem]:
    """As many can be picked as the bounds ask for."""
    for node, step in outline.questions:
        if not isinstance(step, SelectMany) or step.choices_from is not None:
            continue
        count = sum(1 for _ in choices_of(step))
        for name, value in (("max", step.max), ("min", step.min)):
            if count and value is not None and value > count:
                message = f"'{name}' is {value}, but there are {count} choices"
                yield outline.problem(Code.MAX_PICKS, (*node.path, name), message, f"write at most {count}")


def reversed_bounds(outline: Outline) -> Iterator[Problem]:
    """The lower bound is below the upper one."""
    for node, step in outline.questions:
        for name, low, high, may_equal in _bounds(step):
            if low is not None and high is not None and (low > high or (low == high and not may_equal)):
                message = f"'{name}' ({low:g}) is not below its other end ({high:g})"
                path = (*node.path, *name.split("/"))
                yield outline.problem(Code.REVERSED, path, message, "swap the two or correct one")
        if isinstance(step, Number):
            yield from _band_problems(outline, node, step)


def _bounds(step: object) -> Iterator[tuple[str, float | None, float | None, bool]]:
    match step:
        case Scale():
            yield "low", step.low, step.high, False
        case Number():
            yield "min", step.min, step.max, True
        case AskDate():
            yield "earliest_days", step.earliest_days, step.latest_days, True
        case AskText():
            yield "min_length", step.min_length, step.max_length, True
        case SelectMany():
            yield "min", step.min, step.max, True
        case _:
            pass


def _band_problems(outline: Outline, node: OutlineNode, step: Number) -> Iterator[Problem]:
    """Each band the right way round, and no number in two of them."""
    bands = [(number, band) for number, band in enumerate(step.bands) if band.low is not None]
    for number, band in bands:
        if band.high is not None and (band.low or 0) > band.high:
            message = f"the band '{band.label}' begins at {band.low:g} and ends at {band.high:g}"
            path = (*node.path, "bands", number)
            yield outline.problem(Code.REVERSED, path, message, "swap the two or correct one")
    for (_, first), (number, second) in pairwise(sorted(bands, key=lambda pair: _low(pair[1]))):
        if first.high is None or first.high >= _low(second):
            message = f"the bands '{first.label}' and '{second.label}' overlap"
            path = (*node.path, "bands", number)
            yield outline.problem(Code.BAND_OVERLAP, path, message, "let each number fall into one band only")


def _low(band: Band) -> float:
    return band.low if band.low is not None else 0.0


def consent_first(outline: Outline) -> Iterator[Problem]:
    """Nothing that a person says is kept before they agreed to take part, nor after they said no."""
    consents = [
        (node, step)
        for node, step in outline.questions
        if isinstance(step, AskConsent) and step.purpose is Purpose.TAKE_PART
    ]
    if not consents:
        if outline.for_patients and next(iter(outline.questions), None) is not None:
            message = "patients are asked without their consent"
            remedy = "add a step of kind consent with `purpose: take_part` before the first question"
            yield outline.problem(Code.NO_CONSENT, ("steps",), message, remedy, key=True)
        elif outline.questions and not _follows_on(outline):
            message = "it asks, but never whether people take part, so no link can lead to it"
            remedy = (
                "add a step of kind consent with `purpose: take_part` before the first question, or name what it"
                " follows on, such as {earlier.on:date}"
            )
            yield outline.problem(Code.NOT_OPENED, ("steps",), message, remedy, key=True)
        return
    node, step = consents[0]
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
            Code.CONSENT_LATE, path, message, "add `on_decline:` with a step that ends the talk"
        )


def _follows_on(outline: Outline) -> bool:
    """Whether the script is of use only after an earlier talk, where the consent was given: it names a fact of it."""
    blocks = (node.step for node in outline.nodes if isinstance(node.step, Block))
    named = {block.repeat.for_each for block in blocks if isinstance(block.repeat, ForEach)}
    for text in prompts(outline):
        with suppress(TextError):  # told by another rule
            named |= {place.root for place in placeholders(text.text)}
    for site in sites(outline):
        with suppress(ConditionError):
            named |= names(site.text)
    return not EARLIER.isdisjoint(named)


def _from(outline: Outline, start: int | None) -> frozenset[int]:
    return frozenset() if start is None else reachable(outline.ways, start) | {start}


def _kept_without_consent(
    outline: Outline, consent: OutlineNode, numbers: frozenset[int] | set[int], what: str, remedy: str
) -> Iterator[Problem]:
    """The questions among these nodes whose answers say something of the person. A choice that only leads the
    way ('Continue', 'Tell me more') has `counted: false` and says nothing.
    """
    for number in sorted(numbers - {FINISH}):
        node = outline.nodes[number]
        leads = isinstance(node.step, SelectOne | Confirm) and not node.step.counted
        if isinstance(node.step, QUESTION_TYPES) and not leads and node is not consent:
            message = f"'{node.step.key}' {what}"
            place = (*node.path, "key")
            yield outline.problem(Code.CONSENT_LATE, place, message, remedy.format(consent.step.key))


def effect_fields(outline: Outline) -> Iterator[Problem]:
    """An effect is given the fields that it takes, has what it needs, and stands where it knows its
    commitment.
    """
    for node in outline.nodes:
        if not isinstance(node.step, Do):
            continue
        effect, known = node.step.effect, EFFECT_FIELDS[node.step.effect]
        for name in node.step.fields:
            if name not in known:
                remedy = did_you_mean(name, known) or (
                    f"it takes {listed(sorted(known))}" if known else "take it out"
                )
                path = (*node.path, "fields", name)
                yield outline.problem(
                    Code.EFFECT_FIELD, path, f"{effect} has no field '{name}'", remedy, key=True
                )
        for name in sorted(EFFECT_NEEDS[effect] - set(node.step.fields)):
            message = f"{effect} needs the field '{name}'"
            remedy = f"add `{name}:` with the answer that holds it"
            yield outline.problem(Code.EFFECT_FIELD_MISSING, (*node.path, "effect"), message, remedy)
        if effect in ABOUT_A_COMMITMENT and not _goes_through_commitments(outline, node):
            message = f"{effect} does not know which commitment it is about"
            remedy = "put it into a block with `for_each: commitments`"
            yield outline.problem(Code.EFFECT_PLACE, (*node.path, "effect"), message, remedy)


def _goes_through_commitments(outline: Outline, node: OutlineNode) -> bool:
    blocks = (outline.nodes[number].step for number in node.blocks)
    repeats = (block.repeat for block in blocks if isinstance(block, Block))
    return any(isinstance(repeat, ForEach) and repeat.for_each == "commitments" for repeat in repeats)


def choice_sources(outline: Outline) -> Iterator[Problem]:
    """`choices_from` names a list of facts; `promote` a list of codes that is known by then."""
    for node, step in outline.questions:
        if not isinstance(step, SelectOne | SelectMany):
            continue
        if step.choices_from is not None and step.choices_from not in CHOICE_FACTS:
            message = f"'{step.choices_from}' is not a list with codes and labels"
            remedy = did_you_mean(step.choices_from, CHOICE_FACTS) or f"name {listed(sorted(CHOICE_FACTS))}"
            yield outline.problem(Code.UNKNOWN_SOURCE, (*node.path, "choices_from"), message, remedy)
        if step.promote is not None and not _is_list_of_codes(Scope(outline, node), step.promote.codes):
            message = f"'{step.promote.codes}' is not a list of codes that is known by then"
            remedy = (
                "name a select_many question before this one, or a fact such as commitment.foreseen_barriers"
            )
            yield outline.problem(Code.UNKNOWN_SOURCE, (*node.path, "promote", "codes"), message, remedy)


def own_words(outline: Outline) -> Iterator[Problem]:
    """Words of the person's own stand for a choice, and answer the text question right after it."""
    for node, step in outline.questions:
        if not isinstance(step, SelectOne) or step.own_words is None or node.path in outline.stand_ins:
            continue
        codes = [choice.code for _, choice in choices_of(step)]
        if step.own_words.choice not in codes:
            message = f"'{step.own_words.choice}' is no choice of '{step.key}'"
            remedy = did_you_mean(step.own_words.choice, codes) or "name the code of one of its choices"
            yield outline.problem(Code.OWN_WORDS, (*node.path, "own_words", "choice"), message, remedy)
        after = (*node.path[:-1], node.path[-1] + 1) if isinstance(node.path[-1], int) else None
        following = next((other for other, _ in outline.questions if other.path == after), None)
        right = following is not None and following.step.key == step.own_words.question
        if following is None or not right or not isinstance(following.step, AskText):
            message = f"'{step.own_words.question}' is not the text question right after '{step.key}'"
            remedy = "put a question of kind text after it and name that"
            yield outline.problem(Code.OWN_WORDS, (*node.path, "own_words", "question"), message, remedy)


def _is_list_of_codes(scope: Scope, path: str) -> bool:
    name, _, part = path.partition(".")
    if scope.kind(name) is Known.ANSWER:
        return not part and isinstance(scope.outline.answers[name].step, SelectMany)
    return part in LIST_PARTS and part in (scope.items().get(name) or ())


RULES = (
    choice_sources,
    duplicate_choices,
    missing_choices,
    own_words,
    pick_bounds,
    reversed_bounds,
    effect_fields,
)
WHOLE_RULES = (consent_first,)
