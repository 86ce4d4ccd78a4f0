"""A database of an earlier program goes on: it is migrated, everybody in it comes to an end, and nothing is lost.

`tests/data/database_49bc841.sql` is what the program of commit 49bc841 left when it was stopped in the middle of
everything: every shipped flow with conversations open at every kind of question and at the engine's own, in seven
languages; waves due, sent and closed; safety cases, queued messages, words that nobody had answered. How it was
made is in `tests/data/make_database_49bc841/`.
"""

import asyncio
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bot.channels.base import InboundKind
from bot.schedule.redactions import BackgroundRedaction
from flows.script.loader import library
from storage.conversations.kept_redactions import WordsTable
from storage.database import audit, backup
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.support.earlier_database import (
    NOW,
    House,
    Rows,
    lost_by_going_on,
    lost_by_migrating,
    make,
    open_house,
    read,
)

SILENCE = timedelta(days=2)
"""So long nobody answers at first, so that what was due and what reminds comes by itself."""


@dataclass
class Story:
    """The database before, after it was migrated, and once everybody has come to an end."""

    before: Rows
    migrated: Rows
    after: Rows
    path: Path
    exported: Path
    """What was exported right after migrating, and at the end: in folders `first` and `last`, one for each format."""
    house: House
    came_by_itself: dict[str, int]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """All of it, once for these tests."""
    folder = tmp_path_factory.mktemp("before")
    path = make(folder / "said.sqlite")
    before = read(path)
    house = open_house(path)
    migrated = read(path)
    export_all(house, folder / "first")
    counted = asyncio.run(come_to_an_end(house))
    export_all(house, folder / "last")
    yield Story(before, migrated, read(path), path, folder, house, counted)
    house.database.close()


async def come_to_an_end(house: House) -> dict[str, int]:
    """Nobody answers for two days; then all do, whenever they are asked, until nothing is left to come.

    Returns:
        What had come by itself when the silence was over: contacts by what they were and what became of them.
    """
    await house.settle()
    await house.pass_time(SILENCE, answering=False)
    query = (
        "SELECT timer_kind || ' ' || action, count(*) FROM contact WHERE at > '2026-09-09 12:30' GROUP BY 1"
    )
    contacts = {str(name): int(number) for name, number in house.rows(query)}
    await house.team_settles_cases()
    await house.everybody_answers()
    await house.pass_time(answering=True)
    return contacts


def export_all(house: House, target: Path) -> None:
    for form in ExportFormat:
        with house.database.reading() as connection:
            export(connection, ExportDestination(target / form, form), ExportSelection(), raw=True)


def test_the_fixture_holds_everything_open(story: Story) -> None:
    """Every shipped flow is in it, and those that ask are open at each kind of question that they have."""
    conversations = story.before["conversation"].values()
    assert {one["flow"] for one in conversations} == set(library())
    waiting: dict[str, set[str]] = {}
    sent = story.before["outbox"].values()
    kinds = {(row["conversation_id"], row["ask"]): json.loads(row["payload"]).get("kind") for row in sent}
    for one in conversations:
        if one["status"] in ("open", "paused"):
            state = json.loads(one["state"])
            ask = state.get("aside", state["open"])
            slot = re.sub(r"\[.*", "", state["asks"][ask][0])
            kind = "probe" if slot.endswith("_more") else kinds[one["id"], ask]
            waiting.setdefault(slot if slot.startswith("@") else one["flow"], set()).add(kind)
    assert {
        "patient_interview": {"select_one", "consent", "text", "probe", "select_many", "scale", "confirm"},
        "hcp_commitment": {
            "consent",
            "select_one",
            "select_many",
            "text",
            "probe",
            "date",
            "scale",
            "confirm",
        },
        "hcp_follow_up": {"consent", "select_one", "number", "select_many", "text", "date", "confirm"},
        "patient_follow_up": {"consent", "select_one", "scale", "select_many", "text", "probe"},
        "content_review": {"consent", "select_one", "scale", "text", "probe", "select_many"},
        "best_practice": {"consent", "text", "select_many", "number", "probe", "confirm", "select_one"},
        "best_practice_cosign": {"consent", "select_one", "text"},
    }.items() <= waiting.items()
    assert {slot for slot in waiting if slot.startswith("@")} == {
        "@later", "@change", "@language", "@offer", "@care", "@upset", "@safety_what", "@safety_who",
    }  # fmt: skip
    assert {table for table, rows in story.before.items() if not rows} == set()


def test_migrating_loses_nothing(story: Story) -> None:
    """As many rows in each table as before, each value as it was, and nothing that cannot be."""
    assert lost_by_migrating(story.before, story.migrated) == []


def test_queued_messages_come_into_their_lanes(story: Story) -> None:
    """What waited goes on in the lane of its kind, on its address's channel; what was sent to the team stays theirs."""
    of_kind = {"team": "team", "edit": "edit"}
    channels = {key: row["channel"] for key, row in story.before["address"].items()}
    unsent = 0
    for row in story.migrated["outbox"].values():
        waits = row["status"] in ("queued", "sending")
        unsent += waits
        assert row["line"] == (channels[row["address_id"],] if waits else None)
        lane = "safety" if waits and row["kind"] == "help" else of_kind.get(row["kind"], "reply")
        assert row["lane"] == lane
    assert unsent
    assert {row["lane"] for row in story.migrated["outbox"].values()} >= {"reply", "team"}


def test_every_conversation_comes_to_its_end(story: Story) -> None:
    """Nobody is left with a question, no wave is open, nothing waits, and nothing went wrong on the way."""
    house = story.house
    assert house.rows("SELECT id, flow, status FROM conversation WHERE status != 'ended'") == []
    assert house.rows("SELECT id, status FROM follow_up WHERE status IN ('scheduled', 'sent')") == []
    later = "SELECT DISTINCT status FROM follow_up WHERE sent_at > '2026-09-10' ORDER BY status"
    assert house.rows(later) == [("answered",), ("no_response",)]
    waited = "SELECT DISTINCT round(julianday(closed_at) - julianday(sent_at)) FROM follow_up WHERE closed_at > sent_at"
    assert house.rows(f"{waited} AND status = 'no_response'") == [(14.0,)]
    assert house.rows("SELECT id, kind FROM timer WHERE done_at IS NULL") == []
    assert house.rows("SELECT id FROM timer WHERE reason LIKE 'failed%'") == []
    assert house.rows("SELECT id FROM inbox WHERE handled_at IS NULL") == []
    assert house.rows("SELECT external_id FROM inbox WHERE error IS NOT NULL") == [("broken/1",)]
    assert house.rows("SELECT id FROM outbox WHERE status IN ('queued', 'sending')") == []
    assert house.rows("SELECT id FROM safety_case WHERE status IN ('new', 'reviewing')") == []
    assert backup.check(story.path) == []
    verdict = house.database.read_now(audit.verify)
    assert verdict.broken is None


def test_what_was_due_came_by_itself(story: Story) -> None:
    """Waves, reminders and the hour that somebody chose come in the silence, and what follows on comes later."""
    for kind in ("wave sent", "wave_reminder sent", "interview_reminder sent", "resume sent"):
        assert story.came_by_itself.get(kind), kind
    began = story.after["conversation"].keys() - story.before["conversation"].keys()
    assert {story.after["conversation"][key]["flow"] for key in began} >= {
        "hcp_follow_up", "commitment_nudge", "what_we_changed", "patient_follow_up", "best_practice_answer",
    }  # fmt: skip
    assert story.house.count("SELECT count(*) FROM outbox WHERE possibly_duplicate") == 1


def test_going_on_loses_nothing(story: Story) -> None:
    """Every row that was there is there still, and each answer says what it said."""
    assert lost_by_going_on(story.migrated, story.after) == []
    assert len(story.after["answer"]) > len(story.before["answer"])


def test_who_left_is_left_alone(story: Story) -> None:
    """Whoever withdrew or took a consent back is not written to, and no conversation of theirs is begun."""
    left = {key for key, row in story.before["participant"].items() if row["status"] != "active"}
    assert left
    for table in ("conversation", "answer", "commitment"):
        rows = story.after[table].items()
        whose = story.after["conversation"]
        new = [row for key, row in rows if key not in story.before[table]]
        owners = [
            (row.get("participant_id") or whose[(row["conversation_id"],)]["participant_id"],) for row in new
        ]
        assert left.isdisjoint(owners)


@pytest.mark.parametrize("moment", ["first", "last"])
@pytest.mark.parametrize("form", list(ExportFormat))
def test_every_answer_is_exported(story: Story, form: ExportFormat, moment: str) -> None:
    """Right after migrating and at the end, in each format: every answer of before, with its value."""
    folder = story.exported / moment / form
    exported = {int(row["answer"]): row for row in tables_of(folder, form)["answers_long"]}
    objects = [json.loads(line) for line in (folder / "answers.jsonl").read_text("utf-8").splitlines()]
    raw = {one["answer"]: one for one in objects}
    expected = {key[0]: row for key, row in story.before["answer"].items() if not row["personal"]}
    assert expected.keys() <= exported.keys()
    assert exported.keys() == raw.keys()
    for number, row in expected.items():
        value = None if row["value"] is None else json.loads(row["value"])
        assert raw[number]["value"] == value
        assert raw[number]["raw"] == row["raw"]
        assert exported[number]["question_key"] == row["question_key"]
        assert exported[number]["status"] == row["status"]
        if not int(exported[number]["redacted"]):
            assert (exported[number]["value"] or "") == (cell(value) or "")


@pytest.mark.parametrize("form", list(ExportFormat))
def test_every_table_is_exported(story: Story, form: ExportFormat) -> None:
    """The same tables at the end as at first, none with fewer rows; each wave and case of before is among them."""
    first, last = (tables_of(story.exported / moment / form, form) for moment in ("first", "last"))
    assert first.keys() <= last.keys()
    assert [name for name, rows in first.items() if len(last[name]) < len(rows)] == []
    waves = last["commitments"]
    known = {(int(row["commitment"]), int(row["wave_days"])) for row in waves if row["wave_days"]}
    expected = {(row["commitment_id"], row["wave_days"]) for row in story.before["follow_up"].values()}
    assert expected <= known
    reported = {(row["commitment_id"], row["status"]) for row in story.before["implementation"].values()}
    assert reported <= {(int(row["commitment"]), row["implementation"]) for row in waves}


def cell(value: Any) -> Any:
    """A value as it stands in a table, as text."""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(int(value)) if isinstance(value, bool) else None if value is None else str(value)


@cache
def tables_of(folder: Path, form: ExportFormat) -> dict[str, list[dict[str, Any]]]:
    """The tables of an export; every cell is text, '' or None where there is nothing."""
    if form is ExportFormat.CSV:
        return {path.stem: _lines(path) for path in folder.glob("*.csv")}
    book = openpyxl.load_workbook(folder / "said-export.xlsx", read_only=True)
    found: dict[str, list[dict[str, Any]]] = {}
    for sheet in book:
        header, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(map(str, header), map(cell, row), strict=True)) for row in rows]
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        ("DELETE FROM answer WHERE id = 200", ["answer: {all} rows, then {fewer}", "answer (200,) is gone"]),
        ("UPDATE answer SET value = '\"other\"' WHERE id = 200", ["answer (200,): value was "]),
        ("UPDATE consent SET granted = 0 WHERE id = 7", ["consent (7,): granted was 1 and is 0"]),
    ],
)
def test_a_loss_would_be_noticed(story: Story, tmp_path: Path, change: str, noticed: list[str]) -> None:
    """The comparisons are not blind: an answer or a consent that is gone or changed is named."""
    tampered = read(make(tmp_path / "tampered.sqlite", change))
    number = len(story.before["answer"])
    beginnings = [one.format(all=number, fewer=number - 1) for one in noticed]
    for lost, wanted in (
        (lost_by_migrating(story.before, tampered), beginnings),
        (lost_by_going_on(story.before, tampered), beginnings[-1:]),
    ):
        assert len(lost) == len(wanted), lost
        assert all(one.startswith(beginning) for one, beginning in zip(lost, wanted, strict=True)), lost


def test_what_is_written_besides_is_kept_from_now_on(tmp_path: Path) -> None:
    """Whoever waits at a tap question and tells a story has it as a remark, which is exported and deleted with all."""
    house = open_house(make(tmp_path / "said.sqlite"))
    [(number, sealed)] = house.rows(
        "SELECT conversation.id, sealed FROM conversation JOIN address ON address.id = conversation.address_id"
        " JOIN outbox ON outbox.id = (SELECT max(id) FROM outbox AS asked"
        " WHERE asked.conversation_id = conversation.id AND asked.ask = json_extract(conversation.state, '$.open'))"
        " WHERE conversation.status = 'open' AND json_extract(payload, '$.kind') IN ('scale', 'select_one')"
        " AND json_extract(payload, '$.language') = 'en' AND json_extract(conversation.state, '$.aside') IS NULL"
        " ORDER BY conversation.id DESC LIMIT 1"
    )
    address, told = house.database.identity.open(sealed), "My daughter drives me there and back each time"

    async def happens() -> None:
        await house.takes(house.inbound(address, InboundKind.TEXT, text=told))
        assert house.rows("SELECT conversation_id, raw, unheard FROM remark") == [(number, told, 0)]
        export_all(house, tmp_path / "out")
        for text in ("delete my data", "yes"):
            await house.takes(house.inbound(address, InboundKind.TEXT, text=text))

    asyncio.run(happens())
    for form in ExportFormat:
        assert [row["raw"] for row in tables_of(tmp_path / "out" / form, form)["remarks"]] == [told]
    assert house.rows("SELECT count(*) FROM remark") == [(0,)]
    assert backup.check(tmp_path / "said.sqlite") == []
    house.database.close()


def test_words_of_before_are_redacted_in_the_background(tmp_path: Path) -> None:
    """Words from before there was any form of them leave the same once they have one: each file, byte for byte."""
    mail, phone, name = "write to ann@example.org", "ring 11 98765 4321 then", "Ask Frau Huberova"
    house = open_house(
        make(
            tmp_path / "said.sqlite",
            f"UPDATE \"commitment\" SET statement = '{mail}', if_then = '{name}' WHERE id % 2",
            f"UPDATE \"commitment\" SET coping = '{phone}' WHERE id % 3 = 0",
            f"UPDATE commitmentrevision SET statement = '{name}'",
            f"UPDATE implementation SET details = json_object('helped', '{mail}', 'met', json_array('{phone}'))",
            f"UPDATE answer SET raw = '{mail}' WHERE id % 5 = 0",
        )
    )
    files: list[dict[str, bytes]] = []
    for folder in (tmp_path / "first", tmp_path / "then"):
        with house.database.reading() as connection:
            export(connection, ExportDestination(folder, ExportFormat.CSV), ExportSelection())
        files.append({one.name: one.read_bytes() for one in folder.iterdir() if one.name != "manifest.json"})
        work = BackgroundRedaction(house.database)
        while asyncio.run(work.step(NOW)):
            pass
    assert files[0] == files[1]
    assert b"[email]" in files[1]["commitments.csv"]
    for table in WordsTable:
        assert house.rows(f'SELECT count(*) FROM "{table}" WHERE redaction_rules = 0') == [(0,)]
    house.database.close()


def test_links_and_codes_that_were_given_are_good(tmp_path: Path) -> None:
    """A link that was sent before the key was changed opens its flow, and a code that was just given joins two apps."""
    house = open_house(make(tmp_path / "said.sqlite"))
    [(message,)] = house.rows(
        "SELECT json_extract(payload, '$.text') FROM outbox WHERE payload LIKE '%link %' ORDER BY id DESC LIMIT 1"
    )
    code = str(message).split()[-1]

    async def happens() -> None:
        await house.takes(house.inbound("slack:newcomer", InboundKind.START, text="open-link"))
        await house.takes(house.inbound("slack:asks", InboundKind.TEXT, text=f"link {code}"))

    asyncio.run(happens())
    assert house.rows("SELECT flow, status FROM conversation ORDER BY id DESC LIMIT 1") == [
        ("hcp_commitment", "open")
    ]
    owners = house.rows(
        "SELECT participant_id, count(*) FROM address WHERE participant_id IS NOT NULL GROUP BY 1"
    )
    assert sum(number > 1 for _, number in owners) == 2
    house.database.close()
