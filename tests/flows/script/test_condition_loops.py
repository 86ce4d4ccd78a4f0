"""Macros are found in a condition, and their steps are counted while it runs."""

import re
from typing import Any

import pytest

from flows.script.condition_loops import MOST_STEPS, LoopSteps, counted, shape
from flows.script.conditions import ConditionError, compile_condition, evaluate, evaluate_each, holds

LIST = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"


def nested(macro: str, depth: int, inside: str) -> str:
    """Return a condition of so many macros within each other."""
    for number in range(depth):
        inside = f"{LIST}.{macro}(x{number}, {inside})"
    return inside


def filters(depth: int) -> str:
    """Return a condition of so many filters within each other."""
    inside = "true"
    for number in range(depth):
        inside = f"size({LIST}.filter(x{number}, {inside})) > 0"
    return inside


@pytest.mark.parametrize(
    ("source", "variables", "depth"),
    [
        ("a.exists(x, x == 1)", [("x", ())], 1),
        ("a . exists_one\n( x , x == 1)", [("x", ())], 1),
        ("a.map(x, b.filter(y, y == x))", [("x", ()), ("y", ("x",))], 2),
        ("a.map(x, x)[0].all(y, (y))", [("x", ()), ("y", ())], 2),
        ("a.map(x, true, [x])", [("x", ())], 2),
        ("'.map(x, ' == a", [], 0),
        ('"""\\".map(x, """ == a', [], 0),
        (r"r'\' == a || a.exists(x, x == 'it\'s')", [("x", ())], 1),
        ("a // .map(x, x)\n == 1", [], 0),
        ("size(a.b)", [], 1),
        ("a.exists(x, x", [("x", ())], 1),
        (")]}", [], 0),
    ],
)
def test_shape(source: str, variables: list[tuple[str, tuple[str, ...]]], depth: int) -> None:
    """Every macro is found, and none in a text in quotes or a comment."""
    found = shape(source)
    assert [(loop.variable, loop.around) for loop in found.loops] == variables
    assert found.depth == depth


def test_counted() -> None:
    """Each list goes through `admit_`, with the names that its macro reads and the items of those around it."""
    source = "a.map(x, b.filter(y, y == x + c.d))"
    made = "a.admit_(1, 'b c').map(x, b.admit_(1, 'c', x).filter(y, y == x + c.d))"
    assert counted(source, shape(source), ("a", "b", "c")) == made


def test_a_pattern_weighs_on_each_round() -> None:
    """It is prepared anew in each, and the longer the more its repetitions make of it."""
    source = "a.exists(x, x.matches('[0-9]{2,5}')) && b.matches('c') && a.exists(x, true)"
    made = counted(source, shape(source), ("a", "b"))
    assert re.findall(r"admit_\((\d+)", made) == ["101", "1"]


@pytest.mark.parametrize(
    ("source", "times"),
    [
        ("a.matches('b')", 1),
        ("a.matches( 'b)' )", 1),
        ("a.matches(r'([0-9]{4}){2,5}')", 20),
        ("a.matches('b{0,}')", 1),
        ("a.matches(b)", 100),
        ("a.matches('b' + b)", 100),
        ("matches(a, 'b')", 100),
        ("a.matches('b'", 1),
    ],
)
def test_how_often_a_pattern_repeats(source: str, times: int) -> None:
    """As it says where it stands in quotes; what is made while it runs may be anything."""
    assert [pattern.times for pattern in shape(source).patterns] == [times]


@pytest.mark.parametrize(
    "source",
    [
        "size(" + nested("map", 12, "1") + ") > 0",
        nested("exists", 12, "false"),
        nested("all", 12, "true"),
        nested("exists_one", 12, "false"),
        filters(12),
        "['aaaaaaaaaa']" + ".map(x, x + x)" * 24 + " == []",
        "r'a\\' == 'x' || " + nested("exists", 9, "false"),
        "words.map(x, "
        + "+".join(["x"] * 200)
        + ").map(x, "
        + "+".join(["x"] * 200)
        + ").map(x, x + x) == []",
        "many.map(x, many.map(y, many)) == []",
        "many.map(x, texts) == []",
        "many.exists(x, many.exists(y, words[0].matches('(a{100}){100}' + string(y))))",
        "long.map(x, x) == []",
    ],
)
def test_a_condition_that_would_never_end_ends(source: str) -> None:
    """It does not hold, and no more rounds are made than are counted: 357 characters once took for ever."""
    values: dict[str, Any] = {
        "words": ["w" * 4000],
        "texts": ["w" * 40_000],
        "many": list(range(100)),
        "long": list(range(5_000)),
    }
    assert not holds(source, values.__getitem__)
    with pytest.raises(ConditionError, match=f"more than {MOST_STEPS:,} steps"):
        evaluate(source, values.__getitem__)
    assert evaluate_each({"a": source, "b": "words[0] != ''"}, values.__getitem__) == {"a": None, "b": True}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("people.exists(one, one.name == 'b')", True),
        ("people.filter(one, one.age > 3)[0].name", "b"),
        ("people.map(one, [1, 2].map(n, n + one.age))", [[2, 3], [5, 6]]),
        ("{'k': 1.5}.all(key, key == 'k')", True),
        ("people.exists_one(one, has(one.none))", True),
        ("[].map(x, x)", []),
        ("people.map(one, one.name + 'x').filter(y, y != 'ax')", ["bx"]),
    ],
)
def test_counting_changes_no_value(source: str, value: Any) -> None:
    """What a macro gives is the same, whether its steps are counted or not."""
    people = [{"name": "a", "age": 1}, {"name": "b", "age": 4, "none": None}]
    assert evaluate(source, {"people": people}.__getitem__) == value


@pytest.mark.parametrize("source", ["'abc'.map(x, x) == []", "null.exists(x, true)", "3.all(x, true)"])
def test_what_is_no_list_is_refused_as_before(source: str) -> None:
    """A macro over a text is an error of types, and none of steps."""
    with pytest.raises(ConditionError, match=r"overload|Syntax|mismatched|extraneous"):
        evaluate(source, {}.__getitem__)


def test_an_author_cannot_call_what_counts() -> None:
    """Its name is no function that a condition may call, nor is any other that begins like an operator."""
    for source in ("[1].admit_(0) == [1]", "_hidden(1)"):
        with pytest.raises(ConditionError, match="unknown function"):
            compile_condition(source)


def test_admit_counts_what_each_round_weighs() -> None:
    """Nothing is given any more once the steps are used up, and none of a round is begun that would be too much."""
    steps = LoopSteps({"much": list(range(MOST_STEPS))})
    ten = list(range(10))
    assert steps.admit(ten, 1, "") == ten
    assert steps.admit(ten, MOST_STEPS, "", "x") == []
    assert steps.exceeded
    assert steps.admit(ten, 1, "") == []
    steps.begin()
    assert (steps.admit(ten, 1, "unknown"), steps.exceeded) == (ten, False)
    assert (steps.admit(ten, 1, "unknown much"), steps.exceeded) == ([], True)
