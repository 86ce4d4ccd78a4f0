"""Who has read what: the first reader of each text, and what was read lately, by the gravest that was noticed."""

from datetime import timedelta

import pytest

from flows.safety.reading import ReadingClass
from flows.script.model import Role
from storage.people import coordinators
from storage.safety import reading
from storage.safety.read_texts import ReadFilter, count_read, first_readers, list_read
from storage.safety.text_signals import TextKind, TextSource
from storage.safety.unread_rows import of_conversation
from tests.support.turn_world import make_world


@pytest.fixture
async def world(tmp_path):
    made = make_world(tmp_path)
    for code in ("CORA", "BERT"):
        made.database.write_now(
            lambda c, code=code: coordinators.enrol(c, code, token_hash=code.encode(), now=made.clock.now())
        )
    yield made
    made.database.close()


async def written(world, name: str, words: str) -> TextSource:
    """What a patient wrote in a talk, as it is named."""
    person = world.someone(name)
    await person.start(world.token("small", role=Role.PATIENT))
    await person.say("red")
    await person.say(words)
    [(number,)] = world.rows("SELECT max(id) FROM answer WHERE raw != ''")
    return TextSource(TextKind.ANSWER, number)


def read(world, source: TextSource, code: str) -> None:
    """Somebody of the team is shown a text, and says that they have read it."""

    def work(connection) -> None:
        by = coordinators.by_code(connection, code)
        reading.keep_shown(connection, [source], reading.ReadingWay.TEXT, by=by, now=world.clock.now())
        reading.mark_shown(connection, [source], by=by, now=world.clock.now())

    world.database.write_now(work)


async def test_the_first_who_read_a_text_is_its_reader(world):
    """A second one changes nothing of that; who was only shown it has not read it."""
    source = await written(world, "ann", "They never ask what I can manage at home.")
    assert world.database.read_now(lambda c: first_readers(c, TextKind.ANSWER, [source.number])) == {}
    first = world.clock.now()
    read(world, source, "CORA")
    world.clock.move(timedelta(hours=1))
    read(world, source, "BERT")
    found = world.database.read_now(lambda c: first_readers(c, TextKind.ANSWER, [source.number]))
    assert [(one.by, one.at) for one in found.values()] == [("CORA", first)]


async def test_what_was_read_is_listed_by_the_gravest_that_was_noticed(world):
    """The latest first; of one class, and of the programs that are named, alone."""
    plain = await written(world, "ann", "They never ask what I can manage at home.")
    grave = await written(world, "bob", "I don't want to live any more")
    for source in (plain, grave):
        read(world, source, "CORA")

    def listed(wanted: ReadFilter):
        return world.database.read_now(
            lambda c: ([one.source for one in list_read(c, wanted, limit=9)], count_read(c, wanted))
        )

    assert listed(ReadFilter()) == ([grave, plain], 2)
    assert listed(ReadFilter(reading_class=ReadingClass.RISK)) == ([grave], 1)
    assert listed(ReadFilter(reading_class=ReadingClass.EVENT)) == ([], 0)
    assert listed(ReadFilter(reading_class=ReadingClass.PLAIN)) == ([plain], 1)
    assert listed(ReadFilter(programs=())) == ([], 0)
    [one] = world.database.read_now(lambda c: list_read(c, ReadFilter(), limit=1))
    assert (one.reading_class, one.reader.by) == (ReadingClass.RISK, "CORA")


async def test_a_conversation_knows_what_of_it_waits(world):
    """The free text does until somebody has read it; the choice, which needs no reader, never did."""
    source = await written(world, "ann", "They never ask what I can manage at home.")
    [(conversation, person)] = world.rows("SELECT id, participant_id FROM conversation")
    assert world.database.read_now(lambda c: of_conversation(c, conversation, person)) == {source}
    read(world, source, "CORA")
    assert world.database.read_now(lambda c: of_conversation(c, conversation, person)) == set()
