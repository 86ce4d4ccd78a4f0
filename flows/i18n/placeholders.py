"""How a text says what is put in: as `{name}` in scripts and messages, as `%(name)s` in the team's pages."""

import re
from enum import StrEnum
from typing import Final, assert_never

from flows.text.templates import fields_of

_PERCENT: Final = re.compile(r"%(?:(?P<twice>%)|\((?P<name>[a-z_]+)\)s|(?P<other>))")


class PlaceholderStyle(StrEnum):
    """How the placeholders of a text are written."""

    BRACES = "braces"
    """`{program.team}`; `{{` is a brace."""
    PERCENT = "percent"
    """`%(name)s`, as gettext of Jinja2 has them; `%%` is a per cent sign."""

    def names_in(self, text: str) -> frozenset[str] | None:
        """Return the set of a text's placeholders by their names; None where they cannot be read."""
        match self:
            case PlaceholderStyle.BRACES:
                return fields_of(text)
            case PlaceholderStyle.PERCENT:
                return _percent_names(text)
            case _:
                assert_never(self)

    def written(self, name: str) -> str:
        """Return a placeholder as it stands in a text."""
        match self:
            case PlaceholderStyle.BRACES:
                return f"{{{name}}}"
            case PlaceholderStyle.PERCENT:
                return f"%({name})s"
            case _:
                assert_never(self)


def _percent_names(text: str) -> frozenset[str] | None:
    """Return the names between `%(` and `)s`; None where a per cent sign begins something else.

    >>> sorted(_percent_names("%(n)s of %(all)s, 5 %%"))
    ['all', 'n']
    """
    found = list(_PERCENT.finditer(text))
    if any(one["other"] is not None for one in found):
        return None
    return frozenset(one["name"] for one in found if one["name"])
