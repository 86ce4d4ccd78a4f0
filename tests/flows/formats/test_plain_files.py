"""A file that a person names is read as far as a bound, whatever kind of file it is."""

import os
from pathlib import Path

import pytest

from flows.formats.plain_files import FileTooLarge, read_plain_file
from flows.formats.po_files import TranslationError, read_po_file
from flows.formats.yaml_source import MAX_DEPTH, parse_source, read_source


def test_what_it_holds_is_returned(tmp_path: Path) -> None:
    """Up to the bound, and one byte more is refused."""
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_plain_file(path, 5) == b"12345"
    with pytest.raises(FileTooLarge, match="5 bytes; at most 4"):
        read_plain_file(path, 4)


def test_a_pipe_or_a_device_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to would hold up the command, and a device has no end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(OSError, match="pipe or a device"):
            read_plain_file(path)
        [problem] = read_source(path).problems
        assert (problem.code, "no plain file" in problem.message) == ("F001", True)
        with pytest.raises(TranslationError, match="no plain file"):
            read_po_file(path)


def test_a_file_without_a_length_is_read_as_far_as_the_bound() -> None:
    """Files of the system tell no length: no more is read than is looked at."""
    if Path("/proc/self/maps").exists():
        with pytest.raises(FileTooLarge, match="at most 10 "):
            read_plain_file("/proc/self/maps", 10)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """It is said to be one."""
    with pytest.raises(OSError, match="directory"):
        read_plain_file(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 200 + "]" * 200, "a: " + "[" * 100_000, "".join(f"{' ' * n}a:\n" for n in range(120))],
)
def test_what_is_nested_too_deeply_is_one_problem_at_its_place(text: str) -> None:
    """It is named, and nothing is raised."""
    [problem] = parse_source(text, "deep.yaml").problems
    assert problem.code == "F008"
    assert MAX_DEPTH == 50


@pytest.mark.parametrize("escaped", ["\\u202E", "\\ud800", "\\u0007", "\\u009b", "\\u2028"])
def test_a_hidden_character_is_named_at_its_place(escaped: str) -> None:
    """In a text and in a key."""
    [problem] = parse_source(f'a: 1\nb: "x{escaped}y"\n', "x.yaml").problems
    assert (problem.line, problem.code, f"U+{escaped[2:].upper()}" in problem.message) == (2, "F012", True)
    [problem] = parse_source(f'a: 1\n"x{escaped}y": 1\n', "x.yaml").problems
    assert (problem.line, problem.code) == (2, "F012")
