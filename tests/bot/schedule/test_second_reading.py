"""The second reader: after the turn, for what the rules missed; it orders the queue, and may say where help is."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from bot.channels.base import InboundKind
from bot.conversations import safety
from bot.schedule.second_reading import BATCH, SecondReading
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.localized_flow import Localizations
from flows.script.loader import load_flow_text
from flows.script.model import Flow, Role
from storage.conversations import outbox
from storage.database.wakeups import WorkKind
from storage.errors import DatabaseBusy, StorageError
from storage.privacy import erasure
from storage.safety import unread_texts
from tests.support.small_reader import CARE, EVENT, PLAIN, QUEUE, READER, WordEncoder
from tests.support.turn_world import Someone, World, make_world

LONG = """
flow: long
title: A talk in own words
language: en
audience: [patient, hcp]
steps:
  - {key: name, kind: text, text: Your name?, personal: true}
  - {key: q1, kind: text, text: First?}
  - {key: q2, kind: text, text: Second?}
  - key: colour
    kind: select_one
    text: Which colour?
    choices: [{code: red, label: Red}, {code: hollow, label: Hollow hollow}]
  - {key: q3, kind: text, text: Third?}
  - {key: bye, kind: end, text: Goodbye.}
"""
FLOWS: dict[str, Flow] = {"long": load_flow_text(LONG)}
ABOUT = load_flow_text(
    LONG.replace("flow: long", "flow: about").replace("text: First?", "text: First?, about: medicine")
)
FLOWS |= {"about": ABOUT}
SIGNALS = (
    "SELECT coalesce(answer.slot, ''), reading_class, source, level, version FROM text_signal"
    " LEFT JOIN answer ON answer.id = answer_id ORDER BY text_signal.id"
)
PLACE = "SELECT answer_id, remark_id FROM text_place WHERE name = 'second_reader'"


@dataclass
class Desk:
    """A world in which what people write is read once more."""

    world: World
    encoder: WordEncoder = field(default_factory=WordEncoder)
    reading: SecondReading = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        options = RuntimeOptions(
            pick=Random(7).choice, localizations=Localizations(), opens=lambda _flow: True
        )
        world.runtime = Runtime(world.database, FLOWS, world.clock, options)
        self.reading = SecondReading(world.database, world.runtime, world.clock, self.encoder, reader=READER)
        self.reading.rests = False

    async def someone(
        self, *texts: str, role: Role = Role.PATIENT, name: str = "ann", flow: str = "long"
    ) -> Someone:
        """Somebody who begins, says a name, and writes these."""
        person = self.world.someone(name)
        await person.start(self.world.token(flow, role=role))
        for text in ("Ann", *texts):
            await person.say(text)
        return person

    async def reads(self, person: Someone) -> list[str]:
        """What is said to somebody once all is read."""
        await self.reading.drain()
        return [shown.text for shown in person.look()]

    def signals(self) -> list[tuple[object, ...]]:
        return self.world.rows(SIGNALS)


@pytest.fixture
def desk(tmp_path):
    made = Desk(make_world(tmp_path))
    yield made
    made.world.database.close()


async def test_words_of_risk_bring_where_help_is_and_the_script_goes_on(desk):
    """The next question comes first; then, once read, a word of care with the number; the answer to it counts."""
    person = await desk.someone(CARE)
    assert person.shown[-1].text == "Second?"
    assert desk.signals() == []
    [said] = await desk.reads(person)
    assert "112" in said
    assert "very hard right now" in said
    assert desk.signals() == [("q1", "risk", "second_reader", "care", "small")]
    kinds = desk.world.rows("SELECT kind, lane FROM outbox ORDER BY id DESC LIMIT 1")
    assert kinds == [("help", "safety")]
    assert [shown.text for shown in await person.say("all fine")] == ["Which colour?"]
    assert desk.world.rows("SELECT status FROM conversation") == [("open",)]
    assert desk.world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_it_is_said_once_in_a_conversation(desk):
    """A second such answer is queued like the first, and nothing more is said."""
    person = await desk.someone(CARE, CARE)
    assert len(await desk.reads(person)) == 1
    assert len(desk.signals()) == 2
    await person.say("red")
    await person.say(f"again {CARE}")
    assert await desk.reads(person) == []
    assert len(desk.signals()) == 3


@pytest.mark.parametrize("back", [InboundKind.UNBLOCKED, "blue", "stop"])
async def test_whoever_blocked_the_bot_before_help_came_gets_it_when_they_are_back(desk, back):
    """Help is said once in a conversation: dropped at a closed address, it goes once that is open again, and once."""
    person = await desk.someone(CARE)
    await person.does(InboundKind.BLOCKED)
    await desk.reading.drain()
    rows = "SELECT status, reason FROM outbox WHERE kind = 'help'"
    [(number,)] = desk.world.rows("SELECT id FROM outbox WHERE kind = 'help'")
    desk.world.database.write_now(lambda c: outbox.mark_dropped(c, number, "blocked"))  # as the sender does
    assert desk.world.rows(rows) == [("dropped", "blocked")]
    shown = await (person.does(back) if isinstance(back, InboundKind) else person.say(back))
    assert sum("very hard right now" in one.text for one in shown) == 1
    assert desk.world.rows(rows) == [("queued", None)]
    heads = "SELECT kind FROM outbox WHERE is_head AND status = 'queued'"
    assert len(desk.world.rows(heads)) == 1
    assert not any("very hard right now" in one.text for one in await person.say("red"))


async def test_less_sure_words_are_only_queued(desk):
    """Risk below care, and an event, stand in the reading queue: nothing is said."""
    person = await desk.someone(QUEUE, EVENT)
    assert await desk.reads(person) == []
    assert [(slot, kind, level) for slot, kind, _, level, _ in desk.signals()] == [
        ("q1", "risk", "queue"),
        ("q2", "event", "queue"),
    ]


async def test_clinicians_are_read_for_risk_alone(desk):
    """What an event is to a clinician is a topic; that they may be at risk is not."""
    person = await desk.someone(EVENT, QUEUE, role=Role.HCP)
    assert await desk.reads(person) == []
    assert [(slot, kind) for slot, kind, *_ in desk.signals()] == [("q2", "risk")]


async def test_names_labels_and_plain_words_are_not_noticed(desk):
    """A label is the author's words, and a name tells nothing: neither is even encoded."""
    person = await desk.someone(PLAIN, PLAIN, "Hollow hollow")
    assert await desk.reads(person) == []
    assert desk.signals() == []
    assert set(desk.encoder.texts) == {PLAIN}


async def test_what_the_rules_found_is_left_to_them(desk):
    """Crisis help was shown: the second reader neither notes nor says anything."""
    person = await desk.someone(f"I want to die, {CARE}")
    assert await desk.reads(person) == []
    assert desk.signals() == []


@pytest.mark.parametrize(("flow", "signals"), [("about", 0), ("long", 2)])
async def test_the_rules_know_the_question_again(desk, flow, signals):
    """Under a question about the medicine a sign alone is a case: nothing is left for the second reader to note."""
    await desk.someone(f"my feet went numb {EVENT}", flow=flow)
    await desk.reading.drain()
    assert desk.world.rows("SELECT count(*) FROM safety_case") == [(0 if signals else 1,)]
    assert desk.world.rows("SELECT count(*) FROM text_signal") == [(signals,)]


@pytest.mark.parametrize(
    ("flow", "signals"), [("long", [("q1", "event", "second_reader", "queue", "small")]), ("about", [])]
)
async def test_no_event_is_looked_for_where_all_is_well_with_a_medicine(desk, flow, signals):
    """No complaints, in answer to a question about the medicine, are believed, whatever the reader would notice."""
    person = await desk.someone(f"No complaints, {EVENT}", flow=flow)
    await desk.reads(person)
    assert desk.signals() == signals


async def test_a_remark_is_read_too(desk):
    """Words that answered no question stand in the queue as well."""
    person = await desk.someone(PLAIN, PLAIN)
    await person.say(f"I do not know, {QUEUE}")
    await desk.reads(person)
    assert desk.world.rows("SELECT remark_id IS NOT NULL, reading_class FROM text_signal") == [(1, "risk")]


async def test_it_goes_on_where_it_was(desk):
    """After a restart nothing is read twice, and what came meanwhile is read."""
    person = await desk.someone(QUEUE)
    await desk.reads(person)
    again = Desk(desk.world)
    await person.say(EVENT)
    await again.reads(person)
    assert again.encoder.texts == [EVENT]
    assert len(again.signals()) == 2


async def test_a_stop_between_help_and_place_says_nothing_twice(desk, monkeypatch):
    """The process dies after the word of care was committed: the text is read again, and nothing is repeated."""
    person = await desk.someone(CARE)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(desk.reading, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            await desk.reading.drain()
    assert len(person.look()) == 1
    again = Desk(desk.world)
    assert await again.reads(person) == []
    assert again.encoder.texts == [CARE]
    assert len(again.signals()) == 1


async def test_a_burst_is_read_to_its_end(desk):
    """More texts than a batch, with taps in between."""
    people = [await desk.someone(QUEUE, PLAIN, "red", name=f"p{number}") for number in range(BATCH // 2)]
    await desk.reads(people[0])
    assert len(desk.signals()) == len(people)
    newest = desk.world.rows("SELECT max(id) FROM answer")
    assert [(answer,) for answer, _ in desk.world.rows(PLACE)] == newest


async def test_words_that_go_meanwhile_are_let_go(desk, monkeypatch):
    """Erased between reading and keeping: nothing is noted, nothing said; the next words are read."""
    person = await desk.someone(PLAIN, CARE)
    [(number, address)] = desk.world.rows("SELECT participant_id, address_id FROM conversation")
    request = erasure.ErasureRequest(number, address, 0)
    encode = desk.encoder.encode

    def erasing(texts):
        found = encode(texts)
        if CARE in texts:
            now = desk.world.clock.now()
            desk.world.database.write_now(lambda c: erasure.erase_participant(c, request, now))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(desk.encoder, "encode", erasing)
        assert await desk.reads(person) == []
    assert desk.signals() == []
    other = await desk.someone(CARE, name="ben")
    assert len(await desk.reads(other)) == 1


async def test_a_correction_is_read_in_place_of_what_it_corrects(desk):
    """Whoever takes words back before they are read is not answered for them."""
    person = await desk.someone()
    await person.say(CARE)
    desk.world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE answer SET superseded_at = answered_at WHERE slot = 'q1'")
    )
    assert await desk.reads(person) == []
    assert desk.signals() == []


@pytest.mark.parametrize("minutes", [0, 14])
async def test_it_is_still_said_just_after_the_end(desk, minutes):
    """The last answer ended the conversation: whoever wrote it is still there."""
    person = await desk.someone(PLAIN, PLAIN, "red", CARE)
    assert person.shown[-1].text == "Goodbye."
    desk.world.clock.move(timedelta(minutes=minutes))
    [said] = await desk.reads(person)
    assert "112" in said
    assert desk.world.rows("SELECT status, outcome FROM conversation") == [("ended", "completed")]


async def test_nothing_is_said_long_after(desk):
    """The bot was down: the text is queued, and nobody is told in the night what they wrote at noon."""
    person = await desk.someone(CARE)
    desk.world.clock.move(timedelta(hours=5))
    assert await desk.reads(person) == []
    assert [level for *_, level, _ in desk.signals()] == ["care"]


async def test_nothing_is_said_to_somebody_who_has_left(desk):
    """They stopped: the text is queued where it was kept, and they are left in peace."""
    person = await desk.someone(CARE)
    await person.say("stop")
    assert await desk.reads(person) == []


async def test_without_the_package_all_else_goes_on(tmp_path):
    """The place stays: what was written meanwhile is read once the package is there."""
    desk = Desk(make_world(tmp_path), WordEncoder(there=False))
    person = await desk.someone(QUEUE)
    assert await desk.reads(person) == []
    running = asyncio.create_task(desk.reading.run())
    await asyncio.sleep(0.05)
    assert not running.done()
    running.cancel()
    assert desk.signals() == []
    desk.encoder.there = True
    await desk.reads(person)
    assert len(desk.signals()) == 1
    desk.world.database.close()


async def test_a_weak_hit_that_is_doubted_is_taken_back(desk):
    """What surely sounds like no event has its turn like all others; another kind, and another text, stay.

    It has its turn: a clinician's words are in the queue for what was noticed alone, and do not leave it unread.
    """
    person = await desk.someone(PLAIN, EVENT)
    noted = [(1, "event"), (2, "event"), (2, "risk")]
    await desk.someone(PLAIN, role=Role.HCP, name="ben")
    desk.world.database.write_now(
        lambda c: [
            c.exec_driver_sql(
                "INSERT INTO text_signal (answer_id, participant_id, reading_class, source, level, version, noted_at)"
                " SELECT answer.id, participant_id, ?, 'rules', 'queue', 'r', '2026-03-02 09:00:00' FROM answer"
                " JOIN conversation ON conversation.id = conversation_id WHERE slot = ?",
                (kind, f"q{number}"),
            )
            for number, kind in noted
        ]
    )
    queued = "SELECT count(*) FROM answer WHERE slot LIKE 'q%'"
    await desk.reads(person)
    assert [(slot, kind, source) for slot, kind, source, *_ in desk.signals()] == [
        ("q1", "plain", "rules"),
        ("q1", "plain", "rules"),
        ("q2", "event", "rules"),
        ("q2", "risk", "rules"),
        ("q2", "event", "second_reader"),
    ]
    figures = desk.world.database.read_now(lambda c: unread_texts.figures(c, desk.world.clock.now()))
    assert [(figures.total,)] == desk.world.rows(queued)


async def test_what_the_second_opinion_held_back_is_never_taken_back(desk):
    """A strong hit that may not interrupt opens no case, and its text stays among the events, doubted or not."""
    held = "She went through my list of tablets with me, took one off it, and wrote down the new times."
    assert safety.scan_words(held, (), None, "en").held_back
    person = await desk.someone(held)
    await desk.reads(person)
    assert [(kind, source) for _, kind, source, *_ in desk.signals()] == [("event", "rules")]
    assert desk.world.rows("SELECT id FROM safety_case") == []


async def test_a_text_that_cannot_be_read_holds_up_no_other(desk, monkeypatch):
    """Whatever reading it raises: the next one is read, and the bot, which runs this as a worker, goes on."""
    encode = desk.encoder.encode

    def stumbling(texts):
        if PLAIN in texts:
            raise ValueError(PLAIN)
        return encode(texts)

    monkeypatch.setattr(desk.encoder, "encode", stumbling)
    person = await desk.someone(PLAIN, QUEUE)
    await desk.reads(person)
    assert [slot for slot, *_ in desk.signals()] == ["q2"]
    assert desk.world.rows(PLACE) == [(*desk.world.rows("SELECT max(id) FROM answer")[0], 0)]


async def test_an_encoder_that_cannot_be_loaded_stops_nothing(desk, monkeypatch):
    """As without the package: the worker goes on and reads nothing, and the place stays."""

    def broken(_texts):
        raise OSError("a table of the model is cut off")

    monkeypatch.setattr(desk.encoder, "encode", broken)
    running = asyncio.create_task(desk.reading.run())
    await desk.someone(QUEUE)
    await asyncio.sleep(0.1)
    assert not running.done()
    running.cancel()
    assert desk.signals() == []
    assert desk.world.rows(PLACE) == [(0, 0)]


async def test_a_busy_database_is_waited_out(desk, monkeypatch):
    """The commit fails once: nothing is lost, and the text is read again."""
    person = await desk.someone(QUEUE)
    keep, failed = desk.reading._keep, []

    def fail_once(*args: object) -> None:
        if not failed:
            failed.append(True)
            raise DatabaseBusy("another process writes")
        keep(*args)

    monkeypatch.setattr(desk.reading, "_keep", fail_once)
    with pytest.raises(StorageError):
        await desk.reading.drain()
    assert desk.signals() == []
    await desk.reads(person)
    assert len(desk.signals()) == 1


async def test_a_turn_wakes_it(desk):
    """While it runs, a text is read without anybody asking for it."""
    desk.reading.gather_seconds = 0
    desk.world.runtime.wakeups.listen(WorkKind.READING, desk.reading.wake)
    tasks = [asyncio.create_task(one.run()) for one in (desk.world.runtime, desk.reading)]
    await asyncio.sleep(0.2)
    person = await desk.someone(QUEUE)
    for _ in range(100):
        if desk.signals():
            break
        await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    assert len(desk.signals()) == 1
    assert person.look() == []
