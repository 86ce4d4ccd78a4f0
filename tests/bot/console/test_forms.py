"""What a form posted is read as its browser meant it, and what is no form is refused."""

import pytest
from starlette.datastructures import Headers

from bot.console.forms import FormUnreadable, read_form

PLAIN = Headers({"content-type": "application/x-www-form-urlencoded"})
PARTS = Headers({"content-type": "multipart/form-data; boundary=xyz"})


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


async def test_fields_come_as_they_were_typed():
    """The last of several counts as the value, and all are there; blanks around it go."""
    form = await read_form(PLAIN, b"a=1&a=+2+&b=%C3%A4&c=")
    assert (form.value("a"), form.all("a"), form.value("b"), form.value("c"), form.value("d")) == (
        "2", ("1", " 2 "), "ä", "", "",
    )  # fmt: skip


async def test_a_file_is_read_whole_and_stays_in_memory(monkeypatch):
    """Its bytes are those that were chosen, however many; nothing of it is written to the disk."""
    monkeypatch.setattr("tempfile._TemporaryFileWrapper", None)
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    content = bytes(range(256)) * 16_000
    body = part("a", b"1") + part("file", content, '; filename="x.csv"') + b"--xyz--\r\n"
    form = await read_form(PARTS, body)
    assert form.value("a") == "1"
    assert form.files == {"file": content}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (PLAIN, b"a=%FF"),
        (PLAIN, b"\xff\xfe"),
        (PLAIN, b"&".join(b"a=1" for _ in range(2_001))),
        (PARTS, b"nothing of a form"),
        (PARTS, b"".join(part(f"f{one}", b"", '; filename="x"') for one in range(2)) + b"--xyz--\r\n"),
        (PARTS, b"".join(part("a", b"") for _ in range(2_001)) + b"--xyz--\r\n"),
        (Headers({"content-type": "multipart/form-data"}), part("a", b"1")),
    ],
    ids=["no utf-8", "bytes", "many fields", "no parts", "two files", "many parts", "no boundary"],
)
async def test_what_is_no_form_is_refused(headers, body):
    """It is an error of its own, whatever was posted."""
    with pytest.raises(FormUnreadable):
        await read_form(headers, body)
