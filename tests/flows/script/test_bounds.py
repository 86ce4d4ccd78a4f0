"""The bounds of what an author may write: they hold for files, and not for what was kept of them before."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from flows.check.run import json_schema, program_json_schema
from flows.errors import ScriptError
from flows.program.loader import load_program_text, program_paths
from flows.program.model import ProgramFile, kept_program
from flows.script.bounds import (
    CENTURY_DAYS,
    CENTURY_HOURS,
    KEPT,
    MOST_CHARACTERS,
    MOST_MACROS,
    MOST_NESTED,
    MOST_PATTERNS,
)
from flows.script.loader import load_flow_text
from flows.script.model import Flow

SCRIPT = """
flow: small
title: Small
language: en
audience: [hcp]
{head}steps:
  - {{key: q, kind: {kind}, text: "Is it so?", {rest}}}
"""
LIST = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"


def script(kind: str = "text", rest: str = "", head: str = "") -> str:
    """Return a script with one question."""
    return SCRIPT.format(kind=kind, rest=rest, head=head)


def conditional(when: str) -> str:
    """Return a script whose only question has a condition."""
    return script(rest=f'when: "{when}"')


def nested(depth: int, inside: str = "true") -> str:
    """Return a condition of so many macros within each other."""
    for number in range(depth):
        inside = f"{LIST}.exists(x{number}, {inside})"
    return inside


def unbounded(schema: Any, path: str = "") -> Iterator[str]:
    """Yield the places of a JSON Schema at which a number has no least or no greatest value."""
    if isinstance(schema, dict):
        if schema.get("type") in ("integer", "number") and not {"minimum", "maximum"} <= set(schema):
            yield path
        for key, value in schema.items():
            yield from unbounded(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from unbounded(value, f"{path}/{number}")


@pytest.mark.parametrize("schema", [json_schema(), program_json_schema()], ids=["script", "program"])
def test_every_number_has_both_bounds(schema: dict[str, Any]) -> None:
    """No number of a script or a program file is without a least and a greatest value."""
    assert list(unbounded(schema)) == []


@pytest.mark.parametrize(
    "text",
    [
        script("scale", "low: 1, high: 1000000000, low_label: a, high_label: b"),
        script("number", "taps: true, min: 0, max: 1e12"),
        script("number", "min: 0, max: 1e999"),
        script("date", "latest_days: 999999999"),
        script(rest="max_length: 1000000000"),
        script(head="limits: {steps_per_turn: 1000000000}\n"),
        conditional("true" + " || true" * MOST_CHARACTERS),
        conditional("(" * (MOST_NESTED + 1) + "true" + ")" * (MOST_NESTED + 1)),
        conditional(nested(3)),
        conditional(" && ".join([nested(1)] * (MOST_MACROS + 1))),
        conditional(" || ".join(["q.matches('a')"] * (MOST_PATTERNS + 1))),
        conditional("q.matches('(a{20}){20}')"),
        conditional("q.matches(q)"),
    ],
)
def test_a_file_beyond_a_bound_is_refused(text: str) -> None:
    """Each is named with its place and what is allowed."""
    with pytest.raises(ScriptError) as raised:
        load_flow_text(text)
    assert [problem.code for problem in raised.value.problems] == ["S007"]
    assert "it should" in raised.value.problems[0].remedy


@pytest.mark.parametrize(
    "when",
    [
        nested(2),
        "(" * MOST_NESTED + "true" + ")" * MOST_NESTED,
        "'" + ".map(x, (" * 30 + "' == ''",
        "q.matches('^[0-9]{4}-[0-9]{2}$')",
    ],
)
def test_what_keeps_to_the_bounds_is_read(when: str) -> None:
    """Brackets and macros in a text in quotes are none."""
    assert load_flow_text(conditional(when)).steps[0].when == when


@pytest.mark.parametrize(
    ("key", "value", "kept_as"),
    [
        ("expire_after", 10_000_000, CENTURY_DAYS),
        ("expire_after", 1_000, 1_000),
        ("close_after", 10_000_000, CENTURY_DAYS),
        ("contacts_per_week", 10**15, 10**15),
        ("quiet_days_after_talk", 10**9, CENTURY_DAYS),
        ("reminders", [10**9, 3], [CENTURY_DAYS, 3]),
        ("interview_reminder_hours", [-1], [-1]),
        ("interview_reminder_hours", [10**12], [CENTURY_HOURS]),
    ],
)
def test_a_program_beyond_a_bound_is_refused_and_a_kept_one_read(
    key: str, value: object, kept_as: object
) -> None:
    """A number that is far too great would break the first turn of everybody; what was loaded before is read.

    It is cut to what dates can be reckoned with, and else as it was.
    """
    whole = load_program_text(program_paths()[0].read_text("utf-8"))
    settings = whole.model_dump(mode="json", by_alias=True)
    settings["schedule"][key] = value
    with pytest.raises(ValidationError, match=key):
        ProgramFile.model_validate(settings)
    kept = getattr(kept_program(settings).schedule, key)
    assert (list(kept) if isinstance(kept, tuple) else kept) == kept_as


def test_days_of_a_kept_script_are_reckoned_with() -> None:
    """A day a million years ahead leaves the calendar."""
    shape = load_flow_text(script("date", "earliest_days: 1, latest_days: 2")).model_dump(
        mode="json", by_alias=True
    )
    shape["steps"][0] |= {"earliest_days": -(10**9), "latest_days": 10**9}
    kept = Flow.model_validate(shape, context=KEPT).steps[0]
    assert (kept.earliest_days, kept.latest_days) == (-CENTURY_DAYS, CENTURY_DAYS)  # type: ignore[union-attr]


def test_weeks_of_a_kept_program_are_as_they_were() -> None:
    """Who was promised to be asked again after three years is asked after three years."""
    settings = load_program_text(program_paths()[0].read_text("utf-8")).model_dump(mode="json", by_alias=True)
    kept = kept_program({**settings, "contact_again_weeks": 156, "follow_on": None})
    assert [one.weeks for one in kept.follows if one.flow == "patient_follow_up"] == [156, 156]
    follow_on = {"flow": "patient_follow_up", "after": "patient_interview", "weeks": 156}
    with pytest.raises(ValidationError, match="weeks"):
        ProgramFile.model_validate({**settings, "follow_on": [follow_on]})


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nothing_can_be_reckoned_from_is_refused(day: str) -> None:
    """Years of the first and the last century of the calendar are slips."""
    settings = load_program_text(program_paths()[0].read_text("utf-8")).model_dump(mode="json", by_alias=True)
    settings["crisis"] = {"as_of": day}
    with pytest.raises(ValidationError, match="from 1900-01-01 to 2199-12-31"):
        ProgramFile.model_validate(settings)
    assert str(kept_program(settings).crisis.as_of) == day  # type: ignore[union-attr]


def test_a_kept_script_is_read_without_the_bounds() -> None:
    """A conversation goes on by its version, whatever was allowed when it began."""
    shape = load_flow_text(script()).model_dump(mode="json", by_alias=True)
    shape["limits"]["steps_per_turn"] = 10**9
    shape["steps"][0] |= {"when": nested(9), "max_length": 10**9}
    assert Flow.model_validate(shape, context=KEPT).steps[0].when == nested(9)
