"""Conditions: what they may name and call, and what they are worth."""

from typing import Any

import pytest

from flows.script import conditions
from flows.script.conditions import (
    CompiledCondition,
    ConditionError,
    compile_condition,
    decided,
    evaluate,
    evaluate_each,
    holds,
    names,
)

VALUES: dict[str, Any] = {
    "word": "yes",
    "picks": ["a", "b"],
    "nothing": None,
    "number": 3,
    "wave": {"days": 30, "last": False},
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("word == 'yes'", True),
        ("'a' in picks && size(picks) == 2", True),
        ("picks.exists(x, x == 'b')", True),
        ("wave.days <= 30", True),
        ("nothing == null", True),
        ("nothing != null ? 1 : 2", 2),
        ("number + 1", 4),
        ("word", "yes"),
        ("{'a': word}", {"a": "yes"}),
    ],
)
def test_evaluate(source: str, value: Any) -> None:
    """A condition is worth what CEL says."""
    assert evaluate(source, VALUES.__getitem__) == value


@pytest.mark.parametrize(
    "source", ["nothing > 3", "word > 3", "unknown == 1", "wave.nothing == 1", "1 / 0 == 1", "number"]
)
def test_does_not_hold(source: str) -> None:
    """What cannot be evaluated, or is no truth value, does not hold; nothing is raised."""
    assert not holds(source, VALUES.__getitem__)


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("word ==", 8, "mismatched input '<EOF>'"),
        ("word = 1", 6, "token recognition error at: '= '"),
        ("word == 'a'\n&& && x", 16, "extraneous input '&&'"),
        ("eval(word)", 1, "unknown function 'eval'"),
        ("word == 'x' || shout(word)", 16, "unknown function 'shout'"),
    ],
)
def test_problems_have_a_place(source: str, column: int, message: str) -> None:
    """A condition that does not compile tells where and why."""
    with pytest.raises(ConditionError) as error:
        compile_condition(source)
    assert (error.value.column, error.value.message) == (column, message)


def test_evaluate_raises() -> None:
    """What cannot be evaluated is a `ConditionError` that quotes the condition."""
    with pytest.raises(ConditionError, match="nothing > 3"):
        evaluate("nothing > 3", VALUES.__getitem__)


def test_names() -> None:
    """The names are the root variables, without those that a macro binds or that stand in quotes."""
    source = "picks.all(p, p != other) && wave.days > 1 && word == 'a.exists(z, z)'"
    assert names(source) == {"picks", "other", "wave", "word"}


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("word == 'yes' && later == 1", None),
        ("word == 'no' && later == 1", False),
        ("later == 1 && word == 'no'", False),
        ("word == 'yes' || later == 1", True),
        ("word == 'yes'", True),
        ("nothing > 3", False),
        ("word ==", False),
    ],
)
def test_decided(source: str, known: bool | None) -> None:
    """A condition that hangs on what is unknown is undecided; one that does not is decided."""
    assert decided(source, VALUES.__getitem__) is known


def test_evaluate_each() -> None:
    """Several expressions are worked out together; one that cannot be leaves the others as they are."""
    expressions = {"a": "word", "b": "wave.days + number", "c": "unknown", "d": "nothing > 1", "e": "1 +"}
    values = {"a": "yes", "b": 33, "c": None, "d": None, "e": None}
    assert evaluate_each(expressions, VALUES.__getitem__) == values


class _Panic(BaseException):
    """What a panic of the library looks like from Python: no `Exception`."""


class _Panicking:
    """A library that panics, or is interrupted, whatever it is given."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def execute(self, _context: Any) -> Any:
        """Panic."""
        raise self.error


@pytest.mark.parametrize("error", [_Panic("index out of range"), MemoryError(), RecursionError("deep")])
def test_a_panic_of_the_library_does_not_hold(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the trouble of one condition, and not of the thread in which the bot writes."""
    made = CompiledCondition("word == 'a'", _Panicking(error), ("word",), counts=False)
    monkeypatch.setattr("flows.script.conditions.compile_condition", lambda _source: made)
    assert not holds("word == 'a'", VALUES.__getitem__)
    assert evaluate_each({"a": "word == 'a'"}, VALUES.__getitem__) == {"a": None}
    assert decided("word == 'a'", VALUES.__getitem__) is False


def test_what_ends_the_process_is_raised_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no fault of a condition."""
    made = CompiledCondition("word == 'a'", _Panicking(KeyboardInterrupt()), ("word",), counts=False)
    monkeypatch.setattr("flows.script.conditions.compile_condition", lambda _source: made)
    with pytest.raises(KeyboardInterrupt):
        holds("word == 'a'", VALUES.__getitem__)


def test_a_panic_while_compiling_is_an_error_of_the_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library's parser throws is said of the condition."""

    def panic(_source: str) -> None:
        raise _Panic("unreachable")

    monkeypatch.setattr(conditions.cel, "compile", panic)
    with pytest.raises(ConditionError, match="cannot compile it: unreachable"):
        names("this_was_never_compiled == 1")


@pytest.mark.parametrize(
    "source", ["1" + "+1" * 20_000 + " == 1", "word" + ".b" * 20_000, "(" * 200 + "true" + ")" * 200]
)
def test_a_chain_that_is_too_long_does_not_hold(source: str) -> None:
    """The library recurses along a chain of operators: this one took the whole process with it."""
    assert not holds(source, VALUES.__getitem__)


@pytest.mark.parametrize("value", ["\ud800", 2**70, {"deep": "\udfff"}])
def test_a_value_that_the_library_cannot_take_does_not_hold(value: Any) -> None:
    """A lone surrogate or an integer beyond 64 bits is no reason to raise."""
    assert not holds("word == 'a'", {"word": value}.__getitem__)
