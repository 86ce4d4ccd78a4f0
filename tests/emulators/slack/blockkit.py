"""Block Kit's limits, checked as Slack's server does: counts, lengths and what may stand where.

Written from Slack's reference of blocks and elements, apart from slack_sdk's models, so that the two check
each other. Problems come in Slack's own shape: `[ERROR] what [json-pointer:/blocks/0/text]`.
"""

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]

MESSAGE = "message"
MODAL = "modal"
HOME = "home"

BLOCKS = {MESSAGE: 50, MODAL: 100, HOME: 100}
ALLOWED_BLOCKS = {
    MESSAGE: {"section", "actions", "context", "divider", "header", "image", "input", "rich_text"},
    MODAL: {"section", "actions", "context", "divider", "header", "image", "input", "rich_text"},
    HOME: {"section", "actions", "context", "divider", "header", "image", "input", "rich_text"},
}
ACTION_ELEMENTS = {
    "button", "checkboxes", "datepicker", "multi_static_select", "overflow", "radio_buttons",
    "static_select", "timepicker",
}  # fmt: skip
INPUT_ELEMENTS = {
    "checkboxes",
    "datepicker",
    "multi_static_select",
    "plain_text_input",
    "radio_buttons",
    "static_select",
}
TEXT_TOGETHER = 13_200
"""All the text of a message's blocks; above it Slack answers msg_blocks_too_long."""


def problems(blocks: Any, surface: str = MESSAGE) -> list[str]:
    """Everything that Slack would refuse, in order; empty when it would take the blocks."""
    return list(_blocks(blocks, surface))


def _blocks(blocks: Any, surface: str) -> Iterator[str]:
    if not isinstance(blocks, list):
        yield _error("must be an array", "/blocks")
        return
    if len(blocks) > BLOCKS[surface]:
        yield _error(f"no more than {BLOCKS[surface]} items allowed", "/blocks")
    names = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(names) != len(set(names)):
        yield _error("`block_id` already exists", "/blocks")
    for place, block in enumerate(blocks):
        yield from _block(block, f"/blocks/{place}", surface)


def _block(block: Any, at: str, surface: str) -> Iterator[str]:
    if not isinstance(block, dict) or block.get("type") not in ALLOWED_BLOCKS[surface]:
        yield _error(
            f"unsupported type: {block.get('type') if isinstance(block, dict) else block}", f"{at}/type"
        )
        return
    if len(block.get("block_id", "")) > 255:
        yield _error("must be less than 256 characters", f"{at}/block_id")
    check = _BLOCK_CHECKS.get(block["type"])
    if check:
        yield from check(block, at)


def _section(block: Json, at: str) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield _error("missing required field: text or fields", at)
    if block.get("text"):
        yield from _text(block["text"], f"{at}/text", 3000)
    fields = block.get("fields") or []
    yield from _count(fields, f"{at}/fields", 10)
    for place, field in enumerate(fields):
        yield from _text(field, f"{at}/fields/{place}", 2000)


def _header(block: Json, at: str) -> Iterator[str]:
    yield from _text(block.get("text"), f"{at}/text", 150, plain=True)


def _context(block: Json, at: str) -> Iterator[str]:
    elements = block.get("elements") or []
    yield from _count(elements, f"{at}/elements", 10, least=1)
    for place, element in enumerate(elements):
        if isinstance(element, dict) and element.get("type") != "image":
            yield from _text(element, f"{at}/elements/{place}", 3000)


def _actions(block: Json, at: str) -> Iterator[str]:
    elements = block.get("elements") or []
    yield from _count(elements, f"{at}/elements", 25, least=1)
    names = [element.get("action_id") for element in elements if element.get("action_id")]
    if len(names) != len(set(names)):
        yield _error("`action_id` already exists", f"{at}/elements")
    for place, element in enumerate(elements):
        yield from _element(element, f"{at}/elements/{place}", ACTION_ELEMENTS)


def _input(block: Json, at: str) -> Iterator[str]:
    yield from _text(block.get("label"), f"{at}/label", 2000, plain=True)
    if block.get("hint"):
        yield from _text(block["hint"], f"{at}/hint", 2000, plain=True)
    yield from _element(block.get("element") or {}, f"{at}/element", INPUT_ELEMENTS)


def _element(element: Json, at: str, allowed: set[str]) -> Iterator[str]:
    kind = element.get("type")
    if kind not in allowed:
        yield _error(f"unsupported type: {kind}", f"{at}/type")
        return
    if len(element.get("action_id", "")) > 255:
        yield _error("must be less than 256 characters", f"{at}/action_id")
    if element.get("placeholder"):
        yield from _text(element["placeholder"], f"{at}/placeholder", 150, plain=True)
    check = _ELEMENT_CHECKS.get(kind)
    if check:
        yield from check(element, at)


def _button(element: Json, at: str) -> Iterator[str]:
    yield from _text(element.get("text"), f"{at}/text", 75, plain=True)
    if len(element.get("value", "")) > 2000:
        yield _error("must be less than 2001 characters", f"{at}/value")
    if element.get("style") not in (None, "primary", "danger"):
        yield _error("must be one of: primary, danger", f"{at}/style")


def _select(element: Json, at: str) -> Iterator[str]:
    yield from _options(element, at, 100)


def _few_options(element: Json, at: str) -> Iterator[str]:
    yield from _options(element, at, 10)


def _options(element: Json, at: str, most: int) -> Iterator[str]:
    options = element.get("options") or []
    yield from _count(options, f"{at}/options", most, least=1)
    values = [option.get("value") for option in options]
    if len(values) != len(set(values)):
        yield _error("must provide unique values", f"{at}/options")
    for place, option in enumerate(options):
        yield from _text(option.get("text"), f"{at}/options/{place}/text", 75)
        if not 0 < len(option.get("value") or "") <= 150:
            yield _error("must be between 1 and 150 characters", f"{at}/options/{place}/value")
    if element.get("initial_options") is not None and not element["initial_options"]:
        yield _error("must not be empty", f"{at}/initial_options")
    if any(option not in options for option in element.get("initial_options") or ()):
        yield _error("must be among the options", f"{at}/initial_options")


def _text_input(element: Json, at: str) -> Iterator[str]:
    if not 0 < element.get("max_length", 3000) <= 3000:
        yield _error("must be between 1 and 3000", f"{at}/max_length")


def _text(text: Any, at: str, most: int, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield _error("missing or malformed text object", at)
        return
    if plain and text["type"] != "plain_text":
        yield _error("must be plain_text", f"{at}/type")
    length = units(text.get("text") or "")
    if length == 0:
        yield _error("must be more than 0 characters", f"{at}/text")
    if length > most:
        yield _error(f"must be less than {most + 1} characters", f"{at}/text")
    if text["type"] == "mrkdwn" and "emoji" in text:
        yield _error("additional property: emoji", at)


def _count(items: Any, at: str, most: int, *, least: int = 0) -> Iterator[str]:
    if len(items) < least:
        yield _error(f"no fewer than {least} items allowed", at)
    if len(items) > most:
        yield _error(f"no more than {most} items allowed", at)


def _error(what: str, at: str) -> str:
    return f"[ERROR] {what} [json-pointer:{at}]"


_BLOCK_CHECKS: dict[str, Callable[[Json, str], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
}
_ELEMENT_CHECKS: dict[str, Callable[[Json, str], Iterator[str]]] = {
    "button": _button,
    "static_select": _select,
    "multi_static_select": _select,
    "checkboxes": _few_options,
    "radio_buttons": _few_options,
    "plain_text_input": _text_input,
}


def view_problems(view: Any) -> list[str]:
    """As `problems`, for a modal or a Home tab."""
    if not isinstance(view, dict) or view.get("type") not in (MODAL, HOME):
        return [_error("unsupported view type", "/view/type")]
    found = problems(view.get("blocks"), view["type"])
    if len(view.get("private_metadata") or "") > 3000:
        found.append(_error("must be less than 3001 characters", "/view/private_metadata"))
    if len(view.get("callback_id") or "") > 255:
        found.append(_error("must be less than 256 characters", "/view/callback_id"))
    if view["type"] == MODAL:
        names = ("title", *(name for name in ("submit", "close") if view.get(name)))
        found += [found for name in names for found in _text(view.get(name), f"/view/{name}", 24, plain=True)]
        if any(block.get("type") == "input" for block in view.get("blocks") or ()) and not view.get("submit"):
            found.append(_error("submit is required when an input block is present", "/view/submit"))
    return found


def units(text: str) -> int:
    """Length in UTF-16 units, the stricter of the two readings of 'characters'."""
    return len(text.encode("utf-16-le")) // 2


def text_together(blocks: list[Json]) -> int:
    """All the text that a message's blocks show."""
    return sum(units(text) for text in texts(blocks))


def texts(part: Any) -> Iterator[str]:
    """Every text that is shown, in order."""
    if isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn") and isinstance(part.get("text"), str):
            yield part["text"]
        else:
            for name, value in part.items():
                if name not in ("initial_options", "placeholder"):
                    yield from texts(value)
    elif isinstance(part, list):
        for item in part:
            yield from texts(item)
