"""A database with nothing in it and the example programme, made once in a test run: both take longer than a talk."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.i18n.localized_program import Kept, translations_beside
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import ProgramFile
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.database.migrate import prepare

MYELOMA = PROGRAMS / "myeloma.yaml"


def database(path: Path, identity: AddressKeys) -> Database:
    """A database at the newest schema, opened; the file is a copy of one on which the migrations have run."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_migrated())
    return Database.open(path, identity=identity)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "said.sqlite"
        prepare(path)
        assert not path.with_name(f"{path.name}-wal").exists()
        return path.read_bytes()


@cache
def program() -> tuple[ProgramFile, Kept]:
    """The example programme as shipped, and its words in other languages. Not to be changed."""
    program = load_program(MYELOMA)
    return program, translations_beside(MYELOMA, program)
