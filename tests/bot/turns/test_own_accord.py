"""Promises of the runtime to the scheduler: what is begun, played and told of our own accord."""

import pytest

from bot.conversations.new_conversation import NewConversation
from flows.engine.events import Reminded, RiskSuspected
from flows.engine.state import Care, decode_state
from flows.errors import ConversationOver
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.i18n.say import Sentence
from storage.conversations.conversations import find_conversation
from tests.support.turn_world import COLOUR, make_world, said, texts

SUSPECTED = RiskSuspected(Care("112"))


def apply(world, conversation, event):
    now = world.clock.now()
    world.database.write_now(lambda c: world.runtime.apply(c, conversation, event, now=now))


def end(world, *conversations):
    """End conversations outside a turn."""
    for number in conversations:
        ended = (
            "UPDATE conversation SET status = 'ended', outcome = 'expired',"
            f" state = json_set(state, '$.outcome', 'expired') WHERE id = {number}"
        )
        world.database.write_now(lambda c, ended=ended: c.exec_driver_sql(ended))


def last_message(world):
    return world.rows("SELECT address_id, lane FROM outbox ORDER BY id DESC LIMIT 1")


async def test_each_conversation_begins_with_what_is_known_of_its_own_person(world):
    """It has the facts of them and of the program, and those that its caller adds; its first words are not urgent."""
    token = world.group()
    people = [world.someone(name) for name in ("ann", "ben")]
    for one in people:
        await one.start(token)
        one.look()
    end(world, 1, 2)
    news = [
        NewConversation(
            participant_id=number,
            address_id=number,
            program_id=world.program_id,
            activity_id=world.activity_id,
            flow="small",
            facts={"wave": {"days": 30 * number}},
        )
        for number in (2, 1)
    ]
    now = world.clock.now()
    begun = world.database.write_now(lambda c: world.runtime.begin_all(c, news, now=now))
    for one in people:
        assert texts(one.look()) == [COLOUR]
    codes = dict(world.rows("SELECT id, code FROM participant"))
    for conversation, person in zip(begun, (2, 1), strict=True):
        [(owner, state)] = world.rows(
            "SELECT participant_id, state FROM conversation WHERE id = :n", n=conversation
        )
        facts = decode_state(state).facts
        assert (owner, facts["participant"]["code"]) == (person, codes[person])
        assert facts["wave"] == {"days": 30 * person}
        assert facts["program"]["team"]
    assert world.rows(
        "SELECT DISTINCT conversation_id, lane FROM outbox WHERE conversation_id > 2 ORDER BY conversation_id"
    ) == [(number, "bulk") for number in begun]


@pytest.mark.parametrize(
    ("event", "words", "lane"), [(Reminded(), COLOUR, "reminder"), (SUSPECTED, "112", "safety")]
)
async def test_an_event_is_played_in_its_own_conversation(world, event, words, lane):
    """What comes of it goes to that participant alone, help before all else."""
    token = world.group()
    ann, ben = world.someone("ann"), world.someone("ben")
    for one in (ann, ben):
        await one.start(token)
    apply(world, 2, event)
    assert words in texts(ben.look())[-1]
    assert last_message(world) == [(2, lane)]
    assert ann.look() == []


async def test_one_that_ended_takes_nothing_but_a_suspected_risk(world):
    """Help is told of after the end too; there is no reminding of what is over, and one that waits takes neither."""
    ann = world.someone()
    await ann.start(world.token())
    await ann.start(world.token("hcp_commitment"))
    end(world, 1)
    apply(world, 1, SUSPECTED)
    assert "112" in texts(ann.look())[-1]
    for conversation, event in ((1, Reminded()), (2, Reminded()), (2, SUSPECTED), (99, SUSPECTED)):
        with pytest.raises(ConversationOver):
            apply(world, conversation, event)
    assert ann.look() == []


async def test_what_waits_begins_once_nothing_is_open(world):
    """The participant's own, and nobody else's; its first words are as urgent as a reminder."""
    people = [world.someone(name) for name in ("ann", "ben")]
    for one in people:
        await one.start(world.token("hcp_commitment"))
        assert said(Sentence.CONVERSATION_QUEUED) in texts(await one.start(world.token()))
    ann, ben = people

    def begin_waiting():
        now = world.clock.now()
        world.database.write_now(lambda c: world.runtime.begin_waiting(c, 2, now=now))

    begin_waiting()
    assert ben.look() == []
    end(world, 1, 3)
    begin_waiting()
    assert texts(ben.look()) == [COLOUR]
    assert last_message(world) == [(2, "reminder")]
    assert ann.look() == []
    assert world.rows("SELECT id, status FROM conversation WHERE status != 'ended'") == [
        (2, "waiting"),
        (4, "open"),
    ]


@pytest.mark.parametrize(("drafts", "spoken"), [(True, {"de", "es"}), (False, set())])
async def test_the_languages_of_a_conversation(tmp_path, drafts, spoken):
    """Those into which its own script is translated and that its program speaks, the script's own first."""
    world = make_world(tmp_path, Localizations(policy=LanguagePolicy(allow_drafts=drafts)))
    for flow in ("small", "hcp_commitment"):
        await world.someone(flow).start(world.token(flow))

    def languages(connection):
        found = [find_conversation(connection, number) for number in (1, 2)]
        return [world.runtime.languages_of(connection, one) for one in found]

    small, shipped = world.database.read_now(languages)
    assert small == ("en",)
    assert shipped[0] == "en"
    assert spoken <= set(shipped)
    world.database.close()
