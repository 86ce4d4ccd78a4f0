"""Read emoji: by name between colons (`:-1:`, as Slack delivers and people paste them), as keycaps, or as signs.

Only for reading: what is stored and shown is always the participant's own text.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from flows.heavy_packages import load

_NAME: Final = re.compile(r":([\w+'\u2019&.()-]{1,80}):")
_UNKNOWN: Final = " "
"""What stands for a name that no list has, such as a workspace's own emoji: it means nothing."""

_JOINERS: Final = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""What only changes the look of an emoji: joiners, variation selectors, skin tones, the letters of flags."""
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_PICTURE: Final = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u2775\u2794-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001faff]"
)
_KEYCAPS: Final = re.compile("(?:[0-9]\ufe0f?\u20e3|\U0001f51f\ufe0f?)+")
_KEYCAP: Final = re.compile("[0-9]|\U0001f51f")
_OTHER_KEYCAPS: Final = re.compile("[#*]\ufe0f?\u20e3")
_ENCLOSED: Final = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\U0001f100-\U0001f10c]")
"""Digits and numbers in a circle, in brackets, or with a full stop."""
_SIGNED: Final = re.compile("(?<=\\d)[\u2795\u2796]|[\u2795\u2796](?=\\s?\\d)")
_ANY: Final = re.compile(f"[{''.join(one.pattern[1:-1] for one in (_JOINERS, _PICTURE, _ENCLOSED))}]")
"""Any of these: a text without one is all words, as most are."""
_NUMBER_SIGNS: Final = {"\u2795": "+", "\u2796": "-"}

_YES: Final = frozenset("👍👌🙆🆗✅☑✔✓")
_NO: Final = frozenset("👎🙅❌❎✖🚫⛔✗✘☒")
_CROSSES: Final = _NO - {"👎"}
_NODS: Final = {"🙂\u200d\u2195": "👍", "🙂\u200d\u2194": "👎"}
"""A head that nods or shakes; the same face without its arrows means nothing."""


class Signs(NamedTuple):
    """Hold whether a text has an emoji of yes, and one of no."""

    yes: bool
    no: bool


def with_emoji(text: str, *, unknown: str | None = None) -> str:
    """Return a text with each emoji that stands in it by name (`:+1:`) as the emoji itself.

    `unknown` takes the place of a name that no list has; None leaves it as it was. What stands between colons inside
    a time (`10:30:45`), an address or a word is no name.
    """
    if text.count(":") < 2:  # noqa: PLR2004 - the two colons of a name
        return text
    return "".join(_parts(text, unknown))


def _parts(text: str, unknown: str | None) -> Iterator[str]:
    """Yield a text in pieces, with names replaced."""
    place = 0
    while found := _NAME.search(text, place):
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        meant = _named(found[1], before, after)
        if meant is None:  # its second colon may be the first of a name
            yield text[place : found.end() - 1]
            place = found.end() - 1
            continue
        kept = found[0] if unknown is None else unknown
        yield text[place : found.start()] + (kept if meant == _UNKNOWN else meant)
        place = found.end()
    yield text[place:]


def _named(name: str, before: str, after: str) -> str | None:
    """Return the emoji of a name, `_UNKNOWN` for one that no list has, None for what is no name.

    `before` and `after` are the characters outside of its colons, '' at the ends of the text.
    """
    number, has_digit = name.isdecimal(), any(map(str.isdigit, name))
    starts, ends = before.isalnum(), after.isalnum()
    if starts and ends and (number or not has_digit):
        return None  # 10:30:45, a:b:c
    known = _by_name().get(_folded(name))
    if known is not None:
        return known
    if (number and before.isdigit()) or (not has_digit and (starts or ends)):
        return None  # 10:30: or note:this:
    return _UNKNOWN


def _folded(name: str) -> str:
    """Return a name as the table has it."""
    return name.lower().replace("-", "_")


@cache
def _by_name() -> Mapping[str, str]:
    """Map the names of all emoji, with Slack's for skin tones and flags, to the emoji."""
    package = load("emoji")
    table: dict[str, str] = {}
    listed = sorted(package.EMOJI_DATA.items(), key=lambda pair: pair[1]["status"])
    for names in ("alias", "en"):  # short names first: `:x:` and the like are what people know
        for sign, data in listed:
            given = data.get(names, ())
            for name in (given,) if isinstance(given, str) else given:
                table.setdefault(_folded(name.strip(":")), sign)
    for tone in range(5):
        table[f"skin_tone_{tone + 2}"] = chr(0x1F3FB + tone)
    for sign in filter(_FLAG.fullmatch, package.EMOJI_DATA):
        country = "".join(chr(ord(letter) - 0x1F1E6 + ord("a")) for letter in sign)
        table.setdefault(f"flag_{country}", sign)
    return MappingProxyType(table)


def without_emoji(text: str, *, apart: bool = False) -> str:
    """Return the words and numbers of a text: keycaps as digits, a space for any other emoji.

    Keycaps side by side are one number (12), or two where `apart`. A text without emoji is returned as it is.
    """
    named = with_emoji(text, unknown=_UNKNOWN)
    if named.isascii() or not _ANY.search(named):
        return named
    digits = _KEYCAPS.sub(lambda run: _number_of(run, apart=apart), named)
    digits = _ENCLOSED.sub(lambda sign: f" {int(unicodedata.numeric(sign[0]))} ", digits)
    digits = _SIGNED.sub(lambda sign: _NUMBER_SIGNS[sign[0]], _JOINERS.sub("", digits))
    return _PICTURE.sub(" ", _OTHER_KEYCAPS.sub(" ", digits))


def _number_of(run: re.Match[str], *, apart: bool) -> str:
    """Return the number that a run of keycaps shows, kept off what stands beside it."""
    digits = ["10" if one == "\U0001f51f" else one for one in _KEYCAP.findall(run[0])]
    whole = (" " if apart or "10" in digits else "").join(digits)
    before, after = run.string[: run.start()][-1:], run.string[run.end() :][:1]
    return f"{' ' if before.isalnum() else ''}{whole}{' ' if after.isalnum() else ''}"


def emoji_of(text: str) -> str:
    """Return the emoji of a text and what belongs to them, without the words between."""
    signs = re.findall(f"{_JOINERS.pattern}|{_PICTURE.pattern}", with_emoji(text, unknown=_UNKNOWN))
    return "".join(signs)


def bare_emoji(text: str) -> str:
    """Return a text as emoji are compared: known by name too, without skin tone, look or space between."""
    return "".join(_JOINERS.sub("", with_emoji(text)).split())


def signs_in(text: str) -> Signs:
    """Return whether a text has emoji of yes (👍) and of no (👎), also by name."""
    seen = _signs(text)
    return Signs(not seen.isdisjoint(_YES), not seen.isdisjoint(_NO))


def is_crossed(text: str) -> bool:
    """Return whether a text has an emoji that crosses out what stands beside it (❌), also by name."""
    return not _signs(text).isdisjoint(_CROSSES)


def _signs(text: str) -> frozenset[str]:
    """Return the characters of a text, with heads that nod and shake as thumbs."""
    if text.isascii() and ":" not in text:
        return frozenset()
    named = with_emoji(text)
    for head, thumb in _NODS.items():
        named = named.replace(head, thumb)
    return frozenset(named)


_SHOWN: Final = 3
"""The most emoji that are said back to somebody."""
_ONE: Final = re.compile(
    rf"[0-9#*]\ufe0f?\u20e3|{_ENCLOSED.pattern}|{_FLAG.pattern}|{_NAME.pattern}"
    rf"|{_PICTURE.pattern}(?:\u200d{_PICTURE.pattern}|{_JOINERS.pattern})*"
)


def emoji_alone(text: str) -> str | None:
    """Return what a reply shows that has emoji, keycaps or their names and not one word: its first three, each once.

    None for a reply with a word or a number of its own, and for one without emoji.
    """
    if text.isascii() and ":" not in text:
        return None
    named = with_emoji(text)
    if ":" not in named and not _ANY.search(named):
        return None
    rest = _ENCLOSED.sub("", _OTHER_KEYCAPS.sub("", _KEYCAPS.sub("", named)))
    rest = _PICTURE.sub("", _JOINERS.sub("", with_emoji(rest, unknown="")))
    if rest == named or any(unicodedata.category(letter)[0] in "LN" for letter in rest):
        return None
    shown = dict.fromkeys(found[0] for found in _ONE.finditer(named))
    return "".join(list(shown)[:_SHOWN]) or None
