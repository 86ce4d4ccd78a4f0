"""How Slack delivers what people type: emoji as names between colons, links in brackets, rich text beside the words.

Slack's own names stand in a table here, written from its picker, so that the bot's table is checked by another hand;
all other emoji go by the names of the package `emoji`.
"""

import re
from collections.abc import Iterator
from typing import Any

import emoji

Json = dict[str, Any]

NAMES = {
    "👍": "+1", "👎": "-1", "✅": "white_check_mark", "❌": "x", "✔️": "heavy_check_mark",
    "☑️": "ballot_box_with_check", "❎": "negative_squared_cross_mark", "✖️": "heavy_multiplication_x",
    "0️⃣": "zero", "1️⃣": "one", "2️⃣": "two", "3️⃣": "three", "4️⃣": "four", "5️⃣": "five", "6️⃣": "six",
    "7️⃣": "seven", "8️⃣": "eight", "9️⃣": "nine", "🔟": "keycap_ten", "#️⃣": "hash", "*️⃣": "keycap_star",
    "🔢": "1234", "💯": "100", "🆗": "ok", "👌": "ok_hand", "🙏": "pray", "🙂": "slightly_smiling_face",
    "😄": "smile", "😊": "blush", "😀": "grinning", "😐": "neutral_face", "🙁": "slightly_frowning_face",
    "☹️": "white_frowning_face", "😢": "cry", "😭": "sob", "😡": "rage", "🤔": "thinking_face", "❤️": "heart",
    "💔": "broken_heart", "🎉": "tada", "👋": "wave", "✋": "hand", "🛑": "octagonal_sign", "⛔": "no_entry",
    "🚫": "no_entry_sign", "🙅": "no_good", "🙅‍♀️": "woman-gesturing-no", "🙆": "ok_woman", "🤷": "shrug",
    "🤷‍♂️": "man-shrugging", "🤷‍♀️": "woman-shrugging", "🤦‍♂️": "man-facepalming", "👨‍⚕️": "male-doctor",
    "👩‍⚕️": "female-doctor", "🇩🇪": "flag-de", "🇬🇧": "gb", "🇵🇹": "flag-pt", "🔴": "red_circle",
    "🔵": "large_blue_circle", "🟢": "large_green_circle",
    "⭐": "star", "🌟": "star2", "💊": "pill", "👨‍👩‍👧": "man-woman-girl", "🏳️‍🌈": "rainbow-flag",
}  # fmt: skip
"""Slack's first name of each emoji that people use in answers."""
TONES = "🏻🏼🏽🏾🏿"
"""Slack numbers them from 2."""
_BY_NAME = {name: sign for sign, name in NAMES.items()}
_TYPED = re.compile(r"(?<!\w):([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?(?!\w)")
_LINK = re.compile(r"https?://[^\s<>|]+")
_Leaf = str | tuple[str, int | None]
"""Words as they are, or an emoji without its skin tone, with the number of that; None where it has none."""


def escape(text: str) -> str:
    """As Slack escapes what people type."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def delivered(text: str) -> str:
    """The `text` of an event: words escaped, emoji by name, links in angle brackets."""
    return "".join(_linked(leaf) if isinstance(leaf, str) else named(*leaf) for leaf in _leaves(text))


def rich_text(text: str) -> list[Json]:
    """The `blocks` that today's clients send beside `text`: one block of rich text, each emoji with its code points."""
    elements = [one for leaf in _leaves(text) for one in _elements(leaf)]
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "rich", "elements": [section]}]


def named(sign: str, tone: int | None = None) -> str:
    """An emoji as Slack writes it: `:+1:`, `:+1::skin-tone-3:`; as a sign where Slack would not know it."""
    name = name_of(sign)
    return (f":{name}:" if name else sign) + (f":skin-tone-{tone}:" if name and tone else "")


def name_of(sign: str) -> str:
    """Slack's name of an emoji without skin tone; '' where it has none."""
    name = NAMES.get(sign) or NAMES.get(f"{sign}\ufe0f")
    return name or emoji.demojize(sign, language="alias").strip(":").replace(sign, "")


def reaction(sign: str) -> str:
    """The `reaction` of a reaction event: the name without colons, with its skin tone."""
    [leaf] = _leaves(sign)
    assert not isinstance(leaf, str), f"{sign!r} is no emoji"
    return named(*leaf)[1:-1]


def _leaves(text: str) -> Iterator[_Leaf]:
    """What was typed, in order: words, and emoji, whether typed as signs or by name."""
    text = _TYPED.sub(_sign, text)
    end = 0
    for found in emoji.emoji_list(text):
        if before := text[end : found["match_start"]]:
            yield before
        yield _toned(found["emoji"])
        end = found["match_end"]
    if text[end:]:
        yield text[end:]


def _sign(typed: re.Match[str]) -> str:
    """The clients put the emoji in place of a name that somebody types."""
    sign = _BY_NAME.get(typed[1]) or emoji.emojize(f":{typed[1]}:", language="alias")
    known = not sign.startswith(":")
    return sign + (TONES[int(typed[2]) - 2] if typed[2] else "") if known else typed[0]


def _toned(sign: str) -> tuple[str, int | None]:
    tones = [mark for mark in sign if mark in TONES]
    return (sign.replace(tones[0], ""), TONES.index(tones[0]) + 2) if len(tones) == 1 else (sign, None)


def _elements(leaf: _Leaf) -> Iterator[Json]:
    if not isinstance(leaf, str):
        yield _emoji(*leaf)
        return
    end = 0
    for link in _LINK.finditer(leaf):
        if before := leaf[end : link.start()]:
            yield {"type": "text", "text": before}
        yield {"type": "link", "url": link[0]}
        end = link.end()
    if leaf[end:]:
        yield {"type": "text", "text": leaf[end:]}


def _emoji(sign: str, tone: int | None) -> Json:
    points = [f"{ord(one):04x}" for one in sign]
    if tone:
        points.insert(1, f"{ord(TONES[tone - 2]):04x}")
    shown = {"type": "emoji", "name": name_of(sign), "unicode": "-".join(points)}
    return shown | ({"skin_tone": tone} if tone else {})


def _linked(words: str) -> str:
    parts, end = [], 0
    for link in _LINK.finditer(words):
        parts += [escape(words[end : link.start()]), f"<{escape(link[0])}>"]
        end = link.end()
    return "".join([*parts, escape(words[end:])])
