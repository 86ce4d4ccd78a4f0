"""Read mails that come back: bounces (RFC 3464), complaints (RFC 5965), and mails that ask for no more mails. Pure.

Anybody may send what looks like a bounce. So it counts only where it gives back the name of a mail of ours, which
nobody else knows but whoever had that mail. A failure that may pass is none.

Anybody may send anything, too, and the library takes minutes for some mails that are made for it: its parser tries
each line against the ends of all parts around it, and reads the parameters of a field in time that grows with the
square of their length. So mails are cut, and what has too many parts in parts is not read at all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32
from enum import StrEnum, auto
from typing import Any, Final

from bot.channels.email.errors import enhanced_code, says_nobody

LARGEST: Final = 256_000
"""Bytes of a mail that are read: ours are small, and so is a bounce that gives one back."""
MOST_PARTS: Final = 50
"""Parts of a mail that are looked at."""
MOST_BOUNDARIES: Final = 20
"""How often a mail may name a boundary between its parts; a bounce has two or three."""
MOST_LINES: Final = 5_000
"""What is longer is no bounce: of many empty lines the parser makes a part each."""
LONGEST_FIELD: Final = 2_000
"""Letters of a header field that are read."""
_UNWANTED: Final = frozenset({"abuse", "fraud", "opt-out"})
"""The types of feedback reports that are complaints of a reader. Others tell of signatures or viruses (RFC 6591)."""
_DIAGNOSTIC: Final = re.compile(r"\s*smtp\s*;\s*5\d\d[ -](5\.\d{1,3}\.\d{1,3})(?![.\d])", re.IGNORECASE)
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
    kind = BounceKind.COMPLAINED if _unwanted(feedback) else BounceKind.BOUNCED if _failed(reports) else None
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


class _ShortFields(Compat32):
    """Reads header fields as they stand, up to a length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return the name and the value of a field."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_FIELD]


_POLICY: Final = _ShortFields()


def _parsed(raw: bytes) -> Message | None:
    raw = raw[:LARGEST]
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES or raw.count(b"\n") > MOST_LINES:
        return None
    try:
        return message_from_bytes(raw, policy=_POLICY)
    except Exception:  # noqa: BLE001 - the parser raises many things at what is no mail
        return None


def _parts(mail: Message) -> Iterator[Message]:
    """Yield the parts of a mail, and those of the mails in it; so many at most."""
    for count, part in enumerate(mail.walk()):
        if count >= MOST_PARTS:
            return
        yield part


def _failed(reports: Sequence[Message]) -> bool:
    """Return whether a delivery report says that nobody is reached: `Action: failed` with a code of that meaning."""
    return any(
        _field(block, "action").strip().lower() == "failed" and says_nobody(_status(block), otherwise=False)
        for block in _blocks(reports)
    )


def _status(block: Message) -> str | None:
    """Return the permanent code of one recipient: what the last server said where the report's own says nothing."""
    told = enhanced_code(_field(block, "status"))
    if told in (None, "5.0.0"):
        found = _DIAGNOSTIC.match(_field(block, "diagnostic-code"))
        return told if found is None else found[1]
    return told if told.startswith("5") else None


def _unwanted(feedback: Sequence[Message]) -> bool:
    """Return whether a feedback report is a complaint of whoever got our mail."""
    return any(_field(block, "feedback-type").strip().lower() in _UNWANTED for block in _blocks(feedback))


def _blocks(reports: Sequence[Message]) -> Iterator[Message]:
    """Yield the blocks of fields in some reports."""
    for report in reports:
        payload = report.get_payload()
        yield from (
            block
            for block in (payload if isinstance(payload, list) else [report])
            if isinstance(block, Message)
        )


def _name_in(parts: Sequence[Message], domain: str) -> str | None:
    """Return the name of our mail that a report gives back: in a part of its own, or in its header fields as text."""
    for part in parts[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            given = _parsed(payload) if isinstance(payload, bytes) else None
        else:
            given = part
        name = None if given is None else _own_name(_field(given, "message-id"), domain)
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
