"""The language of what people write: found after the turn, kept with the answer, and at most offered."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from bot.channel_policy import ChannelPolicy
from bot.conversations.language_detector import LanguageDetector
from bot.schedule.language_detection import BackgroundDetection
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.errors import StateUnreadable
from flows.i18n.localized_flow import LanguagePolicy as Offered
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import Sentence, say
from flows.script.loader import load_flow_text
from flows.script.model import Flow, Role
from storage.conversations.detected_languages import _UNHEARD, WordsKind
from storage.database.wakeups import WorkKind
from storage.errors import StorageError
from storage.safety import cases
from tests.support.turn_world import START, Someone, World, make_world

LONG = """
flow: long
title: A talk in own words
language: en
audience: [hcp]
steps:
  - {key: name, kind: text, text: Your name?, personal: true}
  - {key: q1, kind: text, text: First?}
  - {key: q2, kind: text, text: Second?}
  - {key: q3, kind: text, text: Third?}
  - {key: q4, kind: text, text: Fourth?}
  - {key: bye, kind: end, text: Goodbye.}
"""
TAPPED = """
flow: tapped
title: A talk by taps
language: en
audience: [hcp]
steps:
  - {key: colour, kind: select_one, text: "Which colour?", choices: [{code: red, label: Red}]}
  - {key: q1, kind: text, text: First?}
  - {key: bye, kind: end, text: Goodbye.}
"""
ES = (
    "mi hija viene conmigo porque me lio con las fechas y los nombres de todo",
    "la enfermera siempre nos llama por teléfono antes de la siguiente visita",
    "me gustaría que el médico me hablara más despacio y con otras palabras",
)
EN = "my daughter comes with me because i get muddled with the dates and the names"
FR = "ma fille vient avec moi parce que je m'embrouille avec les dates et les noms"
OFFER = say(Sentence.LANGUAGE_OFFER, "es")
LOCALIZATIONS = Localizations(policy=Offered(only=("en", "es", "fr", "ar")))
FLOWS: dict[str, Flow] = {"long": load_flow_text(LONG), "tapped": load_flow_text(TAPPED)}


@dataclass
class Ear:
    """A world in which what people write is heard."""

    world: World
    policy: ChannelPolicy | None = None
    hearing: BackgroundDetection = field(init=False)

    def __post_init__(self) -> None:
        world, more = self.world, {} if self.policy is None else {"policy": self.policy}
        world.runtime = Runtime(
            world.database,
            FLOWS,
            world.clock,
            RuntimeOptions(pick=Random(7).choice, localizations=LOCALIZATIONS, opens=lambda _flow: True),
        )
        detector = LanguageDetector(LOCALIZATIONS.enabled(FLOWS.values()))
        self.hearing = BackgroundDetection(world.database, world.runtime, world.clock, detector, **more)

    async def someone(self, *texts: str, name: str = "ann") -> Someone:
        """Somebody at the first question, who then writes these."""
        person = self.world.someone(name)
        await person.start(self.world.token("long"))
        await person.say("Ann")
        for text in texts:
            await person.say(text)
        return person

    async def hears(self, person: Someone) -> list[str]:
        """What is said to somebody when all is heard."""
        await self.hearing.drain()
        return [shown.text for shown in person.look()]

    def found(self) -> list[tuple[Any, ...]]:
        return self.world.rows("SELECT slot, detected_language, unheard FROM answer ORDER BY id")

    def story(self) -> list[tuple[Any, ...]]:
        return self.world.rows("SELECT action, reason FROM contact ORDER BY id")


@pytest.fixture
def ear(tmp_path):
    made = Ear(make_world(tmp_path))
    yield made
    made.world.database.close()


async def test_a_turn_waits_for_nothing(ear):
    """The answer is committed and the next question asked before anybody looks at its language."""
    person = await ear.someone(ES[0])
    assert person.shown[-1].text == "Second?"
    assert ear.found() == [("name", None, 0), ("q1", None, 1)]
    assert await ear.hears(person) == []
    assert ear.found() == [("name", None, 0), ("q1", "es", 0)]
    [(sure,)] = ear.world.rows("SELECT detected_probability FROM answer WHERE slot = 'q1'")
    assert sure > 0.95


async def test_two_answers_bring_one_offer_and_a_yes_switches(ear):
    """Two long Spanish answers: one offer, in Spanish; after a yes the question comes again, and the choice is kept."""
    person = await ear.someone(ES[0])
    assert await ear.hears(person) == []
    await person.say(ES[1])
    assert await ear.hears(person) == [OFFER]
    assert ear.story() == [("sent", "language_offered")]
    shown = await person.tap(person.shown[-1], 0)
    assert [one.text for one in shown] == [say(Sentence.LANGUAGE_SET, "es"), "Third?"]
    assert ear.world.rows("SELECT language FROM participant") == [("es",)]
    await person.say(ES[2])
    assert await ear.hears(person) == []
    assert ear.world.rows("SELECT language FROM answer WHERE slot = 'q3'") == [("es",)]


async def test_a_no_is_kept(ear):
    """After a no the conversation goes on in its language, and the offer never comes again in it."""
    person = await ear.someone(*ES[:2])
    assert await ear.hears(person) == [OFFER]
    shown = await person.say("no")
    assert [one.text for one in shown] == [say(Sentence.LANGUAGE_SET, "en"), "Third?"]
    await person.say(ES[2])
    assert await ear.hears(person) == []
    assert ear.world.rows("SELECT language FROM participant") == [(None,)]


async def test_both_at_once(ear):
    """Answers that came while nobody listened are heard in their order: one offer, after the second."""
    person = await ear.someone(*ES)
    assert await ear.hears(person) == [OFFER]
    assert ear.story() == [("sent", "language_offered")]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((ES[0],), id="one answer"),
        pytest.param((ES[0], EN, ES[1]), id="not in a row"),
        pytest.param((ES[0], FR), id="two languages"),
        pytest.param((EN, EN), id="the talk's own"),
        pytest.param(("sí, mucho", "no, nunca", "gracias"), id="short"),
        pytest.param((f'"{ES[0]}"', f"«{ES[1]}» she said"), id="quoted"),
        pytest.param(("Revlimid, Velcade, Darzalex and Kyprolis, Imnovid, Ninlaro",) * 3, id="brands"),
        pytest.param(
            ("lenalidomide, bortezomib, daratumumab, carfilzomib, pomalidomide",) * 3, id="products"
        ),
        pytest.param(
            ("+34 600 123 456, maria.lopez@example.org, https://example.org/x/yy",) * 3, id="identifiers"
        ),
        pytest.param(
            ("I told the doctor que no puedo dormir por la noche because of the pills",) * 3, id="mixed"
        ),
        pytest.param(("hahahahahaha hahahahahahaha hahahahahahahaha",) * 3, id="laughter"),
        pytest.param(("????? !!!!! 12345 67890 12345 67890 12345 67890 12345",) * 3, id="signs"),
    ],
)
async def test_what_brings_no_offer(ear, texts):
    """Too little, too short, not the person's own words, or not sure: nothing is offered, and all is heard."""
    person = await ear.someone(*texts)
    assert OFFER not in await ear.hears(person)
    assert not any(unheard for _, _, unheard in ear.found())
    assert ear.story() == []


async def test_a_script_of_its_own_needs_no_length(ear):
    """Two short answers in Arabic letters are enough."""
    person = await ear.someone("نعم كثيرا", "لا أعرف")
    assert await ear.hears(person) == [say(Sentence.LANGUAGE_OFFER, "ar")]


async def test_a_very_long_text_is_read_in_part(ear):
    """The beginning decides, and the words are kept whole."""
    long = ". ".join([ES[0]] * 30 + [EN] * 300)
    await ear.someone(long)
    await ear.hearing.drain()
    assert ear.found()[-1] == ("q1", "es", 0)
    assert ear.world.rows("SELECT length(raw) FROM answer WHERE slot = 'q1'") == [(len(long),)]


async def test_a_correction_is_one_answer(ear):
    """The same answer written anew does not count twice; the one that it replaces counts no more."""
    person = ear.world.someone()
    await person.start(ear.world.token("long"))
    await person.say("Ann")
    await person.say(ES[0], message_id="m1")
    await ear.hearing.drain()
    await person.does("edit", text=ES[1], message_id="m1")
    assert await ear.hears(person) == []
    await person.say(ES[2])
    assert await ear.hears(person) == [OFFER]


async def test_naming_a_language_before_suppresses_it(ear):
    """'Language english' is a choice: what was found comes too late."""
    person = await ear.someone(*ES[:2])
    await person.say("language english")
    assert await ear.hears(person) == []
    assert ear.story() == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("stop", "talk_ended"),
        ("pause", "on_hold"),
        ("later", "other_question_open"),
        ("until 3 August", "on_hold"),
    ],
)
async def test_an_offer_that_would_disturb_is_not_made(ear, words, reason):
    """Whoever stopped, paused, is away or is asked when to come back gets no offer; the story says why."""
    person = await ear.someone(*ES[:2])
    await person.say(words)
    assert await ear.hears(person) == []
    assert ear.story()[-1] == ("not_sent", reason)
    assert ("es", 0) in {(language, unheard) for _, language, unheard in ear.found()}


async def test_an_offer_to_a_conversation_that_is_over(ear):
    """The last answers of a conversation are heard, and nothing is said after its end."""
    person = await ear.someone(EN, EN, *ES[:2])
    assert person.shown[-1].text == "Goodbye."
    assert await ear.hears(person) == []
    assert ear.story() == [("not_sent", "talk_ended")]


async def test_an_offer_put_off_comes_with_the_next_answer(ear):
    """Paused, then back: the next answer that agrees brings it up again."""
    person = await ear.someone(*ES[:2])
    await person.say("pause")
    assert await ear.hears(person) == []
    await person.say(ES[2])
    assert await ear.hears(person) == [OFFER]


async def test_nothing_is_offered_while_somebody_may_be_at_risk(ear):
    """A safety matter that nobody has cleared holds the offer."""
    person = await ear.someone(*ES[:2])
    [(who, conversation)] = ear.world.rows("SELECT participant_id, id FROM conversation")
    hold = cases.CaseFinding(
        participant_id=who, program_id=1, conversation_id=conversation, kind=cases.SafetyKind.DISTRESS,
        kinds=[], elements=(), products=(), slot=None, due_at=START,
    )  # fmt: skip
    ear.world.database.write_now(lambda c: cases.open_or_extend(c, hold, START))
    assert await ear.hears(person) == []
    assert ear.story() == [("not_sent", "safety_hold")]


async def test_nothing_is_offered_where_the_role_may_not_be_written_to(ear):
    """The policy of roles and channels holds for offers as for everything."""
    person = await ear.someone(*ES[:2])
    closed = Ear(ear.world, ChannelPolicy({"terminal": frozenset({Role.PATIENT})}))
    assert await closed.hears(person) == []
    assert closed.story() == [("not_sent", "not_allowed")]


async def test_an_offer_long_after_the_turn_keeps_to_the_hours(ear):
    """Heard after a night without the bot: at three in the morning nothing is offered, by day it is."""
    person = await ear.someone(*ES[:2])
    ear.world.clock.set(START + timedelta(hours=18))
    assert await ear.hears(person) == []
    assert ear.story() == [("not_sent", "outside_window")]
    late = await ear.someone(*ES[:2], name="bob")
    ear.world.clock.set(START + timedelta(days=1, hours=5))
    assert await ear.hears(late) == [OFFER]


async def test_an_offer_is_no_turn_and_no_contact(ear):
    """It leaves the count of turns, the hour of the last one, and the budget of contacts."""
    person = await ear.someone(*ES[:2])
    before = ear.world.rows("SELECT turns, last_turn_at FROM conversation")
    timers = ear.world.rows("SELECT * FROM timer")
    ear.world.clock.set(START + timedelta(minutes=5))
    assert await ear.hears(person) == [OFFER]
    assert ear.world.rows("SELECT turns, last_turn_at FROM conversation") == before
    assert ear.world.rows("SELECT * FROM timer") == timers


async def test_a_crash_before_it_is_heard_loses_nothing(ear):
    """What was stored and not heard is found by the next process."""
    await ear.someone(*ES[:2])
    ear.world.restart()
    again = Ear(ear.world)
    person = replace(ear.world.someone(), seen=0)
    assert (await again.hears(person))[-1] == OFFER
    assert await again.hearing.drain() == 0


async def test_what_cannot_be_offered_holds_up_nobody(ear, monkeypatch, capsys, caplog):
    """An offer that fails is logged without words; the answer is heard, and the others are."""
    ann, bob = await ear.someone(*ES[:2]), await ear.someone(*ES[:2], name="bob")
    apply = ear.world.runtime.apply

    def fail(connection, conversation_id, event, *, now):
        if conversation_id == 1:
            raise StateUnreadable(ES[0])
        apply(connection, conversation_id, event, now=now)

    monkeypatch.setattr(ear.world.runtime, "apply", fail)
    assert await ear.hears(ann) == []
    assert [shown.text for shown in bob.look()] == [OFFER]
    assert not any(unheard for _, _, unheard in ear.found())
    logged = capsys.readouterr().out + caplog.text  # wherever the process logs by now
    assert "offer_failed" in logged
    assert ES[0] not in logged


async def test_the_trouble_of_the_database_is_waited_out(ear, monkeypatch):
    """With a full disk nothing is marked as heard; afterwards it is."""
    await ear.someone(ES[0])
    with monkeypatch.context() as patch:
        patch.setattr(ear.world.database, "write", _full)
        with pytest.raises(StorageError):
            await ear.hearing.drain()
    assert ear.found()[-1] == ("q1", None, 1)
    await ear.hearing.drain()
    assert ear.found()[-1] == ("q1", "es", 0)


async def _full(_work: object) -> None:
    raise StorageError("the disk is full")


async def test_it_is_woken_by_the_turn(ear):
    """While the bot runs, an answer is heard soon after it is stored, without anybody asking."""
    world = ear.world
    detector = LanguageDetector(LOCALIZATIONS.enabled(FLOWS.values()))
    hearing = BackgroundDetection(world.database, world.runtime, world.clock, detector)
    hearing.gather_seconds = 0
    woken = asyncio.Event()

    def wake() -> None:
        hearing.wake()
        woken.set()

    world.runtime.wakeups.listen(WorkKind.WORDS, wake)
    tasks = [asyncio.create_task(part.run()) for part in (world.runtime, hearing)]
    person = world.someone()
    await world.runtime.receive([person.inbound("start", text=world.token("long"))])
    await world.runtime.receive([person.inbound("text", text="Ann")])
    woken.clear()
    await world.runtime.receive([person.inbound("text", text=ES[0])])
    async with asyncio.timeout(10):
        while ear.found()[-1:] != [("q1", "es", 0)]:
            await woken.wait()
            await asyncio.sleep(0)
    assert [task.done() for task in tasks] == [False, False]  # both go on: neither has failed meanwhile
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_language_that_is_not_recognised_brings_no_offers(ear):
    """In a conversation in Basque, which the detector has no profile of, answers are taken for others: no offer."""
    detector = LanguageDetector(["eu", "es", "en"])
    assert not detector.knows("eu")
    assert detector.knows("es-MX")
    assert not detector.knows("fr")
    person = await ear.someone(*ES[:2])
    ear.hearing._detector = LanguageDetector(["es", "fr"])  # the conversation's English is not among them
    assert await ear.hears(person) == []


async def test_the_language_of_a_remark_is_found_and_leads_to_no_offer(ear):
    """Kept with the remark, however sure it is: nobody is asked to change by what may be for somebody else."""
    person = ear.world.someone()
    await person.start(ear.world.token("tapped"))
    for text in ES[:2]:
        await person.say(text)
    assert ear.world.rows("SELECT unheard FROM remark") == [(1,), (1,)]
    person.look()
    assert await ear.hears(person) == []
    assert ear.world.rows("SELECT detected_language, unheard FROM remark") == [("es", 0), ("es", 0)]
    [(probability,)] = ear.world.rows("SELECT min(detected_probability) FROM remark")
    assert probability > 0.5


@pytest.mark.parametrize("kind", list(WordsKind))
def test_only_what_waits_is_looked_at(ear, kind):
    """The query for unheard answers, or remarks, uses the index of those alone."""
    statement = str(_UNHEARD[kind]._statement.compile(dialect=sqlite.dialect())).replace(
        "LIMIT ? OFFSET ?", "LIMIT 64"
    )
    plan = ear.world.rows(f"EXPLAIN QUERY PLAN {statement}".replace("LIMIT ?", "LIMIT 64"))
    assert any(f"ix_{kind}_unheard" in str(step) for step in plan)
