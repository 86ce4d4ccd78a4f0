"""Promises of the turn: what came in is stored once and answered in order; no reply is an error."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from bot.conversations import conversations, effects
from bot.conversations.new_conversation import NewConversation
from bot.errors import describe
from bot.turns import dispatch
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.engine.events import MediaKind, Reminded, Resumed
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from storage.conversations.writes import CommitStage
from storage.database.backup import check
from storage.database.wakeups import WorkKind
from tests.support.turn_world import asking, flows, make_world


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()
    assert check(made.database.path) == []


def texts(shown):
    return [one.text for one in shown]


def said(sentence, **fields):
    return say(sentence, "en", **fields)


COLOUR, WORDS, SURE, BYE = "Which colour?", "Say something.", "How sure?", "Goodbye."


async def through(someone, *lines):
    """Say the lines; the texts of the last answer."""
    shown = []
    for line in lines:
        shown = await someone.say(line)
    return texts(shown)


# --- a conversation from its link to its end ---


async def test_a_link_begins_a_conversation_and_replies_move_it_to_its_end(world):
    """START with a token makes a person, an enrolment and a conversation; each reply is kept and answered."""
    ann = world.someone()
    assert texts(await ann.start(world.token())) == [COLOUR]
    assert await through(ann, "blue", "because", "4") == [BYE]
    assert world.rows("SELECT slot, value, raw, status FROM answer ORDER BY id") == [
        ("colour", '"blue"', "blue", "answered"),
        ("words", '"because"', "because", "answered"),
        ("sure", "4", "4", "answered"),
    ]
    assert world.rows("SELECT status, outcome, channel FROM conversation") == [
        ("ended", "completed", "terminal")
    ]
    assert world.rows("SELECT count(*) FROM enrollment") == [(1,)]
    assert world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL OR error IS NOT NULL") == [(0,)]


async def test_a_code_is_short_and_says_nothing(world):
    """A participant's code has one shape, and no letters that are read as others."""
    await world.someone("ann").start(world.group(source="a"))
    await world.someone("bob").start(world.token())
    codes = [row[0] for row in world.rows("SELECT code FROM participant")]
    assert len(set(codes)) == 2
    for code in codes:
        assert code.startswith("P-")
        assert len(code) == 8
        assert not set(code[2:]) & set("AEIOU01L")


async def test_the_address_is_nowhere_in_the_open(world):
    """The address that wrote is in no row but its own, and there it is sealed."""
    ann = world.someone("ann-4711")
    await ann.start(world.token())
    await through(ann, "red", "because")
    content = world.database.path.read_bytes()
    content += world.database.path.with_name(world.database.path.name + "-wal").read_bytes()
    assert b"ann-4711" not in content
    [(sealed,)] = world.rows("SELECT sealed FROM address")
    assert world.database.identity.open(sealed) == "terminal:ann-4711"


async def test_a_new_process_goes_on_where_the_old_one_was(world):
    """Nothing that matters is in memory: after every reply a new process takes over."""
    ann = world.someone()
    await ann.start(world.token())
    for line, answer in (("green", WORDS), ("because", SURE), ("5", BYE)):
        world.restart()
        assert texts(await ann.say(line)) == [answer]


async def test_what_was_stored_and_not_answered_is_answered_after_a_start(world):
    """A crash between storing and answering loses nothing, and the order is kept."""
    ann = world.someone()
    await ann.start(world.token())
    await world.runtime.receive(
        [ann.inbound(InboundKind.TEXT, text=line) for line in ("red", "because", "2")]
    )
    world.restart()
    assert await world.runtime.drain() == 3
    assert texts(ann.look()) == [WORDS, SURE, BYE]


async def test_the_loop_finds_work_at_start_and_when_woken(world):
    """`run` answers what was there before it, and what comes while it waits."""
    ann = world.someone()
    await world.runtime.receive([ann.inbound(InboundKind.START, text=world.token())])
    answered = asyncio.Event()
    world.runtime.wakeups.listen(WorkKind.OUTBOX, answered.set)
    loop = asyncio.create_task(world.runtime.run())
    await _until(ann.look, answered)
    await world.runtime.receive([ann.inbound(InboundKind.TEXT, text="red")])
    assert texts(await _until(ann.look, answered)) == [WORDS]
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop


async def _until(look, woken):
    """Look whenever somebody was woken, until there is something; the test's own time limit is the bound."""
    while not (found := look()):
        await woken.wait()
        woken.clear()
    return found


# --- once and in order ---


async def test_a_delivery_that_comes_twice_is_one(world):
    """The platform sends the same thing again: it is stored once and answered once."""
    ann = world.someone()
    await ann.start(world.token())
    again = ann.inbound(InboundKind.TEXT, text="red", external_id="same")
    await world.runtime.receive([again, again])
    await world.runtime.receive([again])
    await world.runtime.drain()
    await world.runtime.receive([again])
    assert await world.runtime.drain() == 0
    assert texts(ann.look()) == [WORDS]
    assert world.rows("SELECT count(*) FROM answer") == [(1,)]


async def test_what_an_earlier_version_named_otherwise_is_one(world):
    """An update gave deliveries other names: one stored under the former name is not answered again."""
    ann = world.someone()
    await ann.start(world.token())
    before = ann.inbound(InboundKind.TEXT, "Ev1", text="blue")
    again = replace(before, external_id="message:D1:1.000001", former_id="Ev1")
    for inbound in (before, again, again):
        await world.runtime.receive([inbound])
        await world.runtime.drain()
    assert world.rows("SELECT value FROM answer") == [('"blue"',)]
    assert world.rows("SELECT external_id FROM inbox WHERE external_id NOT LIKE 'x%'") == [("Ev1",)]


async def test_many_callers_share_commits_and_each_keeps_their_order(world):
    """Thirty people who write at once are stored in a few commits; each gets their questions in order."""
    token = world.group()
    people = [world.someone(f"p{n}") for n in range(30)]
    writes = 0
    write = world.database.write

    async def counted(work):
        nonlocal writes
        writes += 1
        return await write(work)

    world.database.write = counted
    lines = [(InboundKind.START, token), *((InboundKind.TEXT, line) for line in ("red", "because", "3"))]
    for kind, text in lines:
        await asyncio.gather(*(world.runtime.receive([one.inbound(kind, text=text)]) for one in people))
    stored = writes
    assert await world.runtime.drain() == 120
    world.database.write = write
    assert stored <= 8
    for one in people:
        assert texts(one.look()) == [COLOUR, WORDS, SURE, BYE]
    assert world.rows("SELECT seq, count(*) FROM inbox GROUP BY seq") == [(n, 30) for n in (1, 2, 3, 4)]


async def test_a_person_with_two_addresses_is_answered_one_turn_after_the_other(world):
    """Two messages of one person in one batch do not overwrite each other."""
    ann = world.someone()
    await ann.start(world.token())
    other = world.someone("ann-elsewhere")
    await other.say("hello")
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE address SET participant_id = 1"))
    await world.runtime.receive(
        [ann.inbound(InboundKind.TEXT, text="red"), other.inbound(InboundKind.TEXT, text="because")]
    )
    await world.runtime.drain()
    assert world.rows("SELECT slot, raw FROM answer ORDER BY id") == [("colour", "red"), ("words", "because")]


async def test_when_storing_fails_the_caller_knows(world):
    """What is not stored must not be acknowledged: the error reaches whoever called, nobody else."""
    ann = world.someone()
    token = world.token()
    write = world.database.write

    async def broken(_work):
        raise OSError("the disk is gone")

    world.database.write = broken
    with pytest.raises(OSError, match="disk"):
        await world.runtime.receive([ann.inbound(InboundKind.START, text=token)])
    world.database.write = write
    assert texts(await ann.start(token)) == [COLOUR]


# --- what goes wrong stays with whom it went wrong ---


def _break_colour(monkeypatch, where):
    """Make the turn of whoever says 'boom' raise: in the engine, or in the commit."""
    real = conversations.advance

    def engine(flow, state, event, **rest):
        if getattr(event, "text", None) == "boom":
            raise ValueError("boom: said in confidence")
        return real(flow, state, event, **rest)

    def keep_answer(turn, conversation, effect):
        if effect.raw == "red!":
            turn.during_commit(CommitStage.EFFECT, fails)
        real_keep(turn, conversation, effect)

    def fails(_turn):
        raise ValueError("boom: said in confidence")

    real_keep = effects.keep_answer
    if where == "engine":
        monkeypatch.setattr(conversations, "advance", engine)
    else:
        monkeypatch.setattr(effects, "keep_answer", keep_answer)
    return "boom" if where == "engine" else "red!"


@pytest.mark.parametrize("where", ["engine", "commit"])
async def test_a_turn_that_raises_is_put_aside_and_blocks_nobody(world, monkeypatch, where):
    """The others of its batch are answered; its conversation stays where it was and goes on with the next message."""
    token = world.group()
    people = [world.someone(f"p{n}") for n in range(4)]
    for one in people:
        await one.start(token)
    bad = _break_colour(monkeypatch, where)
    await world.runtime.receive(
        [one.inbound(InboundKind.TEXT, text=bad if n == 2 else "red") for n, one in enumerate(people)]
    )
    assert await world.runtime.drain() == 4
    for n, one in enumerate(people):
        assert texts(one.look()) == ([said(Sentence.PUT_ASIDE)] if n == 2 else [WORDS])
    [(error, seq)] = world.rows("SELECT error, seq FROM inbox WHERE error IS NOT NULL")
    assert error.startswith("ValueError at ")
    assert "confidence" not in error
    assert seq == 2
    assert texts(await people[2].say("blue")) == [WORDS]


@pytest.mark.parametrize("where", ["engine", "commit"])
async def test_whoever_is_put_aside_hears_of_it_once_an_hour(world, monkeypatch, where):
    """Nobody waits in vain for an answer; and however much goes wrong, it is said once in an hour."""
    ann = world.someone()
    await ann.start(world.token())
    bad = _break_colour(monkeypatch, where)
    assert texts(await ann.say(bad)) == [said(Sentence.PUT_ASIDE)]
    assert texts(await ann.say(bad)) == []
    world.clock.move(timedelta(hours=1, seconds=1))
    assert texts(await ann.say(bad)) == [said(Sentence.PUT_ASIDE)]
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(3,)]


@pytest.mark.parametrize("kind", [InboundKind.REACTION, InboundKind.DELETED, InboundKind.PROFILE])
async def test_nobody_hears_of_what_they_did_not_say(world, monkeypatch, kind):
    """Where only the platform told us something nobody waits for an answer, and an apology would come from nowhere."""
    ann = world.someone()
    await ann.start(world.token())

    def broken(*_):
        raise ValueError("said in confidence")

    monkeypatch.setattr(dispatch, "news_of", broken)
    assert await ann.does(kind, message_id="5") == []
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(1,)]


async def test_an_error_is_described_without_words():
    """Type and place; never the message."""
    try:
        int("said in confidence")
    except ValueError as error:
        what = describe(error)
    assert what.startswith("ValueError at turns/test_runtime.py:")
    assert "confidence" not in what


async def test_a_payload_that_cannot_be_read_is_put_aside(world):
    """A damaged inbox row does not stop the others."""
    ann = world.someone()
    await world.runtime.receive([ann.inbound(InboundKind.TEXT, text="hello")])
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE inbox SET payload = '{'"))
    assert await world.runtime.drain() == 1
    [(error,)] = world.rows("SELECT error FROM inbox")
    assert "DecodeError" in error
    assert texts(ann.look()) == [said(Sentence.PUT_ASIDE)]


# --- links ---


async def test_a_wrong_token_gets_a_kind_answer(world):
    """An unknown token makes nobody and says so."""
    ann = world.someone()
    assert texts(await ann.start("nonsense")) == [asking(Sentence.INVITATION_WRONG)]
    assert world.rows("SELECT count(*) FROM participant") == [(0,)]


async def test_a_used_token_does_not_let_a_second_person_in(world):
    """A single-use token is used once, also when two come in the same batch."""
    token = world.token()
    ann, bob = world.someone("ann"), world.someone("bob")
    await world.runtime.receive([one.inbound(InboundKind.START, text=token) for one in (ann, bob)])
    await world.runtime.drain()
    assert texts(ann.look()) == [COLOUR]
    assert texts(bob.look()) == [said(Sentence.INVITATION_USED)]


async def test_an_expired_token_says_so(world):
    """A link has its time."""
    token = world.token(expires_at=world.clock.now() + timedelta(days=1))
    world.clock.move(timedelta(days=2))
    assert texts(await world.someone().start(token)) == [said(Sentence.INVITATION_EXPIRED)]


@pytest.mark.parametrize("known", [False, True])
async def test_a_start_without_a_token_gets_a_kind_answer(world, known):
    """Nobody known: the link is needed. Somebody in a conversation: the open question again."""
    ann = world.someone()
    if known:
        await ann.start(world.token())
    expected = [said(Sentence.CONVERSATION_OPEN), COLOUR] if known else [asking(Sentence.INVITATION_NEEDED)]
    assert texts(await ann.start()) == expected


async def test_the_same_link_again_shows_where_they_were(world):
    """A second tap on the link neither uses it up nor begins anew."""
    ann = world.someone()
    token = world.token()
    await ann.start(token)
    await ann.say("red")
    assert texts(await ann.start(token)) == [said(Sentence.CONVERSATION_OPEN), WORDS]
    assert await through(ann, "because", "1") == [BYE]
    assert texts(await ann.start(token)) == [said(Sentence.NO_CONVERSATION)]
    assert world.rows("SELECT count(*) FROM conversation") == [(1,)]


async def test_another_link_waits_for_the_open_conversation(world):
    """Two conversations are never interleaved: the second is queued, said so, and begins when the first ends."""
    ann = world.someone()
    await ann.start(world.token())
    shown = await ann.start(world.token("hcp_commitment"))
    assert texts(shown) == [said(Sentence.CONVERSATION_QUEUED), COLOUR]
    shown = await ann.start(world.group("hcp_commitment"))
    assert texts(shown) == [said(Sentence.CONVERSATION_OPEN), COLOUR]
    ended = await through(ann, "red", "because", "1")
    assert ended[0] == BYE
    assert "Shall we start?" in ended[1]
    assert world.rows("SELECT status FROM conversation ORDER BY id") == [("ended",), ("open",)]


async def test_a_link_for_another_role_is_not_used_up(world):
    """A link for patients does nothing for a clinician, and stays good for whom it was meant."""
    ann, bob = world.someone("ann"), world.someone("bob")
    await ann.start(world.token())
    token = world.token("patient_interview", role=Role.PATIENT)
    assert texts(await ann.start(token))[0] == said(Sentence.INVITATION_ROLE)
    assert "Hi." in texts(await bob.start(token))[0]


async def test_a_new_link_begins_the_same_flow_anew_after_its_end(world):
    """A person who is invited again is asked again; the first answers stay."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    assert texts(await ann.start(world.token())) == [COLOUR]
    assert world.rows("SELECT count(*) FROM participant") == [(1,)]
    assert world.rows("SELECT count(*) FROM enrollment") == [(2,)]


# --- stop, and after ---


@pytest.mark.parametrize("when", ["open", "over"])
async def test_stop_is_global_and_a_link_lets_them_in_again(world, when):
    """Stop works with and without an open conversation; then only a link begins anew."""
    ann = world.someone()
    token = world.group()
    await ann.start(token)
    if when == "over":
        await through(ann, "red", "because", "1")
    assert texts(await ann.say("stop")) == [said(Sentence.STOPPED)]
    assert world.rows("SELECT status FROM participant") == [("withdrawn",)]
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'withdrawal'") == [(1,)]
    assert texts(await ann.say("hello?")) == [asking(Sentence.STOPPED_BEFORE)]
    assert texts(await ann.start()) == [asking(Sentence.STOPPED_BEFORE)]
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


# --- buttons, edits and other things ---


async def test_a_tap_answers_and_an_old_button_corrects(world):
    """A tap is an answer; on an earlier question it changes that answer and the conversation goes on."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    assert texts(await ann.tap(colour, 1)) == [WORDS]
    await ann.tap(colour, 2)
    assert world.rows("SELECT value, superseded_at IS NULL FROM answer ORDER BY id") == [
        ('"blue"', 0),
        ('"green"', 1),
    ]
    assert await through(ann, "because", "1") == [BYE]


async def test_a_button_of_a_conversation_that_is_over_corrects_it(world):
    """After the end, and beside another open conversation, an old button still changes its own answer, once asked.

    What is typed then answers the open conversation, whose question comes last: a yes is no yes to the change.
    """
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    await ann.start(world.token("hcp_commitment"))
    [sure, first] = await ann.tap(colour, 0)
    assert sure.text.endswith("You answered “Blue”. Shall I change it to “Red”?")
    assert first.text.startswith("Hello.")
    await ann.say("yes")
    assert world.rows("SELECT purpose, granted FROM consent ORDER BY id")[-1] == ("take_part", 1)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"blue"',)
    ]
    await ann.tap(sure, 0)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"red"',)
    ]
    assert world.rows("SELECT status, outcome FROM conversation ORDER BY id") == [
        ("ended", "completed"),
        ("open", None),
    ]


@pytest.mark.parametrize(
    ("words", "value"), [("yes", '"red"'), ("change it", '"red"'), ("no", '"blue"'), ("hello", '"blue"')]
)
async def test_words_after_the_end_decide_on_a_change(world, words, value):
    """With nothing open, a typed yes or no is the answer to 'Shall I change it?'; other words change nothing."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    await ann.tap(colour, 0)
    shown = await ann.say(words)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        (value,)
    ]
    if words == "hello":
        assert texts(shown) == [said(Sentence.NO_CONVERSATION)]


async def test_a_yes_two_days_later_changes_nothing(world):
    """A question that was left alone is over after a day; its button works as long as it is there."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await through(ann, "blue", "because", "1")
    [sure] = await ann.tap(colour, 0)
    world.clock.move(timedelta(days=2))
    assert texts(await ann.say("yes")) == [said(Sentence.NO_CONVERSATION)]
    await ann.tap(sure, 0)
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"red"',)
    ]


async def test_somebody_elses_button_does_nothing(world):
    """A button names its conversation; it works only for the person whose conversation it is.

    What they are told is what they would be told if there were no such conversation.
    """
    ann, bob = world.someone("ann"), world.someone("bob")
    [colour] = await ann.start(world.token())
    await bob.start(world.token())
    nobodys = await bob.does(InboundKind.TAP, button=button_payload(99, 0, 0))
    assert texts(nobodys) == [said(Sentence.BUTTON_UNKNOWN), COLOUR]
    assert texts(await bob.tap(colour, 0)) == texts(nobodys)
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]


@pytest.mark.parametrize("moment", ["open", "completed", "expired", "stopped"])
async def test_somebody_elses_button_does_nothing_at_any_moment(world, moment):
    """Whether the other conversation runs, is over, ran out of time or was stopped: it stays as it was."""
    ann, bob = world.someone("ann"), world.someone("bob")
    [colour] = await ann.start(world.token())
    if moment == "completed":
        await through(ann, "red", "because", "1")
    elif moment == "expired":
        _expire(world, 14)
    elif moment == "stopped":
        await ann.say("stop")
    await bob.start(world.token())
    kept = "SELECT status, outcome, state FROM conversation WHERE id = 1"
    before = world.rows(kept), world.rows("SELECT * FROM answer")
    assert texts(await bob.tap(colour, 2)) == [said(Sentence.BUTTON_UNKNOWN), COLOUR]
    assert (world.rows(kept), world.rows("SELECT * FROM answer")) == before


@pytest.mark.parametrize(
    "button",
    ["nonsense", "", "ffff.0.0", "0.0.0", "1.99.0", "1.0.99", "1.0", "f" * 20 + ".0.0", "1.0.-1", "1.-1.0"],
)
async def test_a_button_that_is_none_of_ours_does_no_harm(world, button):
    """Stale, cut or invented payloads are answered kindly or left alone, and the conversation goes on."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.does(InboundKind.TAP, button=button)
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]
    assert texts(await ann.say("red")) == [WORDS]


@pytest.mark.parametrize("button", ["nonsense", "", "1.0.\u0660", "+1.0.0", "0x1.0.0", "1_0.0.0", "1.0.00"])
async def test_a_button_of_another_bot_is_named_so(world, button):
    """The same words to a stranger, in a conversation, after it and while deletion is asked about; it stays asked."""
    ann = world.someone()
    tap = {"kind": InboundKind.TAP, "button": button}
    unknown = said(Sentence.BUTTON_UNKNOWN)
    assert texts(await ann.does(**tap)) == [unknown]
    await ann.start(world.token())
    assert texts(await ann.does(**tap)) == [unknown, COLOUR]
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    await through(ann, "red", "because", "1", "delete my data")
    assert texts(await ann.does(**tap)) == [unknown]
    assert texts(await ann.say("yes")) == [said(Sentence.DELETED)]


async def test_an_edited_message_changes_its_answer(world):
    """The answer that the message gave is corrected, in the open conversation and, once asked, in one that is over."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red", message_id="m1")
    await ann.does(InboundKind.EDIT, text="blue", message_id="m1")
    assert world.rows("SELECT value FROM answer WHERE superseded_at IS NULL") == [('"blue"',)]
    await through(ann, "because", "1")
    await ann.does(InboundKind.EDIT, text="green", message_id="m1")
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"blue"',)
    ]
    await ann.say("yes")
    assert world.rows("SELECT value FROM answer WHERE slot = 'colour' AND superseded_at IS NULL") == [
        ('"green"',)
    ]


@pytest.mark.parametrize("text", ["x", "stop", "delete my data", "blue", "/start", "my data"])
async def test_an_edit_of_what_was_no_answer_says_and_changes_nothing(world, text):
    """Whoever edits it, and whenever: a stranger, in a conversation, after it, and after leaving."""
    ann = world.someone()

    async def edits(message_id="never seen"):
        before = _all_that_is_kept(world)
        assert await ann.does(InboundKind.EDIT, text=text, message_id=message_id) == []
        assert _all_that_is_kept(world) == before

    await edits()
    await ann.say("hello", message_id="before the link")
    await ann.start(world.token(), message_id="link")
    for message_id in ("never seen", "before the link", "link"):
        await edits(message_id)
    await ann.say("help", message_id="help")
    await edits("help")
    await through(ann, "red", "because", "1")
    await ann.say("thanks", message_id="thanks")
    await edits("thanks")
    await ann.say("delete my data", message_id="wish")
    await edits("wish")
    await ann.say("no")
    await ann.say("stop", message_id="stop")
    await edits("stop")


def _all_that_is_kept(world):
    """What an edit might change: conversations, answers, participants and what is said to them."""
    tables = {
        "conversation": "status, outcome, state",
        "answer": "*",
        "participant": "status, language, erasure_asked_at",
        "outbox": "id, payload",
        "consent": "*",
    }
    return {table: world.rows(f"SELECT {columns} FROM {table}") for table, columns in tables.items()}


async def test_an_edit_before_its_message_is_answered_counts_after_it(world):
    """Both are stored before either is handled: the words as they were answer, and the edit corrects them."""
    ann = world.someone()
    await ann.start(world.token())
    sent = [
        ann.inbound(InboundKind.TEXT, text="red", message_id="m1"),
        ann.inbound(InboundKind.EDIT, text="green", message_id="m1"),
    ]
    await world.runtime.receive(sent)
    await world.runtime.drain()
    assert world.rows("SELECT value FROM answer WHERE superseded_at IS NULL") == [('"green"',)]


async def test_an_edited_answer_of_what_ran_out_of_time_is_refused_in_words(world):
    """It was an answer, so that silence would leave its writer believing that it has changed."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red", message_id="m1")
    _expire(world, 14)
    edited = await ann.does(InboundKind.EDIT, text="blue", message_id="m1")
    assert texts(edited) == [said(Sentence.CONVERSATION_ENDED)]
    assert world.rows("SELECT value FROM answer") == [('"red"',)]


@pytest.mark.parametrize("moment", ["open", "over", "stopped"])
async def test_words_of_distress_in_an_edit_are_responded_to(world, moment):
    """Also where the message was no answer: help is shown, and a case is opened."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("hello there", message_id="m1")
    if moment == "over":
        await through(ann, "red", "because", "1")
    elif moment == "stopped":
        await ann.say("stop")
    shown = await ann.does(InboundKind.EDIT, text="I want to kill myself", message_id="m1")
    assert "emergency" in shown[0].text
    assert world.rows("SELECT kind FROM safety_case") == [("distress",)]


@pytest.mark.parametrize("kind", list(MediaKind))
async def test_media_get_a_kind_answer(world, kind):
    """A voice note, a picture, a sticker: words are asked for, with and without an open conversation."""
    ann = world.someone()
    assert texts(await ann.does(InboundKind.MEDIA, media=kind)) == [asking(Sentence.INVITATION_NEEDED)]
    await ann.start(world.token())
    [answer, *_] = texts(await ann.does(InboundKind.MEDIA, media=kind))
    assert "words" in answer


async def test_words_without_an_open_conversation_get_a_kind_answer(world):
    """After the end: that nothing is open; help still helps."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    assert texts(await ann.say("thanks!")) == [said(Sentence.NO_CONVERSATION)]
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
    assert await ann.does(InboundKind.PROFILE, timezone="Moon/Base") == []
    assert world.rows("SELECT timezone FROM participant") == [("Asia/Kathmandu",)]


# --- conversations that ran out of time ---


def _expire(world, days):
    world.clock.move(timedelta(days=days))
    world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE conversation SET status = 'ended', outcome = 'expired', ended_at = ?",
            (world.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f"),),
        )
    )


async def test_a_reply_after_the_end_of_time_is_still_an_answer(world):
    """An expired conversation is taken up again by a reply: nothing that a person said is lost."""
    ann = world.someone()
    await ann.start(world.token())
    _expire(world, 14)
    world.clock.move(timedelta(days=2))
    assert texts(await ann.say("red")) == [WORDS]
    assert world.rows("SELECT status, outcome, ended_at FROM conversation") == [("open", None, None)]


async def test_after_a_long_time_words_are_words_and_a_button_is_an_answer(world):
    """Weeks later, words get a kind answer; a button, which names its question, still answers it."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    _expire(world, 14)
    world.clock.move(timedelta(days=20))
    assert texts(await ann.say("hello")) == [said(Sentence.NO_CONVERSATION)]
    assert texts(await ann.tap(colour, 0)) == [WORDS]


async def test_the_link_of_an_expired_conversation_takes_it_up(world):
    """The link shows where they were, and says welcome back."""
    ann = world.someone()
    token = world.token()
    await ann.start(token)
    await ann.say("red")
    _expire(world, 14)
    assert texts(await ann.start(token)) == [said(Sentence.WELCOME_BACK), WORDS]


async def test_a_button_of_an_expired_conversation_does_not_open_a_second_one(world):
    """While another conversation is open, the expired one stays closed."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    _expire(world, 14)
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


async def test_a_conversation_keeps_the_version_that_it_began_with(world):
    """A script that changes does not change a conversation that is on its way; new conversations play the new one."""
    from bot.turns.runtime import Runtime, RuntimeOptions
    from flows.script.loader import load_flow_text
    from tests.support.turn_world import SMALL_FLOW, flows

    ann, bob = world.someone("ann"), world.someone("bob")
    token = world.group()
    await ann.start(token)
    changed = load_flow_text(SMALL_FLOW.replace("Say something.", "Say it otherwise."))
    options = RuntimeOptions(opens=lambda _: True)
    world.runtime = Runtime(world.database, {**flows(), "small": changed}, world.clock, options)
    assert texts(await ann.say("red")) == [WORDS]
    await bob.start(token)
    assert texts(await bob.say("red")) == ["Say it otherwise."]
    assert world.rows("SELECT count(*) FROM flowversion") == [(2,)]


class Taps:
    """A runtime whose one channel shows traces and toasts, and what it was told of taps."""

    def __init__(self, world) -> None:
        self.told: list[tuple[str, str | None]] = []
        options = RuntimeOptions(
            opens=lambda _flow: True,
            edits=frozenset({"terminal"}),
            taken=lambda channel, _external_id, toast: self.told.append((channel, toast)),
        )
        world.runtime = Runtime(world.database, flows(), world.clock, options)


def traces(world) -> list[tuple[int, str]]:
    return world.rows("SELECT ask, payload FROM outbox WHERE kind = 'edit' ORDER BY id")


async def test_a_tap_is_told_to_its_channel_once_it_is_committed(world):
    """Its turn answers it; words that are typed are told to nobody."""
    taps, ann = Taps(world), world.someone()
    [colour] = await ann.start(world.token())
    await ann.tap(colour, 0)
    assert taps.told == [("terminal", None)]
    await ann.say("because")
    assert taps.told == [("terminal", None)]
    assert [ask for ask, _ in traces(world)] == [0, 1]
    assert '"chosen":["Red"]' in traces(world)[0][1]
    assert "because" not in traces(world)[1][1]


@pytest.mark.parametrize(("seconds", "in_passing"), [(0, True), (0.4, True), (1, False), (60, False)])
async def test_a_toast_that_would_come_too_late_is_a_message(world, seconds, in_passing):
    """What is said of a tap reaches whoever tapped, by a toast within a second, else in the chat."""
    taps, ann = Taps(world), world.someone()
    await ann.start(world.token())
    await world.runtime.receive([ann.inbound(InboundKind.TAP, button="nonsense")])
    world.clock.move(timedelta(seconds=seconds))
    await world.runtime.drain()
    unknown = said(Sentence.BUTTON_UNKNOWN)
    assert taps.told == [("terminal", unknown if in_passing else None)]
    assert (unknown in texts(ann.look())) is not in_passing


async def test_a_turn_that_is_put_aside_tells_nothing(world, monkeypatch):
    """Its tap is answered by the channel's own patience."""
    taps, ann = Taps(world), world.someone()
    [colour] = await ann.start(world.token())
    monkeypatch.setattr(conversations, "advance", fails)
    await ann.tap(colour, 0)
    assert (taps.told, world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL")) == ([], [(1,)])


def fails(*_args, **_more):
    raise RuntimeError("a mistake of ours")


async def test_where_nothing_can_be_edited_nothing_is_queued_for_it(world):
    """A channel without traces and toasts has no rows for them, and is told of no tap."""
    ann = world.someone()
    [colour] = await ann.start(world.token())
    await ann.tap(colour, 0)
    assert traces(world) == []
