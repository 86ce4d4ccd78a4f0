"""`said simulate`: rehearse months of a program in seconds, with synthetic people, in a database of its own."""

import asyncio
import base64
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bot import logs
from bot.cli.common import JsonOption, console, print_json, print_table
from bot.errors import UsageError
from bot.settings import LogLevel
from bot.simulation.run import Simulation, SimulationPlan, simulated_identity, simulated_key
from flows.program.loader import load_program, program_paths
from flows.program.model import ProgramFile
from flows.script.loader import library
from storage.database.address_keys import key_path
from storage.database.connection import Database


def register(app: typer.Typer) -> None:
    """Add the command `said simulate` to an app."""
    app.command("simulate")(simulate)


def simulate(  # noqa: PLR0917 - the options of a command
    program: Annotated[
        str, typer.Argument(metavar="PROGRAM", help="A programme file, or a shipped programme's name.")
    ],
    database: Annotated[Path, typer.Option("--database", "-d", metavar="FILE", help="The database to make.")],
    patients: Annotated[int, typer.Option(min=0, help="Patients invited.")] = 200,
    hcps: Annotated[int, typer.Option(min=0, help="Clinicians invited.")] = 300,
    educators: Annotated[int, typer.Option(min=0, help="Education teams invited.")] = 12,
    months: Annotated[float, typer.Option(min=0.1, max=36, help="Simulated time.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed gives the same content.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace a database that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Rehearse a programme: the real runtime with a moved clock and synthetic people. Nothing is sent to anyone."""
    file = _program(program)
    _make_room(database, seed, force=force)
    plan = SimulationPlan(patients=patients, hcps=hcps, educators=educators, months=months, seed=seed)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=console(error=True),
        transient=True,
    )
    logs.configure(LogLevel.ERROR, None)
    with (
        Database.open(database, identity=simulated_identity(seed), durable=False, threads=False) as opened,
        bar,
    ):
        task = bar.add_task(f"{months:g} months", total=1.0)
        simulation = Simulation(opened, library(), file, plan)
        summary = asdict(asyncio.run(simulation.run(lambda share: bar.update(task, completed=share))))
    if as_json:
        print_json({"database": str(database), **summary})
        return
    print_table(("what", "rows"), [(name.replace("_", "-"), number) for name, number in summary.items()])
    typer.echo(f"Left in {database}. Look at it with: said participants --database {database}")


def _program(name: str) -> ProgramFile:
    shipped = {path.stem: path for path in program_paths()}
    path = shipped.get(name, Path(name))
    if not path.exists():
        raise UsageError(
            f"there is no programme {name!r}",
            f"name a file, or one of the shipped ones: {', '.join(sorted(shipped))}",
        )
    return load_program(path)


def _make_room(database: Path, seed: int, *, force: bool) -> None:
    """
    Remove an earlier database of that name, and lay the simulation's key beside the new one.

    Raises:
        UsageError: there is one, and `force` is not given.
    """
    key = key_path(database)
    files = [database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm")] + [key]
    if any(file.exists() for file in files) and not force:
        raise UsageError(f"{database} or its key {key} is there already", "name another file, or add --force")
    for file in files:
        file.unlink(missing_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(base64.b64encode(simulated_key(seed)) + b"\n")
