"""A language made for tests: each text is the original between ⟦ and ⟧, so that what is left out shows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.formats.po_files import PoFile, ReviewStatus, read_po_file, texts_of, write_po_file
from flows.i18n import catalogs, localized_flow
from flows.i18n.catalogs import translation_path
from flows.i18n.extraction import domains
from flows.i18n.localized_program import StoredTranslations, program_domain
from flows.i18n.sync import update
from flows.program.model import ProgramFile
from flows.script.model import Flow

PSEUDO = "eo"
"""Babel knows its plurals and its dates, and nothing of ours is in it."""


def pseudo(text: str) -> str:
    """The text in the made-up language."""
    return f"⟦{text}⟧"


def translate(
    folder: Path,
    flows: Iterable[Flow],
    *,
    language: str = PSEUDO,
    status: ReviewStatus = ReviewStatus.REVIEWED,
) -> Path:
    """Write translations of everything into a folder."""
    every = domains(flows)
    update(every, folder, (language,))
    for domain in every:
        path = translation_path(folder, language, domain.name)
        file = read_po_file(path, language)
        done = PoFile(language, version=file.flow_hash, status=status)
        for message in file:
            if message.id:
                string = pseudo(texts_of(message)[0])
                whole = (string,) * file.num_plurals if len(texts_of(message)) > 1 else string
                done.add(message.id, whole, context=message.context)
        write_po_file(path, done)
    return folder


def program_in(program: ProgramFile, status: ReviewStatus = ReviewStatus.REVIEWED) -> StoredTranslations:
    """A program's own words in the made-up language, as they are kept with it."""
    strings = {
        entry.context: [entry.texts[0], pseudo(entry.texts[0])] for entry in program_domain(program).entries
    }
    return {PSEUDO: {"status": status.value, "strings": strings, "sure": sorted(strings)}}


@contextmanager
def shipped(folder: Path) -> Iterator[None]:
    """The translations in a folder stand for the shipped ones."""
    caches = (catalogs.load_catalog, catalogs.words_language, catalogs._sentences)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogs, "SHIPPED", folder)
        patch.setattr(localized_flow, "SHIPPED", folder)
        for cache in caches:
            cache.cache_clear()
        try:
            yield
        finally:
            for cache in caches:
                cache.cache_clear()
