"""Read what a form posted: fields as a browser encodes them, and files that were chosen. All of it stays in memory."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

MOST_FIELDS: Final = 2_000
_MOST_FILES: Final = 1


class FormUnreadable(ValueError):
    """What was posted is no form, or has too many fields."""


@dataclass(frozen=True, slots=True)
class FormFields:
    """What was posted: the values of each field, in the order in which they came, and the bytes of each file."""

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return the last value of a field without the blanks around it; '' where it did not come."""
        found = self.values.get(name, ())
        return found[-1].strip() if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return self.values.get(name, ())


class _InMemory(MultiPartParser):
    """Keeps files in memory, however long: the request was bounded before, and no name or word touches the disk."""

    spool_max_size = 2**31


async def read_form(headers: Headers, body: bytes) -> FormFields:
    """Read the body of a post.

    Raises:
        FormUnreadable: it is not a form as browsers encode them.
    """
    if headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await _multipart(headers, body)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise FormUnreadable from error
    return FormFields(_gathered(pairs))


async def _multipart(headers: Headers, body: bytes) -> FormFields:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        parser = _InMemory(
            headers, whole(), max_files=_MOST_FILES, max_fields=MOST_FIELDS, max_part_size=len(body) + 1
        )
        posted = await parser.parse()
        pairs = [(name, value) for name, value in posted.multi_items() if isinstance(value, str)]
        files = {
            name: await value.read() for name, value in posted.multi_items() if isinstance(value, UploadFile)
        }
    except (MultiPartException, KeyError, ValueError) as error:
        raise FormUnreadable from error
    return FormFields(_gathered(pairs), files)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}
