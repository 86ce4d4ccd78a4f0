"""Turn a mail server's refusals into our own errors, whose flags the sender reads.

What a refusal means depends on the command that it answers: nothing is known to have been delivered until the text
was handed over, and once it was, a lost connection leaves it unknown. Codes: RFC 5321 (4.2.3) and, where the server
gives them, the enhanced ones of RFC 3463.
"""

import re
import ssl
from datetime import timedelta
from enum import Enum, auto
from typing import Final, assert_never

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
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

FAILURES: Final = (SMTPException, OSError, TimeoutError, ssl.SSLError)
"""What sending a mail raises when it fails."""
WAIT_WHEN_BUSY: Final = timedelta(minutes=1)
"""How long the server is left alone when it says that it takes no more for now."""
LOGIN_REMEDY: Final = "set email.user and email.password as the mail service gives them"
TLS_REMEDY: Final = "check email.host, email.port and email.tls"
SENDER_REMEDY: Final = "have the mail service allow email.sender as a sender"

_BUSY: Final = 421
_LOGIN_WANTED: Final = frozenset({530, 534, 535, 538})
_PERMANENT: Final = 500
_ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NOBODY: Final = ("1.", "2.1")
"""Of enhanced codes, less the class: a bad or unknown address, or a mailbox that is switched off."""


class MailStage(Enum):
    """How far a mail has come."""

    CONNECTING = auto()
    """Also the greeting, the encryption and the login."""
    SENDER = auto()
    RECIPIENT = auto()
    TEXT = auto()


def as_send_error(error: Exception, stage: MailStage) -> SendError:
    """Turn what a mail server answered, or did not answer, into a `SendError`, whose class and flags say what to do."""
    if isinstance(error, SMTPResponseException):
        return _refusal(error, stage)
    if isinstance(error, SMTPNotSupported) or (stage is MailStage.CONNECTING and _is_of_tls(error)):
        return ChannelRefused(
            f"no secure connection to the mail server ({type(error).__name__}); {TLS_REMEDY}"
        )
    if stage is MailStage.TEXT:
        return OutcomeUnknown(f"no answer to a mail that was handed over ({type(error).__name__})")
    if isinstance(error, SMTPTimeoutError | TimeoutError | SMTPServerDisconnected | OSError):
        return ChannelDown(f"the mail server could not be reached ({type(error).__name__})")
    return ChannelDown(f"the mail server gave no answer that can be read ({type(error).__name__})")


def _is_of_tls(error: Exception) -> bool:
    """Return whether the connection failed since its encryption is not as it should be; that is the operator's move."""
    causes = (error, error.__cause__, error.__context__)
    return any(isinstance(one, ssl.SSLError) for one in causes) or "starttls" in str(error).casefold()


def _refusal(error: SMTPResponseException, stage: MailStage) -> SendError:
    """Read the code of a refusal. The server's own words stay out of the reason: they may quote the address."""
    code, detail = error.code, enhanced_code(error.message)
    reason = f"the mail server answered {code}{f' {detail}' if detail else ''}"
    if isinstance(error, SMTPAuthenticationError) or code in _LOGIN_WANTED:
        return ChannelDown(reason) if code < _PERMANENT else ChannelRefused(f"{reason}; {LOGIN_REMEDY}")
    if code < _PERMANENT:
        return _passing(code, reason, stage)
    match stage:
        case MailStage.CONNECTING:
            return ChannelRefused(f"{reason}; {TLS_REMEDY}")
        case MailStage.SENDER:
            return ChannelRefused(f"{reason}; {SENDER_REMEDY}")
        case MailStage.RECIPIENT | MailStage.TEXT:
            gone = says_nobody(detail, otherwise=stage is MailStage.RECIPIENT)
            return (AddressGone if gone else MessageRejected)(reason)
        case _:
            assert_never(stage)


def _passing(code: int, reason: str, stage: MailStage) -> SendError:
    """Return the error of what may succeed later; that one recipient is put off says nothing of the others."""
    if code == _BUSY and stage is not MailStage.RECIPIENT:
        return RateLimited(reason, retry_after=WAIT_WHEN_BUSY)
    return ChannelDown(reason)


def enhanced_code(text: str) -> str | None:
    """Return the enhanced status code in a server's answer, such as `5.1.1`; None where it has none."""
    found = _ENHANCED.search(text)
    return None if found is None else found.group()


def says_nobody(detail: str | None, *, otherwise: bool) -> bool:
    """Return whether an enhanced code says that nobody is reached at the address; `otherwise` where there is none."""
    return otherwise if detail is None else detail.partition(".")[2].startswith(_NOBODY)
