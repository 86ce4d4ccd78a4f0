"""What a person asks for at any time, from the message in to the message out, in a conversation and without one."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.scheduler import Scheduler
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from flows.text.emoji import emoji_alone
from storage.people import contact_requests
from tests.support.fake_channel import FakeChannel
from tests.support.retelling import LANGUAGES
from tests.support.turn_world import IDENTITY, Someone, World, make_world, said, texts


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


class Post:
    """What leaves the house: messages and files, through a channel in memory."""

    def __init__(self, world: World, localizations: Localizations | None = None) -> None:
        self.channel = FakeChannel(world.clock.now, name="terminal")
        self.delivery = Delivery(
            world.database,
            {"terminal": self.channel},
            world.clock,
            DeliveryOptions(identity=IDENTITY, sleep=clock_sleep(world.clock), localizations=localizations),
        )
        self.scheduler = Scheduler(world.database, world.runtime, world.clock)

    async def goes_out(self, world: World) -> list[str]:
        """Everything that can be sent now is; the texts."""
        before = len(self.channel.delivered)
        await self.delivery.drain()
        world.clock.move(timedelta(seconds=2))
        await self.scheduler.tick()
        return [text for call in self.channel.delivered[before:] for text in call.texts]


@asynccontextmanager
async def talking(world: World, name: str = "ann") -> AsyncIterator[Someone]:
    person = world.someone(name)
    await person.start(world.token("hcp_commitment"))
    await person.say("yes")
    await person.say("yes")
    await person.say("nurse")
    yield person


async def finished(world: World) -> Someone:
    """Somebody whose conversation has come to its end."""
    person = world.someone()
    await person.start(world.token("small"))
    for words in ("red", "my secret words", "3"):
        await person.say(words)
    return person


async def test_my_data_in_a_conversation(world: World) -> None:
    """'my data' sends all that was said as a file, and the open question comes again after it."""
    post = Post(world)
    async with talking(world) as ann:
        shown = await ann.say("my data")
    assert [one.kind for one in shown] == ["document", "message"]
    await post.goes_out(world)
    [(address, name, content)] = post.channel.documents
    assert (address, name) == ("terminal:ann", "my-data.txt")
    assert "Your role?\n    nurse\n" in content
    assert "to ask how it went?\n    yes\n" in content
    assert "May I check back later" in content
    assert "You said yes." in content


@pytest.mark.parametrize(
    ("said_how_long", "kept"),
    [
        (["about two and a half years"], ["about two and a half years (1 to 5 years; 2 years)"]),
        (["4 years"], ["4 years (1 to 5 years)"]),
        (["8 months"], ["8 months (Less than 1 year; 0 years)"]),
        (["1 to 5 years"], ["1 to 5 years"]),
        (["4 years", "back", "Not sure"], ["4 years (1 to 5 years) (changed later)", "Not sure"]),
        (
            ["4 years", "back", "8"],
            ["4 years (1 to 5 years) (changed later)", "8 (6 years or more; 8 years)"],
        ),
    ],
)
async def test_my_data_shows_a_band_and_its_number_once(
    world: World, said_how_long: list[str], kept: list[str]
) -> None:
    """The completed years that were read stand beside the band, under the question that was asked once."""
    post, person = Post(world), world.someone()
    await person.start(world.token("patient_interview", role=Role.PATIENT))
    for words in ("continue", "I agree", "yes", "1", *said_how_long):
        shown = await person.say(words)
    assert "How long" not in shown[-1].text
    await person.say("my data")
    await post.goes_out(world)
    content = post.channel.documents[-1][2]
    entries = re.findall(r"How long have you lived with .*\?\n    (.*)", content)
    assert entries == kept


async def test_my_data_names_what_was_picked(tmp_path: Path) -> None:
    """Numbers that were typed stand beside what they meant, in the language in which it was asked."""
    drafts = Localizations(policy=LanguagePolicy(allow_drafts=True))
    world = make_world(tmp_path, drafts)
    post = Post(world, drafts)
    person = world.someone()
    await person.start(world.token("hcp_commitment"))
    for words in ("language deutsch", "1", "1", "2", "my data"):
        await person.say(words)
    await post.goes_out(world)
    [(_, _, content)] = post.channel.documents
    assert "Ihre Rolle?\n    2 (Pflegefachperson)" in content
    assert "    1 (Ja)\n" in content
    assert re.search(r"\[\d+\. [A-Zä]\w+ 20\d\d, \d\d:\d\d UTC\] ", content)
    world.database.close()


async def test_my_data_without_a_conversation(world: World) -> None:
    """It works with nothing open, and the file is made when it is sent: no copy waits in the database."""
    post = Post(world)
    person = await finished(world)
    [shown] = await person.say("My data!")
    assert shown.kind == "document"
    assert "my secret words" not in str(world.rows("SELECT payload FROM outbox WHERE kind = 'document'"))
    await post.goes_out(world)
    assert "Say something.\n    my secret words" in post.channel.documents[0][2]


async def test_a_human_is_told(world: World) -> None:
    """'human' names the contact, leaves one row for the team, and the question comes again."""
    async with talking(world) as ann:
        first, second = await ann.say("talk to a person")
        await ann.say("human")
    assert "person" in first.text
    assert second.prompt.ask is not None
    [request] = world.database.read_now(contact_requests.list_waiting)
    assert request.program == "myeloma"
    assert world.database.write_now(
        lambda c: contact_requests.mark_answered(c, request.id, now=world.clock.now())
    )
    assert world.database.read_now(contact_requests.list_waiting) == ()


@pytest.mark.parametrize("typed", [True, False])
async def test_delete_in_a_conversation(world: World, *, typed: bool) -> None:
    """'delete my data' asks once; yes erases words, conversations and addresses, and one last message goes out."""
    post = Post(world)
    async with talking(world) as ann:
        await ann.say("not in the list: my secret words")
        [sure] = await ann.say("delete my data")
        assert [option.label for option in sure.prompt.options] == ["Yes, delete all", "No, keep it"]
        shown = await (ann.say("yes") if typed else ann.tap(sure, 0))
    [last] = shown
    assert "last message" in last.text
    assert "last message" in (await post.goes_out(world))[-1]
    await post.goes_out(world)
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    assert world.rows("SELECT sealed FROM address") == [(b"",)]
    assert world.rows("SELECT status, language, timezone FROM participant") == [("deleted", None, None)]
    assert world.rows("SELECT DISTINCT state FROM conversation") == [("",)]
    assert world.rows("SELECT DISTINCT shown_text FROM consent") == [("",)]
    [(counts, kept)] = world.rows("SELECT counts, kept FROM tombstone")
    assert '"consents": 2' in counts
    assert kept == '{"safety_reports": 0}'
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'deletion'") == [(1,)]


async def test_delete_without_a_conversation(world: World) -> None:
    """It works with nothing open as well, and what comes afterwards finds nobody."""
    person = await finished(world)
    await person.say("delete my data")
    await person.say("yes please")
    assert world.rows("SELECT status FROM participant") == [("deleted",)]
    [shown] = await person.say("hello?")
    assert "link" in shown.text


@pytest.mark.parametrize("answer", ["no", "tap", "red"])
async def test_delete_is_only_done_on_yes(world: World, answer: str) -> None:
    """No keeps all; anything else keeps all too, and means what it means in the conversation."""
    person = world.someone()
    await person.start(world.token("small"))
    [sure] = await person.say("delete my data")
    shown = await (person.tap(sure, 1) if answer == "tap" else person.say(answer))
    if answer == "red":
        assert [one.text for one in shown] == ["Say something."]
    else:
        assert [one.text for one in shown] == ["All right. I have deleted nothing.", "Which colour?"]
    await person.say("yes")
    assert world.rows("SELECT status FROM participant") == [("active",)]


@pytest.mark.parametrize("typed", ["👎", ":-1:", "👍", ":+1:", ":+1::skin-tone-4:", "1️⃣", ":one:", "✅", "🗑️", "1", "2",
                                   "one", "the first", "Nummer 1", ":yes:"])  # fmt: skip
async def test_delete_takes_a_word_or_a_tap(world: World, typed: str) -> None:
    """An emoji alone and the number of an answer are none: what was seen is said, and the question asked again."""
    person = world.someone()
    await person.start(world.token("small"))
    await person.say("delete my data")
    said, sure = await person.say(typed)
    assert said.text == say(Sentence.EMOJI_ALONE, "en", seen=emoji_alone(typed) or typed)
    assert sure.text == say(Sentence.DELETE_SURE, "en")
    assert [option.label for option in sure.prompt.options] == ["Yes, delete all", "No, keep it"]
    assert world.rows("SELECT status, erasure_asked_at IS NULL FROM participant") == [("active", 0)]
    [kept, _] = await person.say("no 👎")
    assert kept.text == say(Sentence.DELETE_KEPT, "en")
    [asked] = await person.say("delete my data")
    await person.tap(asked, 0)
    assert world.rows("SELECT status FROM participant") == [("deleted",)]


async def test_a_yes_to_another_question_deletes_nothing(world: World) -> None:
    """Words that quote a question of the conversation, or stand in its thread, are about that one."""
    person = world.someone()
    await person.start(world.token("small"))
    world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE outbox SET message_id = 'q1' WHERE ask IS NOT NULL")
    )
    await person.say("delete my data")
    for words in ("yes", "red", "👍"):
        await person.say(words, about="q1")
        assert world.rows("SELECT status, erasure_asked_at IS NULL FROM participant") == [("active", 0)]
    assert world.rows("SELECT raw FROM answer") == [("red",)]
    await person.say("yes", about="my own words")
    assert world.rows("SELECT status FROM participant") == [("deleted",)]


async def test_words_that_hold_a_number_word(world: World) -> None:
    """'Ich willige ein' has the German word for one in it, and is a yes."""
    person = world.someone()
    await person.start(world.token("small"))
    await person.say("delete my data")
    await person.say("ich willige ein")
    assert world.rows("SELECT status FROM participant") == [("deleted",)]


@pytest.mark.parametrize("typed", ["yes 👎", "no 👍", "👍👎 yes"])
async def test_a_yes_that_contradicts_itself_deletes_nothing(world: World, typed: str) -> None:
    """Words and an emoji that disagree are no answer to the deletion."""
    person = world.someone()
    await person.start(world.token("small"))
    await person.say("delete my data")
    await person.say(typed)
    assert world.rows("SELECT status FROM participant") == [("active",)]


async def test_an_old_yes_deletes_nothing(world: World) -> None:
    """The button works for a day; after that it takes a new question."""
    person = world.someone()
    await person.start(world.token("small"))
    [sure] = await person.say("delete my data")
    world.clock.move(timedelta(days=2))
    await person.tap(sure, 0)
    assert world.rows("SELECT status, erasure_asked_at FROM participant") == [("active", None)]


async def test_a_new_start_is_a_new_person(world: World) -> None:
    """Who was deleted and comes back with a link is nobody we know, with or without the last message out."""
    async with talking(world) as ann:
        await ann.say("delete my data")
        await ann.say("yes")
    shown = await ann.start(world.token("small"))
    assert shown[-1].text == "Which colour?"
    assert world.rows("SELECT status FROM participant ORDER BY id") == [("deleted",), ("active",)]
    post = Post(world)
    await post.goes_out(world)
    await post.goes_out(world)
    assert await ann.say("red")
    assert world.rows("SELECT raw FROM answer") == [("red",)]


@pytest.mark.parametrize("status", ["queued", "sending"])
async def test_help_that_is_on_its_way_still_arrives(world: World, status: str) -> None:
    """Nobody knows whether it did: it goes before the last message, though the address is nobody's by then."""
    async with talking(world) as ann:
        [shown] = [one for one in await ann.say("I want to kill myself") if one.kind == "help"]
        world.database.write_now(
            lambda c: c.exec_driver_sql("UPDATE outbox SET status = 'sent' WHERE kind != 'help'")
        )
        world.database.write_now(
            lambda c: c.exec_driver_sql("UPDATE outbox SET status = ? WHERE kind = 'help'", (status,))
        )
        await ann.say("delete my data")
        await ann.say("yes")
    post = Post(world)
    world.clock.move(timedelta(minutes=5))
    told = [*await post.goes_out(world), *await post.goes_out(world)]
    assert shown.text in told
    assert told[-1] == say(Sentence.DELETED, "en")
    assert world.rows("SELECT status FROM outbox WHERE status IN ('failed', 'sending', 'queued')") == []


async def test_a_sent_safety_report_stays(world: World) -> None:
    """A report that was sent is kept with what it quotes, and the person is told; one that was not goes."""
    person = await finished(world)
    [(answer, participant)] = world.rows(
        "SELECT answer.id, participant_id FROM answer JOIN conversation ON conversation.id = conversation_id"
        " WHERE raw = 'my secret words'"
    )
    for status in ("sent", "new"):
        world.database.write_now(
            lambda c, status=status: c.exec_driver_sql(
                "INSERT INTO safety_case (participant_id, program_id, answer_id, kind, status, opened_at, due_at,"
                " elements, products, details)"
                " VALUES (?, ?, ?, 'adverse_event', ?, '2026-03-02 09:00:00', '2026-03-03 09:00:00', '[]', '[]', '{}')",
                (participant, world.program_id, answer, status),
            )
        )
    await person.say("delete my data")
    [last] = await person.say("yes")
    assert "safety report" in last.text
    assert world.rows("SELECT status FROM safety_case") == [("sent",)]
    assert world.rows("SELECT raw FROM answer") == [("my secret words",)]


# Two addresses.


async def linked(world: World) -> tuple[Someone, Someone]:
    """A person in a conversation at one address, joined by another."""
    async with talking(world) as ann:
        shown = await ann.say("link")
    other = world.someone("ann-too")
    await other.say(shown[0].text.rpartition(": ")[2])
    return ann, other


async def test_link(world: World) -> None:
    """A code from one app, written in another, makes both one participant's; the conversation goes on there."""
    ann, other = await linked(world)
    assert other.shown[0].text.startswith("Done.")
    assert other.shown[1].prompt.ask is not None
    assert world.rows("SELECT count(DISTINCT participant_id), count(*) FROM address") == [(1, 2)]
    assert not ann.look()
    await other.say("i will change something")
    assert not ann.look()
    assert world.rows(
        "SELECT address.id = (SELECT max(id) FROM address) FROM conversation"
        " JOIN address ON address.id = address_id"
    ) == [(1,)]


async def test_link_codes_are_good_once_and_not_for_long(world: World) -> None:
    """A wrong, used or old code is refused alike; after five tries the sixth is not looked at."""
    async with talking(world) as ann:
        code = (await ann.say("link"))[0].text.rpartition(": ")[2]
        world.clock.move(timedelta(minutes=16))
        other = world.someone("other")
        assert "too old" in (await other.say(code))[0].text
        fresh = (await ann.say("link"))[0].text.rpartition(": ")[2]
        for _ in range(4):
            await other.say("link BCDFGHJK")
        assert "too many" in (await other.say(fresh))[0].text
        world.clock.move(timedelta(minutes=61))
        assert world.rows("SELECT count(*) FROM address WHERE participant_id IS NOT NULL") == [(1,)]
    assert code.split()[1] not in str(world.rows("SELECT code_hash FROM link_code"))


async def test_link_does_not_mix_two_people(world: World) -> None:
    """An address with a person of its own, of whom something is kept, is not joined."""
    async with talking(world) as ann, talking(world, "bob") as bob:
        code = (await ann.say("link"))[0].text.rpartition(": ")[2]
        assert "delete my data" in (await bob.say(code))[0].text
        assert "other app" in (await ann.say(code))[0].text
    assert world.rows("SELECT count(DISTINCT participant_id) FROM address") == [(2,)]


async def test_stop_is_for_every_address(world: World) -> None:
    """Stop at one address drops what is queued at all of them; the goodbye goes only where it was said."""
    ann, other = await linked(world)
    ann.look(), other.look()
    shown = await ann.say("stop")
    assert [one.text[:14] for one in shown] == ["I have stopped"]
    assert not other.look()
    queued = world.rows("SELECT address_id, count(*) FROM outbox WHERE status = 'queued' GROUP BY address_id")
    assert queued == [(1, 1)]
    assert world.rows("SELECT count(*) FROM timer WHERE done_at IS NULL") == [(0,)]
    dropped = world.rows("SELECT DISTINCT reason FROM outbox WHERE status = 'dropped' ORDER BY reason")
    assert dropped == [("asked_again",), ("withdrawn",)]  # the question was put once more in the other app


async def test_delete_is_for_every_address(world: World) -> None:
    """Both addresses are forgotten."""
    post = Post(world)
    ann, other = await linked(world)
    await ann.say("delete my data")
    await ann.say("yes")
    await post.goes_out(world)
    await post.goes_out(world)
    assert world.rows("SELECT DISTINCT sealed, participant_id FROM address") == [(b"", None)]
    assert "link" in (await other.say("hello"))[0].text


async def test_a_yes_at_another_address_deletes_nothing(world: World) -> None:
    """Who was asked in one app and says yes in the other answers what stands there; it is asked there first."""
    ann, other = await linked(world)
    await ann.say("delete my data")
    assert texts(await other.say("yes")) == [said(Sentence.DELETE_SURE)]
    assert world.rows("SELECT count(*) FROM conversation WHERE state != ''") == [(1,)]
    assert "last message" in (await other.say("yes"))[0].text


async def test_a_no_at_another_address_keeps_it_asked(world: World) -> None:
    """Neither does a no there answer it; a tap names its question, wherever it stands."""
    ann, other = await linked(world)
    [sure] = await ann.say("delete my data")
    assert texts(await other.say("no")) == [said(Sentence.DELETE_SURE)]
    assert "last message" in (await ann.tap(sure, 0))[0].text


# Taking back one purpose.


QUOTED = re.compile("[“«„](.+?)[”»“]")


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize(("place", "purpose"), [(0, "contact_again"), (1, "use_words")])
async def test_one_purpose_is_taken_back_in_a_word(
    world: World, language: str, place: int, purpose: str
) -> None:
    """What 'my choices' says to write takes back that purpose and no other, in every language, in no conversation."""
    pat = world.someone("pat")
    await pat.start(world.token("patient_interview", role=Role.PATIENT))
    told = ("skip", "skip", "We waited for two hours, and nobody said why", *["skip"] * 6)
    for reply in ("continue", "I agree", "yes", *told, "yes", "skip"):
        await pat.say(reply)
    [shown] = await pat.say("/my_choices")
    assert "May we use your words in our teaching, without your name?" in shown.text
    word = QUOTED.findall(say(Sentence.CHOICES, language, given="?"))[place].strip()
    cancelled = [say(Sentence.FOLLOW_UP_NONE, "en")] if purpose == "contact_again" else []
    told = [say(Sentence.CONSENT_TAKEN_BACK, "en"), *cancelled]
    assert [one.text for one in await pat.say(word)] == told
    taken = world.rows("SELECT purpose FROM consent WHERE granted = 0")
    assert taken == [(purpose,)]
    assert [one.text for one in await pat.say(word)] == [say(Sentence.CHOICES_NONE, "en")]
    assert world.rows("SELECT status FROM participant") == [("active",)]


async def test_a_no_under_the_old_question_takes_it_back_too(world: World) -> None:
    """Tap No where Yes was tapped; it is said what comes of that, and once it is meant the follow-ups end."""
    async with talking(world) as ann:
        asked = await ann.say("back")
        while "May I check" not in asked[-1].text:
            asked = await ann.say("back")
        [sure] = await ann.tap(asked[-1], 1)
        assert world.rows("SELECT granted FROM consent WHERE purpose = 'contact_again'") == [(1,)]
        await ann.tap(sure, 0)
    assert say(Sentence.CONSENT_TAKEN_BACK, "en") in [one.text for one in ann.shown]
    assert world.rows("SELECT granted FROM consent WHERE purpose = 'contact_again'") == [(1,), (0,)]


# Without consent.


async def test_a_link_to_a_conversation_without_consent_is_kindly_refused(world: World) -> None:
    """Nothing is asked, nothing kept, and the link stays good for when the script asks for consent."""
    ann = world.someone()
    token = world.token("hcp_follow_up")
    [shown] = await ann.start(token)
    assert "not ready yet" in shown.text
    assert "team@example.org" in shown.text
    assert world.rows("SELECT count(*) FROM conversation") == [(0,)]
    assert world.rows("SELECT uses FROM invitation") == [(0,)]


# Away.


async def test_away(world: World) -> None:
    """'On holiday until ...' holds all that comes of our own accord, and is confirmed, in a conversation or not."""
    async with talking(world) as ann:
        [shown] = await ann.say("on holiday until 3 August")
    assert "3 August 2026" in shown.text
    assert world.rows("SELECT hold_until FROM participant")[0][0].startswith("2026-08-03")
    post = Post(world)
    world.clock.move(timedelta(days=3))
    await post.scheduler.tick()
    assert ("on_hold",) in world.rows("SELECT reason FROM contact")
    bob = world.someone("bob")
    await bob.start(world.token("small"))
    for words in ("red", "words", "3"):
        await bob.say(words)
    [told] = await bob.say("away until Monday")
    assert told.text.startswith("I will not write")


@pytest.mark.parametrize(
    ("said", "later", "held", "comes"),
    [
        ("until 3 August", "tomorrow", "2026-08-03", "2026-08-03"),
        ("until 3 August", "next week", "2026-08-03", "2026-08-03"),
        ("until Friday", "next week", None, "2026-03-09"),
        (None, "next week", None, "2026-03-09"),
    ],
)
async def test_a_longer_hold_stands(
    world: World, said: str | None, later: str, held: str | None, comes: str
) -> None:
    """Who is away for long and then says 'later' hears that the longer quiet is kept to, and how to end it."""
    ann = world.someone()
    await ann.start(world.token("small"))
    if said:
        await ann.say(said)
    await ann.say("later")
    told = [shown.text for shown in await ann.say(later)]
    assert any("You told me that you are away until" in text for text in told) is (held is not None)
    [(hold,)] = world.rows("SELECT hold_until FROM participant")
    assert hold is None or held is None or hold.startswith(held)
    post = Post(world)
    for _ in range(200):
        world.clock.move(timedelta(days=1))
        await post.scheduler.tick()
        if any(shown.text == say(Sentence.WELCOME_BACK, "en") for shown in ann.look()):
            break
    assert f"{world.clock.now():%Y-%m-%d}" in {comes, f"{date.fromisoformat(comes) + timedelta(days=1)}"}


async def test_a_holiday_is_ended_early(world: World) -> None:
    """'Until tomorrow' in place of 'until 3 August': what waited for August comes then."""
    ann = world.someone()
    await ann.start(world.token("small"))
    await ann.say("until 3 August")
    post = Post(world)
    world.clock.move(timedelta(days=4))
    await post.scheduler.tick()
    ann.look()
    await ann.say("until tomorrow")
    ann.look()
    world.clock.move(timedelta(hours=5))  # into the hours of the program
    for _ in range(6):
        world.clock.move(timedelta(days=1))
        await post.scheduler.tick()
    assert say(Sentence.REMINDER, "en") in [shown.text for shown in ann.look()]


async def test_words_before_the_consent_are_not_kept(world: World) -> None:
    """Declined: no answer, nothing in the conversation's state, and the words are gone from the inbox."""
    person = world.someone()
    await person.start(world.token("patient_interview", role=Role.PATIENT))
    await person.say("tell me more")
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    await person.say("No")
    assert world.rows("SELECT count(*) FROM answer") == [(0,)]
    assert "more" not in str(world.rows("SELECT payload FROM inbox WHERE seq > 1"))
    assert '"answers"' not in str(world.rows("SELECT state FROM conversation"))
    assert world.rows("SELECT purpose, granted FROM consent") == [("take_part", 0)]


async def test_words_before_the_consent_keep_their_time(world: World) -> None:
    """Agreed: what was said before is recorded now, with the time at which it was said."""
    person = world.someone()
    await person.start(world.token("patient_interview", role=Role.PATIENT))
    await person.say("continue")
    world.clock.move(timedelta(hours=1))
    await person.say("I agree")
    first, second = world.rows("SELECT question_key, answered_at FROM answer ORDER BY id")
    assert (first[0], second[0]) == ("a00", "a01")
    assert first[1] < second[1]
