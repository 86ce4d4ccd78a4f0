"""Promises of the turn: what came in is stored once and answered in order; no reply is an error."""

import asyncio
from datetime import timedelta
from itertools import count

import msgspec
import pytest
import structlog

from bot import turn_context
from bot.channels.base import InboundKind
from bot.clock import ProcessorTimeLimit
from bot.conversations import conversations, effects
from bot.errors import describe
from bot.turns import dispatch
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import Sentence
from flows.script.conditions import holds
from flows.script.loader import load_flow_text
from storage.conversations.writes import CommitStage
from storage.database.wakeups import WorkKind
from tests.support.turn_world import BYE, COLOUR, SMALL_FLOW, SURE, WORDS, flows, said, texts, through

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
    """A participant's code, and one that joins another app, have one shape, and no letters that are read as others."""
    ann = world.someone("ann")
    await ann.start(world.group(source="a"))
    await world.someone("bob").start(world.token())
    codes = [row[0] for row in world.rows("SELECT code FROM participant")]
    assert len(set(codes)) == 2
    joining = texts(await ann.say("link"))[0].rpartition(" ")[2]
    assert len(joining) == 8
    for code in codes:
        assert code.startswith("P-")
        assert len(code) == 8
    assert not set("".join([joining, *(code[2:] for code in codes)])) & set("AEIOU01L")


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
    again = msgspec.structs.replace(before, external_id="message:D1:1.000001", former_id="Ev1")
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


@pytest.mark.parametrize(("cost", "most"), [(0.0001, 40), (0.004, 8), (0.011, 3), (1.0, 1)])
async def test_a_batch_is_bounded_by_its_processor_time(world, cost, most):
    """However many people wait, a transaction ends with its time: what sending and timers write comes in between."""
    steps = count()
    world.runtime._begin_limit = lambda: ProcessorTimeLimit(
        0.03, lambda: next(steps) * cost, count().__next__
    )
    people = [world.someone(f"person-{number}") for number in range(40)]
    await world.runtime.receive([one.inbound(InboundKind.TEXT, text="hello") for one in people])
    sizes, write = [], world.database.write

    async def noted(work):
        result = await write(work)
        sizes.append(result[0])
        return result

    world.database.write = noted
    assert await world.runtime.drain() == 40
    world.database.write = write
    assert max(sizes) <= most
    assert sum(sizes) == 40


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


async def test_a_response_to_concern_that_raises_is_logged_without_words(world, monkeypatch):
    """The row is put aside all the same, and the log says where the second error arose."""
    ann = world.someone()
    await ann.start(world.token())

    def broken(*_args, **_more):
        raise ValueError("said in confidence")

    monkeypatch.setattr(dispatch.TurnDispatcher, "_respond_to_concern", broken)
    bad = _break_colour(monkeypatch, "engine")
    with structlog.testing.capture_logs() as logs:
        assert texts(await ann.say(bad)) == [said(Sentence.PUT_ASIDE)]
    [line] = [line for line in logs if line["event"] == "concern_not_answered"]
    assert line["error"].startswith("ValueError at ")
    assert "confidence" not in str(logs)


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


# --- what a turn leaves ---


async def test_a_conversation_keeps_the_version_that_it_began_with(world):
    """A script that changes does not change a conversation that is on its way; new conversations play the new one."""
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


async def test_a_turn_that_takes_too_long_is_put_aside_and_named(world, monkeypatch):
    """It is stopped at a condition; the others of its batch are answered, and it is named with its flow."""
    token = world.group()
    slow, other = world.someone("slow"), world.someone("other")
    for one in (slow, other):
        await one.start(token)
    engine, limits = conversations.advance, iter([lambda: True])

    def advance(*words, **more):
        holds("1 == 1", {}.__getitem__)
        return engine(*words, **more)

    class Limit:
        def __init__(self, seconds):
            assert seconds == turn_context.MOST_SECONDS
            self.is_reached = next(limits, lambda: False)

    monkeypatch.setattr(conversations, "advance", advance)
    monkeypatch.setattr(turn_context, "UNTIMED", 0)
    monkeypatch.setattr(turn_context, "ProcessorTimeLimit", Limit)
    await world.runtime.receive([one.inbound(InboundKind.TEXT, text="red") for one in (slow, other)])
    with structlog.testing.capture_logs() as logged:
        assert await world.runtime.drain() == 2
    assert texts(slow.look()) == [said(Sentence.PUT_ASIDE)]
    assert texts(other.look()) == [WORDS]
    [(error,)] = world.rows("SELECT error FROM inbox WHERE error IS NOT NULL")
    assert error.startswith("TurnTooLong at ")
    [named] = [line for line in logged if line["event"] == "turn_too_long"]
    assert {"conversation", "flow"} <= set(named)
