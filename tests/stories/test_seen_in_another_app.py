"""What was asked in one app was not seen in another one, and is shown there first."""

import re
from datetime import timedelta

import pytest

from bot.channels.base import InboundKind, button_payload
from flows.engine.events import MediaKind
from flows.i18n.say import Sentence
from tests.support.ordered_chat import OrderedChat
from tests.support.seen_words import begin, consents
from tests.support.turn_world import said, texts


async def test_another_address_is_shown_a_consent_first(world, chat):
    """What was asked in one app cannot be agreed to in another one unseen."""
    await begin(chat)
    await chat.say("continue")
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    other = OrderedChat(world, "telegram:2")
    await other.write(code[0])
    await other.write("I agree")
    shown = await other.go_on()
    assert consents(world) == []
    assert shown[-1].text.startswith("Your answers help")
    await other.say("I agree")
    assert consents(world) == [("take_part", True)]


@pytest.mark.parametrize("has_ended", [False, True])
async def test_another_address_is_shown_first_what_would_be_taken_back(world, chat, has_ended):
    """A yes in one app takes back no consent about which the other app asks."""
    await begin(chat)
    for words in ("continue", "I agree", "yes", "yes"):
        await chat.say(words)
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    other = OrderedChat(world, "telegram:2")
    await other.say(code[0])
    while has_ended and world.rows("SELECT status FROM conversation") != [("ended",)]:
        shown = await other.say("skip")
        if shown[-1].prompt.ask is not None and said(Sentence.SKIP_NOT_HERE) in texts(shown):
            await other.say("1")
    no = {"button": button_payload(1, 1, 1), "message_id": str(chat.number_of(2))}
    [asked] = await chat.react(InboundKind.TAP, **no)
    assert (await other.say("yes"))[-1].text == asked.text
    assert ("take_part", False) not in consents(world)
    await other.say("yes")
    assert consents(world)[-1] == ("take_part", False)


@pytest.mark.parametrize("words", ["hello?", ":100:", "yes", "I am so tired of it all"])
async def test_help_comes_also_in_another_app(world, chat, words):
    """Who was shown crisis help in one app and writes in another one is shown it there, whatever they write."""
    await begin(chat)
    for reply in ("continue", "I agree", "yes", "yes", "patient", "skip", "I want to die, nobody asks me"):
        await chat.say(reply)  # the last is an answer: what was asked next gave way to help
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    assert code is not None
    other = OrderedChat(world, "telegram:2")
    await other.say(code[0])
    world.clock.move(timedelta(minutes=5))
    assert "112" in texts(await other.say(words))[-1]
    assert texts(await chat.say(words))  # and where it was asked


async def test_a_sticker_in_another_app_brings_the_question_there(world, chat):
    """Who sends what is no answer from another app sees there what is asked: the talk goes on in that app."""
    await begin(chat)
    [asked] = (await chat.say("continue"))[-1:]
    code = re.search(r"link [A-Z0-9]{3,}[A-Z0-9 -]*", "\n".join(texts(await chat.say("link"))))
    other = OrderedChat(world, "telegram:2")
    await other.say(code[0])
    await chat.say("I agree")
    shown = await other.react(InboundKind.MEDIA, media=MediaKind.STICKER)
    assert shown[-1].text != asked.text
    assert shown[-1].prompt.options
