"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lazy import CommandGroup, runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from flows.script.roles import Role


@runs("bot.cli.system.run")
def run(
    role: Annotated[
        Role | None,
        typer.Option(
            "--role", help="In the terminal: whom to play (patient, hcp or educator); asked if absent."
        ),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Use the terminal although channels are set.")
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Start: the channels in the settings, or with none of them a try in this terminal and a browser."""


@runs("bot.cli.system.doctor")
def doctor(
    mail: Annotated[
        Path | None,
        typer.Option(
            "--mail", metavar="FILE", help="A mail of ours as it arrived: what its signature covers."
        ),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check settings, tokens, webhook, database, time zones, scripts and disk, and say what to do."""


_audit = typer.Typer(cls=CommandGroup, help="The audit trail: does it hold?", no_args_is_help=True)


@_audit.callback()
def _hold_audit() -> None:
    """Make `verify` a command under `audit`, alone as it is."""


@_audit.command("verify")
@runs("bot.cli.system.audit")
def verify(
    anchor: Annotated[
        str | None,
        typer.Option(
            "--anchor", metavar="ROWS:HASH", help="What an earlier call printed: shows a tail cut off, too."
        ),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check every row of the audit trail against the one before; exit code 1 names the first that is wrong."""


_identity = typer.Typer(cls=CommandGroup, help="The key that seals addresses.", no_args_is_help=True)


@_identity.command("adopt")
@runs("bot.cli.system.identity")
def adopt(config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Say that the key at hand is the database's own, where nothing in it tells. A wrong one loses all links."""


@_identity.command("rotate")
@runs("bot.cli.system.identity")
def rotate(
    new_key_file: Annotated[
        Path,
        typer.Option("--new-key-file", metavar="FILE", help="Holds the new key; made if it is not there."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Try the old key on every address, and change nothing.")
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal every address with a new key, all of them or none. Stop the bot first. Links stay good."""


_db = typer.Typer(cls=CommandGroup, help="The database: copies, integrity, schema.", no_args_is_help=True)


@_db.command("backup")
@runs("bot.cli.system.db")
def backup(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="The file to make; it must not be there yet.")
    ],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the database, also while the bot runs. Keep the key file apart: without it the addresses are lost."""


@_db.command("restore")
@runs("bot.cli.system.restore")
def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="The file that `said db backup` made.")],
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal", metavar="FILE", help="The journal to go by; by default the one beside the database."
        ),
    ] = None,
    journal_key_file: Annotated[
        Path | None,
        typer.Option(
            "--journal-key-file",
            metavar="FILE",
            help="The key that opens the journal, where the identity key was changed after the backup.",
        ),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Restore although people who left since would come back."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup in place without those who stopped, or were erased, since it was made. Stop the bot first."""


@_db.command("check")
@runs("bot.cli.system.db")
def check(config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Check the file for damage, broken references, states that must not be, and answers against a consent."""


@_db.command("migrate")
@runs("bot.cli.system.db")
def migrate(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Bring the database to this version's schema. `said run` does it by itself; a newer file is refused."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("run")(run)
    app.command("doctor")(doctor)
    app.add_typer(_audit, name="audit")
    app.add_typer(_identity, name="identity")
    app.add_typer(_db, name="db")
