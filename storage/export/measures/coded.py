"""Find the people whose words two coders gave a theme, for the loop."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from storage.coding import codebooks, figures


def coded_by_two(connection: Connection, program: str) -> Mapping[str, Collection[int]] | None:
    """Return the patients and carers whose words two coders gave a theme, by its code; None without a codebook.

    `program` is a short name. What the two give differently counts once it is settled; a code has the people of its
    parts, too, each once.
    """
    number = codebooks.program_number(connection, program)
    if codebooks.in_use(connection, number) is None:
        return None
    return figures.patients_by_code(connection, number)
