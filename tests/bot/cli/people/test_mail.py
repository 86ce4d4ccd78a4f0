"""`said invitation mail`: a link a line by a real mail server, looked at first; nobody is mailed twice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import PROBLEM, WRONG_USE
from flows.program.loader import program_paths
from tests.support.mail_server import MailboxServer, html, mail_server_beside, plain
from tests.support.said import Said

LIST = ("--program", "myeloma", "--role", "patient", "--flow", "interview", "--source", "Ward 3")
PEOPLE = "label,email,language\nAnn,ann@example.org,\nBea,BEA@example.org,de\n"
TELLING = ("myeloma", "patient", "ward 3", "ann", "interview", "health", "study")
"""What no subject, no sender and no text of a mail may hold."""


@pytest.fixture
def box() -> Iterator[MailboxServer]:
    with mail_server_beside() as made:
        yield made


@pytest.fixture
def said(capsys: Any, monkeypatch: Any, tmp_path: Path, box: MailboxServer) -> Said:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(
        f'[web]\npublic_url = "https://talk.example.org"\n[email]\nhost = "127.0.0.1"\nport = {box.port}\n'
        'tls = "none"\nsender = "talk@example.org"\nsender_name = "Talk"\n[languages]\n'
        'offered = ["en", "de"]\nallow_drafts = true\n'
    )
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    made = Said(capsys, monkeypatch)
    assert made("program", "load", program_paths()[0]).code == 0
    return made


def mailed(said: Said, *more: object, code: int = 0) -> dict[str, Any]:
    """What the command told as JSON."""
    done = said("invitation", "mail", "people.csv", *LIST, *more, "--json")
    assert done.code == code, done.err
    told: dict[str, Any] = json.loads(done.out)
    return told


def outcomes(told: dict[str, Any]) -> list[str]:
    return [line["outcome"] for line in told["lines"]]


def test_a_list_is_looked_at_mailed_and_not_mailed_twice(said: Said, box: MailboxServer) -> None:
    """The preview mails nothing; a run mails each line once, in its language; another run mails nobody, but for a line
    that is new. Addresses are kept nowhere."""
    assert mailed(said, "--preview")["counts"] == {"to_mail": 2}
    assert (box.mails, json.loads(said("invitation", "list", "--json").out)["total"]) == ([], 0)
    assert outcomes(mailed(said)) == ["mailed", "mailed"]
    assert box.recipients == ["ann@example.org", "bea@example.org"]
    assert [mail["Subject"] for mail in box.mails] == ["An invitation for you", "Eine Einladung für Sie"]
    assert outcomes(mailed(said)) == ["before", "before"]
    assert mailed(said, "--again")["counts"] == {"before": 2}
    with Path("people.csv").open("a") as file:
        file.write("Cem,cem@example.org,\n")
    assert outcomes(mailed(said)) == ["before", "before", "mailed"]
    assert box.recipients[2:] == ["cem@example.org"]
    for file in Path().glob("said.sqlite*"):
        assert b"ann@example.org" not in file.read_bytes()
    shown = said("invitation", "mail", "people.csv", *LIST)
    assert (shown.code, "not used yet" in shown.out, "ann@" in shown.out + shown.err) == (0, True, False)


def test_a_mail_tells_nothing_and_ends_with_one_click(said: Said, box: MailboxServer) -> None:
    """Subject, sender, text and HTML hold no condition, title, role or label; the link is a page's; the fields for one
    click are there (RFC 8058)."""
    mailed(said)
    mail = box.mails[0]
    seen = " ".join((str(mail["Subject"]), str(mail["From"]), plain(mail), html(mail))).lower()
    told = seen.replace("ann@example.org", "")
    assert [word for word in TELLING if word in told] == []
    assert "https://talk.example.org/c/" in plain(mail)
    link = str(mail["List-Unsubscribe"])
    assert link.startswith("<https://talk.example.org/u/")
    assert link.strip("<>") in plain(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("label,email\nAnn,ann@example.org\nBea,ANN@example.org\n", 3),
        ('label,email\nAnn,"ann@example.org\nBcc: eve@example.org"\n', 2),
        ("label,email\nAnn,ann@example.org%0aBcc:eve@example.org\n", 2),
        ('label,email\nAnn,"ann@example.org, eve@example.org"\n', 2),
        ("label,email\nAnn,<ann@example.org> eve\n", 2),
        ("label,email\nAnn,\n", 2),
        ("label,email\nAnn,ann@stra\u00dfe.example\n", 2),
        ("label,email\nAnn,ann@example.org\u2028Bcc:eve@example.org\n", 2),
        ("label\nAnn\n", 1),
        ("label,email,password\nAnn,ann@example.org,x\n", 1),
    ],
)
def test_a_hostile_list_mails_nobody(said: Said, box: MailboxServer, content: str, line: int) -> None:
    """An address twice, two in a cell, a header in one, none, or another column: told by its line, without quoting an
    address; nothing is made, and nothing goes."""
    Path("people.csv").write_text(content, encoding="utf-8")
    done = said("invitation", "mail", "people.csv", *LIST)
    assert (done.code, f"people.csv:{line}: " in done.err, "eve" in done.err) == (WRONG_USE, True, False), (
        done.err
    )
    assert (box.mails, json.loads(said("invitation", "list", "--json").out)["total"]) == ([], 0)


def test_a_label_goes_into_no_mail(said: Said, box: MailboxServer) -> None:
    """Whatever stands in it: labels are of the organisation, and of no mail."""
    Path("people.csv").write_text("label,email\n=HYPERLINK(1) Bcc: eve@x.example,ann@example.org\n")
    mailed(said)
    assert box.recipients == ["ann@example.org"]
    assert b"HYPERLINK" not in box.mails[0].as_bytes()
    assert "eve" not in str(box.mails[0])


def test_what_the_server_refuses_is_told_and_mailed_again_where_asked(said: Said, box: MailboxServer) -> None:
    """A refusal for good ends that link, and is told by the server's code; `--again` tries it once more."""
    box.on_rcpt = "550 5.1.1 no such user ann@example.org"
    told = mailed(said)
    assert [(line["outcome"], line["reason"]) for line in told["lines"]] == [
        ("refused", "the mail server answered 550 5.1.1")
    ] * 2
    states = [one["state"] for one in json.loads(said("invitation", "list", "--json").out)["invitations"]]
    assert states == ["revoked", "revoked"]
    box.on_rcpt = None
    assert outcomes(mailed(said)) == ["refused", "refused"]
    assert outcomes(mailed(said, "--again")) == ["mailed", "mailed"]
    assert outcomes(mailed(said, "--again")) == ["before", "before"]


def test_what_is_put_off_leaves_nothing_and_goes_with_the_next_run(said: Said, box: MailboxServer) -> None:
    """The mail server takes nothing for now: no link is left, the command says so, and the next run mails all."""
    box.on_rcpt = "451 4.3.0 later"
    told = mailed(said, code=PROBLEM)
    assert outcomes(told) == ["put_off", "put_off"]
    assert json.loads(said("invitation", "list", "--json").out)["total"] == 0
    box.on_rcpt = None
    assert outcomes(mailed(said)) == ["mailed", "mailed"]


def test_a_server_that_lets_us_send_nothing_is_not_tried_for_all(said: Said, box: MailboxServer) -> None:
    """The sender is refused: the rest is left, and nothing is kept."""
    box.on_mail = "553 5.7.1 not yours"
    assert outcomes(mailed(said, code=PROBLEM)) == ["put_off", "left"]
    assert json.loads(said("invitation", "list", "--json").out)["total"] == 0


def test_a_mail_without_an_answer_is_not_mailed_twice(said: Said, box: MailboxServer) -> None:
    """The connection ends after the text: whether it went is not known, so that only `--again` mails it once more;
    the link before then ends."""
    box.drops = True
    assert outcomes(mailed(said)) == ["unknown", "unknown"]
    box.drops = False
    assert outcomes(mailed(said)) == ["unknown", "unknown"]
    assert len(box.mails) == 2
    assert outcomes(mailed(said, "--again")) == ["mailed", "mailed"]
    listed = json.loads(said("invitation", "list", "--json").out)["invitations"]
    assert sorted(one["state"] for one in listed) == ["revoked", "revoked", "unused", "unused"]


def test_without_a_mail_server_or_pages_nothing_is_mailed(said: Said) -> None:
    """What is lacking in the settings is named."""
    Path("config.toml").write_text('[web]\npublic_url = "https://talk.example.org"\n')
    done = said("invitation", "mail", "people.csv", *LIST)
    assert (done.code, "no mail server" in done.err) == (WRONG_USE, True)


def test_the_list_of_invitations_tells_which_were_mailed(said: Said, box: MailboxServer) -> None:
    """How the mail stands is a column, and `mail` in the JSON; nothing stands there where no mail carried it."""
    mailed(said)
    assert said("invite", *LIST[1:]).code == 0
    shown = json.loads(said("invitation", "list", "--json").out)["invitations"]
    assert [one["mail"] for one in shown] == [None, "mailed", "mailed"]
    assert said("invitation", "list").out.count("mailed") == 2
