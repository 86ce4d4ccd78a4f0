"""Stop and deletion where no step of a flow waits: under each of the engine's own questions, and in each kind of rest.

Everybody speaks another language, and leaves in the words of yet another one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.effects import PromptKind
from flows.engine.events import LanguageDetected
from flows.engine.interruptions.change_menu import CHANGE_WHICH
from flows.engine.interruptions.crisis_help import CARE
from flows.engine.interruptions.language_menu import LANGUAGE
from flows.engine.interruptions.language_offer import OFFER
from flows.engine.interruptions.later_menu import LATER
from flows.engine.interruptions.safety_notice import ReportQuestion
from flows.engine.interruptions.safety_report import REPORT
from flows.engine.interruptions.upset_menu import UPSET
from flows.engine.state import ConversationState, decode_state
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.model import Flow, Role
from storage.people import coordinators
from tests.support.consent_change import NEW, rewritten
from tests.support.fake_channel import FakeChannel
from tests.support.follow_on_world import COMMITMENT, converse
from tests.support.leaving_house import House, all_bytes
from tests.support.retelling import LANGUAGES, LOCALIZATIONS, word_in
from tests.support.turn_world import IDENTITY, Someone, make_world

SPOKEN = ("en", *LANGUAGES)
CORA = "terminal:cora"
SHIFTS = (0, 3)
"""By how many languages everybody moves on from one run to the next."""
_MOVES = 40


class Leaver:
    """Somebody with words of their own, who comes to a place and leaves there."""

    def __init__(self, house: House, number: int, shift: int) -> None:
        self.house = house
        self.someone: Someone = house.world.someone(f"leaver-{number}")
        self.plant = f"plant{number}zq"
        self.language = SPOKEN[(number + shift) % len(SPOKEN)]
        self.leaves_in = SPOKEN[(number + 2 * shift + 3) % len(SPOKEN)]

    def state(self) -> ConversationState:
        """Where their latest conversation stands."""
        [(state,)] = self.house.world.rows("SELECT state FROM conversation ORDER BY id DESC LIMIT 1")
        return decode_state(state)

    def said(self, english: str, language: str) -> str:
        """The word of a language for what an English one means."""
        word = english if language == "en" else word_in(english, language)
        assert word is not None
        return word

    async def comes(self) -> None:
        """Open an invitation in their language."""
        token = self.house.world.token("hcp_commitment", role=Role.HCP, language=self.language)
        await self.someone.start(token)

    async def goes_until(self, kind: PromptKind) -> None:
        """Answer what is asked until a question of this kind waits."""
        for _ in range(_MOVES):
            asked = self.someone.shown[-1]
            prompt = asked.prompt
            if prompt.kind is kind:
                return
            choices = [option for option in prompt.options if not option.control]
            match prompt.kind:
                case PromptKind.TEXT:
                    await self.someone.say(f"{self.plant} {self.plant} {self.plant}")
                case PromptKind.DATE:
                    await self.someone.say("2026-06-10")
                case PromptKind.SELECT_MANY:
                    await self.someone.say("1")
                case _:
                    written = (
                        self.state().asks[-1].slot.startswith("c3")
                    )  # the last choice is to write one's own
                    await self.someone.tap(asked, len(choices) - 1 if written else 0)
        raise AssertionError(self.someone.shown)

    async def leaves(self, *words: str) -> None:
        for word in words:
            await self.someone.say(self.said(word, self.leaves_in))


Go = Callable[[Leaver], Awaitable[object]]


def saying(*words: str, at: PromptKind = PromptKind.TEXT) -> Go:
    """At a question for their own words: these, `{plant}` among them; a global word in their own language."""

    async def go(leaver: Leaver) -> None:
        await leaver.comes()
        await leaver.goes_until(at)
        for word in words:
            known = word in {"later", "language", "pause", "tomorrow", "delete my data"}
            text = leaver.said(word, leaver.language) if known else word.format(plant=leaver.plant)
            await leaver.someone.say(text)

    return go


async def to_change(leaver: Leaver) -> None:
    """Up to the read-back, which is not right."""
    await leaver.comes()
    await leaver.goes_until(PromptKind.CONFIRM)
    await leaver.someone.tap(leaver.someone.shown[-1], 1)


async def to_offer(leaver: Leaver) -> None:
    """Their words are in another language than the conversation's."""
    await saying("{plant} {plant}")(leaver)
    world = leaver.house.world
    [(conversation,)] = world.rows("SELECT max(id) FROM conversation")
    heard = LanguageDetected(next(one for one in SPOKEN if one not in (leaver.language, "en")))
    world.database.write_now(lambda c: world.runtime.apply(c, conversation, heard, now=world.clock.now()))
    leaver.someone.look()


async def to_consent_again(leaver: Leaver) -> None:
    """They made a commitment; the text of the consent was written anew before its wave came."""
    world, leaver.language = leaver.house.world, "en"
    await leaver.someone.start(world.token("hcp_commitment", role=Role.HCP))
    await converse(leaver.someone, COMMITMENT | {"You picked": f"{leaver.plant} at each visit"})
    changed = {"hcp_commitment": rewritten(world.runtime.flows["hcp_commitment"], "c0_follow", text=NEW)}
    before = leaver.house.scheduler
    leaver.house.scheduler = _scheduler(leaver.house, changed)
    await leaver.house.time_passes(days=32)
    leaver.house.scheduler = before
    leaver.someone.look()


def _scheduler(house: House, changed: dict[str, Flow]) -> Scheduler:
    world = house.world
    world.runtime = Runtime(
        world.database, {**library(), **changed}, world.clock, RuntimeOptions(localizations=LOCALIZATIONS)
    )
    return Scheduler(world.database, world.runtime, world.clock, localizations=LOCALIZATIONS)


FAULT = "{plant} mouldy tablets"
"""Opens a case at a question that is not about a plan: at the one for the role."""
ROLE = PromptKind.SELECT_ONE
RISK = "{plant} I don't want to live any more"
PLACES: dict[str, Go] = {
    "consent again": to_consent_again,
    "@later": saying("later"),
    "@language": saying("language"),
    "@change": to_change,
    "@offer": to_offer,
    "@upset": saying("{plant} I can't stop crying"),
    "@care": saying(RISK),
    "@care again": saying(RISK, "{plant} what"),
    "@safety_what": saying(FAULT, at=ROLE),
    "@safety_which": saying(FAULT, "{plant} twice", at=ROLE),
    "@safety_who": saying(FAULT, "{plant} twice", "{plant} pills", at=ROLE),
    "@safety_contact": saying(FAULT, "{plant} twice", "{plant} pills", "1", at=ROLE),
    "paused": saying("{plant} {plant}", "pause"),
    "snoozed": saying("later", "tomorrow"),
    "shall I delete": saying("{plant} {plant}", "delete my data"),
}
"""Each of the engine's own questions, and what else a conversation may wait for; the way there."""


def place_of(leaver: Leaver) -> str:
    """Where somebody stands, as `PLACES` names it."""
    state = leaver.state()
    if state.aside is not None:
        return state.asks[state.aside].slot
    if leaver.someone.shown[-1].text == say(Sentence.DELETE_SURE, leaver.language):
        return "shall I delete"
    if state.paused:
        snoozed = leaver.house.world.rows(
            "SELECT 1 FROM timer WHERE kind = 'resume' AND done_at IS NULL AND conversation_id ="
            " (SELECT max(id) FROM conversation)"
        )
        return "snoozed" if snoozed else "paused"
    [(flow,)] = leaver.house.world.rows("SELECT flow FROM conversation ORDER BY id DESC LIMIT 1")
    return "consent again" if leaver.someone.shown[-1].text == NEW and flow == "hcp_follow_up" else flow


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with a coordinator in it."""
    world = make_world(tmp_path, localizations=LOCALIZATIONS)
    channel = FakeChannel(world.clock.now, name="terminal")
    delivery = Delivery(
        world.database,
        {"terminal": channel},
        world.clock,
        DeliveryOptions(identity=IDENTITY, sleep=clock_sleep(world.clock)),
    )
    scheduler = Scheduler(world.database, world.runtime, world.clock, localizations=LOCALIZATIONS)
    token = coordinators.new_team_token()
    world.database.write_now(
        lambda c: coordinators.enrol(c, "CORA", token_hash=IDENTITY.token_hash(token), now=world.clock.now())
    )
    await world.someone("cora").start(token)
    yield House(world, channel, delivery, scheduler)
    world.database.close()


async def all_leave(house: House, shift: int, *words: str) -> list[Leaver]:
    """One person in each place, who leaves with these words; then half a year goes by."""
    leavers = []
    for number, (place, go) in enumerate(PLACES.items()):
        leaver = Leaver(house, number, shift)
        await go(leaver)
        assert place_of(leaver) == place.removesuffix(" again" if place.startswith("@") else ""), place
        await leaver.leaves(*words)
        leavers.append(leaver)
    await house.delivery.drain()
    house.world.clock.move(timedelta(minutes=2))
    await house.time_passes(days=2)
    return leavers


def told(house: House) -> set[str]:
    """To whom anything was sent."""
    return {call.message.address for call in house.channel.delivered}


def test_every_question_of_the_engine_has_a_place() -> None:
    """None of its slots is left out."""
    named = {place.removesuffix(" again") for place in PLACES if place.startswith("@")}
    report = {REPORT + question for question in ReportQuestion}
    assert named == {LATER, CHANGE_WHICH, LANGUAGE, OFFER, UPSET, CARE} | report


@pytest.mark.parametrize("shift", SHIFTS)
async def test_stop(house: House, shift: int) -> None:
    """One goodbye, and nothing more to them though months go by; the team's cases stay with the team."""
    await all_leave(house, shift, "stop")
    house.channel.delivered.clear()
    await house.time_passes(days=130, step=5)
    world = house.world
    assert told(house) <= {CORA}
    assert world.rows("SELECT DISTINCT status FROM participant") == [("withdrawn",)]
    assert world.rows("SELECT count(*) FROM timer WHERE done_at IS NULL") == [(0,)]
    assert world.rows("SELECT count(*) FROM conversation WHERE status != 'ended'") == [(0,)]
    assert world.rows("SELECT error FROM inbox WHERE error IS NOT NULL") == []
    assert world.rows("SELECT count(*) FROM safety_case WHERE kind = 'distress'")[0][0] >= 2


@pytest.mark.parametrize("shift", SHIFTS)
async def test_deletion(house: House, shift: int, tmp_path: Path) -> None:
    """The last message, and then not a word nor an address of theirs is in the file."""
    leavers = await all_leave(house, shift, "delete my data", "yes")
    for leaver in leavers:
        last = house.channel.texts(leaver.someone.address)[-1]
        assert last == say(Sentence.DELETED, leaver.language), leaver.plant
    house.channel.delivered.clear()
    await house.time_passes(days=130, step=5)
    world = house.world
    assert told(house) <= {CORA}
    assert world.rows("SELECT DISTINCT status FROM participant") == [("deleted",)]
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]
    assert world.rows("SELECT count(*) FROM address WHERE sealed != x''") == [(1,)]  # the coordinator's
    world.database.close()
    left = all_bytes(tmp_path)
    for leaver in leavers:
        assert leaver.plant.encode() not in left, leaver.plant
        assert IDENTITY.lookup(leaver.someone.address) not in left
