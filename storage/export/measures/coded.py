"""Count the people whose words two coders gave a theme, for the loop."""

from collections.abc import Mapping

from sqlalchemy import Connection

from storage.coding import codebooks, figures


def coded_by_two(connection: Connection, program: str) -> Mapping[str, int] | None:
    """Return the patients and carers whose words two coders gave a theme, by its code; None without a codebook.

    `program` is a short name. What the two give differently counts once it is settled; a code counts the people of its
    parts, too, each once.
    """
    number = codebooks.program_number(connection, program)
    if codebooks.in_use(connection, number) is None:
        return None
    return {one.code: one.people for one in figures.people_by_code(connection, number)}
