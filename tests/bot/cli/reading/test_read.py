"""Promises of `said read`: what nobody has read is shown whole, and read once somebody says so."""

import json
from base64 import b64encode
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.channels.base import InboundKind
from bot.cli.reading import texts
from bot.cli.reading.session import ReadingSession
from bot.cli.root import app
from bot.errors import UsageError
from bot.settings.settings import load_settings
from flows.script.roles import Role
from storage.people import coordinators
from storage.safety.reading import NotShown
from tests.support.coordinators import enrolled
from tests.support.safety_world import ADVERSE
from tests.support.turn_world import World, make_world

TOLD = "It took weeks until anybody called me, ring 020 7946 0958"


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = make_world(tmp_path)
    yield made
    made.database.close()


def run(world: World, *arguments: str) -> Result:
    """The command, on this world's database."""
    return CliRunner().invoke(app, [*arguments, "--database", str(Path(world.database.path))])


async def told(world: World, words: str, name: str, **what: str):
    person = world.someone(name)
    await person.start(world.token(role=Role.PATIENT))
    await person.say("red")
    await person.say(words, **what)
    return person


def unread(world: World) -> list[str]:
    return [text["source"] for text in json.loads(run(world, "read", "list", "--json").stdout)["texts"]]


async def test_the_list_has_nobodys_words_and_showing_has_no_identifier(world):
    """What is shown is in the trail, with who looked; what is marked is read."""
    await enrolled(world)
    await told(world, TOLD, "ann")
    listed = run(world, "read", "list")
    assert "called" not in listed.stdout
    assert "plain" in listed.stdout
    assert "Unread: 1 (risk 0, event 0, plain 1)." in listed.stderr
    [name] = unread(world)
    assert isinstance(run(world, "read", "mark", name, "--by", "TEAM-1").exception, NotShown)
    shown = run(world, "read", "show", name, "--by", "team-1").stdout
    assert "ring [phone]" in shown
    assert "Say something." in shown
    details = world.rows("SELECT details FROM audit_event WHERE kind = 'view'")
    assert json.loads(details[-1][0]) == {"what": "text", "answer": int(name), "by": "TEAM-1"}
    assert "Read: 1." in run(world, "read", "mark", name, "--by", "TEAM-1").stdout
    assert unread(world) == []


async def test_one_mark_is_for_all_of_the_same_words(world):
    """With `--same`, and the number of them is shown before."""
    await enrolled(world)
    for number in range(3):
        await told(world, "All good." if number else "all good", f"p{number}")
    first = unread(world)[0]
    assert "2 more" in run(world, "read", "show", first, "--by", "TEAM-1").stdout
    assert "Read: 3." in run(world, "read", "mark", first, "--by", "TEAM-1", "--same").stdout
    assert unread(world) == []


async def test_reading_in_a_terminal_empties_the_queue(world):
    """Back, later, a case, all of the same words: what was put off in a session comes again in the next one."""
    await enrolled(world)
    await told(world, "All good", "one")
    await told(world, "all good.", "two")
    await told(world, "Since spring I walk into doors", "three")
    ann = await told(world, "I stopped the pills", "four", message_id="m1")
    await ann.does(InboundKind.EDIT, text="never mind", message_id="m1")
    await told(world, "Nothing much", "five")

    def session(*keys: str) -> list[str]:
        typed, asked = deque(keys), []

        def ask(question: str) -> str:
            asked.append(question)
            return typed.popleft()

        by = world.database.read_now(lambda c: coordinators.by_code(c, "TEAM-1"))
        settings = load_settings(None)
        ReadingSession(world.database, settings, by, world.program_id, ask, world.clock.now).run()
        assert not typed
        return asked

    asked = session("r", "x", "a", "b", "r", "c", "x", "a", "l")
    assert "[a] read, and 1 more with the same words" in asked[1]
    assert world.rows("SELECT kind, flagged_by FROM safety_case WHERE flagged_by IS NOT NULL") == [
        ("adverse_event", 1)
    ]
    later = unread(world)
    assert len(later) == 1
    session("s")
    assert unread(world) == later
    session("r")
    assert unread(world) == []


async def test_who_leaves_while_a_case_is_opened_has_read_nothing(world):
    """The terminal is closed, or they stop, at the question for the kind: no case, and the text stays unread."""
    await enrolled(world)
    await told(world, TOLD, "ann")
    typed = deque(["c", "stop"])
    by = world.database.read_now(lambda c: coordinators.by_code(c, "TEAM-1"))
    settings, clock = load_settings(None), world.clock.now
    ReadingSession(world.database, settings, by, None, lambda _question: typed.popleft(), clock).run()
    assert not typed
    assert len(unread(world)) == 1
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_a_case_that_cannot_be_opened_leaves_its_text_unread(world, monkeypatch):
    """The mark and the case are one step: where the second fails, or the process ends between, neither is there."""
    await enrolled(world)
    await told(world, TOLD, "ann")

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.team.alerts.of_case", fails)
    typed = deque(["c", "a"])
    by = world.database.read_now(lambda c: coordinators.by_code(c, "TEAM-1"))
    settings, clock = load_settings(None), world.clock.now
    with pytest.raises(KeyboardInterrupt):
        ReadingSession(world.database, settings, by, None, lambda _question: typed.popleft(), clock).run()
    assert len(unread(world)) == 1
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_words_that_are_deleted_while_their_case_is_opened(world):
    """It is said, and the session goes on."""
    await enrolled(world)
    await told(world, TOLD, "ann")
    await told(world, "Nothing much", "ben")
    typed = deque(["c", "a", "s"])

    def ask(question: str) -> str:
        if "adverse" in question:
            world.database.write_now(lambda c: c.exec_driver_sql("UPDATE answer SET raw = '' WHERE id = 2"))
        return typed.popleft()

    by = world.database.read_now(lambda c: coordinators.by_code(c, "TEAM-1"))
    settings, clock = load_settings(None), world.clock.now
    ReadingSession(world.database, settings, by, None, ask, clock).run()
    assert not typed
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_cases_with_the_same_words_take_one_command_and_two_people(world):
    """Each is decided on by itself; another case, and distress, is left alone."""
    await enrolled(world)
    await enrolled(world, "TEAM-2", "carl")
    for number in range(3):
        await told(world, ADVERSE, f"p{number}")
    await told(world, f"{ADVERSE} and a rash", "other")
    run(world, "safety", "show", "1", "--by", "TEAM-1")
    said = run(world, "safety", "not-event", "1", "--by", "TEAM-1", "--reason", "a test", "--same").stdout
    assert "With the same words: 2." in said
    assert "A second coordinator must say the same of 3" in said
    states = "SELECT status FROM safety_case ORDER BY id"
    assert world.rows(states) == [("reviewing",)] * 3 + [("new",)]
    run(world, "safety", "not-event", "2", "--by", "TEAM-1", "--reason", "again", "--same")
    assert world.rows(states) == [("reviewing",)] * 3 + [("new",)]
    run(world, "safety", "not-event", "2", "--by", "TEAM-2", "--reason", "a test", "--same")
    assert world.rows(states) == [("not_an_event",)] * 3 + [("new",)]
    trail = "SELECT count(*) FROM audit_event WHERE kind = 'safety'"
    assert world.rows(trail) == [(9,)]
    assert len(unread(world)) == 1


async def test_the_figures_are_where_people_look(world):
    """Reconcile counts what is unread by class, with zeros; in JSON beside each row of the programme."""
    await enrolled(world)
    await told(world, TOLD, "ann")
    rows = json.loads(run(world, "safety", "reconcile", "--json").stdout)
    assert {json.dumps(row["texts_unread"]) for row in rows} == {'{"risk": 0, "event": 0, "plain": 1}'}
    table = run(world, "safety", "reconcile").stdout
    assert "texts that nobody has read" in table


async def test_what_is_no_text_is_refused(world):
    """A slip in a name, an unknown programme, nobody who reads, no terminal."""
    await enrolled(world)
    for line in (
        ("show", "x7", "--by", "TEAM-1"),
        ("list", "--program", "nothing"),
        (),
        ("--by", "TEAM-1"),
    ):
        assert isinstance(run(world, "read", *line).exception, UsageError), line
    assert "nothing is unread" in str(run(world, "read", "show", "1", "--by", "TEAM-1").exception)


async def test_the_list_says_whose_clock_has_run_out(world, monkeypatch):
    """In whole words, as the list of cases does."""
    await enrolled(world)
    await told(world, TOLD, "ann")
    for days, words in ((0, "in time"), (7, "OVERDUE")):
        monkeypatch.setattr(texts, "time_now", lambda days=days: world.clock.now() + timedelta(days=days))
        assert words in run(world, "read", "list").stdout


async def test_words_drive_no_terminal(world):
    """What a patient wrote with the controls of a terminal is shown as what it is, in one line."""
    await enrolled(world)
    await told(world, "It hurt\nread by   TEAM-1\x1b[2J \u202ethgir", "eve")
    [name] = unread(world)
    shown = run(world, "read", "show", name, "--by", "TEAM-1").stdout
    assert "It hurt ↵ read by   TEAM-1\\x1b[2J \\u202ethgir" in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    machine = run(world, "read", "show", name, "--by", "TEAM-1", "--json").stdout
    assert "\u202e" not in machine
    assert json.loads(machine)[0]["text"] == "It hurt\nread by   TEAM-1\x1b[2J \u202ethgir"
