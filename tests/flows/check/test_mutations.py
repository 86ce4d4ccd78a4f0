"""Scripts that went wrong in ways nobody thought of: the check gives problems, and never a traceback."""

import json
import random
from copy import deepcopy
from typing import Any

import pytest

from flows.check.run import check_flow_text, check_program_text
from flows.formats.yaml_source import read_source
from flows.program.loader import program_paths
from flows.script.loader import library_paths

SHIPPED = [(path.stem, read_source(path).value) for path in (*library_paths(), *program_paths())]

JUNK: list[Any] = [
    *(None, True, 5, -1, 2.5, 10**30, "", "x", "a1", "c4", "{", "{nobody}", "{a5:label}", "a1 == 'x'", "1 +"),
    *("commitments", "declined", "each", "y" * 70, [], {}, ["x"], {"x": 1}),
    {"key": "q", "kind": "text", "text": "Hi?"},
    {"key": "a1", "kind": "block", "repeat": {"for_each": "a6"}, "steps": []},
    {"up_to": 3, "while": "true"},
]

KEYS = ("goto", "when", "kind", "extra", "steps", "probe", "choices", "fields", "repeat", "text")


def ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(found for key, child in inner for found in ways(child, (*way, key)))]


def at(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value


def mutate(value: Any, rng: random.Random) -> None:
    """Takes something out, puts junk or another part of the file in its place, or adds a key."""
    every = ways(value)
    way = rng.choice(every[1:])
    around = at(value, way[:-1])
    match rng.randrange(5):
        case 0:
            del around[way[-1]]
        case 1 | 2:
            around[way[-1]] = deepcopy(rng.choice(JUNK))
        case 3:
            around[way[-1]] = deepcopy(at(value, rng.choice(every)))
        case _ if isinstance(around, dict):
            around[rng.choice(KEYS)] = deepcopy(rng.choice(JUNK))


@pytest.mark.parametrize("seed", range(40))
def test_whatever_a_file_says_the_check_answers_with_problems(seed: int) -> None:
    """Each problem has a place in the file, a message and a remedy."""
    rng = random.Random(seed)
    name, value = deepcopy(rng.choice(SHIPPED))
    for _ in range(rng.randint(1, 3)):
        mutate(value, rng)
    text = json.dumps(value, indent=1)
    problems = (check_flow_text if name != "myeloma" else check_program_text)(text, "f.yaml")
    lines = text.split("\n")
    for problem in problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message
        assert problem.remedy
