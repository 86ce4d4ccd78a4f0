"""A yes or no is to what was asked: in one conversation of a program it does not speak for what came of another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.script.model import Role
from storage.programs import programs
from tests.support.consent_change import ASKS, NEW, change
from tests.support.follow_on_world import DAILY, Story, converse, texts
from tests.support.review_replies import ITEMS, REVIEW
from tests.support.turn_world import Someone


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY, reviews=ITEMS)
    yield made
    made.world.database.close()


async def review(story: Story, person: Someone, **replies: str) -> None:
    """The same person opens the link to a review, and answers."""
    world = story.world
    number = world.database.read_now(lambda c: programs.activity_id(c, world.program_id, "slides"))
    await person.start(world.token("content_review", role=Role.HCP, activity_id=number))
    await converse(person, REVIEW | {key.replace("_", " "): reply for key, reply in replies.items()})
    texts(person)


def sent(story: Story) -> list[tuple[Any, ...]]:
    return story.world.rows(
        "SELECT timer_kind, date(at) FROM contact WHERE action = 'sent' ORDER BY id LIMIT 2"
    )


@pytest.mark.parametrize("replies", [{"May_I_write_once": "no"}, {"You_look_at_this": "no"}])
async def test_a_no_to_a_review_leaves_the_follow_ups(story: Story, replies: dict[str, str]) -> None:
    """Who agreed to be asked about a commitment is asked, though they want to hear no more of a review."""
    amy = await story.clinician("amy")
    await review(story, amy, **replies)
    await story.pass_time(days=31)
    assert sent(story) == [("follow_on", "2026-03-16"), ("wave", "2026-04-01")]
    assert any(text.startswith("On 2 March 2026 you wrote:") for text in texts(amy))


async def test_a_yes_to_hear_of_a_review_lets_nothing_else_come(story: Story) -> None:
    """Who wants no follow-up of a commitment, and wants to hear what became of a review, gets no word of the first."""
    amy = await story.clinician("amy", May_I_check="Yes to now, no to later")
    await review(story, amy)
    await story.pass_time(days=100)
    assert sent(story) == []
    assert texts(amy) == []


async def test_the_text_agreed_to_is_that_of_the_conversation_it_hangs_on(story: Story) -> None:
    """A changed text of a commitment is asked anew before its wave, also when the newest yes was to a review."""
    amy = await story.clinician("amy")
    await review(story, amy)
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    await story.pass_time(days=14.5)
    assert texts(amy) == [ASKS, NEW]


async def test_no_contact_is_heeded_for_all(story: Story) -> None:
    """Said outside of any question, it takes back every yes to be contacted, and a yes to a review brings none back."""
    amy = await story.clinician("amy")
    await review(story, amy)
    await amy.say("no contact")
    query = "SELECT flow FROM consent WHERE purpose = 'contact_again' AND NOT granted ORDER BY id"
    assert story.world.rows(query) == [("hcp_commitment",), ("content_review",)]
    await story.pass_time(days=100)
    assert sent(story) == []
    assert [status for (status,) in story.world.rows("SELECT status FROM follow_up")] == ["opted_out"] * 3


async def test_a_no_in_what_follows_counts_for_what_it_follows(story: Story) -> None:
    """A patient who agreed in the interview and says no when asked again hears nothing more of either."""
    pat = await story.patient("pat")
    await story.pass_time(days=85)
    await pat.say("no")
    news = {"changes": [{"code": "x", "on": "2026-06-01", "text": "We have more time now."}]}
    story.load(**DAILY | news | {"reviews": ITEMS})
    texts(pat)
    await story.pass_time(days=200)
    assert texts(pat) == []
