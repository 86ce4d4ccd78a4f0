"""Where a wave goes: Telegram at its free pace or paid for, or some workspaces of Slack, each with its own limits."""

import sqlite3
from dataclasses import dataclass

from storage.database.address_keys import AddressKeys
from storage.schema import METADATA


@dataclass(frozen=True, slots=True)
class WaveChannel:
    """The channel of a wave. `workspaces` are those of Slack; 0 for Telegram."""

    workspaces: int
    paid: bool

    @property
    def name(self) -> str:
        """Return the name of the channel."""
        return "slack" if self.workspaces else "telegram"

    @property
    def coordinator(self) -> str:
        """Return the address of the one coordinator."""
        return "slack:T0/U42" if self.workspaces else "telegram:42"

    def options(self) -> list[str]:
        """Return the options of the command that say which channel it is."""
        return ["--slack", str(self.workspaces)] if self.workspaces else ["--paid"] * self.paid

    def settings(self) -> dict[str, str]:
        """Return the bot's settings, as variables of the environment."""
        if self.workspaces:
            return {"SAID_SLACK__BOT_TOKEN": "xoxb-made-up", "SAID_SLACK__APP_TOKEN": "xapp-made-up"}
        free = {"SAID_TELEGRAM__TOKEN": "1:made-up", "SAID_TELEGRAM__BOT_NAME": "measured_bot"}
        stars = {"ALLOW_PAID_BROADCAST": "true", "PAID_BROADCAST_STARS": "1000000"} if self.paid else {}
        return free | {f"SAID_TELEGRAM__{name}": value for name, value in stars.items()}

    def move_everybody(self, raw: sqlite3.Connection, keys: AddressKeys) -> None:
        """Move all people to Slack where the wave goes there, each workspace with as many as any other.

        Which line an address is on is found out by the bot when it starts.
        """
        if not self.workspaces:
            return
        for table in METADATA.tables.values():
            for name in {"channel", "line"} & {column.name for column in table.c}:
                raw.execute(f"UPDATE {table.name} SET {name} = 'slack'")
        found = raw.execute("SELECT id FROM address WHERE sealed <> x''").fetchall()
        raw.executemany(
            "UPDATE address SET lookup = ?, sealed = ?, workspace = NULL WHERE id = ?",
            (
                (keys.lookup(address), keys.seal(address), number)
                for number, address in ((number, self._address(number)) for (number,) in found)
            ),
        )

    def _address(self, number: int) -> str:
        return f"slack:T{number % self.workspaces}/U{1_000_000 + number}"
