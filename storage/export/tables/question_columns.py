"""Name the columns of a wide table: each question of a flow, at each item of its blocks, with each of its codes.

A column keeps its meaning for ever, since a question key does. What a block repeats decides how its items are named:
rounds by their number, picks by their code, and things from outside (commitments) by their place in the conversation,
since their own numbers differ from participant to participant.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flows.engine.effects import PromptKind
from flows.script.facts import ITEMS
from flows.script.model import (
    AskConsent,
    AskDate,
    AskText,
    Block,
    Choice,
    Confirm,
    Flow,
    Number,
    Question,
    Scale,
    SelectMany,
    SelectOne,
    Step,
    UpTo,
)

ItemPath = tuple[str, ...]
"""Where inside its blocks an answer stands, the outermost first; () outside of any."""


class BlockRepeat(StrEnum):
    """What a block is repeated over: rounds, picks of an earlier question, or things from outside (commitments)."""

    ROUND = "round"
    PICK = "pick"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class EnclosingBlock:
    """A block that a question stands in. `name` is what its items are called in the script.

    `coded` is a block over things from outside that have codes, such as what was picked in an earlier conversation.
    """

    key: str
    name: str
    repeat: BlockRepeat
    coded: bool = False
    when: str | None = None
    """The condition under which it is begun; None for always."""


@dataclass(frozen=True, slots=True)
class PlacedQuestion:
    """A question where it stands in a flow, with the blocks that it is in, the outermost first.

    `put` is False for a number that is kept beside an answer: nobody is asked for it.
    """

    step: Question
    kind: PromptKind
    blocks: tuple[EnclosingBlock, ...]
    put: bool = True
    probed_when: str | None = None
    """Of a further question about a thin answer: the rule by which it is asked."""


@dataclass(frozen=True, slots=True, order=True)
class QuestionColumn:
    """A column of a wide table: a question at an item, and for a question with several picks one of its codes."""

    key: str
    path: ItemPath = ()
    code: str = ""

    @property
    def name(self) -> str:
        """Return the name of the column in the table.

        `a6`, `a6___pain` (a code), `c4__1` (the first round of a block), `a7__pain` (a block over picks).
        """
        return "__".join((self.key, *self.path)) + (f"___{self.code}" if self.code else "")


def questions(flow: Flow) -> Iterator[PlacedQuestion]:
    """Yield every question of a flow in its order, those inside blocks too."""
    return _questions(flow, flow.steps, ())


def _questions(
    flow: Flow, steps: Iterable[Step], blocks: tuple[EnclosingBlock, ...]
) -> Iterator[PlacedQuestion]:
    """Yield the questions of some steps, which stand inside `blocks`."""
    for step in steps:
        match step:
            case Block():
                yield from _questions(flow, step.steps, (*blocks, _around(flow, step)))
            case AskText():
                yield PlacedQuestion(step, PromptKind.TEXT, blocks)
                yield from _probe(step, blocks)
            case AskConsent() | SelectOne() | SelectMany() | Scale() | Number() | AskDate() | Confirm():
                yield PlacedQuestion(step, PromptKind(step.kind), blocks)
                yield from _kept_number(step, blocks)
            case _:
                pass  # says, effects and ends ask nothing


def _probe(step: AskText, blocks: tuple[EnclosingBlock, ...]) -> Iterator[PlacedQuestion]:
    """Yield the further question of a text question, where its answer is kept apart."""
    if step.probe is not None and step.probe.joins == "separate":
        more = {"key": f"{step.key}_more", "text": step.probe.text, "probe": None, "takes_remarks": False}
        further = step.model_copy(update=more)
        yield PlacedQuestion(further, PromptKind.TEXT, blocks, probed_when=step.probe.when)


def _kept_number(step: Question, blocks: tuple[EnclosingBlock, ...]) -> Iterator[PlacedQuestion]:
    """Yield the number that a question keeps beside its answer, as a question of its own."""
    if isinstance(step, Number) and step.keeps_number is not None:
        alone = {"key": step.keeps_number, "bands": (), "counts": None, "keeps_number": None}
        yield PlacedQuestion(step.model_copy(update=alone), PromptKind.NUMBER, blocks, put=False)
    if isinstance(step, SelectMany) and step.rotates is not None:
        place = Number(kind="number", key=step.rotates, text=step.text, when=step.when)
        yield PlacedQuestion(place, PromptKind.NUMBER, blocks, put=False)


def _around(flow: Flow, block: Block) -> EnclosingBlock:
    """Return a block as it stands round its questions."""
    if isinstance(block.repeat, UpTo):
        return EnclosingBlock(block.key, block.key, BlockRepeat.ROUND, when=block.when)
    if block.repeat.for_each in set(_question_keys(flow.steps)):
        return EnclosingBlock(block.key, block.repeat.as_, BlockRepeat.PICK, when=block.when)
    coded = "code" in ITEMS.get(block.repeat.for_each, ())
    return EnclosingBlock(block.key, block.repeat.as_, BlockRepeat.FACT, coded, block.when)


def _question_keys(steps: Iterable[Step]) -> Iterator[str]:
    """Yield the keys of the questions in some steps, those inside blocks too."""
    for step in steps:
        if isinstance(step, Block):
            yield from _question_keys(step.steps)
        elif isinstance(step, Question):
            yield step.key


def choices(flow: Flow, step: Question) -> tuple[tuple[str, str], ...]:  # noqa: PLR0911 - one line a kind
    """Return the choices of a question as pairs of code and label; () for a question without.

    Choices from a fact are left out: they differ from conversation to conversation, and no flow names them.
    """
    match step:
        case SelectOne() | SelectMany():
            return _pairs(flow.lists.get(step.choices, ()) if isinstance(step.choices, str) else step.choices)
        case AskText():
            return _pairs(step.choices)
        case Number():
            return tuple((band.code, band.label) for band in step.bands)
        case Scale():
            return ((str(step.low), step.low_label), (str(step.high), step.high_label))
        case AskConsent():
            return (("1", step.agree), ("0", step.decline))
        case Confirm():
            return (("1", step.agree), ("0", step.change))
        case _:
            return ()


def _pairs(listed: tuple[Choice, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((choice.code, choice.label) for choice in listed)


def read_slot(slot: str) -> tuple[str, ItemPath]:
    """Split an answer's slot into its key and its items.

    >>> read_slot("a7[pain]")
    ('a7', ('pain',))
    """
    key, *items = slot.split("[")
    return key, tuple(item.removesuffix("]") for item in items)


@dataclass(frozen=True, slots=True)
class ColumnPaths:
    """In which columns the answers of one conversation stand, by slot."""

    paths: dict[str, ItemPath]
    things: dict[QuestionColumn, str]
    """The columns that say which thing from outside stands in which place, with their cells: `commitment__1` holds the
    number of the first commitment."""
    coded: dict[str, ItemPath]
    """The same paths with things that have a code named by it, for those slots whose path is another then."""
    places: dict[tuple[EnclosingBlock, str], str]
    """The place of each thing from outside that something was answered about."""

    def path_by_code(self, slot: str, known: Mapping[str, PlacedQuestion]) -> ItemPath | None:
        """Return the path of any slot, things that have a code named by it; None for a thing without a place."""
        key, items = read_slot(slot)
        parts: list[str] = []
        for block, item in zip(_padded(known, key, items), items, strict=True):
            numbered = block is not None and block.repeat is BlockRepeat.FACT and not block.coded
            if numbered and (block, item) not in self.places:
                return None
            parts.append(item if block is not None and block.coded else _label(block, item, self.places))
        return tuple(parts)


def column_paths(slots: Iterable[str], known: Mapping[str, PlacedQuestion]) -> ColumnPaths:
    """Return in which columns the answers of one conversation stand, given their slots.

    `known` has the flow's questions by key.
    """
    read = {slot: read_slot(slot) for slot in slots}
    places = _places(read.values(), known)
    paths = {
        slot: tuple(
            _label(block, item, places) for block, item in zip(_padded(known, key, items), items, strict=True)
        )
        for slot, (key, items) in read.items()
    }
    named = {QuestionColumn(block.name, (place,)): item for (block, item), place in places.items()}
    found = ColumnPaths(paths, named, {}, places)
    by_code = {slot: found.path_by_code(slot, known) for slot in paths}
    found.coded.update({slot: path for slot, path in by_code.items() if path and path != paths[slot]})
    return found


def _places(
    answered: Iterable[tuple[str, ItemPath]], known: Mapping[str, PlacedQuestion]
) -> dict[tuple[EnclosingBlock, str], str]:
    """Return the place of each thing from outside that some questions were answered about, from 1 in each block."""
    things: dict[EnclosingBlock, set[str]] = {}
    for key, items in answered:
        for block, item in zip(_blocks(known, key), items, strict=False):
            if block.repeat is BlockRepeat.FACT:
                things.setdefault(block, set()).add(item)
    return {
        (block, item): str(place)
        for block, found in things.items()
        for place, item in enumerate(sorted(found, key=natural_order), 1)
    }


def _blocks(known: Mapping[str, PlacedQuestion], key: str) -> tuple[EnclosingBlock, ...]:
    """Return the blocks round a question; none where the flow, as it is known, has no such question."""
    return known[key].blocks if key in known else ()


def _padded(
    known: Mapping[str, PlacedQuestion], key: str, items: ItemPath
) -> tuple[EnclosingBlock | None, ...]:
    """Return a block for each item; None where the flow, as it is known, has none."""
    blocks = _blocks(known, key)[: len(items)]
    return (*blocks, *[None] * (len(items) - len(blocks)))


def _label(block: EnclosingBlock | None, item: str, places: Mapping[tuple[EnclosingBlock, str], str]) -> str:
    """Return how an item is named: a pick by its code, a thing by its place, a round by its number from 1."""
    if block is None or block.repeat is BlockRepeat.PICK:
        return item
    return places[block, item] if block.repeat is BlockRepeat.FACT else str(int(item) + 1)


def natural_order(item: str) -> tuple[bool, int, str]:
    """Return a sort key for the names of items: numbers as numbers, and before words."""
    return (not item.isdecimal(), int(item) if item.isdecimal() else 0, item)
