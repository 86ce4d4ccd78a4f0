"""Read and write translations as files: gettext PO, by Babel.

Beside what Babel keeps in a file's head, ours says whether a person has reviewed the file, and of which
version of the script it was last brought up to date. Nothing in it depends on the hour: the same strings
make the same file.
"""

from collections.abc import Iterable
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from flows.errors import FlowError
from flows.formats.plain_files import read_plain_file

WIDTH: Final = 100
STATUS: Final = "X-Review-Status"
VERSION: Final = "X-Flow-Hash"
COMMENT: Final = "# How to translate, and what the notes above each text mean: docs/howto/translate.md"


class TranslationError(FlowError):
    """A PO file cannot be read. `line` counts from 1."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path = path
        self.line = line
        self.message = message
        super().__init__(f"{path}:{line}: {message}")


class ReviewStatus(StrEnum):
    """Whether a person who knows the language and the field has read a file."""

    DRAFT = "draft"
    REVIEWED = "reviewed"


class PoFile(Catalog):
    """The strings of one PO file with their translations: a Babel catalog with two lines of ours in its head.

    `review_status` says whether a person has read it, `flow_hash` of which version of the script it is ('' if
    it does not say).
    """

    def __init__(
        self, language: str | None, *, version: str = "", status: ReviewStatus = ReviewStatus.DRAFT
    ) -> None:
        super().__init__(locale=language and language.replace("-", "_"), header_comment=COMMENT, fuzzy=False)
        self.review_status = status
        self.flow_hash = version

    def _head(self) -> list[tuple[str, str]]:
        """Return the lines of the head."""
        head = [("Project-Id-Version", "said-and-done")]
        if self.locale_identifier:
            head += [("Language", str(self.locale_identifier)), ("Plural-Forms", self.plural_forms)]
        return [
            *head,
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            (STATUS, self.review_status.value),
            (VERSION, f"{self.flow_hash}\n"),  # Babel writes no end of line after the last one
        ]

    def _set_head(self, headers: Iterable[tuple[str, str]]) -> None:
        """Take in the lines of a head that was read."""
        given = dict(headers)
        self.flow_hash = given.pop(VERSION, "").strip()
        status = given.pop(STATUS, "").strip()
        self.review_status = ReviewStatus(status) if status in set(ReviewStatus) else ReviewStatus.DRAFT
        self._set_mime_headers(given.items())

    mime_headers = property(_head, _set_head)


def is_language(name: str) -> bool:
    """Tell whether Babel knows the language of a tag, such as `pt-BR`."""
    try:
        PoFile(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def read_po_file(path: Path, language: str | None = None) -> PoFile:
    """Read a PO file; `language` is what it is taken to be in where its head names none.

    Raises:
        TranslationError: It is no PO file, not UTF-8, or cannot be read.
    """
    catalog = PoFile(language)
    try:
        PoFileParser(catalog, abort_invalid=True).parse(BytesIO(read_plain_file(path)))
    except PoFileError as error:
        raise TranslationError(path, error.lineno + 1, str(error).rpartition(" on ")[0]) from None
    except OSError as error:
        raise TranslationError(path, 1, f"cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise TranslationError(path, 1, str(error)) from None
    return catalog


def po_text(catalog: PoFile) -> str:
    """Return the text of a PO file as it is written to disk."""
    out = BytesIO()
    write_po(out, catalog, width=WIDTH, include_previous=True)
    return f"{out.getvalue().decode().rstrip()}\n"


def write_po_file(path: Path, catalog: PoFile) -> bool:
    """Write a PO file unless its text is there already; return whether it was written."""
    text = po_text(catalog)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def strings_of(message: Message) -> tuple[str, ...]:
    """Return the translations of a PO file's entry: one, or one for each plural form; '' where one is missing."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def texts_of(message: Message) -> tuple[str, ...]:
    """Return what a PO file's entry translates: one text, or a singular and a plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)
