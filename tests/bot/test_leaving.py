"""Stop and deletion at every step of every shipped flow: nothing is sent afterwards, and nothing is left."""

import asyncio
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlmodel import SQLModel

from bot.delivery import Delivery, clock_sleep
from bot.scheduler import Scheduler
from flows.effects import PromptKind
from flows.loader import library
from flows.script import Role
from storage import participants
from storage.models import FollowUpStatus
from tests.bot.fake_channel import FakeChannel
from tests.bot.turn_world import IDENTITY, Shown, Someone, World, make_world
from tests.dialogue_facts import facts_named

TABLES = SQLModel.metadata.tables
FACTS = {
    "patient_interview": "patient",
    "patient_follow_up": "patient_again",
    "what_we_changed": "patient_changes",
    "hcp_commitment": "hcp",
    "hcp_follow_up": "hcp_wave_1",
    "commitment_reask": "hcp_unfinished",
    "commitment_nudge": "hcp_plan",
}
"""What each flow knows from outside; a flow that is not named is begun by its link."""
PEOPLE = 12
"""Each does two things more than the one before; a talk that ends sooner is left from where it ended."""


@dataclass
class Leaver:
    """Somebody who does `steps` things, chosen by chance, with words of their own in them, and then leaves."""

    someone: Someone
    plant: str
    random: Random
    answered: int = 0

    async def does_one_thing(self) -> None:
        asked = next((shown for shown in reversed(self.someone.shown) if shown.prompt.ask is not None), None)
        if asked is None:
            await self.someone.say(f"{self.plant} once more")
        elif asked.prompt.kind is PromptKind.SELECT_MANY:
            await self.someone.say("1")
        elif asked.prompt.kind is PromptKind.NUMBER:
            await self.someone.say("3")
        elif asked.prompt.kind is PromptKind.DATE:
            await self.someone.say("in two weeks")
        elif asked.prompt.kind is PromptKind.TEXT or not asked.prompt.options:
            await self.someone.say(f"{self.plant} was what I said because it was so slow")
        else:
            await self.someone.tap(asked, self._tap(asked))
        self.answered += 1

    def _tap(self, asked: Shown) -> int:
        """Mostly the first choice, which goes on; consent above all."""
        choices = [place for place, option in enumerate(asked.prompt.options) if not option.control]
        steady = asked.prompt.kind is PromptKind.CONSENT or self.random.random() < 0.7
        return choices[0] if steady else self.random.choice(choices)


async def arrives(world: World, flow: str, number: int, seed: int) -> Leaver:
    """A person of their own, in a talk of this flow."""
    someone = world.someone(f"leaver-{number}")
    leaver = Leaver(someone, f"plant{number}zq", Random(seed + number))
    role = Role.HCP if Role.HCP in library()[flow].audience else library()[flow].audience[0]
    if flow not in FACTS:
        await someone.start(world.token(flow, role=role))
        return leaver
    await someone.start()
    world.database.write_now(lambda connection: _begin(world, connection, leaver, flow, role))
    someone.look()
    return leaver


def _begin(world: World, connection: Connection, leaver: Leaver, flow: str, role: Role) -> None:
    now = world.clock.now()
    person = participants.make(
        connection, role=role, language="en", timezone="Europe/Vienna", pick=leaver.random.choice, now=now
    )
    lookup = IDENTITY.lookup(leaver.someone.address)
    address = TABLES["address"]
    address_id = connection.execute(address.select().where(address.c.lookup == lookup)).one().id
    participants.own_address(connection, address_id, person.id)
    about = {"participant_id": person.id, "program_id": world.program_id}
    facts = deepcopy(facts_named(FACTS[flow]))
    for commitment in facts.get("commitments", []):
        commitment["statement"] = f"{leaver.plant} at each visit"
    begin = {**about, "address_id": address_id, "activity_id": None, "now": now}
    if facts.get("commitments"):
        talk = world.runtime.begin(connection, flow="small", facts={}, **begin)
        connection.execute(
            TABLES["conversation"].update().values(status="ended").where(TABLES["conversation"].c.id == talk)
        )
        for commitment in facts["commitments"]:
            commitment.update(_kept(connection, commitment, about, talk, now))
    world.runtime.begin(connection, flow=flow, facts=facts, **begin)


def _kept(
    connection: Connection, fact: dict[str, Any], about: dict[str, Any], talk: int, now: Any
) -> dict[str, int]:
    """A commitment of the facts as rows; its numbers."""
    made = (
        TABLES["commitment"]
        .insert()
        .values(
            **about,
            conversation_id=talk,
            slot=f"c[{fact['id']}]",
            statement=fact["statement"],
            foreseen_barriers=[],
            made_at=now,
        )
    )
    number = connection.execute(made).inserted_primary_key[0]
    wave = (
        TABLES["follow_up"]
        .insert()
        .values(
            **about, commitment_id=number, wave_days=30, due_at=now, status=FollowUpStatus.SENT, reminded=0
        )
    )
    return {"id": number, "follow_up_id": connection.execute(wave).inserted_primary_key[0]}


@dataclass
class House:
    """A world with everything that sends, in a folder of its own."""

    world: World
    channel: FakeChannel
    delivery: Delivery
    scheduler: Scheduler

    async def time_passes(self, *, days: int, step: int = 1) -> None:
        for _ in range(0, days, step):
            await self.scheduler.tick()
            await self.delivery.drain()
            self.world.clock.move(timedelta(days=step))


def make_house(folder: Path) -> House:
    world = make_world(folder)
    channel = FakeChannel(world.clock.now, name="terminal")
    delivery = Delivery(
        world.database, {"terminal": channel}, world.clock, IDENTITY, sleep=clock_sleep(world.clock)
    )
    return House(world, channel, delivery, Scheduler(world.database, world.runtime, world.clock))


async def leave_at_every_step(house: House, flow: str, words: list[str], seed: int) -> list[Leaver]:
    """One person for each number of steps; each then says these words. Time goes by until all is settled."""
    leavers = []
    for steps in range(seed % 2, 2 * PEOPLE, 2):
        leaver = await arrives(house.world, flow, steps, seed)
        for _ in range(steps):
            await leaver.does_one_thing()
        for text in words:
            await leaver.someone.say(text)
        leavers.append(leaver)
    await house.delivery.drain()
    house.world.clock.move(timedelta(minutes=2))
    await house.time_passes(days=2)
    return leavers


def _all_bytes(folder: Path) -> bytes:
    """The database file, and its write-ahead log where there is one."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


ROUNDS = settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(min_value=0, max_value=2**16)


@pytest.mark.parametrize("flow", sorted(library()))
@ROUNDS
@given(seed=SEEDS)
def test_stop_at_every_step(flow: str, seed: int) -> None:
    """After stop nothing more is ever sent but the one goodbye, though months go by."""

    async def run(folder: str) -> None:
        house = make_house(Path(folder))
        leavers = await leave_at_every_step(house, flow, ["stop"], seed)
        house.channel.delivered.clear()
        await house.time_passes(days=130, step=5)
        assert [call.text for call in house.channel.delivered] == []
        assert house.world.rows("SELECT count(*) FROM timer WHERE done_at IS NULL") == [(0,)]
        assert house.world.rows("SELECT count(*) FROM conversation WHERE status != 'ended'") == [(0,)]
        assert house.world.rows("SELECT DISTINCT status FROM participant") == [("withdrawn",)]
        assert (
            house.world.rows("SELECT inbox_problem.error FROM inbox AS inbox_problem WHERE error IS NOT NULL")
            == []
        )
        assert len(leavers) == PEOPLE
        house.world.database.close()

    with TemporaryDirectory() as folder:
        asyncio.run(run(folder))


@pytest.mark.parametrize("flow", sorted(library()))
@ROUNDS
@given(seed=SEEDS)
def test_deletion_at_every_step(flow: str, seed: int) -> None:
    """After deletion nothing is sent but the last message, and not a word nor an address is in the file."""

    async def run(folder: str) -> None:
        house = make_house(Path(folder))
        leavers = await leave_at_every_step(house, flow, ["delete my data", "yes"], seed)
        for leaver in leavers:
            assert "last message" in house.channel.texts(leaver.someone.address)[-1]
        house.channel.delivered.clear()
        await house.time_passes(days=130, step=5)
        assert [call.text for call in house.channel.delivered] == []
        assert house.world.rows("SELECT DISTINCT status FROM participant") == [("deleted",)]
        assert house.world.rows("SELECT count(*) FROM tombstone") == [(PEOPLE,)]
        assert house.world.rows("SELECT count(*) FROM answer") == [(0,)]
        assert house.world.rows("SELECT count(*) FROM address WHERE sealed != x''") == [(0,)]
        house.world.database.close()
        left = _all_bytes(Path(folder))
        for leaver in leavers:
            assert leaver.plant.encode() not in left
            assert IDENTITY.lookup(leaver.someone.address) not in left

    with TemporaryDirectory() as folder:
        asyncio.run(run(folder))
