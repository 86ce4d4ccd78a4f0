"""Mark the sentences that pages say and that stand in Python, so that they are gathered for translators.

A sentence is marked where it is written: `noted("Nothing is to come.")`. What `PageRefused` is given is one, too, and
so are those of the tables `DONE` and `NAVIGATION`. Both marks take a text as it stands, since only such a text can be
found in a file of translations: what is put in is `%(name)s`.
"""

from typing import LiteralString


def noted(sentence: LiteralString) -> str:
    """Return a sentence as it is, noted for translation. Whoever shows it has it translated."""
    return sentence
