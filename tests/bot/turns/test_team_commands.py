"""Promises of bot/turns/team_commands.py: alerts, commands and a digest for those of the team, and for nobody else."""

from datetime import timedelta
from functools import partial

import pytest

from bot.channel_policy import ChannelPolicy
from bot.schedule.digests import digest, send_digests
from bot.schedule.scheduler import Scheduler
from bot.turns.team_commands import Command, read_command
from flows.i18n.localized_flow import Localizations
from flows.i18n.say import Sentence
from storage.follow_up import holds
from storage.people import coordinators
from storage.safety import unread_texts
from storage.schema import TeamRole
from storage.team import roles, sign_in
from storage.team.roles import GivenRole
from tests.support.coordinators import enrolled
from tests.support.safety_world import ADVERSE, RISK, at_words, texts
from tests.support.turn_world import IDENTITY, START, asking, make_runtime


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/due", Command("due")),
        ("due 2", Command("due", 2)),
        ("/stuck@SaidBot", Command("stuck")),
        ("said safety", Command("safety")),
        ("/safety 12", Command("safety", 12)),
        ("/Safety 12 clear spoke with her", Command("safety", 12, act="clear", reason="spoke with her")),
        ("safety 12 sent", Command("safety", 12, act="sent")),
        ("/why p-abc123", Command("why", code="P-ABC123")),
        ("/pause P-ABC123 14", Command("pause", 14, code="P-ABC123")),
        ("/pause", None),
        ("/why", None),
        ("why not", None),
        ("due to the weather", None),
        ("safety first", None),
        ("hello", None),
    ],
)
def test_what_is_a_command(text, command):
    """The whole message in its shape, and nothing that a person might say in a conversation."""
    assert read_command(text) == command


async def test_a_link_makes_a_coordinator_once(world):
    """The first to open it; a second one is told, and so is whoever comes after a week."""
    cora = await enrolled(world)
    assert "You are enrolled as coordinator TEAM-1" in texts(cora)[0]
    token = coordinators.new_team_token()
    world.database.write_now(
        lambda c: coordinators.enrol(c, "TEAM-2", token_hash=IDENTITY.token_hash(token), now=START)
    )
    world.clock.set(START + coordinators.LINK_LIFE)
    late = world.someone("late")
    await late.start(token)
    assert "not good any more" in texts(late)[0]
    await late.start("team-guessed")
    assert "not good any more" in texts(late)[0]
    with pytest.raises(coordinators.CoordinatorError):
        world.database.write_now(lambda c: coordinators.enrol(c, "TEAM-1", token_hash=b"x", now=START))


@pytest.mark.parametrize(
    "command", ["/due", "/stuck", "/why {code}", "/pause {code}", "/safety", "/safety 1 clear ok"]
)
async def test_nobody_else_is_answered(world, command):
    """A participant, a stranger and a former coordinator get what anybody gets, and nothing happens."""
    ann = await at_words(world)
    await ann.say(RISK)
    [(code,)] = world.rows("SELECT code FROM participant")
    stranger = world.someone("stranger")
    await stranger.say(command.format(code=code))
    assert texts(stranger) == [asking(Sentence.INVITATION_NEEDED)]
    former = await enrolled(world)
    world.database.write_now(lambda c: coordinators.remove(c, "TEAM-1", world.clock.now()))
    await former.say(command.format(code=code))
    assert texts(former) == [asking(Sentence.INVITATION_NEEDED)]
    await ann.say(command.format(code=code))
    assert not any("until tonight" in text or "case" in text or code in text for text in texts(ann))
    assert world.rows("SELECT status FROM safety_case") == [("new",)]
    assert world.rows("SELECT team_hold_until FROM participant") == [(None,)]


async def test_somebody_at_risk_is_told_to_every_coordinator_at_once(world):
    """Code and case number, no words; in the same commit as the words themselves."""
    cora, carl = await enrolled(world), await enrolled(world, "TEAM-2", "carl")
    ann = await at_words(world)
    await ann.say(RISK)
    [(code,)] = world.rows("SELECT code FROM participant")
    for one in (cora, carl):
        assert [shown.text for shown in one.look()] == [f"Safety case 1: distress, {code}. Write: safety 1"]


async def test_a_coordinator_who_took_part_and_had_all_deleted_is_one_still(world):
    """Whoever tried the bot as a participant loses their answers, not their place in the team: alerts go on."""
    cora = await enrolled(world)
    await cora.start(world.token("hcp_commitment"))
    await cora.say("delete my data")
    await cora.say("yes")
    scheduler = Scheduler(world.database, world.runtime, world.clock)
    for _ in range(3):
        world.clock.move(timedelta(days=1))
        await scheduler.tick()
    assert world.rows("SELECT count(*) FROM timer WHERE kind = 'erase' AND done_at IS NULL") == [(0,)]
    cora.look()
    ann = await at_words(world)
    await ann.say(RISK)
    assert ["Safety case 1" in shown.text for shown in cora.look()] == [True]
    await cora.say("/safety 1 clear I spoke with her")
    assert texts(cora) == ["Safety case 1 is now: cleared."]
    assert world.rows("SELECT count(*) FROM participant WHERE status = 'deleted'") == [(1,)]


@pytest.mark.parametrize("leaves", [("stop",), ("delete my data", "yes")], ids=["stop", "all deleted"])
async def test_an_alert_that_waits_outlives_what_the_coordinator_does_as_a_participant(world, leaves):
    """Whoever tries the bot and leaves is sent nothing more of their conversation, and every alert."""
    cora = await enrolled(world)
    await cora.start(world.token())
    ann = await at_words(world)
    await ann.say(RISK)
    for words in leaves:
        await cora.say(words)
    waiting = "FROM outbox WHERE payload LIKE '%Safety case 1:%' AND status = 'queued'"
    assert world.rows(f"SELECT address_id {waiting}") == world.rows("SELECT address_id FROM coordinator")
    assert world.rows("SELECT count(*) FROM outbox WHERE status = 'dropped' AND kind = 'team'") == [(0,)]
    assert world.rows("SELECT count(*) > 0 FROM outbox WHERE status = 'dropped'") == [(1,)]


async def test_a_case_is_seen_and_cleared(world):
    """Without a reason it stays; with one the hold ends, and the case keeps who cleared it."""
    cora = await enrolled(world)
    ann = await at_words(world)
    await ann.say(RISK)
    cora.look()
    await cora.say("/safety")
    assert "Open safety cases: 1" in texts(cora)[0]
    await cora.say("/safety 1 clear")
    assert "Say why" in texts(cora)[0]
    await cora.say("/safety 1 sent")
    assert "Distress is cleared" in texts(cora)[0]
    await cora.say("/safety 1 clear I spoke with her")
    assert texts(cora) == ["Safety case 1 is now: cleared."]
    assert world.rows("SELECT status, reason, settled_by FROM safety_case") == [
        ("cleared", "I spoke with her", 1)
    ]
    await cora.say("/safety 1 clear again")
    assert "is settled: cleared" in texts(cora)[0]
    await cora.say("/safety")
    assert texts(cora) == ["No safety case is open."]


async def test_two_must_say_that_it_is_no_event(world):
    """One coordinator's word leaves it open; the same one's twice too."""
    cora, carl = await enrolled(world), await enrolled(world, "TEAM-2", "carl")
    ann = await at_words(world)
    await ann.say(ADVERSE)
    for _ in range(2):
        await cora.say("/safety 1 not_event planned stop")
        assert world.rows("SELECT status FROM safety_case") == [("reviewing",)]
    await carl.say("/safety 1 not_event planned stop")
    assert world.rows("SELECT status FROM safety_case") == [("not_an_event",)]


async def test_a_case_is_shown_without_words(world):
    """Elements, product, clock and leave to contact; what was said stays with whoever reads answers."""
    cora = await enrolled(world)
    ann = await at_words(world)
    await ann.say(ADVERSE)
    await ann.say("yes")
    cora.look()
    await cora.say("/safety 1")
    [shown] = texts(cora)
    assert "Product: lenalidomide" in shown
    assert "May be contacted: yes" in shown
    assert "nausea" not in shown
    assert "ann" not in shown
    assert world.rows("SELECT count(*) FROM audit_event WHERE kind = 'view'") == [(1,)]


async def test_why_and_pause_go_by_code(world):
    """A story without words, and quiet for as many days."""
    cora = await enrolled(world)
    await at_words(world)
    [(code,)] = world.rows("SELECT code FROM participant")
    await cora.say(f"/why {code.lower()}")
    assert texts(cora)[0].startswith(f"{code}: clinician, taking part")
    await cora.say(f"pause {code} 14")
    [(until,)] = world.rows("SELECT team_hold_until FROM participant")
    assert until.startswith("2026-03-16")
    await cora.say(f"pause {code} 3")
    assert world.rows("SELECT team_hold_until FROM participant") == [(until,)], "a longer quiet stands"
    await cora.say("/why P-NOBODY")
    assert texts(cora) == ["I know nobody by the code P-NOBODY."]
    await cora.say("what?")
    assert "You are a coordinator" in texts(cora)[0]


@pytest.mark.parametrize("own", [None, START + timedelta(days=3), START + timedelta(days=30)])
async def test_pause_of_no_days_ends_what_the_team_set(world, own):
    """Whether shorter or longer than the team's, the person's own quiet stands, and is named."""
    cora = await enrolled(world)
    await at_words(world)
    [(code, person)] = world.rows("SELECT code, id FROM participant")
    if own is not None:
        world.database.write_now(lambda c: holds.hold(c, participant_id=person, until=own, now=START))
    held = partial(holds.contact_hold, participant_id=person)
    stands = "" if own is None else f" {code} asked for quiet until"
    for days, said, until in (
        ("", f"I write nothing to {code}", max(own or START, START + timedelta(days=7))),
        (" 0", f"The quiet that the team set for {code} is over.{stands}", own),
        (" 0", f"The team set no quiet for {code}.{stands}", own),
    ):
        await cora.say(f"pause {code}{days}")
        assert texts(cora)[-1].startswith(said)
        assert world.database.read_now(held) == until


@pytest.mark.parametrize("days", ["-1", "soon", "1.5", "0 0"])
async def test_pause_of_what_is_no_number_holds_nobody(world, days):
    """The list of commands comes, with the right form."""
    cora = await enrolled(world)
    await at_words(world)
    [(code,)] = world.rows("SELECT code FROM participant")
    await cora.say(f"pause {code} {days}")
    assert "pause CODE [DAYS]" in texts(cora)[-1]
    assert world.rows("SELECT team_hold_until FROM participant") == [(None,)]


async def test_console_in_chat_is_a_link_that_lets_in_once(world):
    """Where there is a console, and the coordinator has a role; a former link of theirs stays good for its time."""
    policy = ChannelPolicy(console_url="https://team.example.org")
    world.runtime = make_runtime(world.database, world.clock, policy)
    cora = await enrolled(world)
    await cora.say("console")
    assert "no role" in texts(cora)[0]
    world.database.write_now(
        lambda c: roles.give_roles(
            c, coordinators.by_code(c, "TEAM-1"), [GivenRole(TeamRole.VIEWER)], world.clock.now()
        )
    )
    await cora.say("/console")
    [said_] = texts(cora)
    token = said_.rpartition("/team/in/")[2]
    assert "https://team.example.org/team/in/team-" in said_
    hashed, now = IDENTITY.token_hash(token), world.clock.now()
    assert world.database.write_now(lambda c: sign_in.use_link(c, hashed, now)) is not None
    assert world.database.write_now(lambda c: sign_in.use_link(c, hashed, now)) is None


async def test_console_in_chat_where_there_is_none(world):
    """It is said so; somebody who is not of the team gets what anybody gets."""
    cora = await enrolled(world)
    await cora.say("console")
    assert "no pages in a browser" in texts(cora)[0]
    ann = world.someone("ann")
    await ann.say("console")
    assert texts(ann) == [asking(Sentence.INVITATION_NEEDED)]


async def test_long_lists_come_in_pages(world):
    """Twenty a message, and how to get the next ones."""
    cora = await enrolled(world)
    group = world.group()
    for number in range(23):
        await world.someone(f"p{number}").start(group)
    world.clock.set(START + timedelta(days=4))
    await cora.say("/stuck")
    assert len(texts(cora)[0].splitlines()) == 22
    assert texts(cora)[0].endswith("Page 1 of 2. Write: stuck 2")
    await cora.say("stuck 2")
    assert len(texts(cora)[0].splitlines()) == 5


async def test_a_digest_comes_once_a_day_at_their_hour(world):
    """At nine of their clocks; again the next day, not the same."""
    cora = await enrolled(world)
    ann = await at_words(world)
    await ann.say(RISK)
    cora.look()
    morning = START + timedelta(days=1)
    assert await send_digests(world.database, Localizations(), morning - timedelta(minutes=1)) == 0
    assert await send_digests(world.database, Localizations(), morning) == 1
    assert await send_digests(world.database, Localizations(), morning + timedelta(hours=1)) == 0
    [shown] = cora.look()
    assert "Open safety cases: 1 (overdue: 1; from 80 %: 0; from 50 %: 0; younger: 0)" in shown.text
    unread = (
        "Texts of patients that nobody has read: 1 (risk: 1; event: 0; others: 0); over one business day: 1"
    )
    assert unread in shown.text
    assert await send_digests(world.database, Localizations(), morning + timedelta(days=1)) == 1
    [one] = world.database.read_now(coordinators.list_all)
    unread = world.database.read_now(lambda c: unread_texts.figures(c, morning))
    assert "today" in world.database.read_now(lambda c: digest(c, one, "en", morning, unread))
