"""Slack's Home tab, played: where one stands, a button for each wish, and every way to paste an invitation."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.emulators.slack.blockkit import texts
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.slack import SlackDriver, slack_driver
from tests.support.retelling import word_in

GO_ON, STOP = say(Sentence.UPSET_GO_ON, "en"), say(Sentence.UPSET_STOP, "en")
DATA, HELP = say(Sentence.SLACK_HOME_DATA, "en"), say(Sentence.SLACK_HOME_HELP, "en")


@pytest.fixture
async def ana(tmp_path: Path) -> AsyncIterator[SlackDriver]:
    """Somebody on Slack, on the day on which commitments are made."""
    async with slack_driver(tmp_path, COMMITTED_AT) as driver:
        yield driver


def shown(home: Any) -> str:
    """Everything on the tab, a line each."""
    return "\n".join(texts(home["blocks"]))


async def opened(ana: SlackDriver) -> str:
    """What stands on the tab when it is opened now."""
    await ana.received(await ana.person.open_home())
    return shown(await ana.person.wait_for_home())


async def taps(ana: SlackDriver, label: str, code: str = "") -> list[str]:
    """Tap a button of the tab; what is said to it in the Messages tab."""
    await ana.received(await ana.person.start_from_home(code, label=label))
    return said_by(await ana.after())


@pytest.mark.parametrize(
    "form",
    [
        "{token}",
        "`{token}`",
        "/said start {token}",
        "`/said start {token}`",
        "https://t.me/said_bot?start={token}",
        "<https://t.me/said_bot?start={token}>",
        "this one: {token}",
    ],
)
async def test_an_invitation_in_the_field(ana: SlackDriver, form: str) -> None:
    """Whatever was copied is pasted there as it is; the tab then shows what has begun."""
    before = await opened(ana)
    token = ana.house.token("hcp_commitment", Role.HCP)
    [first, _] = await taps(ana, "Start", form.format(token=token))
    assert first.startswith("Hello")
    after = shown(ana.person.home)
    assert say(Sentence.SLACK_HOME_OPEN, "en") in after
    assert say(Sentence.SLACK_HOME_OPEN, "en") not in before


@pytest.mark.parametrize(
    "form", ["start {token}", "{token}", "https://t.me/said_bot?start={token}", "`start {token}`"]
)
async def test_an_invitation_after_the_command(ana: SlackDriver, form: str) -> None:
    """`/said` takes whatever was copied, with or without `start`."""
    token = ana.house.token("hcp_commitment", Role.HCP)
    await ana.received(await ana.person.command("/said " + form.format(token=token)))
    [first, _] = said_by(await ana.after())
    assert first.startswith("Hello")


async def test_a_wrong_code_in_the_field(ana: SlackDriver) -> None:
    """What to do is said in Slack's way, and the tab stays a stranger's."""
    await opened(ana)
    [told] = await taps(ana, "Start", "hello")
    assert told == f"{say(Sentence.INVITATION_WRONG, 'en')} {say(Sentence.WAY_IN_SLACK, 'en')}"
    assert GO_ON not in shown(ana.person.home)


async def test_where_one_stands_and_each_button(ana: SlackDriver) -> None:
    """Open, put off, at the end, stopped: the tab follows, and its buttons do what their words do in the chat."""
    await opened(ana)
    [_, question] = await taps(ana, "Start", ana.house.token("hcp_commitment", Role.HCP))
    assert GO_ON in shown(ana.person.home)
    assert await taps(ana, GO_ON) == [say(Sentence.CONVERSATION_OPEN, "en"), question]
    assert (await taps(ana, HELP))[0].startswith("I am a bot")
    assert await taps(ana, DATA) == [say(Sentence.MY_DATA_HERE, "en"), question]
    await ana.type("later")
    await ana.type("tomorrow")
    assert "3 March 2026" in await opened(ana)
    assert await taps(ana, STOP) == [say(Sentence.STOPPED, "en")]
    stopped = shown(ana.person.home)
    assert say(Sentence.STOPPED_BEFORE, "en") in stopped
    assert GO_ON not in stopped
    assert ana.house.rows("SELECT DISTINCT status FROM participant")[0][0] == "withdrawn"
    assert await taps(ana, DATA) == [say(Sentence.MY_DATA_HERE, "en")]
    assert ana.house.put_aside() == []


async def test_a_button_is_never_an_answer(ana: SlackDriver) -> None:
    """Under a question whose choices are words too, and while deletion is asked about: it means what it says."""
    await opened(ana)
    await taps(ana, "Start", ana.house.token("hcp_commitment", Role.HCP))
    await ana.type("yes")
    await taps(ana, HELP)
    await ana.type("delete my data")
    assert (await taps(ana, HELP))[0].startswith("I am a bot")
    assert ana.house.count("SELECT count(*) FROM participant WHERE status = 'active'") == 1
    assert ana.house.count("SELECT count(*) FROM answer WHERE raw LIKE '%help%'") == 0


async def test_in_the_readers_language_and_without_their_words(ana: SlackDriver) -> None:
    """In the language of the talk, buttons too; nothing that they wrote stands on it."""
    ana.language = ana.house.language = "de"
    await ana.enter(ana.house.token("hcp_commitment", Role.HCP))
    await ana.house.settle()
    await ana.type(str(word_in("yes", "de")))
    await ana.type("Mein Geheimnis")
    tab = await opened(ana)
    assert say(Sentence.SLACK_HOME_OPEN, "de") in tab
    assert say(Sentence.UPSET_GO_ON, "de") in tab
    assert "Geheimnis" not in tab
    assert await taps(ana, say(Sentence.UPSET_STOP, "de")) == [say(Sentence.STOPPED, "de")]


async def test_the_tab_of_somebody_who_is_away(ana: SlackDriver) -> None:
    """Once nothing is open, the day before which nothing is sent stands there until it is past."""
    await ana.enter(ana.house.token("hcp_commitment", Role.HCP))
    await ana.after()
    await ana.type("no")
    tab = await opened(ana)
    assert say(Sentence.NO_QUESTION, "en") in tab
    assert say(Sentence.NO_CONVERSATION, "en") not in tab
    await ana.type("I am away until 20 March")
    assert "20 March 2026" in await opened(ana)
    ana.house.clock.move(timedelta(days=30))
    assert "20 March 2026" not in await opened(ana)
