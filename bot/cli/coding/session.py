"""`said code` in a terminal: one excerpt after the other, and the codes that a coordinator gives each."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from bot.cli.coding.codings import facts, suggest, suggested_in_words
from bot.cli.coding.shared import codes_in_words, program_of
from bot.cli.common import count, print_table, say
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from flows.coding.codebook import Codebook, CodebookCode
from flows.text.suggest import did_you_mean
from storage.coding import codebooks, codings, excerpts
from storage.coding.codings import NewCoding
from storage.coding.errors import CodingError
from storage.coding.excerpts import CodedText
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.coordinators import CoordinatorRecord

Ask = Callable[[str], str]
"""Puts a question in the terminal, and returns what was typed."""


class CodingStep(StrEnum):
    """What a coordinator may type in place of codes."""

    NONE = "none"
    LIST = "list"
    SKIP = "skip"
    QUIT = "quit"


@dataclass
class CodingSession:
    """Coding by one coordinator: what they put off in it, and what they coded."""

    found: Database
    by: CoordinatorRecord
    program: int
    codebook: Codebook
    ask: Ask
    clock: Callable[[], datetime]
    coded: int = 0
    said: set[str] = field(default_factory=set)
    """What was said once, and is not said again."""

    def run(self) -> None:
        """Show one excerpt after the other until none waits, or the coordinator stops."""
        waiting = self.found.read_now(lambda c: excerpts.waiting(c, self.program, self.by))
        say(f"{count(len(waiting), 'excerpt')} waiting for {self.by.code}. Codes are kept as you give them.")
        if waiting:
            self._list_codes()
        for place, one in enumerate(waiting, start=1):
            if not self._code(one, f"{place} of {len(waiting)}"):
                break
        left = len(waiting) - self.coded
        say(f"Coded: {self.coded}. {count(left, 'excerpt')} still waiting for you.")

    def _code(self, one: CodedText, place: str) -> bool:
        """Show an excerpt and keep the codes that it is given; False where the coordinator stops."""
        words = self.found.write_now(lambda c: excerpts.show(c, one, by=self.by, now=self.clock()))
        say("")
        print_table(
            ("", ""), [("excerpt", place), *facts(one), ("suggested, no coding", self._suggested(one, words))]
        )
        while True:
            typed = self.ask("Codes, [none], [list], [skip], [quit], ?CODE: ").strip()
            given = self._read(typed)
            match given:
                case CodingStep.QUIT:
                    return False
                case CodingStep.SKIP:
                    return True
                case CodingStep.LIST:
                    self._list_codes()
                case CodingStep.NONE:
                    self._keep(one, frozenset())
                    return True
                case frozenset():
                    self._keep(one, given)
                    return True
                case None:
                    continue
                case _:
                    assert_never(given)

    def _read(self, typed: str) -> CodingStep | frozenset[str] | None:
        """Read what was typed; None where something was said about it, and it is asked again."""
        if typed.startswith("?"):
            self._explain(typed.removeprefix("?").strip())
            return None
        if typed.lower() in _STEPS:
            return _STEPS[typed.lower()]
        names = typed.replace(",", " ").split()
        codes = [self._named(name) for name in names]
        unknown = [name for name, one in zip(names, codes, strict=True) if one is None]
        if not names or unknown:
            near = did_you_mean(unknown[0], self.codebook.names) if unknown else ""
            say(
                f"{unknown[0]!r} is no code. {near}" if unknown else "Name a code, or say none, skip or quit."
            )
            return None
        return frozenset(one.code for one in codes if one is not None)

    def _named(self, name: str) -> CodebookCode | None:
        """Return the code of a name, or of its number in the list."""
        if name.isdecimal() and 1 <= int(name) <= len(self.codebook.codes):
            return self.codebook.codes[int(name) - 1]
        return self.codebook.find(name.lower())

    def _keep(self, one: CodedText, codes: frozenset[str]) -> None:
        """Keep the codes of an excerpt; say so where that cannot be done any more."""
        new = NewCoding(one.text.source, codes, excerpt=one.id)
        try:
            self.found.write_now(lambda c: codings.code(c, self.program, new, by=self.by, now=self.clock()))
        except CodingError as error:
            say(error)
            return
        self.coded += 1
        say(f"Kept: {codes_in_words(codes)}.")

    def _suggested(self, one: CodedText, words: str) -> str:
        """Write what is suggested for an excerpt; say once where likeness cannot be asked."""
        known = self.found.read_now(lambda c: codings.examples(c, self.program, self.by, besides=one.id))
        found, note = suggest(self.codebook, words, known)
        if note is not None and note not in self.said:
            self.said.add(note)
            say(f"Note: {note}")
        return suggested_in_words(found)

    def _list_codes(self) -> None:
        print_table(
            ("", "code", "label", "part of"),
            [
                (place, one.code, one.label_in(self.by.language), one.parent)
                for place, one in enumerate(self.codebook.codes, start=1)
            ],
        )

    def _explain(self, name: str) -> None:
        """Show what a code means."""
        one = self._named(name)
        if one is None:
            say(f"{name!r} is no code. {did_you_mean(name, self.codebook.names)}")
            return
        lines = [
            ("code", one.code),
            ("label", one.label_in(self.by.language)),
            ("definition", one.definition),
            ("example", one.example),
            ("include", ", ".join(one.include)),
            ("exclude", ", ".join(one.exclude)),
        ]
        print_table(("", ""), [line for line in lines if line[1]])


_STEPS = {step.value: step for step in CodingStep} | {step.value[0]: step for step in CodingStep}
"""What may be typed, whole or by its first letter."""


def code_on(by: str | None, program: str | None, config: Path | None, database: str | None) -> None:
    """Run `said code`; `bot.cli.coding.commands` says what each option is."""
    if by is None:
        raise UsageError("say who codes", "said code --by CODE; `said coordinator list` has the codes")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "one excerpt after the other is shown in a terminal only",
            "use `said code list --by CODE`, `said code show WORDS --by CODE` and `said code add WORDS --by CODE`",
        )
    with opened(config, database) as (_, found):
        who = found.read_now(lambda c: coordinators.by_code(c, by))
        number = found.read_now(lambda c: program_of(c, program))
        codebook = found.read_now(lambda c: codebooks.required(c, number)).codebook
        CodingSession(found, who, number, codebook, typed, time_now).run()


def typed(question: str) -> str:
    """Put a question in the terminal; return what was typed, `quit` where the terminal was closed."""
    try:
        return input(question)
    except (EOFError, KeyboardInterrupt):
        return CodingStep.QUIT.value
