"""Load the shipped code lists, with their versions and sources: those that scripts offer, and those of columns."""

from functools import cache
from pathlib import Path

from pydantic import Field, TypeAdapter

from flows.formats.yaml_source import read_source
from flows.script.model import Choice, FrozenModel, Key

CODE_LISTS = Path(__file__).parents[1] / "library" / "code_lists.yaml"


class ListedCode(FrozenModel):
    """A code of a shipped list, with its label and how the literature groups it."""

    code: Key
    label: str = Field(min_length=1)
    exclusive: bool = False
    aliases: tuple[str, ...] = ()
    meaning: str = ""
    family: str | None = Field(None, description="The family of barriers that the literature counts it in.")
    com_b: str | None = Field(None, description="Its component of behaviour (COM-B); for coordinators only.")


class CodeList(FrozenModel):
    """A list of codes. A code is never given another meaning; a change of the list raises its version."""

    version: int = Field(ge=1)
    source: str
    codes: tuple[ListedCode, ...] = ()
    offered: bool = Field(
        True, description="Whether scripts may offer it; false for what the bot itself writes into a column."
    )
    part_of: Key | None = Field(
        None, description="Takes the codes named in `only`, in that order, from this list."
    )
    only: tuple[Key, ...] = ()
    say: dict[Key, str] = Field(
        default_factory=dict, description="Another label for a code, where the list asks it."
    )


@cache
def code_lists() -> dict[str, CodeList]:
    """Load the shipped code lists, by name."""
    return TypeAdapter(dict[str, CodeList]).validate_python(read_source(CODE_LISTS).value["lists"])


@cache
def shipped_lists() -> dict[str, tuple[Choice, ...]]:
    """Return the shipped code lists that scripts may offer as choices of a question, by name."""
    return {name: tuple(_choices(a_list)) for name, a_list in code_lists().items() if a_list.offered}


def codes_of(a_list: CodeList) -> tuple[ListedCode, ...]:
    """Return the codes of a list, in order; of one that is part of another, those that its `only` names."""
    if a_list.part_of is None:
        return a_list.codes
    whole = {code.code: code for code in code_lists()[a_list.part_of].codes}
    return tuple(
        whole[name].model_copy(update={"label": a_list.say.get(name, whole[name].label)})
        for name in a_list.only
    )


def _choices(a_list: CodeList) -> list[Choice]:
    """Return the codes of a list as choices."""
    return [
        Choice(code=code.code, label=code.label, exclusive=code.exclusive, aliases=code.aliases)
        for code in codes_of(a_list)
    ]
