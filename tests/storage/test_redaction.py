"""Words that leave stand as they may be shown; the words themselves are kept, and a flag says what was changed."""

import csv
import hashlib
import json
from itertools import product
from pathlib import Path

import pytest

from flows.engine.effects import PromptKind
from flows.script.model import Flow
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from storage.redaction import (
    _MAY_BE_WORTH_IT,
    _PLAIN_WORDS,
    RULES,
    has_identifiers,
    redacted,
    redacted_value,
)
from tests.support.export_rows import NOW, Rows, conversation, person_and_program

MAIL = "ann.kowalski@example.org"
PHONE = "+44 20 7946 0958"
CALL_ME = f"Write to {MAIL} or call {PHONE}, it is cheap"
SHOWN = "Write to [email] or call [phone], it is cheap"
FLOW = {
    "flow": "talk",
    "title": "T",
    "language": "en",
    "audience": ["hcp"],
    "steps": [
        {"key": "a1", "kind": "text", "text": "What?"},
        {"key": "a2", "kind": "date", "text": "When?"},
    ],
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CALL_ME, True),
        (f"my mail is {MAIL}", True),
        (PHONE, True),
        ("see https://example.org/ann", True),
        ("I will ask every patient. Then I write it down", False),
        ("3 of 5 patients", False),
        ("", False),
    ],
)
def test_what_is_found(text: str, found: bool):
    """Addresses and numbers of people are; counts and full stops are not."""
    assert has_identifiers(text) is found
    assert (redacted(text) != text) is found


RULED: tuple[str, ...] = (
    CALL_ME,
    "my file number is 123 456 7890, hospital no. H-20391",
    "born on 31.10.1974, DE89 3704 0044 0532 0130 00",
    "card 4111 1111 1111 1111, from 192.168.4.21",
    "Dr Brown and Frau Müller said so, and la Dra. García too; رأيت الدكتورة ليلى",
    "see https://example.org/ann, www.example.org or @ann_k",
    "ring 020 7946 0958, or 555 0100; 12.5 mg, 3/4 of 120 to 140, on 03/04/2026",
)
RULED_BY_1 = "d83972f5dfb369b7d9499cb26fb2c3c68bb800847a9fe3dc9af25fc6c915f4d4"
"""SHA-256 of what comes of these texts by the rules of version 1."""


def test_a_change_of_the_rules_raises_their_version():
    """Where other forms come of the same texts, kept ones must be made anew: raise `RULES` and put the new sum."""
    found = "\n".join(redacted(text, lambda: ("GB",)) for text in RULED)
    assert (RULES, hashlib.sha256(found.encode()).hexdigest()) == (1, RULED_BY_1)


def test_plain_words_are_never_worth_a_look():
    """The quick test for them agrees with the thorough one, whatever stands beside what."""
    plain = worth_it = 0
    for text in map("".join, product("aIMRmr .'@1", repeat=5)):
        is_worth_it = _MAY_BE_WORTH_IT.search(text) is not None
        is_plain = _PLAIN_WORDS.fullmatch(text) is not None
        assert not (is_plain and is_worth_it), text
        plain, worth_it = plain + is_plain, worth_it + is_worth_it
    assert plain
    assert worth_it


def test_values_are_changed_in_their_texts_only():
    """Lists and records keep their form; numbers, codes and names of fields stay."""
    value = {"helped": CALL_ME, "codes": ["time", MAIL], "n": 3, "none": None}
    assert redacted_value(value) == {"helped": SHOWN, "codes": ["time", "[email]"], "n": 3, "none": None}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two exports of one conversation, in folders: redacted, and with the raw words."""
    flow = Flow.model_validate(FLOW)
    with Database.open(tmp_path / "said.sqlite", identity=AddressKeys(bytes(32))) as database:

        def fill(connection: object) -> None:
            rows = Rows(connection)
            person_and_program(rows)
            source = flow.model_dump_json(by_alias=True)
            rows.add("flowversion", hash=flow.hash, flow="talk", source=source, first_used_at=NOW)
            conversation(rows, flow, NOW)
            rows.answer(1, "a1", PromptKind.TEXT, CALL_ME, CALL_ME)
            rows.answer(1, "a2", PromptKind.DATE, "1990-03-02", "2 March")
            rows.add(
                "commitment",
                participant_id=1,
                program_id=1,
                conversation_id=1,
                slot="c",
                statement=CALL_ME,
                if_then=f"If {PHONE} rings",
                foreseen_barriers=["time"],
                made_at=NOW,
            )

        database.write_now(fill)
        for name, raw in (("shown", False), ("raw", True)):
            with database.reading() as connection:
                destination = ExportDestination(tmp_path / name, ExportFormat.CSV)
                export(connection, destination, ExportSelection(), raw=raw)
        kept = database.read_now(lambda c: c.exec_driver_sql("SELECT raw FROM answer").scalars().all())
        assert CALL_ME in kept
    return tmp_path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_is_redacted_and_says_so(files: Path):
    """Raw words, values and statements; a date that was asked for is a value and stays."""
    long = table(files / "shown" / "answers_long.csv")
    assert [(row["value"], row["raw"], row["redacted"]) for row in long] == [
        (SHOWN, SHOWN, "1"),
        ("1990-03-02", "2 March", "0"),
    ]
    [wide] = table(files / "shown" / "wide_talk.csv")
    assert (wide["a1"], wide["a2"], wide["redacted"]) == (SHOWN, "1990-03-02", "1")
    [commitment] = table(files / "shown" / "commitments.csv")
    assert (commitment["statement"], commitment["if_then"]) == (SHOWN, "If [phone] rings")
    assert commitment["redacted"] == "1"


def test_json_lines_are_redacted_unless_raw_is_asked_for(files: Path):
    """With `raw` the bytes are as they came, in the JSON Lines alone: the tables stay redacted."""
    shown, raw = (
        [json.loads(line) for line in (files / name / "answers.jsonl").read_text("utf-8").splitlines()]
        for name in ("shown", "raw")
    )
    assert (shown[0]["raw"], shown[0]["value"], shown[0]["redacted"]) == (SHOWN, SHOWN, True)
    assert (raw[0]["raw"], raw[0]["value"], raw[0]["redacted"]) == (CALL_ME, CALL_ME, False)
    for name in ("answers_long.csv", "wide_talk.csv", "commitments.csv"):
        assert MAIL not in (files / "raw" / name).read_text("utf-8")
