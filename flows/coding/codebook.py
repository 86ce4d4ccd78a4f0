"""Define what a team writes into a codebook: codes, what belongs to each and what does not, and their parents.

The models are immutable; `flows.coding.loader.load_codebook` reads them. A code is never given another meaning: whoever
changes one takes another code, or another version of the codebook.
"""

from typing import Annotated, Final

from pydantic import Field

from flows.script.model import FrozenModel, Key

MOST_CODES: Final = 200
LONGEST_TEXT: Final = 2_000
"""Characters of a definition or an example."""
MOST_ANCESTORS: Final = 5
NO_CODES: Final = frozenset({"none", "list", "skip", "quit", "n", "l", "s", "q"})
"""What coders type in place of a code, whole or by its first letter: no code has such a name."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
CodebookWords = Annotated[str, Field(min_length=2, max_length=80)]
"""A word or a phrase; `*` at the end of a word stands for any ending: `tired*`."""
CodebookText = Annotated[str, Field(max_length=LONGEST_TEXT)]
CodebookLabel = Annotated[str, Field(min_length=1, max_length=120)]


class CodebookCode(FrozenModel):
    """A code of a codebook: what it means, and by which words it may be known."""

    code: Key = Field(description="Its name in tables; a theme of the programme has the same.")
    label: CodebookLabel = Field(description="What coders see, in the codebook's language.")
    labels: dict[Language, CodebookLabel] = Field(
        default_factory=dict, description="The label in other languages, by code: `{de: Nebenwirkungen}`."
    )
    definition: CodebookText = Field("", description="When it is given.")
    include: tuple[CodebookWords, ...] = Field(
        (), max_length=200, description="Words or phrases for which it is suggested; `tired*` for any ending."
    )
    exclude: tuple[CodebookWords, ...] = Field(
        (),
        max_length=200,
        description="Words or phrases for which it is not suggested, whatever else is there.",
    )
    example: CodebookText = Field("", description="Words, made up or permitted, to which it is given.")
    parent: Key | None = Field(None, description="The wider code that it is part of.")

    def label_in(self, language: str | None) -> str:
        """Return the label in a language, such as `de` or `pt-BR`; the codebook's own where there is none."""
        wanted = language or ""
        return self.labels.get(wanted) or self.labels.get(wanted.partition("-")[0]) or self.label


class Codebook(FrozenModel):
    """The codes by which the words of a program are coded, in one version."""

    codebook: Key = Field(description="The programme that it is of: its short name.")
    version: str = Field(
        min_length=1, max_length=40, description='Which version it is, in quotes: "1", "2026-03".'
    )
    language: Language = Field("en", description="The language of labels and definitions.")
    codes: tuple[CodebookCode, ...] = Field(
        min_length=1, max_length=MOST_CODES, description="The codes, at most 200."
    )

    def find(self, code: str) -> CodebookCode | None:
        """Return the code of that name; None if there is none."""
        return next((one for one in self.codes if one.code == code), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its codes, in their order."""
        return tuple(one.code for one in self.codes)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes that a code is part of, the nearest first; empty for one without a parent."""
        found: list[str] = []
        one = self.find(code)
        while one is not None and one.parent is not None and one.parent not in found:
            found.append(one.parent)
            one = self.find(one.parent)
        return tuple(found)
