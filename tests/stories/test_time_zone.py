"""Who has no known time zone is asked for it once, and what we send of our own accord goes by what they said."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.channels.base import InboundKind
from flows.i18n.say import Sentence, say
from flows.schedule.time_zones import city_of
from flows.script.model import Role
from tests.support.follow_on_world import COMMITMENT, INTERVIEW, Story, converse, texts
from tests.support.turn_world import Someone

WHICH = say(Sentence.ZONE_WHICH, "en")
ABROAD = {"countries": ["GB", "US", "JP"]}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **ABROAD)
    yield made
    made.world.database.close()


def zone(story: Story) -> str | None:
    [(found,)] = story.world.rows("SELECT timezone FROM participant")
    return found


async def asked(story: Story) -> Someone:
    """A clinician who agreed to be asked again, and is asked what time it is."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    await amy.say("yes")
    [shown] = [one.prompt for one in await amy.say("yes") if one.prompt.options]
    assert shown.text == WHICH
    return amy


async def test_a_wave_comes_at_a_good_hour_there(story: Story) -> None:
    """One tap, and the wave of a month later is sent in the program's hours of Tokyo, where London sleeps."""
    amy = await asked(story)
    [menu] = [one.prompt for one in amy.shown if one.text == WHICH]
    place = next(n for n, option in enumerate(menu.options) if option.label.endswith("Tokyo"))
    await amy.tap(next(one for one in amy.shown if one.text == WHICH), place)
    assert zone(story) == "Asia/Tokyo"
    await converse(amy, COMMITMENT)
    await story.pass_time(days=34)
    [(at,)] = story.world.rows("SELECT at FROM contact WHERE action IN ('sent', 'queued') LIMIT 1")
    there = datetime.fromisoformat(str(at)).replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    assert 8 <= there.hour < 21


async def test_nobody_is_asked_twice(story: Story) -> None:
    """Who left it open is asked neither by the same conversation nor by one of months later."""
    pat = await story.someone("pat", "patient_interview", Role.PATIENT)
    said = await converse(pat, {**INTERVIEW, "Which is nearest": "skip"})
    assert (zone(story), said.count(WHICH)) == (None, 1)
    texts(pat)
    await story.pass_time(weeks=12, hours=2)
    flows = story.world.rows("SELECT flow FROM conversation ORDER BY id")
    assert flows == [("patient_interview",), ("patient_follow_up",)]
    assert (await pat.say("later"))[-1].text == say(Sentence.LATER_WHEN, "en")


async def test_a_program_in_one_country_asks_nobody(tmp_path: Path) -> None:
    """There is nothing to choose."""
    story = Story(tmp_path)
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    assert WHICH not in await converse(amy, COMMITMENT)
    story.world.database.close()


async def test_a_conversation_of_before_goes_on_as_it_was(tmp_path: Path) -> None:
    """Who was on the way when the program came to several countries is not asked in that conversation."""
    story = Story(tmp_path)
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    story.load(**ABROAD)
    assert WHICH not in await converse(amy, COMMITMENT)
    story.world.database.close()


async def test_what_somebody_chose_is_not_overwritten_by_their_app(story: Story) -> None:
    """An app's time zone is followed until they say another."""
    amy = await asked(story)
    await amy.does(InboundKind.PROFILE, timezone="Europe/Vienna")
    assert zone(story) == "Europe/Vienna"
    await amy.does(InboundKind.PROFILE, timezone="Europe/London")
    assert zone(story) == "Europe/London"
    await amy.say("time zone Tokyo")
    await amy.does(InboundKind.PROFILE, timezone="Europe/Vienna")
    assert zone(story) == "Asia/Tokyo"


@pytest.mark.parametrize(
    "words", ["zona horaria", "zona horaria Madrid", "zona horária Lisboa", "zona horaria UTC+2"]
)
async def test_it_is_no_illness(story: Story, words: str) -> None:
    """'Zona' is shingles in French; here it opens no case, in a conversation and outside of one."""
    amy = await asked(story)
    await amy.say(words)
    if zone(story) is None:
        await amy.say("skip")
    await converse(amy, COMMITMENT)
    await amy.say(words)
    assert story.world.rows("SELECT count(*) FROM safety_case") == [(0,)]


async def test_words_of_risk_beside_it_are_heard(story: Story) -> None:
    """A place at the end hides nothing."""
    amy = await asked(story)
    await amy.say("time zone, I want to die in Vienna")
    assert story.world.rows("SELECT count(*) FROM safety_case") == [(1,)]


@pytest.mark.parametrize(
    ("reply", "number"),
    [("2", "112"), ("Munich", "112"), ("Vienna", "144"), ("London", "999")],
    ids=["clock of several countries", "named, as the clock", "named", "one country's clock"],
)
async def test_help_is_never_that_of_a_neighbouring_country(tmp_path: Path, reply: str, number: str) -> None:
    """A time of day that several countries share tells of none of them: the default number is shown."""
    numbers = {"GB": "999", "DE": "110", "AT": "144", "default": "112"}
    story = Story(tmp_path, countries=["GB", "DE", "AT"], emergency_numbers=numbers)
    amy = await asked(story)
    await amy.say(reply)
    shown = await amy.say("I want to die")
    assert f"({number})" in shown[0].text
    story.world.database.close()


@pytest.mark.parametrize(
    ("words", "kept", "sentences"),
    [
        ("time zone", None, (Sentence.ZONE_NOW, Sentence.ZONE_HOW)),
        ("/time_zone", None, (Sentence.ZONE_NOW, Sentence.ZONE_HOW)),
        ("Zeitzone Wien", "Europe/Vienna", (Sentence.ZONE_SET,)),
        ("time zone USA", "America/New_York", (Sentence.ZONE_SET, Sentence.ZONE_HOW)),
        ("time zone GMT+9", "Asia/Tokyo", (Sentence.ZONE_SET, Sentence.ZONE_HOW)),
        ("UTC+9", "Asia/Tokyo", (Sentence.ZONE_SET, Sentence.ZONE_HOW)),
        ("fuso orario UTC", "Europe/London", (Sentence.ZONE_SET, Sentence.ZONE_HOW)),
    ],
)
async def test_with_nothing_open(
    story: Story, words: str, kept: str | None, sentences: tuple[Sentence, ...]
) -> None:
    """It is shown and changed in one message; of a country with several times the largest is taken, and said."""
    amy = await asked(story)
    await converse(amy, {**COMMITMENT, "Which is nearest": "skip"})
    [told] = [one.text for one in await amy.say(words)]
    city, time = city_of(kept or "Europe/London", "en"), ""
    assert zone(story) == kept
    for sentence in sentences:
        start = say(sentence, "en", city=city, time=time).partition(" now")[0][:40]
        assert start in told
