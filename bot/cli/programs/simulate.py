"""`said simulate`: rehearse months of a program in seconds, with synthetic people, in a database of its own."""

import asyncio
import base64
import os
from dataclasses import asdict
from pathlib import Path

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bot import logs
from bot.cli.common import print_json, print_table, progress_bar, say
from bot.errors import UsageError
from bot.settings.settings import LogLevel
from bot.simulation.causes import CaseCauses, count_causes
from bot.simulation.channels import WITH_MAIL, check_roles, people_by_channel, read_shares
from bot.simulation.run import Simulation, SimulationPlan, simulated_identity, simulated_key
from bot.simulation.second_ways import SecondWays, count_second_ways
from bot.turns.loading import settle
from flows.program.loader import load_program, program_paths
from flows.program.model import ProgramFile
from flows.script.loader import library
from flows.script.roles import Role
from storage.database.address_keys import key_path
from storage.database.connection import Database
from storage.export.statistics import share_in_words
from storage.private_files import make_private_folder


def simulate(
    *,
    program: str,
    database: Path,
    patients: int,
    hcps: int,
    educators: int,
    months: float,
    seed: int,
    channels: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Run `said simulate`; `bot.cli.programs.commands` says what each option is."""
    file = _program(program)
    shares = read_shares(channels or "")
    check_roles(shares, {Role.PATIENT: patients, Role.HCP: hcps, Role.EDUCATOR: educators})
    _make_room(database, seed, force=force)
    plan = SimulationPlan(
        patients=patients, hcps=hcps, educators=educators, months=months, seed=seed, channels=shares
    )
    bar = progress_bar(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    )
    logs.configure(LogLevel.ERROR, None)
    with (
        Database.open(database, identity=simulated_identity(seed), durable=False, threads=False) as opened,
        bar,
    ):
        task = bar.add_task(f"{months:g} months", total=1.0)
        simulation = Simulation(opened, library(), file, plan)
        settle()
        summary = asdict(asyncio.run(simulation.run(lambda share: bar.update(task, completed=share))))
        causes = asyncio.run(opened.read(count_causes))
        reached = asyncio.run(opened.read(people_by_channel)) if shares else {}
        ways = asyncio.run(opened.read(count_second_ways))
    has_two = any(name in WITH_MAIL for name in shares)
    if as_json:
        named = {"by_channel": reached} if shares else {}
        named |= ways.figures() if has_two else {}
        print_json({"database": str(database), **summary, "safety_cases": causes.figures(), **named})
        return
    print_table(("what", "rows"), [(name.replace("_", "-"), number) for name, number in summary.items()])
    if reached:
        say()
        print_table(("channel", "people reached there"), list(reached.items()))
    if has_two:
        _print_second_ways(ways)
    say()
    _print_causes(causes)
    say(f"Left in {database}. Look at it with: said participants --database {database}")


def _print_second_ways(ways: SecondWays) -> None:
    """Print the waves that nobody answered at the first address, and what became of them at the second."""
    say()
    columns = ("first asked by", "then by", "waves", "answered there")
    rows = [(way.first, way.second, count.waves, count.answered) for way, count in ways.by_way.items()]
    print_table(columns, rows)
    say(
        f"Waves asked: {ways.asked}, each one contact however many ways it went;"
        f" by a second way: {ways.waves}, answered there: {ways.answered}."
    )


def _print_causes(causes: CaseCauses) -> None:
    """Print the safety cases by what the synthetic people meant to tell, and the share of those that are no event."""
    columns = (
        "meant to tell of",
        "texts",
        "cases",
        "answers to the medicine question",
        "different texts",
        "hints",
    )
    rows = [
        (matter.value, count.texts, count.cases, count.asked, count.sayings, count.read_ahead)
        for matter, count in causes.by_matter.items()
    ]
    print_table(columns, rows)
    every, unasked = causes.of_no_event, causes.of_no_event_unasked
    say(
        f"Safety cases: {every.of}, of them no event by what was meant: {every.n}, {share_in_words(every)}."
        f" Without those that a question asked for: {unasked.of}, {unasked.n}, {share_in_words(unasked)}."
    )


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
    make_private_folder(database.parent)
    with os.fdopen(os.open(key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(base64.b64encode(simulated_key(seed)) + b"\n")
