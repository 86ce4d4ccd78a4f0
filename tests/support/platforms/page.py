"""What a person sees on a page of a conversation: its HTML is read as a browser without a script shows it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from bot.channels.base import read_button
from tests.support.dialogue import Button
from tests.support.platforms.screen import progress_of

_VOID = frozenset({"input", "br", "meta", "link", "img", "hr", "wbr"})
ANSWERS = ("tap", "pick", "step", "done")
"""The names of the controls that answer a question; `done` sends what is ticked."""
LAST = 1_000_000
"""The place of what names the whole question: Done, below all else."""


@dataclass
class Element:
    """An element of a page, with what is in it: other elements, and words."""

    tag: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    @property
    def is_seen(self) -> bool:
        """Whether eyes see it; what is there for the ear alone, or hidden, they do not."""
        return "heard" not in self.classes and self.attributes.get("type") != "hidden"

    def every(self) -> Iterator["Element"]:
        """It and all elements in it, in their order."""
        yield self
        for one in self.inside:
            if isinstance(one, Element):
                yield from one.every()

    def first(self, **wanted: str) -> "Element | None":
        """The first element in it with these attributes; `tag` and `kind` are its tag and one of its classes."""
        tag, kind = wanted.pop("tag", None), wanted.pop("kind", None)
        for one in self.every():
            is_wanted = wanted.items() <= one.attributes.items()
            if is_wanted and tag in (None, one.tag) and (kind is None or kind in one.classes):
                return one
        return None

    def words(self) -> str:
        """Its words as they are seen: a paragraph below another one, a line below another one."""
        paragraphs = [one for one in self.every() if one.tag == "p"]
        if paragraphs and self.tag != "p":
            return "\n\n".join(one.words() for one in paragraphs if one.is_seen)
        return "".join(self._pieces()).strip("\n")

    def _pieces(self) -> Iterator[str]:
        for one in self.inside:
            if isinstance(one, str):
                yield one
            elif one.tag == "br":
                yield "\n"
            elif one.is_seen and one.attributes.get("aria-hidden") != "true":
                yield from one._pieces()


class _Reader(HTMLParser):
    """Reads a page into elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.page = Element("", {})
        self._open = [self.page]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


@dataclass(frozen=True)
class Choice:
    """Something that answers the question: a button, a box or a step, with the field that it posts."""

    label: str
    name: str
    value: str
    ticked: bool = False

    @property
    def place(self) -> int:
        """Its place among the script's choices: controls stand where there is room on a page. Done comes last."""
        if self.name == "pick":
            return int(self.value)
        button = read_button(self.value)
        assert button is not None
        return LAST if button[2] is None else button[2]


@dataclass(frozen=True)
class Said:
    """A message on a page: its name there, its words, what can be pressed below it, and how far along it is.

    The name of the open question is the number of its message, that of another one of ours `m` and its row.
    """

    name: str
    text: str
    choices: tuple[Choice, ...] = ()
    progress: str = ""

    @property
    def buttons(self) -> tuple[Button, ...]:
        """What answers it, in the script's order."""
        ordered = sorted(self.choices, key=lambda one: one.place)
        return tuple(Button(one.label, ticked=one.ticked) for one in ordered)


@dataclass(frozen=True)
class Screen:
    """A page of a conversation: the history of both sides, and the question that is open, None for none.

    `waits`: an answer is still on its way. `older` is the address of what was said before, '' for nothing. `language`
    is that of the page's own words.
    """

    ours: tuple[Said, ...] = ()
    theirs: tuple[Said, ...] = ()
    asked: Said | None = None
    waits: bool = False
    older: str = ""
    language: str = "en"


def read_screen(html: str) -> Screen:
    """Read the page of a conversation; one that is none has no lines and asks nothing."""
    page = _Reader(html).page
    now = page.first(id="now")
    if now is None:
        return Screen()
    messages = [one for one in page.every() if one.tag == "li" and "message" in one.classes]
    ours = tuple(_said(one) for one in messages if "bot" in one.classes)
    theirs = tuple(_said(one) for one in messages if "person" in one.classes)
    above = page.first(kind="older")
    link = None if above is None else above.first(tag="a")
    older = "" if link is None else link.attributes["href"]
    top = page.first(tag="html")
    language = "en" if top is None else top.attributes["lang"]
    return Screen(ours, theirs, _asked(now), now.first(id="wait") is not None, older, language)


def _said(item: Element) -> Said:
    said = item.first(kind="said")
    assert said is not None
    return Said(item.attributes["id"].removeprefix("m-"), said.words(), tuple(_choices(item)))


def _asked(now: Element) -> Said | None:
    question, about = now.first(id="question"), now.first(name="about")
    assert question is not None
    assert about is not None
    if not about.attributes["value"]:
        return None
    lead, heading = now.first(kind="lead"), now.first(id="now-title")
    assert heading is not None
    text = "\n\n".join(one.words() for one in (lead, question) if one is not None)
    counted = [progress_of(one.words()) for one in heading.every() if one.tag == "span" and one.is_seen]
    return Said(about.attributes["value"], text, tuple(_choices(now)), next(filter(None, counted), ""))


def _choices(below: Element) -> Iterator[Choice]:
    """What can be pressed. A box or a step has its words beside it, in its label."""
    for one in below.every():
        name, value = one.attributes.get("name", ""), one.attributes.get("value", "")
        if one.tag == "button" and name in ANSWERS:
            yield Choice(one.words(), name, value)
        if one.tag == "label":
            field_of = one.first(tag="input")
            if field_of is not None and field_of.attributes["name"] in ANSWERS:
                given = field_of.attributes
                yield Choice(one.words(), given["name"], given["value"], ticked="checked" in given)
