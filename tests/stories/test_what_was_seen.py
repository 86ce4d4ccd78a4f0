"""A reply counts only for what its writer could have seen, told as what a phone shows: numbers that rise."""

import asyncio
import re
from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from bot.conversations.sight import WAIT, ReadingTime
from bot.delivery.sender import Delivery, DeliveryOptions
from bot.turns import named_messages
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.events import MediaKind, Reminded
from flows.i18n.say import Sentence
from flows.script.loader import load_flow_text
from flows.script.model import Role
from storage.conversations import inbox
from storage.database.wakeups import WorkKind
from storage.schema import OutboxStatus
from tests.support.engine_world import end, flow_of, one, text
from tests.support.engine_world import say as say_step
from tests.support.fake_channel import FakeChannel
from tests.support.ordered_chat import OrderedChat
from tests.support.read_back import READ_BACK
from tests.support.turn_world import flows, make_world, opens, said, texts


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def chat(world):
    return OrderedChat(world)


def answers(world):
    return world.rows("SELECT slot, raw, status FROM answer WHERE superseded_at IS NULL ORDER BY id")


def consents(world):
    return world.rows("SELECT purpose, granted FROM consent ORDER BY id")


async def begin(chat, flow="patient_interview", role=Role.PATIENT):
    return await chat.start(chat.world.token(flow, role=role))


async def to_story(chat):
    """Up to the first question of the interview that asks for own words."""
    await begin(chat)
    for reply in ("continue", "I agree", "yes", "yes"):
        await chat.say(reply)
    shown = chat.person.shown
    while shown[-1].prompt.kind != "text":
        shown = await chat.say("skip" if shown[-1].prompt.kind != "select_one" else "1")
    return shown


async def test_four_quick_yes_answer_the_one_question_that_was_seen(world, chat):
    """The texts of the consents come later: they are decided by nobody."""
    await begin(chat)
    for _ in range(4):
        await chat.write("yes")
    shown = await chat.go_on()
    assert consents(world) == []
    assert shown[-1].text.startswith("Your answers help teach")
    await chat.say("I agree")
    assert consents(world) == [("take_part", True)]


async def test_words_of_before_the_bot_spoke_consent_to_nothing(world, chat):
    """With the bot off somebody opens the link, and writes hello, ok, yes."""
    await world.runtime.receive(
        [chat.person.inbound(InboundKind.START, text=world.token("patient_interview", role=Role.PATIENT))]
    )
    for line in ("hello", "ok", "yes"):
        await chat.write(line)
    shown = await chat.go_on()
    assert texts(shown)[-1].startswith("You can skip, pause or stop")
    assert answers(world) == []
    assert consents(world) == []


async def test_a_no_of_before_declines_nothing_either(world, chat):
    """A no ends the conversation: it must have been seen what it is said to."""
    await begin(chat)
    await chat.write("yes")
    await chat.write("no")
    await chat.go_on()
    assert world.rows("SELECT status FROM conversation") == [("open",)]


@pytest.mark.parametrize("pieces", [("It began in March.", "Nobody listened.", "Then it got worse.")])
async def test_a_story_in_three_messages_is_one_answer(world, chat, pieces):
    """They stand in the order in which they were written, under the question that they were written to."""
    asked = (await to_story(chat))[-1]
    for piece in pieces:
        await chat.write(piece)
    await chat.go_on()
    [(slot, raw, _)] = [row for row in answers(world) if "March" in row[1]]
    assert raw == "\n".join(pieces)
    rows = world.rows("SELECT shown_text FROM answer WHERE slot = :slot", slot=slot)
    assert {row[0] for row in rows} == {asked.text}


async def test_an_edit_of_one_piece_changes_that_piece(world, chat):
    """The others stay, and the place stays."""
    await to_story(chat)
    numbers = [await chat.write(piece) for piece in ("It began in March.", "Nobody listened.")]
    await chat.go_on()
    await chat.write("It began in April.", kind=InboundKind.EDIT, number=numbers[0])
    await chat.go_on()
    assert [row[1] for row in answers(world) if "began" in row[1]] == ["It began in April.\nNobody listened."]


async def test_words_of_distress_in_a_later_piece_are_heard(world, chat):
    """What is joined is scanned, alone and as a whole."""
    await to_story(chat)
    await chat.write("The nights are the worst,")
    await chat.write("I want to kill myself")
    shown = await chat.go_on()
    assert any("112" in text or "988" in text or "emergency" in text.lower() for text in texts(shown))
    assert world.rows("SELECT kind FROM safety_case") == [("distress",)]


@pytest.mark.parametrize(
    ("pieces", "edited", "becomes", "kind"),
    [
        (("I started lenalidomide in May.", "I feel fine."), 1, "I feel dizzy.", "adverse_event"),
        (("I got a letter", "from lenalidomide"), 0, "I got a rash", "adverse_event"),
        (("The tablets", "were good"), 1, "were the wrong colour", "product_complaint"),
        (("The nights are bad", "and long"), 1, "I want to kill myself", "distress"),
    ],
)
async def test_an_edited_piece_is_scanned_with_the_others(world, chat, pieces, edited, becomes, kind):
    """What the whole says now is heard, also where no message says it alone."""
    await to_story(chat)
    numbers = [await chat.write(piece) for piece in pieces]
    await chat.go_on()
    assert world.rows("SELECT kind FROM safety_case") == []
    await chat.write(becomes, kind=InboundKind.EDIT, number=numbers[edited])
    await chat.go_on()
    assert world.rows("SELECT kind FROM safety_case") == [(kind,)]


async def test_an_edit_of_another_piece_raises_no_second_alarm(world, chat):
    """What was heard before in the pieces that stay is not heard once more."""
    await to_story(chat)
    numbers = [await chat.write(piece) for piece in ("The nights are bad", "I want to kill myself")]
    await chat.go_on()
    heard = world.rows("SELECT count(*) FROM audit_event WHERE kind = 'flag'")
    await chat.write("The nights are long", kind=InboundKind.EDIT, number=numbers[0])
    await chat.go_on()
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'flag'") == heard


async def test_stop_is_heard_whenever_it_was_written(world, chat):
    """Also before anything was shown."""
    await begin(chat)
    await chat.write("yes")
    await chat.write("stop")
    await chat.go_on()
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


async def test_skip_of_before_skips_nothing(world, chat):
    """A skip answers a question, and so must have seen it."""
    await begin(chat, "small", Role.HCP)
    for _ in range(3):
        await chat.write("skip")
    await chat.go_on()
    assert answers(world) == [("colour", "", "skipped")]


async def test_a_question_that_never_arrived_is_shown_again(world, chat):
    """Whoever then asks "hello?" has answered nothing."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.person.look()
    chat.set_status(row, OutboxStatus.FAILED)
    shown = await chat.say("hello?")
    assert texts(shown) == [said(Sentence.TOO_EARLY), "Say something."]
    assert answers(world) == [("colour", "blue", "answered")]


async def test_a_repetition_does_not_move_the_question(world, chat):
    """A reply between the question and its repetition is an answer."""
    await chat.start(world.token())
    await chat.write("help")
    await chat.write("blue")
    await chat.go_on()
    assert answers(world) == [("colour", "blue", "answered")]


@pytest.mark.parametrize(("question_first", "kept"), [(True, "some words"), (False, None)])
async def test_a_reply_waits_for_a_sending_without_an_outcome(world, chat, question_first, kept):
    """It is answered once the outcome is known: before that, nobody knows what stands first in the chat."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    number = next(chat.ids) if question_first else None
    await chat.write("some words")
    await world.runtime.drain()
    assert answers(world) == [("colour", "blue", "answered")]
    chat.mark(row, number=number)
    await world.runtime.drain()
    assert [raw for slot, raw, _ in answers(world) if slot == "words"] == ([kept] if kept else [])


async def test_half_a_minute_of_doubt_is_enough(world, chat):
    """After it the question counts as shown."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    await chat.write("some words")
    await world.runtime.drain()
    assert answers(world) == [("colour", "blue", "answered")]
    chat.wait(seconds=WAIT.total_seconds())
    await world.runtime.drain()
    assert answers(world)[-1] == ("words", "some words", "answered")


@pytest.mark.parametrize("words", ["I want to kill myself", "stop"])
async def test_what_must_be_heard_waits_for_no_sending(world, chat, words):
    """Help and the end come at once, though the question before them has no known outcome."""
    await to_story(chat)
    await chat.write("It began in April, after a long winter.")
    await world.runtime.drain()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.SENDING)
    await chat.write(words)
    chat.person.look()
    await world.runtime.drain()
    told = texts(chat.person.look())
    assert len(told) == 1
    assert "emergency" in told[0].lower() or told == [said(Sentence.STOPPED)]


@pytest.mark.parametrize("at_once", [False, True])
async def test_help_waits_for_no_words_before_it_that_wait(world, chat, at_once):
    """Whoever writes something, and then that they are at risk, is helped at once, whatever is on its way."""
    await to_story(chat)
    await chat.write("It began in April, after a long winter.")
    await world.runtime.drain()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.SENDING)
    await chat.write("Nothing helps.")
    if not at_once:
        await world.runtime.drain()
        chat.wait(seconds=2)
    await chat.write("I want to kill myself")
    chat.person.look()
    await world.runtime.drain()
    assert world.rows("SELECT count(*) FROM outbox WHERE lane = 'safety'") == [(1,)]
    assert world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(0,)]


@pytest.mark.parametrize("seen", [False, True])
async def test_words_from_before_the_question_of_change_answer_what_stood_there(world, chat, seen):
    """A tap under an old consent asks whether to take it back; what is typed meanwhile is not about that."""
    await to_story(chat)
    await chat.say("It began in April, after a long winter of pain.")
    [row] = chat.rows_of("May we use")
    [(conversation, ask)] = world.rows("SELECT conversation_id, ask FROM outbox WHERE id = :row", row=row)
    tap = chat.person.inbound(InboundKind.TAP, button=button_payload(conversation, ask, 1))
    await world.runtime.receive([tap])
    await (chat.go_on() if seen else world.runtime.drain())
    await chat.say("The nurses were kind.")
    said_so = [row[1:] for row in answers(world) if row[0] in ("a3", "a4")]
    assert said_so == [
        ("It began in April, after a long winter of pain.", "answered"),
        ("The nurses were kind.", "answered"),
    ]
    assert ("use_words", False) not in consents(world)


async def test_a_consent_in_doubt_is_shown_again(world, chat):
    """Nobody consents to what may not have arrived."""
    await begin(chat)
    await chat.write("continue")
    await world.runtime.drain()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.QUEUED, in_doubt=True)
    await chat.write("yes")
    chat.wait(seconds=WAIT.total_seconds())
    await world.runtime.drain()
    assert consents(world) == []
    assert len(chat.rows_of("Do you agree to take part?")) == 2


async def test_a_question_without_a_record_counts_as_shown(world, chat):
    """A copy of the database, or an older one, has none."""
    await begin(chat)
    await chat.say("continue")
    world.database.write_now(lambda connection: connection.exec_driver_sql("DELETE FROM outbox"))
    await chat.say("I agree")
    assert consents(world) == [("take_part", True)]


async def test_another_address_is_shown_a_consent_first(world, chat):
    """What was asked in one app cannot be agreed to in another one unseen."""
    await begin(chat)
    await chat.say("continue")
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    other = OrderedChat(world, "telegram:2")
    await other.write(code[0])
    await other.write("I agree")
    shown = await other.go_on()
    assert consents(world) == []
    assert shown[-1].text.startswith("Your answers help")
    await other.say("I agree")
    assert consents(world) == [("take_part", True)]


@pytest.mark.parametrize("has_ended", [False, True])
async def test_another_address_is_shown_first_what_would_be_taken_back(world, chat, has_ended):
    """A yes in one app takes back no consent about which the other app asks."""
    await begin(chat)
    for words in ("continue", "I agree", "yes", "yes"):
        await chat.say(words)
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    other = OrderedChat(world, "telegram:2")
    await other.say(code[0])
    while has_ended and world.rows("SELECT status FROM conversation") != [("ended",)]:
        shown = await other.say("skip")
        if shown[-1].prompt.ask is not None and said(Sentence.SKIP_NOT_HERE) in texts(shown):
            await other.say("1")
    no = {"button": button_payload(1, 1, 1), "message_id": str(chat.number_of(2))}
    [asked] = await chat.react(InboundKind.TAP, **no)
    assert (await other.say("yes"))[-1].text == asked.text
    assert ("take_part", False) not in consents(world)
    await other.say("yes")
    assert consents(world)[-1] == ("take_part", False)


@pytest.mark.parametrize("words", ["hello?", ":100:", "yes", "I am so tired of it all"])
async def test_help_comes_also_in_another_app(world, chat, words):
    """Who was shown crisis help in one app and writes in another one is shown it there, whatever they write."""
    await begin(chat)
    for reply in ("continue", "I agree", "yes", "yes", "patient", "skip", "I want to die, nobody asks me"):
        await chat.say(reply)  # the last is an answer: what was asked next gave way to help
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    assert code is not None
    other = OrderedChat(world, "telegram:2")
    await other.say(code[0])
    world.clock.move(timedelta(minutes=5))
    assert "112" in texts(await other.say(words))[-1]
    assert texts(await chat.say(words))  # and where it was asked


async def test_a_sticker_in_another_app_brings_the_question_there(world, chat):
    """Who sends what is no answer from another app sees there what is asked: the talk goes on in that app."""
    await begin(chat)
    [asked] = (await chat.say("continue"))[-1:]
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    other = OrderedChat(world, "telegram:2")
    await other.say(code[0])
    await chat.say("I agree")
    shown = await other.react(InboundKind.MEDIA, media=MediaKind.STICKER)
    assert shown[-1].text != asked.text
    assert shown[-1].prompt.options


async def test_yes_before_the_question_of_deletion_deletes_nothing(world, chat):
    """Neither a yes of before, nor one that crossed it."""
    await begin(chat, "small", Role.HCP)
    await chat.write("delete my data")
    await chat.write("yes")
    shown = await chat.go_on()
    assert said(Sentence.DELETE_SURE) in texts(shown)
    assert world.rows("SELECT status FROM participant") == [("active",)]
    await chat.say("yes")
    assert world.rows("SELECT count(*) FROM conversation WHERE state != ''") == [(0,)]


async def test_the_second_half_of_the_last_answer_is_no_new_talk(world, chat):
    """The second half comes after the farewell was queued, and was written before it could be seen."""
    await begin(chat, "small", Role.HCP)
    await chat.say("blue")
    await chat.say("skip")
    await chat.write("4")
    await chat.write("and that is all")
    shown = await chat.go_on()
    assert texts(shown) == ["Goodbye."]


LAST_IN_WORDS = flow_of(text("colour"), text("words"), end("bye", text="Goodbye."), flow="small")


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("words", ["thanks", "I want to kill myself", "sorry, that was a slip"])
async def test_what_follows_the_farewell_is_no_part_of_the_last_answer(world, chat, asks, words):
    """Written before what was said to a change after the end could be seen: answered, and no answer grows."""
    world.runtime = Runtime(
        world.database, {"small": LAST_IN_WORDS}, world.clock, RuntimeOptions(opens=opens)
    )
    await chat.start(world.token())
    await chat.say("blue")
    number = await chat.write("It went well.")
    await chat.go_on()
    kept = answers(world)
    chat.wait(minutes=1)
    await chat.write("It went badly.", kind=InboundKind.EDIT, number=number)
    await chat.go_on()
    if not asks:
        await chat.write("no")
    else:
        [row] = chat.rows_of("Shall I change it")
        await chat.write("👎", about=chat.number_of(row))
    await world.runtime.drain()
    chat.person.look()
    await chat.write(words)
    told = texts(await chat.go_on())
    assert answers(world) == kept
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
    if "kill" in words:
        assert "emergency" in told[0].lower()


async def test_sooner_than_it_could_be_read(world, chat):
    """Typed within a moment of the question: not taken, and the question comes once more; commands need no reading."""
    options = RuntimeOptions(opens=opens, reading=ReadingTime(timedelta(seconds=6)))
    world.runtime = Runtime(world.database, flows(), world.clock, options)
    await chat.start(world.token())
    chat.wait(seconds=10)
    await chat.say("blue")
    shown = await chat.say("at once")
    assert texts(shown) == [said(Sentence.TOO_EARLY), "Say something."]
    chat.wait(seconds=2)
    await chat.say("after a moment")
    assert answers(world)[-1] == ("words", "after a moment", "answered")
    await chat.say("stop")
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


async def test_a_tap_and_words_of_distress_need_no_reading(world, chat):
    """Within a moment of their questions: the tap is an answer, and so are the words, which bring help."""
    options = RuntimeOptions(opens=opens, reading=ReadingTime(timedelta(seconds=6)))
    world.runtime = Runtime(world.database, flows(), world.clock, options)
    [asked] = await chat.start(world.token())
    button = button_payload(asked.conversation, asked.prompt.ask, 1)
    [row] = chat.rows_of(asked.text)
    await chat.react(InboundKind.TAP, button=button, message_id=chat.number_of(row))
    assert answers(world) == [("colour", "Blue", "answered")]
    told = texts(await chat.say("I want to kill myself"))
    assert ("words", "I want to kill myself", "answered") in answers(world)
    assert "112" in told[-1]


async def test_a_quotation_answers_what_it_quotes(world, chat):
    """Under the open question it is the answer, under an earlier one a correction."""
    await chat.start(world.token())
    await chat.say("blue")
    [first], [second] = chat.rows_of("Which colour?"), chat.rows_of("Say something.")
    await chat.say("some words", about=chat.number_of(second))
    await chat.say("red", about=chat.number_of(first))
    assert sorted(row[:2] for row in answers(world)) == [("colour", "red"), ("words", "some words")]


async def after_a_long_question(chat, *, about="Long words. " * 500, about_next="Ask z?", labels=0):
    """A question that went out in three messages is answered, and the next one is open.

    The numbers of the message before it, and of its first parts.
    """
    asked = one("q", "red", "blue", text=about)
    asked["choices"] += [
        {"code": f"c{place}", "label": f"{place} of many words " * 10} for place in range(labels)
    ]
    steps = [say_step("hi", "Hello."), asked, text("z", text=about_next), text("y")]
    known = {**flows(), "long": flow_of(*steps, flow="long")}
    world = chat.world
    world.runtime = Runtime(world.database, known, world.clock, RuntimeOptions(opens=lambda _flow: True))
    await chat.say("hello")  # whoever is not known is told how to come in
    hello = chat.number_of(chat.rows_of("")[-1])
    await chat.person.start(world.token("long"))
    parts = [next(chat.ids), next(chat.ids)]
    chat.person.look()
    chat.show()
    await chat.say("red")
    return hello, parts


@pytest.mark.parametrize("part", [0, 1])
async def test_a_quotation_of_a_part_is_about_the_question(world, chat, part):
    """A long question is named by its last message; its first ones are quoted as well."""
    _, parts = await after_a_long_question(chat)
    await chat.say("blue", about=str(parts[part]))
    assert [row[:2] for row in answers(world)] == [("q", "blue")]


async def test_a_part_in_characters_of_two_units(world, chat):
    """A text of 2,100 emoji is sent in parts, too: the platforms count units, and so do we."""
    _, parts = await after_a_long_question(chat, about="\U0001f33b" * 2_100)
    await chat.say("blue", about=str(parts[0]))
    assert [row[:2] for row in answers(world)] == [("q", "blue")]


async def test_buttons_make_no_long_text(world, chat):
    """A short question with many long choices is sent whole: what stands before it is no part of it."""
    _, parts = await after_a_long_question(chat, about="Short?", labels=30)
    await chat.say("blue", about=str(parts[0]))
    assert [row[:2] for row in answers(world)] == [("q", "red"), ("z", "blue")]


@pytest.mark.parametrize(("named", "looked_at"), [("hello", 1), ("hello", 2), ("a part", 2), ("a part", 3)])
async def test_a_quotation_of_what_is_too_old(world, chat, monkeypatch, named, looked_at):
    """Where all messages that are searched came after the one that is quoted, it is about none of them."""
    monkeypatch.setattr(named_messages, "LOOKED_AT", looked_at)
    hello, parts = await after_a_long_question(chat, about_next="Longer words. " * 500)
    await chat.say("blue", about=str(hello if named == "hello" else parts[0]))
    corrected = [("q", "blue")] if looked_at == 3 else [("q", "red"), ("z", "blue")]
    assert [row[:2] for row in answers(world)] == corrected


@pytest.mark.parametrize("of", ["a message before", "a short question", "a thread"])
async def test_a_quotation_of_what_is_no_part(world, chat, of):
    """What we said before it, what stands before a question that is sent whole, and a thread of one's own."""
    short = {"about": "Short?"} if of == "a short question" else {}
    hello, parts = await after_a_long_question(chat, **short)
    named = hello if of == "a message before" else parts[0]
    await chat.say("blue", about=str(named), threaded=of == "a thread")
    assert [row[:2] for row in answers(world)] == [("q", "red"), ("z", "blue")]


async def test_what_is_said_in_a_thread_comes_in_it(world, chat):
    """The correction is confirmed there, with where the conversation goes on; the open question is not repeated."""
    await chat.start(world.token())
    await chat.say("blue")
    [first] = chat.rows_of("Which colour?")
    parent = chat.number_of(first)
    shown = await chat.say("red", about=parent, threaded=True)
    assert texts(shown) == [said(Sentence.CORRECTED), said(Sentence.GOES_ON_BELOW)]
    assert world.rows("SELECT thread FROM outbox ORDER BY id DESC LIMIT 2") == [(parent,), (parent,)]


async def test_the_next_question_comes_in_the_chat(world, chat):
    """An answer to the open question in its thread: the conversation goes on in the chat, and the thread says so."""
    await chat.start(world.token())
    [first] = chat.rows_of("Which colour?")
    parent = chat.number_of(first)
    shown = await chat.say("red", about=parent, threaded=True)
    assert texts(shown) == ["Say something.", said(Sentence.GOES_ON_BELOW)]
    assert world.rows("SELECT thread FROM outbox ORDER BY id DESC LIMIT 2") == [(parent,), (None,)]


async def test_the_open_question_comes_again_below_help(world, chat):
    """Whoever goes on from the thread of crisis help gets the open question in the chat: help stood below it there."""
    await chat.start(world.token())
    await chat.say("I want to kill myself")
    [[shown_help]] = world.rows("SELECT message_id FROM outbox WHERE kind = 'help' AND ask IS NOT NULL")
    await chat.say(said(Sentence.CARE_GO_ON), about=str(shown_help), threaded=True)
    asked = (
        "SELECT thread FROM outbox WHERE json_extract(payload, '$.text') LIKE '%Which colour?' ORDER BY id"
    )
    assert world.rows(asked) == [(None,), (None,)]


@pytest.mark.parametrize("word", ["stop", "Stop!", "/stop"])
async def test_words_that_work_everywhere_are_about_no_one_question(world, chat, word):
    """In the thread of a question of an earlier talk they are not about that one: stop ends the one that is open."""
    await begin(chat, "small", Role.PATIENT)
    for reply in ("blue", "skip", "4"):
        await chat.say(reply)
    [first] = chat.rows_of("Which colour?")
    await begin(chat)
    await chat.say(word, about=chat.number_of(first), threaded=True)
    assert answers(world)[0] == ("colour", "blue", "answered")
    assert world.rows("SELECT outcome FROM conversation ORDER BY id") == [("completed",), ("withdrawn",)]


async def test_a_language_is_asked_for_in_any_thread(world, chat):
    """It is no answer to the question above it either."""
    await begin(chat, "small", Role.PATIENT)
    for reply in ("blue", "skip", "4"):
        await chat.say(reply)
    [first] = chat.rows_of("Which colour?")
    await begin(chat)
    shown = await chat.say("Language español", about=chat.number_of(first), threaded=True)
    assert said(Sentence.LANGUAGE_ONLY) in texts(shown)


async def test_an_edit_by_somebody_who_has_left_changes_nothing(world, chat):
    """Their answers stay as they were when they left, and they hear nothing more."""
    await chat.start(world.token())
    number = await chat.write("blue")
    await chat.go_on()
    await chat.say("stop")
    shown = await chat.react(kind=InboundKind.EDIT, text="red", message_id=str(number), order=None)
    assert shown == []
    assert answers(world) == [("colour", "blue", "answered")]


async def test_a_reaction_answers_nothing_and_is_explained_once(world, chat):
    """Only under the open question; an emoji on an older message is nobody's business."""
    await begin(chat)
    await chat.say("continue")
    [row] = chat.rows_of("Do you agree to take part?")
    reaction = {"kind": InboundKind.REACTION, "message_id": chat.number_of(row), "order": None}
    said_first = await chat.react(**reaction)
    assert texts(said_first) == [said(Sentence.REACTION_NO_ANSWER)]
    assert await chat.react(**reaction) == []
    assert consents(world) == []


async def test_a_message_that_was_taken_back_is_kept_and_marked(world, chat):
    """The words were said; that they were taken back stands beside them."""
    await chat.start(world.token())
    await chat.say("blue")
    number = await chat.write("some words")
    await chat.go_on()
    await chat.react(kind=InboundKind.DELETED, message_id=str(number), order=None)
    assert world.rows("SELECT slot, raw FROM answer WHERE message_deleted_at IS NOT NULL") == [
        ("words", "some words")
    ]


@pytest.fixture
def read_back(world):
    known = {**flows(), "read_back": load_flow_text(READ_BACK)}
    world.runtime = Runtime(world.database, known, world.clock, RuntimeOptions(opens=lambda _flow: True))
    return OrderedChat(world)


async def corrected(world, chat):
    """A read-back was shown, and the answer in it is changed: the new read-back is still to be shown."""
    await chat.start(world.token("read_back"))
    number = await chat.write("the first words")
    await chat.go_on()
    [shown] = chat.rows_of("Did I get that right?")
    await chat.write("the other words", kind=InboundKind.EDIT, number=number)
    await world.runtime.drain()
    return shown


async def test_a_read_back_is_confirmed_as_it_stands_now(world, read_back):
    """A yes that was written to the words of before confirms nothing; one to the new ones does."""
    await corrected(world, read_back)
    await read_back.write("yes")
    await read_back.go_on()
    assert [row[0] for row in answers(world)] == ["w"]
    await read_back.say("yes")
    assert [row[:2] for row in answers(world)] == [("w", "the other words"), ("ok", "yes")]


async def test_a_tap_under_the_words_of_before_confirms_nothing(world, read_back):
    """Its message quotes other words than would be kept."""
    shown = await corrected(world, read_back)
    read_back.show()
    button = button_payload(1, 1, 0)
    tap = {"kind": InboundKind.TAP, "button": button, "order": None}
    said_then = await read_back.react(**tap, message_id=read_back.number_of(shown))
    assert [row[0] for row in answers(world)] == ["w"]
    assert "the other words" in texts(said_then)[-1]
    newest = read_back.rows_of("Did I get that right?")[-1]
    await read_back.react(**tap, message_id=read_back.number_of(newest))
    assert [row[0] for row in answers(world)] == ["w", "ok"]


async def test_yes_to_a_reminder_deletes_nothing(world, chat):
    """A reminder put a question below that of deletion: a yes is said to that one, and deletion is asked again."""
    await begin(chat, "small", Role.HCP)
    await chat.say("delete my data")
    world.database.write_now(
        lambda connection: world.runtime.apply(connection, 1, Reminded(), now=world.clock.now())
    )
    await chat.go_on()
    shown = await chat.say("yes")
    assert texts(shown)[-1] == said(Sentence.DELETE_SURE)
    assert world.rows("SELECT status FROM participant") == [("active",)]
    await chat.say("yes")
    assert world.rows("SELECT count(*) FROM conversation WHERE state != ''") == [(0,)]


@pytest.mark.parametrize("words", ["stop", "help", "my data"])
async def test_what_works_everywhere_works_before_the_question_of_deletion(world, chat, words):
    """Only a yes or a no has to wait until that question was seen."""
    await begin(chat, "small", Role.HCP)
    await chat.write("delete my data")
    await chat.write(words)
    shown = await chat.go_on()
    assert len(shown) > 1
    stopped = world.rows("SELECT status FROM participant") == [("withdrawn",)]
    assert stopped == (words == "stop")


async def test_help_is_sent_although_its_reader_leaves(world, chat):
    """Words of distress, and stop at once: the help was queued, and goes out."""
    await to_story(chat)
    await chat.write("I want to kill myself")
    await chat.write("stop")
    await chat.go_on()
    kinds = world.rows("SELECT kind, status FROM outbox WHERE kind = 'help'")
    assert kinds == [("help", "sent")]
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


async def test_what_was_added_to_an_answer_and_taken_back_is_marked_at_both(world, chat):
    """The answer holds the words that were added when more was asked: both say that they were taken back."""
    await to_story(chat)
    await chat.say("Pain")
    number = await chat.write("It began in March")
    await chat.go_on()
    await chat.react(kind=InboundKind.DELETED, message_id=str(number), order=None)
    marked = world.rows(
        "SELECT slot FROM answer WHERE message_deleted_at IS NOT NULL AND superseded_at IS NULL"
    )
    assert [slot.removesuffix("_more") for (slot,) in marked] == [marked[0][0].removesuffix("_more")] * 2
    assert len(set(marked)) == 2


class Rung:
    """Wake-ups that are only counted."""

    def __init__(self):
        self.work = []

    def defer(self, _connection, work, _addresses):
        self.work.append(work)

    def listen(self, _work, _wake):
        """Nobody is woken: the test asks."""

    async def run(self):
        """Nothing is carried."""


async def test_the_end_of_a_sending_wakes_the_reply_that_waits(world, chat):
    """While the call is on its way the reply waits; when it has landed, it is taken up."""
    channel, bell = FakeChannel(world.clock.now, "telegram"), Rung()
    delivery = Delivery(world.database, {"telegram": channel}, world.clock, DeliveryOptions(wakeups=bell))
    await world.runtime.receive([chat.person.inbound(InboundKind.START, text=world.token())])
    await world.runtime.drain()
    gate = channel.hold(chat.address)
    sending = asyncio.create_task(delivery.drain())
    await channel.until(lambda: bool(channel.calls))
    await chat.write("blue")
    await world.runtime.drain()
    assert answers(world) == []
    assert bell.work == []
    gate.set()
    await sending
    assert bell.work == [WorkKind.INBOX]
    await world.runtime.drain()
    assert answers(world) == [("colour", "blue", "answered")]


async def test_a_reply_that_waits_is_looked_at_in_time(world, chat):
    """Not half a minute after the half minute: the runtime sleeps until the reply is due."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    await chat.write("some words")
    await world.runtime.drain()
    due = world.database.read_now(inbox.next_postponed)
    assert due == world.clock.now() + WAIT
    chat.wait(seconds=WAIT.total_seconds())
    await world.runtime.drain()
    assert world.database.read_now(inbox.next_postponed) is None


async def test_others_do_not_wait_with_them(world, chat):
    """A reply that waits holds up its own chat and nobody else's, also in the same batch."""
    other = OrderedChat(world, "telegram:2")
    for each in (chat, other):
        await each.start(world.token())
        await each.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    other.show()
    for each in (chat, other):
        await each.write("some words")
    await chat.write("more")
    await world.runtime.drain()
    assert [raw for _, raw, _ in answers(world)] == ["blue", "blue", "some words"]


@pytest.mark.parametrize("way", ["early words", "a quotation", "an edit"])
async def test_a_yes_to_another_question_deletes_nothing(world, read_back, way):
    """Where a question is put after the one of deletion, which waits still, that one comes once more, last."""
    await read_back.start(world.token("read_back"))
    [asked] = read_back.rows_of("Say it.")
    if way == "an edit":
        number = await read_back.write("It went well.")
        await read_back.go_on()
    await read_back.write("delete my data")
    if way != "early words":
        await read_back.go_on()
    match way:
        case "early words":
            await read_back.write("It went well.")
        case "a quotation":
            await read_back.write("It went well.", about=read_back.number_of(asked))
        case _:
            await read_back.write("It went badly.", kind=InboundKind.EDIT, number=number)
    shown = texts(await read_back.go_on())
    assert shown[-2].startswith("Did I get that right?")
    assert shown[-1] == said(Sentence.DELETE_SURE)
    await read_back.say("no")
    assert world.rows("SELECT state != '' FROM conversation") == [(1,)]
