"""What commands write to standard error where no screen shows it: what they mean to say, and no empty line."""

import json
from pathlib import Path

import pytest
from typer.main import get_group

from bot.cli.common import print_json, print_table, say
from bot.cli.root import app
from flows.program.loader import program_paths
from tests.support.commands import FORGED, leaves
from tests.support.said import COMMITMENT, Said

CHECKED = {
    ("run", "--role", "hcp"): "",
    ("check",): "No problems.\n",
    ("doctor",): "",
    ("participants",): "1 of 1\n",
    ("stuck",): "0 of 0\n",
    ("participant", "set", "CODE", "--timezone", "Europe/Vienna"): "",
    ("why", "CODE"): "",
    ("export", "--to", "out"): "",
    ("export", "--to", "cut", "--for", "supporters"): "",
    ("export", "--to", "quotes", "--quotes-only"): "",
    ("report", "myeloma", "--to", "report"): "",
    ("purge", "--dry-run"): "0 rows would go.\n",
    ("purge",): "0 rows went.\n",
    ("simulate", "myeloma", "--database", "rehearsal.sqlite", "--patients", "1", "--months", "0.1"): "",
    ("translate", "report"): "",
    ("program", "list"): "",
    ("invitation", "list"): "1 of 1\n",
    ("program", "pause", "myeloma"): "",
    ("program", "resume", "myeloma"): "",
    ("program", "figures", "myeloma"): "",
    ("program", "response", "myeloma"): "",
    ("program", "loop", "myeloma"): "",
    ("program", "accreditation", "myeloma"): "",
    ("program", "cuts", "myeloma"): "",
    ("review", "list"): "",
    ("quote", "list"): "",
    ("coordinator", "list"): "",
    ("coordinator", "enrol", "CORA"): "Good once, for seven days. Keep it now: it is not shown again.\n",
    ("coordinator", "roles", "CORA"): "",
    ("coordinator", "remove", "CORA"): "",
    ("safety", "samples"): "",
    ("safety", "reconcile"): "",
    ("audit", "verify"): "",
    ("db", "backup", "copy.sqlite"): "",
    ("db", "check"): "The database is whole.\n",
    ("db", "migrate"): "",
    ("identity", "rotate", "--new-key-file", "new.key", "--dry-run"): "",
    ("identity", "rotate", "--new-key-file", "new.key"): "",
}
"""Commands in a database with one participant, in this order, and what each writes to standard error."""
UNCHECKED = {
    "invite": "it says what is missing in the settings",
    "translate extract": "it writes into the folder of the program's file",
    "translate update": "so does this",
    "program load": "it is run before all others",
    **dict.fromkeys(("program close", "program archive"), "they end what the others need"),
    "program diff": "it needs a file",
    **dict.fromkeys((f"invitation {act}" for act in ("revoke", "extend", "replace")), "it needs a link"),
    **dict.fromkeys(("invitation roster", "invitation mail"), "it needs a roster"),
    "review answer": "it needs a review",
    "coordinator console": "it needs a console in the settings",
    "coordinator reset-step": "it needs a second step",
    "identity adopt": "a test of keys does",
    "db restore": "it needs a backup",
    **dict.fromkeys(("quote release", "quote withdraw"), "it needs words that may be quoted"),
    **dict.fromkeys((f"participant {act}" for act in ("move", "erase", "resend")), "it needs a coordinator"),
    "safety list": "it warns that nobody hears alerts",
    **dict.fromkeys(
        (f"safety {act}" for act in ("show", "review", "sent", "acknowledged", "not-event", "clear")),
        "it needs a case",
    ),
    **dict.fromkeys((f"safety {act}" for act in ("flag", "sample", "looked")), "it needs an answer"),
    **dict.fromkeys((f"codebook {act}" for act in ("load", "list", "show")), "it needs a codebook"),
    **dict.fromkeys((f"link {act}" for act in ("add", "list", "remove")), "it needs a codebook"),
    **dict.fromkeys(
        (f"code {act}" for act in ("show", "add", "list", "settle", "agreement", "people", "saturation")),
        "it needs a codebook",
    ),
    **dict.fromkeys(
        (f"read {act}" for act in ("list", "show", "mark")), "it needs a text that nobody has read"
    ),
    **dict.fromkeys((f"read {act}" for act in ("uncertain", "fix")), "it needs an answer read with doubt"),
}
"""The other commands, and why they are not run here."""
CLI = Path(__file__).parents[3] / "bot" / "cli"


def test_no_command_writes_an_empty_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where no screen shows it, a command that succeeds says on standard error what it means to, and no more."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAID_KEY", raising=False)
    said = Said(capsys, monkeypatch)
    assert said("program", "load", program_paths()[0]).err == ""
    code = ""
    for words, expected in CHECKED.items():
        lines = COMMITMENT if words[0] == "run" else ()
        result = said(*(code if word == "CODE" else word for word in words), lines=lines)
        assert (words, result.code, result.err) == (words, 0, expected)
        if words[0] == "run":
            [one] = json.loads(said("participants", "--json").out)["participants"]
            code = one["code"]


def test_what_people_wrote_makes_no_line_and_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    """In a line, in a table and in JSON: each row is one line, and what drives a terminal can be read."""
    say(f"said: {FORGED}")
    print_table(("who", "said"), [("P-1", FORGED), ("P-2", "fine")])
    print_json({"said": FORGED})
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x9b\u202e\r")
    lines = out.splitlines()
    assert [line.partition(" ")[0] for line in lines[:4]] == ["said:", "who", "P-1", "P-2"]
    assert "hello ↵ P-9 yes \\x1b[31m" in lines[2]
    assert json.loads("\n".join(lines[4:])) == {"said": FORGED}


def test_every_command_is_looked_at() -> None:
    """A new command is run above, or it is said why not."""
    run = {" ".join(words) for words in CHECKED}
    for name in leaves(get_group(app)):
        looked_at = any(f"{one} ".startswith(f"{name} ") for one in run)
        assert looked_at != (name in UNCHECKED), name


def test_progress_is_shown_in_one_way() -> None:
    """Every command shows progress by the one function that knows where no screen is."""
    own = [path.name for path in CLI.rglob("*.py") if "Progress(" in path.read_text(encoding="utf-8")]
    assert own == ["common.py"]
