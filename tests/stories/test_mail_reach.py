"""What the link of a mail opens, as a table: every command, and every control, by who holds what."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from enum import StrEnum, auto
from pathlib import Path
from typing import Any, Final

import pytest

from bot.channels.base import HOUSE, InboundKind, button_payload
from bot.conversations.requests import ASK_DELETE
from bot.mail.code_needed import MailReach, reach_of_command, reach_of_inquiry, reach_of_request
from flows.engine.effects import CHANGE_OPTION, RequestKind
from flows.engine.kept_changes import undo_of
from flows.engine.state import decode_state
from flows.inquiries.inquiry import Inquiry
from flows.parsing.commands import GlobalWord
from tests.support.mail_town import NEEDED, Town, town_in
from tests.support.turn_world import Shown, Someone, expire, texts


class Holds(StrEnum):
    """What somebody has who asks for something."""

    MAIL = auto()
    """The link of a mail."""
    CODE = auto()
    """That, and the code that was sent to the address: a browser of theirs by now."""
    COOKIE = auto()
    """The browser in which they began."""


class Does(StrEnum):
    """What comes of it."""

    IT = auto()
    """What was asked for."""
    ENDS_MAILS = auto()
    """Mails end, and nothing else does."""
    ASKS_FOR_CODE = auto()
    """It is said that a code is needed; nothing is shown of what was said, and nothing changes."""


BY_MAIL: Final[Mapping[GlobalWord, Does]] = {
    GlobalWord.SKIP: Does.IT,
    GlobalWord.LEAVE: Does.IT,
    GlobalWord.HELP: Does.IT,
    GlobalWord.HUMAN: Does.IT,
    GlobalWord.LANGUAGE: Does.IT,
    GlobalWord.STOP: Does.ENDS_MAILS,
    GlobalWord.NO_CONTACT: Does.ENDS_MAILS,
    GlobalWord.BACK: Does.ASKS_FOR_CODE,
    GlobalWord.PAUSE: Does.ASKS_FOR_CODE,
    GlobalWord.LATER: Does.ASKS_FOR_CODE,
    GlobalWord.RESTART: Does.ASKS_FOR_CODE,
    GlobalWord.MY_DATA: Does.ASKS_FOR_CODE,
    GlobalWord.DELETE_MY_DATA: Does.ASKS_FOR_CODE,
    GlobalWord.LINK: Does.ASKS_FOR_CODE,
    GlobalWord.MY_CHOICES: Does.ASKS_FOR_CODE,
    GlobalWord.NOT_MY_WORDS: Does.ASKS_FOR_CODE,
    GlobalWord.TIME_ZONE: Does.ASKS_FOR_CODE,
}
"""What each command does for whoever has the link of a mail alone; with a code or a cookie each does what it says."""
KEPT: Final = (
    "SELECT id, status, language, timezone, erasure_asked_at, mail_declined_at, hold_until FROM participant",
    """
    SELECT id, status, outcome, json_extract(state, '$.open'), json_extract(state, '$.aside'),
           json_extract(state, '$.answers'), json_extract(state, '$.paused')
    FROM conversation
    """,
    "SELECT conversation_id, slot, value, raw, superseded_at FROM answer",
    "SELECT participant_id, purpose, granted FROM consent",
    "SELECT id, participant_id, status, reason, timezone FROM address WHERE channel != 'web'",
    "SELECT kind, due_at, done_at FROM timer",
    "SELECT count(*) FROM link_code",
    "SELECT count(*) FROM outbox WHERE kind = 'document'",
)
"""What is kept of somebody, but for what is said, remarks, and help."""


async def _holder(town: Town, holds: Holds) -> Someone:
    """Somebody who holds what is said."""
    match holds:
        case Holds.MAIL:
            return town.mail
        case Holds.COOKIE:
            return town.ann
        case Holds.CODE:
            return await town.with_code()


def _kept(town: Town) -> list[list[tuple[Any, ...]]]:
    return [town.world.rows(query) for query in KEPT]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    made = await town_in(tmp_path)
    yield made
    made.world.database.close()


def test_the_table_names_every_command() -> None:
    """Each command is judged, as it is here; what may be asked for at any time as its command is."""
    judged = {
        Does.IT: MailReach.QUESTION,
        Does.ENDS_MAILS: MailReach.ENDS_MAILS,
        Does.ASKS_FOR_CODE: MailReach.CODE,
    }
    assert {word: reach_of_command(word) for word in GlobalWord} == {
        word: judged[does] for word, does in BY_MAIL.items()
    }
    for wish in RequestKind:
        assert reach_of_request(wish) is reach_of_command(GlobalWord(wish.value))
    needs_code = {inquiry for inquiry in Inquiry if reach_of_inquiry(inquiry) is MailReach.CODE}
    assert needs_code == {Inquiry.WHAT_SAID, Inquiry.WHEN_AGAIN}


@pytest.mark.parametrize("is_open", [True, False], ids=["a question is open", "nothing is open"])
@pytest.mark.parametrize("holds", Holds)
@pytest.mark.parametrize("word", GlobalWord)
async def test_a_command_does_what_its_sender_may_have(
    town: Town, word: GlobalWord, holds: Holds, *, is_open: bool
) -> None:
    """By the link of a mail alone a command does what the table says; with a code or a cookie it does what it says."""
    if not is_open:
        for words in ("anything", "5"):
            await town.ann.say(words)
    who = await _holder(town, holds)
    who.look()
    before = _kept(town)
    shown = texts(await who.say(f"/{word.value}"))
    does = BY_MAIL[word] if holds is Holds.MAIL else Does.IT
    if not is_open and word in (GlobalWord.BACK, GlobalWord.RESTART) and does is Does.ASKS_FOR_CODE:
        does = Does.IT  # they mean nothing now
    match does:
        case Does.ASKS_FOR_CODE:
            assert NEEDED in shown[0]
            assert _kept(town) == before
            assert not any("Red" in one for one in shown)
        case Does.ENDS_MAILS:
            assert shown == []
            mails = "SELECT status, reason FROM address WHERE channel = 'email'"
            assert town.world.rows(mails) == [("blocked", "unsubscribed")]
            assert town.world.rows("SELECT status FROM participant") == [("active",)]
            assert _kept(town)[1:4] == before[1:4]
        case Does.IT:
            assert shown
            assert not any(NEEDED in one for one in shown)


Act = Callable[[Town, Someone], Awaitable[list[Shown]]]


async def _old_button(town: Town, who: Someone) -> list[Shown]:
    return await who.tap(town.first, 1)


async def _change(town: Town, who: Someone) -> list[Shown]:
    return await who.tap(town.first, CHANGE_OPTION)


async def _undo(town: Town, who: Someone) -> list[Shown]:
    [(state,)] = town.world.rows("SELECT state FROM conversation")
    ask = undo_of(decode_state(state))
    assert ask is not None
    button = button_payload(town.first.conversation or 0, ask, 0)
    return await who.does(InboundKind.TAP, button=button)


async def _yes_to_change(_town: Town, who: Someone) -> list[Shown]:
    return await who.say("yes")


async def _delete(_town: Town, who: Someone) -> list[Shown]:
    return await who.does(InboundKind.TAP, button=button_payload(HOUSE, ASK_DELETE, 0))


def _says(words: str) -> Act:
    async def act(_town: Town, who: Someone) -> list[Shown]:
        return await who.say(words)

    return act


async def _invitation(town: Town, who: Someone) -> list[Shown]:
    return await who.start(town.world.token("small"))


CONTROLS: Final[Mapping[str, Act]] = {
    "a button of an answered question": _old_button,
    "Change": _change,
    "Undo": _undo,
    "Yes, change it": _yes_to_change,
    "Yes, delete all": _delete,
    "an absence": _says("I am away until Friday"),
    "a time zone": _says("time zone Vienna"),
    "when again": _says("When will you write to me again?"),
    "what was said": _says("What have I told you so far?"),
    "an invitation": _invitation,
}
"""What reaches beyond the open question, beside the commands."""


@pytest.mark.parametrize("holds", Holds)
@pytest.mark.parametrize("act", CONTROLS.values(), ids=CONTROLS.keys())
async def test_a_control_does_what_its_sender_may_have(town: Town, act: Act, holds: Holds) -> None:
    """By the link of a mail alone each of these says that a code is needed, and changes nothing; else it works."""
    if act in (_undo, _yes_to_change):
        for words in ("anything", "5"):
            await town.ann.say(words)
        asked = await town.ann.tap(town.first, 1)
        if act is _undo:
            await town.ann.tap(asked[-1], 0)
    if act is _delete:
        await town.ann.say("delete my data")
    who = await _holder(town, holds)
    who.look()
    before = _kept(town)
    shown = texts(await act(town, who))
    assert shown
    if holds is Holds.MAIL:
        assert any(NEEDED in one for one in shown), shown
        assert _kept(town) == before
        assert not any("Red" in one for one in shown)
    else:
        assert not any(NEEDED in one for one in shown), shown


async def test_the_question_is_answered_by_the_link_alone(town: Town) -> None:
    """Words and taps that answer the open question need no code, to the end of the conversation; a remark after it is
    kept."""
    assert texts(await town.mail.say("Something of mine")) == ["How sure?"]
    assert texts(await town.mail.tap(town.mail.shown[-1], 4)) == ["Goodbye."]
    assert town.world.rows("SELECT outcome FROM conversation") == [("completed",)]
    assert town.world.rows("SELECT raw FROM answer WHERE superseded_at IS NULL ORDER BY id")[:2] == [
        ("Red",),
        ("Something of mine",),
    ]
    shown = texts(await town.mail.say("And one more story that I forgot to tell you"))
    assert not any(NEEDED in one for one in shown)
    assert town.world.rows("SELECT count(*) FROM remark") == [(1,)]


@pytest.mark.parametrize(
    "words",
    ["I want to kill myself", "I am away until Friday, and I want to kill myself"],
    ids=["alone", "beside"],
)
async def test_words_of_distress_get_help_at_once(town: Town, words: str) -> None:
    """Whoever writes them is shown help in the same turn, without a code, also beside what would need one."""
    shown = await town.mail.say(words)
    assert [one.kind for one in shown][:1] == ["help"]
    assert not any(NEEDED in one.text for one in shown)
    assert town.world.rows("SELECT count(*) FROM safety_case WHERE kind = 'distress'") == [(1,)]


async def test_a_yes_by_mail_deletes_nothing(town: Town) -> None:
    """Deletion that was asked about in the browser waits for its answer there: a yes behind the link of a mail is a
    reply to the question that stands there, and whoever has the browser deletes all."""
    await town.ann.say("delete my data")
    await town.mail.say("yes")
    assert town.world.rows("SELECT count(*) FROM participant") == [(1,)]
    assert town.world.rows("SELECT raw FROM answer WHERE slot = 'words'") == [("yes",)]
    assert not any("delete" in one.lower() for one in texts(town.mail.shown))
    assert town.world.rows("SELECT erasure_asked_at IS NULL FROM participant") == [(0,)]
    await town.ann.does(InboundKind.TAP, button=button_payload(HOUSE, ASK_DELETE, 0))
    assert town.world.rows("SELECT count(*) FROM answer") == [(0,)]


async def test_words_that_would_change_an_answer_stay_told(town: Town) -> None:
    """Words about an earlier question are no answer to it by the link of a mail alone; the team reads them."""
    await town.ann.say("What I told in my browser")
    [(conversation,)] = town.world.rows("SELECT id FROM conversation")
    button = button_payload(conversation, 1)
    words = "No, it was quite another thing that I wanted to tell you there"
    shown = texts(await town.mail.does(InboundKind.FORM, button=button, text=words))
    assert any(NEEDED in one for one in shown)
    kept = town.world.rows("SELECT raw FROM answer WHERE slot = 'words' AND superseded_at IS NULL")
    assert kept == [("What I told in my browser",)]
    assert town.world.rows("SELECT raw FROM remark") == [(words,)]


async def test_a_browser_that_opens_a_mail_tells_nothing_of_its_reader(town: Town) -> None:
    """The time zone and the language of whoever opened it are not those of the person."""
    await town.mail.say("Something of mine", timezone="Asia/Tokyo", locale="ja")
    assert town.world.rows("SELECT timezone FROM participant") == [(None,)]
    assert town.world.rows("SELECT timezone, locale FROM address WHERE channel = 'email'") == [(None, None)]


async def test_whoever_left_is_not_brought_back_by_a_mail(town: Town) -> None:
    """After a stop in the browser nobody begins anew by a mail that was passed on."""
    await town.ann.say("stop")
    shown = texts(await town.mail.say("start"))
    assert any(NEEDED in one for one in shown)
    assert town.world.rows("SELECT status FROM participant") == [("withdrawn",)]


UNSEEN: Final[Mapping[str, Act]] = {
    "help": _says("/help"),
    "skip": _says("skip"),
    "words": _says("Something that would be an answer"),
    "a number": _says("5"),
    "an inquiry": _says("Who are you?"),
    "a language": _says("Deutsch"),
    "a human": _says("/human"),
    "leave": _says("/leave"),
    "a forged tap": lambda _town, who: who.does(InboundKind.TAP, button=button_payload(1, 2, 4)),
    "forged words": lambda _town, who: who.does(InboundKind.FORM, button=button_payload(1, 2), text="5"),
    "a button of nobody's": lambda _town, who: who.does(InboundKind.TAP, button="nonsense"),
    "a button that never was": lambda _town, who: who.does(InboundKind.TAP, button=button_payload(1, 99, 0)),
    "the mailed question's button": lambda _town, who: who.does(
        InboundKind.TAP, button=button_payload(1, 1, 0)
    ),
}
"""What opens a question that was mailed, and no other."""


@pytest.mark.parametrize("act", UNSEEN.values(), ids=UNSEEN.keys())
async def test_a_question_of_the_browser_is_not_opened_by_a_mail(town: Town, act: Act) -> None:
    """Once the mailed question was answered in the browser, where the next one is put, the link of the mail neither
    shows that one nor answers, skips or moves it, whatever is said or forged there; in the browser it goes on."""
    asked = await town.ann.say("Answered in my browser")
    assert texts(asked) == ["How sure?"]
    town.mail.look()
    before = _kept(town)
    await act(town, town.mail)
    assert town.mail.shown
    assert not any("How sure?" in one for one in texts(town.mail.shown))
    assert all(one.conversation is None or one.prompt.ask is None for one in town.mail.shown)
    assert _kept(town) == before
    assert town.conversation_is_at() == "web"
    used = "SELECT last_used_at FROM address WHERE channel = 'email'"
    assert town.world.rows(used) == [(None,)]
    assert texts(await town.ann.tap(asked[-1], 4)) == ["Goodbye."]


async def test_help_comes_without_the_question_of_the_browser(town: Town) -> None:
    """Whoever has the mail and is at risk is shown help, and nothing of what is asked elsewhere; the conversation stays
    where its person answers it."""
    await town.ann.say("Answered in my browser")
    shown = await town.mail.say("I want to kill myself")
    assert [one.kind for one in shown] == ["help"]
    assert "How sure?" not in shown[0].text
    assert town.conversation_is_at() == "web"
    assert town.world.rows("SELECT count(*) FROM safety_case WHERE kind = 'distress'") == [(1,)]


async def test_a_story_from_a_mail_is_kept_where_the_conversation_stays(town: Town) -> None:
    """What is told by the link while something else is asked in the browser is a remark; nothing moves for it."""
    await town.ann.say("Answered in my browser")
    shown = texts(await town.mail.say("And then I waited for four months until somebody called me back"))
    assert any(NEEDED in one for one in shown)
    assert town.world.rows("SELECT count(*) FROM remark") == [(1,)]
    assert town.conversation_is_at() == "web"


async def test_a_stop_by_mail_ends_mails_whatever_is_open(town: Town) -> None:
    """Also where the question of now was not mailed: who wants to hear no more needs no code for that."""
    await town.ann.say("Answered in my browser")
    assert texts(await town.mail.say("stop")) == []
    assert town.world.rows("SELECT status, reason FROM address WHERE channel = 'email'") == [
        ("blocked", "unsubscribed")
    ]
    assert town.world.rows("SELECT status FROM participant") == [("active",)]


async def test_the_question_that_follows_an_answer_by_mail_is_opened_there(town: Town) -> None:
    """Who answers the mailed question on its page goes on there: the next one is put at that address, in turn."""
    assert texts(await town.mail.say("Something of mine")) == ["How sure?"]
    assert town.conversation_is_at() == "email"
    assert "How sure?" in texts(await town.mail.say("/help"))[-1]


async def test_an_expired_conversation_is_not_taken_up_by_a_mail_that_did_not_ask(town: Town) -> None:
    """Who comes back after a long time is asked whether to go on, behind a mail only where it asked what was open."""
    await town.ann.say("Answered in my browser")
    town.mail.look()
    expire(town.world, 3)
    shown = texts(await town.mail.say("I am here again, and it has become better since the summer"))
    assert not any("How sure?" in one for one in shown)
    assert town.world.rows("SELECT outcome FROM conversation") == [("expired",)]
    assert town.conversation_is_at() == "web"
