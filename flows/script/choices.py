"""Define what a question offers to be tapped: choices, bands of numbers, and dates by one tap."""

from typing import Annotated, Literal

from pydantic import Field

from flows.script.bounds import NumberBounds
from flows.script.frozen_model import Condition, FrozenModel, Key

Amount = Annotated[float, NumberBounds(-1_000_000_000, 1_000_000_000)]
"""A number that people may answer with, or an end of what is taken."""


class Choice(FrozenModel):
    """One of the choices of a question."""

    code: Key = Field(description="What is stored. Never given another meaning later.")
    label: str = Field(min_length=1, description="What the person sees on the button.")
    goto: Key | None = Field(None, description="The step to go on with when this is picked.")
    when: Condition | None = Field(None, description="Offered only if this holds.")
    exclusive: bool = Field(
        False, description="In select_many: picking it clears the others ('none of these')."
    )
    aliases: tuple[str, ...] = Field((), description="Other words that people type for it.")
    alert: bool = Field(
        False, description="When somebody picks it, the coordinators are told in chat, by codes alone."
    )
    opens_case: bool = Field(
        False,
        description="When somebody picks it, a case is opened for the safety team, marked as solicited: the question"
        " asked for it. Nothing is opened in a program whose `safety_profile` is `none`.",
    )
    into: Key | None = Field(
        None,
        description="No longer offered: it has become part of the choice with this code. What was picked before stays"
        " readable, and counts with that choice where themes are compared.",
    )
    about: Literal["self", "other"] | None = Field(
        None,
        description="Picking it says whom the answers of the conversation are about: the participant, or somebody they"
        " care for. Exports name it.",
    )


class Promote(FrozenModel):
    """Puts the choices that were picked earlier first, with a mark."""

    codes: str = Field(
        description="Where the earlier codes are: a path such as `commitment.foreseen_barriers`."
    )
    mark: str = Field(description="Added to the label in brackets, for example 'you expected this'.")


class Band(FrozenModel):
    """A range of numbers that is one choice, for example 5 to 9."""

    code: Key = Field(description="What is stored.")
    label: str = Field(min_length=1, description="What the person sees on the button.")
    low: Amount | None = Field(None, description="Smallest number inside; none for 'do not know'.")
    high: Amount | None = Field(None, description="Largest number inside; open-ended if absent.")
    aliases: tuple[str, ...] = Field((), description="Other words that people type for it.")


class Shortcut(FrozenModel):
    """A date by one tap."""

    code: Key = Field(description="The name of the short cut; the date itself is stored.")
    label: str = Field(min_length=1, description="What the person sees on the button.")
    date: Literal["today", "tomorrow", "end_of_week", "end_of_month", "end_of_next_month"] = Field(
        description="Which day it means, in the person's own time zone."
    )
