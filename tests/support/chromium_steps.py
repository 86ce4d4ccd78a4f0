"""What somebody does with their thumb on a phone: begin, tap, tick, mark, type, and read what came."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.i18n.say import Sentence, say
from tests.support.chromium import Phone
from tests.support.script_replies import Reader, Reply, Way


@dataclass(frozen=True)
class Shown:
    """What one page asked: its language and direction, what led to the question, its words, how far along it is.

    Each of the last three may be '' for nothing.
    """

    language: str
    direction: str
    lead: str
    question: str
    progress: str

    @property
    def whole(self) -> str:
        """All that was said at once, as it stands in the history."""
        return "\n\n".join(filter(None, (self.lead, self.question)))


@dataclass
class Thumb:
    """Somebody who answers on a phone, as `reader` reads the script; what was shown and said is kept in its order.

    With a `folder` a picture is taken of each page that is laid out in a new way, and axe looks at it.
    """

    phone: Phone
    reader: Reader
    folder: Path | None = None
    shown: list[Shown] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    layouts: set[str] = field(default_factory=set)
    looks_again: bool = False
    """Whether the first page says that the answer is on its way, and does not load itself."""

    @property
    def page(self) -> Any:
        return self.phone.page

    @property
    def now(self) -> Any:
        """The part of the page with the open question."""
        return self.page.locator("#now")

    async def begin(self, path: str) -> None:
        """Open an invitation, and tap its button."""
        await self.phone.open(path)
        await self.look_at("invitation")
        button = say(Sentence.PAGE_BEGIN, self.reader.language)
        await self.page.get_by_role("button", name=button, exact=True).tap()
        if self.looks_again:
            await self.page.locator("[name=look]").tap()
        await self.page.locator("#now:not(:has(#wait))").wait_for()

    async def answer(self, replies: Sequence[Reply]) -> None:
        """Answer one question after the other; each is read before, and the next one waited for."""
        for reply in replies:
            await self.read()
            newest = await self.now.locator("#say [name=newest]").input_value()
            await self._act(reply)
            await self.page.locator(f'#now:not(:has(#say [value="{newest}"])):not(:has(#wait))').wait_for()

    async def read(self) -> Shown:
        """Read the page, and keep what it shows."""
        root = self.page.locator("html")
        progress = self.page.locator("h2#now-title.count > span:not(.heard)")
        counted = await progress.count()
        *lead, words = await self.now.locator(".lead, #question").all_inner_texts()
        shown = Shown(
            await root.get_attribute("lang"),
            await root.get_attribute("dir"),
            "".join(lead).strip(),
            words.strip(),
            (await progress.inner_text()).strip() if counted else "",
        )
        self.shown.append(shown)
        await self.look_at(await self._layout())
        return shown

    async def _layout(self) -> str:
        """How the question is to be answered, by what the page calls it."""
        for part in (".answers", "#question.idle"):
            found = self.now.locator(part)
            if await found.count():
                return str(await found.get_attribute("class")).rpartition(" ")[2]
        return "words"

    async def history(self) -> tuple[list[str], list[str]]:
        """What stands above the question by us, and by them, with all that was said before and has its own page."""
        ours: list[str] = []
        theirs: list[str] = []
        while True:
            for words, author in ((ours, "bot"), (theirs, "person")):
                above = await self.page.locator(f"#history .{author} .said").all_inner_texts()
                words[:0] = [one.strip() for one in above]
            older = self.page.locator(".older a")
            if not await older.count():
                return ours, theirs
            first = await self.page.locator("#history > .message").first.get_attribute("id")
            await older.tap()
            await self.page.locator(f"#history:not(:has(#{first}))").wait_for()

    async def look_at(self, layout: str) -> None:
        """Have axe look at a page that is laid out in a new way, and take its picture."""
        if self.folder is None or layout in self.layouts:
            return
        self.layouts.add(layout)
        found = await self.phone.serious()
        assert found == [], (layout, found)
        name = f"{self.reader.flow.flow}-{self.reader.language}-{len(self.layouts):02}-{layout}"
        await self.phone.picture(self.folder, name)

    async def _act(self, reply: Reply) -> None:
        labels = self.reader.labels(reply)
        match reply.way:
            case Way.TAP:
                await self._tap(labels[0])
            case Way.FIRST:
                first = self.now.locator("button.choice .label").first
                self.said.append((await first.inner_text()).strip())
                await first.tap()
            case Way.SKIP:
                await self._tap(self.reader.skip)
            case Way.TICK:
                await self._tick(labels)
            case Way.MARK:
                await self.now.locator("label.step").filter(has_text=labels[0]).tap()
                self.said.append(labels[0])
                await self.now.locator(".answers button.main").tap()
            case Way.TYPE:
                await self.type(self.reader.words(reply))

    async def _tap(self, label: str) -> None:
        self.said.append(label)
        await self.now.get_by_role("button", name=label, exact=True).tap()

    async def _tick(self, labels: Sequence[str]) -> None:
        boxes = self.now.locator("label.choice")
        placed = [(await boxes.nth(place).inner_text()).strip() for place in range(await boxes.count())]
        wanted = [one for one in placed if one.startswith(tuple(labels))]  # some say "you expected this" too
        assert len(wanted) == len(labels), (labels, placed)
        for label in wanted:
            await self.now.get_by_role("checkbox", name=label, exact=True).tap()
        self.said.append(", ".join(wanted))
        await self.now.locator(".answers button.main").tap()

    async def type(self, words: str) -> None:
        """Type words into the field for them, letter by letter, and send them."""
        self.said.append(words)
        await self.page.locator("#words").tap()
        await self.page.keyboard.type(words)
        await self.page.locator("form.words button[name=say]").tap()
