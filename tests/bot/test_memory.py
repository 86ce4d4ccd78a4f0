"""Promises of memory in large pages: what is in use is gathered, nothing else is touched, and nobody needs it."""

import pytest

from bot import memory
from bot.memory import PAGE, gather_memory, well_used
from flows.heavy_packages import PackageMissing


def mapping(start: int, end: int, resident: int, what: str = "rw-p 00000000 00:00 0") -> list[str]:
    """The lines of Linux for a mapping from byte to byte, so many bytes of it in memory."""
    return [
        f"{start:x}-{end:x} {what}\n",
        f"Size: {(end - start) // 1024:>12} kB\n",
        f"Rss: {resident // 1024:>12} kB\n",
        "VmFlags: rd wr mr mw me ac sd\n",
    ]


def test_only_whole_pages_of_what_is_in_use_are_named():
    """A mapping of our own, nearly all in memory: from its first whole large page to its last."""
    used = mapping(3 * PAGE - 4096, 7 * PAGE + 4096, 4 * PAGE)
    heap = mapping(10 * PAGE, 12 * PAGE, 2 * PAGE, "rw-p 00000000 00:00 0    [heap]")
    assert list(well_used(used + heap)) == [(3 * PAGE, 7 * PAGE), (10 * PAGE, 12 * PAGE)]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(mapping(0x7000_0000, 0x7080_0000, 20_480), id="a thread's stack, empty mostly"),
        pytest.param(mapping(PAGE, PAGE + 4096, 4096), id="less than a large page"),
        pytest.param(mapping(PAGE, 3 * PAGE, 2 * PAGE, "r--p 00000000 00:00 0"), id="read only"),
        pytest.param(
            mapping(PAGE, 3 * PAGE, 2 * PAGE, "rw-s 00000000 00:05 7 /said.sqlite-shm"), id="a file"
        ),
        pytest.param(mapping(PAGE, 3 * PAGE, 2 * PAGE, "rw-p 00000000 00:00 0 [stack]"), id="the stack"),
        pytest.param([], id="nothing"),
    ],
)
def test_other_memory_stays_as_it_is(lines):
    """What is not ours, not in use or too small is not named."""
    assert list(well_used(lines)) == []


def test_what_the_system_cannot_do_is_left(monkeypatch, tmp_path):
    """On a system without such a list, or one that declines, nothing is gathered and nothing is raised."""
    assert gather_memory() >= 0
    monkeypatch.setattr(memory, "_COLLAPSE", -1)
    assert gather_memory() == 0
    monkeypatch.setattr(memory, "_SMAPS", tmp_path / "none")
    assert gather_memory() == 0


@pytest.mark.parametrize("missing", [ImportError("libffi.so.8"), PackageMissing("_ctypes")])
def test_a_python_without_ctypes_is_no_error(monkeypatch, missing):
    """Not every Python was built with it, and the bot starts all the same."""

    def load(_name):
        raise missing

    monkeypatch.setattr(memory, "load", load)
    assert gather_memory() == 0


def test_a_path_in_other_letters_is_no_error(monkeypatch, tmp_path):
    """Linux tells the paths of mapped files as the bytes they are, which may be no text here."""
    told = tmp_path / "smaps"
    told.write_bytes(b"7f0000000000-7f0000001000 r--p 00000000 fe:00 7    /home/jos\xe9/lib.so\nRss:  4 kB\n")
    monkeypatch.setattr(memory, "_SMAPS", told)
    assert gather_memory() == 0
