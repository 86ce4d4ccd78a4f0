"""Best practice from end to end: a team submits, its patient partner co-signs, and the team hears of it."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner, Result

from bot.channel_policy import ChannelPolicy, DeploymentProfile, policy_of
from bot.channels.base import InboundKind
from bot.cli.root import app
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.model import Role
from storage.follow_up import cosignatures
from storage.follow_up.cosignatures import CosignState
from tests.support.cosigning_world import AGREES, CHANGES, SUBMISSION, partner, team, token_in
from tests.support.follow_on_world import DAILY, Story, converse, texts
from tests.support.retelling import LOCALIZATIONS
from tests.support.turn_world import Someone, flows

GONE = "took back what they wrote"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY)
    yield made
    made.world.database.close()


def speak(story: Story, policy: ChannelPolicy) -> None:
    """The bot in all its languages, under a policy."""
    world = story.world
    world.runtime = Runtime(
        world.database,
        flows(),
        world.clock,
        RuntimeOptions(pick=Random(7).choice, policy=policy, localizations=LOCALIZATIONS),
    )
    story.scheduler = Scheduler(world.database, world.runtime, world.clock, policy=policy)


def state(story: Story) -> CosignState:
    """How far the first submission is with its partner."""
    [(number,)] = story.world.rows(
        "SELECT id FROM conversation WHERE flow = 'best_practice' ORDER BY id LIMIT 1"
    )
    return story.world.database.read_now(lambda c: cosignatures.cosign(c, number)).state


async def test_partner_agrees_and_the_team_hears_of_it(story: Story) -> None:
    """The partner reads what was submitted, without identifiers; the team is told once, at a good hour."""
    eve, said = await team(story)
    assert said[-2].startswith("Please pass the next message on")
    assert state(story) is CosignState.ASKED
    _, read = await partner(story, token_in(said))
    whole = "\n".join(read)
    assert "A webinar on {living with} myeloma, for nurses" in whole
    assert "Sat on the planning group and Taught or told their story" in whole
    assert "2 to 3" in whole
    assert "[email]" in whole
    assert "ann@example.org" not in whole
    assert state(story) is CosignState.AGREED
    texts(eve)
    await story.pass_time(days=2)
    told = texts(eve)
    assert told[1] == "They agree with it."
    await story.pass_time(days=20)
    assert texts(eve) == []
    assert story.world.rows("SELECT about_id FROM conversation WHERE flow = 'best_practice_cosign'") == [(1,)]


@pytest.mark.parametrize(
    ("replies", "reached", "told"),
    [
        (CHANGES, CosignState.CHANGES, 'They ask you to change some of it: "We were {four}: ring [phone]"'),
        (
            AGREES | {"Do you agree": "i would rather not say"},
            CosignState.RATHER_NOT,
            "They would rather not say whether they agree.",
        ),
        ({"A team wrote": "no"}, CosignState.DECLINED, None),
    ],
)
async def test_what_else_a_partner_may_say(
    story: Story, replies: dict[str, str], reached: CosignState, told: str | None
) -> None:
    """Changes come to the team in the partner's words without identifiers; who declines is not told of."""
    eve, said = await team(story)
    _, read = await partner(story, token_in(said), replies)
    if told is None:
        assert "webinar" not in "\n".join(read)
    assert state(story) is reached
    texts(eve)
    await story.pass_time(days=3)
    assert texts(eve)[1:2] == ([] if told is None else [told])


@pytest.mark.parametrize("leaving", [["stop"], ["delete my data", "yes"]])
async def test_author_leaves_before_the_link_is_opened(story: Story, leaving: list[str]) -> None:
    """The partner is told kindly, and nothing of the submission is shown."""
    eve, said = await team(story)
    for words in leaving:
        await eve.say(words)
    pat, read = await partner(story, token_in(said))
    assert len(read) == 1
    assert GONE in read[0]
    assert await pat.say("hello?")


@pytest.mark.parametrize("leaving", [["stop"], ["delete my data", "yes"]])
async def test_author_leaves_while_the_partner_reads(story: Story, leaving: list[str]) -> None:
    """The partner's conversation ends and they are told once; after a deletion not a word is left in the file."""
    eve, said = await team(story)
    pat = story.world.someone("pat")
    await pat.start(token_in(said))
    await pat.say("yes")
    for words in leaving:
        await eve.say(words)
    await story.pass_time(days=2)
    assert [GONE in text for text in texts(pat)] == [True]
    assert [shown.text for shown in await pat.say("yes, i agree")] == ["There is no open question right now."]
    await story.pass_time(days=30)
    assert texts(pat) == []
    assert story.world.rows("SELECT count(*) FROM timer WHERE done_at IS NULL") == [(0,)]
    assert story.world.rows("SELECT state FROM conversation WHERE about_id IS NOT NULL") == [("",)]
    if len(leaving) > 1:
        story.world.database.close()
        left = b"".join(path.read_bytes() for path in story.world.database.path.parent.iterdir())
        assert b"webinar" not in left


@pytest.mark.parametrize("in_a_conversation", [True, False])
@pytest.mark.parametrize("partner_first", [True, False])
async def test_author_and_partner_in_the_same_moment(
    story: Story, partner_first: bool, in_a_conversation: bool
) -> None:
    """The author stops in the very batch in which the partner goes on: nothing is shown any more."""
    eve, said = await team(story)
    if in_a_conversation:
        await eve.start(story.world.token("best_practice", role=Role.EDUCATOR))
    pat = story.world.someone("pat")
    await pat.start(token_in(said))
    both = [pat.inbound(InboundKind.TEXT, text="yes"), eve.inbound(InboundKind.TEXT, text="stop")]
    await story.world.runtime.receive(both if partner_first else both[::-1])
    await story.world.runtime.drain()
    assert "webinar" not in "\n".join(texts(pat))
    assert story.world.rows("SELECT status, state FROM conversation WHERE about_id IS NOT NULL") == [
        ("ended", "")
    ]


@pytest.mark.parametrize("leaving", [["stop"], ["delete my data", "yes"]])
async def test_partner_leaves(story: Story, leaving: list[str]) -> None:
    """What the partner said counts no more, and the team is not told of it."""
    eve, said = await team(story)
    pat, _ = await partner(story, token_in(said))
    texts(eve)
    for words in leaving:
        await pat.say(words)
    await story.pass_time(days=3)
    assert texts(eve) == []
    assert state(story) is CosignState.LEFT


async def test_link_is_good_for_one_person_once(story: Story) -> None:
    """Somebody else with the same link is told so; the partner who comes back is not asked again; nor its author."""
    eve, said = await team(story)
    own = [shown.text for shown in await eve.start(token_in(said))]
    assert own[0].startswith("This link can not be used")
    pat, _ = await partner(story, token_in(said))
    assert [shown.text for shown in await pat.start(token_in(said))] == [
        "There is no open question right now."
    ]
    other = story.world.someone("other")
    assert [shown.text for shown in await other.start(token_in(said))] == [
        "This invitation has been used before. Please ask the team for a new one."
    ]
    await story.pass_time(days=61)
    late = story.world.someone("late")
    assert "too old" in (await late.start(token_in(said)))[0].text


async def test_two_submissions_and_one_partner(story: Story) -> None:
    """A second submission has a link of its own, which waits its turn; each answer is about its own."""
    _, first = await team(story)
    _, second = await team(story, name="eva", Which_activity="A course for pharmacists")
    pat = story.world.someone("pat")
    await pat.start(token_in(first))
    waits = [shown.text for shown in await pat.start(token_in(second))]
    assert waits[0].startswith("Thank you. We finish this talk first")
    await pat.say("yes")
    await pat.say("yes, i agree")
    said = [shown.text for shown in await pat.say("not at all")]
    said += await converse(pat, CHANGES)
    assert "A course for pharmacists" in "\n".join(said)
    found = story.world.rows(
        "SELECT about_id, value FROM answer JOIN conversation ON conversation.id = conversation_id"
        " WHERE question_key = 'f9_read' ORDER BY answer.id"
    )
    assert found == [(1, '"agree"'), (2, '"changes"')]


async def test_submission_made_again_by_the_same_team(story: Story) -> None:
    """A team that submits twice hears of both partners."""
    eve, first = await team(story)
    _, second = await team(story, Which_activity="Our second one")
    for name, said in (("pat", first), ("ray", second)):
        await partner(story, token_in(said), name=name)
    texts(eve)
    await story.pass_time(days=14)
    told = [text for text in texts(eve) if text.startswith("Hi.")]
    assert [text.rsplit(": ", 1)[1] for text in told] == [
        "A webinar on {living with} myeloma, for nurses",
        "Our second one",
    ]


async def test_partner_of_another_language(story: Story) -> None:
    """Labels are in the partner's language, words as they were written, and it says that they are."""
    speak(story, ChannelPolicy())
    _, said = await team(story)
    pat = await story.patient("pat")
    await pat.say("language español")
    read = [shown.text for shown in await pat.start(token_in(said))]
    read += [shown.text for shown in await pat.say("sí")]
    whole = "\n".join(read)
    assert "We took out half of the slides" in whole
    assert "Sat on the planning group" not in whole
    labels = LOCALIZATIONS.localized(flows()["best_practice_cosign"], "es")
    assert any(getattr(step, "text", "") in read for step in labels.steps if step.key == "other_language")


@pytest.mark.parametrize(
    ("bot", "profile", "ending"),
    [
        ("said_bot", DeploymentProfile.HIPAA, r"https://t\.me/said_bot\?start=[\w-]+"),
        ("said_bot", DeploymentProfile.OPEN, r"https://t\.me/said_bot\?start=[\w-]+"),
        (None, DeploymentProfile.OPEN, r"/said start [\w-]+"),
    ],
)
async def test_link_is_for_where_patients_are_welcome(
    story: Story, bot: str | None, profile: DeploymentProfile, ending: str
) -> None:
    """A team on Slack is given Telegram's link where there is one, else what is typed on Slack if patients may."""
    speak(story, policy_of(profile, {}, bot))
    said = await on_slack(story)
    assert re.search(rf": {ending}$", said[-1])


async def test_no_link_is_possible(story: Story) -> None:
    """Where no app of ours takes patients, the team is told honestly whom to ask, and no invitation is made."""
    speak(story, policy_of(DeploymentProfile.HIPAA, {}, None))
    said = await on_slack(story)
    assert "team@example.org" in said[-1]
    assert "can not make a link" in said[-1]
    assert story.world.rows("SELECT count(*) FROM invitation WHERE about_id IS NOT NULL") == [(0,)]
    assert state(story) is CosignState.NOT_ASKED


async def on_slack(story: Story) -> list[str]:
    """A team that submits on Slack; all that it was told."""
    someone = Someone(story.world, "slack:U1")
    await someone.start(story.world.token("best_practice", role=Role.EDUCATOR))
    return await converse(someone, SUBMISSION)


async def test_carer_may_be_the_partner(story: Story) -> None:
    """Somebody we know as a carer may open the link too; a clinician may not."""
    _, said = await team(story)
    hugo = await story.someone("hugo", "hcp_commitment", Role.HCP)
    assert "can not be used" in (await hugo.start(token_in(said)))[0].text
    carla = await story.someone("carla", "patient_interview", Role.CARER)
    await carla.say("no thanks")
    await carla.start(token_in(said))
    await converse(carla, AGREES)
    assert state(story) is CosignState.AGREED


async def test_team_that_does_not_want_to_be_written_to(story: Story) -> None:
    """Without that consent the answer is kept and not sent."""
    eve, said = await team(story, May_I_write_once="no")
    await partner(story, token_in(said))
    texts(eve)
    await story.pass_time(days=3)
    assert texts(eve) == []
    assert [line[:2] for line in story.contacts()] == [("not_sent", "no_consent")]
    assert state(story) is CosignState.AGREED


async def test_team_makes_a_link_by_command(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A coordinator makes another link to a submission by its number; none to one that is not there."""
    await team(story)
    path = story.world.database.path
    monkeypatch.chdir(path.parent)
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    story.world.database.close()

    def invite(*more: str) -> Result:
        known = ["invite", "myeloma", "--role", "patient", "--source", "s", "--database", str(path)]
        return CliRunner().invoke(app, [*known, *more])

    assert invite("--flow", "cosign", "--submission", "1", "--json").exit_code == 0
    for wrong in (["cosign"], ["cosign", "--submission", "9"], ["interview", "--submission", "1"]):
        assert invite("--flow", *wrong).exit_code != 0
    story.world.restart()
    [(made,)] = story.world.rows("SELECT count(*) FROM invitation WHERE about_id = 1")
    assert made == 2
