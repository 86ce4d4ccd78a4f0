"""Read mails that come back: bounces (RFC 3464), complaints (RFC 5965), and mails that ask for no more mails. Pure.

Anybody may send what looks like a bounce. So it counts only where it gives back the name of a mail of ours, which
nobody else knows but whoever had that mail. A failure that may pass is none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from enum import StrEnum, auto
from typing import Any, Final

from bot.channels.email.errors import enhanced_code, says_nobody

LARGEST: Final = 1_000_000
"""Bytes of a mail that are read: a bounce gives back little of ours."""
MOST_PARTS: Final = 50
"""Parts of a mail that are looked at."""
_NAME: Final = re.compile(r"<([A-Za-z0-9_-]{16,64})@[^<>@\s]{1,255}>")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32,64}")


class BounceKind(StrEnum):
    """Why a mail came back."""

    BOUNCED = auto()
    """Nobody is reached there."""
    COMPLAINED = auto()
    """Whoever got it called it unwanted."""


@dataclass(frozen=True, slots=True)
class MailBounce:
    """A mail of ours that came back, by its name."""

    name: str
    kind: BounceKind


def read_mail(raw: bytes, domain: str) -> MailBounce | None:
    """Return the bounce or the complaint that a mail is; None for any other mail, and for a failure that may pass.

    `domain` is the one that our mails are from. Nothing is raised, whatever the mail is.
    """
    mail = _parsed(raw)
    if mail is None:
        return None
    parts = list(_parts(mail))
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    feedback = [part for part in parts if part.get_content_type() == "message/feedback-report"]
    kind = BounceKind.COMPLAINED if feedback else BounceKind.BOUNCED if _failed(reports) else None
    name = _name_in(parts, domain)
    return None if kind is None or name is None else MailBounce(name, kind)


def unsubscribe_token(raw: bytes) -> str | None:
    """Return the token in the subject of a mail that asks for no more mails; None where it has none."""
    mail = _parsed(raw)
    subject = "" if mail is None else _field(mail, "subject").strip()
    return subject if _TOKEN.fullmatch(subject) else None


def read_posted(events: Any, domain: str) -> list[MailBounce]:
    """
    Return the bounces and complaints in what a mail service posted: JSON, one event or a list of them.

    Of each event the fields `type` ("bounce" or "complaint") and `message_id` count; what is not like this is passed
    over, and so is a bounce with `permanent` false.
    """
    listed = events if isinstance(events, list) else [events]
    kinds = {"bounce": BounceKind.BOUNCED, "complaint": BounceKind.COMPLAINED}
    found = []
    for event in listed[:1000]:
        if not isinstance(event, Mapping) or event.get("permanent") is False:
            continue
        kind, name = kinds.get(str(event.get("type"))), _own_name(f"<{event.get('message_id')}>", domain)
        if name is None:
            name = _own_name(str(event.get("message_id")), domain)
        if kind is not None and name is not None:
            found.append(MailBounce(name, kind))
    return found


def _parsed(raw: bytes) -> EmailMessage | None:
    try:
        mail = message_from_bytes(raw[:LARGEST], policy=default)
    except Exception:  # noqa: BLE001 - the parser raises many things at what is no mail
        return None
    return mail if isinstance(mail, EmailMessage) else None


def _parts(mail: Message) -> Iterator[Message]:
    """Yield the parts of a mail, and those of the mails in it; so many at most."""
    for count, part in enumerate(mail.walk()):
        if count >= MOST_PARTS:
            return
        yield part


def _failed(reports: Sequence[Message]) -> bool:
    """Return whether a delivery report says that nobody is reached: `Action: failed` with a code of that meaning."""
    for report in reports:
        payload = report.get_payload()
        for block in payload if isinstance(payload, list) else [report]:
            if not isinstance(block, Message) or _field(block, "action").strip().lower() != "failed":
                continue
            status = enhanced_code(_field(block, "status"))
            if status is not None and status.startswith("5") and says_nobody(status, otherwise=False):
                return True
    return False


def _name_in(parts: Sequence[Message], domain: str) -> str | None:
    """Return the name of our mail that a report gives back: in a part of its own, or in its header fields as text."""
    for part in parts[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            text = payload.decode("ascii", "replace") if isinstance(payload, bytes) else ""
            fields = [line for line in text.splitlines() if line.lower().startswith("message-id:")]
        else:
            fields = [_field(part, "message-id")]
        for field in fields:
            name = _own_name(field, domain)
            if name is not None:
                return name
    return None


def _own_name(field: str, domain: str) -> str | None:
    found = _NAME.search(field)
    if found is None or not found.group().lower().endswith(f"@{domain}>"):
        return None
    return found[1]


def _field(part: Message, name: str) -> str:
    """Return a header field as text; '' where it is not there, or cannot be read."""
    try:
        return str(part.get(name, ""))
    except Exception:  # noqa: BLE001 - fields of mails may be anything
        return ""
