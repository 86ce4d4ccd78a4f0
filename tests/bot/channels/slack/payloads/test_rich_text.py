"""Rich text, as Slack's clients send it beside the words of a message."""

import pytest

from bot.channels.slack.payloads.rich_text import with_emoji, words_of


def section(*elements):
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]


def text(words):
    return {"type": "text", "text": words}


def emoji(name, unicode=None, tone=None):
    shown = {"type": "emoji", "name": name}
    return shown | ({"unicode": unicode} if unicode else {}) | ({"skin_tone": tone} if tone else {})


EMOJI = [
    (":-1:", [emoji("-1", "1f44e")], "👎"),
    (":+1::skin-tone-3:", [emoji("+1", "1f44d-1f3fc", 3)], "👍🏼"),
    ("ok:five:", [text("ok"), emoji("five", "0035-fe0f-20e3")], "ok5️⃣"),
    (":shaking_head:", [emoji("shaking_head", "1f642-200d-2194-fe0f")], "🙂‍↔️"),
    (":partyparrot: :+1:", [emoji("partyparrot"), text(" "), emoji("+1")], ":partyparrot: 👍"),
    ("a:b:c :b:", [text("a:b:c "), emoji("b", "1f171-fe0f")], "a:b:c 🅱️"),
    ("say :one:", [text("say :one:")], "say 1️⃣"),
    (":x:", [emoji("x", "not hexadecimal")], "❌"),
    (":x:", [emoji("x", "d83d")], "❌"),
    (":x:", "no blocks", "❌"),
    (":x:", None, "❌"),
]


@pytest.mark.parametrize(("sent", "elements", "read"), EMOJI)
def test_its_code_points_go_first(sent, elements, read):
    """An emoji is what the rich text says by its code points, else what its name says."""
    blocks = section(*elements) if isinstance(elements, list) else elements
    assert with_emoji(sent, blocks) == read


def test_words_without_a_text():
    """Where a message has no text of its own, its rich text says what it says."""
    quote = {"type": "rich_text_quote", "elements": [text("it hurt")]}
    link = {"type": "link", "url": "https://x.org"}
    blocks = [
        {
            "type": "rich_text",
            "elements": [quote, *section(text("see "), link, emoji("-1", "1f44e"))[0]["elements"]],
        }
    ]
    assert words_of(blocks) == "it hurt\nsee https://x.org👎\n"
    assert (
        words_of(section({"type": "user", "user_id": "U1"}, {"type": "broadcast", "range": "here"}))
        == "@U1@here\n"
    )


def test_no_depth_is_too_much():
    """Blocks within blocks without end are passed over."""
    nested: object = [text("deep")]
    for _ in range(5_000):
        nested = [{"type": "rich_text_section", "elements": nested}]
    assert words_of(nested).strip() == ""
