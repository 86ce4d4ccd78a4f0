"""Write the pages that are made from the code: commands, settings, measures and data.

`python -m bot.cli.reference` writes them; a test fails when one of them is not what this would write.
"""

import inspect
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.cli import PROBLEM, WRONG_USE
from bot.cli.root import app
from bot.settings.settings import DEFAULT_CONFIG, PREFIX, Settings
from storage.export.measures.reference import measures_page
from storage.outcomes.registry import REPORT_TABLES
from storage.schema import data_page

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"
DECISIONS = "by decision:"
"""What the list of decisions in the index stands under."""
NOTE = "<!-- Made by `python -m bot.cli.reference`; do not edit by hand. -->"


def generated() -> dict[Path, str]:
    """Return the text of each page that is made from the code, by the path of its file."""
    return {
        REFERENCE / "cli.md": _page(_cli()),
        REFERENCE / "settings.md": _page(_settings()),
        REFERENCE / "measures.md": measures_page(NOTE, REPORT_TABLES),
        REFERENCE / "data.md": data_page(NOTE),
        DOCS / "README.md": _index(),
    }


def _page(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _index() -> str:
    """Return the index as it is, with every page of `docs/why` in its list of decisions."""
    head, _, _ = (DOCS / "README.md").read_text(encoding="utf-8").partition(DECISIONS)
    pages = sorted((DOCS / "why").glob("*.md"))
    titles = [
        (page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# "), page) for page in pages
    ]
    return "\n".join(
        [f"{head}{DECISIONS}", "", *(f"- [{title}](why/{page.name})" for title, page in titles), ""]
    )


# Commands


def commands() -> dict[str, Any]:
    """Return every command of `said` by its full name, such as `said db backup`; groups of commands are left out."""
    return dict(_commands(typer.main.get_command(app), ("said",)))


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None or (len(path) > 1 and command.invoke_without_command):
        yield " ".join(path), command
    if inner is None:
        return
    for name, child in inner.items():
        yield from _commands(child, (*path, name))


def _cli() -> Iterator[str]:
    yield from ("# Commands", "", NOTE, "")
    yield f"Exit codes: 0 all went well, {PROBLEM} something is wrong, {WRONG_USE} wrong use."
    yield "Errors are one line on standard error. `--json` prints JSON for programs, where it is offered."
    for name, command in commands().items():
        yield from ("", f"## `{name}`", "", " ".join((command.help or "").split()), "")
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        usage = " ".join(one.metavar or one.name.upper() for one in arguments)
        yield from ("```", f"{name} {usage} [OPTIONS]".replace("  ", " "), "```", "")
        for one in arguments:
            yield f"- `{one.metavar}`: {one.help}"
        options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
        for one in options:
            if "--help" not in one.opts:
                yield f"- `{_option(one)}`: {one.help}{_required(one)}"


def _option(option: Any) -> str:
    names = ", ".join(option.opts)
    if option.is_flag:
        return names
    return f"{names} {_metavar(option)}"


def _metavar(option: Any) -> str:
    """Name what stands for the value: the choices of an enum, else the name that was given, else its type."""
    annotation = option.type_descriptor.annotation
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum):
        return "|".join(member.value for member in annotation)
    return str(option.metavar or annotation.__name__.upper())


def _required(option: Any) -> str:
    if option.required:
        return " Required."
    if option.is_flag or option.default is None:
        return ""
    return f" Default: {getattr(option.default, 'value', option.default)}."


# Settings


def _settings() -> Iterator[str]:
    yield from ("# Settings", "", NOTE, "")
    yield f"Settings are read once at start from `{DEFAULT_CONFIG}`, or from the file that `--config` or"
    yield "`SAID_CONFIG` names. Each can come from the environment instead, where it wins: its name with"
    yield f"`{PREFIX}` before it, and `__` between table and key. A list in the environment is JSON."
    yield "An unknown name is an error in both. `config.example.toml` shows every setting."
    yield from (
        "",
        "`SAID_KEY` holds the key that seals addresses (32 bytes in base64), instead of a key file.",
        "",
    )
    yield from _table("", Settings)
    for name, info in Settings.model_fields.items():
        section = _section(info.annotation)
        if section is not None:
            yield from (
                "",
                f"## `[{name}]`",
                "",
                " ".join(inspect.cleandoc(section.__doc__ or "").split()),
                "",
            )
            yield from _table(f"{name}.", section)


def _table(before: str, model: type[BaseModel]) -> Iterator[str]:
    yield from ("| Setting | Variable | Type | Default | What it is |", "|---|---|---|---|---|")
    for name, info in model.model_fields.items():
        if _section(info.annotation) is None:
            key = f"{before}{name}"
            variable = f"{PREFIX}{key.replace('.', '__').upper()}"
            kind, default = _type(info.annotation), _default(info)
            yield f"| `{key}` | `{variable}` | {kind} | {default} | {info.description} |"


def _section(annotation: Any) -> type[BaseModel] | None:
    for one in (annotation, *get_args(annotation)):
        if inspect.isclass(one) and issubclass(one, BaseModel):
            return one
    return None


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ((), {}):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _type(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_type(one) for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Annotated:
        return _type(get_args(annotation)[0])
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}s"
    if get_origin(annotation) is dict:
        return "table"
    if inspect.isclass(annotation) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    names = {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "bool": "true or false",
        "Path": "path",
        "SecretStr": "secret",
    }
    return names.get(getattr(annotation, "__name__", ""), str(annotation))


if __name__ == "__main__":
    for file, text in generated().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
