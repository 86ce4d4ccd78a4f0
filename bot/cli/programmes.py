"""`said program`: load programme files and list what is loaded."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, opened, print_json, print_table, when

if TYPE_CHECKING:
    from flows.program_words import ProgramWords

group = typer.Typer(help="Programmes: what people are invited to.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add `said program`."""
    app.add_typer(group, name="program")


@group.command("load")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The programme file (YAML).")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a programme file, or load it again after a change. Nothing that is in use is removed."""
    from bot.clock import SystemClock
    from flows.loader import load_program
    from flows.program_words import ProgramWords, translations_beside
    from storage import follow_ons, programs

    program = load_program(file)
    words = translations_beside(file, program)
    version = programs.hash_of(program, words)
    now = SystemClock().now()
    with opened(config, database, create=True) as (_, found):
        loaded = found.write_now(lambda connection: programs.load(connection, program, version, now, words))
        told = found.write_now(lambda c: follow_ons.arm_changes(c, loaded.program_id, now=now))
    if as_json:
        print_json(asdict(loaded) | {"told_of_changes": told, "translations": sorted(words)})
        return
    what = "Loaded" if loaded.created else "Updated" if loaded.changed else "Unchanged:"
    counts = f"activities: {loaded.activities}, objectives: {loaded.objectives}, themes: {loaded.themes}"
    typer.echo(f"{what} programme {loaded.slug} ({counts}).")
    for line in _translated(ProgramWords(program, words)):
        typer.echo(line)
    if told:
        typer.echo(f"Planned: {told} messages to people about what was changed, each on its day.")


def _translated(words: "ProgramWords") -> Iterator[str]:
    """How far the programme's own words are translated."""
    for language in words.languages:
        lacking = len(words.missing(language))
        done = f"{lacking} of {len(words.entries)} strings are missing" if lacking else "complete"
        yield f"Translation {language}: {words.status(language).value}, {done}."


@group.command("list")
def list_programs(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List the programmes that are loaded."""
    from storage import programs

    with opened(config, database) as (_, found):
        rows = found.read_now(programs.list_all)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        ("program", "title", "loaded (UTC)"), [(row.slug, row.title, when(row.loaded_at)) for row in rows]
    )
