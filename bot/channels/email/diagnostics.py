"""Look at how mails leave and arrive, for `said doctor`: the server, the way back, and what a mail carries at its end.

One-click unsubscribing counts only where a DKIM signature covers both of its header fields (RFC 8058, 4). Signing is
the mail server's work, so that only a mail that has arrived can tell. What is read in it is what the receiving server
wrote; nothing is looked up in DNS here.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Final

from bot.channels.base import Diagnosis, FindingLevel
from bot.channels.email.options import EmailConfig

FIELDS: Final = ("list-unsubscribe", "list-unsubscribe-post")
HOW_TO: Final = "docs/howto/connect-email.md"
_TAG: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*)", re.DOTALL)
_VERDICT: Final = re.compile(r"\b(dkim|spf|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)


def settings_findings(config: EmailConfig) -> Iterator[Diagnosis]:
    """Yield what is to be said of the settings alone."""
    if config.has_https:
        yield Diagnosis(FindingLevel.OK, "mails can be ended with one click")
    elif config.unsubscribe is not None:
        yield Diagnosis(
            FindingLevel.WARN,
            f"links lead to {config.public_url}, without https: mails are ended by a mail alone, not by one click",
            "put a proxy with https in front, and set web.public_url to its address",
        )
    else:
        yield Diagnosis(
            FindingLevel.ERROR,
            "a mail program has no way to end mails: links lead to no https, and email.unsubscribe is not set",
            "set web.public_url to an address with https, or email.unsubscribe and email.maildir",
        )
    if config.unsubscribe is not None and config.maildir is None:
        yield Diagnosis(
            FindingLevel.ERROR,
            "mails to email.unsubscribe are read by nobody",
            "set email.maildir to the folder of that mailbox, or take email.unsubscribe out",
        )
    if config.maildir is None and config.webhook_secret is None:
        yield Diagnosis(
            FindingLevel.WARN,
            "mails that come back are not seen: dead addresses are written to for ever",
            f"set email.maildir or email.webhook_secret, see {HOW_TO}",
        )
    elif config.maildir is not None and not (config.maildir / "new").is_dir():
        yield Diagnosis(
            FindingLevel.ERROR,
            f"{config.maildir} is no Maildir folder: it has no folder `new`",
            "have the mail server deliver to it, and let this user read it",
        )


def mail_findings(raw: bytes, domain: str) -> list[Diagnosis]:
    """Return what a mail of ours tells that has arrived: which fields its signature covers, and what was made of it.

    `domain` is the one that our mails are from.
    """
    mail = message_from_bytes(raw)
    if not _fields(mail, "list-unsubscribe-post"):
        return [
            Diagnosis(
                FindingLevel.ERROR,
                "the mail has no field List-Unsubscribe-Post: it is none of ours, or was changed on its way",
                "send one with `said doctor`, and save it as it arrived, with all header fields",
            )
        ]
    return [_signature(mail, domain), *_verdicts(mail)]


def _signature(mail: Message, domain: str) -> Diagnosis:
    signed = [_tags(field) for field in _fields(mail, "dkim-signature")]
    if not signed:
        return Diagnosis(
            FindingLevel.ERROR,
            "no DKIM signature: large mail services will not offer to end mails with one click, or refuse them",
            f"have the mail server sign mails, see {HOW_TO}",
        )
    whole = [tags for tags in signed if not _missing(tags)]
    if not whole:
        missing = ", ".join(_missing(signed[0]))
        return Diagnosis(
            FindingLevel.ERROR,
            f"the DKIM signature does not cover {missing}: one click is not offered (RFC 8058)",
            f"add these fields to those that the mail server signs, see {HOW_TO}",
        )
    by = [tags.get("d", "").lower() for tags in whole]
    if not any(
        domain == one or domain.endswith(f".{one}") or one.endswith(f".{domain}") for one in by if one
    ):
        return Diagnosis(
            FindingLevel.WARN,
            f"the DKIM signature is of {by[0] or 'nobody'}, and mails are from {domain}: DMARC takes it for no proof",
            f"have mails signed for {domain}",
        )
    return Diagnosis(FindingLevel.OK, "a DKIM signature covers List-Unsubscribe and List-Unsubscribe-Post")


def _verdicts(mail: Message) -> Iterator[Diagnosis]:
    """Yield what the receiving server found out: of its own Authentication-Results, the topmost (RFC 8601)."""
    told = _fields(mail, "authentication-results")
    for way, verdict in _VERDICT.findall(told[0]) if told else ():
        name, good = way.upper(), verdict.lower() == "pass"
        yield Diagnosis(
            FindingLevel.OK if good else FindingLevel.WARN,
            f"the receiving server says of {name}: {verdict.lower()}",
            "" if good else f"see {HOW_TO}",
        )


def _missing(tags: dict[str, str]) -> list[str]:
    covered = {name.strip().lower() for name in tags.get("h", "").split(":")}
    return [name for name in FIELDS if name not in covered]


def _tags(field: str) -> dict[str, str]:
    """Return the tags of a DKIM signature (RFC 6376, 3.2); what is no tag is passed over."""
    found = (_TAG.fullmatch(part) for part in field.split(";"))
    return {one[1].lower(): "".join(one[2].split()) for one in found if one is not None}


def _fields(mail: Message, name: str) -> list[str]:
    return [str(value) for value in mail.get_all(name, [])]
