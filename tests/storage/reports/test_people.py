"""The list of people: both ways to sort it by the last turn tell the same, page by page."""

from datetime import timedelta

import pytest

from flows.script.model import Role
from storage.enums import PersonState
from storage.people import participants
from storage.people.participants import NewParticipant
from storage.reports import people
from storage.reports.people import PeopleFilter
from tests.support import wave_world
from tests.support.turn_world import make_world


@pytest.fixture
async def world(tmp_path):
    """Seven people who came one after the other, and two who have never had a conversation."""
    made = make_world(tmp_path)
    for number in range(7):
        made.clock.move(timedelta(minutes=1))
        person = made.someone(f"p{number}")
        await person.start(made.token("small", role=Role.HCP if number % 2 else Role.PATIENT))
    for number in (4, 1):
        made.clock.move(timedelta(minutes=1))
        await made.someone(f"p{number}").say("red")
    new = NewParticipant(Role.HCP)
    letters = iter("BCDFGHJKMNPQRSTV" * 4)
    for _ in range(2):
        made.database.write_now(
            lambda c: participants.make_participant(
                c, new, pick=lambda _letters: next(letters), now=made.clock.now()
            )
        )
    yield made
    made.database.close()


def codes(world, wanted: PeopleFilter, part: slice) -> tuple[list[str], int]:
    found = world.database.read_now(lambda c: people.list_people(c, wanted, world.clock.now(), part=part))
    return [one.code for one in found.lines], found.total


@pytest.mark.parametrize(
    "wanted",
    [
        PeopleFilter(),
        PeopleFilter(role=Role.HCP),
        PeopleFilter(program="myeloma"),
        PeopleFilter(program="myeloma", source="test", role=Role.PATIENT),
        PeopleFilter(state=PersonState.SILENT),
        PeopleFilter(state=PersonState.WAITING),
        PeopleFilter(program="none"),
        PeopleFilter(owes=30),
    ],
)
async def test_pages_join_without_a_gap(world, monkeypatch, wanted):
    """However little of the index of last turns is read at a time, and nobody is in two of them."""
    whole, total = codes(world, wanted, slice(0, 50))
    assert len(whole) == len(set(whole)) == total
    monkeypatch.setattr(people, "_BEYOND", 0)
    pages = [codes(world, wanted, slice(start, start + 3))[0] for start in range(0, 12, 3)]
    assert [code for page in pages for code in page] == whole


async def test_who_wrote_last_comes_first(world):
    """And who never had a conversation last."""
    found = world.database.read_now(lambda c: people.list_people(c, PeopleFilter(), world.clock.now())).lines
    turns = [one.last_turn_at for one in found if one.last_turn_at is not None]
    assert turns == sorted(turns, reverse=True)
    assert [one.last_turn_at for one in found[-2:]] == [None, None]
    assert [one.state for one in found[:2]] == [PersonState.WAITING, PersonState.WAITING]
    assert {one.state for one in found[2:]} == {PersonState.SILENT}


def test_who_owes_an_answer_is_found_by_wave(tmp_path):
    """Asked and not answered, also once the wave has closed; who stopped, or answered late, owes nothing."""
    made = wave_world.make_world(tmp_path)
    for _ in range(4):
        made.person().commit("I give a plan")
    made.execute("UPDATE follow_up SET status = 'sent', sent_at = due_at WHERE wave_days = 30")
    made.execute("UPDATE follow_up SET status = 'no_response' WHERE wave_days = 30 AND participant_id = 2")
    made.execute("UPDATE follow_up SET answered_at = due_at WHERE wave_days = 30 AND participant_id = 3")
    made.execute("UPDATE participant SET status = 'withdrawn' WHERE id = 4")
    for owes, expected in ((30, ["1", "2"]), (60, [])):
        wanted = PeopleFilter(owes=owes)
        listed, _total = codes(made, wanted, slice(0, 9))
        known = dict(made.rows("SELECT code, CAST(id AS TEXT) FROM participant"))
        assert sorted(known[one] for one in listed) == expected
    choices = made.database.read_now(lambda c: people.choices(c, ["myeloma"]))
    assert choices.waves == (30,)
    made.database.close()
