"""Stop and deletion at every question of every shipped flow: nothing is sent afterwards, and nothing is left.

The way to each question is left to chance; that each was reached is asked of the stored state.
"""

import asyncio
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlmodel import SQLModel

from bot.conversations.new_conversation import NewConversation
from flows.engine.advance import advance, is_over, open_prompt
from flows.engine.compiled import PROBE_SUFFIX, compile_flow, read_slot
from flows.engine.effects import Prompt, PromptKind
from flows.engine.events import Replied, Started
from flows.engine.state import ConversationState, decode_state
from flows.script.loader import library
from flows.script.model import Role
from storage.people import participants
from storage.schema import FollowUpStatus
from tests.support.dialogue_facts import facts_named
from tests.support.leaving_house import House, all_bytes, make_house
from tests.support.turn_world import IDENTITY, START, Someone, World

TABLES = SQLModel.metadata.tables
FACTS = {
    "patient_interview": ("patient",),
    "patient_follow_up": ("patient_again", "patient_last"),
    "what_we_changed": ("patient_changes", "patient_changes_own"),
    "hcp_commitment": ("hcp",),
    "hcp_follow_up": ("hcp_wave_1", "hcp_wave_last", "hcp_wave_late", "hcp_wave_unconfirmed"),
    "commitment_reask": ("hcp_unfinished",),
    "commitment_nudge": ("hcp_plan",),
    "content_review": ("patient_review",),
    "review_answer": ("patient_points",),
    "best_practice": ("educator",),
    "best_practice_cosign": ("patient_partner",),
    "best_practice_answer": ("educator_changes",),
}
"""What each flow knows from outside; where it asks something only at one time, each of the times."""
THE_END = "the end"
PLANT = "plantzq"
"""Stands in a reply for the words of whoever gives it."""
WALKS = 3000
"""So many conversations at random are tried until every question was asked."""


@dataclass(frozen=True)
class Way:
    """What to reply from the start on, so that a question is asked; with these facts."""

    facts: str
    replies: tuple[str, ...]


def questions_of(flow: str) -> set[str]:
    """Every question of a flow, those that ask for more among them."""
    asked = compile_flow(library()[flow]).questions
    more = {f"{key}{PROBE_SUFFIX}" for key, node in asked.items() if node.probe is not None}
    return {*asked, *more, THE_END}


def open_question(state: ConversationState) -> str:
    """The key of the question that waits."""
    return THE_END if state.open is None else read_slot(state.asks[state.open].slot)[0]


def ways_to(flow: str, seed: int) -> dict[str, Way]:
    """The shortest way that was found to each question, by conversations at random on the pure engine."""
    chance, ways, wanted = Random(seed), dict[str, Way](), questions_of(flow)
    for walk in range(WALKS):
        facts = FACTS[flow][walk % len(FACTS[flow])]
        state = advance(library()[flow], None, Started(facts_named(facts), "en"), now=START).state
        replies: list[str] = []
        while True:
            key = open_question(state)
            if key not in ways or len(replies) < len(ways[key].replies):
                ways[key] = Way(facts, tuple(replies))
            prompt = open_prompt(library()[flow], state, START)
            if is_over(state) or prompt is None:
                break
            replies.append(_reply(prompt, chance))
            state = advance(library()[flow], state, Replied(replies[-1]), now=START).state
        if ways.keys() == wanted:
            return ways
    raise AssertionError(f"{flow}: nobody was asked {sorted(wanted - ways.keys())}")


def _reply(prompt: Prompt, chance: Random) -> str:
    """Something that fits the question: mostly what goes on."""
    choices = [option.label for option in prompt.options if not option.control]
    if prompt.kind is not PromptKind.CONSENT and chance.random() < 0.1:
        return "skip"
    match prompt.kind:
        case PromptKind.TEXT:
            words = (PLANT, f"{PLANT} was what I said because it was so slow", "no")
            return chance.choice((*words, *choices))
        case PromptKind.CONSENT:
            return choices[0] if chance.random() < 0.9 else choices[-1]
        case PromptKind.DATE:
            return "in two weeks"
        case _ if choices:
            by_other_words = ["started"] if "Partly" in choices else []  # which is read back
            return chance.choice(choices + 2 * by_other_words)
        case _:
            return "3"


@dataclass
class Leaver:
    """Somebody who goes all the way to a question, with words of their own on it, and then leaves."""

    someone: Someone
    plant: str
    way: Way

    async def goes(self) -> None:
        for reply in self.way.replies:
            asked = next((one for one in reversed(self.someone.shown) if one.prompt.ask is not None), None)
            labels = [option.label for option in asked.prompt.options] if asked is not None else []
            if asked is None or reply not in labels or asked.prompt.kind is PromptKind.SELECT_MANY:
                await self.someone.say(reply.replace(PLANT, self.plant))
            else:
                await self.someone.tap(asked, labels.index(reply))


async def arrives(world: World, flow: str, number: int, way: Way) -> Leaver:
    """A person of their own, in a conversation of this flow."""
    someone = world.someone(f"leaver-{number}")
    leaver = Leaver(someone, f"plant{number}zq", way)
    role = Role.HCP if Role.HCP in library()[flow].audience else library()[flow].audience[0]
    await someone.start()
    world.database.write_now(lambda connection: _begin(world, connection, leaver, flow, role, number))
    someone.look()
    return leaver


def _begin(world: World, connection: Connection, leaver: Leaver, flow: str, role: Role, number: int) -> None:
    now, pick = world.clock.now(), Random(number).choice
    person = participants.make_participant(
        connection, participants.NewParticipant(role, "en", "Europe/Vienna"), pick=pick, now=now
    )
    lookup = IDENTITY.lookup(leaver.someone.address)
    address = TABLES["address"]
    address_id = connection.execute(address.select().where(address.c.lookup == lookup)).one().id
    participants.assign_address(connection, address_id, person.id)
    about = {"participant_id": person.id, "program_id": world.program_id}
    facts = deepcopy(facts_named(leaver.way.facts))
    for commitment in facts.get("commitments", []):
        commitment["statement"] = f"{leaver.plant} at each visit"
    begin = {**about, "address_id": address_id, "activity_id": None}
    if facts.get("commitments"):
        conversation = world.runtime.begin(connection, NewConversation(flow="small", **begin), now=now)
        connection.execute(
            TABLES["conversation"]
            .update()
            .values(status="ended")
            .where(TABLES["conversation"].c.id == conversation)
        )
        for commitment in facts["commitments"]:
            commitment.update(_kept(connection, commitment, about, conversation, now))
    world.runtime.begin(connection, NewConversation(flow=flow, facts=facts, **begin), now=now)


def _kept(
    connection: Connection, fact: dict[str, Any], about: dict[str, Any], conversation: int, now: Any
) -> dict[str, int]:
    """A commitment of the facts as rows; its numbers."""
    made = (
        TABLES["commitment"]
        .insert()
        .values(
            **about,
            conversation_id=conversation,
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


async def leave_at_every_step(house: House, flow: str, words: list[str], seed: int) -> list[Leaver]:
    """One person for each question that the flow has; under it they say these words. Time goes by until all is
    settled.
    """
    leavers = []
    for number, (question, way) in enumerate(sorted(ways_to(flow, seed).items())):
        leaver = await arrives(house.world, flow, number, way)
        await leaver.goes()
        assert _waits(house.world) == question, (way, leaver.someone.shown)
        for text in words:
            await leaver.someone.say(text)
        leavers.append(leaver)
    await house.delivery.drain()
    house.world.clock.move(timedelta(minutes=2))
    await house.time_passes(days=2)
    return leavers


def _waits(world: World) -> str:
    """The question that is open in the latest conversation."""
    [(state,)] = world.rows("SELECT state FROM conversation ORDER BY id DESC LIMIT 1")
    return open_question(decode_state(state))


ROUNDS = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
"""Nothing is shrunk: a seed is as good as any other, and each try is long."""
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
        assert len(leavers) == len(questions_of(flow))
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
        assert house.world.rows("SELECT count(*) FROM tombstone") == [(len(questions_of(flow)),)]
        assert house.world.rows("SELECT count(*) FROM answer") == [(0,)]
        assert house.world.rows("SELECT count(*) FROM remark") == [(0,)]
        assert house.world.rows("SELECT count(*) FROM address WHERE sealed != x''") == [(0,)]
        house.world.database.close()
        left = all_bytes(Path(folder))
        for leaver in leavers:
            assert leaver.plant.encode() not in left
            assert IDENTITY.lookup(leaver.someone.address) not in left

    with TemporaryDirectory() as folder:
        asyncio.run(run(folder))
