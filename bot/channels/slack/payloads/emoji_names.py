"""Put emoji in place of the names by which Slack hands them over: `:-1:` is a thumb down and no number.

The names are those of the package `emoji`, and beside them what Slack names in its own way. A name that nothing knows,
such as that of a workspace's own picture, stays as it is. Why: docs/why/emoji-by-name.md.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from flows.heavy_packages import load

_PART = re.compile(
    r"<(?:[a-z][a-z0-9+.-]*:|[@#!])[^<>]*>"  # a link or mention, as Slack writes it
    r"|[a-z][a-z0-9+.-]*://\S+"
    r"|:(?P<name>[a-z0-9_+'-]+)(?:::skin-tone-(?P<tone>[2-6]))?:",
    re.IGNORECASE,
)
_TONES = "🏻🏼🏽🏾🏿"
"""From the number 2 on."""
_FIRST_TONE = 2
_FLAG = re.compile(r"flag-([a-z])([a-z])")
_LETTER = 0x1F1E6 - ord("a")
"""From a letter to the sign of which two make a flag."""
_FAMILY = {"man": "👨", "woman": "👩", "boy": "👦", "girl": "👧", "heart": "❤️", "kiss": "❤️\u200d💋"}
_SLACKS_OWN = {
    "bald_person": "🧑‍🦲", "barely_sunny": "🌥️", "beetle": "🪲", "curly_haired_person": "🧑‍🦱",
    "drum_with_drumsticks": "🥁", "egg": "🥚", "eject": "⏏️", "email": "✉️", "face_palm": "🤦",
    "face_with_cowboy_hat": "🤠", "face_with_finger_covering_closed_lips": "🤫",
    "face_with_one_eyebrow_raised": "🤨", "face_with_open_mouth_vomiting": "🤮", "female-doctor": "👩‍⚕️",
    "fencer": "🤺", "first_place_medal": "🥇", "giraffe_face": "🦒",
    "grinning_face_with_one_large_and_one_small_eye": "🤪", "grinning_face_with_star_eyes": "🤩",
    "hand_with_index_and_middle_fingers_crossed": "🤞", "handball": "🤾", "i_love_you_hand_sign": "🤟",
    "juggling": "🤹", "keycap_star": "*️⃣", "kiwifruit": "🥝", "knife_fork_plate": "🍽️", "ladybug": "🐞",
    "lightning": "🌩️", "lightning_cloud": "🌩️", "male-doctor": "👨‍⚕️",
    "man-with-bunny-ears-partying": "👯‍♂️", "man-wrestling": "🤼‍♂️", "man_and_woman_holding_hands": "👫",
    "man_with_beard": "🧔‍♂️", "mate_drink": "🧉", "medal": "🎖️", "men-with-bunny-ears-partying": "👯‍♂️",
    "mostly_sunny": "🌤️", "mother_christmas": "🤶", "octagonal_sign": "🛑", "ok_woman": "🙆",
    "partly_sunny_rain": "🌦️", "person_doing_cartwheel": "🤸", "person_with_headscarf": "🧕",
    "rain_cloud": "🌧️", "red_haired_person": "🧑‍🦰", "satellite": "🛰️", "scooter": "🛴",
    "second_place_medal": "🥈", "serious_face_with_symbols_covering_mouth": "🤬",
    "shocked_face_with_exploding_head": "🤯", "shopping_trolley": "🛒", "simple_smile": "🙂",
    "smiling_face_with_3_hearts": "🥰", "smiling_face_with_smiling_eyes_and_hand_covering_mouth": "🤭",
    "snow_cloud": "🌨️", "snowman": "☃️", "spock-hand": "🖖", "staff_of_aesculapius": "⚕️",
    "sun_behind_cloud": "🌥️", "sun_small_cloud": "🌤️", "the_horns": "🤘", "third_place_medal": "🥉",
    "thumbsdown_all": "👎", "thumbsup_all": "👍", "tornado_cloud": "🌪️", "umbrella": "☂️",
    "white_haired_person": "🧑‍🦳", "woman-with-bunny-ears-partying": "👯‍♀️", "woman-wrestling": "🤼‍♀️",
    "woman_with_beard": "🧔‍♀️", "womans_flat_shoe": "🥿", "women-with-bunny-ears-partying": "👯‍♀️",
    "wrestlers": "🤼", "zebra_face": "🦓",
}  # fmt: skip
"""Names that the package does not know, or gives to another emoji."""


def put_emoji(
    text: str, shown: Mapping[str, str] | None = None, *, often: Mapping[str, int] | None = None
) -> str:
    """Return words as Slack sends them with emoji in place of their names.

    Links are left alone, and so are colons among letters and digits, as in `10:30:45` and `a:b:c`. `shown` are the
    emoji that the message's rich text shows, by name (`+1`, `+1::skin-tone-3`), and `often` how many times each: where
    the words have a name just as often, it is an emoji wherever it stands.
    """
    if ":" not in text:
        return text
    shown, often = shown or {}, often or {}
    found = [_key(part) for part in _PART.finditer(text) if part["name"]]
    sure = {name for name, times in often.items() if found.count(name) == times}

    def sign(part: re.Match[str]) -> str:
        if not part["name"]:
            return part[0]
        key = _key(part)
        if key not in sure and _among_letters(text, part.start(), part.end()):
            return part[0]
        return shown.get(key) or named(part["name"].lower(), part["tone"]) or part[0]

    return _PART.sub(sign, text)


def named(name: str, tone: str | None = None) -> str | None:
    """Return the emoji of Slack's name, such as `-1`, in the skin tone of that number, `2` to `6`.

    None comes back for a name that nothing knows; where `tone` is None the emoji has no skin tone.
    """
    found = _known(name)
    if found is None or tone is None:
        return found
    return found[0] + _TONES[int(tone) - _FIRST_TONE] + found[1:].removeprefix("\ufe0f")


def _key(part: re.Match[str]) -> str:
    return part["name"].lower() + (f"::skin-tone-{part['tone']}" if part["tone"] else "")


def _among_letters(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()


def _known(name: str) -> str | None:
    if name in _SLACKS_OWN:
        return _SLACKS_OWN[name]
    if flag := _FLAG.fullmatch(name):
        return "".join(chr(ord(letter) + _LETTER) for letter in flag.groups())
    if name.startswith("skin-tone-") and name[len("skin-tone-") :] in {"2", "3", "4", "5", "6"}:
        return _TONES[int(name[-1]) - _FIRST_TONE]
    members = name.split("-")
    if len(members) > 1 and _FAMILY.keys() >= set(members):
        return "\u200d".join(_FAMILY[member] for member in members)
    return next((sign for alias in _aliases(name) if (sign := _by_alias(alias))), None)


def _aliases(name: str) -> tuple[str, ...]:
    """Return the names that the package may know an emoji of Slack's by."""
    joined = name.replace("-", "_")
    gendered = joined.replace("female_", "woman_", 1).replace("male_", "man_", 1)
    return name, joined, gendered, joined.removeprefix("flag_"), joined.removeprefix("large_")


def _by_alias(alias: str) -> str | None:
    return _table().get(alias)


@cache
def _table() -> Mapping[str, str]:
    """Return the package's emoji by their names, the short ones first.

    The package looks for a name among all of its own, one after the other: a message full of names that there are not
    would take it seconds.
    """
    table: dict[str, str] = {}
    package = load("emoji")
    qualified = [
        (sign, data)
        for sign, data in package.EMOJI_DATA.items()
        if data["status"] <= package.STATUS["fully_qualified"]
    ]
    for sign, data in qualified:
        for name in data.get("alias", ()):
            table.setdefault(name.strip(":"), sign)
    for sign, data in qualified:
        table.setdefault(data["en"].strip(":"), sign)
    return MappingProxyType(table)
