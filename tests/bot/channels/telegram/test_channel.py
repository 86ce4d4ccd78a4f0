"""Messages as people see them: sent, shown anew, in parts, with the bot typing; and the operator's check."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace as renewed

from bot.channels.base import (
    ChannelDown,
    ChannelRefused,
    FindingLevel,
    NotPaidFor,
    Outbound,
    OutcomeUnknown,
    RateLimited,
)
from bot.channels.telegram.channel import TelegramChannel
from flows.engine.effects import Option, PromptKind, Trace
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import Person, TelegramEmulator
from tests.support.telegram_channel import NOW, channel_to, outbound

ODD = (
    "null",
    "[]",
    "{}",
    "5",
    '"sent"',
    '{"message_id": "one"}',
    '{"message_id": 5, "chat": 7, "date": "now"}',
)
TOGGLES = outbound(
    "Which?",
    kind=PromptKind.SELECT_MANY,
    options=(Option("Pain"), Option("Sleep"), Option("Done", control=True)),
)


@pytest.fixture
async def telegram() -> Any:
    async with TelegramEmulator() as emulator:
        yield emulator


@pytest.fixture
async def ada(telegram: TelegramEmulator) -> Person:
    person = telegram.person(1)
    await person.start()
    return person


@pytest.fixture
async def channel(telegram: TelegramEmulator) -> Any:
    made = channel_to(telegram)
    yield made
    await made.close()


def toggled(message_id: str | None, *picked: str) -> Outbound:
    options = tuple(renewed(option, picked=option.label in picked) for option in TOGGLES.prompt.options)
    return replace(
        TOGGLES, prompt=renewed(TOGGLES.prompt, options=options), message_id=message_id, refresh=True
    )


async def test_a_message_is_plain_and_quiet(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator
) -> None:
    """No markup, no preview of links, its name returned; the bot is seen typing before."""
    name = await channel.send(outbound("See https://example.org *now*"))
    assert (ada.last.text, ada.last.previews, name) == (
        "See https://example.org *now*",
        False,
        str(ada.last.message_id),
    )
    assert telegram.methods_called() == ["sendChatAction", "sendMessage"]
    assert not {"parse_mode", "entities"} & telegram.calls[-1].params.keys()


@pytest.mark.parametrize("fault", [Fault.GATEWAY, Fault.BLOCKED, Fault.RATE_LIMIT, Fault.DROP_BEFORE])
async def test_typing_may_fail(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator, fault: Fault
) -> None:
    """It is a courtesy: the message goes out all the same."""
    telegram.faults.add("sendChatAction", fault)
    await channel.send(outbound())
    assert ada.last.text == "How are you?"


async def test_a_tap_on_a_cut_label_finds_its_choice(channel: TelegramChannel, ada: Person) -> None:
    """The label in the text, the start of it on the button, and its place behind it are one choice."""
    long = "I will discuss the choice of the next line of treatment with every patient"
    await channel.send(outbound("Which?", "Other", long))
    assert ada.last.button(long) == ada.last.button(1)


async def test_a_long_text_comes_in_parts(channel: TelegramChannel, ada: Person) -> None:
    """In order, each as long as Telegram takes, the buttons under the last; its name is the last one's."""
    name = await channel.send(outbound("Zeile \U0001f600 " * 1000, "Yes"))
    assert len(ada.from_bot) == 3
    assert [message.labels for message in ada.from_bot] == [[], [], ["Yes"]]
    assert name == str(ada.last.message_id)


async def test_parts_that_are_out_are_not_sent_again(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator
) -> None:
    """Where a later part was refused for now, the next try goes on with it."""
    message = outbound("word " * 2000, "Yes")
    telegram.faults.add("sendMessage", Fault.RATE_LIMIT, after=1)
    with pytest.raises(RateLimited):
        await channel.send(message)
    assert len(ada.from_bot) == 1
    telegram.faults.add("sendMessage", Fault.SERVER_ERROR, after=1)
    with pytest.raises(ChannelDown):
        await channel.send(message)
    await channel.send(message)
    assert len(ada.from_bot) == 3
    assert " ".join(shown.text for shown in ada.from_bot) == ("word " * 2000).strip()
    await channel.send(message)
    assert len(ada.from_bot) == 6


@pytest.mark.parametrize("details", [{}, {"status": 404, "error": "Not Found"}])
async def test_a_stray_refusal_stops_nothing(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator, details: dict[str, Any]
) -> None:
    """One 401 or 404 while getMe is well is trouble to be waited out; a token that was revoked is refused."""
    telegram.faults.add("sendMessage", Fault.REVOKED, **details)
    with pytest.raises(ChannelDown):
        await channel.send(outbound())
    await channel.send(outbound())
    assert len(ada.from_bot) == 1
    telegram.state.revoke()
    with pytest.raises(ChannelRefused, match="BotFather"):
        await channel.send(outbound())


async def test_toggles_change_where_they_stand(channel: TelegramChannel, ada: Person) -> None:
    """The marks change in the message that was tapped; no second message comes."""
    name = await channel.send(TOGGLES)
    assert ada.last.labels == ["[ ] Pain", "[ ] Sleep", "Done"]
    assert await channel.send(toggled(name, "Pain")) == name
    assert await channel.send(toggled(name, "Pain")) == name
    assert (len(ada.from_bot), ada.last.labels) == (1, ["[x] Pain", "[ ] Sleep", "Done"])
    assert ada.last.edits == 1


async def test_a_trace_changes_the_buttons_alone(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator
) -> None:
    """The text stays as it was shown; an empty trace takes the buttons away."""
    asked = outbound("Well?", "Yes", "No", progress=(2, 9))
    name = await channel.send(asked)
    answered = replace(asked, message_id=name, refresh=True, trace=Trace(("No",), change=True))
    assert await channel.send(answered) == name
    assert (ada.last.text, ada.last.labels, len(ada.from_bot)) == (
        "2 of 9\n\nWell?",
        ["\u2713 No", "Change"],
        1,
    )
    assert await channel.send(replace(answered, trace=Trace())) == name
    assert (ada.last.text, ada.last.labels) == ("2 of 9\n\nWell?", [])
    assert await channel.send(replace(answered, trace=Trace())) == name
    assert telegram.methods_called().count("sendMessage") == 1
    assert "editMessageText" not in telegram.methods_called()


async def test_other_questions_are_shown_anew_whole(channel: TelegramChannel, ada: Person) -> None:
    """Text and buttons both change, and what is gone goes."""
    name = await channel.send(outbound("Well?", "Yes", "No"))
    await channel.send(replace(outbound("Well? (answered)"), message_id=name, refresh=True))
    assert (ada.last.text, ada.last.labels, len(ada.from_bot)) == ("Well? (answered)", [], 1)


@pytest.mark.parametrize("name", ["999", "1", None], ids=["gone", "not ours", "without a name"])
async def test_a_message_that_cannot_be_shown_anew_is_let_be(
    channel: TelegramChannel, ada: Person, name: str | None
) -> None:
    """Deleted, somebody else's, or never named: nothing is raised, nothing is sent."""
    assert await channel.send(toggled(name, "Pain")) == name
    assert not ada.from_bot


async def test_a_refresh_that_fails_is_an_error_like_any(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator
) -> None:
    """Only what is harmless is quiet."""
    name = await channel.send(TOGGLES)
    telegram.faults.add("editMessageReplyMarkup", Fault.GATEWAY)
    with pytest.raises(OutcomeUnknown):
        await channel.send(toggled(name, "Pain"))


@pytest.mark.parametrize(
    "body",
    ["<html>", "null", "[]", "{}", '{"ok": false}', *(f'{{"ok": true, "result": {odd}}}' for odd in ODD)],
)
async def test_an_answer_of_another_shape_leaves_the_outcome_unknown(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator, body: str
) -> None:
    """To a message, a refresh, a file: whether it was carried out nobody knows, and it is tried again."""
    name = await channel.send(TOGGLES)
    telegram.faults.add("sendMessage", Fault.GATEWAY, status=200, error=body)
    telegram.faults.add("sendDocument", Fault.GATEWAY, status=200, error=body)
    with pytest.raises(OutcomeUnknown):
        await channel.send(outbound("Well?"))
    with pytest.raises(OutcomeUnknown):
        await channel.send_document("telegram:1", "a.csv", "a", "Here")
    telegram.faults.add("editMessageReplyMarkup", Fault.GATEWAY, status=200, error=body)
    try:
        await channel.send(toggled(name, "Pain"))
    except OutcomeUnknown:
        await channel.send(toggled(name, "Pain"))
    await channel.send(outbound("Well?"))
    assert ada.last.text == "Well?"


async def test_check_of_a_sound_set_up(channel: TelegramChannel) -> None:
    """Who the bot is and how updates come; nothing to do."""
    findings = await channel.check()
    assert {finding.level for finding in findings} == {FindingLevel.OK}
    assert "@said_and_done_bot" in findings[0].text


async def test_check_finds_a_webhook_in_the_way(channel: TelegramChannel, telegram: TelegramEmulator) -> None:
    """Polling gets nothing while a webhook is set."""
    await channel._bot.set_webhook("http://127.0.0.1:9/x")
    assert [finding.level for finding in await channel.check()] == [FindingLevel.OK, FindingLevel.WARN]


async def test_check_finds_what_is_wrong_with_a_webhook(telegram: TelegramEmulator) -> None:
    """Not set, set elsewhere, deaf to some kinds, failing, and far behind: each with what to do."""
    url = "http://127.0.0.1:9/telegram"
    channel = channel_to(telegram, webhook_url=url, webhook_secret="s")
    channel._now = lambda: NOW - timedelta(days=365 * 10)
    assert "elsewhere or nowhere" in (await channel.check())[1].text
    for number in range(101):
        await telegram.person(1).type(str(number))
    await channel._bot.set_webhook(url, allowed_updates=["message", "my_chat_member"])
    await telegram.wait_until(lambda: telegram.state.webhook and telegram.state.webhook.last_error)
    texts = [finding.text for finding in await channel.check() if finding.remedy]
    await channel.close()
    assert texts[0] == "the webhook leaves out callback_query, edited_message, message_reaction"
    assert texts[1].startswith("Telegram could not deliver: Connection refused")
    assert texts[2].startswith("101 updates wait")


@pytest.mark.parametrize("reason", ["token", "network"])
async def test_check_says_what_to_do(telegram: TelegramEmulator, reason: str) -> None:
    """A refused token and a server that cannot be reached are told apart, and no token is shown."""
    changes = {"token": "7:abcdefgh"} if reason == "token" else {"api_url": "http://127.0.0.1:9"}
    channel = channel_to(telegram, **changes)
    (finding,) = await channel.check()
    await channel.close()
    assert finding.level is FindingLevel.ERROR
    assert ("BotFather" if reason == "token" else "network") in finding.remedy
    assert "abcdefgh" not in finding.text


def test_the_options_do_not_show_their_secrets(telegram: TelegramEmulator) -> None:
    """A printed setting is no leak."""
    channel = channel_to(telegram, webhook_secret="hush-hush")
    assert telegram.token not in repr(channel._options)
    assert "hush" not in repr(channel._options)


async def test_only_what_is_paid_for_is_marked_so(
    channel: TelegramChannel, ada: Person, telegram: TelegramEmulator
) -> None:
    """The Bot API is told that a message may cost something where that is so, and for its first part alone."""
    await channel.send(outbound("Free"))
    assert "allow_paid_broadcast" not in telegram.calls[-1].params
    await channel.send(replace(outbound("word " * 1_200), paid=True))
    assert [message.paid for message in ada.messages if message.from_bot] == [False, True, False]


async def test_beyond_the_free_pace_a_message_costs_stars(ada: Person) -> None:
    """Past 30 a second a message that is paid for goes, and one without Stars to pay it with is no lost message."""
    async with TelegramEmulator(limits=True) as telegram:
        telegram.state.stars = 0.25
        channel = channel_to(telegram, typing=False)
        people = [telegram.person(number) for number in range(1, 35)]
        for one in people:
            await one.start()
        telegram.state.monotonic = lambda: 0.0
        for number in range(1, 33):
            await channel.send(replace(outbound("Hello"), address=f"telegram:{number}", paid=True))
        assert (telegram.state.paid_for, round(telegram.state.stars, 2)) == (2, 0.05)
        with pytest.raises(NotPaidFor):
            await channel.send(replace(outbound("Hello"), address="telegram:33", paid=True))
        with pytest.raises(RateLimited):
            await channel.send(replace(outbound("Hello"), address="telegram:33"))
        await channel.close()
