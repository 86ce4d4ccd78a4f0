"""`said quote`: release words of participants to be shown to others, list what was released, and withdraw it."""

import re
from dataclasses import asdict
from functools import partial
from pathlib import Path

import typer
from sqlalchemy import Connection

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.database import audit
from storage.people import coordinators
from storage.programs import quotations
from storage.programs.quotations import QuotationRecord, QuotationRelease, QuotationSource
from storage.redaction import has_identifiers
from storage.schema import AuditKind


def release(
    source: str, by: str, text: str | None, theme: str | None, config: Path | None, database: str | None
) -> None:
    """Run `said quote release`; `bot.cli.programs.commands` says what each option is."""
    named = _source(source)
    with opened(config, database) as (_, found):
        if text is None:
            text = found.write_now(partial(_read, source=named, by=by))
            say(text)
            typer.confirm("Names are found behind a title alone. Release these words?", abort=True, err=True)
        wanted = QuotationRelease(named, text, theme)

        def work(connection: Connection) -> int:
            who = coordinators.by_code(connection, by)
            return quotations.release(connection, wanted, by=who.id, now=time_now())

        number = found.write_now(work)
    say(f"Quotation {number} may be shown, while its author permits it.")


def list_quotations(program: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said quote list`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        listed = found.write_now(partial(_list, program=program))
    if as_json:
        print_json([{**asdict(one), "source": str(one.source)} for one in listed])
        return
    print_table(
        ("quotation", "source", "who", "theme", "shown", "text", "by", "released (UTC)"),
        [
            (
                one.id,
                str(one.source),
                one.participant,
                one.theme,
                _standing(one),
                one.text,
                one.released_by,
                when(one.released_at),
            )
            for one in listed
        ],
        paged=True,
    )


def withdraw(number: int, by: str, config: Path | None, database: str | None) -> None:
    """Run `said quote withdraw`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):

        def work(connection: Connection) -> None:
            who = coordinators.by_code(connection, by)
            quotations.withdraw(connection, number, by=who.id, now=time_now())

        found.write_now(work)
    say(f"Quotation {number} is withdrawn: it is shown to nobody from now on.")


def _source(text: str) -> QuotationSource:
    """Read which words are meant: an answer by its number, or a remark as `r12`.

    Raises:
        UsageError: it is neither.
    """
    named = re.fullmatch(r"(r?)(\d{1,18})", text.strip(), re.IGNORECASE)
    if named is None:
        raise UsageError(
            f"{text!r} is no number of an answer or a remark", "give it as 4711, or r12 for a remark"
        )
    return QuotationSource(int(named[2]), is_remark=bool(named[1]))


def _read(connection: Connection, *, source: QuotationSource, by: str) -> str:
    """Return the words that may be released, and audit that they were shown."""
    who = coordinators.by_code(connection, by)
    words = quotations.quotable_words(connection, source)
    audit.record(
        connection,
        AuditKind.VIEW,
        participant_id=None,
        now=time_now(),
        what="words",
        of=str(source),
        by=who.code,
    )
    return words


def _list(connection: Connection, *, program: str | None) -> tuple[QuotationRecord, ...]:
    """Return what was released, and audit that it was shown."""
    audit.record(connection, AuditKind.VIEW, participant_id=None, now=time_now(), what="quotations")
    return quotations.list_quotations(connection, program)


def _standing(one: QuotationRecord) -> str:
    """Say in a word whether a quotation may be shown now, and if not, who does not want it."""
    if one.withdrawn_at is not None:
        return "withdrawn"
    if one.is_shown:
        return "yes"
    return "identifiers" if has_identifiers(one.text) else "not permitted"
