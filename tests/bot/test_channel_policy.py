"""Who may be talked to where: at the door and at fire time, refused kindly with the place to go."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.channel_policy import ChannelPolicy, DeploymentProfile, InvitationRoute, policy_of
from bot.schedule.scheduler import Scheduler
from bot.settings.settings import load_settings
from flows.i18n.say import Sentence, say
from flows.program.loader import PROGRAMS, load_program
from flows.schedule.contact_policy import ContactReason
from flows.script.model import Role
from storage.schema import FollowUpStatus
from tests.support import wave_world
from tests.support.turn_world import World, make_runtime, make_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


OURS = "https://talk.example.org"
STAFF_ONLY = ChannelPolicy({"terminal": frozenset({Role.EDUCATOR})})
WITH_LINK = ChannelPolicy({"terminal": frozenset({Role.EDUCATOR})}, telegram_bot="a_bot")


@pytest.mark.parametrize(
    ("profile", "role", "channel", "allowed"),
    [
        (DeploymentProfile.HIPAA, Role.PATIENT, "slack", False),
        (DeploymentProfile.HIPAA, Role.CARER, "slack", False),
        (DeploymentProfile.HIPAA, Role.HCP, "slack", True),
        (DeploymentProfile.HIPAA, Role.EDUCATOR, "slack", True),
        (DeploymentProfile.HIPAA, Role.PATIENT, "telegram", True),
        (DeploymentProfile.HIPAA, Role.PATIENT, "terminal", True),
        (DeploymentProfile.OPEN, Role.PATIENT, "slack", True),
    ],
)
def test_what_the_profiles_allow(profile: DeploymentProfile, role: Role, channel: str, allowed: bool):
    """'hipaa' keeps patients and carers away from Slack, and nobody else from anywhere; 'open' keeps nobody."""
    assert policy_of(profile, {}, None).allows(role, channel) is allowed


def test_a_channel_in_the_settings_replaces_what_the_profile_says(tmp_path: Path):
    """The default is 'hipaa'; a list for a channel stands in its place."""
    assert load_settings().policy_now().allows(Role.PATIENT, "slack") is False
    file = tmp_path / "settings.toml"
    file.write_text('[policy.channels]\nslack = ["patient"]\ntelegram = ["hcp"]\n', encoding="utf-8")
    policy = load_settings(file).policy_now()
    assert [policy.allows(role, "slack") for role in (Role.PATIENT, Role.HCP)] == [True, False]
    assert [policy.allows(role, "telegram") for role in (Role.PATIENT, Role.HCP)] == [False, True]


def test_the_link_elsewhere_opens_the_same_invitation():
    """Where Telegram takes the role, its link is given; on Telegram itself there is no other place."""
    assert WITH_LINK.elsewhere(Role.HCP, "terminal", "to-ken") == "https://t.me/a_bot?start=to-ken"
    assert WITH_LINK.elsewhere(Role.HCP, "telegram", "to-ken") is None
    assert STAFF_ONLY.elsewhere(Role.HCP, "terminal", "to-ken") is None
    closed = ChannelPolicy({"slack": frozenset(), "telegram": frozenset()}, "a_bot")
    assert closed.elsewhere(Role.HCP, "slack", "to-ken") is None
    paged = ChannelPolicy({"slack": frozenset()}, web_url="https://talk.example.org")
    assert paged.elsewhere(Role.HCP, "slack", "to-ken") == "https://talk.example.org/c/to-ken"
    assert paged.elsewhere(Role.HCP, "web", "to-ken") is None
    both = ChannelPolicy({"slack": frozenset()}, "a_bot", "https://talk.example.org")
    assert both.elsewhere(Role.HCP, "slack", "to-ken") == "https://t.me/a_bot?start=to-ken"
    assert both.elsewhere(Role.HCP, "telegram", "to-ken") == "https://talk.example.org/c/to-ken"


def test_an_invitation_that_is_passed_on_is_a_link_where_there_is_one():
    """To Telegram, else to a page, else a command; none where nothing serves the role."""
    assert ChannelPolicy({}, "a_bot", OURS).way_in(Role.HCP, "web", "t") == InvitationRoute(
        "https://t.me/a_bot?start=t"
    )
    assert ChannelPolicy({}, None, OURS).way_in(Role.HCP, "slack", "t") == InvitationRoute(f"{OURS}/c/t")
    assert ChannelPolicy({}).way_in(Role.HCP, "slack", "t") == InvitationRoute(command="/said start t")
    assert ChannelPolicy({"slack": frozenset()}).way_in(Role.HCP, "slack", "t") is None


@pytest.mark.parametrize("policy", [STAFF_ONLY, WITH_LINK])
async def test_who_is_not_allowed_here_is_told_where_to_go(world: World, policy: ChannelPolicy):
    """No person, no conversation, no use of the link: a kind sentence with the place to go; the refusal is audited."""
    world.runtime = make_runtime(world.database, world.clock, policy)
    token = world.token()
    shown = await world.someone().start(token)
    expected = (
        say(Sentence.CHANNEL_REFUSED, "en", contact=load_program(PROGRAMS / "myeloma.yaml").contact)
        if policy is STAFF_ONLY
        else say(Sentence.CHANNEL_REFUSED_LINK, "en", link=f"https://t.me/a_bot?start={token}")
    )
    assert [one.prompt.text for one in shown] == [expected]
    assert world.rows("SELECT count(*) FROM participant") == [(0,)]
    assert world.rows("SELECT count(*) FROM conversation") == [(0,)]
    assert world.rows("SELECT uses FROM invitation") == [(0,)]
    assert world.rows("SELECT kind FROM audit_event ORDER BY id DESC LIMIT 1") == [("refused",)]
    world.runtime = make_runtime(world.database, world.clock)
    assert len(await world.someone().start(token)) > 0
    assert world.rows("SELECT count(*) FROM conversation") == [(1,)]


async def test_a_wave_does_not_go_where_its_role_is_not_allowed(tmp_path: Path):
    """The policy is asked again at fire time: nothing is sent, and the story says why."""
    world = wave_world.make_world(tmp_path)
    ann = world.person()
    ann.commit("Ask about pain")
    nobody = ChannelPolicy({"terminal": frozenset()})
    scheduler = Scheduler(world.database, world.runtime, world.clock, policy=nobody)
    world.clock.move(timedelta(days=40))
    await scheduler.tick()
    assert ann.messages() == []
    assert ann.waves()[0][1:] == (FollowUpStatus.CANCELLED.value, ContactReason.NOT_ALLOWED.value)
