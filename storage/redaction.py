"""Redact words for show and export: what may tell who somebody is becomes its kind in brackets.

The words themselves are kept as they came; only what leaves is changed (docs/why/redaction.md).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from flows.heavy_packages import load

_IDENTIFIERS: Final = "flows.text.pii"
"""Loaded when a text is worth a look: phone numbers and what people call a record in seven languages take 20 ms."""
_WORTH_A_LOOK: Final = re.compile(r"\d|@|/|\.\w")
"""Nothing without a digit, an @, a / or a dot inside a word is an identifier; most words have none of them."""


def has_identifiers(text: str) -> bool:
    """Return whether a text holds something that may tell who somebody is, such as an e-mail address."""
    return _WORTH_A_LOOK.search(text) is not None and bool(load(_IDENTIFIERS).find_identifiers(text))


def redacted(text: str) -> str:
    """Return a text with each identifier replaced by its kind in brackets.

    >>> redacted("Write to ann@example.org, please")
    'Write to [email], please'
    """
    return text if _WORTH_A_LOOK.search(text) is None else _redacted(text)


@lru_cache(maxsize=4096)
def _redacted(text: str) -> str:
    """Redact words, and remember the latest: questions come again and again, and so do some answers."""
    identifiers = load(_IDENTIFIERS)
    written: str = identifiers.redact(text, identifiers.find_identifiers(text))
    return written


def redacted_value(value: Any) -> Any:
    """Return a JSON value with all texts in it redacted; names of fields and numbers stay as they are."""
    match value:
        case str():
            return redacted(value)
        case list():
            return [redacted_value(one) for one in value]
        case dict():
            return {name: redacted_value(one) for name, one in value.items()}
        case _:
            return value


def redact_fields(fields: Mapping[str, Any], names: frozenset[str]) -> tuple[dict[str, Any], bool]:
    """Redact the fields whose names are in `names`; return all fields, and whether any was changed by that."""
    seen = {name: redacted_value(fields[name]) for name in names & fields.keys()}
    return {**fields, **seen}, any(seen[name] != fields[name] for name in seen)
