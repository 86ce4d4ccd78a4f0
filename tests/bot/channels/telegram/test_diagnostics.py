"""`said doctor` says something useful about whatever answers in Telegram's place."""

import json
from typing import Any

import pytest

from bot.channels.base import FindingLevel
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import channel_to

ME = {"id": 7, "is_bot": True, "first_name": "Said & Done", "username": "said_bot"}
INFO = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
ODD_BODIES = [
    "",
    "<html>Please sign in</html>",
    "null",
    "[]",
    "{}",
    "5",
    "[" * 100_000,
    '{"ok": true}',
    '{"ok": false, "description": "odd"}',
    '{"result": ' + "9" * 5000 + "}",
]
ODD_RESULTS: list[Any] = [None, [], {}, "bot", 5, True, {"id": "seven"}, [ME], {"url": None}, {"url": 5}]
ODD_PARTS = [
    ("getMe", ME | {"username": None}),
    ("getMe", ME | {"username": ["x"]}),
    ("getMe", {"id": 7, "is_bot": True}),
    ("getMe", ME | {"can_join_groups": "perhaps"}),
    ("getMe", ME | {"first_name": None, "id": None}),
    ("getWebhookInfo", {"pending_update_count": 0}),
    ("getWebhookInfo", {"url": ""}),
    ("getWebhookInfo", INFO | {"pending_update_count": "many"}),
    ("getWebhookInfo", INFO | {"pending_update_count": None}),
    ("getWebhookInfo", INFO | {"last_error_date": 10**30}),
    ("getWebhookInfo", INFO | {"last_error_date": "yesterday"}),
    ("getWebhookInfo", INFO | {"last_error_date": 1, "last_error_message": None}),
    ("getWebhookInfo", INFO | {"allowed_updates": 5}),
    ("getWebhookInfo", INFO | {"allowed_updates": [None, 5, {}]}),
    ("getWebhookInfo", INFO | {"max_connections": "all", "ip_address": 5}),
]
ODD = [
    *((method, 200, body) for method in ("getMe", "getWebhookInfo") for body in ODD_BODIES),
    *(("getMe", status, body) for status in (204, 302, 404, 407, 500, 503, 600) for body in ODD_BODIES[:5]),
    *(
        (method, 200, json.dumps({"ok": True, "result": result}))
        for method in ("getMe", "getWebhookInfo")
        for result in ODD_RESULTS
    ),
    *((method, 200, json.dumps({"ok": True, "result": part})) for method, part in ODD_PARTS),
    ("getMe", 429, '{"parameters": {"retry_after": "soon"}}'),
    ("getMe", 400, '{"description": 5, "parameters": [5]}'),
]


@pytest.mark.parametrize("hooked", [False, True])
async def test_an_answer_of_another_shape_is_a_finding(hooked: bool) -> None:
    """Each of these answers, to either question: findings come, what is wrong has a remedy, and nothing is raised."""
    webhook = {"webhook_url": "http://127.0.0.1:9/telegram", "webhook_secret": "s"} if hooked else {}
    async with TelegramEmulator() as telegram:
        channel = channel_to(telegram, **webhook)
        for method, status, body in ODD:
            case = (method, status, body[:60])
            telegram.faults.add(method, Fault.GATEWAY, status=status, error=body or " ", times=2)
            findings = await channel.check()
            telegram.faults.clear()
            assert findings, case
            for finding in findings:
                assert finding.level is FindingLevel.OK or finding.remedy, case
                assert telegram.token not in finding.text, case
                assert "Traceback" not in finding.text, case
        await channel.close()


@pytest.mark.parametrize("method", ["getMe", "getWebhookInfo"])
async def test_an_answer_that_is_no_telegrams_has_the_true_remedy(method: str) -> None:
    """What was found before it stays."""
    async with TelegramEmulator() as telegram:
        channel = channel_to(telegram)
        telegram.faults.add(method, Fault.GATEWAY, status=200, error='{"ok": true, "result": {}}')
        findings = await channel.check()
        await channel.close()
    assert len(findings) == (1 if method == "getMe" else 2)
    assert findings[-1].level is FindingLevel.ERROR
    assert "telegram.api_url" in findings[-1].remedy


async def test_a_bot_without_a_user_name_is_called_by_its_number() -> None:
    """No `@None`."""
    async with TelegramEmulator() as telegram:
        channel = channel_to(telegram)
        body = json.dumps({"ok": True, "result": ME | {"username": None}})
        telegram.faults.add("getMe", Fault.GATEWAY, status=200, error=body)
        findings = await channel.check()
        await channel.close()
    assert findings[0].text == "the token is good: bot 7"
