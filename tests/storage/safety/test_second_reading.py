"""Which texts the second reader has still to read, found by their numbers."""

import pytest

from flows.script.roles import Role
from storage.conversations.writes import Writes
from storage.database.wakeups import WorkKind
from storage.safety.second_reading import stands, written_after
from storage.safety.text_signals import TextKind, TextNumbers, TextSource
from tests.support.turn_world import make_world


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


async def conversation(world, *texts: str) -> None:
    """Somebody in the small conversation: a choice, own words, a scale."""
    person = world.someone()
    await person.start(world.token())
    for text in texts:
        await person.say(text)


def found(world, numbers: TextNumbers = TextNumbers(), limit: int = 10):  # noqa: B008 - it is frozen
    return world.database.read_now(lambda c: written_after(c, numbers, limit=limit))


async def test_only_own_words_are_found(world):
    """A label is passed over, and so is that there is nothing; the numbers go past them all."""
    await conversation(world, "red", "it was a long day", "3")
    batch = found(world)
    [text] = batch.texts
    assert (text.raw, text.role, text.source.kind) == ("it was a long day", Role.HCP, TextKind.ANSWER)
    newest = world.rows("SELECT max(id) FROM answer")[0][0]
    assert batch.reached == TextNumbers(newest, 0)
    assert not batch.more
    assert found(world, batch.reached).texts == ()


async def test_what_cannot_be_read_is_own_words(world):
    """Words under choices that name none are a remark, or stand unread: either way somebody's own."""
    await conversation(world, "my neighbour is ill and I look after her")
    assert [text.raw for text in found(world).texts] == ["my neighbour is ill and I look after her"]
    assert found(world).texts[0].source.kind is TextKind.REMARK


async def test_a_limit_says_that_there_is_more(world):
    """The next look goes on after it."""
    await conversation(world, "red", "it was a long day", "3")
    first = found(world, limit=1)
    assert (first.texts, first.more) == ((), True)
    assert [text.raw for text in found(world, first.reached, limit=1).texts] == ["it was a long day"]


async def test_what_was_corrected_or_is_gone_does_not_stand(world):
    """A text stands as long as its words do."""
    await conversation(world, "red", "it was a long day")
    [text] = found(world).texts
    assert world.database.read_now(lambda c: stands(c, text))
    for change in ("raw = ''", "raw = 'it was a long day', superseded_at = answered_at"):
        world.database.write_now(lambda c, change=change: c.exec_driver_sql(f"UPDATE answer SET {change}"))
        assert not world.database.read_now(lambda c: stands(c, text))
    assert found(world).texts == ()


def test_a_source_names_its_row():
    """As other tables do."""
    assert TextSource(TextKind.REMARK, 3).column == "remark_id"


@pytest.mark.parametrize(
    ("answers", "remarks", "work"),
    [
        ([], [], set()),
        ([{"unheard": False, "raw": "red", "kind": "select_one"}], [], set()),
        ([{"unheard": False, "raw": "words", "kind": "text"}], [], {WorkKind.READING}),
        ([{"unheard": True, "raw": "words", "kind": "text"}], [], {WorkKind.READING, WorkKind.WORDS}),
        ([], [{"unheard": False, "raw": "words"}], {WorkKind.READING}),
        ([{"unheard": False, "raw": "", "kind": "text"}], [], set()),
    ],
)
def test_own_words_wake_the_second_reader(answers, remarks, work):
    """What is committed says who has work by it; messages are always sent."""
    assert Writes(answers=answers, remarks=remarks).work() == {WorkKind.OUTBOX, *work}
