"""What is planted in a full run is found where the design says, and nowhere else.

Somebody on Telegram with a name and a chat that can be told apart types a telephone number, an address and a
record number; then everything that the program wrote is read byte by byte.
"""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from flows.i18n.say import Sentence, say
from storage.database import audit
from storage.database.backup import backup
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.emulators.telegram import state as telegram_state
from tests.support.log_lines import logging_as_before
from tests.support.planted_words import columns_with, files_under, words_of
from tests.support.platforms import telegram
from tests.support.platforms.drivers import COMMITTED_AT
from tests.support.platforms.telegram import TelegramDriver, telegram_driver

CHAT = 7_351_902_846
NAMES = ("Wanda", "Kowalczyk-Planted", "wanda_planted")
PHONE, MAIL, RECORD = "+44 20 7946 0958", "wanda@planted.example", "MRN 83-551-2207"
HARM = f"Since I started Revlimid Mr Planted has a rash, ring {PHONE} or {MAIL}, {RECORD}"
STATEMENT = f"I will ring Mr Planted on {PHONE} or {MAIL}, {RECORD}, before each cycle"
TYPED = (PHONE, MAIL, "83-551-2207")
WHO = (str(CHAT), *NAMES)

KEPT_IN = {
    "answer.raw",
    "answer.value",
    "answer.shown_text",
    "commitment.statement",
    "conversation.state",
    "implementation.details",
    "inbox.payload",
    "outbox.payload",
    "remark.raw",
    "remark.shown_text",
    "safety_case.details",
}
"""Where words that somebody typed may stand in the database, until their time is over."""


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person of the emulated Telegram has a name and a long number."""
    monkeypatch.setattr(telegram, "PERSON", CHAT)
    for payload in ("user_payload", "chat_payload"):
        plain = getattr(telegram_state.TelegramState, payload)
        monkeypatch.setattr(telegram_state.TelegramState, payload, _with_names(plain))


def _with_names(plain: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The payload of a user or a chat, with the person's names in it."""

    def payload(state: telegram_state.TelegramState, person: telegram_state.Person) -> dict[str, Any]:
        first, last, name = NAMES
        return {**plain(state, person), "first_name": first, "last_name": last, "username": name}

    return payload


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """All that is logged, in a file, at the most talkative level."""
    file = tmp_path / "said.log"
    with logging_as_before():
        logs.configure("debug", file)
        yield file


async def lived(driver: TelegramDriver) -> None:
    """A commitment with identifiers in it, the thirty-day wave with its quotation, an answer to it."""
    await driver.commit([{"statement": STATEMENT, "level": 4, "foreseen_barriers": ["time"]}])
    await driver.house.pass_time(COMMITTED_AT + timedelta(days=32))
    assert any(STATEMENT in seen.text for seen in driver.look())
    await driver.tap("Partly", "")
    await driver.type(f"it is {PHONE} now")


async def lived_on(driver: TelegramDriver) -> None:
    """Then a harm with identifiers in it and the questions for its report, a call for a human being, one's own data
    as a file, a code to link another account, and the next wave.
    """
    await lived(driver)
    for words in (HARM, "skip", "skip", f"yes, on {PHONE}", "human", "my data", "link"):
        await driver.type(words)
    home = driver.house
    assert home.count("SELECT count(*) FROM safety_case") == 1
    assert home.count("SELECT count(*) FROM person_request") >= 1
    assert home.count("SELECT count(*) FROM outbox WHERE kind = 'document'") == 1
    await home.pass_time(COMMITTED_AT + timedelta(days=70))


async def test_planted_names_and_numbers_stay_where_the_design_says(
    tmp_path: Path, named: None, log: Path
) -> None:
    """
    Who they are: in no byte of the database, its write-ahead log, backups, exports or logs.

    What they typed: in the database's columns for words, and in no log and no export but a raw one.
    """
    out = tmp_path / "out"
    async with telegram_driver(tmp_path, COMMITTED_AT) as driver:
        await lived_on(driver)
        database = driver.house.database
        assert driver.house.put_aside() == []
        backup(database.path, tmp_path / "backup.sqlite")
        for form in ExportFormat:
            with database.reading() as connection:
                export(connection, ExportDestination(out / form, form), ExportSelection())
        with database.reading() as connection:
            export(connection, ExportDestination(out / "raw", ExportFormat.CSV), ExportSelection(), raw=True)
        assert database.read_now(audit.verify).broken is None
        files = files_under(tmp_path)
        assert {path.suffix for path in files} >= {
            ".sqlite",
            ".sqlite-wal",
            ".log",
            ".csv",
            ".xlsx",
            ".jsonl",
        }
        for path in files:
            for planted in WHO:
                assert planted.encode() not in path.read_bytes(), f"{planted} in {path.name}"
        for path in (*(out / ExportFormat.CSV).iterdir(), *(out / ExportFormat.XLSX).iterdir()):
            shown = words_of(path)
            for planted in (*WHO, *TYPED):
                assert planted not in shown, f"{planted} in {path.name}"
        for planted in TYPED:
            assert planted not in words_of(log)
            for path in (database.path, tmp_path / "backup.sqlite"):
                assert columns_with(path, planted) <= KEPT_IN
        raw = [json.loads(line) for line in (out / "raw" / "answers.jsonl").read_text("utf-8").splitlines()]
        assert STATEMENT in {answer["raw"] for answer in raw}
        lines = (out / "raw" / "remarks.jsonl").read_text("utf-8").splitlines()
        assert f"it is {PHONE} now" in {json.loads(line)["raw"] for line in lines}


async def test_the_person_is_asked_once_and_kindly(tmp_path: Path, named: None) -> None:
    """At the first identifier of a conversation the person is asked not to send any, before the next question; once."""
    async with telegram_driver(tmp_path, COMMITTED_AT) as driver:
        await lived(driver)
        kindly = say(Sentence.IDENTIFIERS, "en")
        texts = [
            (json.loads(payload)["text"], conversation, ask)
            for payload, conversation, ask in driver.house.rows(
                "SELECT payload, conversation_id, ask FROM outbox ORDER BY id"
            )
        ]
        asked = [place for place, (text, _, _) in enumerate(texts) if text == kindly]
        conversations = [texts[place][1] for place in asked]
        assert conversations == sorted(set(conversations))
        assert conversations
        assert all(texts[place + 1][2] is not None for place in asked)
        flags = driver.house.rows("SELECT details FROM audit_event WHERE kind = 'flag'")
        assert all(json.loads(row[0])["what"] == "identifiers" for row in flags)
        answers = driver.house.count("SELECT count(*) FROM answer WHERE identifiers")
        remarks = driver.house.count("SELECT count(*) FROM remark WHERE identifiers")
        assert answers + remarks >= len(asked)


async def test_after_its_time_nothing_of_it_is_left(tmp_path: Path, named: None) -> None:
    """Once the retention is over and no case is open, neither the words nor the account are in any column; the audit
    trail still holds.
    """
    async with telegram_driver(tmp_path, COMMITTED_AT) as driver:
        await lived_on(driver)
        settled = "UPDATE safety_case SET status = 'not_an_event'"
        driver.house.database.write_now(lambda c: c.exec_driver_sql(settled))
        await driver.house.pass_time(COMMITTED_AT + timedelta(days=1_200))
        path = driver.house.database.path
        for planted in (*TYPED, *WHO):
            assert columns_with(path, planted) == set()
        assert driver.house.database.read_now(audit.verify).broken is None
