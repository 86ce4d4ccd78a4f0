"""Small simulations of the shipped program, and what they leave."""

import asyncio
import sqlite3
from pathlib import Path

from bot.simulation.run import Simulation, SimulationPlan, simulated_identity
from flows.program.loader import load_program, program_paths
from flows.script.loader import library
from storage.database.connection import Database

SMALL = SimulationPlan(patients=6, hcps=10, educators=12, months=5, seed=7)


def simulate_into(path: Path, plan: SimulationPlan = SMALL) -> None:
    """Play a plan into a new file, as the command does."""
    identity = simulated_identity(plan.seed)
    with Database.open(
        path, identity=identity, durable=False, threads=False
    ) as database:  # as the command does
        simulation = Simulation(database, library(), load_program(program_paths()[0]), plan)
        asyncio.run(simulation.run(lambda _share: None))


def content_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    with sqlite3.connect(path) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}
