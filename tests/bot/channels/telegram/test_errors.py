"""What goes wrong between us and Telegram, met by the real client -> our own words for it."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import ChatMigrated, NetworkError, RetryAfter, TelegramError

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    ParticipantBlocked,
    RateLimited,
    SendError,
)
from bot.channels.telegram.errors import as_send_error, hide_token
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import channel_to, outbound

FAULTS = [
    (Fault.RATE_LIMIT, {"retry_after": 7}, RateLimited),
    (Fault.SERVER_ERROR, {}, ChannelDown),
    (Fault.GATEWAY, {}, OutcomeUnknown),
    (Fault.GATEWAY, {"status": 504}, OutcomeUnknown),
    (Fault.TIMEOUT_AFTER, {}, OutcomeUnknown),
    (Fault.DROP_BEFORE, {}, OutcomeUnknown),
    (Fault.DROP_AFTER, {}, OutcomeUnknown),
    (Fault.BLOCKED, {}, ParticipantBlocked),
    (Fault.BLOCKED, {"error": "Forbidden: user is deactivated"}, AddressGone),
    (Fault.BLOCKED, {"error": "Forbidden: bot can't initiate conversation with a user"}, AddressGone),
    (Fault.REVOKED, {}, ChannelRefused),
    (Fault.REVOKED, {"status": 404, "error": "Not Found"}, ChannelRefused),
    (Fault.SERVER_ERROR, {"status": 409, "error": "Conflict: terminated by other"}, ChannelRefused),
    (Fault.SERVER_ERROR, {"status": 400, "error": "Bad Request: chat not found"}, AddressGone),
    (Fault.SERVER_ERROR, {"status": 400, "error": "Bad Request: PEER_ID_INVALID"}, AddressGone),
    (Fault.SERVER_ERROR, {"status": 400, "error": "Bad Request: something new"}, MessageRejected),
    (Fault.SERVER_ERROR, {"status": 413, "error": "Request Entity Too Large"}, MessageRejected),
]


async def send(emulator: TelegramEmulator, message: Outbound, **options: Any) -> SendError:
    """The error that sending meets."""
    channel = channel_to(emulator, request_timeout=timedelta(seconds=0.5), typing=False, **options)
    try:
        with pytest.raises(SendError) as met:
            await channel.send(message)
    finally:
        await channel.close()
    return met.value


@pytest.mark.parametrize(("fault", "details", "expected"), FAULTS)
async def test_each_fault_has_one_meaning(
    fault: Fault, details: dict[str, Any], expected: type[SendError]
) -> None:
    """Through the real client, each fault becomes exactly this error, none its parent class."""
    async with TelegramEmulator() as telegram:
        await telegram.person(1).start()
        telegram.faults.add("sendMessage", fault, **details)
        telegram.faults.add("getMe", fault, **details)  # asked before a token is said to be refused
        assert type(await send(telegram, outbound())) is expected


async def test_the_wait_that_telegram_asks_for_is_kept() -> None:
    """429 carries its own waiting time."""
    async with TelegramEmulator() as telegram:
        await telegram.person(1).start()
        telegram.faults.add("sendMessage", Fault.RATE_LIMIT, retry_after=7)
        assert (await send(telegram, outbound())).retry_after == timedelta(seconds=7)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize("setting", ["", "1"])
def test_a_wait_is_read_in_both_forms(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library tells seconds or a duration, depending on a setting of its own."""
    monkeypatch.setenv("PTB_TIMEDELTA", setting)
    assert as_send_error(RetryAfter(7)).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (outbound("   "), MessageRejected),
        (outbound("Hello", person=404), AddressGone),
        (outbound("Hello", person=2), AddressGone),
        (outbound("Hello", person=3), ParticipantBlocked),
        (outbound("Hello", " "), MessageRejected),
        (outbound("half \ud83d a pair"), MessageRejected),
        (Outbound(address="slack:U1", prompt=outbound().prompt), MessageRejected),
    ],
    ids=["empty", "unknown", "never started", "blocked", "empty button", "half a pair", "another channel's"],
)
async def test_what_telegram_never_takes_is_not_tried_again(
    message: Outbound, expected: type[SendError]
) -> None:
    """Faults of the message or the contact are told apart from faults of the moment."""
    async with TelegramEmulator() as telegram:
        await telegram.person(1).start()
        telegram.person(2)
        await telegram.person(3).start()
        await telegram.person(3).block()
        problem = await send(telegram, message)
    assert type(problem) is expected
    assert not problem.retryable


async def test_a_dead_port_has_delivered_nothing() -> None:
    """Where no connection stands, a second try is no duplicate."""
    telegram = TelegramEmulator()
    async with telegram:
        pass
    assert type(await send(telegram, outbound())) is ChannelDown


@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.DROP_AFTER])
async def test_no_answer_is_not_no_delivery(fault: Fault) -> None:
    """The message may be there, as here it is: so a second try is marked as a possible duplicate."""
    async with TelegramEmulator() as telegram:
        ada = telegram.person(1)
        await ada.start()
        telegram.faults.add("sendMessage", fault)
        problem = await send(telegram, outbound())
        assert (problem.retryable, problem.ambiguous) == (True, True)
        assert [message.text for message in ada.from_bot] == ["How are you?"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ChatMigrated(5), AddressGone), (TelegramError("Invalid server response"), OutcomeUnknown)],
)
def test_rare_errors_have_a_meaning_too(error: TelegramError, expected: type[SendError]) -> None:
    """Nothing of the library's escapes unnamed."""
    assert type(as_send_error(error)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "The token `7000000001:EMULATOR-token_0123` was rejected by the server.",
        "GET https://api.telegram.org/bot7000000001:EMULATOR-token_0123/getMe",
        "GET https://api.telegram.org/botnonsense-token/getMe",
    ],
)
def test_no_reason_holds_a_token(text: str) -> None:
    """Some of the library's messages quote the token; ours never do."""
    reason = as_send_error(NetworkError(text)).reason
    assert "EMULATOR" not in reason
    assert "nonsense" not in reason
    assert hide_token("a:b 12:30 https://example.org/x") == "a:b 12:30 https://example.org/x"


async def test_a_reason_is_one_line() -> None:
    """A gateway's page of HTML is no reason that anybody wants to read."""
    async with TelegramEmulator() as telegram:
        await telegram.person(1).start()
        telegram.faults.add("sendMessage", Fault.GATEWAY)
        assert (await send(telegram, outbound())).reason == "Bad Gateway (502)"


async def test_the_token_and_the_words_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even with every logger at its most talkative: httpx would write each URL, with the token in it."""
    async with TelegramEmulator() as telegram:
        await telegram.person(1).start()
        with caplog.at_level(logging.DEBUG):
            for fault in (Fault.GATEWAY, Fault.REVOKED, Fault.DROP_BEFORE):
                telegram.faults.add("sendMessage", fault)
                await send(telegram, outbound("my secret words"))
    assert telegram.token not in caplog.text
    assert "my secret words" not in caplog.text
