"""Make of matplotlib's SVG an element of a page: named and described, in the page's font and colour, ids its own.

A page holds several figures, and each has its ids begin with its name. What only a file of its own needs goes: the
declaration, the metadata, and styles, which are written as attributes, so that a page may forbid inline styles and its
own style sheet may overrule them.
"""

import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from storage.outcomes.figures.labels import clean
from storage.outcomes.figures.palette import INK

_SVG: Final = "http://www.w3.org/2000/svg"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_DROPPED: Final = frozenset({"metadata", "style"})
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_USED: Final = re.compile(r"#([\w.-]+)")
_FONT: Final = re.compile(r"(?:(bold|\d00) )?([\d.]+)px ")
_NAME: Final = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True, slots=True)
class FigureWords:
    """What a figure is called, and what it shows, for those who do not see it.

    `name` begins its ids, so that no two figures of a page may have the same: letters, digits, `-` and `_`.

    Raises:
        ValueError: the name is none that an id can begin with.
    """

    name: str
    title: str
    description: str

    def __post_init__(self) -> None:
        """Check the name."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} cannot begin an id; use letters, digits, - and _")


def finished(text: str, words: FigureWords) -> str:
    """Return matplotlib's SVG as an element of a page."""
    root = ET.fromstring(text)  # noqa: S314 - it reads what matplotlib wrote of cleaned labels, see `labels`
    used = {name for one in root.iter() for value in one.attrib.values() for name in _USED.findall(value)}
    _clean_tree(root, used, words.name)
    kept = {name: root.attrib[name] for name in ("viewBox",)}
    width, height = (_short(number) for number in root.attrib["viewBox"].split()[2:])
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": _SVG,
            "class": "figure",
            "id": words.name,
            "role": "img",
            "aria-labelledby": f"{words.name}-title {words.name}-desc",
            "viewBox": " ".join(map(_short, kept["viewBox"].split())),
            "width": width,
            "height": height,
            "stroke-linejoin": "round",
        }
    )
    for place, (tag, said) in enumerate((("title", words.title), ("desc", words.description))):
        told = ET.Element(tag, {"id": f"{words.name}-{tag}"})
        told.text = clean(said)
        root.insert(place, told)
    return ET.tostring(root, encoding="unicode")


def _clean_tree(element: ET.Element, used: set[str], name: str) -> None:
    """Rewrite an element and all below it."""
    element.tag = element.tag.rpartition("}")[2]
    for child in list(element):
        if child.tag.rpartition("}")[2] in _DROPPED:
            element.remove(child)
            continue
        _clean_tree(child, used, name)
        if child.tag in {"g", "defs"} and not len(child):
            element.remove(child)
    if element.tag not in {"text", "title", "desc"}:
        element.text = None
    element.tail = None
    old = dict(element.attrib)
    element.attrib.clear()
    if old.get("id") in used:
        element.set("id", f"{name}-{old['id']}")
    for key, value in {**old, **_presentation(old.get("style", ""))}.items():
        kept = "href" if key == _HREF else key
        if key not in {"id", "style"} and not (key == "transform" and value.startswith("rotate(-0 ")):
            element.set(kept, _short(_USED.sub(rf"#{name}-\1", value) if _refers(value) else value))
    if element.tag == "text" and "fill" not in element.attrib:
        element.set("fill", "currentColor")


def _refers(value: str) -> bool:
    """Return whether a value names another element, and not a colour."""
    return value.startswith("url(#") or (
        value.startswith("#") and not re.fullmatch(r"#[0-9a-fA-F]{6}", value)
    )


def _presentation(style: str) -> dict[str, str]:
    """Return the rules of a style as attributes, without the family of the font: that is the page's."""
    found: dict[str, str] = {}
    for rule in filter(None, map(str.strip, style.split(";"))):
        key, _, value = (part.strip() for part in rule.partition(":"))
        font = _FONT.match(value) if key == "font" else None
        if font is not None:
            found |= {"font-size": font[2]} | ({} if font[1] is None else {"font-weight": font[1]})
        elif key == "font-size":
            found[key] = value.removesuffix("px")
        elif key != "font-family":
            found[key] = "currentColor" if value == INK else value
    return found


def _short(value: str) -> str:
    """Return a value with numbers of at most two decimals: a hundredth of a pixel."""
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)
