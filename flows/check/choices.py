"""Check what a question offers to choose from: codes, labels, and where a list comes from."""

from collections.abc import Iterator

from flows.check.outline import Outline, OutlineNode, choices_of, offered_of
from flows.check.scope import NameKind, Scope
from flows.errors import Problem
from flows.formats.yaml_source import ValuePath
from flows.problem_codes import ProblemCode
from flows.script.facts import CHOICE_FACTS, LIST_PARTS
from flows.script.model import AskConsent, AskDate, AskText, Confirm, KeptPick, Number, SelectMany, SelectOne
from flows.script.question_parts import taps_of
from flows.text.folding import fold_label
from flows.text.suggest import did_you_mean, listed


def _coded(outline: Outline, node: OutlineNode) -> list[tuple[ValuePath, str, tuple[str, ...]]]:
    """Return the codes of a question with their places, each with its label and aliases while it is offered."""
    step, path = node.step, node.path
    found = [
        (
            outline.choices_path(node, number),
            choice.code,
            (choice.label, *choice.aliases) if choice.into is None else (),
        )
        for number, choice in choices_of(step)
    ]
    match step:
        case Number():
            found += [
                ((*path, "bands", n), band.code, (band.label, *band.aliases))
                for n, band in enumerate(step.bands)
            ]
            found += [((*path, "taps"), str(tap), (str(tap),)) for tap in taps_of(step)]
        case AskText(keeps_pick=KeptPick(label=label)):
            found.append(((*path, "keeps_pick", "label"), "keep", (label,)))
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
    """Yield a problem for each choice that shares a code, a label or an alias with another of its question."""
    for node, _ in outline.questions:
        codes: set[str] = set()
        words: dict[str, str] = {}
        for path, code, said in _coded(outline, node):
            if code in codes:
                message = f"the code '{code}' is used twice in '{node.step.key}'"
                yield outline.problem(
                    ProblemCode.DUPLICATE_CODE, path, message, "give each choice a code of its own"
                )
            codes.add(code)
            for name in dict.fromkeys(fold_label(name) for name in said):
                if words.setdefault(name, code) != code:
                    message = f"'{name}' means both '{words[name]}' and '{code}' in '{node.step.key}'"
                    yield outline.problem(
                        ProblemCode.DUPLICATE_LABEL, path, message, "change one label or alias"
                    )


def missing_choices(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each question that offers fewer than two choices, and none from a fact."""
    for node, step in outline.questions:
        if (
            isinstance(step, SelectOne | SelectMany)
            and step.choices_from is None
            and not isinstance(step.choices, str)
        ):
            count = sum(1 for _ in offered_of(step))
            if count < 2 and node.path not in outline.lists:  # noqa: PLR2004 - one is no choice
                message = f"'{step.key}' offers {count or 'no'} choice{'s' * (count != 1)}"
                yield outline.problem(
                    ProblemCode.NO_CHOICES, node.path, message, "write at least two under `choices:`"
                )


def pick_bounds(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each select_many that asks for, or allows, more picks than it has choices."""
    for node, step in outline.questions:
        if not isinstance(step, SelectMany) or step.choices_from is not None:
            continue
        count = sum(1 for _ in offered_of(step))
        for name, value in (("max", step.max), ("min", step.min)):
            if count and value is not None and value > count:
                message = f"'{name}' is {value}, but there are {count} choices"
                yield outline.problem(
                    ProblemCode.MAX_PICKS, (*node.path, name), message, f"write at most {count}"
                )


def choice_sources(outline: Outline) -> Iterator[Problem]:
    """Yield problems of where choices come from, and of which are put first.

    `choices_from` must name a fact that is a list with codes and labels; `promote` a list of codes known by then, from
    an earlier select_many or a fact.
    """
    for node, step in outline.questions:
        if not isinstance(step, SelectOne | SelectMany):
            continue
        if step.choices_from is not None and step.choices_from not in CHOICE_FACTS:
            message = f"'{step.choices_from}' is not a list with codes and labels"
            remedy = did_you_mean(step.choices_from, CHOICE_FACTS) or f"name {listed(sorted(CHOICE_FACTS))}"
            yield outline.problem(ProblemCode.UNKNOWN_SOURCE, (*node.path, "choices_from"), message, remedy)
        if step.promote is not None and not _is_list_of_codes(Scope(outline, node), step.promote.codes):
            message = f"'{step.promote.codes}' is not a list of codes that is known by then"
            remedy = (
                "name a select_many question before this one, or a fact such as commitment.foreseen_barriers"
            )
            yield outline.problem(
                ProblemCode.UNKNOWN_SOURCE, (*node.path, "promote", "codes"), message, remedy
            )


def _is_list_of_codes(scope: Scope, path: str) -> bool:
    """Tell whether a path names a list of codes in this scope."""
    name, _, part = path.partition(".")
    if scope.kind(name) is NameKind.ANSWER:
        return not part and isinstance(scope.outline.answers[name].step, SelectMany)
    return part in LIST_PARTS and part in (scope.items().get(name) or ())


def own_words(outline: Outline) -> Iterator[Problem]:
    """
    Yield a problem for each `own_words` whose choice does not exist, or whose question does not come right after.

    `own_words` says what becomes of words that are none of the choices.
    """
    for node, step in outline.questions:
        if not isinstance(step, SelectOne) or step.own_words is None or node.path in outline.stand_ins:
            continue
        codes = [choice.code for _, choice in choices_of(step)]
        if step.own_words.choice not in codes:
            message = f"'{step.own_words.choice}' is no choice of '{step.key}'"
            remedy = did_you_mean(step.own_words.choice, codes) or "name the code of one of its choices"
            yield outline.problem(ProblemCode.OWN_WORDS, (*node.path, "own_words", "choice"), message, remedy)
        after = (*node.path[:-1], node.path[-1] + 1) if isinstance(node.path[-1], int) else None
        following = next((other for other, _ in outline.questions if other.path == after), None)
        right = following is not None and following.step.key == step.own_words.question
        if following is None or not right or not isinstance(following.step, AskText | AskDate):
            message = f"'{step.own_words.question}' is not the text or date question right after '{step.key}'"
            remedy = "put a question of kind text or date after it and name that"
            yield outline.problem(
                ProblemCode.OWN_WORDS, (*node.path, "own_words", "question"), message, remedy
            )


def merged_choices(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each choice that is no longer offered, and is part of no choice that is."""
    for node, step in outline.questions:
        offered = [choice.code for _, choice in offered_of(step)]
        for number, choice in choices_of(step):
            if choice.into is not None and choice.into not in offered:
                message = f"'{choice.code}' has become part of '{choice.into}', which '{node.step.key}' does not offer"
                remedy = did_you_mean(choice.into, offered) or f"name one of {listed(offered)}"
                yield outline.problem(
                    ProblemCode.MERGED_CHOICE, outline.choices_path(node, number), message, remedy
                )


def earlier_questions(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each `keeps_pick` and `no_more_than` that names no such question before it in its block."""
    for node, step in outline.questions:
        kind: type[SelectOne | Number]
        path: ValuePath
        match step:
            case AskText(keeps_pick=KeptPick(question=named)):
                kind, path = SelectOne, (*node.path, "keeps_pick", "question")
            case Number(no_more_than=str(named)):
                kind, path = Number, (*node.path, "no_more_than")
            case _:
                continue
        asked = outline.by_key.get(named)
        fits = asked is not None and isinstance(asked.step, kind) and asked.blocks == node.blocks
        if asked is None or not fits or Scope(outline, node).kind(named) is not NameKind.ANSWER:
            message = f"'{named}' is no question of that kind before '{step.key}'"
            remedy = "name one that is asked before it, in the same block"
            yield outline.problem(ProblemCode.EARLIER_QUESTION, path, message, remedy)


RULES = (
    choice_sources,
    duplicate_choices,
    earlier_questions,
    merged_choices,
    missing_choices,
    own_words,
    pick_bounds,
)
