"""Import commands when they are run: a group knows their names, and where each of them is.

Importing every command costs a second, most of it for libraries that the command at hand does not use. So a group
holds a table (name -> module and line of help). Showing the list of commands reads the table alone; a command's
module is imported when the command is run, or when its own help is asked for. The module's function `register`
adds the command to an app as Typer has it, under the name in the table.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


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
    return get_group(app).commands[name]


def lazy_group(entries: Mapping[str, CommandEntry]) -> type[TyperGroup]:
    """Make the class of a group with these commands by name, each imported when it is looked up.

    It is what `typer.Typer(cls=...)` takes.
    """

    class LazyGroup(TyperGroup):
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
