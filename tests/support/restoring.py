"""A town whose people leave after a backup was made: what a restored database does with them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.schedule.scheduler import Scheduler
from storage.database.backup import backup
from storage.database.connection import Database
from storage.restore.place import RestoreReport, RestoreRequest, restore
from tests.support.said import COMMITMENT
from tests.support.turn_world import IDENTITY, Someone, World, make_runtime, make_world

WORDS = "Ask each myeloma patient about numbness at every visit, before I prescribe, said {}"
"""What each of them commits to; the name is told with it."""

AFTERNOON = timedelta(hours=14)
"""When the bot looks at what is due, from midnight in UTC."""


@dataclass
class Town:
    """A world of turns with people who made commitments, and the backup of that day."""

    world: World
    backup: Path
    people: dict[str, Someone] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.world.database.path.parent

    def __getitem__(self, name: str) -> Someone:
        return self.people[name]

    async def settle(self, *names: str, lines: tuple[str, ...] = COMMITMENT) -> None:
        """People who come in by a link and commit to something."""
        for name in names:
            someone = self.people[name] = self.world.someone(name)
            await someone.start(self.world.token("hcp_commitment"))
            for line in lines:
                await someone.say(WORDS.format(name) if line.startswith("Ask each") else line)

    def back_up(self) -> None:
        backup(self.world.database.path, self.backup)

    def request(self, **more: Any) -> RestoreRequest:
        values = {"backup": self.backup, "database": self.world.database.path, "identity": IDENTITY}
        return RestoreRequest(**(values | {"now": self.world.clock.now()} | more))

    def restore(self, **more: Any) -> RestoreReport:
        """End the bot and put the backup in place; the bot is not started again."""
        self.world.database.close()
        return restore(self.request(**more))

    def start(self) -> None:
        """A new process on the database that lies there now."""
        self.world.database = Database.open(self.world.database.path, identity=IDENTITY)
        self.world.runtime = make_runtime(self.world.database, self.world.clock)

    def begin_again(self) -> RestoreReport:
        """Put the backup in place and start the bot on it."""
        report = self.restore()
        self.start()
        return report

    async def live(self, weeks: int) -> None:
        """Let weeks pass; the bot looks at what is due once a week, in the afternoon of a working day."""
        self.world.clock.move(max(timedelta(0), AFTERNOON - timedelta(hours=self.world.clock.now().hour)))
        for _ in range(weeks):
            self.world.clock.move(timedelta(weeks=1))
            await Scheduler(self.world.database, self.world.runtime, self.world.clock).tick()

    def written_to(self) -> set[str]:
        """Who was written to since they were last looked at."""
        return {name for name, someone in self.people.items() if someone.look()}

    def files_with(self, words: str) -> list[str]:
        """The files in the database's folder that hold some words."""
        found = words.encode()
        return sorted(
            file.name for file in self.folder.iterdir() if file.is_file() and found in file.read_bytes()
        )


def make_town(folder: Path) -> Town:
    """A town without people; its database and the backup lie in folders of their own."""
    (folder / "live").mkdir()
    return Town(make_world(folder / "live"), folder / "kept" / "said-backup.sqlite")


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a database file, by table."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
