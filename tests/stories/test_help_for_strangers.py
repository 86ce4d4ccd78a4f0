"""Whoever writes words of risk and is in no program is told where help is, whatever else their message was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.base import InboundKind
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.i18n.say import Sentence, say
from storage.database.backup import check
from tests.support.turn_world import World, asking, make_world, said, texts

HELP = said(Sentence.CARE_ANYWHERE)
AT_RISK = "I want to kill myself"
"""Words as in the tests of the scan: what is found is theirs to say."""
IN_LANGUAGES = {
    "ar": "أريد أن أنتحر",
    "de": "ich will mich umbringen",
    "en": AT_RISK,
    "es": "quiero suicidarme",
    "fr": "je veux me suicider",
    "it": "voglio suicidarmi",
    "pt": "quero matar-me",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A program with a small flow, in all languages, and nobody in it."""
    made = make_world(tmp_path, Localizations((), LanguagePolicy(allow_drafts=True)))
    yield made
    made.database.close()
    assert check(made.database.path) == []


@pytest.mark.parametrize("language", IN_LANGUAGES)
async def test_a_stranger_at_risk_is_told_where_help_is(world: World, language: str) -> None:
    """In the language of their app, and nothing of an invitation; no case is opened, since nothing is kept."""
    shown = await world.someone().say(IN_LANGUAGES[language], locale=language)
    assert texts(shown) == [say(Sentence.CARE_ANYWHERE, language)]
    assert world.rows("SELECT count(*) FROM safety_case") == [(0,)]


@pytest.mark.parametrize("before", [True, False], ids=["before it", "after it"])
@pytest.mark.parametrize("known", [True, False], ids=["that there is", "that there is not"])
async def test_help_comes_before_a_code(world: World, *, before: bool, known: bool) -> None:
    """A code, good or not, in the same message opens nothing and refuses nothing; it can be sent once more."""
    stranger = world.someone()
    code = world.token() if known else "MYELOMA-7Q2F"
    assert texts(await stranger.say(f"{AT_RISK} {code}" if before else f"{code}. {AT_RISK}")) == [HELP]
    if known:
        assert texts(await stranger.start(code))[-1] == "Which colour?"


@pytest.mark.parametrize("known", [True, False], ids=["of somebody who takes part", "of a stranger"])
@pytest.mark.parametrize("words", [f"{AT_RISK}. link ZN5FP3M8", f"/start MYELOMA-7Q2F {AT_RISK}"])
async def test_help_comes_before_a_commanded_code(world: World, words: str, *, known: bool) -> None:
    """A code to join another app, or one after 'start', is no reason to pass over the words beside it."""
    ann = world.someone()
    if known:
        await ann.start(world.token())
    told = texts(await ann.say(words))
    assert told[0] == HELP if not known else told[0].startswith("I am a bot, so I can not keep you safe.")
    assert world.rows("SELECT count(*) FROM safety_case") == [(int(known),)]


async def test_who_has_deleted_all_is_helped(world: World) -> None:
    """Words of risk in the moment of 'yes, delete all', later ones, and those of an edited message."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("delete my data")
    assert texts(await ann.say("yes")) == [said(Sentence.DELETED)]
    assert texts(await ann.say(AT_RISK)) == [HELP]
    assert texts(await ann.does(InboundKind.EDIT, text=AT_RISK, message_id="17")) == [HELP]
    assert world.rows("SELECT status FROM participant") == [("deleted",)]


async def test_help_is_sent_as_help(world: World) -> None:
    """It goes out at once, like the help of a program: by its kind, before all else."""
    [shown] = await world.someone().say(AT_RISK)
    assert shown.kind == "help"


@pytest.mark.parametrize("words", ["hello?", "my doctor is never on time", "the new tablets make me dizzy"])
async def test_other_words_of_strangers_ask_for_an_invitation(world: World, words: str) -> None:
    """A side effect is nothing that a program could take up, for there is none."""
    assert texts(await world.someone().say(words))[-1] == asking(Sentence.INVITATION_NEEDED)
