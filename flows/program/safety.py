"""Define what a program file says about safety: products, help lines by country, business days.

Also: which country a participant is most likely in.
"""

import re
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Self

from babel.core import get_global
from pydantic import Field, ValidationInfo, field_validator, model_validator

from flows.heavy_packages import load
from flows.safety.products import Product
from flows.script.bounds import KEPT, DateBounds
from flows.script.model import FrozenModel, Key

DEFAULT = "default"
"""Stands for every country without an entry of its own."""
SOLICITED_PAGE: Final = "docs/why/solicited-reports.md"
"""Where it is said what asking patients about their medicine means."""
_REGION = re.compile(r"[-_]([A-Z]{2})$")
"""The region of a locale such as en-GB or zh_Hans_TW."""


class SafetyProfile(StrEnum):
    """Who must hear of adverse events."""

    NONE = "none"
    """Nobody by contract: no cases are opened. Words of distress are answered all the same."""
    SPONSOR_CONTRACT = "sponsor_contract"
    """A sponsor: adverse events and complaints are passed on within one business day."""


class ProductEntry(FrozenModel):
    """A medicine or device whose adverse events must be passed on."""

    code: Key = Field(description="Its name in tables.")
    brand: str = Field(min_length=1, description="The name on the pack.")
    generic: str = Field("", description="The name of the substance.")
    aliases: tuple[str, ...] = Field((), description="Other brands, short names, other scripts.")


class HelpLine(FrozenModel):
    """Somebody to talk to."""

    name: str = Field(min_length=1, description="As people know it.")
    phone: str = Field(min_length=1, description="The number to call.")
    source: str = Field(
        min_length=1, description="Where the number was taken from: a page of the service itself."
    )


class Crisis(FrozenModel):
    """Help lines by country: a table with a date, since numbers change."""

    as_of: Annotated[date, DateBounds()] = Field(
        description="The day on which somebody last checked every number."
    )
    countries: dict[str, tuple[HelpLine, ...]] = Field(
        default_factory=dict, description="Help lines by country code; 'default' for all others."
    )

    def lines(self, country: str | None) -> tuple[HelpLine, ...]:
        """Return the help lines of a country (`GB`), else those for all others; empty if there are none."""
        return self.countries.get(country or DEFAULT, self.countries.get(DEFAULT, ()))


class BusinessCalendar(FrozenModel):
    """Whose public holidays and weekends count when a report falls due."""

    country: str = Field(description="Two capitals such as GB.")
    subdivision: str | None = Field(None, description="A part of it with holidays of its own, such as ENG.")

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Self:
        """Refuse a country or a part of it whose holidays are not known, unless it was known when it was kept."""
        if info.context == KEPT:
            return self
        places = load("holidays").list_supported_countries()
        if self.country not in places:
            message = (
                f"no holidays are known for {self.country!r}; leave the calendar out for Monday to Friday"
            )
            raise ValueError(message)
        if self.subdivision is not None and self.subdivision not in places[self.country]:
            known = ", ".join(places[self.country]) or "none"
            message = f"{self.country} has no part {self.subdivision!r}; known are: {known}"
            raise ValueError(message)
        return self


class SafetySettings(FrozenModel):
    """The keys of a program file that are about safety."""

    safety_profile: SafetyProfile = Field(
        SafetyProfile.SPONSOR_CONTRACT,
        description="`sponsor_contract` opens a case for each adverse event; with `none` nobody is to be told of"
        " them. Words of distress are answered in both.",
    )
    products: tuple[ProductEntry, ...] = Field(
        (), description="The products whose adverse events must be passed on. Misspellings are found too."
    )
    ask_about_medicine: bool | None = Field(
        None,
        exclude_if=lambda asks: asks is None,  # so that a file without it keeps its hash
        description="`yes` asks patients once, at the end, whether something about their health got worse or surprised"
        " them since they began a medicine; a yes opens a case. Such reports are solicited: see"
        " docs/why/solicited-reports.md before you choose. There is no default: `said program load` asks for it, unless"
        " `safety_profile` is `none`.",
    )
    crisis: Crisis | None = Field(
        None, description="Help lines to show to somebody in distress, beside the emergency number."
    )
    business_calendar: BusinessCalendar | None = Field(
        None, description="Whose holidays count for reports; Monday to Friday, if absent."
    )

    @field_validator("ask_about_medicine")
    @classmethod
    def _somebody_is_told(cls, asks: bool | None, info: ValidationInfo) -> bool | None:  # noqa: FBT001 - pydantic's form
        """Refuse to ask for what nobody is told of, unless it was so when it was kept."""
        if info.context != KEPT and asks and info.data.get("safety_profile") is SafetyProfile.NONE:
            raise ValueError("with `safety_profile: none` nobody is told; write `no`, or leave it out")
        return asks

    @property
    def lacks_word_on_medicine(self) -> bool:
        """Whether the file leaves open if patients are asked about their medicine, though somebody would be told."""
        return self.ask_about_medicine is None and self.safety_profile is not SafetyProfile.NONE

    @property
    def asks_about_medicine(self) -> bool:
        """Whether patients are asked about their medicine; not where a file of before says nothing of it."""
        return bool(self.ask_about_medicine) and self.safety_profile is not SafetyProfile.NONE

    @cached_property
    def known_products(self) -> tuple[Product, ...]:
        """The products of the program, as the safety scan takes them."""
        return tuple(
            Product(entry.code, entry.brand, entry.generic, entry.aliases) for entry in self.products
        )


def country_of(timezone: str | None, locale: str | None) -> str | None:
    """Return the country (GB) that a participant is most likely in; None where nothing tells.

    By their time zone, else by the region of their app's locale (`en-GB`).
    """
    territories = get_global("zone_territories")
    territory = territories.get(timezone) if timezone else None
    if territory and territory.isalpha() and territory != "ZZ":
        return str(territory)
    region = _REGION.search(locale or "")
    return region[1] if region else None
