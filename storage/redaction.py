"""Redact words for show and export: what may tell who somebody is becomes its kind in brackets.

The words themselves are kept as they came; only what leaves is changed (docs/why/redaction.md).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from flows.heavy_packages import load
from flows.text.phone_regions import Regions, nowhere

_IDENTIFIERS: Final = "flows.text.pii"
"""Loaded when a text is worth a look: phone numbers and what people call a record in seven languages take 20 ms."""
_SHORT_TITLES: Final = (
    r"dr|dr[ae]|m|m[rsx]|mrs|mme|mlle|profa?|pr|sra?|srta|dña|sig|dott|hrn|miss|don|doña|dona|frau|herrn?"
    r"|nurse"
)
_LONG_TITLES: Final = (
    r"do[kc]t[eo]|dottor|doutor|profes|señor|senhor|signor|enferm|madame|monsieur|mademoiselle"
    r"|د[./]|دكتور|طبيب|ستاذ|سيد|ممرض|بروف|[آاأ]نس|مدام"
)
"""How titles of people begin, and those that are short; `flows.text.titled_names` knows them whole."""
_WORTH_A_LOOK: Final = re.compile(
    rf"(?:\d\D{{0,4}}){{3}}\d|@|/|\.\w|::|(?<![^\W\d_])(?:{_SHORT_TITLES})[.ª \u00a0]|{_LONG_TITLES}",
    re.IGNORECASE,
)
"""Nothing without four digits, an @, a /, a dot inside a word or a title is an identifier; most words have none."""


def has_identifiers(text: str, regions: Regions = nowhere) -> bool:
    """Return whether a text holds something that may tell who somebody is, such as an e-mail address.

    `regions` is where its author most likely is, whose way of writing phone numbers is known then.
    """
    return _WORTH_A_LOOK.search(text) is not None and bool(
        load(_IDENTIFIERS).find_identifiers(text, regions=regions)
    )


def redacted(text: str, regions: Regions = nowhere) -> str:
    """Return a text with each identifier replaced by its kind in brackets; `regions` is where its author may be.

    >>> redacted("Write to ann@example.org, please")
    'Write to [email], please'
    """
    if _WORTH_A_LOOK.search(text) is None:
        return text
    identifiers = load(_IDENTIFIERS)
    written: str = identifiers.redact(text, identifiers.find_identifiers(text, regions=regions))
    return written


def redacted_value(value: Any, regions: Regions = nowhere) -> Any:
    """Return a JSON value with all texts in it redacted; names of fields and numbers stay as they are."""
    match value:
        case str():
            return redacted(value, regions)
        case list():
            return [redacted_value(one, regions) for one in value]
        case dict():
            return {name: redacted_value(one, regions) for name, one in value.items()}
        case _:
            return value


def redact_fields(
    fields: Mapping[str, Any], names: frozenset[str], regions: Regions = nowhere
) -> tuple[dict[str, Any], bool]:
    """Redact the fields whose names are in `names`; return all fields, and whether any was changed by that."""
    seen = {name: redacted_value(fields[name], regions) for name in names & fields.keys()}
    return {**fields, **seen}, any(seen[name] != fields[name] for name in seen)
