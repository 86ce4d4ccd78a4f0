"""Each line that a new file words otherwise is told with its place, both wordings, and whom it touches."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from storage.reports import changed_lines
from storage.reports.changed_lines import AT_MOST, ChangedLines
from tests.support.wave_world import World, make_world, program

PLAN = {"code": "plan", "label": "I give a plan"}
CALL = {"code": "call", "label": "I call"}


def activity(**said: Any) -> dict[str, Any]:
    return {"slug": "spring", "title": "Spring", "suggestions": [PLAN, CALL], **said}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path, activities=[activity()])
    yield made
    made.database.close()


def changed(world: World, before: dict[str, Any], after: dict[str, Any]) -> ChangedLines:
    [number] = world.column("SELECT id FROM program")
    return world.database.read_now(
        lambda c: changed_lines.changed_lines(c, number, program(**before), program(**after))
    )


def test_a_line_has_its_place_both_wordings_and_people(world: World) -> None:
    """A suggestion counts those who promised by it; other lines of an activity those who came for it."""
    conversation = world.person().commit("I give a plan")
    [number] = world.column("SELECT id FROM activity")
    world.execute("UPDATE commitment SET activity_id = :a, suggestion = 'plan'", a=number)
    world.update("conversation", conversation, activity_id=number)
    new = activity(title="May", suggestions=[{**PLAN, "label": "I give each a plan"}])
    found = changed(world, {"activities": [activity()]}, {"activities": [new]})
    assert list(changed_lines.in_words(found)) == [
        "activities.spring.title: “Spring” → “May” (people: 0)",
        "activities.spring.suggestions.plan.label: “I give a plan” → “I give each a plan” (people: 1)",
        "activities.spring.suggestions.call: goes: “I call” (people: 0)",
    ]
    assert changed_lines.from_json(asdict(found)) == found


def test_what_comes_and_another_order_are_lines(world: World) -> None:
    """A theme that comes is one line; suggestions in another order are told as such."""
    new = {
        "activities": [activity(suggestions=[CALL, PLAN])],
        "themes": [{"code": "pain", "label": "Pain"}],
    }
    told = list(changed_lines.in_words(changed(world, {"activities": [activity()]}, new)))
    assert told == [
        "activities.spring.suggestions.order: “plan, call” → “call, plan” (people: 0)",
        "themes.pain: new: “Pain” (people: 0)",
    ]


def test_what_is_too_much_is_counted(world: World) -> None:
    """Fifty lines are told, and how many more there are; the same file has none."""
    many = [{"code": f"t{number}", "label": f"Theme {number}"} for number in range(AT_MOST + 2)]
    told = list(changed_lines.in_words(changed(world, {}, {"themes": many})))
    assert len(told) == AT_MOST + 1
    assert told[-1] == "and 2 more lines."
    assert changed(world, {"themes": many}, {"themes": many}) == ChangedLines()
