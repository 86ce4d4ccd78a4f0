"""`said identity`: change the key that seals addresses."""

from pathlib import Path

from bot.cli.common import print_json, progress_bar, say
from bot.cli.resources import existing, settings_for
from bot.clock import SystemClock
from storage.database.address_keys import AddressKeys, key_path, load_key, load_or_make_key
from storage.database.connection import database_path
from storage.database.key_rotation import rehearse
from storage.database.key_rotation import rotate as seal_anew


def rotate(
    new_key_file: Path, dry_run: bool, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said identity rotate`; `bot.cli.system.commands` says what each option is."""
    settings = settings_for(config, database)
    path = existing(database_path(settings.database))
    old_file = settings.key_file.expanduser() if settings.key_file else key_path(path)
    old = AddressKeys(load_key(old_file))
    rehearsal = dry_run and not new_key_file.exists()
    new = AddressKeys(bytes(32) if rehearsal else load_or_make_key(new_key_file.expanduser(), {}))
    with progress_bar() as bar:
        task = bar.add_task("addresses", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if dry_run:
            rotated = rehearse(path, old, new, progress=tell)
        else:
            rotated = seal_anew(path, old, new, now=SystemClock().now(), progress=tell)
    if as_json:
        print_json({"addresses": rotated.addresses, "changed": not dry_run, "key_file": str(new_key_file)})
    elif dry_run:
        say(f"The key opens all {rotated.addresses} addresses. Nothing was changed.")
    else:
        say(
            f"{rotated.addresses} addresses are sealed with the key in {new_key_file}. Before the next start,"
            f" put it in the place of {old_file} (or of SAID_KEY). Older backups need the old key."
        )
