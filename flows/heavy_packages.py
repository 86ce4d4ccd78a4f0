"""Load the packages that are slow to import, at their first use.

dateparser, holidays, num2words and textstat take 40 to 120 milliseconds each to import, and most replies,
commands and checks need none of them. A module that may need one asks `load` for it inside the function that
does, so that starting the program does not pay for it. Packages that are always needed (babel, rapidfuzz,
phonenumbers) are imported on top as usual.
"""

from functools import cache
from importlib import import_module
from types import ModuleType

from flows.errors import FlowError


class PackageMissing(FlowError):
    """A package that the program needs is not installed."""


@cache
def load(name: str) -> ModuleType:
    """Import a module by its full name, such as `dateparser.date`, and keep it.

    Raises:
        PackageMissing: The package is not installed; the message says how to install it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise PackageMissing(
            f"the package {package} is missing; install it: pip install {package}"
        ) from error
