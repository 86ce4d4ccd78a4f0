"""In which language a conversation begins and goes on, through the runtime."""

from random import Random

import pytest

from bot.turns.runtime import Runtime, RuntimeOptions
from tests.support.translated import PSEUDO, program_in, pseudo, shipped, translate
from tests.support.turn_world import flows, make_world, opens


@pytest.fixture(scope="module")
def translations(tmp_path_factory):
    """Everything in a made-up language, reviewed."""
    folder = translate(tmp_path_factory.mktemp("pseudo"), flows().values())
    with shipped(folder):
        yield folder


@pytest.fixture
def world(translations, tmp_path):
    made = make_world(tmp_path, in_others=program_in)
    made.runtime = Runtime(
        made.database, flows(), made.clock, RuntimeOptions(pick=Random(7).choice, opens=opens)
    )
    yield made
    made.database.close()


def kept_language(world):
    return world.rows("SELECT language FROM participant")


def is_pseudo(shown):
    return all(one.text.startswith("⟦") for one in shown)


@pytest.mark.parametrize(
    ("invited", "locale", "expected"),
    [
        (None, None, False),
        (PSEUDO, None, True),
        (None, PSEUDO, True),
        (None, "eo-EO", True),
        ("en", PSEUDO, False),
        (None, "xx", False),
        ("xx", "eo", True),
    ],
)
async def test_the_first_of_invitation_app_and_program_that_is_offered(world, invited, locale, expected):
    """The invitation's language comes before the app's, and the program's is last."""
    ann = world.someone()
    shown = await ann.start(world.token(language=invited), locale=locale)
    assert is_pseudo(shown) is expected


async def test_what_a_person_chose_comes_first(world):
    """The choice is kept, holds in this conversation and in the next, and answers bear it."""
    ann = world.someone()
    await ann.start(world.token(language="en"), locale="en")
    shown = await ann.say("language esperanto")
    assert shown[0].text == pseudo("We go on in English.")
    assert is_pseudo(shown)
    assert kept_language(world) == [(PSEUDO,)]
    await ann.say("red")
    assert {language for (language,) in world.rows("SELECT language FROM answer")} == {PSEUDO}
    assert is_pseudo(await ann.say("restart"))
    await ann.say("stop")
    assert is_pseudo(await ann.start(world.token(language="en"), locale="en"))


async def test_the_version_that_is_kept_is_the_one_that_was_written(world):
    """Only the script's own language is stored with the conversation."""
    await world.someone().start(world.token(language=PSEUDO))
    [(source,)] = world.rows("SELECT source FROM flowversion")
    assert "⟦" not in source


async def test_a_language_outside_of_a_conversation(world):
    """Between conversations the word with a name sets what comes next."""
    ann = world.someone()
    await ann.start(world.token())
    for reply in ("red", "words", "3"):
        await ann.say(reply)
    [shown] = await ann.say("language esperanto")
    assert shown.text == pseudo("We go on in English.")
    assert is_pseudo(await ann.start(world.token()))
    assert is_pseudo(await ann.say("blue"))


async def test_the_consent_that_is_kept_has_the_programs_words_as_they_were_shown(world):
    """What is asked names the event in the person's language, and what is kept is that text, byte for byte."""
    shown = await world.someone().start(world.token("hcp_commitment", language=PSEUDO))
    assert pseudo("Spring symposium") in shown[-1].text
    await world.someone().tap(shown[-1], 0)
    [(text, language)] = world.rows("SELECT shown_text, language FROM consent")
    assert (text, language) == (shown[-1].text, PSEUDO)


async def test_a_program_without_translations_speaks_its_own_language(translations, tmp_path):
    """The script could be had in the person's language; half of the conversation would be in another, so it is not."""
    bare = make_world(tmp_path, in_others=lambda _program: {})
    bare.runtime = Runtime(
        bare.database, flows(), bare.clock, RuntimeOptions(pick=Random(7).choice, opens=opens)
    )
    ann = bare.someone()
    assert not is_pseudo(await ann.start(bare.token(language=PSEUDO), locale=PSEUDO))
    assert not is_pseudo(await ann.say("red"))
    bare.database.close()
