"""Words that name a message with other words in it than the question has now."""

import pytest

from bot.channels.base import InboundKind, button_payload
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence
from flows.script.loader import load_flow_text
from flows.script.model import Role
from storage.schema import OutboxStatus
from tests.support.ordered_chat import OrderedChat
from tests.support.read_back import READ_BACK
from tests.support.retelling import LOCALIZATIONS
from tests.support.turn_world import flows, make_world, said, texts


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path, LOCALIZATIONS)
    yield made
    made.database.close()


@pytest.fixture
def chat(world):
    return OrderedChat(world)


def answers(world):
    return world.rows("SELECT slot, raw FROM answer WHERE superseded_at IS NULL ORDER BY id")


@pytest.mark.parametrize("is_shown", [False, True])
async def test_an_edit_agrees_to_what_its_message_was_written_to(world, chat, is_shown):
    """Not understood under the English text, and edited once the talk is in Spanish: that text was not agreed to."""
    await chat.start(world.token("patient_interview", role=Role.PATIENT))
    asked = (await chat.say("continue"))[-1]
    number = await chat.write("hm, what")
    await chat.go_on()
    await chat.write("language español")
    await world.runtime.drain()
    if is_shown:
        chat.show()
    await chat.write("I agree", number=number, kind=InboundKind.EDIT)
    await chat.go_on()
    assert world.rows("SELECT language, shown_text FROM consent") == [("en", asked.text)]


@pytest.fixture
def read_back(world):
    known = {**flows(), "read_back": load_flow_text(READ_BACK)}
    world.runtime = Runtime(world.database, known, world.clock, RuntimeOptions(opens=lambda _flow: True))
    return OrderedChat(world)


@pytest.mark.parametrize("is_shown", [False, True])
@pytest.mark.parametrize("way", ["quotes", "in its thread", "edits"])
async def test_a_yes_to_the_words_of_before_confirms_nothing(world, read_back, way, is_shown):
    """Whatever names the old read-back: the new one is shown, and no yes to the old one counts for it."""
    await read_back.start(world.token("read_back"))
    number = await read_back.write("the first words")
    await read_back.go_on()
    [shown] = read_back.rows_of("Did I get that right?")
    unsure = await read_back.write("hm dunno")
    await read_back.go_on()
    await read_back.write("the other words", kind=InboundKind.EDIT, number=number)
    await world.runtime.drain()
    read_back.person.look()
    if is_shown:
        read_back.show()
    if way == "edits":
        await read_back.write("yes", number=unsure, kind=InboundKind.EDIT)
    else:
        named = {"about": read_back.number_of(shown), "threaded": way != "quotes"}
        await read_back.write("yes", **named)
    told = texts(await read_back.go_on())
    assert answers(world) == [("w", "the other words")]
    assert told[0] == said(Sentence.TOO_EARLY)
    await read_back.say("yes")
    assert answers(world)[-1] == ("ok", "yes")


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_tap_whose_message_has_no_known_name_confirms_nothing_else(world, read_back, is_sent):
    """The read-back arrived and nobody was told, then the words grew: a tap under it is no yes to what they are now."""
    await read_back.start(world.token("read_back"))
    number = await read_back.write("the first words")
    await world.runtime.drain()
    [unknown] = read_back.rows_of("Did I get that right?")
    await read_back.write("the other words", kind=InboundKind.EDIT, number=number)
    await world.runtime.drain()
    read_back.set_status(unknown, OutboxStatus.QUEUED, in_doubt=True)
    if is_sent:
        read_back.show()
    read_back.person.look()
    tap = {"button": button_payload(1, 1, 0), "message_id": "77"}
    told = texts(await read_back.react(InboundKind.TAP, **tap))
    assert answers(world) == [("w", "the other words")]
    assert told[-1] == "Did I get that right? the other words"


async def test_a_tap_under_words_that_grew_behind_a_menu_confirms_nothing(world, read_back):
    """Words that were written before the read-back came late, when it was asked already when to come back."""
    await read_back.start(world.token("read_back"))
    await read_back.write("the first words")
    late = next(read_back.ids)
    await read_back.go_on()
    [shown] = read_back.rows_of("Did I get that right?")
    assert texts(await read_back.say("later"))[-1] == said(Sentence.LATER_WHEN)
    await read_back.write("and more of them", number=late)
    await read_back.go_on()
    tap = {"button": button_payload(1, 1, 0), "message_id": read_back.number_of(shown)}
    await read_back.react(InboundKind.TAP, **tap)
    assert answers(world) == [("w", "the first words\nand more of them")]


@pytest.mark.parametrize("is_above", [True, False])
async def test_words_above_a_question_are_no_part_of_its_answer(world, read_back, is_above):
    """What a platform hands on late may be of before the talk: it is a remark. Else it joins the answer before."""
    above = next(read_back.ids)
    await read_back.start(world.token("read_back"))
    below = next(read_back.ids)
    await read_back.say("I walked home with her")
    told = texts(await read_back.say("It rained for all of that day", number=above if is_above else below))
    kept = world.rows("SELECT raw FROM remark")
    if is_above:
        assert (answers(world), kept) == (
            [("w", "I walked home with her")],
            [("It rained for all of that day",)],
        )
        assert told[0] == said(Sentence.REMARK_KEPT)
    else:
        assert (answers(world), kept) == (
            [("w", "It rained for all of that day\nI walked home with her")],
            [],
        )


@pytest.mark.parametrize("word", ["stop", "edit to stop"])
async def test_stop_under_the_words_of_before_stops(world, read_back, word):
    """It works whatever it stands under."""
    await read_back.start(world.token("read_back"))
    number = await read_back.write("the first words")
    await read_back.go_on()
    [shown] = read_back.rows_of("Did I get that right?")
    unsure = await read_back.write("hm dunno")
    await read_back.go_on()
    await read_back.write("the other words", kind=InboundKind.EDIT, number=number)
    await read_back.go_on()
    if word == "stop":
        await read_back.say("stop", about=read_back.number_of(shown))
    else:
        await read_back.write("stop", number=unsure, kind=InboundKind.EDIT)
        await read_back.go_on()
    assert world.rows("SELECT outcome FROM conversation") == [("withdrawn",)]


@pytest.fixture
async def own(world, chat):
    """At the probe of a plan in own words, which were written where a suggestion could be picked."""
    await chat.start(world.token("hcp_commitment", role=Role.HCP))
    for reply in ("yes", "yes", "nurse", "1"):
        await chat.say(reply)
    number = await chat.write("I will listen more")
    told = texts(await chat.go_on())
    assert told[-1] == "Could you add for which patients, and when?"
    return number


def plans(world):
    """The texts under which the plan was kept, each with its language and the words."""
    return world.rows("SELECT language, shown_text, raw FROM answer WHERE question_key = 'c4' ORDER BY id")


async def test_words_added_in_another_language_stand_under_what_was_shown(world, chat, own):
    """The text of the menu is said again in the language of now, and the whole is kept under that."""
    told = texts(await chat.say("language español"))
    await chat.say("desde el lunes, a cada paciente")
    [(was, under, _), (now, shown, words)] = plans(world)
    assert (was, under, now, words) == (
        "en",
        "Pick one, or tap “Write my own”.",
        "es",
        "I will listen more, desde el lunes, a cada paciente",
    )
    assert shown != under
    assert shown in told


async def test_own_words_edited_in_another_language_stand_under_what_was_shown(world, chat, own):
    """The edit is of what was written under the menu in the language of then."""
    await chat.say("language español")
    await chat.write("I will listen more on Mondays", number=own, kind=InboundKind.EDIT)
    await chat.go_on()
    assert plans(world)[-1] == (
        "en",
        "Pick one, or tap “Write my own”.",
        "I will listen more on Mondays",
    )


@pytest.fixture
async def offered(world, chat):
    """A patient who told something early, and was asked in one message for it and whether to take that."""
    await chat.start(world.token("patient_interview", role=Role.PATIENT))
    for reply in ("continue", "I agree", "yes", "yes", "patient"):
        await chat.say(reply)
    await chat.say("My wife had to carry me up the stairs")
    told = texts(await chat.say("4 years"))[-1]
    assert told.startswith("Think of your last visit")
    return chat.rows_of("carry me up")[-1]


def visits(world):
    return world.rows("SELECT language, shown_text, raw FROM answer WHERE question_key = 'a3' ORDER BY id")


@pytest.mark.parametrize("way", ["edits", "in its thread"])
async def test_an_answer_under_an_offer_stands_under_what_was_shown(world, chat, offered, way):
    """What is edited or added once the talk is in Spanish stands under the English question that it was about."""
    number = await chat.write("We talked about the scan for a long time that day")
    await chat.go_on()
    [before] = visits(world)
    await chat.say("language español")
    changed = "We talked about the scan for a very long time that day"
    if way == "edits":
        await chat.write(changed, number=number, kind=InboundKind.EDIT)
    else:
        await chat.write(changed, about=chat.number_of(offered), threaded=True)
    await chat.go_on()
    assert visits(world)[-1] == (*before[:2], changed)
    assert before[1] == "Think of your last visit about multiple myeloma. What happened?"


async def test_an_answer_under_an_offer_stands_under_its_question_of_then(world, chat, offered):
    """The question reads otherwise since another answer was changed, and is not shown so yet."""
    role = chat.rows_of("Which fits you best")[0]
    await chat.write("carer", about=chat.number_of(role), threaded=True)
    await world.runtime.drain()
    await chat.write("We talked about the scan", about=chat.number_of(offered), threaded=True)
    await world.runtime.drain()
    [(_, under, words)] = visits(world)
    assert (under, words) == (
        "Think of your last visit about multiple myeloma. What happened?",
        "We talked about the scan",
    )


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_form_under_the_pick_of_before_stands_under_what_was_shown(world, chat, is_known):
    """Another pick was tapped meanwhile, and the question that names it is still to be sent; or nobody was told that
    the one of before arrived."""
    await chat.start(world.token("hcp_commitment", role=Role.HCP))
    for reply in ("yes", "yes", "nurse", "1"):
        told = await chat.say(reply)
    await chat.write("1")
    await world.runtime.drain()
    picked = told[-1]
    [shown] = chat.rows_of("You picked")
    if is_known:
        chat.mark(shown)
    else:
        chat.set_status(shown, OutboxStatus.QUEUED, in_doubt=True)
    [menu] = chat.rows_of("Pick one, or tap")
    tap = {"button": button_payload(1, picked.prompt.ask, 4), "message_id": chat.number_of(menu)}
    await world.runtime.receive([chat.person.inbound(InboundKind.TAP, **tap)])
    await world.runtime.drain()
    under = [one.text for one in chat.person.look() if one.text.startswith("You picked")]
    form = {
        "button": button_payload(1, picked.prompt.ask + 1),
        "text": "for everybody on bortezomib from Monday",
    }
    await world.runtime.receive([chat.person.inbound(InboundKind.FORM, **form)])
    await world.runtime.drain()
    [(_, kept, words)] = plans(world)
    assert (len(under), kept) == (2, under[0])
    assert words.endswith(form["text"])
