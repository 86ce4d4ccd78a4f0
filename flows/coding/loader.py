"""Load a codebook from its file: YAML as scripts are, with the place and the remedy of every problem."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from flows.coding.codebook import MOST_ANCESTORS, NO_CODES, Codebook
from flows.coding.proposals import pattern_words
from flows.errors import ScriptError
from flows.formats.yaml_source import ValuePath, YamlSource, parse_source, read_source
from flows.problem_codes import ProblemCode
from flows.script.validation import add_shape_problems
from flows.text.suggest import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class CodebookSource:
    """A codebook's file as read; `codebook` is None where it could not be made. Problems are in `source`."""

    source: YamlSource
    codebook: Codebook | None = None


def load_codebook(path: Path | str) -> Codebook:
    """Load a codebook from a file.

    Raises:
        ScriptError: The file or what it holds has problems; the error has all of them.
    """
    return _codebook_of(codebook_source(read_source(path)))


def load_codebook_text(text: str, file: str = "<text>") -> Codebook:
    """Load a codebook from the text of its file; `file` is its name in problems.

    Raises:
        ScriptError: The text or what it holds has problems; the error has all of them.
    """
    return _codebook_of(codebook_source(parse_source(text, file)))


def is_codebook(source: YamlSource) -> bool:
    """Tell whether a file that was read is a codebook, not a script or a program: it has a key `codebook`."""
    return isinstance(source.value, dict) and "codebook" in source.value


def codebook_source(source: YamlSource) -> CodebookSource:
    """Make the codebook of a file that was read; what is wrong with it is added to the source's `problems`."""
    if not isinstance(source.value, dict):
        return CodebookSource(source)
    try:
        made = Codebook.model_validate(source.value)
    except ValidationError as error:
        add_shape_problems(source, error, Codebook)
        return CodebookSource(source)
    for code, path, message, remedy in (
        *_duplicates(made),
        *_typed(made),
        *_parents(made),
        *_words(made),
    ):
        source.add(source.place(path), code, message, remedy)
    return CodebookSource(source, made)


def _codebook_of(read: CodebookSource) -> Codebook:
    if read.codebook is None or read.source.problems:
        raise ScriptError(tuple(sorted(read.source.problems)))
    return read.codebook


_FoundProblem = tuple[ProblemCode, ValuePath, str, str]
"""A problem before it has a line and a column."""


def _duplicates(codebook: Codebook) -> Iterator[_FoundProblem]:
    """Yield codes that come a second time."""
    for place, name in enumerate(codebook.names):
        if name in codebook.names[:place]:
            path: ValuePath = ("codes", place, "code")
            message = f"the code '{name}' is used twice"
            yield ProblemCode.CODEBOOK_DUPLICATE, path, message, "give each one of its own"


def _typed(codebook: Codebook) -> Iterator[_FoundProblem]:
    """Yield codes that cannot be typed, as coders type the same for something else."""
    for place, name in enumerate(codebook.names):
        if name in NO_CODES:
            message = f"coders who type '{name}' mean no code"
            remedy = f"name it otherwise than {listed(sorted(NO_CODES))}"
            yield ProblemCode.CODEBOOK_TYPED, ("codes", place, "code"), message, remedy


def _parents(codebook: Codebook) -> Iterator[_FoundProblem]:
    """Yield parents that are not there, that lead back to where they started, or to too many others."""
    for place, one in enumerate(codebook.codes):
        path: ValuePath = ("codes", place, "parent")
        above = codebook.ancestors(one.code)
        if one.parent is not None and codebook.find(one.parent) is None:
            others = [name for name in codebook.names if name != one.code]
            remedy = did_you_mean(one.parent, others) or f"name one of {listed(others)}"
            yield ProblemCode.CODEBOOK_PARENT, path, f"there is no code '{one.parent}'", remedy
        elif one.code in above:
            message = f"the code '{one.code}' is part of itself by {listed(above)}"
            yield ProblemCode.CODEBOOK_CYCLE, path, message, "take one `parent` out"
        elif len(above) > MOST_ANCESTORS:
            message = f"the code '{one.code}' has {len(above)} codes above it"
            yield ProblemCode.CODEBOOK_CYCLE, path, message, f"{MOST_ANCESTORS} at most"


def _words(codebook: Codebook) -> Iterator[_FoundProblem]:
    """Yield words that no text can hold, and those that stand both among `include` and `exclude`."""
    for place, one in enumerate(codebook.codes):
        included = [pattern_words(words) for words in one.include]
        for key, every in (("include", one.include), ("exclude", one.exclude)):
            for number, words in enumerate(every):
                path: ValuePath = ("codes", place, key, number)
                if not pattern_words(words):
                    message, remedy = f"{words!r} has no letter or digit", "write a word, or take it out"
                    yield ProblemCode.CODEBOOK_WORDS, path, message, remedy
                elif key == "exclude" and pattern_words(words) in included:
                    message = f"{words!r} stands among `include`, too"
                    yield ProblemCode.CODEBOOK_WORDS, path, message, "keep it in one of them"
