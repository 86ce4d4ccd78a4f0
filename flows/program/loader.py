"""Load program files: YAML to `ProgramFile`, with every problem at once, each at its place in the file."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from flows.errors import ScriptError
from flows.formats.yaml_source import YamlSource, parse_source, read_source
from flows.program.model import ProgramFile
from flows.script.loader import LIBRARY
from flows.script.validation import add_shape_problems

PROGRAMS = LIBRARY / "programs"


@dataclass(frozen=True, slots=True)
class ProgramSource:
    """A program file as read; `program` is None where it could not be made."""

    source: YamlSource
    program: ProgramFile | None = None


def load_program(path: Path | str) -> ProgramFile:
    """Load a program from a file.

    Raises:
        ScriptError: The file or its shape has problems; the error has all of them.
    """
    return _program_of(read_source(path))


def load_program_text(text: str, file: str = "<text>") -> ProgramFile:
    """Load a program from the text of a program file; `file` is its name in problems.

    Raises:
        ScriptError: The text or its shape has problems; the error has all of them.
    """
    return _program_of(parse_source(text, file))


def _program_of(source: YamlSource) -> ProgramFile:
    """Return the program of a file that was read.

    Raises:
        ScriptError: The file or its shape has problems; the error has all of them.
    """
    read = program_source(source)
    if read.program is None or source.problems:
        raise ScriptError(tuple(sorted(source.problems)))
    return read.program


def program_paths() -> tuple[Path, ...]:
    """Return the paths of the example programs that are shipped, in the order of their names."""
    return tuple(sorted(PROGRAMS.glob("*.yaml")))


def is_program(source: YamlSource) -> bool:
    """Tell whether a file that was read is a program's, not a script: it has a key `program`."""
    return isinstance(source.value, dict) and "program" in source.value


def is_program_file(path: Path) -> bool:
    """Tell whether the file at a path is a program's, not a script: it has a key `program`.

    A file that is missing or cannot be read is not.
    """
    return is_program(read_source(path))


def program_source(source: YamlSource) -> ProgramSource:
    """Make the program of a file that was read.

    What is wrong with its shape is added to the source's `problems`; there is no program then.
    """
    if not isinstance(source.value, dict):
        return ProgramSource(source)
    try:
        return ProgramSource(source, ProgramFile.model_validate(source.value))
    except ValidationError as error:
        add_shape_problems(source, error, ProgramFile)
        return ProgramSource(source)
