"""Tell line by line what a new program file says otherwise, and how many people each line touches."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from storage.schema import ACTIVITY, COMMITMENT, ENROLLMENT

AT_MOST: Final = 50
"""Lines that are told one by one; the others are counted."""
_LONGEST: Final = 400
"""Letters of a wording that are shown."""
_BY: Final = ("slug", "code")
"""By what a part of a list is known."""
_WORDING: Final = ("title", "label", "text")
"""What a part that comes or goes is known by."""
_PARTS: Final = ("activities", "reviews", "themes", "changes", "lists", "help", "answers")
"""What is told line by line; of the other keys each is told by itself."""

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line of a program file that says something else.

    `where` is its place in the file, such as `activities.spring.title`. `before` and `after` are its wordings, None
    where it comes or goes. `people` took part in what it is about, or promised it; None where nobody can have.
    """

    where: str
    before: str | None
    after: str | None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """The first lines of a file that say something else, and how many there are in all."""

    lines: tuple[ChangedLine, ...] = ()
    total: int = 0


def changed_lines(
    connection: Connection, program_id: int, old: ProgramFile, new: ProgramFile
) -> ChangedLines:
    """Return which lines of a program a new file words otherwise, brings or takes away, in the order of the file."""
    found = list(_differences((), _parts_of(old), _parts_of(new)))
    if not found:
        return ChangedLines()
    people = _people_by_place(connection, program_id)
    lines = (
        ChangedLine(".".join(place), _shown(before), _shown(after), _touched(people, place))
        for place, before, after in islice(found, AT_MOST)
    )
    return ChangedLines(tuple(lines), len(found))


def in_words(changed: ChangedLines) -> Iterator[str]:
    """Yield each line as a sentence, then how many more there are."""
    for one in changed.lines:
        match one.before, one.after:
            case None, after:
                told = f"new: “{after}”"
            case before, None:
                told = f"goes: “{before}”"
            case before, after:
                told = f"“{before}” → “{after}”"
        touches = "" if one.people is None else f" (people: {one.people})"
        yield f"{one.where}: {told}{touches}"
    if changed.total > len(changed.lines):
        yield f"and {changed.total - len(changed.lines)} more lines."


def from_json(told: Mapping[str, Any]) -> ChangedLines:
    """Return what `dataclasses.asdict` made JSON of."""
    return ChangedLines(tuple(ChangedLine(**one) for one in told["lines"]), told["total"])


def _parts_of(program: ProgramFile) -> dict[str, Any]:
    dumped = program.model_dump(mode="json", by_alias=True)
    return {key: dumped.get(key) for key in _PARTS}


def _differences(place: Place, before: Any, after: Any) -> Iterator[tuple[Place, Any, Any]]:
    """Yield each place at which two values differ, as deep as both have it, with what stands there."""
    if before == after:
        return
    old, new = _named(before), _named(after)
    if old is None or new is None:
        yield place, before, after
        return
    for name in dict.fromkeys((*new, *old)):
        yield from _differences((*place, name), old.get(name), new.get(name))
    kept, now = [name for name in old if name in new], [name for name in new if name in old]
    if kept != now and isinstance(before, list):
        yield (*place, "order"), ", ".join(kept), ", ".join(now)


def _named(value: Any) -> dict[str, Any] | None:
    """Return the parts of a value by their names; None where it has none. A list of which nothing is there has none."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    parts = {_name_of(one): one for one in value}
    return None if "" in parts else parts


def _name_of(part: Any) -> str:
    named = (part.get(key) for key in _BY) if isinstance(part, dict) else ()
    return next((str(name) for name in named if name), "")


def _shown(value: Any) -> str | None:
    """Return a wording; of a part the one that it is known by, and None for nothing."""
    if value in (None, [], {}):
        return None
    if isinstance(value, dict):
        value = next((value[key] for key in _WORDING if value.get(key)), value)
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _touched(people: Mapping[Place, int], place: Place) -> int | None:
    """Return how many people the innermost part touches in which a line stands; None where that is not known."""
    match place:
        case ("themes", _, *_):
            return people.get(place[:2], 0)
        case ("activities", _, "suggestions" | "objectives", _, *_):
            return people.get(place[:4], 0)
        case ("activities", _, *_):
            return people.get(place[:2], 0)
        case _:
            return None


def _people_by_place(connection: Connection, program_id: int) -> dict[Place, int]:
    """Count who came for each activity, and who promised something by each suggestion, objective and theme."""
    entered = (
        sa.select(ACTIVITY.c.slug, sa.func.count(ENROLLMENT.c.participant_id.distinct()))
        .join(ACTIVITY, ACTIVITY.c.id == ENROLLMENT.c.activity_id)
        .where(ENROLLMENT.c.program_id == program_id)
        .group_by(ACTIVITY.c.slug)
    )
    came: dict[Place, int] = {("activities", slug): count for slug, count in connection.execute(entered)}
    made: dict[Place, set[int]] = defaultdict(set)
    columns = (
        COMMITMENT.c.suggestion,
        COMMITMENT.c.objective,
        COMMITMENT.c.theme,
        COMMITMENT.c.participant_id,
    )
    promised = (
        sa.select(ACTIVITY.c.slug, *columns)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .where(COMMITMENT.c.program_id == program_id)
        .distinct()
    )
    for slug, suggestion, objective, theme, person in connection.execute(promised):
        made["themes", theme or ""].add(person)
        made["activities", slug or "", "suggestions", suggestion or ""].add(person)
        made["activities", slug or "", "objectives", objective or ""].add(person)
    return came | {place: len(them) for place, them in made.items()}
