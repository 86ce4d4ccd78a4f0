"""Bound what an author may write: the least and the greatest of every number and date, and how much a condition holds.

The bounds hold when a file is loaded. What is kept of scripts and programs was loaded before, perhaps without them, and
is read in the context `KEPT`: a conversation goes on by the version that it began with. What a date is reckoned with is
cut to a hundred years there: more leaves the calendar, and would end everybody's first turn by an error.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from flows.script.condition_loops import shape

KEPT: Final = "kept"
"""The context in which a script or a program is made of what was kept of it: it was checked when it was loaded."""

CENTURY_DAYS: Final = 36_500
CENTURY_HOURS: Final = 24 * CENTURY_DAYS
CENTURY_WEEKS: Final = CENTURY_DAYS // 7
"""How far a kept number is reckoned with."""

MOST_CHARACTERS: Final = 1_000
MOST_NESTED: Final = 20
"""Brackets within brackets in a condition."""
MOST_MACROS: Final = 8
"""Macros (`exists`, `map` and their like) in a condition."""
MOST_NESTED_MACROS: Final = 2
MOST_PATTERNS: Final = 8
"""Patterns of `matches` in a condition; each is prepared anew whenever it is run."""
MOST_TIMES: Final = 100
"""Parts that the repetitions of a pattern make of one: `(a{10}){10}` has a hundred."""


@dataclass(frozen=True, slots=True)
class NumberBounds:
    """Bound a number that an author writes: no less than `low`, no more than `high`.

    A kept one is read as at most `kept_high`, and at least its opposite; None for as it is.
    """

    low: float
    high: float
    kept_high: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the bounds behind the type."""
        return core_schema.with_info_after_validator_function(self._bounded, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Name the bounds to editors."""
        return {**handler(schema), "minimum": self.low, "maximum": self.high}

    def _bounded(self, number: float, info: ValidationInfo) -> float:
        if info.context == KEPT:
            most = self.kept_high
            return number if most is None else type(number)(min(max(number, -most), most))
        if not self.low <= number <= self.high:
            raise PydanticCustomError(
                "bounds",
                "Input should be from {low} to {high}",
                {"low": f"{self.low:,}", "high": f"{self.high:,}"},
            )
        return number


@dataclass(frozen=True, slots=True)
class DateBounds:
    """Bound a date that an author writes: nothing that is reckoned from it leaves the calendar."""

    first: date = date(1900, 1, 1)
    last: date = date(2199, 12, 31)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the bounds behind the type."""
        return core_schema.with_info_after_validator_function(self._bounded, handler(source))

    def _bounded(self, day: date, info: ValidationInfo) -> date:
        if info.context != KEPT and not self.first <= day <= self.last:
            raise PydanticCustomError(
                "bounds",
                "Input should be from {first} to {last}",
                {"first": str(self.first), "last": str(self.last)},
            )
        return day


@dataclass(frozen=True, slots=True)
class WrittenCondition:
    """Bound a condition that an author writes: its length, its nesting and its macros."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the bounds behind the type."""
        return core_schema.with_info_after_validator_function(self._bounded, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Name the length to editors."""
        return {**handler(schema), "maxLength": MOST_CHARACTERS}

    def _bounded(self, condition: str, info: ValidationInfo) -> str:
        if info.context != KEPT:
            _refuse_what_is_too_much(condition)
        return condition


def _refuse_what_is_too_much(condition: str) -> None:
    """Raise PydanticCustomError for a condition that is too long, nested too deeply, or has too many macros."""
    if len(condition) > MOST_CHARACTERS:
        _refuse("characters", len(condition), MOST_CHARACTERS)
    found = shape(condition)
    if found.depth > MOST_NESTED:
        _refuse("brackets within brackets", found.depth, MOST_NESTED)
    if len(found.loops) > MOST_MACROS:
        _refuse("macros such as `exists`", len(found.loops), MOST_MACROS)
    nested = max((loop.depth for loop in found.loops), default=0)
    if nested > MOST_NESTED_MACROS:
        _refuse("macros within each other", nested, MOST_NESTED_MACROS)
    if len(found.patterns) > MOST_PATTERNS:
        _refuse("patterns of `matches`", len(found.patterns), MOST_PATTERNS)
    if any(pattern.text is None for pattern in found.patterns):
        message = "Input should have the pattern of `matches` in quotes, as in `a5.matches('[0-9]+')`"
        raise PydanticCustomError("bounds", message)
    times = max((pattern.times for pattern in found.patterns), default=0)
    if times > MOST_TIMES:
        _refuse("repetitions in a pattern", times, MOST_TIMES)


def _refuse(what: str, found: int, most: int) -> None:
    """Raise PydanticCustomError for too much of something."""
    message = "Input should have at most {most} {what}, and has {found}; split it into several steps"
    raise PydanticCustomError("bounds", message, {"most": f"{most:,}", "what": what, "found": f"{found:,}"})
