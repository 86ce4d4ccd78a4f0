"""Buttons that are not one's own, on both platforms: they change nothing and tell nothing."""

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.i18n.say import Sentence, say
from flows.script.model import Role
from tests.support.dialogue import begins, said_by
from tests.support.platforms.commitment import COMMITMENT
from tests.support.platforms.drivers import PlatformDriver, commitment_replies

UNKNOWN = say(Sentence.BUTTON_UNKNOWN, "en")
UNDER = {
    InboundKind.TAP: "Your role",
    InboundKind.PICKS: "What might",
    InboundKind.DATE: "When will you start",
    InboundKind.FORM: "Say it",
}
"""A question that each kind of button could answer, by how it begins."""
NOWHERE = 0x7FFF
"""The number of a conversation that there is not."""


async def asked(driver: PlatformDriver, question: str) -> tuple[int, int]:
    """Lead somebody in and on to a question; the numbers of their conversation and of the question."""
    await driver.enter(driver.house.token("hcp_commitment", Role.HCP))
    seen = await driver.after()
    replies = commitment_replies(COMMITMENT)
    while not begins(seen[-1].text, question):
        reply = next((replies[start] for start in replies if begins(seen[-1].text, start)), "skip")
        seen = await driver.type(reply)
    [[conversation, ask]] = driver.house.rows(
        "SELECT conversation_id, ask FROM outbox WHERE ask IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
    return conversation, ask


def kept(driver: PlatformDriver, conversation: int) -> list[object]:
    """All that a tap could change of a conversation."""
    queries = (
        "SELECT status, state, turns FROM conversation WHERE id = :of",
        "SELECT * FROM answer WHERE conversation_id = :of",
        "SELECT * FROM consent WHERE conversation_id = :of",
        "SELECT id, status FROM outbox WHERE conversation_id = :of",
    )
    return [driver.house.rows(query, of=conversation) for query in queries]


@pytest.mark.parametrize("kind", UNDER)
async def test_a_button_of_somebody_elses_conversation(driver: PlatformDriver, kind: InboundKind) -> None:
    """Forged by somebody in a conversation of their own: it is refused, in the words for one that is nowhere."""
    conversation, ask = await asked(driver, UNDER[kind])
    intruder = driver.another()
    await intruder.enter(driver.house.token("hcp_commitment", Role.HCP))
    own = said_by(await intruder.after())
    before = kept(driver, conversation)
    option = 0 if kind is InboundKind.TAP or driver.ticks_are_told else None
    heard = [
        said_by(await intruder.forge(kind, button_payload(number, ask, option)))
        for number in (conversation, NOWHERE)
    ]
    assert heard[0] == heard[1]
    assert heard[0] in ([UNKNOWN], [UNKNOWN, own[-1]])  # of a tap it is said in passing
    assert kept(driver, conversation) == before
    assert driver.look() == []
    assert driver.house.put_aside() == []


@pytest.mark.parametrize("kind", UNDER)
async def test_a_button_of_a_conversation_forged_by_a_stranger(
    driver: PlatformDriver, kind: InboundKind
) -> None:
    """Whoever is not known is told how to come in, whether or not there is such a conversation."""
    conversation, ask = await asked(driver, UNDER[kind])
    stranger = driver.another()
    [first] = await stranger.type("hello")
    before = kept(driver, conversation)
    option = 0 if kind is InboundKind.TAP or driver.ticks_are_told else None
    for number in (conversation, NOWHERE):
        assert said_by(await stranger.forge(kind, button_payload(number, ask, option))) == [first.text]
    assert kept(driver, conversation) == before
    assert driver.house.put_aside() == []


@pytest.mark.parametrize("payload", ["vote:yes", "1.0", "1.0.\u0660", "+1.0.0", "1.0.00", "f" * 20 + ".0.0"])
async def test_a_button_of_another_bot(driver: PlatformDriver, payload: str) -> None:
    """Also one that looks much like ours: it is said in passing that the button is unknown, and nothing else."""
    conversation, _ = await asked(driver, "I'm an automated helper")
    [[answers]] = driver.house.rows("SELECT count(*) FROM answer")
    assert [(seen.text, seen.toast) for seen in await driver.forge(InboundKind.TAP, payload)] == [
        (UNKNOWN, True)
    ]
    assert driver.house.count("SELECT count(*) FROM answer") == answers
    assert kept(driver, conversation)[0][0].status == "open"  # type: ignore[index]
