from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.email.bounces import BounceKind, MailBounce, read_mail, read_posted, unsubscribe_token

NAME = "Abcdefghij-0123456789_klmnopqrstuvwxyzABCDE"
OURS = f"Message-ID: <{NAME}@example.org>"


def _report(
    action: str = "failed", status: str = "5.1.1", back: str = OURS, kind: str = "delivery-status"
) -> bytes:
    inner = f"Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; ana@b.test\nAction: {action}\nStatus: {status}\n"
    return _mail_with(inner, back, kind)


def _feedback(kind: str) -> bytes:
    return _mail_with(f"Feedback-Type: {kind}\nUser-Agent: mx\nVersion: 1\n", OURS, "feedback-report")


def _mail_with(inner: str, back: str, kind: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.test\nTo: talk@example.org\nSubject: Undelivered\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/{kind}\n\n{inner}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nFrom: talk@example.org\n{back}\n\n--b--\n"
    ).encode()


def test_a_bounce_gives_back_the_name_of_our_mail() -> None:
    """A delivery report that says that nobody is reached is a bounce of the mail that it gives back."""
    assert read_mail(_report(), "example.org") == MailBounce(NAME, BounceKind.BOUNCED)


def test_a_complaint_is_read() -> None:
    """A feedback report is a complaint about the mail that it gives back."""
    assert read_mail(_feedback("Abuse"), "example.org") == MailBounce(NAME, BounceKind.COMPLAINED)


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam", "virus"])
def test_feedback_that_is_no_complaint_ends_nothing(kind: str) -> None:
    """Reports on signatures (DMARC asks for them) and on mails that are welcome are nobody's complaint."""
    assert read_mail(_feedback(kind), "example.org") is None


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("smtp; 550 5.1.1 <ana@b.test>: no such user", True),
        ("smtp;550-5.1.10 recipient not found", True),
        ("smtp; 550 5.7.1 refused as spam", False),
        ("smtp; 550 refused by 5.1.1.9", False),
        ("smtp; 450 5.1.1 later", False),
        ("x-unix; 5.1.1", False),
    ],
)
def test_the_last_server_says_what_the_report_does_not(said: str, ends: bool) -> None:
    """Where the report's own status says nothing, that of the server which refused the mail counts."""
    found = read_mail(_report(status=f"5.0.0\nDiagnostic-Code: {said}"), "example.org")
    assert (found is not None) is ends


def test_a_name_that_stands_on_a_line_of_its_own_is_read() -> None:
    """Servers fold header fields anew."""
    folded = OURS.replace(": ", ":\n ")
    assert read_mail(_report(back=folded), "example.org") == MailBounce(NAME, BounceKind.BOUNCED)


def _nested(depth: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number)
        for number in range(depth)
    )


@pytest.mark.parametrize(
    "raw",
    [
        _nested(800) + b"\n" * 200_000,
        b'Content-Type: multipart/report; a="' + b";" * 250_000 + b"\n\n",
        b"Content-Type: text/plain" + b";a=b" * 60_000 + b"\n\n",
        b"Content-Type: message/rfc822\n\nMessage-ID: <" + b"a." * 120_000 + b"@example.org>\n\n",
        b"Content-Type: message/rfc822\n\n" * 9_000,
        b"Content-Type: message/delivery-status\n" + b"\n" * 250_000,
    ],
    ids=[
        "parts in parts",
        "a quote that does not end",
        "parameters",
        "a long name",
        "mails in mails",
        "empty lines",
    ],
)
def test_a_mail_that_is_made_to_take_long_does_not(raw: bytes) -> None:
    """Whoever sends mails that the library reads for minutes holds up nothing."""
    began = process_time()
    assert read_mail(raw, "example.org") is None
    assert unsubscribe_token(raw) is None
    assert process_time() - began < 4


@pytest.mark.parametrize(
    "raw",
    [
        _report(action="delayed", status="4.4.1"),
        _report(status="5.2.2"),
        _report(status="5.7.1"),
        _report(back="Subject: nothing of ours"),
        _report(back=f"Message-ID: <{NAME}@elsewhere.test>"),
        b"Subject: out of office\n\nI am away.",
        OURS.encode() + b"\n\nA reply.",
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_bounce_of_ours_ends_nothing(raw: bytes) -> None:
    """Delays, full mailboxes, refusals of content, forged and foreign reports, and all other mails are no bounces."""
    assert read_mail(raw, "example.org") is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600))
def test_no_mail_breaks_the_reading(noise: bytes, place: int) -> None:
    """Whatever stands in a mail, reading it raises nothing."""
    report = _report()
    read_mail(report[:place] + noise + report[place:], "example.org")
    unsubscribe_token(noise)


def test_posted_events_are_read() -> None:
    """Of what a mail service posts, bounces that last and complaints about our mails count; all else is passed over."""
    ours = f"{NAME}@example.org"
    events = [
        {"type": "bounce", "permanent": True, "message_id": ours},
        {"type": "complaint", "message_id": f"<{ours}>"},
        {"type": "bounce", "permanent": False, "message_id": ours},
        {"type": "opened", "message_id": ours},
        {"type": "bounce", "message_id": f"{NAME}@elsewhere.test"},
        "nonsense",
        None,
    ]
    assert [one.kind for one in read_posted(events, "example.org")] == [
        BounceKind.BOUNCED,
        BounceKind.COMPLAINED,
    ]
    assert read_posted(events[0], "example.org")[0].name == NAME
    assert read_posted(7, "example.org") == []


def test_a_mail_that_asks_for_no_more_has_the_token_as_its_subject() -> None:
    """The subject alone counts, and only where it could be a token."""
    assert unsubscribe_token(f"Subject: {NAME}\n\n".encode()) == NAME
    assert unsubscribe_token(b"Subject: please stop\n\n") is None
