"""Promises of what the team is told: all of it in the language of each of them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from bot.schedule.digests import send_digests
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.i18n.say import FALLBACK
from flows.i18n.say_to_team import tell
from flows.i18n.team_messages import TeamSentence
from flows.text.templates import fields_of
from storage.people import coordinators
from tests.support.retelling import LANGUAGES, LOCALIZATIONS
from tests.support.safety_world import ADVERSE, RISK, at_words
from tests.support.turn_world import IDENTITY, Someone, World, flows, make_world, opens

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|\n")
_SHORTEST = 5
"""Letters of a piece of English that is looked for."""


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    made.runtime = Runtime(
        made.database,
        flows(),
        made.clock,
        RuntimeOptions(pick=Random(7).choice, localizations=LOCALIZATIONS, opens=opens),
    )
    yield made
    made.database.close()


async def enrolled(world: World, code: str, language: str) -> Someone:
    """A coordinator whose app is in this language."""
    token, now = coordinators.new_team_token(), world.clock.now()
    world.database.write_now(
        lambda c: coordinators.enrol(c, code, token_hash=IDENTITY.token_hash(token), now=now)
    )
    person = world.someone(code)
    await person.start(token, locale=language)
    return person


def pieces(language: str) -> Iterator[str]:
    """What stands in the English sentences and in none of this language's."""
    own = " ".join(tell(sentence, language) for sentence in TeamSentence if not fields_of(sentence.value))
    for sentence in TeamSentence:
        for piece in _PLACEHOLDER.split(sentence.value):
            words = piece.strip(" .,;:()")
            if len(words) >= _SHORTEST and not re.search(rf"\b{re.escape(words)}\b", own):
                yield words


def english_in(text: str, language: str) -> list[str]:
    """The pieces of English that a text holds."""
    return [words for words in pieces(language) if re.search(rf"\b{re.escape(words)}\b", text)]


async def hear(world: World, language: str) -> list[str]:
    """All that a coordinator may be told in a few days: alerts, every command, the digest."""
    cora, carl = await enrolled(world, "TEAM-1", language), await enrolled(world, "TEAM-2", language)
    heard = [shown.text for shown in cora.shown]
    ann = await at_words(world, locale="en-GB")
    await ann.say(ADVERSE)
    await ann.say("yes")
    bob = await at_words(world, "bob")
    await bob.say(RISK)
    await bob.say(RISK)
    [(code,)] = world.rows("SELECT code FROM participant ORDER BY id LIMIT 1")
    [(answer,)] = world.rows("SELECT id FROM answer WHERE raw = 'red' ORDER BY id LIMIT 1")
    scheduler = Scheduler(world.database, world.runtime, world.clock, localizations=LOCALIZATIONS)
    for _ in range(4):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    for said in (
        *("hm", "/due", "/stuck", f"/why {code}", "/why P-NOBODY", f"/pause {code}", "/safety", "/safety 1"),
        *("/safety 9", "/safety 2", "/safety 1 review", "/safety 1 acknowledged", "/safety 1 not_event"),
        *("/safety 1 not_event hm", "/safety 1", "/safety 1 clear hm", "/safety 2 clear hm"),
        *(
            "/safety 2 clear hm",
            f"/safety flag {code} {answer}",
            f"/safety flag {code} 999",
            "language Hungarian",
        ),
    ):
        heard += [shown.text for shown in await cora.say(said)]
    heard += [shown.text for shown in await carl.say("/safety 1 not_event hm")]
    await carl.say("/safety 3 sent")
    heard += [shown.text for shown in await cora.say("/safety")]
    world.clock.move(timedelta(days=1))
    await send_digests(world.database, LOCALIZATIONS, world.clock.now())
    return [*heard, *(shown.text for shown in cora.look())]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_english_is_left_in_what_the_team_is_told(world, language):
    """Alerts, answers to every command and the digest, in the language of a coordinator's app."""
    heard = await hear(world, language)
    assert len(heard) > 25
    found = {text: left for text in heard if (left := english_in(text, language))}
    assert found == {}


async def test_english_would_be_found(world):
    """In English nothing else is said, so that one piece left over shows."""
    heard = await hear(world, FALLBACK)
    assert all(english_in(text, "es") for text in heard)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language):
    """None falls back to English, but for words that are the same in both."""
    worded = [one for one in TeamSentence if re.search("[a-z]{3}", _PLACEHOLDER.sub("", one.value))]
    assert [one.name for one in worded if tell(one, language) == one.value] == []


async def test_everybody_reads_their_own_language(world):
    """By the app's language; by choice, which wins; one that is not offered is said so."""
    cora, carl = await enrolled(world, "TEAM-1", "es"), await enrolled(world, "TEAM-2", "de-AT")
    await carl.say("language français")
    assert [shown.text for shown in carl.shown] == [tell(TeamSentence.LANGUAGE_SET, "fr")]
    await cora.say("language Hungarian")
    assert [shown.text for shown in cora.shown] == [tell(TeamSentence.LANGUAGE_NOT_YET, "es")]
    ann = await at_words(world)
    await ann.say(RISK)
    assert cora.look()[0].text.startswith("Caso de seguridad 1: malestar grave, P-")
    assert carl.look()[0].text.startswith("Cas de sécurité 1\xa0: détresse, P-")
    assert cora.look() == carl.look() == []


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("en", datetime(2026, 3, 2, 9, 5, tzinfo=UTC), "2 Mar 09:05"),
        ("de", date(2026, 3, 2), "2. März"),
        ("en", datetime(2027, 3, 2, 9, 5, tzinfo=UTC), "2 Mar 2027 09:05"),
        ("es", date(2025, 12, 31), "31 dic 2025"),
        ("fr", 0.875, "88\u202f%"),
        ("es", timedelta(hours=30), "30 horas"),
        ("de", timedelta(hours=1), "60 Minuten"),
        ("pt", timedelta(days=2), "2 dias"),
        ("de", 12345, "12.345"),
        ("it", TeamSentence.STATUS_NEW, "nuovo"),
    ],
)
def test_times_and_numbers_are_written_as_in_the_language(language, value, shown):
    """Days of this year without it, ages in the unit that says enough, parts of a whole as per cent."""
    sentence = tell(TeamSentence.CLOCK_OVER, language, today=date(2026, 1, 1), time=value)
    assert shown in sentence.replace("\u00a0", "\u202f")
