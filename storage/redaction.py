"""Words as they may be shown or exported: what may tell who somebody is stands as its kind in brackets.

The words themselves are kept as they came; only what leaves is changed (docs/why/redaction.md).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from flows.text.pii import find_identifiers, redact

_WORTH_A_LOOK: Final = re.compile(r"\d|@|/|\.\w")
"""Nothing without a digit, an @, a / or a dot inside a word is an identifier; most words have none of them."""


def has_identifiers(text: str) -> bool:
    """Whether the words hold something that may tell who somebody is."""
    return _WORTH_A_LOOK.search(text) is not None and bool(find_identifiers(text))


def redacted(text: str) -> str:
    """The words as they may be shown.

    >>> redacted("Write to ann@example.org, please")
    'Write to [email], please'
    """
    return text if _WORTH_A_LOOK.search(text) is None else _redacted(text)


@lru_cache(maxsize=4096)
def _redacted(text: str) -> str:
    """Questions come again and again; so do some answers."""
    return redact(text, find_identifiers(text))


def redacted_value(value: Any) -> Any:
    """A JSON value with all texts in it as they may be shown; names of fields, codes and numbers as they are."""
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
    """The fields with those of these names as they may be shown, and whether any of them was changed."""
    shown = {name: redacted_value(value) if name in names else value for name, value in fields.items()}
    return shown, any(shown[name] != fields[name] for name in names & fields.keys())
