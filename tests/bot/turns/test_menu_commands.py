"""With nothing open: questions to the bot are answered, and the words of the menu do what it says."""

from datetime import date, timedelta

import pytest

from flows.i18n.localized_flow import LanguagePolicy, Localizations, name_of
from flows.i18n.say import Sentence, say
from tests.support.turn_world import asking, expire, make_world, said, texts, through

READ_BY = "No one reads this live. The Myeloma Learning Team reads it later, under a code and not your name."
TO_THE_COMMITMENT = ("yes", "yes", "1", "1", "4", "Hand out the sheet to all at each visit", "skip", "today")


async def after_the_end(world):
    """Somebody whose conversation is over."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    return ann


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("who reads this?", READ_BY),
        ("Hello", said(Sentence.INQUIRY_HELLO)),
        ("Thank you!", said(Sentence.INQUIRY_THANKS)),
        ("when will you write again", said(Sentence.INQUIRY_NOT_PLANNED)),
        ("can i take ibuprofen?", said(Sentence.INQUIRY_MEDICAL, number="112")),
        ("what did I say?", said(Sentence.MY_DATA_HERE)),
        ("can somebody call me", said(Sentence.HUMAN_TOLD, contact="team@example.org")),
    ],
)
async def test_after_the_end(world, words, answer):
    """The same answers as in a conversation, and no question after them; one about health is kept for people."""
    ann = await after_the_end(world)
    kept = [said(Sentence.REMARK_KEPT)] if "ibuprofen" in words else []
    assert texts(await ann.say(words)) == [answer, *kept]


COMMITTED = (*TO_THE_COMMITMENT, "4", "4", "skip", "skip", "yes", "no")
HELD = said(Sentence.FOLLOW_UP_ON, when=date(2026, 4, 20))
NEXT = said(Sentence.FOLLOW_UP_ON, when=date(2026, 3, 16))
NONE = said(Sentence.INQUIRY_NOT_PLANNED)


@pytest.mark.parametrize(
    ("before", "days", "nothing_open", "when"),
    [
        (COMMITTED, 0, Sentence.NO_CONVERSATION, NEXT),
        ((*COMMITTED, "I am away until 20 April"), 0, Sentence.NO_CONVERSATION, HELD),
        (("no",), 0, Sentence.NO_QUESTION, NONE),
        (("yes", "no", *COMMITTED[2:]), 0, Sentence.NO_QUESTION, NONE),
        ((*COMMITTED, "no contact"), 0, Sentence.NO_QUESTION, NONE),
        ((*COMMITTED, "stop"), 0, Sentence.STOPPED_BEFORE, NONE),
        (COMMITTED, 400, Sentence.NO_QUESTION, NONE),
    ],
    ids=["agreed", "away", "declined", "no contact consent", "taken back", "stopped", "no day to come"],
)
async def test_we_say_that_we_write_only_where_it_is_planned(world, before, days, nothing_open, when):
    """A word after the end, a thumb, the Home tab, and the question when we write: all say the same."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *before)
    world.clock.move(timedelta(days=days))
    assert texts(await ann.say("ok")) == [said(nothing_open)]
    assert texts(await ann.say("\N{THUMBS UP SIGN}")) == [said(nothing_open)]
    assert texts(await ann.say("when will you write again?")) == [when]
    is_expected = (await world.runtime.home("terminal:ann")).expects_us
    assert is_expected is (nothing_open is Sentence.NO_CONVERSATION)


async def test_what_another_talk_planned_counts(world):
    """Whoever made a commitment, and then ends a second talk, is written to about the first."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, *COMMITTED)
    await ann.start(world.token())
    await through(ann, "red", "because", "1")
    assert texts(await ann.say("ok")) == [said(Sentence.NO_CONVERSATION)]
    assert texts(await ann.say("when will you write again?")) == [NEXT]


@pytest.mark.parametrize(
    ("may_write", "told"),
    [("yes", ""), ("yes to now, no to later", f"{NONE} ")],
)
async def test_in_the_middle_of_a_talk_a_yes_to_a_later_one_is_not_denied(world, may_write, told):
    """Its end plans the day: until then nobody who agreed just now hears that none is planned."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, "yes", may_write)
    shown = texts(await ann.say("when will you write again?"))
    assert shown[0] == f"{told}{said(Sentence.INQUIRY_MAY_REMIND)}"


async def test_whose_data_is_gone_is_promised_nothing(world):
    """After a deletion there is nobody to write to."""
    ann = await after_the_end(world)
    await through(ann, "delete my data", "yes")
    assert texts(await ann.say("ok")) == [asking(Sentence.INVITATION_NEEDED)]


async def test_a_call_is_noted(world):
    """Whoever wants to be called is on the list of the team."""
    ann = await after_the_end(world)
    await ann.say("Can somebody call me?")
    assert world.rows("SELECT count(*) FROM person_request") == [(1,)]


async def test_more_than_a_question_is_kept(world):
    """What was told beside a question is a remark of the conversation that is over."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await through(ann, "yes", "yes")
    shown = texts(await ann.say("My uncle had it too. Who reads this?"))
    assert READ_BY in shown
    assert world.rows("SELECT raw FROM remark") == [("My uncle had it too. Who reads this?",)]


async def test_after_a_stop(world):
    """Who has stopped hears the answer too; a greeting is answered by how to come back."""
    ann = world.someone()
    await ann.start(world.token())
    await through(ann, "red", "stop")
    assert texts(await ann.say("What happens with my answers?"))[0].startswith(
        "Your answers are kept under a code"
    )
    assert texts(await ann.say("hello"))[0].startswith("You asked me to stop")


@pytest.mark.parametrize("word", ["pause", "later"])
async def test_to_be_written_to_later(world, word):
    """With nothing to pause it is told when we write next, and how to put that off, in words that do so."""
    ann = await after_the_end(world)
    shown = texts(await ann.say(word))
    assert shown == [said(Sentence.INQUIRY_NOT_PLANNED), said(Sentence.INQUIRY_PUT_OFF)]
    until = shown[-1].rpartition(": ")[2]
    assert texts(await ann.say(until)) == [said(Sentence.HELD_IDLE, when=date(2026, 3, 9))]


async def test_help(world):
    """Help names the words and the contact."""
    ann = await after_the_end(world)
    assert texts(await ann.say("help")) == [said(Sentence.HELP, contact="team@example.org")]


async def test_another_language(tmp_path):
    """'Language' names those that there are; the name of one, alone, is a wish for it."""
    world = make_world(tmp_path, Localizations(policy=LanguagePolicy(only=("en", "es"))))
    ann = await after_the_end(world)
    names = f"{name_of('en')}, {name_of('es')}"
    assert texts(await ann.say("language")) == [said(Sentence.INQUIRY_LANGUAGES, languages=names)]
    await ann.say("español")
    assert world.rows("SELECT language FROM participant") == [("es",)]
    assert texts(await ann.say("Gracias")) == ["De nada."]
    assert texts(await ann.say("Por cierto, mi colega lo hace también")) == [say(Sentence.REMARK_KEPT, "es")]
    world.database.close()


async def test_another_language_for_a_talk_that_ran_out(tmp_path):
    """Who chose a language after it ran out is asked in that one whether to go on, and goes on in it."""
    world = make_world(tmp_path, Localizations(policy=LanguagePolicy(only=("en", "es"))))
    ann = world.someone()
    await ann.start(world.token())
    expire(world, 14)
    await ann.say("español")
    told = texts(await ann.say("Mi hermana estuvo de visita todo ese tiempo"))
    assert told == [say(Sentence.REMARK_KEPT, "es"), say(Sentence.RETURNED, "es")]
    assert world.rows("SELECT json_extract(state, '$.language') FROM conversation") == [("es",)]
    world.database.close()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "1 und 2"),
        ("de", "Nein, das gab es nicht"),
        ("es", "1 y 3"),
        ("fr", "oui, c'est ça"),
        ("it", "va bene così"),
        ("ar", "نعم، هذا صحيح"),
    ],
)
async def test_words_that_say_nothing_in_the_language_of_the_talk(tmp_path, language, words):
    """Whoever writes to a talk that is over hears something, whether their words are kept or not."""
    world = make_world(tmp_path, Localizations(policy=LanguagePolicy(only=("en", language))))
    ann = world.someone()
    await ann.start(world.token(language=language), locale=language)
    await through(ann, "red", "because", "1")
    told, kept = texts(await ann.say(words)), world.rows("SELECT raw FROM remark")
    nothing = [say(Sentence.NO_QUESTION, language)]
    assert (told, kept) in ((nothing, []), ([say(Sentence.REMARK_KEPT, language)], [(words,)]))
    world.database.close()


async def test_the_only_language(world):
    """Where there is one language, that is said."""
    ann = await after_the_end(world)
    assert texts(await ann.say("language")) == [said(Sentence.LANGUAGE_ONLY)]
