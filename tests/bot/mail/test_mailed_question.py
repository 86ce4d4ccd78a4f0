from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from bot.mail.mailed_question import was_put_there
from flows.engine.effects import Outcome
from flows.engine.events import Event, Replied, Tapped, TextSubmitted
from flows.engine.state import Asked, ConversationState, decode_state
from storage.conversations import inbox
from storage.conversations.inbox import InboundRow
from tests.support.mail_town import MAILBOX, Town, town_in
from tests.support.turn_world import IDENTITY


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    made = await town_in(tmp_path)
    yield made
    made.world.database.close()


def _state(town: Town) -> ConversationState:
    [(state,)] = town.world.rows("SELECT state FROM conversation")
    return decode_state(state)


def _put(town: Town, state: ConversationState, event: Event | None = None, address: str = MAILBOX) -> bool:
    """Whether what waits was put at an address, with what was read ahead of its turn and without."""
    database, now = town.world.database, town.world.clock.now()
    row = InboundRow(address, address.partition(":")[0], f"x{next(town.world.numbers)}", "{}")
    database.write_now(lambda c: inbox.store(c, [row], IDENTITY, now))
    [pending] = database.read_now(lambda c: inbox.take(c, 1, now))
    database.write_now(
        lambda c: inbox.mark_handled(
            c, [{"of": pending.inbox_id, "at": now, "conversation": None, "problem": None}]
        )
    )
    found = {
        database.read_now(lambda c, known=known: was_put_there(c, known, 1, state, event))
        for known in (pending, msgspec.structs.replace(pending, newest_questions={}))
    }
    [is_put] = found
    return is_put


def _set(town: Town, status: str) -> None:
    town.world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE outbox SET status = ? WHERE address_id = (SELECT id FROM address WHERE channel = 'email')",
            (status,),
        )
    )


@pytest.mark.parametrize(
    ("status", "waits", "named"),
    [
        ("sent", True, True),
        ("sending", True, True),
        ("queued", True, False),
        ("failed", False, False),
        ("dropped", False, False),
    ],
)
async def test_a_message_on_record_puts_a_question(
    town: Town, status: str, *, waits: bool, named: bool
) -> None:
    """One that was sent or will be at once; what never arrived puts none. A button is seen once it was sent."""
    _set(town, status)
    state = _state(town)
    assert _put(town, state, Replied("words")) is waits
    for event in (Tapped(1, 0), TextSubmitted(1, "words")):
        assert _put(town, state, event) is named


async def test_a_question_with_no_message_at_the_address_was_not_put_there(town: Town) -> None:
    """As once the person has answered in their browser: the next one stands there alone, under any name of it."""
    assert _put(town, _state(town))
    await town.ann.say("Answered in my browser")
    state = _state(town)
    assert not _put(town, state)
    assert _put(town, state, address="web:ann")
    for event in (
        Replied("5"),
        Tapped(2, 4),
        Tapped(1, 0),
        Tapped(-1, 0),
        Tapped(99, 0),
        TextSubmitted(2, "5"),
    ):
        assert not _put(town, state, event)


async def test_where_nothing_waits_nothing_was_put(town: Town) -> None:
    """A conversation that has ended, or asks nothing, opens nothing."""
    ended = msgspec.structs.replace(_state(town), open=None, outcome=Outcome.COMPLETED)
    assert not _put(town, ended)


async def test_what_interrupts_the_script_is_put_with_what_it_interrupts(town: Town) -> None:
    """Where the script's question was put elsewhere alone, what stands before it opens nothing; where it was put
    nowhere yet, what stands before it is all that can be seen, and no button of the script's is."""
    await town.mail.say("/leave")
    state = _state(town)
    assert state.aside is not None
    assert state.open is not None
    assert _put(town, state)
    assert _put(town, state, Tapped(state.open, 0))
    elsewhere = (
        "UPDATE outbox SET address_id = (SELECT id FROM address WHERE channel = 'web') WHERE ask = 1",
        "DELETE FROM outbox WHERE ask = 1",
    )
    for query, is_put in zip(elsewhere, (False, True), strict=True):
        town.world.database.write_now(lambda c, query=query: c.exec_driver_sql(query))
        assert _put(town, state) is is_put
        assert not _put(town, state, Tapped(state.open, 0))


async def test_an_offer_of_a_remark_shows_the_question_too(town: Town) -> None:
    """It stands in the offer's message among other words, so that the message puts both."""
    before = _state(town)
    await town.ann.say("Answered in my browser")
    state = _state(town)
    offered = msgspec.structs.replace(state, asks=(*state.asks, Asked("@remark", 1)))
    assert not _put(town, offered)
    town.world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE outbox SET ask = 3 WHERE ask = ? AND address_id = (SELECT id FROM address WHERE channel = 'email')",
            (before.open,),
        )
    )
    assert _put(town, offered)
