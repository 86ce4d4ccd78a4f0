"""Lists of safety cases: what is looked for, the soonest due first, in pages."""

from datetime import timedelta

import pytest

from flows.script.model import Role
from storage.people import coordinators
from storage.safety import case_lists
from storage.safety.case_lists import CaseFilter
from storage.safety.manual_flags import ManualFlag, flag_words
from storage.schema import SafetyKind
from tests.support.coordinators import enrolled
from tests.support.turn_world import make_world


@pytest.fixture
async def cases(tmp_path):
    """A world with seven cases of as many people, a day apart; every third is of distress."""
    world = make_world(tmp_path)
    await enrolled(world)
    [by] = world.database.read_now(coordinators.list_all)
    for number in range(7):
        person = world.someone(f"p{number}")
        await person.start(world.token("small", role=Role.PATIENT))
        await person.say("red")
        await person.say(f"these are the words of number {number}")
        [(code, answer)] = world.rows(
            "SELECT code, max(answer.id) FROM answer JOIN conversation ON conversation.id = conversation_id"
            f" JOIN participant ON participant.id = participant_id WHERE participant.id = {number + 1}"
        )
        kind = SafetyKind.DISTRESS if number % 3 == 0 else SafetyKind.ADVERSE_EVENT
        flag = ManualFlag(code, answer, kind)
        now = world.clock.now()
        world.database.write_now(lambda c, flag=flag, now=now: flag_words(c, flag, by=by, now=now))
        world.clock.move(timedelta(days=1))
    yield world
    world.database.close()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (CaseFilter(), 7),
        (CaseFilter(["myeloma"]), 7),
        (CaseFilter(["other"]), 0),
        (CaseFilter([]), 0),
        (CaseFilter(kind=SafetyKind.DISTRESS), 3),
        (CaseFilter(only_open=False), 7),
    ],
)
async def test_what_is_looked_for_is_counted_and_listed(cases, wanted, count):
    """Counted and listed alike, and each case stands on one page."""
    found = cases.database.read_now(lambda c: case_lists.page_of_cases(c, wanted, limit=50))
    assert len(found) == cases.database.read_now(lambda c: case_lists.count_cases(c, wanted)) == count
    pages = [
        one.id
        for offset in range(0, 9, 3)
        for one in cases.database.read_now(
            lambda c, offset=offset: case_lists.page_of_cases(c, wanted, limit=3, offset=offset)
        )
    ]
    assert pages == [one.id for one in found]
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)
