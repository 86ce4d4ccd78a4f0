"""Promises of concerns and safety responses: help first, a case for the team, and back to the interview."""

import json
from dataclasses import fields
from datetime import timedelta
from typing import get_args

import pytest

from bot.channels.base import InboundKind, button_payload
from bot.conversations import safety
from bot.schedule.scheduler import Scheduler
from flows.engine.events import Event, Reminded
from flows.i18n.say import Sentence, say
from flows.safety.scan import scan
from flows.script.model import Role
from storage.safety import cases as safety_cases
from storage.safety.cases import CaseSettlement
from storage.schema import SafetyStatus
from tests.support.safety_world import ADVERSE, RISK, at_words, texts
from tests.support.turn_world import START, World, make_world

SAD = "I feel so sad that I cry"
WORDS = {
    "CARE": "can not keep you safe",
    "WHICH": "Which medicine",
    "WHO": "Who did it",
    "CONTACT": "May our",
}


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def case(world: World) -> dict:
    names = "id, kind, status, opened_at, due_at, elements, products, details, answer_id, remark_id, conversation_id"
    [row] = world.rows(f"SELECT {names} FROM safety_case")
    found = dict(zip(names.split(", "), row, strict=True))
    return {**found, **{name: json.loads(found[name]) for name in ("elements", "products", "details")}}


async def test_an_adverse_event_opens_a_case_and_goes_back_to_the_interview(world):
    """Four elements as known, due a business day later, only what is missing is asked, and then on it goes."""
    person = await at_words(world)
    await person.say(ADVERSE)
    assert texts(person)[0] == say(Sentence.SAFETY_INTRO, "en")
    assert texts(person)[-1] == say(Sentence.SAFETY_CONTACT, "en")
    assert len(texts(person)) == 2  # the script's next question is put afterwards
    found = case(world)
    assert found["elements"] == ["patient", "product", "reaction", "reporter"]
    assert found["products"] == ["lenalidomide"]
    assert (found["kind"], found["status"]) == ("adverse_event", "new")
    assert found["due_at"].startswith("2026-03-03 09:00")  # stored on Monday at nine
    assert world.rows("SELECT raw FROM answer WHERE id = :id", id=found["answer_id"]) == [(ADVERSE,)]
    await person.tap(person.shown[-1], 0)
    assert texts(person)[0] == say(Sentence.SAFETY_THANKS, "en")
    assert texts(person)[-1] == "How sure?"
    assert case(world)["details"]["answers"] == {"contact": "yes"}
    assert world.rows("SELECT count(*) FROM answer") == [(2,)]


async def test_only_what_is_missing_is_asked_and_skip_leaves_it_out(world):
    """A few words alone: what, which, who and contact; each can be skipped, by word or by button."""
    person = await at_words(world)
    await person.say("an overdose")
    assert texts(person)[-1] == say(Sentence.SAFETY_WHAT, "en")
    await person.say("I took two doses on one day")
    assert texts(person) == [say(Sentence.SAFETY_WHICH, "en")]
    await person.say("skip")
    assert texts(person) == [say(Sentence.SAFETY_WHO, "en")]
    await person.say("To somebody I care for")
    assert texts(person) == [say(Sentence.SAFETY_CONTACT, "en")]
    await person.tap(person.shown[-1], 2)  # Skip
    assert texts(person)[-1] == "How sure?"
    found = case(world)
    assert found["details"]["answers"] == {"what": "I took two doses on one day", "who": "cared_for"}
    assert found["details"]["hits"] >= 1


async def test_the_questions_come_once_and_more_is_added_to_the_open_case(world):
    """A second event in the same conversation opens nothing new and asks nothing."""
    person = await at_words(world)
    await person.say(ADVERSE)
    await person.say("no")
    await person.does(InboundKind.EDIT, message_id="none", text="x")
    await person.say("back")
    await person.say("I stopped taking Velcade because of a rash")
    assert texts(person)[-1] == "How sure?"
    found = case(world)
    assert found["details"]["hits"] == 2
    assert found["products"] == ["bortezomib", "lenalidomide"]
    assert found["details"]["answers"] == {"contact": "no"}


async def test_words_that_are_no_yes_are_no_leave_to_contact(world):
    """Nobody agrees to be contacted by accident; it is asked once more, and then left."""
    person = await at_words(world)
    await person.say(ADVERSE)
    await person.say("hm, what for?")
    assert texts(person)[-1] == say(Sentence.SAFETY_CONTACT, "en")
    await person.say("hm, what for?")
    assert texts(person)[-1] == "How sure?"
    assert "answers" not in case(world)["details"]


async def test_the_trail_holds_a_flag_without_words(world):
    """Kinds, tier and slot; nobody's words."""
    person = await at_words(world)
    await person.say(ADVERSE)
    [(details,)] = world.rows("SELECT details FROM audit_event WHERE kind = 'flag'")
    assert json.loads(details) == {"conversation": 1, "kinds": ["adverse_event"], "slot": "words", "tier": 0}


async def test_sadness_is_heard_and_the_person_chooses(world):
    """One plain acknowledgement and a choice; the conversation does not end; once is enough."""
    person = await at_words(world)
    await person.say(SAD)
    assert texts(person) == [say(Sentence.UPSET, "en")]
    assert [option.label for option in person.shown[0].prompt.options] == [
        say(sentence, "en")
        for sentence in (
            Sentence.UPSET_GO_ON,
            Sentence.UPSET_SKIP,
            Sentence.UPSET_PAUSE,
            Sentence.UPSET_STOP,
        )
    ]
    await person.say("1")
    assert texts(person) == ["How sure?"]
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_nobody_is_kept_at_the_choice_after_sadness(world):
    """Who writes on in their own words is shown the choices once more, and then the conversation goes on."""
    person = await at_words(world)
    await person.say(SAD)
    await person.say("he never even looked at me")
    kept = say(Sentence.REMARK_KEPT, "en")
    assert texts(person) == [kept, say(Sentence.UNREAD_CHOICE, "en"), say(Sentence.UPSET, "en")]
    await person.say("not one single time in all those years")
    assert texts(person) == [kept, "How sure?"]
    await person.say("5")
    assert texts(person) == ["Goodbye."]


@pytest.mark.parametrize(
    ("option", "sentence", "status"),
    [(1, None, "ended"), (2, Sentence.PAUSED, "paused"), (3, Sentence.STOPPED, "ended")],
)
async def test_skip_pause_and_stop_after_sadness(world, option, sentence, status):
    """Each does what it says."""
    person = await at_words(world)
    await person.say(SAD)
    await person.tap(person.shown[0], option)
    assert texts(person)[0] == ("Goodbye." if sentence is None else say(sentence, "en"))
    assert world.rows("SELECT status FROM conversation") == [(status,)]


async def test_at_risk_help_comes_first_and_the_script_stops(world):
    """Country's number and line first, no question of the script, the answer kept, the conversation halted."""
    person = await at_words(world, locale="en-GB")
    await person.say(RISK)
    [shown] = person.shown
    assert "999" in shown.text
    assert "Samaritans: 116 123" in shown.text
    assert "?" not in shown.text
    assert case(world)["kind"] == "distress"
    assert world.rows("SELECT raw FROM answer WHERE slot = 'words'") == [(RISK,)]
    assert world.rows("SELECT status FROM conversation") == [("paused",)]


async def test_at_risk_nothing_is_asked_of_them(world):
    """A phone number among such words brings help alone: no request to leave it out comes before or after."""
    person = await at_words(world)
    await person.say(f"{RISK}, call me on 020 7946 0958")
    [shown] = person.shown
    assert WORDS["CARE"] in shown.text
    assert world.rows("SELECT identifiers FROM answer WHERE slot = 'words'") == [(1,)]


async def test_without_a_country_the_default_number_is_shown(world):
    """No time zone and no region: the program's number for everybody else."""
    person = await at_words(world)
    await person.say(RISK)
    assert "112" in person.shown[0].text


@pytest.mark.parametrize("said", ["hello?", "red", "5", "pause", "back", "are you there"])
async def test_whoever_writes_on_sees_the_help_again(world, said):
    """Nothing goes on by itself, and nothing is taken for an answer."""
    person = await at_words(world)
    await person.say(RISK)
    await person.say(said)
    assert texts(person) == [say(Sentence.CARE_AGAIN, "en", number="112")]
    assert world.rows("SELECT count(*) FROM answer") == [(2,)]


async def test_the_conversation_goes_on_when_the_person_asks(world):
    """By the button or its words; the open question is put again."""
    person = await at_words(world)
    await person.say(RISK)
    await person.say("go on with the questions")
    assert texts(person) == [say(Sentence.WELCOME_BACK, "en"), "How sure?"]
    await person.say("5")
    assert texts(person) == ["Goodbye."]


async def test_stop_and_help_mean_the_same_while_halted(world):
    """The person stays in charge."""
    person = await at_words(world)
    await person.say(RISK)
    await person.say("help")
    assert len(texts(person)) == 1
    assert "You can write these words" in texts(person)[0]
    assert world.rows("SELECT status FROM conversation") == [("paused",)]
    await person.say("stop")
    assert texts(person) == [say(Sentence.STOPPED, "en")]


async def test_nothing_of_our_own_accord_until_it_is_cleared(world):
    """The hold lasts until a coordinator has cleared the case; a reminder then shows the help, not the script."""
    person = await at_words(world)
    await person.say(RISK)
    assert world.database.read_now(lambda c: safety_cases.is_on_safety_hold(c, 1))
    world.database.write_now(
        lambda c: safety_cases.settle(c, 1, CaseSettlement(SafetyStatus.CLEARED, None, START))
    )
    assert not world.database.read_now(lambda c: safety_cases.is_on_safety_hold(c, 1))
    world.database.write_now(lambda c: world.runtime.apply(c, 1, Reminded(), now=START))
    person.look()
    assert texts(person) == [say(Sentence.CARE_AGAIN, "en", number="112")]


async def test_no_reminder_goes_out_until_it_is_cleared(world):
    """The reminders of days come and go: each is put off with its reason; after clearance they come again."""
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    person = await at_words(world)
    await person.say(RISK)
    for _ in range(5):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert person.look() == []
    reasons = {reason for (reason,) in world.rows("SELECT reason FROM contact")}
    assert reasons == {"safety_hold"}
    now = world.clock.now()
    world.database.write_now(
        lambda c: safety_cases.settle(c, 1, CaseSettlement(SafetyStatus.CLEARED, None, now))
    )
    world.clock.move(timedelta(hours=4))  # 13:00, when the window is open
    for _ in range(3):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert person.look() != []


async def test_words_outside_a_conversation_are_heeded_too(world):
    """Help for who is at risk; a case and a word of thanks for an adverse event."""
    person = await at_words(world)
    await person.say("all went well")
    await person.say("5")
    await person.say(ADVERSE)
    assert texts(person) == [say(Sentence.SAFETY_NOTED, "en")]
    await person.say(RISK)
    assert WORDS["CARE"] in texts(person)[0]
    assert world.rows("SELECT kind FROM safety_case ORDER BY id") == [("adverse_event",), ("distress",)]


@pytest.mark.parametrize(("typed", "scans"), [("red", 1), ("Red", 1), ("redder than ever before", 2)])
async def test_an_authors_words_are_scanned_once_and_a_persons_each_time(world, monkeypatch, typed, scans):
    """What a choice is called means the same whoever types it; nothing that people say themselves is passed
    over, or kept in memory.
    """
    seen: list[str] = []

    def watched(text, **known):
        seen.append(text)
        return scan(text, **known)

    safety.scan_offered.cache_clear()
    monkeypatch.setattr(safety, "scan", watched)
    for name in ("ann", "ben"):
        person = world.someone(name)
        await person.start(world.token())
        await person.say(typed)
    assert seen.count(typed) == scans


@pytest.mark.parametrize("asked", ["choice", "words"])
async def test_what_a_clinician_plans_is_no_report(world, asked):
    """A clinician who types a suggestion that names a symptom has picked it; in their own words it is a plan."""
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    for words in ("yes", "yes", "nurse", "1", *(() if asked == "choice" else ("own",))):
        await person.say(words)
    await person.say("Rate pain and tiredness each cycle")
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]
    assert say(Sentence.SAFETY_INTRO, "en") not in texts(person)


async def test_a_word_for_a_choice_is_no_report(world):
    """'Pain' is meant where 'Symptoms or side effects' can be picked, and means no more than a tap on it."""
    person = world.someone()
    await person.start(world.token("patient_interview"))
    for words in ("yes", "yes", "no", "me", "2", "skip", "skip", "skip", "pain"):
        await person.say(words)
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]
    assert world.rows("SELECT value FROM answer WHERE question_key = 'a6'") == [('["body"]',)]


@pytest.mark.parametrize(
    "words", ["Worry or low mood", "worry or low mood, support for family", "fear; cost"]
)
async def test_labels_in_a_list_are_no_distress(world, words):
    """Whoever types what can be picked, one or several, is asked the next question and not how they are."""
    person = world.someone()
    await person.start(world.token("patient_interview"))
    for said in ("yes", "yes", "no", "me", "2", "skip", "skip", "skip", words):
        await person.say(said)
    assert "how is this for you now?" in person.shown[-1].text


@pytest.mark.parametrize(
    ("words", "cases"),
    [
        ("I can't remember", 0),
        ("I don't remember, sorry", 0),
        ("I can't think of anything", 0),
        ("Sorry, I cannot think of anything right now", 0),
        ("I can't think since I take the tablets", 1),
    ],
)
async def test_not_to_know_an_answer_is_no_report(world, words, cases):
    """As a whole reply it is no answer; in a sentence, trouble with one's memory may be a side effect."""
    person = await at_words(world)
    await person.say(words)
    assert world.rows("SELECT count(*) FROM safety_case") == [(cases,)]


def test_every_event_with_words_is_scanned():
    """Whatever brings words of a person brings them to the scan; a new kind of event cannot be forgotten."""
    words = "something that somebody wrote"
    for event in get_args(Event):
        if "text" in {field.name for field in fields(event)}:
            others = {
                name: value for name, value in (("ask", 0), ("message_id", "m")) if name in event.__slots__
            }
            assert safety.text_of(event(text=words, **others)) == words


async def _edits(person):
    await person.say("a word", external_id="m1")
    await person.does(InboundKind.EDIT, message_id="m1", text=ADVERSE)


async def _edits_what_is_unknown(person):
    await person.does(InboundKind.EDIT, message_id="none", text=ADVERSE)


async def _fills_in(person):
    [question] = [shown for shown in person.shown if shown.prompt.ask is not None]
    payload = button_payload(question.conversation, question.prompt.ask, 0)
    await person.does(InboundKind.FORM, button=payload, text=ADVERSE)


async def _corrects(person):
    for said in ("a word", "back", ADVERSE):
        await person.say(said)


async def _answers_a_question_of_the_report(person):
    await person.say("an overdose")
    await person.say("he wants it known: I want to die")


async def _writes_after_the_end(person):
    for said in ("a word", "5", ADVERSE):
        await person.say(said)


@pytest.mark.parametrize("role", [Role.HCP, Role.PATIENT])
@pytest.mark.parametrize(
    "writes",
    [
        _edits,
        _edits_what_is_unknown,
        _fills_in,
        _corrects,
        _answers_a_question_of_the_report,
        _writes_after_the_end,
    ],
)
async def test_no_words_are_stored_unscanned(world, role, writes):
    """An answer, an edit, a form, a correction, an answer to our own questions, words after the end: each opens its
    case, from clinicians as from patients.
    """
    person = world.someone()
    await person.start(world.token(role=role))
    await person.say("red")
    await writes(person)
    assert world.rows("SELECT count(*) FROM safety_case")[0][0] >= 1
    if writes is _answers_a_question_of_the_report:
        assert ("distress",) in world.rows("SELECT kind FROM safety_case")


@pytest.mark.parametrize(
    ("before", "words"), [("later", ADVERSE), ("skip", RISK), ("all went well", ADVERSE)]
)
async def test_words_that_are_no_answer_stay_with_the_case(world, before, words):
    """Under a question of the engine's, or one that they do not answer: a remark, read by whoever reports."""
    person = await at_words(world)
    await person.say(before)
    await person.say(words)
    found = case(world)
    assert (found["answer_id"], "answers" in found["details"]) == (None, False)
    assert world.rows(f"SELECT raw FROM remark WHERE id = {found['remark_id']}") == [(words,)]


@pytest.mark.parametrize("anew", [False, True])
async def test_words_from_before_the_consent_are_named_once_it_is_given(world, anew):
    """The case names the remark that waited for the consent, also where the talk was begun anew."""
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    await person.say("There is too much to do on my ward")
    world.clock.move(timedelta(minutes=1))
    await person.say(ADVERSE)
    for _ in range(5):
        await person.say("skip")
    assert case(world)["remark_id"] is None
    for words in ("restart", "yes") if anew else ("yes",):
        await person.say(words)
    assert world.rows(f"SELECT raw FROM remark WHERE id = {case(world)['remark_id']}") == [(ADVERSE,)]


async def test_no_words_are_kept_before_the_first_consent(world):
    """The case is opened and help is shown; the words are not kept."""
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    await person.say(RISK)
    assert WORDS["CARE"] in texts(person)[0]
    assert "answers" not in case(world)["details"]
