"""What outsiders and authors wrote drives no terminal, wherever it stands and whichever command shows it."""

import json
import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_group

from bot.cli.root import app
from storage.database.migrate import prepare
from tests.support.commands import FORGED, leaves
from tests.support.earlier_database import TEST_KEY, make
from tests.support.said import Result, Said

PLANTED = f"{FORGED}\x00\x07\x7f\x85\u2028\u2067 end"
"""Controls of C0 and C1, marks that turn the direction, and breaks of a line."""
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
BOOK = """
codebook: myeloma
version: "1"
codes:
  - {code: body, label: Symptoms, include: [numb*], definition: What the body says}
"""
ROWS = """
INSERT INTO quotation (answer_id, text, theme, released_by, released_at)
    SELECT id, 'They never asked me', 'body', 1, '2026-09-01' FROM answer WHERE raw != '' LIMIT 3;
INSERT INTO remark (conversation_id, number, slot, raw, shown_text, language, channel, said_at, personal,
        identifiers, unheard, redaction_rules)
    SELECT id, 1, 'words', 'And one more thing', 'Anything else?', 'en', channel, '2026-09-01', 0, 0, 0, 0
    FROM conversation LIMIT 20;
INSERT INTO coding_settlement (excerpt_id, codes, reason, codebook_id, settled_by, settled_at)
    SELECT id, '["body"]', 'We talked about it', 1, 1, '2026-09-01' FROM excerpt;
INSERT INTO theme_link (program_id, from_kind, from_code, to_kind, to_code, reason, made_by, made_at)
    SELECT 1, 'theme', theme.code, 'objective', objective.code, 'They told us so', 1, '2026-09-01'
    FROM theme, objective LIMIT 3;
UPDATE safety_case SET reason = 'It was said before' WHERE id < 5;
UPDATE invitation SET source = 'A patient group';
UPDATE inbox SET error = 'ValueError at some place' WHERE id % 50 = 0;
UPDATE timer SET reason = 'failed: ValueError at some place' WHERE done_at IS NOT NULL AND id % 20 = 0;
"""
"""What the earlier database has nothing of."""
OURS = {
    *("alembic_version.version_num", "answer.item", "answer.kind", "answer.question_key", "answer.redaction"),
    *("answer.slot", "audit_event.details", "barrier.code", "chore.name", "coordinator.code"),
    *(
        "commitment.objective",
        "commitment.slot",
        "commitment.suggestion",
        "commitment.theme",
        "commitment.type",
    ),
    *(
        "consent.flow",
        "consent.source_hash",
        "consent.text_hash",
        "conversation.flow",
        "conversation.flow_hash",
    ),
    *("flowversion.flow", "flowversion.hash", "invitation.flow", "kept_key.name", "objective.code"),
    *("objective.theme", "outbox.line", "paid_month.channel", "paid_month.month", "participant.code"),
    *(
        "program.hash",
        "program.slug",
        "quotation.theme",
        "remark.redaction",
        "remark.slot",
        "remark.taken_as",
    ),
    *(
        "review_decision.slot",
        "text_signal.version",
        "theme.code",
        "theme_link.from_code",
        "theme_link.to_code",
    ),
    *("timer.flow", "timer.subject", "activity.slug", "codebook.version", "address.workspace"),
}
"""Columns of keys, codes and hashes: of a kind that a file's check, or this program, lets nothing else into."""
OF_MACHINES = {"channel", "language", "detected_language"}
CONDITIONS = {"when", "unless", "until", "options_when"}
"""Keys of a script that hold conditions."""
BOUNDED = {"short"}
"""Keys of texts that are short."""
SHOWN: dict[tuple[str, ...], tuple[str, ...]] = {
    ("doctor",): (),
    ("participants",): (),
    ("participants", "--program", "myeloma", "--limit", "100"): (),
    ("why", "PERSON"): (),
    ("purge", "--dry-run"): (),
    ("program", "list"): (),
    ("program", "figures", "myeloma"): (),
    ("program", "response", "myeloma"): (),
    ("program", "loop", "myeloma"): (),
    ("program", "accreditation", "myeloma"): (),
    ("review", "list"): (),
    ("quote", "list"): (),
    ("quote", "release", "ANSWER", "--by", "TEAM-1"): ("", ""),
    ("codebook", "list"): (),
    ("codebook", "show", "myeloma"): (),
    ("code", "list", "--by", "TEAM-1"): (),
    ("code", "list", "--by", "TEAM-2", "--waiting"): (),
    ("code", "show", "ANSWER", "--by", "TEAM-1"): (),
    ("code", "agreement"): (),
    ("code", "people"): (),
    ("code", "saturation"): (),
    ("code", "--by", "TEAM-1"): ("", "?", "q"),
    ("link", "list"): (),
    ("coordinator", "list"): (),
    ("safety", "list", "--all"): (),
    ("safety", "show", "4", "--by", "TEAM-1"): (),
    ("safety", "show", "5", "--by", "TEAM-1"): (),
    ("safety", "samples"): (),
    ("safety", "sample", "--by", "TEAM-1", "--share", "100", "--again"): (),
    ("safety", "reconcile"): (),
    ("read", "list"): (),
    ("read", "show", "a590", "a611", "--by", "TEAM-1"): (),
    ("read", "--by", "TEAM-1"): ("", "?", "q"),
    ("read", "uncertain"): (),
    ("audit", "verify"): (),
    ("db", "check"): (),
    ("translate", "report"): (),
    ("stuck",): (),
    ("check", "FILE"): (),
    ("program", "load", "FILE"): (),
    ("codebook", "load", "FILE", "--by", "TEAM-1"): (),
    ("export", "--to", "out"): (),
    ("report", "myeloma", "--to", "report"): (),
    ("program", "cuts", "myeloma"): (),
    ("program", "diff", "FILE"): (),
    ("invitation", "list"): (),
}
"""Commands that show what was written, and what is typed at them."""
SILENT = {
    *(
        "run",
        "invite",
        "participant set",
        "participant move",
        "participant erase",
        "participant resend",
        "simulate",
        "translate extract",
        "translate update",
        "program pause",
        "program close",
        "program archive",
        "coordinator roles",
        "coordinator console",
        "invitation revoke",
        "invitation extend",
        "invitation replace",
        "invitation roster",
        "invitation mail",
    ),
    *("program resume", "review answer", "quote withdraw", "purge", "code add", "code settle", "link add"),
    *(
        "link remove",
        "coordinator enrol",
        "coordinator remove",
        "identity adopt",
        "identity rotate",
        "db backup",
    ),
    *("coordinator reset-step", "read fix"),
    *("db restore", "db migrate", "read mark", "safety flag", "safety looked", "purge"),
    *(f"safety {act}" for act in ("review", "sent", "acknowledged", "not-event", "clear")),
}
"""Commands that show numbers and codes, or what was just typed; `say` writes them (test_common)."""
HOSTILE = f"""
flow: hostile
title: {json.dumps(PLANTED)}
language: en
audience: [hcp]
{json.dumps("no" + PLANTED)}: 1
steps:
  - {{key: {json.dumps(PLANTED)}, kind: text, text: {json.dumps("Hello {" + PLANTED + "}")}}}
  - {{key: q, kind: select_one, text: Which?, when: {json.dumps("x" + PLANTED)}, choices: {json.dumps(PLANTED)}}}
  - {{key: bye, kind: {json.dumps(PLANTED)}, text: Goodbye.}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of an earlier program, in which everything is hostile, and a hostile script."""
    folder = tmp_path_factory.mktemp("hostile")
    path = make(folder / "said.sqlite")
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        content = {"codebook": "myeloma", "version": "1", "codes": [{"code": "body", "label": "Sore feet"}]}
        connection.execute(
            "INSERT INTO codebook VALUES (1, 1, '1', ?, 1, '2026-09-01 00:00:00')", (json.dumps(content),)
        )
        connection.executescript(ROWS)
        assert len(planted(connection)) > 40
        connection.commit()
    (folder / f"evil\x1b[31m\u202e{'x'}.yaml").write_text(HOSTILE, encoding="utf-8")
    return folder


def planted(connection: sqlite3.Connection) -> set[str]:
    """Plant the words in every column of texts that an outsider or an author may fill; return those columns."""
    connection.create_function("hostile", 1, hostile)
    found = set()
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
            if kind not in ("VARCHAR", "JSON") or f"{table}.{name}" in OURS or name in OF_MACHINES:
                continue
            done = connection.execute(f"UPDATE {table} SET {name} = hostile({name}) WHERE {name} != ''")
            found |= {f"{table}.{name}"} if done.rowcount else set()
    return found


def hostile(value: Any) -> Any:
    """Return a text with the planted words behind it; in JSON, those texts that are words and no keys or conditions."""
    try:
        document = json.loads(value)
    except ValueError:
        return f"{value} {PLANTED}"
    return json.dumps(walked(document)) if isinstance(document, str | list | dict) else value


def walked(document: Any, key: str = "") -> Any:
    if isinstance(document, dict):
        return {name: walked(one, name) for name, one in document.items()}
    if isinstance(document, list):
        return [walked(one, key) for one in document]
    if not isinstance(document, str) or " " not in document or key in CONDITIONS:
        return document
    return f"{document[:20]}\x1b[1m\u202e" if key in BOUNDED else f"{document} {PLANTED}"


@pytest.fixture
def said(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    monkeypatch.chdir(place)
    monkeypatch.setenv("SAID_KEY", b64encode(TEST_KEY).decode())
    monkeypatch.setenv("SAID_DATABASE", str(place / "said.sqlite"))
    return Said(capsys, monkeypatch)


def arguments(words: tuple[str, ...], place: Path) -> Iterator[tuple[str, ...]]:
    """Yield what a command is called with, for each of what a word in capitals stands for."""
    queries = {
        "PERSON": "SELECT code FROM participant ORDER BY id LIMIT 6",
        "ANSWER": "SELECT 'a' || id FROM answer WHERE raw LIKE '% %' ORDER BY id LIMIT 2",
    }
    for word in words:
        if word == "FILE":
            [file] = place.glob("evil*")
            yield tuple(file.name if one == word else one for one in words)
            return
        if word in queries:
            with closing(sqlite3.connect(place / "said.sqlite")) as connection:
                found = [row[0] for row in connection.execute(queries[word])]
            yield from (tuple(number if one == word else one for one in words) for number in found)
            return
    yield words


@pytest.mark.parametrize("as_json", [False, True], ids=["shown", "json"])
@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_nothing_that_was_written_reaches_the_terminal_raw(
    said: Said, place: Path, words: tuple[str, ...], as_json: bool
) -> None:
    """No control character, no mark that turns the direction, no break that makes a line look like another."""
    for called in arguments(words, place):
        result = said(*called, *(["--json"] if as_json else []), lines=SHOWN[words])
        assert clean(result), called


def clean(result: Result) -> bool:
    """Whether nothing raw was written; where it was, what stands around it is shown."""
    for text in (result.out, result.err):
        found = RAW.search(text)
        assert found is None, ascii(text[max(0, found.start() - 80) : found.end() + 80])
        assert "\nP-9 yes" not in text
    return True


@pytest.mark.parametrize("words", [one for one in SHOWN if one[0] in ("quote", "link") and one[-1] == "list"])
def test_planted_words_are_shown(said: Said, words: tuple[str, ...]) -> None:
    """They stand in what was looked at above: as escapes."""
    assert "P-9 yes \\x1b[31m \\x9b2J \\u202e" in said(*words).out


def test_every_command_is_here_or_shows_nothing() -> None:
    """A new command that shows what was written is called above."""
    here = {name for name in leaves(get_group(app)) for words in SHOWN if " ".join(words).startswith(name)}
    assert set(leaves(get_group(app))) - here - SILENT == set()
