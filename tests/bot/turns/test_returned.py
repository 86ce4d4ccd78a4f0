"""Coming back to a talk that ran out: what was written late answers nothing unseen, and nothing of it is lost."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind
from flows.engine.events import MediaKind
from flows.i18n.say import Sentence
from tests.support.turn_world import COLOUR, WORDS, expire, said, through
from tests.support.turn_world import texts as texts_of

LATER = "The nurse called me after the visit and told me everything."


@pytest.mark.parametrize(
    ("words", "remarks"),
    [
        *(("red", ["red"]), (LATER, [LATER]), ("...", []), ("2", []), ("yes", []), ("start", [])),
        *(
            ("hello", []),
            ("Hi there!", []),
            ("good morning", []),
            ("Bonjour", []),
            ("مرحبا", []),
            ("thanks!", []),
        ),
        ("Hello, sorry, the ward was very busy", ["Hello, sorry, the ward was very busy"]),
    ],
)
async def test_late_words_are_a_remark_and_no_answer(world, words, remarks):
    """Late words answer nothing unseen: they are kept where they say something, and it is asked whether to go on."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    world.clock.move(timedelta(days=2))
    told = texts_of(await ann.say(words))
    assert told == ([said(Sentence.REMARK_KEPT)] if remarks else []) + [said(Sentence.RETURNED)]
    assert world.rows("SELECT raw FROM remark") == [(one,) for one in remarks]
    assert world.rows("SELECT raw FROM answer") == []
    assert world.rows("SELECT status, outcome, ended_at FROM conversation") == [("open", None, None)]


@pytest.mark.parametrize(
    ("words", "kept"),
    [("how long does this take?", False), ("can I take ibuprofen with this?", True)],
)
async def test_a_question_about_health_is_read_by_people_too(world, words, kept):
    """The bot answers what it is asked; a question about health is for people besides, also after a talk ran out."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    told = texts_of(await ann.say(words))
    assert (told[1:-1], told[-1]) == ([said(Sentence.REMARK_KEPT)] if kept else [], said(Sentence.RETURNED))
    assert world.rows("SELECT raw FROM remark") == ([(words,)] if kept else [])


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("go on", [COLOUR]),
        ("yes", [COLOUR]),
        ("1", [COLOUR]),
        ("start anew", [said(Sentence.RESTARTED), COLOUR]),
        ("no", [said(Sentence.PAUSED)]),
    ],
)
async def test_one_tap_says_what_comes_next(world, choice, told):
    """Who comes back goes on where they were, starts anew, or leaves it for now."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    await ann.say("thanks")
    assert texts_of(await ann.say(choice)) == told


@pytest.mark.parametrize(("option", "told"), [(0, COLOUR), (1, COLOUR), (2, said(Sentence.PAUSED))])
async def test_its_buttons_do_the_same(world, option, told):
    """The three buttons do what their labels say."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    menu = (await ann.say("thanks"))[-1]
    assert texts_of(await ann.tap(menu, option))[-1] == told


@pytest.mark.parametrize(("words", "told"), [("go on", COLOUR), ("restart", COLOUR)])
async def test_who_says_at_once_what_they_want_is_not_asked(world, words, told):
    """The words of a button, and 'restart', need no question."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    assert texts_of(await ann.say(words))[-1] == told
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]


@pytest.mark.parametrize("words", ["what did I say?", "who reads this?"])
async def test_a_question_to_the_bot_is_answered_and_it_is_asked_whether_to_go_on(world, words):
    """Whoever asks something on coming back hears both."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    answer, *menu = texts_of(await ann.say(words))
    assert answer
    assert menu == [said(Sentence.RETURNED)]
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]


async def test_a_story_at_the_question_whether_to_go_on_is_a_remark(world):
    """Whoever goes on telling, instead of a tap, loses nothing of it."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    await ann.say("thanks")
    await ann.say(LATER)
    assert world.rows("SELECT raw FROM remark") == [(LATER,)]
    assert world.rows("SELECT raw FROM answer") == []


async def test_the_very_button_of_the_open_question_answers_it(world):
    """A tap on the question that was open is its answer, however late, and also while it is asked whether to go on."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    expire(world, 14)
    await ann.say("thanks")
    assert texts_of(await ann.tap(colour, 0)) == [WORDS]
    assert world.rows("SELECT value FROM answer") == [('"red"',)]


async def test_a_late_picture_is_refused_and_it_is_asked_whether_to_go_on(world):
    """What is no words is told so, and the way back is one tap away."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    told = texts_of(await ann.does(InboundKind.MEDIA, media=MediaKind.PHOTO))
    assert told == [said(Sentence.MEDIA_PHOTO), said(Sentence.RETURNED)]


LONG = timedelta(days=20)
"""After the talk ran out; so long it may be gone on with: 14 days."""


@pytest.mark.parametrize("words", [LATER, "My uncle had it too", "Es hat mir sehr geholfen, danke"])
async def test_words_long_after_a_talk_ran_out_are_a_remark(world, words):
    """They are kept and said back, as after any end; the talk stays over, and nothing asks to go on."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    expire(world, 14)
    ended = world.rows("SELECT status, outcome, ended_at FROM conversation")
    world.clock.move(LONG)
    assert texts_of(await ann.say(words)) == [said(Sentence.REMARK_KEPT)]
    assert texts_of(await ann.say(f"{words}!!")) == [said(Sentence.REMARK_KEPT)]
    assert world.rows("SELECT raw, slot FROM remark") == [(words, "colour"), (f"{words}!!", "colour")]
    assert world.rows("SELECT status, outcome, ended_at FROM conversation") == ended
    assert world.rows("SELECT count(*) FROM timer WHERE done_at IS NULL AND kind = 'remind'") == [(0,)]
    assert texts_of(await ann.tap(colour, 0)) == [WORDS]


@pytest.mark.parametrize("words", ["...", "hmm", "ok", "👍", "7"])
async def test_what_says_nothing_long_after_is_no_remark(world, words):
    """As after any end."""
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    world.clock.move(LONG)
    assert len(await ann.say(words)) == 1
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]


async def test_without_consent_nothing_is_kept_long_after(world):
    """Whoever had not agreed to take part is told that their words are not kept."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    expire(world, 14)
    world.clock.move(LONG)
    assert texts_of(await ann.say(LATER))[0] == said(Sentence.NOT_KEPT)
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]


async def test_with_consent_they_are_kept_long_after(world):
    """In a talk that asks for it, too; they are in the own data."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, "yes")
    expire(world, 14)
    world.clock.move(LONG)
    assert texts_of(await ann.say(LATER)) == [said(Sentence.REMARK_KEPT)]
    assert world.rows("SELECT raw FROM remark") == [(LATER,)]


async def test_words_of_concern_long_after_get_a_safety_response(world):
    """They open a case, and no question in a talk that is over."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, "yes")
    expire(world, 14)
    world.clock.move(LONG)
    assert await ann.say("I do not want to live any more")
    assert world.rows("SELECT count(*) FROM safety_case") == [(1,)]
    assert world.rows("SELECT status, outcome FROM conversation") == [("ended", "expired")]
