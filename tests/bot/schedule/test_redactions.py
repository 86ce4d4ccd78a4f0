"""Redaction in the background: a bounded number with each step, found again after a stop, and none twice."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.schedule import redactions
from bot.schedule.redactions import BackgroundRedaction
from flows.engine.effects import PromptKind
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.redaction import RULES
from storage.schema import ANSWER
from tests.support.export_rows import INTERVIEW, NOW, Rows, conversation, person_and_program

BATCH, LOOKS, LEFT = 5, 3, 4
"""How much a step does here, and how many answers it does not reach."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of few rows, so that few are needed."""
    monkeypatch.setattr(redactions, "BATCH", BATCH)
    monkeypatch.setattr(redactions, "LOOKS", LOOKS)


def filled(folder: Path) -> Database:
    """A database with more answers than one step redacts."""
    database = Database.open(folder / "said.sqlite", identity=AddressKeys(bytes(32)))

    def fill(connection: sa.Connection) -> None:
        rows = Rows(connection)
        person_and_program(rows)
        source = INTERVIEW.model_dump_json(by_alias=True)
        rows.add("flowversion", hash=INTERVIEW.hash, flow="talk", source=source, first_used_at=NOW)
        conversation(rows, INTERVIEW, NOW)
        for number in range(BATCH * LOOKS + LEFT):
            rows.answer(1, "a1", PromptKind.TEXT, f"word {number}", "ann@example.org")

    database.write_now(fill)
    return database


def by_rules(database: Database) -> dict[int, int]:
    """How many answers were redacted by which version of the rules; 0 for none."""
    query = sa.select(ANSWER.c.redaction_rules, sa.func.count()).group_by(ANSWER.c.redaction_rules)
    return database.read_now(lambda c: dict(c.execute(query).all()))


async def test_a_step_is_bounded_and_the_rest_comes_next(tmp_path: Path):
    """A step redacts so many rows and no more; whoever starts anew goes on where the last one was stopped."""
    with filled(tmp_path) as database:
        assert await BackgroundRedaction(database).step(NOW) == BATCH * LOOKS
        assert by_rules(database) == {0: LEFT, RULES: BATCH * LOOKS}
        after = BackgroundRedaction(database)
        assert await after.step(NOW) == LEFT
        assert await after.step(NOW) == 0
        assert by_rules(database) == {RULES: BATCH * LOOKS + LEFT}


async def test_new_rules_read_all_again(tmp_path: Path):
    """With another version of the rules every row is redacted once more."""
    with filled(tmp_path) as database:
        old, new = BackgroundRedaction(database), BackgroundRedaction(database, rules=RULES + 1)
        while await old.step(NOW):
            pass
        while await new.step(NOW):
            pass
        assert by_rules(database) == {RULES + 1: BATCH * LOOKS + LEFT}


async def test_a_number_that_comes_again_is_found(tmp_path: Path):
    """What is written under the number of an erased row is redacted, at the latest the day after."""
    with filled(tmp_path) as database:
        work = BackgroundRedaction(database)
        while await work.step(NOW):
            pass
        database.write_now(
            lambda c: c.execute(ANSWER.update().where(ANSWER.c.id == 5).values(redaction_rules=0))
        )
        assert await work.step(NOW) == 0
        assert await work.step(NOW + redactions.FROM_THE_START + timedelta(seconds=1)) == 1


async def test_a_step_with_nothing_new_is_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each tick takes a step, and most find nothing: no table is looked through then, and a new row is found."""
    with filled(tmp_path) as database:
        work, reads = BackgroundRedaction(database), []
        while await work.step(NOW):
            pass
        read = database.read
        monkeypatch.setattr(database, "read", lambda one: reads.append(one) or read(one))
        assert await work.step(NOW) == 0
        assert len(reads) == 1
        database.write_now(lambda c: Rows(c).answer(1, "a1", PromptKind.TEXT, "one more", "ann@example.org"))
        assert await work.step(NOW) == 1
