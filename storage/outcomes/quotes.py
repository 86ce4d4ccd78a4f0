"""Find the quotations that a report may show: released by the team, permitted by their author, redacted."""

from dataclasses import dataclass

from sqlalchemy import Connection

from flows.script.roles import Role
from storage.programs import quotations
from storage.programs.quotations import QuotationRecord


@dataclass(frozen=True, slots=True)
class ReportQuote:
    """Words of somebody, told apart by role alone. `number` is that of the quotation in `said quote list`.

    `theme` is the code under which it was released; '' where there is none.
    """

    number: int
    text: str
    role: Role
    language: str
    theme: str


def report_quotes(connection: Connection, program_id: int) -> tuple[ReportQuote, ...]:
    """Return the quotations of a program that may be shown now, the oldest first.

    Words of distress are never among them, nor is anything in which an identifier stands.
    """
    return tuple(_quote(one) for one in quotations.showable(connection, program_id))


def _quote(one: QuotationRecord) -> ReportQuote:
    return ReportQuote(one.id, one.text, one.role, one.language, one.theme or "")
