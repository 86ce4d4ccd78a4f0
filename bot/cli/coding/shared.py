"""What the commands about coding share: which program and which words are meant, and how codes are written."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from bot.errors import UsageError
from flows.coding.proposals import CodeProposal, ProposalSource
from storage.coding import codebooks
from storage.coding.texts import ExcerptSource
from storage.programs import programs


def program_of(connection: Connection, program: str | None) -> int:
    """Return the number of the program that is meant: of that short name, or (None) the only one that is loaded.

    Raises:
        UsageError: no program is named, and there is none, or several.
    """
    if program is not None:
        return codebooks.program_number(connection, program)
    known = programs.list_all(connection)
    if len(known) != 1:
        names = ", ".join(one.slug for one in known) or "none is loaded"
        raise UsageError("say which programme", f"add --program NAME ({names})")
    return known[0].id


def source_of(name: str) -> ExcerptSource:
    """Read which words are meant.

    Raises:
        UsageError: the name is none of words.
    """
    found = ExcerptSource.read(name)
    if found is None:
        raise UsageError(
            f"{name!r} names no words",
            "name an answer 4711, a remark r12, or the own words of a commitment k7",
        )
    return found


def given_codes(codes: Collection[str] | None, *, none: bool) -> frozenset[str]:
    """Return the codes that were typed; the empty set stands for `--none`.

    Raises:
        UsageError: there are neither, or both.
    """
    if bool(codes) == none:
        raise UsageError("say which codes fit, or that none does", "name them, or give --none")
    return frozenset(codes or ())


def codes_in_words(codes: Iterable[str] | None) -> str:
    """Write codes for a table: `(none)` where no code fits, nothing where nobody said so yet.

    >>> codes_in_words({"body", "cost"}), codes_in_words(()), codes_in_words(None)
    ('body, cost', '(none)', '')
    """
    return "" if codes is None else ", ".join(sorted(codes)) or "(none)"


def why_proposed(found: Iterable[CodeProposal]) -> str:
    """Say what stands behind the proposals of one code, in brackets' words."""
    return "; ".join(
        f"the word {one.reason!r}"
        if one.source is ProposalSource.RULE
        else f"like {one.reason}, {one.likeness:.2f}"
        for one in found
    )
