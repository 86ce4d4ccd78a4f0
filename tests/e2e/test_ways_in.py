"""Every way in, on both platforms: a link or code is an invitation wherever it is written, and the way is named."""

import pytest

from bot.conversations.inbound_turn import asking_for_invitation
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import said_by
from tests.support.platforms.drivers import PlatformDriver
from tests.support.platforms.platform import Platform

WRITTEN = [
    "{token}",
    "`{token}`",
    "“{token}”.",
    "{token} please",
    "start {token}",
    "`/said start {token}`",
    "/said start {token}",
    " /start {token}",
    "https://t.me/said_bot?start={token}",
    "<https://t.me/said_bot?start={token}>",
    "tg://resolve?domain=said_bot&start={token}",
    "Hello, I was sent this link: https://telegram.me/said_bot?start={token} (from the clinic).",
    "My code is {token}, is this right?",
    "https://t.me/said_bot?start=\n{token}",
    "\u200b{token}\u2060",
]
WRONG = "aB3_xY-9kLmN0pQrStUvWxYzaB3dE5fG"


def asked_for(sentence: Sentence, driver: PlatformDriver) -> str:
    """A sentence that asks for an invitation, as it is said on the driver's platform."""
    [[channel]] = driver.house.rows("SELECT channel FROM address LIMIT 1")
    return asking_for_invitation(sentence, channel, "en").text


async def heard(driver: PlatformDriver, text: str) -> list[str]:
    return said_by(await driver.type(text))


@pytest.mark.parametrize("form", WRITTEN)
async def test_an_invitation_however_it_is_written(driver: PlatformDriver, form: str) -> None:
    """A stranger who writes it in the chat is let in."""
    token = driver.house.token("hcp_commitment", Role.HCP)
    [first, _] = await heard(driver, form.format(token=token))
    assert first.startswith("Hello")
    assert driver.house.count("SELECT count(*) FROM enrollment") == 1
    assert driver.house.put_aside() == []


async def test_a_link_under_a_picture(driver: PlatformDriver) -> None:
    """The words beside a picture are words, so that a link there lets in too."""
    token = driver.house.token("hcp_commitment", Role.HCP)
    seen = await driver.picture(f"https://t.me/said_bot?start={token}")
    assert seen[-1].text.startswith("Hello")


async def test_a_link_that_is_edited_in_is_none(driver: PlatformDriver) -> None:
    """An edit is no message: nobody is let in by it, and nothing is said."""
    token = driver.house.token("hcp_commitment", Role.HCP)
    await driver.type("hello")
    assert await driver.edit("hello", f"https://t.me/said_bot?start={token}") == []
    assert driver.house.count("SELECT count(*) FROM participant") == 0


async def test_what_is_no_invitation(driver: PlatformDriver) -> None:
    """A stranger is told how to come in, in the way of the platform; never another one's."""
    for words in ("hello", "start", "what is this?", "start tomorrow"):
        assert await heard(driver, words) == [asked_for(Sentence.INVITATION_NEEDED, driver)]
    for words in (
        WRONG,
        f"https://t.me/said_bot?start={WRONG}",
        "https://t.me/said_bot?start=cut",
        "/start cut",
    ):
        assert await heard(driver, words) == [asked_for(Sentence.INVITATION_WRONG, driver)]
    assert driver.house.count("SELECT count(*) FROM participant") == 0


async def test_the_way_in_is_the_platforms_own(platform: Platform, driver: PlatformDriver) -> None:
    """Telegram has a Start button, Slack a command and a tab; each is named where it is, and nowhere else."""
    [told] = await heard(driver, "hello")
    names = {"telegram": "press Start", "slack": "/said start CODE"}
    assert [name for name, words in names.items() if words in told] == [platform.name]


async def test_an_invitation_in_an_open_conversation(driver: PlatformDriver) -> None:
    """The same link asks the question again, another waits, and a code that there is not is said to be none."""
    token = driver.house.token("hcp_commitment", Role.HCP)
    [_, question] = await heard(driver, token)
    assert await heard(driver, f"my link: https://t.me/said_bot?start={token}") == [
        say(Sentence.CONVERSATION_OPEN, "en"),
        question,
    ]
    assert await heard(driver, WRONG) == [asked_for(Sentence.INVITATION_WRONG, driver), question]
    assert driver.house.count("SELECT count(*) FROM conversation") == 1
    assert driver.house.count("SELECT count(*) FROM answer") == 0
    assert driver.house.put_aside() == []


async def test_a_used_or_an_old_invitation(driver: PlatformDriver) -> None:
    """Pasted by somebody else, it is refused in the words for a link."""
    token = driver.house.token("hcp_commitment", Role.HCP)
    await driver.type(token)
    other = driver.another()
    assert said_by(await other.type(f"`{token}`")) == [say(Sentence.INVITATION_USED, "en")]


async def test_words_beside_a_link_that_must_be_heard_come_first(driver: PlatformDriver) -> None:
    """Distress is answered, and the link can be pasted again."""
    await driver.type(driver.house.token("hcp_commitment", Role.HCP))
    other = driver.house.token("hcp_commitment", Role.HCP)
    seen = await heard(driver, f"https://t.me/said_bot?start={other} I want to kill myself")
    assert "emergency" in seen[0]
    assert driver.house.count("SELECT count(*) FROM safety_case") == 1


@pytest.mark.parametrize(
    "form", ["link {code}", "`link {code}`", "“link {code}”.", "please link {code}", "Link: {code}"]
)
async def test_an_account_link_code_in_quotes(driver: PlatformDriver, form: str) -> None:
    """The code that joins another app is read however it was pasted there."""
    await driver.type(driver.house.token("hcp_commitment", Role.HCP))
    [given, *_] = await heard(driver, "link")
    code = given.split()[-1].strip("\u2068\u2069")
    other = driver.another()
    assert (await heard(other, form.format(code=code)))[0] == say(Sentence.LINK_DONE, "en")


async def test_no_token_is_kept_in_the_open_or_said(driver: PlatformDriver) -> None:
    """What was pasted stands in the inbox as what came in, and in nothing that is said."""
    token = driver.house.token("hcp_commitment", Role.HCP)
    for text in (f"see {WRONG}", WRONG, token, f"again {token}"):
        await driver.type(text)
    said = str(driver.house.rows("SELECT payload FROM outbox"))
    assert token not in said
    assert WRONG not in said
