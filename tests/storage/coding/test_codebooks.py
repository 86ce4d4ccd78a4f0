"""Promises of storage/coding/codebooks.py: a version stays what it was, and its codes are themes of the program."""

import pytest

from flows.coding.codebook import CodebookCode
from storage.coding import codebooks
from storage.coding.errors import CodingError
from storage.programs import programs
from storage.schema import AuditKind
from tests.support.coding_rows import BOOK, words_to_code
from tests.support.export_rows import NOW


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def load(rows, **changes):
    changed = BOOK.model_copy(update=changes)
    return codebooks.load(rows.connection, changed, by=rows.coder("BERT"), now=NOW)


def test_the_version_in_use_is_unchanged_when_loaded_again(rows):
    """It is not kept twice, and who loaded it first stays."""
    assert load(rows) is False
    [kept] = codebooks.versions(rows.connection, 1)
    assert (kept.codebook, kept.loaded_by) == (BOOK, "ANNA")


def test_a_version_never_changes(rows):
    """Other content needs another version; an earlier one does not come back by itself."""
    more = (*BOOK.codes, CodebookCode(code="cost", label="Cost"))
    with pytest.raises(CodingError, match="other content"):
        load(rows, codes=more)
    assert load(rows, codes=more, version="2") is True
    with pytest.raises(CodingError, match="was replaced by version '2'"):
        load(rows)
    assert [one.codebook.version for one in codebooks.versions(rows.connection, 1)] == ["2", "1"]
    assert codebooks.required(rows.connection, 1).codebook.names[-1] == "cost"


def test_codes_are_themes_and_stay(rows):
    """Loading the program's file again, which names none of them, takes none away."""
    file = programs.program_file(rows.connection, 1)
    assert set(codebooks.theme_ids(rows.connection, 1)) == set(BOOK.names)
    programs.load(rows.connection, file, "another", NOW)
    assert set(codebooks.theme_ids(rows.connection, 1)) == set(BOOK.names)


def test_a_codebook_of_nothing(rows):
    """A program that is not there is named; one without a codebook says how to load one."""
    with pytest.raises(CodingError, match="no programme 'other'"):
        load(rows, codebook="other")
    rows.connection.exec_driver_sql("DELETE FROM codebook")
    assert codebooks.in_use(rows.connection, 1) is None
    with pytest.raises(CodingError, match="said codebook load"):
        codebooks.required(rows.connection, 1)


def test_loading_is_audited(rows):
    """Who loaded which version is in the trail."""
    query = f"SELECT details FROM audit_event WHERE kind = '{AuditKind.CODING}'"
    [details] = rows.connection.exec_driver_sql(query).scalars().all()
    assert '"version":"1"' in details
    assert '"by":"ANNA"' in details
