"""Read the rich text that Slack's clients send beside a message's words: its emoji, and what it says.

Whatever a block holds that is of another shape than Slack documents is passed over.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.slack.payloads.emoji_names import named, put_emoji

Element = Mapping[str, Any]

_CODE_POINTS = re.compile(r"[0-9a-f]{1,5}(?:-[0-9a-f]{1,5})*", re.IGNORECASE)
_DEEPEST = 20
"""Slack's rich text is five deep at most."""
_MARKED = {"user": ("@", "user_id"), "channel": ("#", "channel_id"), "broadcast": ("@", "range")}
"""How mentions are written, and the field that says of whom."""


def with_emoji(text: str, blocks: object) -> str:
    """Return words as Slack sends them with emoji in place of their names, by the rich text in `blocks` first."""
    if ":" not in text:
        return text
    signs = [(_name(one), _sign(one)) for one in _elements(blocks) if one.get("type") == "emoji"]
    shown = {name: sign for name, sign in signs if sign}
    return put_emoji(text, shown, often=Counter(name for name, _ in signs if name in shown))


def words_of(blocks: object) -> str:
    """Return what a message's rich text says, without its styles; '' where there is none."""
    return "".join(_said(element) for element in _elements(blocks))


def _elements(node: object, depth: int = 0) -> Iterator[Element]:
    """Return the elements that have no elements of their own, in order; lists and quotes end with a line."""
    if depth > _DEEPEST:
        return
    if isinstance(node, list):
        for one in node:
            yield from _elements(one, depth + 1)
    elif isinstance(node, Mapping) and isinstance(node.get("elements"), list):
        yield from _elements(node["elements"], depth + 1)
        if node.get("type") in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
            yield {"type": "text", "text": "\n"}
    elif isinstance(node, Mapping):
        yield node


def _said(element: Element) -> str:
    kind = element.get("type")
    if kind == "emoji":
        return _sign(element) or f":{_name(element)}:"
    if isinstance(kind, str) and kind in _MARKED:
        mark, field = _MARKED[kind]
        return f"{mark}{element.get(field) or ''}"
    text = element.get("text") or element.get("url") if kind in ("text", "link") else None
    return text if isinstance(text, str) else ""


def _name(element: Element) -> str:
    """Return an emoji's name as the words of the message have it, such as `+1::skin-tone-3`."""
    name, tone = element.get("name"), element.get("skin_tone")
    return f"{name}::skin-tone-{tone}" if isinstance(tone, int) else str(name)


def _sign(element: Element) -> str | None:
    """Return an emoji by its code points, else by its name; None where Slack's workspace alone knows it."""
    points = element.get("unicode")
    if isinstance(points, str) and _CODE_POINTS.fullmatch(points):
        sign = "".join(chr(int(point, 16)) for point in points.split("-"))
        return None if any("\ud800" <= half <= "\udfff" for half in sign) else sign
    name, _, tone = _name(element).partition("::skin-tone-")
    return named(name, tone if tone in {"2", "3", "4", "5", "6"} else None)
