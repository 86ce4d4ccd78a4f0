"""Import commands when they are run: a group knows their names, and where each of them is.

Importing every command costs a second, most of it for libraries that the command at hand does not use. So a group
holds a table (name -> module and line of help). Showing the list of commands reads the table alone; the module with a
command's signature is imported when the command is run, or when its own help is asked for. Its function `register`
adds the command to an app as Typer has it, under the name in the table. A signature imports nothing but what its
options are made of: what it `runs` is a function of the same name in another module, which is imported when it is run.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from flows.heavy_packages import load


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """Where a command is (`module`), and what the list of commands says of it: the first sentence of its help."""

    module: str
    summary: str


class CommandTable(MutableMapping[str, Any]):
    """The commands of a group by name, in the order of its entries, each imported when it is first looked up."""

    def __init__(self, entries: Mapping[str, CommandEntry]) -> None:
        self._entries = entries
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = load_command(name, self._entries[name].module)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._entries, *self._loaded)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        return name in self._entries or name in self._loaded


def load_command(name: str, module: str) -> Any:
    """Import a command's module, and return the command or group that its `register` adds under `name`."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)
    import_module(module).register(app)
    app.registered_commands = [one for one in app.registered_commands if one.name == name]
    app.registered_groups = [one for one in app.registered_groups if one.name == name]
    return get_group(app).commands[name]


def runs(module: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a signature run the function of the same name in `module`, which is imported then.

    It takes the same parameters by the same names; a test holds the two together.
    """

    def with_signature(signature: Callable[..., None]) -> Callable[..., None]:
        @wraps(signature)
        def run(**options: Any) -> None:
            with collector_at_rest():
                body = load(module).__dict__[signature.__name__]
            body(**options)

        run.runs = module  # type: ignore[attr-defined]
        return run

    return with_signature


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Turn the garbage collector off, and afterwards on again if it was on; what was made it passes over for good.

    It is for imports and what is made at a start, all of which stays until the end: walking through it again and again
    takes a tenth of the time of a start.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_on:
            gc.enable()


class CommandGroup(TyperGroup):
    """A group whose own options are read without pydantic, so that the help of its commands comes at once."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option `--help`, off unless given: Typer would load pydantic to make something of None."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


def lazy_group(entries: Mapping[str, CommandEntry]) -> type[TyperGroup]:
    """Make the class of a group with these commands by name, each imported when it is looked up.

    It is what `typer.Typer(cls=...)` takes.
    """

    class LazyGroup(CommandGroup):
        """A group whose commands are imported when they are looked up."""

        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = CommandTable(entries)

        def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as the base class has it
            """Write the list of commands out of the table, without importing any of them."""
            width = formatter.width - 6 - max(map(len, entries))
            rows = [(name, shortened(entry.summary, width)) for name, entry in entries.items()]
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    return LazyGroup


def shortened(summary: str, width: int) -> str:
    """Cut a line of help to `width` letters, at the end of a word, as the list of commands shows it."""
    return TyperCommand(None, help=summary).get_short_help_str(width)
