"""Redact words for show and export: what may tell who somebody is becomes its kind in brackets.

The words themselves are kept as they came; only what leaves is changed (docs/why/redaction.md).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from flows.heavy_packages import load
from flows.text.phone_regions import Regions, nowhere

RULES: Final = 1
"""The version of the rules: raise it with each change of what is redacted, and all kept forms are made anew."""
WORDS_CHANGED: Final[Mapping[str, Any]] = {"redaction": None, "redaction_rules": 0}
"""What an update writes beside words of an answer or a remark that it changes: no form of the old ones is kept."""
_IDENTIFIERS: Final = "flows.text.pii"
"""Loaded when a text is worth a look: phone numbers and what people call a record in seven languages take 20 ms."""
_SHORT_TITLES: Final = r"dr|dr[ae]|m|m[rsx]|mrs|mme|mlle|profa?|pr|sra?|srta|dña|sig|dott|hrn"
_LONG_TITLES: Final = (
    r"do[kc]t[eo]|dottor|doutor|profes|señor|senhor|signor|enferm|madame|monsieur|mademoiselle"
    r"|miss|nurse|frau|herrn?|don|doña|dona"
)
_ARABIC_TITLES: Final = r"د[./]|دكتور|طبيب|ستاذ|سيد|ممرض|بروف|[آاأ]نس|مدام"
"""How titles of people begin, and those that are short; `flows.text.titled_names` knows them whole."""
_NAME_FOLLOWS: Final = r"\w*[ \u00a0]{1,3}(?-i:[^\W\d_a-z]|[^\W\d_]\D{0,20}?(?<![^\W_])[^\W\d_a-z])"
"""A capital letter begins a word soon after a title that is a word: 'the doctor looked at me' names nobody."""
_WORTH_A_LOOK: Final = re.compile(
    rf"(?:\d\D{{0,4}}){{3}}\d|@|/|\.\w|::|(?<![^\W\d_])(?:{_SHORT_TITLES})[.ª \u00a0]"
    rf"|(?<![^\W\d_])(?:{_LONG_TITLES}){_NAME_FOLLOWS}|{_ARABIC_TITLES}",
    re.IGNORECASE,
)
"""Nothing without four digits, an @, a /, a dot inside a word or a title is an identifier; most words have none."""
_MAY_BE_WORTH_IT: Final = re.compile(
    r"[\d@/]|\.\w|::|[^\x00-\x7f]|(?<=[ .'])[A-HJ-Z]|(?<=[ .'])I[^ ']|[Mm][Rr]"
)
"""The same in little time: without a sign, a capital letter inside and a Mr there is neither number nor name."""
_PLAIN_WORDS: Final = re.compile(
    r"(?:[A-LN-Z]|M(?!r))?(?:[a-ln-z ,;!?()\"'\n-]++|m(?!r)|\.(?!\w)|I(?=[ ']|\Z))*+"
)
"""Small letters with a capital one at the start alone, as most answers are: none of the above, and told at once."""


def _is_worth_a_look(text: str) -> bool:
    """Return whether a text may hold an identifier: false for most, and never where it holds one."""
    if _PLAIN_WORDS.fullmatch(text) or _MAY_BE_WORTH_IT.search(text) is None:
        return False
    return _WORTH_A_LOOK.search(text) is not None


def has_identifiers(text: str, regions: Regions = nowhere) -> bool:
    """Return whether a text holds something that may tell who somebody is, such as an e-mail address.

    `regions` is where its author most likely is, whose way of writing phone numbers is known then.
    """
    return _is_worth_a_look(text) and bool(load(_IDENTIFIERS).find_identifiers(text, regions=regions))


def redacted(text: str, regions: Regions = nowhere) -> str:
    """Return a text with each identifier replaced by its kind in brackets; `regions` is where its author may be.

    >>> redacted("Write to ann@example.org, please")
    'Write to [email], please'
    """
    if not _is_worth_a_look(text):
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
