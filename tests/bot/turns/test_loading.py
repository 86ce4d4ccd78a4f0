"""What the first turns after a start need is read and parsed ahead, and by nobody who holds the writer."""

import asyncio
import gc
import threading

import pytest

from bot.channels.base import InboundKind
from bot.turns import runtime
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.parsing import language_names, link_codes, vocabulary
from flows.program.model import ProgramFile
from flows.script.loader import load_flow_text
from flows.script.model import Flow
from storage.database.wakeups import WorkKind
from storage.programs import flow_versions, programs
from tests.support.turn_world import SMALL_FLOW, SURE, WORDS, flows, texts, through


@pytest.fixture
def parsed(monkeypatch):
    """A process that has parsed nothing yet: who parses what from now on, by thread."""
    seen: list[tuple[str, str]] = []

    def watch(owner, name):
        original = getattr(owner, name)

        def watched(*values, **more):
            seen.append((name, threading.current_thread().name))
            return original(*values, **more)

        monkeypatch.setattr(owner, name, watched)

    monkeypatch.setattr(programs, "_parsed", programs._Parsed())
    monkeypatch.setattr(flow_versions, "_parsed", {})
    for cached in (
        vocabulary.vocabulary,
        vocabulary._read,
        link_codes._words,
        language_names._names,
        language_names._openers,
    ):
        cached.cache_clear()
    watch(vocabulary, "read_source")
    watch(ProgramFile, "model_validate")
    watch(Flow, "model_validate_json")
    watch(language_names, "Locale")
    return seen


async def test_the_first_turn_parses_nothing_in_the_writer(world, parsed):
    """Word lists, the program's file and the version that a conversation began with are there before it is taken."""
    ann = world.someone()
    await ann.start(world.token())
    changed = load_flow_text(SMALL_FLOW.replace("Say something.", "Say it otherwise."))
    options = RuntimeOptions(opens=lambda _: True)
    world.runtime = Runtime(world.database, {**flows(), "small": changed}, world.clock, options)
    programs._parsed._files.clear()
    parsed.clear()
    answered = asyncio.Event()
    world.runtime.wakeups.listen(WorkKind.OUTBOX, answered.set)
    await world.runtime.receive([ann.inbound(InboundKind.TEXT, text="red")])
    running = asyncio.create_task(world.runtime.run())
    while not (found := texts(ann.look())):
        await answered.wait()
        answered.clear()
    assert found == [WORDS]
    assert {what for what, _ in parsed} >= {"model_validate", "model_validate_json", "Locale"}
    assert [one for one in parsed if "writer" in one[1]] == []
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_each_version_of_a_flow_is_parsed_once(world, parsed):
    """However many conversations end over an earlier version, its script is parsed for the first of them."""
    ann = world.someone()
    await ann.start(world.token())
    [kept] = [row[0] for row in world.rows("SELECT hash FROM flowversion")]
    for _ in range(3):
        assert world.database.read_now(lambda c: flow_versions.load(c, kept)) is not None
    assert [what for what, _ in parsed if what == "model_validate_json"] == ["model_validate_json"]


async def test_word_lists_wait_for_the_platforms_or_the_first_message(world, monkeypatch):
    """At a start the channels connect first; whoever writes meanwhile has the lists read at once, and is answered."""
    loaded = []
    monkeypatch.setattr(runtime, "settle", lambda: loaded.append(True))
    ann = world.someone()
    await ann.start(world.token())
    options = RuntimeOptions(opens=lambda _: True, connecting_seconds=600.0)
    world.runtime = Runtime(world.database, flows(), world.clock, options)
    answered = asyncio.Event()
    world.runtime.wakeups.listen(WorkKind.OUTBOX, answered.set)
    running = asyncio.create_task(world.runtime.run())
    await world.database.read(lambda _: None)
    assert not loaded
    await world.runtime.receive([ann.inbound(InboundKind.TEXT, text="red")])
    while not texts(ann.look()):
        await answered.wait()
        answered.clear()
    assert loaded
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_turns_leave_nothing_to_the_garbage_collector(world):
    """What a turn held is free with it: the collector runs rarely, and until then it would fill memory that is cold."""
    ann, ben = world.someone("ann"), world.someone("ben")
    await ann.start(world.token())
    await through(ann, "blue", "because", "4")  # what is read and parsed once
    await ben.start(world.token())
    gc.collect()
    gc.disable()
    try:
        assert await through(ben, "blue", "because") == [SURE]
        assert gc.collect() == 0
    finally:
        gc.enable()
