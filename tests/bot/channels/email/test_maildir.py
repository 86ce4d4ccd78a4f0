from pathlib import Path

from bot.channels.email.maildir import Mailbox


def test_a_mail_is_read_once(tmp_path: Path) -> None:
    """What is new is given, the oldest first; what was dealt with stands among the read ones."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "2.b").write_bytes(b"second")
    (tmp_path / "new" / "1.a").write_bytes(b"first")
    mailbox = Mailbox(tmp_path)
    found = list(mailbox.unread())
    assert [raw for _, raw in found] == [b"first", b"second"]
    mailbox.done(found[0][0])
    assert [raw for _, raw in mailbox.unread()] == [b"second"]
    assert (tmp_path / "cur" / "1.a:2,S").read_bytes() == b"first"


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Nothing is read, and nothing is raised."""
    assert list(Mailbox(tmp_path / "nowhere").unread()) == []
