"""Logs: JSON lines without words, addresses or tokens."""

import ast
import json
import logging
from pathlib import Path

import pytest
import structlog

from bot import logs
from tests.support.log_lines import logged_lines

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception"}
TOKEN = "123456789:AAFakeTokenFakeTokenFakeTokenFake01"


@pytest.fixture
def written():
    """Sets logging up on a buffer and gives back what stood before."""
    with logged_lines("debug") as lines:
        yield lines


def test_a_line_is_json_with_a_time(written):
    """An event is one JSON object with its time in UTC and its fields."""
    structlog.get_logger("bot.turns.runtime").info("turns committed", count=3, channel="telegram")
    [line] = written()
    assert (line["event"], line["count"], line["channel"], line["level"]) == (
        "turns committed",
        3,
        "telegram",
        "info",
    )
    assert line["timestamp"].endswith("Z")


def test_fields_that_are_not_allowed_are_dropped(written):
    """Words under any name that is not on the list never reach the log; that something was dropped does."""
    structlog.get_logger("x").info("received", text="I feel low", address="telegram:42", kind="text")
    [line] = written()
    assert line["kind"] == "text"
    assert line["dropped"] == "address, text"
    assert "low" not in json.dumps(line)
    assert "42" not in json.dumps({k: v for k, v in line.items() if k != "timestamp"})


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        "xoxb-1-2-abc",
        "xapp-1-A-b",
        "telegram:4242",
        "slack:T1:U9",
        "web:0123456789abcdef0123456789abcdef",
    ],
)
def test_secrets_in_values_are_removed(secret, written):
    """A token or an address inside an allowed value is replaced."""
    structlog.get_logger("x").warning("refused", reason=f"because {secret} was wrong")
    [line] = written()
    assert line["reason"].startswith("because ")
    assert secret not in line["reason"]
    assert TOKEN not in json.dumps(line)


def test_an_error_is_logged_by_kind_and_place(written):
    """An exception's text may quote somebody: only its kind and where it was raised are logged."""
    try:
        int("I take 40 mg of X")
    except ValueError:
        structlog.get_logger("x").exception("turn put aside", inbox=7)
        logging.getLogger("y").exception("library failed")
    first, second = written()
    assert (first["error"], first["inbox"]) == ("ValueError", 7)
    assert first["where"].startswith("test_logs.py:")
    assert second["error"] == "ValueError"
    assert "40 mg" not in json.dumps([first, second])


@pytest.mark.parametrize("name", logs.NOISY)
def test_libraries_that_print_urls_are_quiet(name, written):
    """httpx and its like say nothing below WARNING, and then without the token."""
    logging.getLogger(name).info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger(name).warning("failed https://api.telegram.org/bot%s/getMe", TOKEN)
    [line] = written()
    assert line["level"] == "warning"
    assert TOKEN not in json.dumps(line)


@pytest.mark.parametrize("name", logs.SILENT)
def test_a_library_whose_runs_tell_of_themselves_says_nothing(name, written):
    """Not of a run that was cut off either, at the end of the bot."""
    logging.getLogger(f"{name}.default").error("Error running job", exc_info=ValueError())
    assert written() == []


def test_every_field_that_is_logged_is_allowed():
    """No call in the program logs under a name that would be dropped."""
    unknown = {}
    for file in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if (
                node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and "log" in node.func.value.id
            ):
                names = {keyword.arg for keyword in node.keywords} - logs.ALLOWED - {"exc_info"}
                if names:
                    unknown[f"{file.name}:{node.lineno}"] = names
    assert unknown == {}


def test_to_a_file(tmp_path, written):
    """With a file set, the lines go there; its folder is made."""
    logs.configure("info", tmp_path / "logs" / "said.log")
    logging.getLogger("x").info("started")
    assert json.loads((tmp_path / "logs" / "said.log").read_text(encoding="utf-8"))["event"] == "started"
