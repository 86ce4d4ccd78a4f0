"""`said read` in a terminal: one text after the other, and what a coordinator decides on each, until none is unread."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

from sqlalchemy import Connection

from bot.cli.common import print_table, say
from bot.cli.reading.shared import by_class
from bot.cli.reading.texts import facts, program_number
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.flag import open_case_in, tell
from bot.errors import UsageError
from bot.settings.settings import Settings
from bot.turn_context import TurnContext
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord
from storage.safety import reading, unread_texts
from storage.safety.manual_flags import FlaggedCase, ManualFlag, NoSuchWords
from storage.safety.reading import NotUnread, TextToRead
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import SafetyKind

AT_ONCE: Final = 200
"""Texts whose order is worked out at once; after them it is worked out anew."""


class ReadingStep(StrEnum):
    """What a coordinator does with the text before them."""

    READ = "read"
    SAME = "all the same"
    CASE = "case"
    BACK = "back"
    LATER = "later"
    STOP = "stop"


_KEYS: Final = {step.value[0]: step for step in ReadingStep if step is not ReadingStep.STOP} | {
    "q": ReadingStep.STOP,
    "s": ReadingStep.STOP,
}
_KINDS: Final = {kind.value[0]: kind for kind in SafetyKind}
Ask = Callable[[str], str]
"""Puts a question in the terminal, and returns what was typed."""


@dataclass
class ReadingSession:
    """Reading by one coordinator: what was shown in it, and which of it is the text before them."""

    found: Database
    settings: Settings
    by: CoordinatorRecord
    program: int | None
    ask: Ask
    clock: Callable[[], datetime]
    shown: list[TextToRead] = field(default_factory=list)
    place: int = 0
    later: set[TextSource] = field(default_factory=set)
    """What was put off in this session: it stays unread."""
    decided: set[TextSource] = field(default_factory=set)

    def run(self) -> None:
        """Show one text after the other until nothing is unread, or the coordinator stops."""
        self._tell_figures()
        while True:
            waiting = self._waiting()
            if not waiting:
                break
            for source in waiting:
                if not self._show(source):
                    continue
                if not self._decide_until_next():
                    self._tell_figures()
                    return
        self._tell_figures()

    def _waiting(self) -> Sequence[TextSource]:
        """Return the next texts, in their order."""
        now, limit = self.clock(), AT_ONCE + len(self.later)
        texts = self.found.read_now(lambda c: unread_texts.unread(c, now, program=self.program, limit=limit))
        return [text.source for text in texts if text.source not in self.later]

    def _show(self, source: TextSource) -> bool:
        """Take a text as the next one; False where it was read meanwhile, with another one or by somebody else."""
        try:
            same = self.found.read_now(lambda c: reading.count_same(c, source))
            text = self.found.write_now(
                lambda c: reading.show_text(c, source, by=self.by, now=self.clock(), same=same)
            )
        except NotUnread:
            return False
        self.shown.append(text)
        self.place = len(self.shown) - 1
        return True

    def _decide_until_next(self) -> bool:
        """Ask what is to be done until the newest text is decided on; False where the coordinator stops."""
        while self.place < len(self.shown):
            text = self.shown[self.place]
            say("")
            print_table(("", ""), facts(text))
            step = self._ask_step(text)
            match step:
                case ReadingStep.READ | ReadingStep.SAME:
                    self._mark(text, same=step is ReadingStep.SAME)
                case ReadingStep.CASE:
                    if not self._open_case(text):
                        return False
                case ReadingStep.BACK:
                    self.place = max(0, self.place - 1)
                    continue
                case ReadingStep.LATER:
                    self.later.add(text.source)
                case ReadingStep.STOP:
                    return False
                case _:
                    assert_never(step)
            self.place += 1
        return True

    def _ask_step(self, text: TextToRead) -> ReadingStep:
        """Ask what is to be done with a text, again until it is one of the steps."""
        read = "read" if text.cases else "read: nothing in it"
        offered = [f"[r] {'go on' if text.source in self.decided else read}"]
        if text.same and text.source not in self.decided:
            offered.append(f"[a] read, and {text.same} more with the same words")
        if text.source.kind is not TextKind.CASE:
            offered.append("[c] open a case")
        offered += ["[b] back", "[l] later", "[s] stop"]
        question = "   ".join(offered) + ": "
        while True:
            step = _KEYS.get(self.ask(question).strip().lower()[:1])
            if step is ReadingStep.SAME and not text.same:
                step = None
            if step is ReadingStep.CASE and text.source.kind is TextKind.CASE:
                step = None
            if step is not None:
                return step

    def _mark(self, text: TextToRead, *, same: bool) -> None:
        """Keep that a text was read; nothing where it was before, or is not there any more."""
        if text.source in self.decided:
            return
        sources, others = [text.source], None
        if same:
            others = self.found.read_now(lambda c: reading.same_texts(c, sources, by=self.by))
        try:
            count = self.found.write_now(
                lambda c: reading.mark_read(c, sources, by=self.by, now=self.clock(), same=others)
            )
        except NotUnread:
            say("It was read or deleted meanwhile.")
        else:
            say(f"Read: {count}.")
        self.decided.add(text.source)

    def _open_case(self, text: TextToRead) -> bool:
        """Open a case for a text, of the kind that the coordinator names, or add it to the open one.

        Return whether that was done; not where they stop instead, or the terminal was closed: the text stays unread.
        """
        kind = None
        while kind is None:
            typed = self.ask("[a] adverse event   [p] product complaint   [d] distress   [s] stop: ")
            key = typed.strip().lower()[:1]
            if _KEYS.get(key) is ReadingStep.STOP:
                return False
            kind = _KINDS.get(key)
        is_remark = text.source.kind is TextKind.REMARK
        flag = ManualFlag(text.participant, text.source.number, kind, is_remark=is_remark)
        now = self.clock()

        def read_and_open(connection: Connection) -> FlaggedCase:
            """Mark the text as read, unless it was before, and open its case: both or neither."""
            with suppress(NotUnread):
                reading.mark_read(connection, [text.source], by=self.by, now=now)
            return open_case_in(TurnContext(connection, now), self.settings, flag, by=self.by)

        try:
            tell(self.found.write_now(read_and_open), now)
        except NoSuchWords:
            say("It was deleted meanwhile.")
        self.decided.add(text.source)
        return True

    def _tell_figures(self) -> None:
        figures = self.found.read_now(lambda c: unread_texts.figures(c, self.clock(), program=self.program))
        if not figures.total:
            say("Nothing is unread.")
            return
        say(f"Unread: {by_class(figures.unread)}. Over one business day: {by_class(figures.overdue)}.")


def read_on(by: str | None, program: str | None, config: Path | None, database: str | None) -> None:
    """Run `said read`; `bot.cli.reading.commands` says what each option is."""
    if by is None:
        raise UsageError("say who reads", "said read --by CODE; `said coordinator list` has the codes")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "one text after the other is shown in a terminal only",
            "use `said read list`, `said read show TEXT --by CODE` and `said read mark TEXT --by CODE`",
        )
    with opened(config, database) as (settings, found):
        who = found.read_now(lambda c: coordinators.by_code(c, by))
        number = program_number(found, program)
        ReadingSession(found, settings, who, number, typed, time_now).run()


def typed(question: str) -> str:
    """Put a question in the terminal; return what was typed, `stop` where the terminal was closed."""
    try:
        return input(question)
    except (EOFError, KeyboardInterrupt):
        return ReadingStep.STOP.value
