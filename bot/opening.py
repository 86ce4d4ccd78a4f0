"""Open what the settings name: the database with the key of its addresses, and the scripts."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.errors import BotError, SettingsError
from bot.settings.settings import Settings
from flows.heavy_packages import load
from flows.schedule.local_time import is_known
from storage.database.connection import Database, database_path
from storage.database.open_file import find_rescued
from storage.restore.untold import JournalLook, look_at_journal

if TYPE_CHECKING:
    from flows.script.model import Flow


def check_time_zones() -> None:
    """Check that this machine knows time zones: without them nobody can be written to at the right hour.

    Raises:
        BotError: it does not.
    """
    if not is_known("Europe/London"):
        raise BotError("this machine has no time zone data", "install the package `tzdata`")


def check_nothing_rescued(settings: Settings) -> None:
    """Check that no file is left of a database that was taken away from a running bot: what lies there now may be less.

    Whoever starts the bot again by itself must not go on with a file that nobody has chosen.

    Raises:
        BotError: there is one.
    """
    saved = find_rescued(database_path(settings.database))
    if saved:
        raise BotError(
            f"{saved[-1]} holds what a bot had open when its database was taken away",
            "put the right file in place and move the other one away: see `If the file is taken away` in"
            " docs/howto/backup.md",
        )


def check_nobody_comes_back(database: Database) -> None:
    """Check that a database in which no bot has run, as a backup is, knows of all who left by the journal beside it.

    Raises:
        BotError: it does not.
    """
    if database.read_now(lambda connection: connection.scalar(sa.text("PRAGMA user_version"))):
        return  # whoever starts on it is warned: a process may have been killed just before it wrote
    look = database.read_now(partial(look_at_journal, path=database.path, identity=database.identity))
    if look.untold:
        raise BotError(*left_unknown(look, database.path))


def left_unknown(look: JournalLook, path: Path) -> tuple[str, str]:
    """Say that the database at `path` does not know of some of the lines in its journal; return it with the remedy."""
    lines = f"{len(look.untold):,} line{'s' if len(look.untold) > 1 else ''}"
    what = (
        f"{lines} of the journal, the latest of {look.untold[-1].at:%Y-%m-%d %H:%M} UTC, tell of stops, deletions"
        f" or the like that {path} does not know of, as a backup does not that was put there by hand"
    )
    return what, f"run `said db restore {path}`, which does them again, while no bot runs"


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name, with the key that seals its addresses.

    The file is made if it is not there, and with it the key's. The caller closes the database.
    """
    key_file = None if settings.key_file is None else settings.key_file.expanduser()
    return Database.open(settings.database, key_file=key_file)


def all_flows(settings: Settings) -> "dict[str, Flow]":
    """Load the shipped flows and those in the files that the settings name, and return them by their names.

    One of the settings replaces a shipped one of the same name.

    Raises:
        SettingsError: a file or folder that the settings name is not there.
        ScriptError: a script has problems.
    """
    loader = load("flows.script.loader")
    flows: dict[str, Flow] = dict(loader.library())
    for place in settings.flows:
        for file in _scripts(place.expanduser()):
            flow = loader.load_flow(file)
            flows[flow.flow] = flow
    return flows


def _scripts(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from sorted((*place.glob("*.yaml"), *place.glob("*.yml")))
    elif place.exists():
        yield place
    else:
        raise SettingsError("flows", f"{place} is not there", "name a folder or a file with scripts")
