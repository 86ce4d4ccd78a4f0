"""Trace one Telegram reply from payload to commit, in the checkout that is the current folder; prints JSON.

Run by `tests.house.visits`. A patient stands at the first question of the interview, a select_one, and types the label
of a choice; another patient went the same way before, so that what is read once (scripts, word lists) is read. Every
call of our own code is noted, in the event loop and in the database's threads, until the turn is committed.

Counted are the frames of functions, methods and lambdas of the three packages: what Python makes a frame for in one
version and not in another (comprehensions, generator expressions) and the bodies of modules are not. The depth of a
call is the number of such frames on its stack, itself included.
"""

import asyncio
import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from any_checkout import Bot, must_be_of, started

PACKAGES = ("flows", "storage", "bot")
NOT_COUNTED = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<module>"})
FORMER, TRACED = 0, 1
REPLY = "I have the condition"
ANSWERED = "SELECT count(*) FROM answer WHERE slot = 'a1' AND status = 'answered'"


class Trace:
    """What was called while it went on."""

    def __init__(self, root: Path) -> None:
        self._prefixes = tuple(f"{root / package}/" for package in PACKAGES)
        self._ours: dict[str, bool] = {}
        self.functions: set[tuple[str, str]] = set()
        self.deepest: list[str] = []

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Note a call; everything else passes."""
        if event == "call" and self._counts(frame.f_code):
            stack = self._stack(frame)
            self.functions.add((stack[0].co_filename, stack[0].co_qualname))
            if len(stack) > len(self.deepest):
                self.deepest = [f"{code.co_filename}:{code.co_qualname}" for code in reversed(stack)]

    @contextmanager
    def going_on(self, database: Any) -> Iterator[None]:
        """Note calls in this thread, in the database's writer and in threads that begin meanwhile."""
        _profile_threads(database, self)
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(None)
            _profile_threads(database, None)

    def _counts(self, code: CodeType) -> bool:
        file = code.co_filename
        if file not in self._ours:
            self._ours[file] = file.startswith(self._prefixes)
        return self._ours[file] and code.co_name not in NOT_COUNTED

    def _stack(self, frame: FrameType) -> list[CodeType]:
        """Return our own functions on the stack, the innermost first."""
        found: list[CodeType] = []
        above: FrameType | None = frame
        while above is not None:
            if self._counts(above.f_code):
                found.append(above.f_code)
            above = above.f_back
        return found


def _profile_threads(database: Any, trace: Trace | None) -> None:
    threading.setprofile(trace)
    database.write_now(lambda _connection: sys.setprofile(trace))


async def one_turn(bot: Bot, trace: Trace) -> None:
    """Let two people in; the former answers, then the other one, who is traced."""
    await bot.let_in(2)
    await bot.hear([bot.words(FORMER, REPLY)])
    bot.show()
    reply = bot.words(TRACED, REPLY)
    with trace.going_on(bot.app.database):
        await bot.hear([reply])


def main() -> None:
    """
    Trace, and print what was visited.

    Raises:
        LookupError: The reply was not taken as an answer, so that what was traced is another turn.
    """
    root = Path.cwd()
    must_be_of(root)
    trace = Trace(root)
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as bot:
        asyncio.run(one_turn(bot, trace))
        answered = bot.app.database.read_now(lambda connection: connection.exec_driver_sql(ANSWERED).scalar())
    if answered != len((FORMER, TRACED)):
        raise LookupError(f"{REPLY!r} was not taken as an answer")
    functions = sorted(f"{Path(file).relative_to(root)}:{name}" for file, name in trace.functions)
    deepest = [one.removeprefix(f"{root}/") for one in trace.deepest]
    json.dump({"functions": functions, "deepest": deepest}, sys.stdout)


if __name__ == "__main__":
    main()
