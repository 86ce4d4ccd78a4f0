import ssl

import pytest
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    SendError,
)
from bot.channels.email.errors import WAIT_WHEN_BUSY, MailStage, as_send_error, enhanced_code

CONNECTING, SENDER, RECIPIENT, TEXT = MailStage


def _refused(code: int, text: str) -> SMTPRecipientRefused:
    return SMTPRecipientRefused(code, text, "ana@example.org")


@pytest.mark.parametrize(
    ("error", "stage", "kind"),
    [
        (ConnectionRefusedError(), CONNECTING, ChannelDown),
        (SMTPConnectError("no"), CONNECTING, ChannelDown),
        (SMTPReadTimeoutError("slow"), SENDER, ChannelDown),
        (SMTPServerDisconnected("gone"), RECIPIENT, ChannelDown),
        (SMTPServerDisconnected("gone"), TEXT, OutcomeUnknown),
        (SMTPReadTimeoutError("slow"), TEXT, OutcomeUnknown),
        (SMTPException("odd"), SENDER, ChannelDown),
        (SMTPException("SMTP STARTTLS extension not supported by server."), CONNECTING, ChannelRefused),
        (SMTPNotSupported("no AUTH"), CONNECTING, ChannelRefused),
        (ssl.SSLCertVerificationError(), CONNECTING, ChannelRefused),
        (ssl.SSLError("bad record"), RECIPIENT, ChannelDown),
        (ssl.SSLEOFError("cut off"), TEXT, OutcomeUnknown),
        (SMTPAuthenticationError(535, "5.7.8 no"), CONNECTING, ChannelRefused),
        (SMTPAuthenticationError(454, "4.7.0 later"), CONNECTING, ChannelDown),
        (SMTPSenderRefused(530, "5.7.0 log in first", "a@b.org"), SENDER, ChannelRefused),
        (SMTPSenderRefused(553, "5.7.1 not yours", "a@b.org"), SENDER, ChannelRefused),
        (SMTPSenderRefused(421, "4.3.2 busy", "a@b.org"), SENDER, RateLimited),
        (SMTPSenderRefused(451, "4.3.0 later", "a@b.org"), SENDER, ChannelDown),
        (_refused(450, "4.2.0 greylisted"), RECIPIENT, ChannelDown),
        (_refused(421, "4.7.0 too many"), RECIPIENT, ChannelDown),
        (_refused(550, "5.1.1 no such user"), RECIPIENT, AddressGone),
        (_refused(550, "no such user"), RECIPIENT, AddressGone),
        (_refused(550, "5.2.1 disabled"), RECIPIENT, AddressGone),
        (_refused(552, "5.2.2 full"), RECIPIENT, MessageRejected),
        (_refused(554, "5.7.1 policy"), RECIPIENT, MessageRejected),
        (SMTPDataError(421, "busy"), TEXT, RateLimited),
        (SMTPDataError(451, "4.3.0 later"), TEXT, ChannelDown),
        (SMTPDataError(554, "5.7.1 spam"), TEXT, MessageRejected),
        (SMTPDataError(550, "5.1.1 nobody"), TEXT, AddressGone),
        (SMTPDataError(550, "no"), TEXT, MessageRejected),
    ],
)
def test_what_a_server_answers_decides_what_follows(
    error: Exception, stage: MailStage, kind: type[SendError]
) -> None:
    """Each answer becomes one error of ours: what passes is tried again, what may have arrived is called unknown."""
    assert type(as_send_error(error, stage)) is kind


def test_a_reason_quotes_no_address() -> None:
    """What the server says stays out of the reason, for it may quote the address: the codes alone are told."""
    told = as_send_error(_refused(550, "5.1.1 <ana@example.org> unknown"), RECIPIENT).reason
    assert told == "the mail server answered 550 5.1.1"


def test_a_busy_server_is_left_alone_for_a_while() -> None:
    """Where the server says that it takes no more for now, nothing goes for a minute."""
    assert as_send_error(SMTPDataError(421, "busy"), TEXT).retry_after == WAIT_WHEN_BUSY


@pytest.mark.parametrize(
    ("text", "code"), [("5.1.1 no", "5.1.1"), ("550-5.7.26 x", "5.7.26"), ("no", None), ("15.1.1", None)]
)
def test_enhanced_codes_are_found(text: str, code: str | None) -> None:
    """The enhanced code is read wherever it stands in the answer, and nothing else is taken for one."""
    assert enhanced_code(text) == code
