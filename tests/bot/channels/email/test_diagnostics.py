from pathlib import Path

import pytest

from bot.channels.base import FindingLevel
from bot.channels.email.diagnostics import mail_findings, settings_findings
from bot.channels.email.options import EmailConfig

BOTH = "from:to:subject:List-Unsubscribe:list-unsubscribe-post"


def _arrived(*fields: str) -> bytes:
    ours = (
        "From: talk@example.org",
        "List-Unsubscribe: <https://t/u/x>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    )
    return ("\n".join((*fields, *ours)) + "\n\nHello.\n").encode()


def _signed(covers: str, by: str = "example.org") -> str:
    return f"DKIM-Signature: v=1; a=rsa-sha256; d={by}; s=one;\n h={covers};\n bh=x; b=y"


@pytest.mark.parametrize(
    ("fields", "level", "words"),
    [
        ((_signed(BOTH),), FindingLevel.OK, "covers List-Unsubscribe"),
        ((_signed("from:to"), _signed(BOTH)), FindingLevel.OK, "covers List-Unsubscribe"),
        ((_signed("from:list-unsubscribe"),), FindingLevel.ERROR, "does not cover list-unsubscribe-post"),
        ((), FindingLevel.ERROR, "no DKIM signature"),
        ((_signed(BOTH, "mailer.test"),), FindingLevel.WARN, "mailer.test"),
    ],
)
def test_a_signature_must_cover_both_fields(fields: tuple[str, ...], level: FindingLevel, words: str) -> None:
    """One click counts only where a signature of the sender's domain covers both header fields (RFC 8058)."""
    [found] = mail_findings(_arrived(*fields), "example.org")
    assert (found.level, words in found.text) == (level, True)
    assert bool(found.remedy) is (level is not FindingLevel.OK)


def test_what_the_receiving_server_found_is_told() -> None:
    """The topmost Authentication-Results says what became of SPF, DKIM and DMARC; those below may be anybody's."""
    told = "Authentication-Results: mx.test; dkim=pass header.d=example.org; spf=fail; dmarc=pass"
    forged = "Authentication-Results: mx.evil; spf=pass"
    found = mail_findings(_arrived(told, forged, _signed(BOTH)), "example.org")[1:]
    assert [(one.level.value, one.text.rpartition(" of ")[2]) for one in found] == [
        ("ok", "DKIM: pass"),
        ("warn", "SPF: fail"),
        ("ok", "DMARC: pass"),
    ]


def test_another_mail_is_not_read() -> None:
    """A mail without our field is none of ours, or was changed on its way."""
    [found] = mail_findings(b"Subject: x\n\n", "example.org")
    assert found.level is FindingLevel.ERROR


def test_settings_that_leave_something_open_are_named(tmp_path: Path) -> None:
    """No https, a mailbox that nobody reads, bounces that nobody sees, a folder that is none: each is told."""

    def told(**more: object) -> list[str]:
        config = EmailConfig(host="h", sender="talk@example.org", **{"public_url": "https://t.test", **more})  # type: ignore[arg-type]
        return [one.text for one in settings_findings(config)]

    assert any("one click" in text for text in told())
    assert any("no way to end mails" in text for text in told(public_url="http://127.0.0.1"))
    assert any("read by nobody" in text for text in told(unsubscribe="stop@example.org"))
    assert any("come back are not seen" in text for text in told())
    assert any("no Maildir" in text for text in told(maildir=tmp_path))
