"""Whoever writes words of risk and is in no program is told where help is, whatever else their message was."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import InboundKind
from bot.schedule.scheduler import Scheduler
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.i18n.say import Sentence, say
from storage.database.backup import check
from tests.support.turn_world import Someone, World, asking, make_world, said, texts

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


async def in_two_apps(world: World) -> tuple[Someone, Someone]:
    """Somebody in a talk on Telegram, and the same person on Slack, which they have joined."""
    ann = Someone(world, "telegram:1")
    await ann.start(world.token())
    [code] = re.findall(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await ann.say("link"))))
    other = Someone(world, "slack:T1/U1")
    await other.say(code)
    assert world.rows("SELECT count(*), count(participant_id) FROM address") == [(2, 2)]
    await ann.say("delete my data")
    return ann, other


async def test_who_has_deleted_all_is_helped_in_their_other_app(world: World) -> None:
    """The address is forgotten with all else: they write as somebody whom nobody knows, and are not left alone."""
    ann, other = await in_two_apps(world)
    await ann.say("yes")
    assert texts(await other.say(AT_RISK)) == [HELP]
    assert world.rows("SELECT count(*) FROM address WHERE participant_id IS NOT NULL") == [(0,)]


async def test_words_that_come_to_another_app_with_the_deletion_are_answered(world: World) -> None:
    """They came before its turn was taken: nothing of them is kept, and help is shown in that app."""
    ann, other = await in_two_apps(world)
    yes, words = ann.inbound(InboundKind.TEXT, text="yes"), other.inbound(InboundKind.TEXT, text=AT_RISK)
    await world.runtime.receive([yes, words])
    await world.runtime.drain()
    assert texts(ann.look()) == [said(Sentence.DELETED)]
    assert texts(other.look()) == [HELP]
    world.clock.move(timedelta(days=2))
    await Scheduler(world.database, world.runtime, world.clock).tick()
    assert world.rows("SELECT count(*) FROM address WHERE sealed != x''") == [(0,)]


async def test_help_on_its_way_to_another_app_still_arrives(world: World) -> None:
    """With the last message, where all was deleted: as text alone, since its talk is no more."""
    ann, other = await in_two_apps(world)
    shown = await other.say(AT_RISK)
    helps = [one.text for one in shown if one.kind == "help"]
    assert len(helps) == 1
    await ann.say("delete my data")
    await ann.say("yes")
    rows = (
        "SELECT json_extract(payload, '$.text'), conversation_id, json_extract(payload, '$.options'), erase_at IS NULL"
        " FROM outbox JOIN address ON address.id = address_id WHERE outbox.kind = 'help'"
    )
    assert world.rows(rows) == [(helps[0], None, None, 0)]


async def test_help_is_sent_as_help(world: World) -> None:
    """It goes out at once, like the help of a program: by its kind, before all else."""
    [shown] = await world.someone().say(AT_RISK)
    assert shown.kind == "help"


@pytest.mark.parametrize("words", ["hello?", "my doctor is never on time", "the new tablets make me dizzy"])
async def test_other_words_of_strangers_ask_for_an_invitation(world: World, words: str) -> None:
    """A side effect is nothing that a program could take up, for there is none."""
    assert texts(await world.someone().say(words))[-1] == asking(Sentence.INVITATION_NEEDED)
