"""`said invitation`: how links stand, and their end, extension and replacement, from a shell."""

import json

import pytest

from bot.cli import WRONG_USE
from flows.program.loader import program_paths
from tests.support.said import Said

INVITE = ("invite", "myeloma", "--role", "hcp", "--flow", "commitment", "--source", "Spring")


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    """With three links, the last of which has a label."""
    monkeypatch.chdir(tmp_path)
    made = Said(capsys, monkeypatch)
    assert made("program", "load", program_paths()[0]).code == 0
    assert made(*INVITE, "--count", "2").code == 0
    assert made(*INVITE[:-1], "Autumn", "--label", "Bed 7", "--expires", "30d").code == 0
    return made


def listed(said, *options: str) -> list[tuple[int, str]]:
    found = json.loads(said("invitation", "list", "--json", *options).out)["invitations"]
    return [(one["number"], one["state"]) for one in found]


def test_links_are_listed(said):
    """Filtered, sorted and in pages; no link and no label is there unless asked for, and that is audited."""
    assert listed(said) == [(3, "unused"), (2, "unused"), (1, "unused")]
    assert listed(said, "--source", "Spring", "--sort", "oldest") == [(1, "unused"), (2, "unused")]
    assert listed(said, "--limit", "1", "--page", "2") == [(2, "unused")]
    assert listed(said, "--state", "used") == listed(said, "--program", "other") == []
    assert "Bed 7" not in said("invitation", "list").out + said("invitation", "list", "--json").out
    assert "Bed 7" in said("invitation", "list", "--labels").out
    assert (
        json.loads(said("invitation", "list", "--labels", "--json").out)["invitations"][0]["label"] == "Bed 7"
    )
    tallies = json.loads(said("invitation", "list", "--by-source", "--json").out)
    assert [(one["source"], one["links"], one["unused"]) for one in tallies] == [
        ("Autumn", 1, 1),
        ("Spring", 2, 2),
    ]
    assert "Autumn" in said("invitation", "list", "--by-source").out
    assert said("audit", "verify").code == 0


def test_a_link_is_revoked_extended_and_replaced(said):
    """Each says how it is undone; what is refused changes nothing and ends with another code than success."""
    done = said("invitation", "revoke", "1", "2")
    assert (done.code, "said invitation extend 1 2" in done.err) == (0, True)
    assert listed(said, "--state", "revoked") == [(2, "revoked"), (1, "revoked")]
    refused = said("invitation", "revoke", "3", "1")
    assert (refused.code, "lets nobody in as it is" in refused.err) == (1, True)
    assert json.loads(said("invitation", "revoke", "3", "--json").out) == {"revoked": [3]}
    done = said("invitation", "extend", "1", "--expires", "10d")
    assert (done.code, "said invitation revoke 1" in done.err) == (0, True)
    assert json.loads(said("invitation", "extend", "3", "--json").out) == {
        "extended": [3],
        "expires_at": None,
    }
    assert said("invitation", "extend", "1", "--expires", "soon").code == WRONG_USE
    [new] = json.loads(said("invitation", "replace", "3", "--json").out)
    assert len(new["token"]) == 32
    assert listed(said) == [(4, "unused"), (3, "revoked"), (2, "revoked"), (1, "unused")]
    assert (
        json.loads(said("invitation", "list", "--labels", "--json").out)["invitations"][0]["label"] == "Bed 7"
    )
    for command in ("revoke", "extend", "replace"):
        assert said("invitation", command, "99").code == 1


def test_a_label_is_for_one_link(said):
    """Several of one label would name nobody."""
    assert said(*INVITE, "--count", "2", "--label", "Ann").code == WRONG_USE
