"""A database with nothing in it, and the example program, which is read once in a test run."""

from functools import cache
from pathlib import Path

from flows.i18n.localized_program import StoredTranslations, translations_beside
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import ProgramFile
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database

MYELOMA = PROGRAMS / "myeloma.yaml"


def database(path: Path, identity: AddressKeys) -> Database:
    """Open a new database with nothing in it; there must be none at the path."""
    assert not path.exists()
    return Database.open(path, identity=identity)


@cache
def program() -> tuple[ProgramFile, StoredTranslations]:
    """The example program as shipped, and its words in other languages. Not to be changed."""
    program = load_program(MYELOMA)
    return program, translations_beside(MYELOMA, program)
