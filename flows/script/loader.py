"""Load scripts: YAML to `Flow`, with every problem at once, each at its place in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from flows.errors import ScriptError
from flows.formats.yaml_source import ValuePath, YamlSource, parse_source, read_source
from flows.problem_codes import ProblemCode
from flows.script.code_lists import shipped_lists
from flows.script.model import AskConsent, Block, Choice, Flow, SelectMany, SelectOne, Step
from flows.script.recovery import repair
from flows.script.validation import add_shape_problems
from flows.text.suggest import did_you_mean

LIBRARY = Path(__file__).parents[1] / "library"


@dataclass(frozen=True, slots=True)
class FlowSource:
    """A script as read: its flow (None where it could not be made), and the file with places and problems.

    `lists` has the name of the list that each question takes its choices from, by the path of the question.
    """

    source: YamlSource
    flow: Flow | None = None
    lists: dict[ValuePath, str] = field(default_factory=dict)
    stand_ins: frozenset[ValuePath] | None = None
    """The ways to steps that could not be read and were replaced, so that the others can be checked. None
    when the script is whole; such a flow is only ever checked, never played.
    """


def load_flow(path: Path | str) -> Flow:
    """Load a script from a file.

    Only the file and its shape are checked here; the rest is up to `said check`.

    Raises:
        ScriptError: The file has problems; the error has all of them.
    """
    return _flow_of(flow_source(read_source(path)))


def load_flow_text(text: str, file: str = "<text>") -> Flow:
    """Load a script from a text; `file` is its name in problems.

    Only the text and its shape are checked here.

    Raises:
        ScriptError: The text has problems; the error has all of them.
    """
    return _flow_of(flow_source(parse_source(text, file)))


def _flow_of(read: FlowSource) -> Flow:
    """Return the flow that was read.

    Raises:
        ScriptError: The file has problems; the error has all of them.
    """
    if read.flow is None or read.source.problems:
        raise ScriptError(tuple(sorted(read.source.problems)))
    return read.flow


@cache
def library() -> Mapping[str, Flow]:
    """Load the shipped flows, once, by name. A test holds that each loads and checks clean."""
    flows = [_flow_of(flow_source(read_source(path))) for path in library_paths()]
    return MappingProxyType({flow.flow: flow for flow in flows})


def library_paths() -> tuple[Path, ...]:
    """Return the paths of the shipped scripts, in the order of their names."""
    return tuple(path for path in sorted(LIBRARY.glob("*.yaml")) if path.name != "code_lists.yaml")


def library_names() -> frozenset[str]:
    """Return the names of the shipped scripts. A script's file bears its name."""
    return frozenset(path.stem for path in library_paths())


def flow_source(source: YamlSource) -> FlowSource:
    """Make the flow of a file that was read, with the lists that its questions name written out.

    Problems are added to the source. Steps that cannot be read are replaced by stand-ins, so that the others
    can be checked.
    """
    if not isinstance(source.value, dict):
        return FlowSource(source)
    stand_ins: frozenset[ValuePath] | None = None
    try:
        flow = Flow.model_validate(source.value)
    except ValidationError as error:
        add_shape_problems(source, error, Flow)
        repaired = repair(source.value, error)
        if repaired is None:
            return FlowSource(source)
        flow, stand_ins = repaired
    named: dict[ValuePath, str] = {}
    steps = _embed(flow.steps, flow, source, ("steps",), named)
    lists = {**{name: shipped_lists().get(name, ()) for name in sorted(named.values())}, **flow.lists}
    return FlowSource(source, flow.model_copy(update={"steps": steps, "lists": lists}), named, stand_ins)


def _embed(
    steps: tuple[Step, ...], flow: Flow, source: YamlSource, path: ValuePath, named: dict[ValuePath, str]
) -> tuple[Step, ...]:
    """Return the steps with named lists written out, so that a version's hash covers what people are shown.

    `named` collects the name of the list of each step that has one.
    """
    return tuple(_embed_one(step, flow, source, (*path, place), named) for place, step in enumerate(steps))


def _embed_one(
    step: Step, flow: Flow, source: YamlSource, path: ValuePath, named: dict[ValuePath, str]
) -> Step:
    """Return a step with its named list written out."""
    if isinstance(step, Block):
        inner = _embed(step.steps, flow, source, (*path, "steps"), named)
        return step.model_copy(update={"steps": inner})
    if (
        isinstance(step, AskConsent) and step.renews is not None
    ):  # the bot's own mark, in versions that it keeps
        remedy = "take it out; a consent whose text was changed is asked anew by itself"
        source.add(
            source.key_place((*path, "renews")), ProblemCode.UNKNOWN_KEY, "'renews' is not a key here", remedy
        )
    if isinstance(step, SelectOne | SelectMany) and isinstance(step.choices, str):
        named[path] = step.choices
        choices = _named_list(step.choices, flow, source, (*path, "choices"))
        return step.model_copy(update={"choices": choices})
    return step


def _named_list(name: str, flow: Flow, source: YamlSource, path: ValuePath) -> tuple[Choice, ...]:
    """Return the choices of a list of this name, the flow's own first.

    Where there is no such list, a problem is added and no choice returned.
    """
    lists: dict[str, tuple[Choice, ...]] = {**shipped_lists(), **flow.lists}
    if name not in lists:
        remedy = did_you_mean(name, lists) or "write the list under `lists:`, or the choices here"
        source.add(source.place(path), ProblemCode.UNKNOWN_LIST, f"there is no list '{name}'", remedy)
    return lists.get(name, ())
