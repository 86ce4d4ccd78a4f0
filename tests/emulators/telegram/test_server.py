"""The emulator is as strict as Telegram: what it refuses here, Telegram would refuse in a chat."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulators.control import Control
from tests.emulators.faults import ANY, Fault, FaultPlan
from tests.emulators.telegram.server import TOKEN, NothingCame, TelegramEmulator


@pytest.fixture
async def telegram() -> Any:
    async with TelegramEmulator() as emulator:
        await emulator.person(1).start()
        yield emulator


async def call(telegram: TelegramEmulator, method: str, token: str = TOKEN, **params: Any) -> tuple[int, Any]:
    """The status, and the result or the description."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        answer = (await client.post(f"{telegram.url}/bot{token}/{method}", json=params)).json()
    return answer.get("error_code", 200), answer.get("result", answer.get("description"))


def keyboard(text: str = "Yes", data: str = "1.2.3", count: int = 1) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}] for _ in range(count)]}


REFUSED = [
    ("sendMessage", {"chat_id": 1, "text": ""}, 400, "message text is empty"),
    ("sendMessage", {"chat_id": 1, "text": " \n"}, 400, "message text is empty"),
    ("sendMessage", {"chat_id": 1}, 400, "message text is empty"),
    ("sendMessage", {"text": "x"}, 400, "parameter 'chat_id' is required"),
    ("sendMessage", {"chat_id": "ada", "text": "x"}, 400, "must be an integer"),
    ("sendMessage", {"chat_id": 1, "text": "x" * 4097}, 400, "message is too long"),
    ("sendMessage", {"chat_id": 1, "text": "\U0001f600" * 2049}, 400, "message is too long"),
    ("sendMessage", {"chat_id": 404, "text": "x"}, 400, "chat not found"),
    ("sendMessage", {"chat_id": 2, "text": "x"}, 403, "can't initiate conversation"),
    ("sendMessage", {"chat_id": 3, "text": "x"}, 403, "bot was blocked by the user"),
    ("sendMessage", {"chat_id": 4, "text": "x"}, 403, "user is deactivated"),
    ("sendMessage", {"chat_id": 1, "text": "x", "colour": "red"}, 400, "unknown parameter"),
    ("sendMessage", {"chat_id": 1, "text": "x", "parse_mode": "HTML"}, 400, "no markup"),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": keyboard(data="x" * 65)},
        400,
        "BUTTON_DATA_INVALID",
    ),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": keyboard(text=" ")},
        400,
        "must be non-empty",
    ),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": keyboard(count=101)},
        400,
        "markup is too long",
    ),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": "{"}, 400, "can't parse JSON"),
    ("editMessageText", {"chat_id": 1, "message_id": 99, "text": "x"}, 400, "message to edit not found"),
    ("editMessageText", {"chat_id": 1, "message_id": 1, "text": "x"}, 400, "message can't be edited"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, 400, "query is too old"),
    ("sendChatAction", {"chat_id": 1, "action": "dancing"}, 400, "wrong parameter action"),
    ("setMyCommands", {"commands": [{"command": "Ä", "description": "x"}]}, 400, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a" * 33, "description": "x"}]}, 400, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a", "description": ""}]}, 400, "DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a", "description": "x" * 257}]}, 400, "DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": "a", "description": "x"}] * 101}, 400, "TOO_MUCH"),
    ("setMyCommands", {"commands": [], "language_code": "pt-BR"}, 400, "invalid language code"),
    ("setWebhook", {"url": "https://example.org/x"}, 400, "bad webhook"),
    ("setWebhook", {"url": "http://127.0.0.1:9", "secret_token": "a b"}, 400, "unallowed characters"),
    ("getFile", {"file_id": "none"}, 400, "wrong file_id"),
    ("sendPigeon", {"chat_id": 1}, 404, "Not Found"),
]


@pytest.mark.parametrize(("method", "params", "status", "words"), REFUSED)
async def test_what_telegram_refuses_is_refused(
    telegram: TelegramEmulator, method: str, params: dict[str, Any], status: int, words: str
) -> None:
    """In Telegram's words, since some errors can be told apart by nothing else."""
    telegram.person(2)
    await telegram.person(3).start()
    await telegram.person(3).block()
    await telegram.person(4).start()
    telegram.person(4).deactivated = True
    code, description = await call(telegram, method, **params)
    assert code == status
    assert words in description


@pytest.mark.parametrize(("token", "status"), [("nonsense", 404), ("7:other", 401)])
async def test_tokens(telegram: TelegramEmulator, token: str, status: int) -> None:
    """A malformed token is not found, a well-formed one of nobody is unauthorised."""
    assert (await call(telegram, "getMe", token))[0] == status


async def test_forms_and_json_mean_the_same(telegram: TelegramEmulator) -> None:
    """The client sends forms; people with curl send JSON or put it all in the address."""
    base = f"{telegram.url}/bot{TOKEN}/sendMessage"
    markup = json.dumps(keyboard())
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(base, data={"chat_id": 1, "text": "a", "reply_markup": markup})
        await client.post(base, json={"chat_id": 1, "text": "a", "reply_markup": keyboard()})
        await client.get(base, params={"chat_id": 1, "text": "a", "reply_markup": markup})
    assert [(shown.text, shown.labels) for shown in telegram.person(1).from_bot] == [("a", ["Yes"])] * 3


async def test_an_edit_that_changes_nothing_is_refused(telegram: TelegramEmulator) -> None:
    """And one that changes something is seen where it stands."""
    _, sent = await call(telegram, "sendMessage", chat_id=1, text="a", reply_markup=keyboard())
    where = {"chat_id": 1, "message_id": sent["message_id"]}
    again = await call(telegram, "editMessageText", **where, text="a", reply_markup=keyboard())
    assert (again[0], "message is not modified" in again[1]) == (400, True)
    assert (await call(telegram, "editMessageReplyMarkup", **where, reply_markup=keyboard()))[0] == 400
    assert (await call(telegram, "editMessageReplyMarkup", **where))[0] == 200
    assert telegram.person(1).last.labels == []


async def test_updates_are_kept_until_they_are_confirmed(telegram: TelegramEmulator) -> None:
    """Asked twice without a number, they come twice; the number of the next one forgets them."""
    first = (await call(telegram, "getUpdates"))[1]
    assert first == (await call(telegram, "getUpdates"))[1]
    number = first[-1]["update_id"]
    assert (await call(telegram, "getUpdates", offset=number + 1))[1] == []
    assert [update["update_id"] for update in telegram.state.confirmed] == [number]


async def test_a_long_poll_really_waits(telegram: TelegramEmulator) -> None:
    """It is open until something is said, and no longer."""
    await call(telegram, "getUpdates", offset=-1)
    (update,) = (await call(telegram, "getUpdates"))[1]
    poll = asyncio.create_task(call(telegram, "getUpdates", offset=update["update_id"] + 1, timeout=30))
    await telegram.wait_until(lambda: len(telegram.calls) == 3)
    assert not poll.done()
    await telegram.person(1).type("Hi")
    assert (await poll)[1][0]["message"]["text"] == "Hi"


async def test_one_poller_at_a_time(telegram: TelegramEmulator) -> None:
    """The later poll goes on, the earlier one is told of a conflict."""
    telegram.state.pending.clear()
    earlier = asyncio.create_task(call(telegram, "getUpdates", timeout=30))
    await telegram.wait_until(lambda: len(telegram.calls) == 1)
    later = asyncio.create_task(call(telegram, "getUpdates", timeout=30))
    assert (await earlier)[0] == 409
    await telegram.person(1).type("Hi")
    assert (await later)[0] == 200


async def test_a_webhook_shuts_polling_out(telegram: TelegramEmulator) -> None:
    """Until it is deleted; waiting updates survive unless they are dropped on purpose."""
    await call(telegram, "setWebhook", url="http://127.0.0.1:9/x")
    assert (await call(telegram, "getUpdates"))[0] == 409
    await call(telegram, "deleteWebhook")
    assert len((await call(telegram, "getUpdates"))[1]) == 1
    await call(telegram, "deleteWebhook", drop_pending_updates=True)
    assert (await call(telegram, "getUpdates"))[1] == []


async def test_kinds_of_updates_are_remembered(telegram: TelegramEmulator) -> None:
    """What was not asked for is not kept; the next question without a list leaves it as it is."""
    await call(telegram, "getUpdates", offset=10**9, allowed_updates=["message"])
    await call(telegram, "getUpdates")
    await telegram.person(1).block()
    await telegram.person(1).type("x")
    kinds = [next(iter(update.keys() - {"update_id"})) for update in telegram.state.pending]
    assert kinds == ["message"]


async def test_rate_limits() -> None:
    """One message a second to a chat and thirty in all; the refused ones are not seen."""
    async with TelegramEmulator(limits=True) as telegram:
        seconds = [100.0]
        telegram.state.monotonic = lambda: seconds[0]
        for person in range(1, 33):
            await telegram.person(person).start()
        codes = [
            (await call(telegram, "sendMessage", chat_id=person, text="x"))[0] for person in range(1, 33)
        ]
        assert codes == [200] * 30 + [429] * 2
        assert not telegram.person(32).from_bot
        seconds[0] += 1.01
        twice = [(await call(telegram, "sendMessage", chat_id=1, text="x")) for _ in range(2)]
        assert [code for code, _ in twice] == [200, 429]


async def test_documents_are_taken_and_given_back(telegram: TelegramEmulator) -> None:
    """A file goes up, and comes down the same."""
    base = f"{telegram.url}/bot{TOKEN}"
    async with httpx.AsyncClient(trust_env=False) as client:
        sent = await client.post(
            f"{base}/sendDocument", data={"chat_id": 1}, files={"document": ("a.csv", b"a,b")}
        )
        file_id = sent.json()["result"]["document"]["file_id"]
        path = (await client.get(f"{base}/getFile", params={"file_id": file_id})).json()["result"][
            "file_path"
        ]
        assert (await client.get(f"{telegram.url}/file/bot{TOKEN}/{path}")).content == b"a,b"


async def test_waiting_for_what_never_comes_says_what_came(telegram: TelegramEmulator) -> None:
    """A failing test tells what was there instead."""
    await call(telegram, "sendMessage", chat_id=1, text="Something else")
    with pytest.raises(NothingCame, match="Something else"):
        await telegram.person(1).wait_for_message("Hello", seconds=0.01)


def test_a_plan_of_faults_is_used_up_in_order() -> None:
    """Each fault so many times, for its method or any, after so many calls that went well."""
    plan = FaultPlan()
    plan.add("send", Fault.RATE_LIMIT, times=2)
    plan.add("send", Fault.SERVER_ERROR, after=1)
    plan.add(ANY, Fault.DROP_BEFORE, after=1)
    taken = [plan.take(method) for method in ("send", "poll", "send", "poll", "send", "send", "send")]
    faults = [planned.fault if planned else None for planned in taken]
    assert faults == [
        Fault.RATE_LIMIT,
        None,
        Fault.RATE_LIMIT,
        Fault.DROP_BEFORE,
        None,
        Fault.SERVER_ERROR,
        None,
    ]


def test_deliveries_are_doubled_and_turned_round() -> None:
    """As often as was planned, and then no more."""
    plan = FaultPlan()
    plan.duplicate_deliveries(1)
    plan.reorder_deliveries(1)
    assert [plan.deliveries("ab"), plan.deliveries("ab")] == [["b", "a", "a"], ["a", "b"]]


async def test_it_runs_alone_and_is_steered_over_http() -> None:
    """For the tests that kill a process: people act and read from outside."""
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.emulators.telegram.server",
        "--port",
        "0",
        cwd=root,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        where = json.loads(await process.stdout.readline())
        control = Control(where["url"])
        await control.act(5, "start", token="T")
        await control.plan_fault("sendMessage", Fault.SERVER_ERROR)
        async with httpx.AsyncClient(trust_env=False) as client:
            send = f"{where['url']}/bot{where['token']}/sendMessage"
            body = {"chat_id": 5, "text": "Hi", "reply_markup": keyboard()}
            statuses = [(await client.post(send, json=body)).status_code for _ in range(2)]
        (message,) = await control.messages(5, wait=20)
        tap = await control.act(5, "tap", label="Yes")
        burst = await control.act(5, "burst", each=["one", "two"])
        reply = await control.act(5, "reply", text="Yes", to=message["message_id"])
        reaction = await control.act(5, "react", message=message["message_id"], each=["\U0001f44d"])
        log = await control.log()
        await control.close()
    finally:
        process.terminate()
        await process.wait()
    assert (statuses, message["text"], tap["done"] != "") == ([500, 200], "Hi", True)
    kinds = [next(kind for kind in update if kind != "update_id") for update in log["pending"]]
    assert kinds == ["message", "callback_query", "message", "message", "message"]
    assert [sent["text"] for sent in burst["sent"]] == ["one", "two"]
    assert log["pending"][-1]["message"]["reply_to_message"]["message_id"] == message["message_id"]
    assert (reply["text"], reaction) == ("Yes", {"done": None}), "reactions are told only on request"
    assert log["calls"] == {"sendMessage": 2}


async def test_a_silent_server_can_be_given_up(telegram: TelegramEmulator) -> None:
    """A dropped connection is noticed, a time-out lasts until the client gives up; then all is well."""
    telegram.faults.add("getMe", Fault.DROP_BEFORE)
    telegram.faults.add("getMe", Fault.TIMEOUT_AFTER)
    async with httpx.AsyncClient(trust_env=False, timeout=0.2) as client:
        for expected in (httpx.RemoteProtocolError, httpx.ReadTimeout):
            with pytest.raises((expected, httpx.ReadError)):
                await client.get(f"{telegram.url}/bot{TOKEN}/getMe")
    assert (await call(telegram, "getMe"))[0] == 200
