"""A seeded simulated program with noise: what the simulation never leaves in a database, put in by hand."""

import asyncio
import json
import random
import sqlite3
from pathlib import Path

from bot.simulation.behaviour import Behaviour
from bot.simulation.run import Simulation, SimulationPlan, simulated_identity
from flows.program.loader import load_program, program_paths
from flows.script.loader import library
from storage.database.connection import Database

PROGRAM = "myeloma"
BEHAVIOUR = Behaviour(breaks_off=0.03, stops=0.006, answers_wave=0.45, adds_another=0.7)
"""More breaks and stops than in the field, so that each is there in a small program."""


def simulate(path: Path, seed: int) -> None:
    """Play a program of seven months into a new database file."""
    plan = SimulationPlan(patients=40, hcps=24, educators=3, months=5, seed=seed, behaviour=BEHAVIOUR)
    with Database.open(path, identity=simulated_identity(seed), durable=False, threads=False) as database:
        simulation = Simulation(database, library(), load_program(program_paths()[0]), plan)
        asyncio.run(simulation.run(lambda _share: None))


def add_noise(path: Path, seed: int) -> None:
    """Put in what is rare: links that nobody opened, people without a link, another program, late reports."""
    chance = random.Random(seed)
    with sqlite3.connect(path) as connection:
        _links(connection, chance)
        _second_links(connection)
        _people(connection, chance)
        _follow_up(connection, chance)
        _words(connection, chance)


def _ids(connection: sqlite3.Connection, query: str, chance: random.Random, most: int) -> list[int]:
    """The ids that a query finds, at most so many, drawn by chance."""
    found = [number for (number,) in connection.execute(query)]
    return chance.sample(found, min(most, len(found)))


def _links(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Links for one person that nobody opened, two sources, and somebody who came in by both."""
    made = "2026-03-0{day} 08:00:00.000000"
    for number in range(14):
        source = chance.choice(("patient group", "newsletter"))
        role, flow = chance.choice((("patient", "patient_interview"), ("hcp", "hcp_commitment")))
        connection.execute(
            "INSERT INTO invitation (token_hash, program_id, activity_id, role, flow, source, kind, uses, created_at)"
            " VALUES (?, 1, ?, ?, ?, ?, 'single', 0, ?)",
            (
                b"noise%d" % number,
                chance.choice((None, 1)),
                role,
                flow,
                source,
                made.format(day=1 + number % 9),
            ),
        )
    new = "SELECT id FROM invitation WHERE source IN ('patient group', 'newsletter')"
    people = _ids(connection, "SELECT participant_id FROM enrollment WHERE program_id = 1", chance, 8)
    for link, person in zip(_ids(connection, new, chance, 8), people, strict=False):
        connection.execute(
            "INSERT INTO enrollment (program_id, participant_id, invitation_id, activity_id, enrolled_at)"
            " VALUES (1, ?, ?, NULL, '2026-03-20 10:00:00.000000')",
            (person, link),
        )
    for number in _ids(connection, "SELECT id FROM enrollment", chance, 5):
        connection.execute("UPDATE enrollment SET invitation_id = NULL WHERE id = ?", (number,))


def _second_links(connection: sqlite3.Connection) -> None:
    """People who came in by two links of the same activity, role, flow and source."""
    linked = "SELECT invitation_id, participant_id, activity_id FROM enrollment WHERE invitation_id NOT NULL"
    found = connection.execute(f"{linked} ORDER BY id LIMIT 6").fetchall()
    for link, person, activity in found:
        copied = "program_id, activity_id, role, flow, source"
        made = connection.execute(
            f"INSERT INTO invitation (token_hash, {copied}, kind, uses, created_at)"
            f" SELECT ?, {copied}, 'single', 0, created_at FROM invitation WHERE id = ?",
            (b"second%d" % link + b"-%d" % person, link),
        )
        connection.execute(
            "INSERT INTO enrollment (program_id, participant_id, invitation_id, activity_id, enrolled_at)"
            " VALUES (1, ?, ?, ?, '2026-03-21 10:00:00.000000')",
            (person, made.lastrowid, activity),
        )


def _people(connection: sqlite3.Connection, chance: random.Random) -> None:
    """People who left, one who was erased, conversations that go on, and a whole other program."""
    for number in _ids(connection, "SELECT id FROM participant", chance, 6):
        connection.execute("UPDATE participant SET status = 'withdrawn' WHERE id = ?", (number,))
    for number in _ids(connection, "SELECT id FROM participant WHERE status = 'active'", chance, 4):
        connection.execute("UPDATE participant SET status = 'deleted' WHERE id = ?", (number,))
        connection.execute("UPDATE conversation SET state = '' WHERE participant_id = ?", (number,))
        connection.execute(
            "DELETE FROM answer WHERE conversation_id IN (SELECT id FROM conversation WHERE participant_id = ?)",
            (number,),
        )
    first = "('patient_interview', 'hcp_commitment')"
    expired = f"SELECT id FROM conversation WHERE outcome = 'expired' AND flow IN {first}"
    for number in _ids(connection, expired, chance, 4):
        connection.execute(
            "UPDATE conversation SET status = 'paused', outcome = NULL WHERE id = ?", (number,)
        )
    connection.execute(
        "INSERT INTO program (slug, title, settings, hash, loaded_at)"
        " SELECT 'other', title, settings, hash, loaded_at FROM program"
    )
    for table in ("conversation", "commitment", "enrollment"):
        for number in _ids(connection, f"SELECT id FROM {table}", chance, 5):
            connection.execute(f"UPDATE {table} SET program_id = 2 WHERE id = ?", (number,))


def _follow_up(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Late reports, waves that were cancelled or never made, answers in words, plans of no activity or theme."""
    answered = "SELECT id FROM follow_up WHERE status = 'answered'"
    for number in _ids(connection, answered, chance, 6):
        connection.execute("UPDATE follow_up SET status = 'no_response' WHERE id = ?", (number,))
        connection.execute("UPDATE implementation SET late = 1 WHERE follow_up_id = ?", (number,))
    for number in _ids(connection, answered, chance, 4):
        connection.execute(
            "DELETE FROM barrier WHERE implementation_id IN (SELECT id FROM implementation WHERE follow_up_id = ?)",
            (number,),
        )
        connection.execute("DELETE FROM implementation WHERE follow_up_id = ?", (number,))
    silent = "SELECT id FROM follow_up WHERE status = 'no_response'"
    for state, reason in (("opted_out", None), ("scheduled", None), ("cancelled", "blocked"), ("sent", None)):
        for number in _ids(connection, silent, chance, 4):
            connection.execute(
                "UPDATE follow_up SET status = ?, reason = ? WHERE id = ?", (state, reason, number)
            )
    for number in _ids(connection, silent, chance, 5):
        connection.execute("DELETE FROM follow_up WHERE id = ?", (number,))
    for number in _ids(connection, "SELECT id FROM follow_up WHERE wave_days = 90", chance, 5):
        connection.execute("UPDATE follow_up SET after_start = 1, wave_days = 97 WHERE id = ?", (number,))
    told = "SELECT id FROM implementation WHERE json_type(details, '$.of_10') = 'integer'"
    for number in _ids(connection, told, chance, 9):
        connection.execute("UPDATE implementation SET status = 'not_applicable' WHERE id = ?", (number,))
    changes = (
        "confirmed = 0",
        "activity_id = NULL",
        "theme = NULL",
        "baseline_had = 0",
        "theme = 'teamwork'",
    )
    for change in changes:
        for number in _ids(connection, "SELECT id FROM commitment", chance, 4):
            connection.execute(f"UPDATE commitment SET {change} WHERE id = ?", (number,))
    for number in _ids(connection, "SELECT id FROM commitment WHERE baseline_had > 0", chance, 8):
        at = chance.choice(("2026-03-10", "2026-04-20", "2026-05-20"))
        words = chance.choice(("Something else first", "x"))
        for statement in (words, chance.choice((words, "y"))):
            connection.execute(
                "INSERT INTO commitmentrevision (commitment_id, statement, replaced_at) VALUES (?, ?, ?)",
                (number, statement, f"{at} 10:00:00.000000"),
            )


def _words(connection: sqlite3.Connection, chance: random.Random) -> None:
    """Replies that could not be read or were skipped or corrected, remarks, and codes of an earlier version."""
    questions = (
        "SELECT id FROM answer WHERE kind NOT IN ('consent', 'confirm') AND question_key NOT IN ('a6', 'a7')"
    )
    for status, most in (("unparsed", 12), ("skipped", 12)):
        for number in _ids(connection, questions, chance, most):
            connection.execute("UPDATE answer SET status = ?, value = NULL WHERE id = ?", (status, number))
    for number in _ids(connection, "SELECT id FROM answer", chance, 25):
        connection.execute("UPDATE answer SET superseded_at = answered_at WHERE id = ?", (number,))
    merged = {"being_heard": "listening", "organising": "teamwork", "body": "symptoms"}
    picks = connection.execute(
        "SELECT id, value FROM answer WHERE question_key = 'a6' AND value IS NOT NULL"
    ).fetchall()
    for number, value in chance.sample(picks, len(picks) // 2):
        codes = [merged.get(code, code) for code in json.loads(value)]
        connection.execute("UPDATE answer SET value = ? WHERE id = ?", (json.dumps(codes), number))
    for new, old in merged.items():
        for number in _ids(connection, f"SELECT id FROM answer WHERE item = '{new}'", chance, 5):
            connection.execute("UPDATE answer SET item = ? WHERE id = ?", (old, number))
    talks = "SELECT id FROM conversation WHERE flow = 'patient_interview'"
    for place, number in enumerate(_ids(connection, talks, chance, 10)):
        superseded = chance.choice((None, "2026-06-01 10:00:00.000000"))
        connection.execute(
            "INSERT INTO remark (conversation_id, number, slot, raw, shown_text, language, channel, said_at, personal,"
            " identifiers, unheard, superseded_at)"
            " VALUES (?, ?, ?, 'hm', '', 'en', 'simulated', '2026-05-01 10:00:00.000000', 0, 0, 0, ?)",
            (number, 100 + place, chance.choice(("a7[body]", "a3", "")), superseded),
        )
    connection.execute("INSERT INTO activity (program_id, slug, title) VALUES (1, 'autumn', 'Autumn')")
    connection.execute(
        "INSERT INTO objective (activity_id, code, text, theme)"
        " SELECT max(id), 'o1', 'x', 'listening' FROM activity UNION SELECT max(id), 'o2', 'y', NULL FROM activity"
    )
