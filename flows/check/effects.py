"""Check the effects of a script: the fields that each takes and needs, and where it stands."""

from collections.abc import Iterator, Mapping

from flows.check.outline import Outline, OutlineNode
from flows.errors import Problem
from flows.problem_codes import ProblemCode
from flows.script.model import Block, Do, EffectName, ForEach
from flows.text.suggest import did_you_mean, listed

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
            "foreseen_other",
            "baseline_did",
            "baseline_had",
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
            "of_10",
            "had",
            "did",
            "coping_helped",
            "if_then_helped",
        }
    ),
    EffectName.REVISE_COMMITMENT: frozenset({"statement", "if_then", "coping", "start_on", "confirmed"}),
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


def effect_fields(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each field that an effect does not take, or that it needs and lacks.

    Also for an effect about a commitment that stands in no block over commitments.
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
                yield outline.problem_at_key(
                    ProblemCode.EFFECT_FIELD, path, f"{effect} has no field '{name}'", remedy
                )
        for name in sorted(EFFECT_NEEDS[effect] - set(node.step.fields)):
            message = f"{effect} needs the field '{name}'"
            remedy = f"add `{name}:` with the answer that holds it"
            yield outline.problem(ProblemCode.EFFECT_FIELD_MISSING, (*node.path, "effect"), message, remedy)
        if effect in ABOUT_A_COMMITMENT and not _goes_through_commitments(outline, node):
            message = f"{effect} does not know which commitment it is about"
            remedy = "put it into a block with `for_each: commitments`"
            yield outline.problem(ProblemCode.EFFECT_PLACE, (*node.path, "effect"), message, remedy)


def _goes_through_commitments(outline: Outline, node: OutlineNode) -> bool:
    """Tell whether a node stands in a block that repeats over commitments."""
    blocks = (outline.nodes[number].step for number in node.blocks)
    repeats = (block.repeat for block in blocks if isinstance(block, Block))
    return any(isinstance(repeat, ForEach) and repeat.for_each == "commitments" for repeat in repeats)


RULES = (effect_fields,)
