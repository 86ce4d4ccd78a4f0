"""A small town's hard life keeps every promise; the same seed is the same life; each checker can fail."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.channels.base import Inbound
from tests.dst.__main__ import ROOT
from tests.dst.faults import Counts, End, Fault
from tests.dst.plan import at_most, figures_of, table, too_few
from tests.dst.promises import acknowledged, screens
from tests.dst.tables import PROMISES, Told, found
from tests.dst.told import told_of
from tests.dst.town import HardTown, LifePlan, hard_town

PLAN = LifePlan("suite/0/14", people=14, days=35, dying=0.03)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Lived:
    """A town at its end, its file and what its platforms saw."""

    town: HardTown
    counts: Counts
    file: Path
    told: Told


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """One life for all tests here; its database is open."""
    counts = Counts()
    with hard_town(PLAN, counts) as town:
        asyncio.run(town.live())
        yield Lived(town, counts, town.at_rest(), told_of(town))


@pytest.fixture
def copy(lived: Lived, tmp_path: Path) -> Path:
    """The file, to be spoilt."""
    return Path(shutil.copyfile(lived.file, tmp_path / "spoilt.sqlite"))


def test_a_hard_life_keeps_every_promise(lived: Lived) -> None:
    """Neither checker finds anything, and there was something to find: deaths, faults, months, many messages."""
    assert list(found(lived.file, lived.told)) == []
    assert [*acknowledged(lived.town), *screens(lived.town)] == []
    assert lived.counts.deaths.total() > 15
    assert lived.counts.deaths[End.IN_COMMIT] > 2
    assert lived.counts.faults[Fault.FULL] + lived.counts.faults[Fault.FSYNC] > 5
    assert lived.counts.figures["person-days"] >= 350
    assert lived.counts.figures["messages of people"] > 150


SPOILT = {
    "every acknowledged update is stored exactly once": "DELETE FROM witness_inbox WHERE place = 20",
    "every update that was stored is handled, without an error": "UPDATE witness_inbox SET error = 'x' WHERE place = 9",
    "a question has one answer that counts": """
        INSERT INTO answer SELECT id + 100000, conversation_id, slot, question_key, item, kind, value, raw, status,
            shown_text, language, channel, asked_at, answered_at, NULL, personal, identifiers, unheard,
            detected_language, detected_probability, message_deleted_at, redaction, redaction_rules, uncertain
        FROM answer WHERE superseded_at IS NULL LIMIT 1""",
    "an answer stands under a text that its person was shown": """
        UPDATE answer SET shown_text = 'never said' WHERE id = (
            SELECT min(id) FROM answer WHERE status = 'answered' AND raw != '' AND shown_text != '')""",
    "nothing waits to be sent at the end": """
        UPDATE outbox SET status = 'queued' WHERE id = (SELECT max(id) FROM outbox WHERE kind = 'message')""",
    "nothing is sent twice unless it is marked": """
        UPDATE witness_outbox SET possibly_duplicate = 0, status = 'queued', attempts = 0 WHERE place = (
            SELECT max(place) FROM witness_outbox WHERE status = 'sent' AND kind = 'message')""",
    "what counts as sent was shown": """
        UPDATE witness_outbox SET text = 'another' WHERE place = (
            SELECT max(place) FROM witness_outbox WHERE status = 'sent' AND kind = 'message')""",
    "replies at an address go out in their order": """
        UPDATE witness_outbox SET sent_place = 1000000 WHERE place = (SELECT min(place) FROM witness_outbox
            WHERE status = 'sent' AND lane = 'reply' AND kind = 'message')""",
    "no follow-up is lost": "UPDATE timer SET reason = 'failed: KeyError' WHERE id = 1",
    "nobody is written to who has left": "INSERT INTO witness_wrong VALUES ('is written to, and has left', 1)",
    "help for somebody at risk is sent": """
        UPDATE witness_outbox SET kind = 'help', status = 'dropped', reason = 'asked_again' WHERE place = 5""",
    "a reminder counts once it was sent": """
        UPDATE follow_up SET reminded = reminded + 1, conversation_id = 1 WHERE id = (SELECT min(id) FROM follow_up)""",
    "a contact that counts as sent was handed over": """
        INSERT INTO contact (participant_id, timer_kind, conversation_id, action, reason, at)
        VALUES (1, 'wave', 100000, 'sent', 'due', '2026-01-01')""",
}
"""What spoils a file so that a promise is broken."""


@pytest.mark.parametrize("promise", SPOILT)
def test_the_second_checker_names_what_is_spoilt(lived: Lived, copy: Path, promise: str) -> None:
    """A row that is changed by hand breaks the promise about it."""
    with closing(sqlite3.connect(copy)) as connection:
        for trigger in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger[0]}")
        assert connection.execute(SPOILT[promise]).rowcount >= 1
        connection.commit()
    broken = {what.partition(":")[0] for what in found(copy, lived.told)}
    assert promise in broken


def test_the_second_checker_misses_a_follow_up_that_is_gone(lived: Lived, copy: Path) -> None:
    """A consented commitment without one of its waves is named."""
    with closing(sqlite3.connect(copy)) as connection:
        gone = connection.execute("""
            DELETE FROM follow_up WHERE id = (SELECT min(f.id) FROM follow_up f
                JOIN commitment ON commitment.id = f.commitment_id
                JOIN conversation ON conversation.id = commitment.conversation_id
                JOIN participant p ON p.id = f.participant_id WHERE p.status = 'active' AND NOT f.after_start
                AND conversation.outcome IN ('completed', 'expired')
                AND NOT EXISTS (SELECT 1 FROM consent WHERE participant_id = p.id AND NOT granted))""")
        assert gone.rowcount == 1
        connection.commit()
    assert any(what.startswith("a commitment has its follow-ups") for what in found(copy, lived.told))


def test_the_second_checker_misses_help(lived: Lived, copy: Path) -> None:
    """Words of distress to which no help was queued are named."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM witness_outbox WHERE kind = 'help'")
        written = "SELECT channel, external_id FROM witness_inbox WHERE person IS NOT NULL"
        row = connection.execute(written).fetchone()
        connection.commit()
    told = replace(lived.told, in_need=[row])
    assert any(what.startswith("words of distress are answered with help") for what in found(copy, told))


def test_every_promise_of_the_second_checker_can_be_broken() -> None:
    """There is a test above for each of them."""
    tested_apart = {"a commitment has its follow-ups", "words of distress are answered with help"}
    assert SPOILT.keys() | tested_apart == PROMISES.keys()


def test_the_first_checker_names_what_was_lost(lived: Lived) -> None:
    """An update that was acknowledged and is not stored, and messages that were shown too often, are named."""
    evidence = lived.town.evidence
    left = {evidence.persons.get(turn.address) for turn in evidence.turns.values() if turn.erased}
    stay = {address for address, name in evidence.persons.items() if name not in left}
    platform = lived.town.platforms["telegram"]
    one = next(one for one in platform.acknowledged if one.address in stay)
    lost = Inbound(address=one.address, external_id="never-stored", kind=one.inbound.kind)
    platform.acknowledged.append(replace(one, inbound=lost))
    screen = max((evidence.screens[address] for address in stay), key=len)
    once = list(screen)
    screen += once
    try:
        assert any("never-stored is stored 0 times" in what for what in acknowledged(lived.town))
        assert any("in order" in what for what in screens(lived.town))
    finally:
        platform.acknowledged.pop()
        del screen[len(once) :]


def test_the_same_seed_is_the_same_life() -> None:
    """All that happens comes from the seed, in another process too: deaths, faults and every row that is left."""
    command = [sys.executable, "-m", "tests.dst", "--seed", "twice/0/4", "--days", "3", "--digest"]
    lines = []
    for _ in range(2):
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        lines += [line for line in done.stdout.splitlines() if line.startswith("twice/0/4 ")]
    assert len(lines) == 2
    assert lines[0] == lines[1]


def test_too_little_of_anything_is_named() -> None:
    """An empty run has too little of everything, and its table says so."""
    counts = Counts()
    counts.faults[Fault.FULL] = 1_000
    missing = too_few(counts, 1.0)
    assert Fault.FULL.value not in missing
    assert {"person-days", "messages of people", "deaths", Fault.FSYNC.value} <= set(missing)
    assert figures_of(counts)[Fault.FULL.value] == 1_000
    assert "at least" in table(counts, 1.0)


def test_what_clean_deaths_allow_to_be_said() -> None:
    """The rule of three: of 10,000 deaths without a broken promise, fewer than 3 in 10,000 at 95 %."""
    assert at_most(10_000) == pytest.approx(0.0003)
