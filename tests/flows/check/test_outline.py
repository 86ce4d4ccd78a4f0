"""One look at the ways of a script answers what a walk from each step answers, and does not grow with their square."""

import random
import sys
from collections.abc import Iterator
from typing import Any

from flows.check.outline import FINISH, all_reachable, dominators, has, leading_to, reachable
from flows.check.run import check_flow
from flows.formats.yaml_source import parse_source
from flows.script.loader import flow_source

HEAD = (
    "flow: long\ntitle: Long\nlanguage: en\naudience: [hcp]\nlimits: {questions: 500, minutes: 900}\nsteps:\n"
)


def some_ways(seed: int) -> Iterator[dict[int, frozenset[int]]]:
    """Yield small scripts' ways, with circles and ends, as a seed has it."""
    chance = random.Random(seed)
    for _ in range(500):
        size = chance.randint(1, 9)
        yield {
            number: frozenset(chance.choice(range(FINISH, size)) for _ in range(chance.randint(0, 3)))
            for number in range(size)
        }


def long_script(steps: int) -> str:
    """Return a script of so many steps, each third of which names an answer before it."""
    parts = [HEAD]
    for number in range(0, steps, 3):
        choices = "[{code: a, label: 'Yes'}, {code: b, label: 'No'}]"
        parts += [
            f"  - {{key: q{number}, kind: select_one, text: 'So {number}?', counted: false, choices: {choices}}}\n",
            f"  - {{key: s{number}, kind: say, text: 'You said {{q{number}:label}}.'}}\n",
            f"  - {{key: w{number}, kind: say, when: \"q{number} == 'a'\", text: 'Good.'}}\n",
        ]
    return "".join(parts)


def steps_of_work(steps: int) -> int:
    """Return how many calls the check of a script of so many steps makes; its reading is not counted."""
    read = flow_source(parse_source(long_script(steps), "long.yaml"))
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        check_flow(read)
    finally:
        sys.setprofile(None)
    return calls


def test_they_are_what_a_walk_finds() -> None:
    """What is reached, what is passed on every way, and what leads to the end, for any script."""
    for ways in some_ways(seed=13):
        reached, passed, ending = all_reachable(ways), dominators(ways, 0), leading_to(ways, FINISH)
        for start in ways:
            walked = reachable(ways, start)
            assert {number for number in (*ways, FINISH) if has(reached[start], number)} == walked
            assert (start in ending) == (FINISH in walked)
        for other in ways:
            without = reachable(ways, 0, without=other)
            assert all(
                has(passed.get(number, -1), other) == (number not in without) for number in ways if number
            )


def test_the_check_of_a_script_twice_as_long_takes_twice_the_work() -> None:
    """With a walk from each step it took four times as much: 3,000 steps took half a minute."""
    steps_of_work(60)  # what is read once
    assert steps_of_work(480) < 2.5 * steps_of_work(240)
