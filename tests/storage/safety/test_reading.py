"""Promises of the queue of unread texts: nothing leaves it but by a person's mark, or with its words."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind
from flows.safety.reading import ReadingClass, SignalLevel, SignalSource
from flows.script.roles import Role
from storage.people import coordinators
from storage.privacy import retention
from storage.redaction import RULES
from storage.safety import case_text, case_workflow, cases, reading, samples, text_signals, unread_texts
from storage.safety.case_workflow import CaseAction, CaseDecision
from storage.safety.manual_flags import ManualFlag, flag_words
from storage.safety.reading import NotShown, NotUnread
from storage.safety.samples import SamplePlan
from storage.safety.text_signals import NotedSignal, TextKind, TextSource
from storage.safety.unread_rows import find, noticed_texts
from tests.support.coordinators import enrolled
from tests.support.safety_world import ADVERSE, RISK
from tests.support.turn_world import Someone, World, make_world

TOLD = "It took weeks until anybody called me back"


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


async def at_words(world: World, name: str = "ann", role: Role = Role.PATIENT) -> Someone:
    """Somebody who is asked for a few words."""
    person = world.someone(name)
    await person.start(world.token(role=role))
    await person.say("red")
    return person


async def told(world: World, words: str, name: str = "ann", **what: str) -> Someone:
    """Somebody who has answered with these words."""
    person = await at_words(world, name)
    await person.say(words, **what)
    return person


def queue(world: World) -> list[str]:
    """The names of the unread texts, in the order of reading."""
    texts = world.database.read_now(lambda c: unread_texts.unread(c, world.clock.now()))
    return [text.source.name for text in texts]


def words(world: World) -> set[str]:
    return world.database.read_now(lambda c: {one.raw for one in find(c)})


def show(world: World, name: str, by: str = "TEAM-1") -> reading.TextToRead:
    source = TextSource.read(name)
    assert source is not None
    who = world.database.read_now(lambda c: coordinators.by_code(c, by))
    same = world.database.read_now(lambda c: reading.count_same(c, source))
    return world.database.write_now(
        lambda c: reading.show_text(c, source, by=who, now=world.clock.now(), same=same)
    )


def mark(world: World, *names: str, by: str = "TEAM-1", same: bool = False) -> int:
    sources = [source for source in map(TextSource.read, names) if source is not None]
    who = world.database.read_now(lambda c: coordinators.by_code(c, by))
    others = world.database.read_now(lambda c: reading.same_texts(c, sources, by=who)) if same else None
    return world.database.write_now(
        lambda c: reading.mark_read(c, sources, by=who, now=world.clock.now(), same=others)
    )


def read(world: World, name: str, by: str = "TEAM-1") -> None:
    show(world, name, by)
    mark(world, name, by=by)


async def test_a_text_is_read_by_whom_it_was_shown_to_and_who_says_so(world):
    """Neither showing nor marking alone is enough; who read it and when is kept."""
    await enrolled(world)
    await enrolled(world, "TEAM-2", "carl")
    await told(world, TOLD)
    [name] = queue(world)
    with pytest.raises(NotShown):
        mark(world, name)
    shown = show(world, name)
    assert (shown.text, shown.question, shown.earlier, shown.same) == (TOLD, "Say something.", (), 0)
    assert queue(world) == [name]
    with pytest.raises(NotShown):
        mark(world, name, by="TEAM-2")
    assert mark(world, name) == 1
    assert queue(world) == []
    assert world.rows("SELECT coordinator_id, way, read_at IS NOT NULL FROM reading") == [(1, "text", 1)]
    with pytest.raises(NotUnread):
        show(world, name)


async def test_what_may_be_typed_is_in_the_queue(world):
    """Own words, a reply that could not be read, a remark, the words that a case alone holds; and no number or tap."""
    await enrolled(world)
    ann = await at_words(world)
    for line in ("The new tablets gave me a terrible rash", "on both arms, since May", "the white pill"):
        await ann.say(line)
    bob = world.someone("bob")
    await bob.start(world.token(role=Role.PATIENT))
    await bob.say("purple is what I like, honestly")
    await bob.say("something else entirely, then")
    await told(world, "17", "cat")
    hcp = await at_words(world, "dora", Role.HCP)
    await hcp.say(TOLD)
    typed = world.rows("SELECT raw FROM answer WHERE kind = 'text' UNION SELECT raw FROM remark")
    kinds = {name[0] if name[0] in "rc" else "a" for name in queue(world)}
    assert kinds == {"a", "r", "c"}
    assert "which: on both arms, since May" in words(world)
    assert {"17", TOLD} & words(world) == set()
    assert ("17",) in typed
    assert (TOLD,) in typed


async def test_what_was_noticed_is_read_first_and_what_waits_for_long_before_that(world):
    """Risk, then events, then the rest; from half of a business day on by age alone."""
    await enrolled(world)
    await told(world, TOLD, "one")
    await told(world, ADVERSE, "two")
    await told(world, RISK, "three")
    texts = world.database.read_now(lambda c: unread_texts.unread(c, world.clock.now()))
    classes = [text.reading_class.value for text in texts]
    assert classes == sorted(classes, key=["risk", "event", "plain"].index)
    assert {"risk", "event", "plain"} <= set(classes)
    oldest = next(text.source.name for text in texts if text.reading_class is ReadingClass.PLAIN)
    world.clock.move(timedelta(hours=12))
    await told(world, f"{RISK}, I mean it", "four")
    assert queue(world)[0] == oldest
    figures = world.database.read_now(lambda c: unread_texts.figures(c, world.clock.now()))
    assert figures.total_overdue == 0
    world.clock.move(timedelta(hours=12))
    figures = world.database.read_now(lambda c: unread_texts.figures(c, world.clock.now()))
    assert (figures.total, figures.total_overdue) == (len(queue(world)), len(texts))


async def test_a_signal_moves_a_text_up(world):
    """What the rules or the second reader notice orders the queue and opens no case; a second note adds nothing."""
    await told(world, TOLD, "one")
    await told(world, "The stairs are higher than they were", "two")
    first, second = queue(world)
    source = TextSource.read(second)
    assert source is not None
    signal = NotedSignal(source, 2, ReadingClass.EVENT, SignalSource.SECOND_READER, SignalLevel.QUEUE, "1")
    for _ in range(2):
        world.database.write_now(lambda c: text_signals.note(c, signal, now=world.clock.now()))
    assert queue(world) == [second, first]
    assert world.rows("SELECT count(*) FROM text_signal") == [(1,)]
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_what_was_noticed_is_looked_up_among_the_unread_alone(world):
    """What comes back does not grow with all that was ever noticed: signals and cases leave it with their reading."""
    await enrolled(world)
    ann = await told(world, "The new tablets gave me a terrible rash")
    for line in ("on both arms, since May", "the white pill"):
        await ann.say(line)
    await told(world, TOLD, "two")
    source = TextSource.read(queue(world)[-1])
    assert source is not None
    signal = NotedSignal(source, 2, ReadingClass.RISK, SignalSource.SECOND_READER, SignalLevel.QUEUE, "1")
    world.database.write_now(lambda c: text_signals.note(c, signal, now=world.clock.now()))
    noticed = world.database.read_now(noticed_texts)
    assert noticed[source] is ReadingClass.RISK
    assert {TextKind.ANSWER, TextKind.CASE} <= {one.kind for one in noticed}
    for name in queue(world):
        read(world, name)
        left = world.database.read_now(noticed_texts)
        assert TextSource.read(name) not in left
    assert queue(world) == []
    assert left == {}


async def test_what_is_edited_after_it_was_read_is_unread_again(world):
    """The new words are another text; the old ones stay read."""
    await enrolled(world)
    ann = await told(world, TOLD, message_id="m1")
    read(world, *queue(world))
    await ann.does(InboundKind.EDIT, text="It took months", message_id="m1")
    [name] = queue(world)
    assert show(world, name).earlier == ()
    assert words(world) == {"It took months"}


async def test_what_was_changed_before_anybody_read_it_is_shown_with_what_it_is_now(world):
    """Taking words back does not take them out of the queue; one mark is for all that was shown."""
    await enrolled(world)
    ann = await told(world, "I stopped all of it on my own", message_id="m1")
    await ann.does(InboundKind.EDIT, text="Nothing to tell really", message_id="m1")
    assert words(world) == {"I stopped all of it on my own", "Nothing to tell really"}
    name = queue(world)[-1]
    assert show(world, name).earlier == ("I stopped all of it on my own",)
    assert mark(world, name) == 2
    assert queue(world) == []


async def test_what_stands_whole_in_the_newer_words_is_read_with_them(world):
    """Words that are added to make one text of both: the first part is no second text."""
    await enrolled(world)
    ann = await told(world, TOLD, message_id="m1")
    await ann.does(InboundKind.EDIT, text=f"{TOLD}, in March", message_id="m1")
    assert words(world) == {f"{TOLD}, in March"}
    read(world, *queue(world))
    assert queue(world) == []
    await ann.does(InboundKind.EDIT, text="It was fine", message_id="m1")
    assert words(world) == {"It was fine"}


async def test_letters_inside_other_words_are_no_words_that_stand_there(world):
    """ "ill" is not in "will": what was said first stays in the queue, and is shown with what it is now."""
    await enrolled(world)
    ann = await told(world, "ill", message_id="m1")
    await ann.does(InboundKind.EDIT, text="I will tell you later", message_id="m1")
    assert words(world) == {"ill", "I will tell you later"}
    newest = queue(world)[-1]
    assert show(world, newest).earlier == ("ill",)
    assert mark(world, newest) == 2


async def test_one_decision_is_for_all_of_the_same_words_under_the_same_question(world):
    """How many there are is shown; case, accents and full stops do not make other words: signs and faces do."""
    await enrolled(world)
    others = ("all bad", "all good?", "all good \N{LOUDLY CRYING FACE}", "all good :(")
    for number, line in enumerate(("All good", "all good", "All  good.", *others)):
        await told(world, line, f"p{number}")
    name = queue(world)[0]
    assert show(world, name).same == 2
    assert mark(world, name, same=True) == 3
    assert words(world) == set(others)
    ways = world.rows("SELECT way, count(*) FROM reading GROUP BY way ORDER BY way")
    assert ways == [("same_words", 2), ("text", 1)]


async def test_what_went_while_the_same_words_were_found_is_left_alone(world, monkeypatch):
    """What somebody read or deleted since is not read anew, and one decision reads no more than so many."""
    await enrolled(world)
    by = world.database.read_now(lambda c: coordinators.by_code(c, "TEAM-1"))
    for number in range(4):
        await told(world, "All good", f"p{number}")
    first, second, third, fourth = queue(world)
    show(world, first)
    source = TextSource.read(first)
    assert source is not None
    others = world.database.read_now(lambda c: reading.same_texts(c, [source], by=by))
    assert [one.name for one in others.texts] == [second, third, fourth]
    read(world, second)
    world.database.write_now(lambda c: c.exec_driver_sql(f"UPDATE answer SET raw = '' WHERE id = {third}"))
    now = world.clock.now()
    assert (
        world.database.write_now(lambda c: reading.mark_read(c, [source], by=by, now=now, same=others)) == 2
    )
    assert queue(world) == []
    monkeypatch.setattr(reading, "MOST_SAME", 1)
    for number in range(4, 7):
        await told(world, "All good", f"p{number}")
    name = queue(world)[0]
    assert show(world, name).same == 2
    assert mark(world, name, same=True) == 2
    assert len(queue(world)) == 1


async def test_words_that_were_not_shown_are_nobodys_same_words(world):
    """Changed after it was shown: others who wrote the new words stay unread, and so does the change."""
    await enrolled(world)
    ann = await told(world, "All good", message_id="m1")
    await told(world, "It hurts", "ben")
    [mine] = [name for name in queue(world) if show(world, name).text == "All good"]
    await ann.does(InboundKind.EDIT, text="It hurts", message_id="m1")
    assert mark(world, mine, same=True) == 1
    assert words(world) == {"It hurts"}
    assert len(queue(world)) == 2


async def test_what_is_shown_has_no_numbers_of_where_its_author_is(world):
    """Written without the prefix of the country, which their time zone tells."""
    await enrolled(world)
    await told(world, "Call me back on 030 23125 113 before noon")
    world.database.write_now(lambda c: c.exec_driver_sql("UPDATE participant SET timezone = 'Europe/Berlin'"))
    [name] = queue(world)
    assert "[phone]" in show(world, name).text


async def test_what_a_case_shows_is_read_by_a_step_with_it(world):
    """Words behind a case count once whoever saw them takes a step; words that came since do not."""
    await enrolled(world)
    ann = await told(world, ADVERSE)
    assert len(queue(world)) == 1

    def look(by: str | None) -> None:
        [case] = world.database.read_now(cases.list_cases)
        world.database.write_now(lambda c: case_text.read_case_text(c, case, by=by, now=world.clock.now()))

    def review() -> None:
        [case] = world.database.read_now(cases.list_cases)
        world.database.write_now(
            lambda c: case_workflow.act_on_case(
                c, case, CaseDecision(CaseAction.REVIEW, coordinators.by_code(c, "TEAM-1"), world.clock.now())
            )
        )

    look(None)
    review()
    assert len(queue(world)) == 1
    look("team-1")
    review()
    assert queue(world) == []
    world.clock.move(timedelta(minutes=1))
    await ann.say("my feet went numb, first the left one")
    before = queue(world)
    assert len(before) == 1
    review()
    assert queue(world) == before
    look("TEAM-1")
    review()
    assert queue(world) == []


async def test_a_sample_that_was_shown_and_looked_at_is_read(world):
    """And one that was only drawn, or looked at by somebody else, is not."""
    await enrolled(world)
    await enrolled(world, "TEAM-2", "carl")
    for number in range(3):
        await told(world, f"{TOLD} {number}", f"p{number}")
    now = world.clock.now()

    def by(c, code):
        return coordinators.by_code(c, code)

    number = world.database.write_now(
        lambda c: samples.draw(c, SamplePlan(1, 100), by=by(c, "TEAM-1"), now=now)
    )
    world.database.write_now(lambda c: samples.show_texts(c, number, by=by(c, "TEAM-1"), now=now))
    world.database.write_now(lambda c: samples.mark_looked_at(c, number, by=by(c, "TEAM-2"), now=now))
    assert len(queue(world)) == 3
    world.database.write_now(lambda c: samples.mark_looked_at(c, number, by=by(c, "TEAM-1"), now=now))
    assert queue(world) == []


async def test_a_flag_is_a_mark_where_the_words_were_shown(world):
    """Whoever opens a case for a text that they were shown has read it; else it stays."""
    await enrolled(world)
    await told(world, TOLD, "one")
    await told(world, "I walk into doors since then", "two")
    one, two = queue(world)
    show(world, one)
    codes = dict(world.rows("SELECT id, code FROM participant"))
    for name, person in ((one, 1), (two, 2)):
        flag = ManualFlag(codes[person], int(name))
        world.database.write_now(
            lambda c, flag=flag: flag_words(
                c, flag, by=coordinators.by_code(c, "TEAM-1"), now=world.clock.now()
            )
        )
    assert queue(world) == [two]


async def test_words_that_are_erased_take_their_readings_with_them(world):
    """Nothing says any more who read them; the next words have a number of their own, and are unread."""
    await enrolled(world)
    ann = await told(world, TOLD)
    bob = await told(world, f"{TOLD} too", "bob")
    for name in queue(world):
        read(world, name)
    show_rows = world.rows("SELECT count(*) FROM reading")
    assert show_rows == [(2,)]
    for line in ("delete my data", "yes"):
        await bob.say(line)
    assert world.rows("SELECT count(*) FROM reading") == [(1,)]
    await told(world, "It began in spring, I think", "cat")
    assert words(world) == {"It began in spring, I think"}
    await ann.say("5")
    await ann.say("yes")
    world.clock.move(timedelta(days=800))
    due = world.database.read_now(lambda c: retention.due_erasures(c, world.clock.now()))
    for step in retention.erasure_steps(due, world.clock.now()):
        world.database.write_now(step)
    assert world.rows("SELECT count(*) FROM answer WHERE raw = :raw", raw=TOLD) == [(0,)]
    assert world.rows("SELECT count(*) FROM reading") == [(0,)]


async def test_texts_of_before_are_no_part_of_it(world):
    """Nobody can say whether they were read."""
    await told(world, TOLD)
    world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE text_place SET answer_id = 99 WHERE name IN ('update', 'read')")
    )
    assert queue(world) == []


async def test_reading_goes_on_where_it_was(world):
    """A search begins behind what is read, and never behind what is not."""
    await enrolled(world)
    for number in range(4):
        await told(world, f"{TOLD} {number}", f"p{number}")
    first, second, third, fourth = queue(world)
    read(world, third)
    assert queue(world) == [first, second, fourth]
    read(world, first)
    read(world, second)
    assert queue(world) == [fourth]
    [(place,)] = world.rows("SELECT answer_id FROM text_place WHERE name = 'read'")
    assert int(third) <= place < int(fourth)


async def test_words_are_shown_as_they_are_kept(world):
    """Redacted once: a text to be read, one of a sample and one behind a case take the form that is kept of it."""
    await enrolled(world)
    await told(world, TOLD, "ann")
    await told(world, ADVERSE, "bob")
    planted = f'UPDATE answer SET redaction = \'{{"raw": "as kept"}}\', redaction_rules = {RULES}'
    world.database.write_now(lambda c: c.exec_driver_sql(planted))
    assert {show(world, name).text for name in queue(world)} == {"as kept"}

    def words(connection):
        who, now = coordinators.by_code(connection, "TEAM-1"), world.clock.now()
        number = samples.draw(connection, SamplePlan(1, 100), by=who, now=now)
        drawn = samples.show_texts(connection, number, by=who, now=now)
        [case] = cases.list_cases(connection)
        return [one.text for one in drawn], case_text.read_case_text(connection, case, by=None, now=now).text

    assert world.database.write_now(words) == (["as kept"], "as kept")
