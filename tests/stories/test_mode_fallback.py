from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.engine.events import Tapped
from storage.schema import AddressStatus
from tests.support.opener_town import Town, due
from tests.support.wave_world import Person, World, make_world

PARTLY = 1


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def _messages_at(world: World, address: int) -> list[str]:
    rows = world.rows(
        "SELECT json_extract(payload, '$.text') FROM outbox WHERE address_id = :id ORDER BY id", id=address
    )
    return [row[0] for row in rows]


def _mail_of(world: World, person: Person) -> int:
    return world.address(person.id, "email:ann@example.org", "email")


async def test_a_wave_without_an_answer_goes_by_the_next_address(world: World) -> None:
    """After three days the question comes at the other address, after seven at the first again: one wave, one contact,
    and its reminders; an answer at either closes it."""
    ann = world.person()
    mail = _mail_of(world, ann)
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    assert "Ask about pain: where is it now?" in ann.messages()
    assert _messages_at(world, mail) == []
    await world.pass_time(days=4)
    assert len([text for text in _messages_at(world, mail) if "now?" in text]) == 1
    assert len([text for text in ann.messages() if "now?" in text]) == 1
    assert [row for row in world.story() if row[1] == "sent"] == [
        ("wave", "sent", "due"),
        ("wave_reminder", "sent", "due"),
    ]
    await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    await world.pass_time(days=10)
    assert ann.waves()[0] == (30, "answered", None)
    assert len([row for row in world.story() if row[:2] == ("wave_reminder", "sent")]) == 1


async def test_a_reminder_that_waited_goes_by_the_same_address(world: World) -> None:
    """A reminder that could not be sent in time is decided on anew, and goes to the address that it was for: not back
    to the one where there was no answer."""
    town = Town(world)
    ann = due(town)
    other = world.address(ann.id, "terminal:other")
    await town.step()
    town.network(is_there=False)
    await town.pass_time(hours=24 * 5 + 14)  # the reminder was due in the window, and still waits after it
    town.network(is_there=True)
    town.start()
    await town.pass_time(hours=24)
    assert len(town.heard(ann)) == 1
    assert [call.text for call in town.channel.delivered if call.message.address == "terminal:other"]
    assert world.column("SELECT address_id FROM conversation WHERE flow = 'hcp_follow_up'") == [other]


async def test_a_conversation_that_moves_is_on_the_channel_of_its_address(world: World) -> None:
    """What is answered by mail counts as answered there, and so does whether the channel may be used."""
    ann = world.person()
    _mail_of(world, ann)
    ann.commit("Ask about pain")
    await world.pass_time(days=35)
    await ann.tell(ann.open_conversation(), Tapped(0, PARTLY))
    assert world.column("SELECT channel FROM conversation WHERE flow = 'hcp_follow_up'") == ["email"]
    assert world.column("SELECT DISTINCT channel FROM answer") == ["email"]


async def test_a_page_is_no_address_to_write_to_where_there_is_another(world: World) -> None:
    """Who has a page and an e-mail address is asked by mail, in the first place and again."""
    ann = world.person()
    world.update("address", ann.address, channel="web")
    mail = _mail_of(world, ann)
    ann.commit("Ask about pain")
    await world.pass_time(days=35)
    assert len([text for text in _messages_at(world, mail) if "now?" in text]) == 2
    assert ann.messages() == []


async def test_a_page_alone_has_to_do(world: World) -> None:
    """Who has a page alone finds the question there when they look."""
    ann = world.person()
    world.update("address", ann.address, channel="web")
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    assert len([text for text in ann.messages() if "now?" in text]) == 1


async def test_a_dead_address_is_passed_over(world: World) -> None:
    """Where nobody is reached at an address any more, the reminder goes to one where somebody is."""
    ann = world.person()
    mail = _mail_of(world, ann)
    ann.commit("Ask about pain")
    await world.pass_time(days=31)
    world.update("address", ann.address, status=AddressStatus.UNREACHABLE)
    await world.pass_time(days=4)
    assert len([text for text in _messages_at(world, mail) if "now?" in text]) == 1
