"""What pydantic finds wrong with a file, in an author's words and at its place in the file."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flows.problem_codes import Code
from flows.script import Flow, Step
from flows.suggest import did_you_mean, listed, nearest
from flows.yaml_source import Path_, Source

KINDS: Mapping[str, type[BaseModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Step)[0])
}
"""The model of each kind of step."""

_WANTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text (put it in quotes if it looks like a number)",
    "tuple": "a list, each item on a line that begins with '- '",
    "dict": "keys and values, one a line",
    "model": "keys and values, one a line",
    "date": "a date such as 2026-04-01",
    "time": 'a time such as "12:00"',
}


def add_shape_problems(source: Source, error: ValidationError, top: type[BaseModel]) -> None:
    """Adds one problem to the source for each thing that a validation found, without its echoes."""
    seen: set[tuple[Path_, str]] = set()
    for detail in error.errors(include_url=False):
        path, rest = _path(source.value, detail["loc"])
        if _is_echo(source.value, detail["loc"]) or (path + rest, detail["type"]) in seen:
            continue
        seen.add((path + rest, detail["type"]))
        _add(source, detail, path, rest, top)


def _path(value: Any, loc: tuple[int | str, ...]) -> tuple[Path_, Path_]:
    """The part of a pydantic location that is in the file, and what is missing from it.

    Pydantic puts the tags of unions ('select_one', 'tuple[Choice, ...]') between keys; the file does not have them.
    """
    path: Path_ = ()
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        if (
            isinstance(value, dict)
            and not last
            and value.get("kind") == part
            and isinstance(path[-1:][0], int)
        ):
            continue
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            path, value = (*path, part), value[part]
        elif last and isinstance(value, dict):
            return path, (part,)
    return path, ()


def _is_echo(top: Any, loc: tuple[int | str, ...]) -> bool:
    """True for the complaint of a union's other branch: a list is not a list's name, an `up_to` no `for_each`."""
    path, _ = _path(top, loc)
    around = [_at(top, path[:length]) for length in range(len(path) + 1)]
    if "ForEach" in loc or "UpTo" in loc:
        repeat = next(
            (value for part, value in zip(("", *path), around, strict=True) if part == "repeat"), None
        )
        if not isinstance(repeat, dict) or ("for_each" in repeat) == ("up_to" in repeat):
            return loc[-1] != "for_each" if isinstance(repeat, dict) else "UpTo" in loc
        return ("ForEach" in loc) == ("up_to" in repeat)
    if "constrained-str" in loc:
        return not isinstance(around[-1], str)
    return loc[-1] == "tuple[Choice, ...]" and isinstance(around[-1], str)


def _at(value: Any, path: Path_) -> Any:
    for part in path:
        value = value[part]
    return value


def _add(source: Source, detail: ErrorDetails, path: Path_, rest: Path_, top: type[BaseModel]) -> None:
    kind, given = detail["type"], detail.get("input")
    context: dict[str, Any] = detail.get("ctx") or {}
    where = f"'{path[-1]}'" if path and isinstance(path[-1], str) else "this item"
    place = source.place(path)
    if "ForEach" in detail["loc"] and kind == "missing":
        message = "a block's `repeat` names neither or both of `for_each` and `up_to`"
        source.add(place, Code.REPEAT_SHAPE, message, "write one of them")
    elif kind == "extra_forbidden":
        _add_unknown_key(source, path, top)
    elif kind == "missing":
        message = f"'{rest[-1] if rest else where}' is missing"
        source.add(place, Code.MISSING_KEY, message, f"add `{rest[-1] if rest else '...'}:`")
    elif kind in {"union_tag_invalid", "union_tag_not_found"}:
        _add_unknown_kind(source, path, context)
    elif kind in {"literal_error", "enum"}:
        expected = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        remedy = did_you_mean(str(given), expected) or f"write {listed(expected)}"
        source.add(place, Code.NOT_ONE_OF, f"{where} cannot be '{given}'", remedy)
    elif kind == "string_pattern_mismatch":
        _add_pattern(source, path, str(given), where)
    elif (wanted := _WANTED.get(kind.split("_")[0])) and kind.endswith(("_type", "_parsing", "_from_float")):
        source.add(place, Code.WRONG_TYPE, f"{where} is not {wanted.split(' (')[0]}", f"write {wanted}")
    elif kind == "value_error":
        source.add(place, Code.BAD_VALUE, f"{where}: {context['error']}", "correct the value")
    else:
        message = detail["msg"].replace("Tuple", "the list").replace("String", "the text")
        message = message[0].lower() + message[1:]
        source.add(
            place,
            Code.OUT_OF_BOUNDS,
            f"{where} is out of bounds",
            message.replace("input should", "it should"),
        )


def _add_pattern(source: Source, path: Path_, given: str, where: str) -> None:
    place = source.place(path)
    if path[-1:] == ("language",):
        remedy = "write a code such as en, de or pt-BR"
        source.add(place, Code.BAD_NAME, f"'{given}' is not a language code", remedy)
        return
    remedy = "write lower case letters, digits and underscores, a letter first, at most 40"
    source.add(place, Code.BAD_NAME, f"{where} cannot be named '{given}'", remedy)


def _add_unknown_key(source: Source, path: Path_, top: type[BaseModel]) -> None:
    key, around = str(path[-1]), source.at(path[:-1])
    known = [name for name in _known_keys(around, path[:-1], top) if name not in around]
    near = nearest(key, known)
    remedy = (
        f"did you mean '{near}'?"
        if near
        else f"take it out; known here: {', '.join(sorted(known)) or 'none'}"
    )
    source.add(source.key_place(path), Code.UNKNOWN_KEY, f"'{key}' is not a key here", remedy)


def _add_unknown_kind(source: Source, path: Path_, context: Mapping[str, Any]) -> None:
    tag = context.get("tag")
    if tag is None:
        remedy = f"add `kind:` with {listed(KINDS)}"
        source.add(source.place(path), Code.MISSING_KEY, "the step has no 'kind'", remedy)
        return
    remedy = did_you_mean(tag, KINDS) or f"write {listed(KINDS)}"
    source.add(source.place((*path, "kind")), Code.UNKNOWN_KIND, f"there is no kind of step '{tag}'", remedy)


def _known_keys(value: Any, path: Path_, top: type[BaseModel]) -> Iterator[str]:
    """The keys that the model at a place of the file has, as they are written there."""
    model = top
    if isinstance(value, dict) and value.get("kind") in KINDS and path[-2:-1] == ("steps",):
        model = KINDS[value["kind"]]
    else:
        for part in path:
            if isinstance(part, str):
                model = _model_under(model, part) or model
    for name, info in model.model_fields.items():
        yield info.alias or name


_UNDER: dict[str, str] = {}


def _model_under(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The model that stands under a key of another, through tuples, unions and annotations; None for plain values."""
    candidates = [model] if model is not Flow else [Flow]
    if key in {"steps"}:
        return None
    for candidate in [*candidates, *KINDS.values()]:
        for name, info in candidate.model_fields.items():
            if (info.alias or name) == key:
                found = list(_models_in(info.annotation))
                if found:
                    return found[0]
    return None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
