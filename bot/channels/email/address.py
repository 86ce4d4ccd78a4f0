"""Read e-mail addresses as people write them: one spelling for each mailbox, and nothing that could break a header."""

import re
from typing import Final

SCHEME: Final = "email"
LONGEST: Final = 254
"""Characters of an address, at most (RFC 5321, 4.5.3.1.3, less the brackets)."""
LONGEST_LOCAL: Final = 64
"""Characters before the @, at most (RFC 5321, 4.5.3.1.1)."""
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""A dot-atom (RFC 5322, 3.2.3): quoted local parts, which hardly anybody has, are refused."""
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_READ_TWO_WAYS: Final = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")
"""Letters of a domain that IDNA 2003, which we write them by, and IDNA 2008, which others do, take for different names:
the German sharp s (both), the Greek final sigma, and two joiners without width (Unicode Technical Standard 46, 7)."""
_AROUND: Final = " \t\r\n\u00a0\u200b\u200e\u200f\u202a\u202c\u2066\u2069<>"


def normalised(written: str) -> str | None:
    r"""
    Return an address in its one spelling: small letters, the domain as DNS has it; None where it is no address.

    Whether capitals mean another mailbox is the server's to say (RFC 5321, 2.4), and no server that people use
    says so. Letters beyond ASCII are taken in the domain alone, as long as all programs take them for the same name.

    >>> normalised(" Ana.Silva@Example.ORG ")
    'ana.silva@example.org'
    >>> normalised("ana@münchen.example")
    'ana@xn--mnchen-3ya.example'
    >>> normalised("ana@straße.example") is None  # which is strasse.example to some
    True
    >>> normalised("ana@example.org\nBcc: eve@example.org") is None
    True
    """
    local, at, domain = written.strip(_AROUND).removeprefix("mailto:").rpartition("@")
    if (
        not at
        or _READ_TWO_WAYS.intersection(domain)
        or _LOCAL.fullmatch(local) is None
        or len(local) > LONGEST_LOCAL
    ):
        return None
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return None
    if _DOMAIN.fullmatch(ascii_domain) is None:
        return None
    found = f"{local.lower()}@{ascii_domain}"
    return found if len(found) <= LONGEST else None


def address_of(mailbox: str) -> str:
    """Return the channel's address of a mailbox, such as `email:ana@example.org`."""
    return f"{SCHEME}:{mailbox}"


def mailbox_of(address: str) -> str | None:
    """Return the mailbox in an address of this channel; None where it is none that a mail could go to."""
    scheme, _, rest = address.partition(":")
    return rest if scheme == SCHEME and normalised(rest) == rest else None
