"""After a stop: START brings somebody back, asks all consents again, and nothing that was cancelled comes back."""

from datetime import timedelta

import pytest

from bot.channel_policy import ChannelPolicy
from bot.channels.base import InboundKind
from flows.i18n.say import Sentence, say
from flows.parsing.commands import asks_to_start
from flows.script.model import Role
from storage.privacy.erasure import sweep_addresses
from storage.privacy.subject_access import participant_data_text
from storage.schema import OUTBOX, OutboxStatus
from tests.support.turn_world import COLOUR, asking, make_runtime, said, texts, through

CONSENTS = "SELECT purpose, granted FROM consent ORDER BY id"
"""What was decided, in order."""
TO_THE_COMMITMENT = ("yes", "yes", "1", "1", "4", "Hand out the sheet to all at each visit", "skip", "today")
COMES_BACK = {
    "en": (
        "start",
        "START",
        "Start!",
        "/start",
        "please start",
        "I want to come back",
        "restart",
        "start again",
    ),
    "de": ("start", "wieder anfangen", "anfangen", "neu anfangen"),
    "es": ("empezar", "quiero volver", "Comenzar"),
    "fr": ("commencer", "je veux revenir", "recommencer"),
    "it": ("inizia", "voglio tornare", "ricominciare"),
    "pt": ("começar", "comecar", "quero começar", "recomeçar"),
    "ar": ("بدء", "البدء", "أريد أن أبدأ", "ابدأ من جديد"),
}
STAYS_AWAY = ("hello", "never", "أبدا", "nunca", "stop", "cancel", "quit", "ok", "when did it start?", "👍")


@pytest.mark.parametrize("language", COMES_BACK)
def test_words_that_ask_to_begin(language):
    """In every language, whatever language we talked in; none of them could be taken for a no."""
    for words in COMES_BACK[language]:
        assert asks_to_start(words, language), words
        assert asks_to_start(words, "en") or words == "neu anfangen", words


@pytest.mark.parametrize("language", COMES_BACK)
def test_the_farewell_names_a_word_that_works(language):
    """What stands in quotes in the farewell, and in every later reply, brings back."""
    for sentence in (Sentence.STOPPED, Sentence.STOPPED_BEFORE):
        quoted = say(sentence, language).translate({ord(mark): "|" for mark in "“”„«»"}).split("|")[1]
        assert asks_to_start(quoted, language), quoted


@pytest.mark.parametrize("asked", ["who are you?", "how long does it take?"])
async def test_a_story_that_ends_as_a_question_is_refused_in_words(world, asked):
    """After a decline nothing is kept, and that is said; also of words that no reader takes for a question to us."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, "no")
    heard = texts(await ann.say(f"starting with the next clinic of the region {asked}"))
    assert said(Sentence.NOT_KEPT) in "\n".join(heard)
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]


@pytest.mark.parametrize("words", STAYS_AWAY)
async def test_other_words_do_not_bring_back(world, words):
    """Whoever stopped is asked nothing by any other word."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("stop")
    assert said(Sentence.STOPPED_BEFORE) in texts(await ann.say(words))
    assert world.rows("SELECT status FROM participant") == [("withdrawn",)]


@pytest.mark.parametrize("words", ["START", "start", "restart", "empezar", "commencer", "بدء"])
async def test_start_begins_anew(world, words):
    """Typed in any language: the conversation that they came in for begins from its start."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "stop")
    assert texts(await ann.say(words)) == [COLOUR]
    assert world.rows("SELECT status FROM participant") == [("active",)]
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'entered'") == [(2,)]


async def test_the_start_of_the_app_does_too(world):
    """Telegram's /start without a link; stopping again works as before, and so does coming back."""
    ann = world.someone()
    await ann.start(world.token())
    for _ in range(2):
        await ann.say("stop")
        assert texts(await ann.start()) == [COLOUR]


async def test_it_needs_no_link_that_is_good_still(world):
    """An invitation that has run out or is used up let them in once: it stands in the way of nobody's return."""
    ann = world.someone()
    await ann.start(world.token(expires_at=world.clock.now() + timedelta(days=1)))
    await ann.say("stop")
    world.clock.move(timedelta(days=400))
    assert texts(await ann.say("start")) == [COLOUR]


async def test_consents_are_asked_again_and_no_wave_comes_back(world):
    """The yes of before is no leave to write; what was planned stays cancelled, also after a new yes."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no")
    planned = world.rows("SELECT id FROM follow_up WHERE status = 'scheduled'")
    assert planned
    await ann.say("stop")
    before = world.rows("SELECT id, status, reason FROM follow_up ORDER BY id")
    assert {row[1:] for row in before} == {("opted_out", "withdrawn")}
    shown = texts(await ann.say("start"))
    assert "Shall we start?" in shown[-1]
    assert world.rows(CONSENTS)[-1] == ("contact_again", 0)
    await through(ann, "yes", "yes", "1")
    assert world.rows(CONSENTS)[-2:] == [("take_part", 1), ("contact_again", 1)]
    assert world.rows("SELECT id, status, reason FROM follow_up ORDER BY id") == before
    assert world.rows("SELECT count(*) FROM timer WHERE kind = 'wave' AND done_at IS NULL") == [(0,)]


async def test_what_a_no_ended_before_is_over_too(world):
    """'No contact', stop, START, yes: the waves that the no had ended are not taken up by the new yes."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no")
    await through(ann, "no contact", "stop", "start", "yes", "no", "1", "back", "back", "yes")
    assert world.rows("SELECT DISTINCT status, reason FROM follow_up") == [("opted_out", "withdrawn")]


async def test_without_the_new_consent_nothing_is_kept(world):
    """A no to taking part ends it; they are here, and may stop or start again."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await ann.say("stop")
    await ann.say("start")
    await ann.say("no")
    assert world.rows(CONSENTS)[-1] == ("take_part", 0)
    assert world.rows("SELECT count(*) FROM answer WHERE question_key != 'c0'") == [(0,)]


async def test_the_link_of_a_talk_that_was_finished_begins_it_anew_too(world):
    """Whoever stopped after the end and opens the link again is asked the consents again, not told to wait."""
    ann = world.someone()
    token = world.group()
    await ann.start(token)
    await through(ann, "red", "because", "1", "stop")
    assert texts(await ann.start(token)) == [COLOUR]


async def test_whose_data_is_gone_needs_an_invitation(world):
    """There is nobody to bring back."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "stop", "delete my data", "yes")
    assert texts(await ann.say("start")) == [asking(Sentence.INVITATION_NEEDED)]


async def test_who_comes_back_at_once_may_have_all_deleted_again(world):
    """They came back before the farewell was out, at the address that was to go with it: the sweep still ends."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "delete my data", "yes")
    await ann.start(world.token())
    await through(ann, "red", "delete my data", "yes")
    world.database.write_now(
        lambda connection: sweep_addresses(connection, world.clock.now() + timedelta(days=2))
    )
    assert world.rows("SELECT count(*) FROM address WHERE length(sealed) > 0") == [(0,)]
    assert world.rows("SELECT count(DISTINCT address_id) FROM conversation") == [(2,)]


async def test_who_writes_after_the_farewell_is_answered(world):
    """What waits at an address that is to go is answered first, however late the bot comes to it."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "delete my data", "yes")
    world.database.write_now(
        lambda connection: connection.execute(OUTBOX.update().values(status=OutboxStatus.SENT))
    )
    await world.runtime.receive([ann.inbound(InboundKind.TEXT, text="hello?")])
    later = world.clock.now() + timedelta(days=2)
    assert world.database.write_now(lambda connection: sweep_addresses(connection, later)) == 1
    await world.runtime.drain()
    assert texts(ann.look()) == [asking(Sentence.INVITATION_NEEDED)]
    assert world.database.write_now(lambda connection: sweep_addresses(connection, later)) == 0


async def test_in_a_conversation_start_is_an_ordinary_word(world):
    """It is an answer like any other."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "start")
    assert world.rows("SELECT raw FROM answer WHERE question_key = 'words'") == [("start",)]


@pytest.mark.parametrize("words", ["start", "START!", "I want to come back", "quiero volver"])
async def test_who_has_not_stopped_hears_that_nothing_is_open(world, words):
    """The word to come back by tells nothing: it is no remark for the team."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no")
    assert texts(await ann.say(words)) == [said(Sentence.NO_CONVERSATION)]
    assert world.rows("SELECT count(*) FROM remark") == [(0,)]


async def test_a_channel_that_is_not_open_to_them_any_more(world):
    """They are told whom to ask, and stay stopped."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("stop")
    policy = ChannelPolicy({"terminal": frozenset({Role.PATIENT})}, telegram_bot="said_bot")
    world.runtime = make_runtime(world.database, world.clock, policy)
    assert "team@example.org" in texts(await ann.say("start"))[0]
    assert world.rows("SELECT status FROM participant") == [("withdrawn",)]


# --- 'cancel' while nothing is open ---


@pytest.mark.parametrize("words", ["cancel", "quit", "basta", "fertig", "خلاص", "/cancel"])
async def test_cancel_with_nothing_open_says_how_to_stop(world, words):
    """Nothing ends by it: there is no question to leave."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    assert texts(await ann.say(words)) == [said(Sentence.LEAVE_IDLE)]
    assert world.rows("SELECT status FROM participant") == [("active",)]


@pytest.mark.parametrize("words", ["abbrechen", "Abbruch"])
async def test_a_word_to_leave_by_is_no_report(world, words):
    """'Abbrechen' also says that something broke: alone it opens no safety case, in a conversation or not."""
    ann = world.someone()
    await ann.start(world.token())
    assert said(Sentence.LEAVE_WHICH) in texts(await ann.say(words))
    await through(ann, "3", "start", "red", "because", "1")
    assert texts(await ann.say(words)) == [said(Sentence.LEAVE_IDLE)]
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_cancel_at_delete_keeps_all(world):
    """'Shall I delete all?' 'Cancel' is a no."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "delete my data")
    assert said(Sentence.DELETE_KEPT) in texts(await ann.say("cancel"))
    assert world.rows("SELECT count(*) FROM answer") == [(1,)]


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("back", ["start", "/start", "empezar", "restart"])
async def test_what_ended_with_the_stop_is_told_as_that(world, language, back):
    """Nobody said no to being written to again: `my data` and the answers say that it ended, without words for it."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no")
    await through(ann, "stop", back)
    told = world.database.read_now(lambda c: participant_data_text(c, 1, language))
    assert told.count(say(Sentence.OWN_ENDED, language)) == 2
    assert say(Sentence.OWN_DECLINED, language) not in told
    assert f"    {back} " not in told
    ended = world.rows("SELECT question_key, value, raw FROM answer WHERE status = 'ended'")
    assert ended == [("c0_follow", "false", "")]


async def test_who_came_back_before_said_no_such_thing_either(world):
    """Rows that hold the word of the return as the words of a no are told as what they are."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no", "stop", "start")
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE answer SET status = 'answered', raw = 'START' WHERE status = 'ended'"
        )
    )
    told = world.database.read_now(lambda c: participant_data_text(c, 1, "en"))
    assert told.count(say(Sentence.OWN_ENDED, "en")) == 2
    assert "START" not in told


async def test_who_takes_it_back_in_words_said_no(world):
    """'No contact' is a no, with these words, and no stop."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(
        ann, *TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no", "no contact", "stop", "start"
    )
    told = world.database.read_now(lambda c: participant_data_text(c, 1, "en"))
    assert say(Sentence.OWN_ENDED, "en") not in told
    assert "    no contact" in told
