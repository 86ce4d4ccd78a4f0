"""Every translated string that people are shown, with its English and where it stands."""

from collections.abc import Iterator
from typing import NamedTuple

from flows.formats.po_files import read_po_file, strings_of, texts_of
from flows.i18n.catalogs import SHIPPED
from flows.program.loader import PROGRAMS


class Told(NamedTuple):
    """One translated string: where it stands, its English, and what is shown."""

    context: str
    english: str
    shown: str


def told(language: str) -> Iterator[Told]:
    """Every string of a language that people are shown; what they may type besides (aliases) is not."""
    for folder in (SHIPPED, PROGRAMS / "translations"):
        for path in sorted((folder / language).glob("*.po")):
            for message in read_po_file(path, language):
                if message.id and not str(message.context).endswith(".aliases"):
                    for string in strings_of(message):
                        yield Told(str(message.context), texts_of(message)[0], string)
