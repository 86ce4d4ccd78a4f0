"""Words that were read with doubt: which wait, what a person says that they mean, and that the words stay."""

import json

import pytest

from flows.engine.compiled import compile_flow
from flows.script.loader import library, load_flow_text
from flows.script.roles import Role
from storage.export.tables.answers import answers_as_json, answers_long
from storage.export.tables.remarks import remarks
from storage.export.tables.table import ExportSelection
from storage.people import coordinators
from storage.privacy import erasure, word_erasure
from storage.safety import rereadings
from storage.safety.reading import NotShown
from storage.safety.rereadings import NoSuchReading, NoUncertainText, value_of
from storage.safety.text_signals import TextKind, TextSource
from tests.support.coordinators import enrolled
from tests.support.turn_world import Someone, World, make_world

DOUBT = "maybe blue"


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


async def says(world: World, *lines: str, name: str = "ann") -> Someone:
    """Somebody who writes these lines in a small talk, from the question for a colour on."""
    person = world.someone(name)
    await person.start(world.token(role=Role.PATIENT))
    for line in lines:
        await person.say(line)
    return person


def waiting(world: World, kind: TextKind = TextKind.ANSWER) -> list[str]:
    return [one.source.name for one in world.database.read_now(lambda c: rereadings.waiting(c, kind))]


def source(name: str) -> TextSource:
    found = TextSource.read(name)
    assert found is not None
    return found


def show(world: World, name: str, by: str = "TEAM-1") -> rereadings.UncertainReading:
    who = world.database.read_now(lambda c: coordinators.by_code(c, by))
    return world.database.write_now(lambda c: rereadings.show(c, source(name), by=who, now=world.clock.now()))


def decide(world: World, name: str, *codes: str, by: str = "TEAM-1") -> None:
    who = world.database.read_now(lambda c: coordinators.by_code(c, by))
    world.database.write_now(
        lambda c: rereadings.decide(c, source(name), codes, by=who, now=world.clock.now())
    )


def exported(world: World, table=answers_long) -> list[dict[str, object]]:
    def read(connection):
        made = table(connection, ExportSelection())
        return [dict(zip(made.columns, row, strict=True)) for row in made.rows]

    return world.database.read_now(read)


@pytest.mark.parametrize(
    "line", ["red", "Red", "2", "Blue please", "GREEN!", "\N{LARGE GREEN CIRCLE} green"], ids=str
)
async def test_what_names_a_choice_is_certain(world, line):
    """A label in any writing, with courtesy around it, and a place in the list."""
    await says(world, line)
    assert waiting(world) == []


@pytest.mark.parametrize("line", [DOUBT, "grean", "blue, because it is calm"], ids=str)
async def test_what_was_read_out_of_other_words_waits(world, line):
    """A slip, half a choice, and one with more beside it, which waits once and not as a remark, too."""
    await says(world, line)
    assert world.rows("SELECT id, raw FROM answer WHERE uncertain") == [(1, line)]
    assert waiting(world) == ["1"]
    assert waiting(world, TextKind.REMARK) == []


async def test_words_that_could_not_be_read_wait_too(world):
    """After the second time the talk goes on, and a person can say what was meant."""
    await enrolled(world)
    await says(world, "purple is what I like, honestly", "something else entirely, then")
    rows = world.rows("SELECT id, raw, status FROM answer WHERE slot = 'colour'")
    assert [status for _, _, status in rows] == ["unparsed"]
    names = waiting(world) + waiting(world, TextKind.REMARK)
    assert names
    shown = show(world, names[0])
    assert (shown.read_as, [code for code, _ in shown.choices]) == ((), ["red", "blue", "green"])


async def test_a_person_sets_what_was_meant_and_nothing_else_changes(world):
    """It is kept with who and when, is in the exports, can be said again, and needs that the words were shown."""
    await enrolled(world)
    await says(world, DOUBT)
    [name] = waiting(world)
    before = world.rows("SELECT id, value, raw, status FROM answer")
    with pytest.raises(NotShown):
        decide(world, name, "green")
    shown = show(world, name)
    assert (shown.text, shown.question, shown.read_as) == (DOUBT, "Which colour?", ("Blue",))
    with pytest.raises(NoSuchReading, match="red, blue, green"):
        decide(world, name, "purple")
    decide(world, name, "green")
    assert waiting(world) == []
    [row] = [row for row in exported(world) if str(row["answer"]) == name]
    assert (row["value"], row["raw"], row["reread_value"]) == ("blue", DOUBT, "green")
    assert row["reread_at"]
    decide(world, name)
    [row] = [row for row in exported(world, answers_as_json) if str(row["answer"]) == name]
    assert (row["reread_value"], bool(row["reread_at"])) == (None, True)
    kept = world.database.read_now(lambda c: rereadings.decided(c, limit=9))
    assert [(one.meaning, one.was_left, one.by) for one in kept] == [
        ((), True, "TEAM-1"),
        (("Green",), False, "TEAM-1"),
    ]
    assert world.rows("SELECT id, value, raw, status FROM answer") == before
    told = [
        json.loads(one) for (one,) in world.rows("SELECT details FROM audit_event WHERE kind = 'rereading'")
    ]
    assert [(one["by"], one["left"]) for one in told] == [("TEAM-1", False), ("TEAM-1", True)]
    assert DOUBT not in str(world.rows("SELECT details FROM audit_event"))


async def test_a_remark_beside_a_choice_waits_and_is_set_like_an_answer(world):
    """What was said under a question with choices that was answered then; its own columns tell what it means."""
    await enrolled(world)
    await says(world, "purple is what I like, honestly", "red")
    [name] = waiting(world, TextKind.REMARK)
    shown = show(world, name)
    assert shown.read_as == ("Red",)
    decide(world, name, "blue")
    assert waiting(world, TextKind.REMARK) == []
    [row] = exported(world, remarks)
    assert (row["raw"], row["reread_value"]) == ("purple is what I like, honestly", "blue")


async def test_nothing_is_set_where_there_is_no_question_with_choices(world):
    """Own words are nobody's choice; what is not there is refused."""
    await enrolled(world)
    await says(world, "red", "Nobody ever called me back")
    [(number,)] = world.rows("SELECT id FROM answer WHERE slot = 'words'")
    for name in (str(number), "r99", "c1", "4711"):
        with pytest.raises(NoUncertainText):
            show(world, name)


async def test_what_was_set_goes_with_everything_of_a_person(world):
    """Erasure deletes it; words that are emptied in time leave the code, as that of an answer."""
    await enrolled(world)
    await says(world, DOUBT)
    [name] = waiting(world)
    show(world, name)
    decide(world, name, "green")
    [(person,)] = world.rows("SELECT participant_id FROM conversation LIMIT 1")
    world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE conversation SET status = 'ended', outcome = 'completed'")
    )
    world.database.write_now(lambda c: word_erasure.empty_conversations(c, [1]))
    assert world.rows("SELECT value FROM rereading") == [('"green"',)]
    world.database.write_now(lambda c: erasure.erase_again(c, person, world.clock.now()))
    assert world.rows("SELECT * FROM rereading") == []


NUMBERS = """
flow: numbers
title: Numbers
language: en
audience: [patient]
steps:
  - {key: days, kind: number, text: How many days?, min: 0, max: 30}
  - {key: sure, kind: scale, text: How sure?, low_label: not, high_label: very}
  - key: which
    kind: select_many
    text: Which?
    max: 2
    choices:
      - {code: pain, label: Pain}
      - {code: cost, label: Cost}
      - {code: time, label: Time}
      - {code: none, label: None of these, exclusive: true}
  - {key: size, kind: number, text: How large?, whole: false}
  - key: years
    kind: number
    text: How many years?
    bands:
      - {code: few, label: Up to five, low: 0, high: 5}
      - {code: more, label: Six or more, low: 6}
      - {code: unknown, label: I do not know}
  - key: two
    kind: select_many
    text: Which two?
    min: 2
    choices:
      - {code: pain, label: Pain}
      - {code: cost, label: Cost}
      - {code: none, label: None of these, exclusive: true}
  - {key: bye, kind: end, text: Goodbye.}
"""


@pytest.mark.parametrize(
    ("key", "codes", "value"),
    [
        ("days", ["12"], 12),
        ("days", ["31"], None),
        ("days", ["1.5"], None),
        ("days", ["nan"], None),
        ("days", ["inf"], None),
        ("days", ["many"], None),
        ("sure", ["4"], 4),
        ("sure", ["9"], None),
        ("sure", ["4", "5"], None),
        ("which", ["cost", "pain"], ["pain", "cost"]),
        ("which", ["pain", "cost", "time"], None),
        ("which", ["none", "pain"], None),
        ("which", ["<b>"], None),
        ("size", ["1,5"], 1.5),
        ("size", ["inf"], None),
        ("size", ["1e999"], None),
        ("size", ["-nan"], None),
        ("years", ["few"], "few"),
        ("years", ["3"], "few"),
        ("years", ["6"], "more"),
        ("years", ["12"], "more"),
        ("years", ["5.5"], None),
        ("years", ["-1"], None),
        ("years", ["inf"], None),
        ("two", ["cost", "pain"], ["pain", "cost"]),
        ("two", ["cost"], None),
        ("two", ["none"], ["none"]),
    ],
)
def test_only_an_answer_to_the_question_can_be_set(key, codes, value):
    """Numbers within their bounds or by their bands, points of the scale, choices that go together; no more."""
    node = compile_flow(load_flow_text(NUMBERS)).questions[key]
    if value is None:
        with pytest.raises(NoSuchReading):
            value_of(node, codes)
    else:
        assert value_of(node, codes) == value


def test_the_library_has_questions_to_which_this_applies():
    """There is something to be put right in the shipped scripts."""
    nodes = (node for flow in library().values() for node in compile_flow(flow).questions.values())
    assert any(node.kind in rereadings.READ_AS_CHOICES and node.written for node in nodes)
