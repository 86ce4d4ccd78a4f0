"""What answers a message: stop and what comes after, what is no reply, talks that ran out of time, and what waits."""

import sqlite3
from datetime import timedelta

import pytest

from bot.channels.base import InboundKind
from bot.conversations import conversations
from bot.conversations.new_conversation import NewConversation
from bot.turns import dispatch
from flows.engine.events import MediaKind, Reminded, Resumed
from flows.i18n.say import Sentence
from storage.errors import DatabaseUnwritable
from tests.support.turn_world import BYE, COLOUR, WORDS, asking, expire, said, texts, through

# --- stop, and after ---


@pytest.mark.parametrize("when", ["open", "over"])
async def test_stop_is_global_and_a_link_lets_them_in_again(world, when):
    """Stop works with and without an open conversation; a link begins anew, and words that ask for nothing do not."""
    ann = world.someone()
    token = world.group()
    await ann.start(token)
    if when == "over":
        await through(ann, "red", "because", "1")
    assert texts(await ann.say("stop")) == [said(Sentence.STOPPED)]
    assert world.rows("SELECT status FROM participant") == [("withdrawn",)]
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'withdrawal'") == [(1,)]
    assert texts(await ann.say("hello?")) == [said(Sentence.STOPPED_BEFORE)]
    assert texts(await ann.start(world.token())) == [COLOUR]
    assert world.rows("SELECT status FROM participant") == [("active",)]


async def test_who_has_stopped_keeps_their_rights(world):
    """After a stop: the own data as a file, a human being, and all deleted after one question; nothing else."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "stop")
    assert texts(await ann.say("my data")) == [said(Sentence.MY_DATA_HERE)]
    assert texts(await ann.say("delete my data")) == [said(Sentence.DELETE_SURE)]
    assert texts(await ann.say("no")) == [said(Sentence.DELETE_KEPT)]
    assert world.rows("SELECT status FROM participant") == [("withdrawn",)]
    await ann.say("delete my data")
    assert texts(await ann.say("yes")) == [said(Sentence.DELETED)]
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    assert texts(await ann.say("hello?")) == [asking(Sentence.INVITATION_NEEDED)]


async def test_stop_ends_what_waits_too(world):
    """A conversation that was queued does not begin after a stop, and the farewell is sent."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.start(world.token("hcp_commitment"))
    assert texts(await ann.say("stop")) == [said(Sentence.STOPPED)]
    assert world.rows("SELECT status, outcome FROM conversation") == [("ended", "withdrawn")] * 2
    assert world.rows("SELECT status FROM outbox ORDER BY id DESC LIMIT 1") == [("queued",)]


async def test_restart_begins_the_same_flow_with_the_same_facts(world):
    """Begin again: the old answers are kept apart, the new conversation asks from the start."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red")
    assert texts(await ann.say("restart")) == [said(Sentence.RESTARTED), COLOUR]
    assert world.rows("SELECT status, outcome FROM conversation ORDER BY id") == [
        ("ended", "restarted"),
        ("open", None),
    ]
    assert await through(ann, "blue", "because", "1") == [BYE]


async def test_later_sets_a_timer_and_reminders_wait(world):
    """A chosen hour is a row with a due time, and nothing of our own accord comes before it."""
    ann = world.someone()
    await ann.start(world.token())
    shown = await ann.say("later")
    await ann.tap(shown[-1], 1)
    [(due,)] = world.rows("SELECT due_at FROM timer WHERE kind = 'resume' AND done_at IS NULL")
    assert due.startswith("2026-03-03")
    assert world.rows("SELECT status FROM conversation") == [("paused",)]
    assert texts(await ann.say("red"))[-1] == WORDS
    assert world.rows("SELECT status FROM conversation") == [("open",)]


async def test_a_plain_pause_ends_what_later_set(world):
    """Who says `pause` after `later` is not written to at the hour chosen before; a hold of another kind stays."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.tap((await ann.say("later"))[-1], 1)
    await ann.say("pause")
    assert world.rows("SELECT done_at IS NULL, reason FROM timer WHERE kind = 'resume'") == [
        (0, "talk_moved_on")
    ]
    await ann.say("I am on holiday until 3 August")
    held = world.rows("SELECT hold_until FROM participant")
    assert held != [(None,)]
    await ann.say("pause")
    assert world.rows("SELECT hold_until FROM participant") == held


# --- what is no reply ---


@pytest.mark.parametrize("kind", list(MediaKind))
async def test_media_get_a_kind_answer(world, kind):
    """A voice note, a picture, a sticker: words are asked for, with and without an open conversation."""
    ann = world.someone()
    assert texts(await ann.does(InboundKind.MEDIA, media=kind)) == [asking(Sentence.INVITATION_NEEDED)]
    await ann.start(world.token())
    [answer, *_] = texts(await ann.does(InboundKind.MEDIA, media=kind))
    assert "words" in answer


async def test_words_without_an_open_conversation_get_a_kind_answer(world):
    """After the end: a word back to thanks, else that nothing is open; help still helps."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    assert texts(await ann.say("thanks!")) == [said(Sentence.INQUIRY_THANKS)]
    assert texts(await ann.say("so so")) == [said(Sentence.NO_QUESTION)]
    assert "team@example.org" in texts(await ann.say("help"))[0]


async def test_blocked_and_let_in_again(world):
    """A block stops what is queued; letting us in again shows the open question."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.does(InboundKind.BLOCKED)
    assert world.rows("SELECT status FROM address") == [("blocked",)]
    assert world.rows("SELECT status FROM outbox") == [("dropped",)]
    assert texts(await ann.does(InboundKind.UNBLOCKED)) == [said(Sentence.REOPENED), COLOUR]
    assert world.rows("SELECT status FROM address") == [("active",)]


async def test_a_message_from_a_blocked_address_opens_it(world):
    """Who writes can be written to, whether or not the platform said so."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.does(InboundKind.BLOCKED)
    assert texts(await ann.say("red")) == [WORDS]
    assert world.rows("SELECT status FROM address") == [("active",)]


async def test_what_the_platform_tells_is_kept(world):
    """Locale and time zone are kept, also before somebody is known; a zone that does not exist is not."""
    ann = world.someone()
    await ann.does(InboundKind.PROFILE, locale="de-AT", timezone="Europe/Vienna")
    await ann.start(world.token())
    assert world.rows("SELECT locale, timezone FROM address") == [("de-AT", "Europe/Vienna")]
    assert world.rows("SELECT timezone FROM participant") == [("Europe/Vienna",)]
    assert await ann.does(InboundKind.PROFILE, timezone="Asia/Kathmandu") == []
    for unknown in ("Moon/Base", "America", "Europe/../UTC", "x" * 64):  # the second is a folder of zones
        assert await ann.does(InboundKind.PROFILE, timezone=unknown) == []
    assert world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL OR error IS NOT NULL") == [(0,)]
    assert world.rows("SELECT timezone FROM participant") == [("Asia/Kathmandu",)]


# --- conversations that ran out of time ---


async def test_after_a_long_time_words_are_words_and_a_button_is_an_answer(world):
    """Weeks later, words get a kind answer; a button, which names its question, still answers it."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    expire(world, 14)
    world.clock.move(timedelta(days=20))
    assert texts(await ann.say("so so")) == [said(Sentence.NO_QUESTION)]
    assert texts(await ann.tap(colour, 0)) == [WORDS]


async def test_the_link_of_an_expired_conversation_takes_it_up(world):
    """The link shows where they were, and says welcome back."""
    ann = world.someone()
    token = world.token()
    await ann.start(token)
    await ann.say("red")
    expire(world, 14)
    assert texts(await ann.start(token)) == [said(Sentence.WELCOME_BACK), WORDS]


async def test_a_button_of_an_expired_conversation_does_not_open_a_second_one(world):
    """While another conversation is open, the expired one stays closed."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    expire(world, 14)
    await ann.start(world.token("hcp_commitment"))
    [kind, question] = texts(await ann.tap(colour, 0))
    assert kind == said(Sentence.CONVERSATION_ENDED)
    assert "Shall we start?" in question


async def test_characters_that_no_file_can_hold_do_no_harm(world):
    """Half of an emoji, or a zero byte, is stored as far as it can be; whole words around it are kept."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red")
    await ann.say("good \ud83d day \x00 \U0001f600")
    [(raw,)] = world.rows("SELECT raw FROM answer WHERE slot = 'words'")
    assert raw == "good \ufffd day \x00 \U0001f600"


# --- for the scheduler ---


async def test_a_reminder_is_no_turn_of_the_persons(world):
    """It shows the question again and leaves the count and the hour of the last turn."""
    ann = world.someone()
    await ann.start(world.token())
    before = world.rows("SELECT turns, last_turn_at FROM conversation")
    world.clock.move(timedelta(days=1))
    now = world.clock.now()
    world.database.write_now(lambda c: world.runtime.apply(c, 1, Reminded(), now=now))
    assert texts(ann.look())[-1] == COLOUR
    assert world.rows("SELECT turns, last_turn_at FROM conversation") == before
    world.database.write_now(lambda c: world.runtime.apply(c, 1, Resumed(), now=now))
    assert world.rows("SELECT turns, last_turn_at FROM conversation") != before


async def test_a_conversation_is_begun_with_given_facts(world):
    """`begin` makes a conversation with the person's facts and those that the caller adds."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    number = world.database.write_now(
        lambda c: world.runtime.begin(
            c,
            NewConversation(
                participant_id=1,
                address_id=1,
                program_id=world.program_id,
                activity_id=world.activity_id,
                flow="small",
                facts={"wave": {"days": 30}},
            ),
            now=world.clock.now(),
        )
    )
    assert texts(ann.look()) == [COLOUR]
    [(state,)] = world.rows("SELECT state FROM conversation WHERE id = :n", n=number)
    assert '"wave":{"days":30}' in state
    assert '"timezone":"Europe/London"' in state


# --- the trouble of the database is no message's fault ---


async def test_where_the_disk_fills_up_a_turn_waits(world, monkeypatch):
    """That is no fault of the message: nothing of it is kept, and it is answered once there is room."""
    ann, follow = world.someone(), dispatch.TurnDispatcher._follow

    def fills_up(dispatcher, turn, where):
        follow(dispatcher, turn, where)
        pages = turn.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        turn.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        turn.connection.exec_driver_sql("UPDATE participant SET code = code || hex(zeroblob(500000))")

    monkeypatch.setattr(dispatch.TurnDispatcher, "_follow", fills_up)
    with pytest.raises(DatabaseUnwritable):
        await ann.start(world.token())
    assert world.rows("SELECT handled_at, error FROM inbox") == [(None, None)]
    assert world.rows("SELECT count(*) FROM participant") == [(0,)]
    monkeypatch.undo()
    world.database.write_now(lambda c: c.exec_driver_sql("PRAGMA max_page_count=1000000"))
    await world.runtime.drain()
    assert texts(ann.look()) == [COLOUR]


def unreadable(name):
    """An engine under which the database cannot be read: the name of SQLite's error."""

    def advance(*_flow, **_rest):
        error = sqlite3.OperationalError("made up")
        error.sqlite_errorname = name
        raise error

    return advance


async def test_where_the_database_cannot_be_read_a_turn_waits(world, monkeypatch):
    """An answer that is played reads only, and waits as well."""
    ann = world.someone()
    await ann.start(world.token())
    monkeypatch.setattr(conversations, "advance", unreadable("SQLITE_IOERR_READ"))
    with pytest.raises(DatabaseUnwritable):
        await ann.say("red")
    monkeypatch.undo()
    await world.runtime.drain()
    assert texts(ann.look()) == [WORDS]


async def test_who_stands_on_a_damaged_page_holds_up_nobody(world, monkeypatch):
    """It is there each time: the message is put aside, whoever wrote hears of it, and the others are answered."""
    ann, ben = world.someone("ann"), world.someone("ben")
    for person in (ann, ben):
        await person.start(world.token())
    monkeypatch.setattr(conversations, "advance", unreadable("SQLITE_CORRUPT_INDEX"))
    assert texts(await ann.say("red")) == [said(Sentence.PUT_ASIDE)]
    monkeypatch.undo()
    assert texts(await ben.say("red")) == [WORDS]
