from pathlib import Path

from bot.channels.email.maildir import Mailbox


def test_a_mail_is_read_once(tmp_path: Path) -> None:
    """What is new is given, the oldest first; what was dealt with stands among the read ones."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "2.b").write_bytes(b"second")
    (tmp_path / "new" / "1.a").write_bytes(b"first")
    mailbox = Mailbox(tmp_path)
    first, second = mailbox.unread()
    assert [mailbox.read(first), mailbox.read(second)] == [b"first", b"second"]
    assert mailbox.done(first)
    assert mailbox.unread() == [second]
    assert (tmp_path / "cur" / "1.a:2,S").read_bytes() == b"first"


def test_a_mail_that_somebody_else_took_is_passed_over(tmp_path: Path) -> None:
    """Another program may read the same folder: what is gone is not read, and that it cannot be put away is told."""
    for name in ("new", "cur"):
        (tmp_path / name).mkdir()
    mail = tmp_path / "new" / "1.a"
    mail.write_bytes(b"first")
    mailbox = Mailbox(tmp_path)
    mail.unlink()
    assert mailbox.read(mail) is None
    assert not mailbox.done(mail)


def test_a_mail_is_found_whether_it_was_read_or_not(tmp_path: Path) -> None:
    """A mail that the bot itself put away meanwhile is found as one that nobody has read is."""
    for name in ("new", "cur"):
        (tmp_path / name).mkdir()
    (tmp_path / "cur" / "1.a:2,S").write_bytes(b"the one <a@example.org>")
    (tmp_path / "new" / "2.b").write_bytes(b"another")
    mailbox = Mailbox(tmp_path)
    assert mailbox.found(b"<a@example.org>") == b"the one <a@example.org>"
    assert mailbox.found(b"<b@example.org>") is None


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Nothing is read, and nothing is raised."""
    mailbox = Mailbox(tmp_path / "nowhere")
    assert mailbox.unread() == []
    assert mailbox.found(b"any") is None
