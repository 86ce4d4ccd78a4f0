"""`said identity`: change the key that seals addresses, or say which one it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bot.cli.common import print_json, progress_bar, say
from bot.cli.resources import existing, settings_for
from bot.clock import SystemClock
from storage.database.address_keys import AddressKeys, key_path, load_key, load_or_make_key
from storage.database.connection import Database, database_path
from storage.database.key_check import confirm, is_key_of, keep_proof
from storage.database.key_rotation import rehearse
from storage.database.key_rotation import rotate as seal_anew
from storage.database.migrate import examine, prepare
from storage.database.statements import translated
from storage.errors import StorageError


def adopt(config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said identity adopt`; `bot.cli.system.commands` says what each option is."""
    settings = settings_for(config, database)
    path = existing(database_path(settings.database))
    examine(path)
    key_file = settings.key_file.expanduser() if settings.key_file else key_path(path)
    identity = AddressKeys(load_key(key_file))
    with translated(path):
        confirm(path, identity, adopting=True)
        prepare(path)
        with Database(path, identity) as found:
            found.write_now(partial(keep_proof, identity=identity))
    if as_json:
        print_json({"file": str(path), "adopted": True})
    else:
        say(f"{path} takes this key for its own from now on, and refuses any other.")


def rotate(
    new_key_file: Path, dry_run: bool, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said identity rotate`; `bot.cli.system.commands` says what each option is."""
    settings = settings_for(config, database)
    path = existing(database_path(settings.database))
    old_file = settings.key_file.expanduser() if settings.key_file else key_path(path)
    old = AddressKeys(load_key(old_file))
    rehearsal = dry_run and not new_key_file.exists()
    with _new_key(path, None if rehearsal else new_key_file.expanduser()) as new, progress_bar() as bar:
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


@contextmanager
def _new_key(path: Path, file: Path | None) -> Iterator[AddressKeys]:
    """Yield the key in a file, which is made if it is not there; None stands for a rehearsal's, which is kept nowhere.

    A file that was made goes again where the block is refused and the database at `path` is not sealed with its key.
    """
    if file is None:
        yield AddressKeys(bytes(32))
        return
    is_new = not file.exists()
    new = AddressKeys(load_or_make_key(file, {}))
    try:
        yield new
    except StorageError:
        if is_new and not is_key_of(path, new):
            file.unlink()
        raise
