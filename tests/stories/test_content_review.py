"""Review of teaching content, from the invitation to the answer 'n of your m points', on real rows."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from flows.script.model import Role
from storage.follow_up import review_points
from storage.follow_up.review_points import ReviewError
from storage.programs import programs
from storage.schema import PointDecision
from tests.support.coordinators import enrolled
from tests.support.follow_on_world import DAILY, Story, converse, texts
from tests.support.review_replies import ITEMS, REVIEW
from tests.support.turn_world import Someone


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY, reviews=ITEMS)
    yield made
    made.world.database.close()


async def reviewer(story: Story, name: str = "rae", item: str = "slides", **replies: str) -> Someone:
    """Somebody who has reviewed an item."""
    world = story.world
    number = world.database.read_now(lambda c: programs.activity_id(c, world.program_id, item))
    person = world.someone(name)
    await person.start(world.token("content_review", role=Role.PATIENT, activity_id=number))
    said = [shown.prompt.text for shown in person.shown]
    said += await converse(person, REVIEW | {key.replace("_", " "): reply for key, reply in replies.items()})
    person.said = said  # type: ignore[attr-defined]
    return person


def decide(story: Story, key: str, decision: str, reason: str, **more: str) -> int:
    """What the team decides on the point of the first reviewer; how many are open."""
    [(code,)] = story.world.rows("SELECT code FROM participant ORDER BY id LIMIT 1")
    now = story.world.clock.now()
    return story.world.database.write_now(
        lambda c: review_points.decide(
            c,
            review_points.DecisionOnPoint(code, key, more.get("item"), PointDecision(decision), reason),
            now=now,
        )
    )


@pytest.mark.parametrize(
    ("replies", "alerts"),
    [
        ({"Have_you_sent": "yes"}, []),
        ({"Have_you_sent": "not yet"}, ["b0 = not_yet"]),
        ({"Have_you_sent": "yes", "Could_you_open": "no"}, ["b1 = no"]),
        ({"Have_you_sent": "not yet", "Could_you_open": "no"}, ["b0 = not_yet", "b1 = no"]),
        ({"Have_you_sent": "yes", "Could_you_open": "partly"}, []),
    ],
)
async def test_the_team_hears_of_what_it_must_see_to(
    story: Story, replies: dict[str, str], alerts: list[str]
) -> None:
    """No form on interests yet, or it could not be opened: every coordinator is told at once, by codes alone."""
    cora = await enrolled(story.world)
    cora.look()
    await reviewer(story, **replies)
    [(code,)] = story.world.rows("SELECT code FROM participant")
    told = [shown.text for shown in cora.look()]
    assert told == [f"content_review, {code}: {one}. Write: why {code}" for one in alerts]
    assert not any("rae" in text for text in told)


async def test_reviewer_is_told_what_became_of_each_point(story: Story) -> None:
    """Once every point has a decision, and not before, the reviewer hears how many were used and why, once."""
    rae = await reviewer(story)
    assert any("Slides on side effects, version 2" in text for text in rae.said)  # type: ignore[attr-defined]
    texts(rae)
    assert decide(story, "b3", "used", "It is on slide 7 now.") == 2
    assert decide(story, "b3_more", "partly", "It has a slide of its own.") == 1
    await story.pass_time(days=5)
    assert texts(rae) == []
    assert decide(story, "b4", "not_used", "The page was taken out.") == 0
    await story.pass_time(hours=20)
    hello, *told = texts(rae)
    assert hello.endswith("You looked at this for us: Slides on side effects.")
    assert told == [
        "Your points that were used, in full or in part: 2 of 3. Here is why for each.",
        'You said: "That a short walk each day helps"',
        "It was used. It is on slide 7 now.",
        'You said: "On the slide about nerves"',
        "It was used in part. It has a slide of its own.",
        'You said: "Page 4 is hard to read"',
        "It was not used. The page was taken out.",
        "Thank you for your help. There is nothing to answer. To reach us, write to team@example.org.",
    ]
    with pytest.raises(ReviewError, match="told already"):
        decide(story, "b4", "used", "After all.")


async def test_a_decision_can_be_put_right_before_it_is_told(story: Story) -> None:
    """The latest decision counts; the answer is planned once."""
    rae = await reviewer(story, What_is_missing="nothing")
    texts(rae)
    story.world.clock.set(story.world.clock.now().replace(hour=22))
    assert decide(story, "b4", "not_used", "No.") == 0
    assert decide(story, "b4", "used", "Yes, we put it right.") == 0
    await story.pass_time(days=3)
    told = texts(rae)
    assert "It was used. Yes, we put it right." in told
    assert len([text for text in told if text.startswith("Hi.")]) == 1


async def test_who_did_not_agree_is_not_told(story: Story) -> None:
    """Without consent to be written to again the answer does not go out, and the story says why."""
    rae = await reviewer(story, What_is_missing="nothing", May_I_write_once="no")
    texts(rae)
    decide(story, "b4", "used", "We put it right.")
    await story.pass_time(days=3)
    assert texts(rae) == []
    assert [line[:2] for line in story.contacts()] == [("not_sent", "no_consent")]


async def test_two_items_are_two_reviews(story: Story) -> None:
    """One person reviews two items; a decision says which one it is about."""
    await reviewer(story)
    again = await reviewer(story, item="film")
    assert any("committee member: The film, version 1" in text for text in again.said)  # type: ignore[attr-defined]
    with pytest.raises(ReviewError, match="--item with one of: film, slides"):
        decide(story, "b4", "used", "Yes.")
    assert decide(story, "b4", "used", "Yes.", item="film") == 2
    with pytest.raises(ReviewError, match="made no point 'b9'"):
        decide(story, "b9", "used", "Yes.")


async def test_who_cannot_open_it_may_come_back(story: Story) -> None:
    """Without access nothing is asked, no point is made, and the same link begins anew."""
    rae = await reviewer(story, Could_you_open="no")
    assert story.world.database.read_now(review_points.points) == ()
    await rae.start(f"Token-{0:026}")
    assert any("You look at this" in shown.prompt.text for shown in rae.shown)


async def test_nothing_to_say_is_no_point(story: Story) -> None:
    """'Nothing' and 'No' are answers, and no points to be decided on."""
    await reviewer(story, What_is_missing="nothing", Is_there_a_part="no")
    assert story.world.database.read_now(review_points.points) == ()


async def test_team_works_from_the_command_line(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list shows no identifiers, a decision needs a reason, and both are in the audit trail."""
    await reviewer(story, Is_there_a_part="Ask me at rae@example.org about page 4")
    [(code,)] = story.world.rows("SELECT code FROM participant")
    path = str(story.world.database.path)
    monkeypatch.chdir(story.world.database.path.parent)
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    story.world.database.close()
    listed = said("review", "list", "--open", "--json", database=path)
    assert [one["key"] for one in json.loads(listed.stdout)] == ["b3", "b3_more", "b4"]
    assert "rae@example.org" not in listed.stdout
    kept = said("review", "answer", code, "b4", "used", "--reason", "It is put right.", database=path)
    assert "2 of this review's points are open" in kept.stdout
    assert said("review", "answer", code, "b4", "used", "--reason", " ", database=path).exit_code != 0
    assert [
        one["key"] for one in json.loads(said("review", "list", "--open", "--json", database=path).stdout)
    ] == [
        "b3",
        "b3_more",
    ]


def said(*arguments: str, database: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--database", database])
