"""Read the file of places: names of cities, countries and clocks that the time zone database lacks."""

from functools import cache
from pathlib import Path
from typing import Final

from flows.formats.yaml_source import read_source
from flows.script.model import FrozenModel

PLACES: Final = Path(__file__).parents[1] / "library" / "places" / "places.yaml"


class PlacesFile(FrozenModel):
    """The names of places as the file has them; it says what each key means."""

    cities: dict[str, str]
    countries: dict[str, str]
    clocks: dict[str, str]
    offsets: dict[str, str]


@cache
def places_file() -> PlacesFile:
    """Return the file of places, read once."""
    return PlacesFile.model_validate(read_source(PLACES).value)
