"""Start the bot of any checkout of this repository, and write to it as Telegram does.

Runs inside that checkout (its folder is the current one and stands first on the path), and leans only on what stays
as it is from one version to the next: the commands, the settings, `bot.app` and the two steps of its runtime. The
reader of Telegram's updates is looked for at each place where it has stood. This folder is not `bench/` itself, since
`make bench` runs every file of that one.
"""

import asyncio
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

LINK_BEGINS = "?start="
FIRST_CHAT = 1_000_000
INVITED = ("--role", "patient", "--flow", "interview", "--source", "measured", "--group")
TO_THE_FIRST_QUESTION = ("Continue", "I agree", "Yes", "No")
"""What a patient writes before the first question of the measured interview: ready, and three consents."""
_OPENERS = ("bot.opening", "bot.app")
_READERS = ("bot.channels.telegram.inbound", "bot.channels.telegram_inbound")


@dataclass(slots=True)
class Bot:
    """A bot that runs in this process, on a database of its own, and sends nothing."""

    app: Any
    token: str
    """Of the link that lets everybody in."""
    read_update: Callable[[Any], Any] = field(default_factory=lambda: attribute("read_update", *_READERS))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def words(self, person: int, text: str) -> dict[str, Any]:
        """Return the update for a message of that person."""
        number = next(self.numbers)
        message = {"message_id": number, "text": text, "chat": _chat(person), "from": _user(person)}
        return {"update_id": number, "message": message}

    async def hear(self, updates: Sequence[dict[str, Any]]) -> None:
        """Take updates from payload to commit: each is read and stored by itself, and all are answered."""
        receive = self.app.runtime.receive
        await asyncio.gather(*(receive([self.read_update(update).inbound]) for update in updates))
        await self.app.runtime.drain()

    def show(self) -> None:
        """Mark what is queued as sent, long ago, under the next number: a reply answers only what was shown."""
        shown = (
            f"SET status = 'sent', sent_at = '2020-01-01 00:00:00.000000', message_id = {next(self.numbers)}"
        )
        self.app.database.write_now(
            lambda connection: connection.exec_driver_sql(f"UPDATE outbox {shown} WHERE status = 'queued'")
        )

    async def let_in(self, people: int) -> None:
        """Bring so many people, numbered from 0, to the first question of the interview."""
        for text in (f"/start {self.token}", *TO_THE_FIRST_QUESTION):
            await self.hear([self.words(person, text) for person in range(people)])
            self.show()


@contextmanager
def started(folder: Path, *scripts: Path) -> Iterator[Bot]:
    """Make a database with the example program and a group link, and start the bot of this checkout on it.

    `scripts` are files of scripts that it plays in place of its own of the same name.
    """
    os.environ |= {
        "SAID_DATABASE": str(folder / "said.sqlite"),
        "SAID_TELEGRAM__TOKEN": "1:made-up",
        "SAID_TELEGRAM__BOT_NAME": "measured_bot",
        "SAID_FLOWS": json.dumps([str(script) for script in scripts]),
    }
    program = next(Path("flows").rglob("programs/myeloma.yaml"))
    _said("program", "load", str(program))
    [link, *_] = _strings(json.loads(_said("invite", "myeloma", *INVITED, "--json")))
    app = import_module("bot.app")
    open_database = attribute("open_database", *_OPENERS)
    settings = attribute("load_settings", "bot.settings.settings", "bot.settings")()
    with open_database(settings) as database:
        yield Bot(app.build(settings, database, {}), link.partition(LINK_BEGINS)[2])


def attribute(name: str, *modules: str) -> Any:
    """
    Return what bears this name in the first of these modules that is there.

    Raises:
        LookupError: None of them is there, or none has it.
    """
    for module in modules:
        try:
            return getattr(import_module(module), name)
        except (ModuleNotFoundError, AttributeError):
            continue
    raise LookupError(f"{name} is in none of {', '.join(modules)}: add the module where it stands now")


def must_be_of(folder: Path) -> None:
    """
    Make sure that it is this folder's bot that is measured.

    Raises:
        LookupError: Another one is found first.
    """
    found = Path(str(import_module("bot").__path__[0])).resolve()
    if found.parent != folder.resolve():
        raise LookupError(f"the bot of {found.parent} would be measured, not that of {folder}")


def _said(*words: str) -> str:
    """Run a command in this process; returns what it printed.

    Raises:
        RuntimeError: It said that something is wrong.
    """
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            import_module("bot.cli").main(words)
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"said {' '.join(words)} ended with {end.code}") from end
    return printed.getvalue()


def _strings(value: Any) -> Iterator[str]:
    """Yield the links in what `said invite --json` prints."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        yield from _strings(one)
    if isinstance(value, str) and LINK_BEGINS in value:
        yield value


def _chat(person: int) -> dict[str, Any]:
    return {"id": FIRST_CHAT + person, "type": "private"}


def _user(person: int) -> dict[str, Any]:
    return {"id": FIRST_CHAT + person, "is_bot": False, "first_name": "Ann", "language_code": "en"}
