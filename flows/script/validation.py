"""Translate what pydantic finds wrong with a file into an author's words, at its place in the file."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows.formats.yaml_source import ValuePath, YamlSource
from flows.problem_codes import ProblemCode
from flows.script.model import Step
from flows.text.suggest import did_you_mean, listed, nearest

KINDS: Mapping[str, type[BaseModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Step)[0])
}
"""The model of each kind of step."""

_WANTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text (in quotes if it looks like a number)",
    "tuple": "a list, each item on a line that begins with '- '",
    "dict": "keys and values, one a line",
    "model": "keys and values, one a line",
    "date": "a date such as 2026-04-01",
    "time": 'a time such as "12:00"',
}
"""What the types are called, by the first word of pydantic's error type."""


def add_shape_problems(source: YamlSource, error: ValidationError, top: type[BaseModel]) -> None:
    """Add one problem, in an author's words, to the source for each thing that a validation found wrong.

    Findings that only follow from another are left out. `top` is the model of the whole file.
    """
    for finding in findings(source.value, error):
        _add(source, finding, top)


class ShapeFinding(NamedTuple):
    """One thing that a validation found wrong, and where it stands in the file.

    `missing` is the key that is not there, at the end of `path`; None where a value is wrong instead.
    """

    detail: ErrorDetails
    path: ValuePath
    missing: str | None

    @property
    def kind(self) -> str:
        """Pydantic's name of the error, such as 'extra_forbidden'."""
        return self.detail["type"]

    @property
    def name(self) -> str:
        """What an author knows the value by: its key in quotes, or 'this item' in a list."""
        return f"'{self.path[-1]}'" if self.path and isinstance(self.path[-1], str) else "this item"


def findings(value: Any, error: ValidationError) -> Iterator[ShapeFinding]:
    """Yield each thing that a validation found wrong with a file's value, once.

    Findings that only follow from another are left out.
    """
    seen: set[tuple[ValuePath, str]] = set()
    for detail in error.errors(include_url=False):
        path, missing = file_path(value, detail["loc"])
        thing = ((*path, missing or ""), detail["type"])
        if thing not in seen and not _is_echo(value, detail, path):
            seen.add(thing)
            yield ShapeFinding(detail, path, missing)


def file_path(value: Any, loc: tuple[int | str, ...]) -> tuple[ValuePath, str | None]:
    """Return a pydantic location as a path through the file, and the key that is missing at its end, if one is.

    Pydantic puts the tags of unions ('select_one', 'tuple[Choice, ...]') between the keys; the file has
    none.
    """
    path: ValuePath = ()
    for place, part in enumerate(loc):
        is_last = place == len(loc) - 1
        if isinstance(value, dict):
            is_tag = not is_last and value.get("kind") == part and isinstance(loc[place - 1], int)
            if part in value and not is_tag:
                path, value = (*path, part), value[part]
            elif is_last:
                return path, str(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path, value = (*path, part), value[part]
    return path, None


def _is_echo(top: Any, detail: ErrorDetails, path: ValuePath) -> bool:
    """Tell whether a finding only follows from another one.

    A union complains for each of its branches (a list is not a list's name, an `up_to` no `for_each`), and a
    list whose items are wrong is called too short.
    """
    loc, value = detail["loc"], _at(top, path)
    if detail["type"] == "too_short":
        return isinstance(value, list) and len(value) >= detail["ctx"]["min_length"]
    if "ForEach" in loc or "UpTo" in loc:
        repeat = _at(top, path[: path.index("repeat") + 1])
        if not isinstance(repeat, dict):
            return "UpTo" in loc
        if ("for_each" in repeat) == ("up_to" in repeat):
            return loc[-2:] != ("ForEach", "for_each") and loc[-2:] != ("ForEach", "up_to")
        return ("ForEach" in loc) == ("up_to" in repeat)
    if "constrained-str" in loc:
        return not isinstance(value, str)
    return loc[-1] == "tuple[Choice, ...]" and isinstance(value, str)


def _at(value: Any, path: ValuePath) -> Any:
    """Return the value at a path."""
    for part in path:
        value = value[part]
    return value


def _add(source: YamlSource, finding: ShapeFinding, top: type[BaseModel]) -> None:
    """Add the problem of a finding about keys; one about a value goes to `_add_value`."""
    detail, path, missing = finding
    if path[-2:-1] == ("repeat",) or (missing and "ForEach" in detail["loc"]):
        _add_repeat(source, finding, top)
    elif finding.kind == "extra_forbidden":
        _add_unknown_key(source, path, top)
    elif missing is not None and finding.kind == "missing":
        message = f"'{missing}' is missing"
        source.add(source.place(path), ProblemCode.MISSING_KEY, message, f"add `{missing}:`")
    elif finding.kind in {"union_tag_invalid", "union_tag_not_found"}:
        _add_unknown_kind(source, path, (detail.get("ctx") or {}).get("tag"))
    elif finding.kind == "string_pattern_mismatch":
        _add_bad_name(source, path, str(detail.get("input")))
    else:
        _add_value(source, finding)


def _add_value(source: YamlSource, finding: ShapeFinding) -> None:
    """Add the problem of a value that is of the wrong type, out of bounds, or none of the words allowed."""
    detail, kind, name, place = finding.detail, finding.kind, finding.name, source.place(finding.path)
    context: dict[str, Any] = detail.get("ctx") or {}
    wanted = _WANTED.get(kind.split("_")[0])
    if kind in {"literal_error", "enum"}:
        given = detail.get("input")
        expected = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        remedy = did_you_mean(str(given), expected) or f"write {listed(expected)}"
        source.add(place, ProblemCode.NOT_ONE_OF, f"{name} cannot be '{given}'", remedy)
    elif wanted and kind.endswith(("_type", "_parsing", "_from_float", "_from_date_parsing")):
        source.add(place, ProblemCode.WRONG_TYPE, f"{name} is not {wanted.split(' (')[0]}", f"write {wanted}")
    elif kind == "value_error":
        source.add(place, ProblemCode.BAD_VALUE, f"{name} cannot be used", str(context["error"]))
    else:
        source.add(
            place, ProblemCode.OUT_OF_BOUNDS, f"{name} is out of bounds", _bounds_in_words(detail["msg"])
        )


def _bounds_in_words(message: str) -> str:
    """Return pydantic's message on bounds as a remedy.

    'Tuple should have at least 1 item after validation, not 0' becomes 'it should have at least 1 item'.
    """
    words = message.split(" after validation", maxsplit=1)[0]
    for subject in ("Tuple", "String", "Input", "Dictionary"):
        words = words.removeprefix(f"{subject} should")
    return (
        f"it should{words}" if words != message.split(" after validation", maxsplit=1)[0] else words.lower()
    )


def _add_repeat(source: YamlSource, finding: ShapeFinding, top: type[BaseModel]) -> None:
    """Add the problem of a block's `repeat`, which is one of two shapes."""
    path, missing = finding.path, finding.missing
    repeat = source.at(path[: path.index("repeat") + 1])
    if ("for_each" in repeat) == ("up_to" in repeat):
        both = "both" if "for_each" in repeat else "neither"
        message = f"`repeat` has {both} of `for_each` and `up_to`"
        source.add(
            source.key_place(path[: path.index("repeat") + 1]),
            ProblemCode.REPEAT_SHAPE,
            message,
            "write one of them",
        )
    elif finding.kind == "extra_forbidden":
        _add_unknown_key(source, path, top)
    elif missing is not None:
        source.add(
            source.place(path), ProblemCode.MISSING_KEY, f"'{missing}' is missing", f"add `{missing}:`"
        )
    else:
        wanted = "a whole number from 1 to 20" if path[-1] == "up_to" else "a name or a condition"
        source.add(
            source.place(path), ProblemCode.WRONG_TYPE, f"{finding.name} is not {wanted}", f"write {wanted}"
        )


def _add_bad_name(source: YamlSource, path: ValuePath, given: str) -> None:
    """Add the problem of a name or language code that does not match its pattern."""
    place = source.place(path)
    if path[-1:] == ("language",):
        message, remedy = f"'{given}' is not a language code", "write a code such as en, de or pt-BR"
    else:
        message = f"'{given}' cannot be a name"
        remedy = "write lower case letters, digits and underscores, a letter first, at most 40"
    source.add(place, ProblemCode.BAD_NAME, message, remedy)


def _add_unknown_key(source: YamlSource, path: ValuePath, top: type[BaseModel]) -> None:
    """Add the problem of a key that the model does not have."""
    key, around = str(path[-1]), source.at(path[:-1])
    model = _model_at(source.value, path[:-1], top)
    known = [name for name in _keys(model) if name not in around]
    if (whole := _cut_by_comma(source, path)) is not None:
        remedy = f"put it in quotes, since a comma ends a text here: {whole}"
        source.add(source.key_place(path), ProblemCode.UNKNOWN_KEY, f"'{key}' is not a key here", remedy)
        return
    near = nearest(key, known)
    remedy = f"did you mean '{near}'?" if near else f"take it out; it may have {listed(sorted(known))}"
    source.add(source.key_place(path), ProblemCode.UNKNOWN_KEY, f"'{key}' is not a key here", remedy)


def _cut_by_comma(source: YamlSource, path: ValuePath) -> str | None:
    """Return the key and text that a comma within braces has cut in pieces, in quotes; None where none has.

    In `{code: plan, label: Give a plan, in writing}` YAML reads a key `in writing` without a value.
    """
    around: dict[Any, Any] = source.at(path[:-1])
    place, keys = source.key_place(path), list(around)
    line = source.text.splitlines()[place.line - 1] if source.text else ""
    before, after = line[: place.column - 1].rstrip(), line[place.column - 1 + len(str(path[-1])) :].lstrip()
    if around[path[-1]] is not None or not before.endswith(",") or after.startswith(":"):
        return None
    last = keys.index(path[-1])
    first = next((index for index in range(last, -1, -1) if around[keys[index]] is not None), None)
    if first is None or not isinstance(around[keys[first]], str):
        return None
    while last + 1 < len(keys) and around[keys[last + 1]] is None:
        last += 1
    pieces = (around[keys[first]], *map(str, keys[first + 1 : last + 1]))
    return f'{keys[first]}: "{", ".join(pieces)}"'


def _add_unknown_kind(source: YamlSource, path: ValuePath, tag: str | None) -> None:
    """Add the problem of a step whose kind is unknown or missing."""
    if tag is None:
        message, remedy = "the step has no 'kind'", f"add `kind:` with {listed(KINDS)}"
        source.add(source.place(path), ProblemCode.MISSING_KEY, message, remedy)
        return
    remedy = did_you_mean(str(tag), KINDS) or f"write {listed(KINDS)}"
    place = source.place((*path, "kind"))
    source.add(place, ProblemCode.UNKNOWN_KIND, f"there is no kind of step '{tag}'", remedy)


def _keys(model: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of a model as they are written in a file."""
    for name, info in model.model_fields.items():
        yield info.alias or name


def _model_at(value: Any, path: ValuePath, top: type[BaseModel]) -> type[BaseModel]:
    """Return the model that reads the value at a path of the file."""
    model = top
    models = [top]
    for part in path:
        value = value[part]
        if isinstance(part, str):
            under = [info for name, info in model.model_fields.items() if (info.alias or name) == part]
            models = [found for info in under for found in _models_in(info.annotation)] or models
        if isinstance(value, dict):
            model = _fitting(models, value)
    return model


def _fitting(models: list[type[BaseModel]], value: dict[str, Any]) -> type[BaseModel]:
    """Return which model of a union a value means: by its kind, or by sharing the most keys."""
    kind = value.get("kind")
    if isinstance(kind, str) and KINDS.get(kind) in models:
        return KINDS[kind]
    return max(models, key=lambda model: len(set(_keys(model)) & set(value)))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models in a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
