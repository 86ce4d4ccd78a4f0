"""A browser without a script or a screen: it opens pages, fills in their forms, and presses their buttons."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

SAME_SITE = {"sec-fetch-site": "same-origin"}
"""What a browser of today says of a form of the page itself."""
_VOID = frozenset({"input", "br", "meta", "link", "img", "hr", "wbr"})


@dataclass
class Control:
    """Something in a form that can be filled in, ticked or pressed; `label` is what stands on or beside it."""

    tag: str
    name: str
    value: str
    kind: str = ""
    label: str = ""
    name_in_page: str = ""
    form_name: str = ""


@dataclass
class Form:
    """One form of a page: where it posts to, and its controls, also those that stand elsewhere."""

    action: str
    method: str
    name: str = ""
    controls: list[Control] = field(default_factory=list)

    def hidden(self) -> list[tuple[str, str]]:
        """The fields that nobody sees."""
        return [(one.name, one.value) for one in self.controls if one.kind == "hidden"]

    def named(self, name: str) -> list[Control]:
        """The controls of this name."""
        return [one for one in self.controls if one.name == name]


class Page(HTMLParser):
    """A page as it came: its status, its words, and its forms."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response = response
        self.forms: list[Form] = []
        self.texts: list[str] = []
        self._form: Form | None = None
        self._open: list[tuple[str, Control | None, list[str]]] = []
        self._labels: dict[str, str] = {}
        self._made: list[Control] = []
        self._hidden: list[int] = []
        if response.headers.get("content-type", "").startswith("text/html"):
            self.feed(response.text)
        for form in self.forms:
            own = [
                one
                for one in self._made
                if one.form_name == form.name != "" or any(one is mine for mine in form.controls)
            ]
            form.controls[:] = own
            for control in form.controls:
                control.label = control.label or self._labels.get(control.name_in_page, "")

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """All words of the page, on one line."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(
                given.get("action", ""), given.get("method", "get").lower(), given.get("id", "")
            )
            self.forms.append(self._form)
        control = None
        if tag in ("input", "button", "textarea", "select", "option") and (self._form or given.get("form")):
            name = given.get("name", "")
            if tag == "option":
                name = next((one.name for _, one, _ in reversed(self._open) if one is not None), "")
            control = Control(tag, name, given.get("value", ""), given.get("type", ""))
            control.label = given.get("aria-label", "")
            control.name_in_page = given.get("id", "")
            self._made.append(control)
            control.form_name = given.get("form", "")
            if self._form is not None and not control.form_name:
                self._form.controls.append(control)
            labelled = next((words for kind, _, words in reversed(self._open) if kind == "label"), None)
            if tag == "input" and labelled is not None:
                labelled.append(f"\0{len(self._made) - 1}")
        if tag not in _VOID:
            target = given.get("for", "") if tag == "label" else ""
            self._open.append((tag, control, [f"\1{target}"] if target else []))
            if given.get("aria-hidden") == "true":
                self._hidden.append(len(self._open))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._hidden and self._hidden[-1] == len(self._open):
                self._hidden.pop()
            kind, control, words = self._open.pop()
            said = " ".join(" ".join(word for word in words if word[:1] not in "\0\1").split())
            if kind == "label":
                for word in words:
                    if word[:1] == "\0":
                        self._made[int(word[1:])].label = said
                    elif word[:1] == "\1":
                        self._labels[word[1:]] = said
            if control is not None and not control.label:
                control.label = said
            if kind == tag:
                break
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if any(kind in ("script", "style", "title") for kind, _, _ in self._open):
            return
        if self._hidden:
            return
        if data.strip():
            self.texts.append(data)
        for _, _, words in self._open:
            words.append(data)

    def controls(self) -> Iterator[tuple[Form, Control]]:
        """All controls that can be seen, with their forms."""
        for form in self.forms:
            for control in form.controls:
                if control.kind != "hidden":
                    yield form, control

    def labels(self, *names: str) -> list[str]:
        """What stands on the controls of these names."""
        return [control.label for _, control in self.controls() if control.name in names]


class Browser:
    """Somebody's browser: `client` keeps the cookies, `page` is what is on the screen."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: Page

    async def open(self, address: str) -> Page:
        """Open an address, following where it leads."""
        return await self._show(await self.client.get(address))

    async def post(self, form: Form, *fields: tuple[str, str]) -> Page:
        """Send a form with these fields beside those that nobody sees."""
        return await self.send(form.action, [*form.hidden(), *fields])

    async def send(self, action: str, fields: list[tuple[str, str]]) -> Page:
        """Send these fields as a form of the page would."""
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        address = action or str(self.page.response.url)
        return await self._show(await self.client.post(address, data=data, headers=SAME_SITE))

    async def press(self, label: str) -> Page:
        """Press the button that says this."""
        for form, control in self.page.controls():
            if control.tag == "button" and control.label.startswith(label):
                return await self.post(form, *([(control.name, control.value)] if control.name else []))
        for form, control in self.page.controls():
            if control.kind == "radio" and control.label.startswith(label):
                return await self.post(form, (control.name, control.value))
        raise AssertionError(f"no button {label!r} among {[one.label for _, one in self.page.controls()]}")

    async def tick(self, *labels: str) -> Page:
        """Tick these boxes, and press Done."""
        form = next(form for form, control in self.page.controls() if control.name == "pick")
        ticked = [one for one in form.named("pick") if one.label.startswith(labels)]
        assert len(ticked) == len(labels), [one.label for one in form.named("pick")]
        fields = [(one.name, one.value) for one in ticked]
        return await self.post(form, *fields, *_own(form, "done"))

    async def pick_day(self, day: str) -> Page:
        """Choose a day, written as an ISO date."""
        form = next(form for form, control in self.page.controls() if control.name == "day")
        return await self.post(form, ("day", day), *_own(form, "date"))

    async def type(self, words: str) -> Page:
        """Type something, and send it."""
        form = next(form for form, control in self.page.controls() if control.name == "words")
        return await self.post(form, ("words", words))

    async def _show(self, response: httpx.Response) -> Page:
        self.page = Page(response)
        return self.page


def _own(form: Form, name: str) -> list[tuple[str, str]]:
    """The field of this name, where nobody sees it already."""
    return [(one.name, one.value) for one in form.named(name)[:1] if one.kind != "hidden"]
