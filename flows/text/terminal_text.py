"""Make texts harmless to a terminal and to whoever reads a line of output: nothing in them moves, colours or forges.

What people and authors wrote may hold control characters of a terminal (C0, C1), marks that turn the direction of what
follows (UAX 9), and breaks that make one line look like two. None of it is lost: it is written so that it can be read.
"""

import re

BREAK = "↵"
"""Stands where a text had a line break, and only one line is to be shown."""

_HINTS = "\u061c\u200e\u200f\u2068\u2069"
"""Marks that Arabic and the bot's own texts need beside letters; left out: a terminal shows the same without them."""
_TURNS = "\u202a-\u202e\u2066\u2067"
_BREAKS = "\u2028\u2029"
_SURROGATES = "\ud800-\udfff"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_HARMFUL = re.compile(f"[{_CONTROLS}{_TURNS}{_BREAKS}{_SURROGATES}]")
_IN_JSON = re.compile(f"[\x7f-\x9f{_HINTS}{_TURNS}{_BREAKS}{_SURROGATES}]")
_HINT = re.compile(f"[{_HINTS}]")
_LINE_END = re.compile(r"\r\n|\r")


def visible(text: str) -> str:
    r"""Return a text with whatever could drive a terminal written as an escape; line breaks and tabs stay.

    >>> visible("red \x1b[31m, \u202eturned")
    'red \\x1b[31m, \\u202eturned'
    """
    return _HARMFUL.sub(_escape, _HINT.sub("", _LINE_END.sub("\n", text)))


def on_one_line(text: str) -> str:
    r"""Return a text as `visible` does, on one line: breaks are shown as ↵, so that no second line can be forged.

    >>> on_one_line("fine\nREAD: 12")
    'fine ↵ READ: 12'
    """
    return f" {BREAK} ".join(visible(text).split("\n")).replace("\t", " ")


def escaped_json(document: str) -> str:
    r"""Return a JSON document with what could drive a terminal as `\uXXXX`, in which any reader finds the same text.

    JSON itself escapes C0 alone; outside of its strings none of these characters can stand.
    """
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - what two digits can write
