"""What is said behind the link of a mail in place of what it does not open."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from bot.mail.code_needed import MailReach
from bot.turns.mail_links import reach_of_route
from bot.turns.routing import (
    Begin,
    Blocked,
    Decide,
    DeletedMessage,
    Grant,
    Help,
    Join,
    MenuCommand,
    MessageReaction,
    Nothing,
    Play,
    PlayEdit,
    PlayOther,
    Route,
    StopAll,
    Tell,
    Unasked,
    Unblocked,
)
from flows.engine.effects import RequestKind
from flows.engine.events import Edited, Replied, Tapped
from flows.i18n.say import Sentence
from flows.parsing.commands import GlobalWord
from storage.conversations.conversations import load_conversation
from tests.support.mail_town import NEEDED, Town, town_in
from tests.support.turn_world import texts

QUESTION, CODE, ENDS_MAILS = MailReach.QUESTION, MailReach.CODE, MailReach.ENDS_MAILS
STORY: Final = "And then I waited for four months until somebody called me back"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    made = await town_in(tmp_path)
    yield made
    made.world.database.close()


ROUTES: Final[Mapping[type[Any], tuple[tuple[Route, MailReach], ...]]] = {
    PlayOther: ((PlayOther(1, Tapped(0, 0)), QUESTION),),
    PlayEdit: ((PlayEdit(Edited("m", "words")), QUESTION),),
    Unasked: ((Unasked(Replied("words")), QUESTION),),
    Begin: ((Begin("token"), CODE), (Begin(""), CODE)),
    StopAll: ((StopAll(), ENDS_MAILS),),
    Help: ((Help(), QUESTION),),
    MenuCommand: (
        (MenuCommand(GlobalWord.LANGUAGE), QUESTION),
        (MenuCommand(GlobalWord.PAUSE), CODE),
        (MenuCommand(GlobalWord.LATER), CODE),
    ),
    Grant: (
        (Grant(RequestKind.HUMAN), QUESTION),
        (Grant(RequestKind.MY_DATA), CODE),
        (Grant(RequestKind.NO_CONTACT), ENDS_MAILS),
    ),
    Join: ((Join("K7F2Q9MX"), CODE),),
    Decide: ((Decide(), CODE),),
    Tell: ((Tell(Sentence.BUTTON_UNKNOWN), QUESTION),),
    Blocked: ((Blocked(), QUESTION),),
    Unblocked: ((Unblocked(), QUESTION),),
    MessageReaction: ((MessageReaction(), QUESTION),),
    DeletedMessage: ((DeletedMessage(), CODE),),
    Nothing: ((Nothing(), QUESTION),),
}
"""Each route but `Play`, and how much of it the link of a mail opens by itself."""


async def test_each_route_is_judged(town: Town) -> None:
    """As the table says; what is played is judged by what comes of it. Whatever is added to the routes has a row."""
    assert {Play, *ROUTES} == set(get_args(Route))
    conversation = town.world.database.read_now(lambda c: load_conversation(c, 1))
    assert reach_of_route(Play(conversation, Replied("words"))) is QUESTION
    for rows in ROUTES.values():
        for where, reach in rows:
            assert reach_of_route(where) is reach, where


async def test_a_remark_is_kept_once(town: Town) -> None:
    """What tells something beside what needs a code is kept for the team, and nothing else is done; what only asks
    for that is no remark."""
    for words in ("my data", "pause", "back"):
        assert NEEDED in texts(await town.mail.say(words))[0]
    assert town.world.rows("SELECT count(*) FROM remark") == [(0,)]
    await town.ann.say("Answered in my browser")
    assert any(NEEDED in one for one in texts(await town.mail.say(STORY)))
    assert town.world.rows("SELECT raw FROM remark") == [(STORY,)]
    assert town.world.rows("SELECT count(*) FROM answer WHERE raw = :words", words=STORY) == [(0,)]


@pytest.mark.parametrize(
    "words", ["link K7F2Q9MX", "/link k7f2-q9mx", "time zone Vienna", "My time zone is Vienna", "UTC+2"]
)
async def test_what_is_for_the_bot_alone_is_kept_never(town: Town, words: str) -> None:
    """A code that joins another app is a secret, and a place says where somebody is: neither is a remark."""
    await town.ann.say("Answered in my browser")
    shown = texts(await town.mail.say(words))
    assert any(NEEDED in one for one in shown), shown
    assert town.world.rows("SELECT count(*) FROM remark") == [(0,)]


@pytest.mark.parametrize(
    "words", ["I want to kill myself", "my data, and I want to kill myself", "stop, I want to die"]
)
async def test_distress_gets_help_alone(town: Town, words: str) -> None:
    """Whatever else was asked for, and wherever the question stands: help comes, no word of a code, and a case."""
    await town.ann.say("Answered in my browser")
    shown = await town.mail.say(words)
    assert [one.kind for one in shown] == ["help"]
    assert town.world.rows("SELECT count(*) FROM safety_case") == [(1,)]
    assert town.world.rows("SELECT status FROM address WHERE channel = 'email'") == [("active",)]


async def test_the_question_stands_again_only_where_it_was_mailed(town: Town) -> None:
    """Below the word that a code is needed; not once it is one that was asked elsewhere, nor where nothing is open."""
    assert texts(await town.mail.say("my data"))[-1] == "Say something."
    asked = await town.ann.say("Answered in my browser")
    town.mail.look()
    shown = texts(await town.mail.say("my data"))
    assert len(shown) == 1
    assert NEEDED in shown[0]
    await town.ann.tap(asked[-1], 4)
    assert len(texts(await town.mail.say("my data"))) == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [("unreachable", "bounced"), ("blocked", "complained"), ("blocked", "unsubscribed")],
)
async def test_mails_that_were_ended_stay_ended_as_they_were(town: Town, status: str, reason: str) -> None:
    """A stop on a page that was open still changes neither the reason nor when: no code goes to a mailbox whose mails
    came back, because its reader wrote 'stop' once more."""
    town.world.database.write_now(
        lambda c: c.exec_driver_sql(
            "UPDATE address SET status = ?, reason = ? WHERE channel = 'email'", (status, reason)
        )
    )
    known = "SELECT status, reason, sealed, last_used_at FROM address WHERE channel = 'email'"
    before = town.world.rows(known)
    assert texts(await town.mail.say("stop")) == []
    assert town.world.rows(known) == before
    assert before[0][:2] == (status, reason)
