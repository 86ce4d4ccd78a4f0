"""Walk over every string of a flow that a participant may see, to list or to replace them.

Extraction and localizing are the same walk, so that what is shown can be translated and nothing is
forgotten. A string's context is its name for ever: `hcp_commitment:c3.text`,
`hcp_commitment:c3.choices.own.label`; that of a shared list `barriers.time`, wherever the list is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from flows.script.code_lists import code_lists, codes_of
from flows.script.model import (
    AskConsent,
    AskDate,
    AskText,
    Band,
    Block,
    Choice,
    ConditionalText,
    Confirm,
    Flow,
    Number,
    SelectMany,
    SelectOne,
    Step,
    WordedQuestion,
    Wording,
)

_Named = TypeVar("_Named", Choice, Band)


class StringPlace(StrEnum):
    """Where a string is shown; the values are what a translator reads above it."""

    TITLE = "the name of the talk"
    NAME = "named within sentences, see how the scripts' translations use it: at most 150 characters"
    MESSAGE = "a message"
    BUTTON = "on a button: at most 64 characters"
    MARK = "added to a button in brackets: at most 75 characters together with it"
    SCALE_END = "what an end of a scale means: at most 64 characters"
    SHORT = "on a button that names the question: at most 40 characters"
    UNIT = "named after a number"
    WORDS = "other words that people may type for the button above, with commas between; not shown"


StringRewriter = Callable[[str, str, StringPlace], str]
"""Gives the string to stand in place of another: its context, its text, where it is shown."""

_FIELDS: Final[Mapping[str, StringPlace]] = MappingProxyType(
    {
        "text": StringPlace.MESSAGE,
        "short": StringPlace.SHORT,
        "agree": StringPlace.BUTTON,
        "decline": StringPlace.BUTTON,
        "change": StringPlace.BUTTON,
        "low_label": StringPlace.SCALE_END,
        "high_label": StringPlace.SCALE_END,
        "unit": StringPlace.UNIT,
    }
)
"""The fields of steps that hold words."""

Choices = tuple[Choice, ...]


def rewrite(flow: Flow, change: StringRewriter) -> Flow:
    """Return the flow with every string that is shown or may be typed replaced by what `change` gives for it.

    `change` is given the string's context, its text and where it is shown; the aliases of a choice are one
    string with commas between. Lists come first, then the title, then the steps; a list's strings come again
    at each question that asks it. Keys, codes and conditions stay.
    """
    return _FlowRewriter(flow, change).rewritten()


def consent_contexts(flow: Flow) -> tuple[str, ...]:
    """Return how the contexts of the strings of a flow's consents begin: `hcp_commitment:c1.`."""
    return tuple(f"{_context(flow, step)}." for step in _consents(flow.steps))


def _consents(steps: Iterable[Step]) -> Iterator[AskConsent]:
    """Yield the consents among steps, those within blocks too."""
    for step in steps:
        match step:
            case AskConsent():
                yield step
            case Block():
                yield from _consents(step.steps)
            case _:
                pass


def _context(flow: Flow, step: Step) -> str:
    """Return how the contexts of a step's strings begin; a renewed consent has those of the flow it comes from."""
    if isinstance(step, AskConsent) and step.renews is not None:
        return step.renews
    return f"{flow.flow}:{step.key}"


class _FlowRewriter:
    """Replaces the strings of one flow, step by step."""

    def __init__(self, flow: Flow, change: StringRewriter) -> None:
        self._flow = flow
        self._change = change
        self._names = {choices: name for name, choices in flow.lists.items()}

    def rewritten(self) -> Flow:
        """Return the flow with its strings replaced."""
        flow = self._flow
        lists = {name: self._list(name, choices) for name, choices in flow.lists.items()}
        title = self._change(f"{flow.flow}:title", flow.title, StringPlace.TITLE)
        steps = tuple(map(self._step, flow.steps))
        return flow.model_copy(update={"title": title, "steps": steps, "lists": lists})

    def _step(self, step: Step) -> Step:
        """Replace the strings of a step."""
        at = _context(self._flow, step)
        new: dict[str, Any] = {}
        for name, place in _FIELDS.items():
            text = getattr(step, name, None)
            if isinstance(text, str):
                new[name] = self._change(f"{at}.{name}", text, place)
        new.update(self._parts(step, at))
        return step.model_copy(update=new)

    def _parts(self, step: Step, at: str) -> Iterator[tuple[str, Any]]:
        """Yield the parts of a step that hold strings of their own, rewritten, by the name of their field."""
        match step:
            case Block():
                yield "steps", tuple(map(self._step, step.steps))
            case AskText() if step.probe is not None:
                text = self._change(f"{at}.probe.text", step.probe.text, StringPlace.MESSAGE)
                others = self._texts(step.probe.instead, f"{at}.probe.instead")
                yield "probe", step.probe.model_copy(update={"text": text, "instead": others})
            case Confirm() if step.lines:
                yield "lines", self._texts(step.lines, f"{at}.lines")
            case SelectOne() | SelectMany() if step.promote is not None:
                mark = self._change(f"{at}.promote.mark", step.promote.mark, StringPlace.MARK)
                yield "promote", step.promote.model_copy(update={"mark": mark})
            case Number():
                yield (
                    "bands",
                    tuple(_choice(band, f"{at}.bands.{band.code}.", self._change) for band in step.bands),
                )
            case AskDate():
                cuts = (_labelled(cut, f"{at}.shortcuts", self._change) for cut in step.shortcuts)
                yield "shortcuts", tuple(cuts)
            case _:
                pass
        yield from self._worded_parts(step, at)

    def _worded_parts(self, step: Step, at: str) -> Iterator[tuple[str, Any]]:
        """Yield what a question may be put in instead, and its choices, rewritten, by the name of their field."""
        if isinstance(step, WordedQuestion) and step.wordings:
            yield (
                "wordings",
                tuple(_worded(wording, f"{at}.wordings", self._change) for wording in step.wordings),
            )
        if isinstance(step, AskText) and step.keeps_pick is not None:
            text = self._change(f"{at}.keeps_pick.text", step.keeps_pick.text, StringPlace.MESSAGE)
            label = self._change(f"{at}.keeps_pick.label", step.keeps_pick.label, StringPlace.BUTTON)
            yield "keeps_pick", step.keeps_pick.model_copy(update={"text": text, "label": label})
        if isinstance(step, SelectOne | SelectMany | AskText) and isinstance(step.choices, tuple):
            yield "choices", self._choices(step.choices, f"{at}.choices")

    def _texts(self, texts: tuple[ConditionalText, ...], at: str) -> tuple[ConditionalText, ...]:
        """Rewrite texts that have conditions; the context of each names its place from 1."""
        return tuple(
            one.model_copy(update={"text": self._change(f"{at}.{place}", one.text, StringPlace.MESSAGE)})
            for place, one in enumerate(texts, 1)
        )

    def _choices(self, choices: Choices, at: str) -> Choices:
        """Rewrite the choices of a question.

        The loader has written named lists out; choices that are those of a list are translated as the list. What is no
        longer offered is not translated anew: its translation stays with the obsolete ones.
        """
        if choices and choices in self._names:
            return self._list(self._names[choices], choices)
        return tuple(
            _choice(choice, f"{at}.{choice.code}.", self._change) if choice.into is None else choice
            for choice in choices
        )

    def _list(self, name: str, choices: Choices) -> Choices:
        """Rewrite a named list: under the shared contexts where every code is of a shipped list, else its own."""
        shared = shared_contexts(name)
        if choices and all(choice.code in shared for choice in choices):
            return tuple(_shared(choice, shared[choice.code], self._change) for choice in choices)
        prefix = f"{self._flow.flow}:lists.{name}"
        return tuple(_choice(choice, f"{prefix}.{choice.code}.", self._change) for choice in choices)


def _worded(wording: Wording, at: str, change: StringRewriter) -> Wording:
    """Rewrite the text of another wording of a question."""
    return wording.model_copy(
        update={"text": change(f"{at}.{wording.code}", wording.text, StringPlace.MESSAGE)}
    )


def _labelled(thing: Any, at: str, change: StringRewriter) -> Any:
    """Rewrite the label of a shortcut."""
    return thing.model_copy(
        update={"label": change(f"{at}.{thing.code}.label", thing.label, StringPlace.BUTTON)}
    )


def _choice(choice: _Named, prefix: str, change: StringRewriter) -> _Named:
    """Replace the label and aliases of a choice or a band."""
    return choice.model_copy(
        update={
            "label": change(f"{prefix}label", choice.label, StringPlace.BUTTON),
            "aliases": _aliases(choice.aliases, f"{prefix}aliases", change),
        }
    )


def _shared(choice: Choice, contexts: tuple[str, str], change: StringRewriter) -> Choice:
    """Replace the label and aliases of a choice from a shared list."""
    label, aliases = contexts
    return choice.model_copy(
        update={
            "label": change(label, choice.label, StringPlace.BUTTON),
            "aliases": _aliases(choice.aliases, aliases, change),
        }
    )


def _aliases(aliases: tuple[str, ...], context: str, change: StringRewriter) -> tuple[str, ...]:
    """Replace the aliases of a choice, which are one string for translators."""
    return read_aliases(change(context, write_aliases(aliases), StringPlace.WORDS)) if aliases else ()


def write_aliases(aliases: tuple[str, ...]) -> str:
    """Join aliases into one string with commas between, as translators get it; a comma within one is dropped."""
    return ", ".join(" ".join(alias.replace(",", " ").split()) for alias in aliases)


def read_aliases(text: str) -> tuple[str, ...]:
    """Split a string of aliases at its commas, Arabic ones too, into the aliases."""
    parts = (part.strip() for part in text.replace("،", ",").split(","))
    return tuple(part for part in parts if part)


def shared_contexts(name: str) -> dict[str, tuple[str, str]]:
    """Return, for each code of a shared list, the contexts of its label and of its aliases, by code.

    Empty for the name of any other list. A context is a string's lasting name for translations.

    A list that is part of another shares its strings, but for the labels that it words in its own way.
    """
    a_list = code_lists().get(name)
    if a_list is None:
        return {}
    whole = a_list.part_of or name
    return {
        code.code: (
            f"{name if code.code in a_list.say else whole}.{code.code}",
            f"{whole}.{code.code}.aliases",
        )
        for code in codes_of(a_list)
    }
