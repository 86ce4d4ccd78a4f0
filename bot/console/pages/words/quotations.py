"""Release words to be shown to others, and withdraw them: each text is read by a person first."""

import re
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.languages.marks import noted
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from flows.text.terminal_text import visible
from storage.database import audit
from storage.programs import programs, quotations, waiting_quotations
from storage.programs.quotations import QuotationRecord, QuotationRelease, QuotationSource
from storage.programs.waiting_quotations import WaitingQuotation
from storage.redaction import has_identifiers
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import AuditKind
from storage.team import scope

PATH: Final = "/quotations"
_AT_ONCE: Final = 10
"""Texts that wait, of which so many are shown."""
_SOURCE: Final = re.compile(r"(r?)(\d{1,18})", re.ASCII)


async def show(visit: ConsoleVisit) -> Response:
    """Show words that wait to be released, the newest first, and what was released. That they were shown is audited."""
    program = await visit.program(Permission.HAND_OUT)
    skip = visit.number("skip", least=0, default=0)
    found = await visit.read(
        partial(waiting_quotations.waiting, program=program, limit=_AT_ONCE + 1, skip=skip)
    )
    waiting = found[:_AT_ONCE]
    listed = tuple(reversed(await visit.read(partial(quotations.list_quotations, program=program))))
    offset = offset_of(visit)
    lines = listed[offset : offset + PER_PAGE]
    if waiting or lines:
        await visit.write(partial(_keep_shown, visit=visit, waiting=waiting, lines=lines))
    first = waiting[0] if waiting else None
    last = visit.number("released", least=0, default=0)
    return visit.page(
        "quotations.html.jinja",
        here="/reading",
        waiting=waiting,
        others=() if first is None else await visit.open_with(_as_text(first.source)),
        themes=() if first is None else await visit.read(partial(_themes, program=first.program)),
        more=len(found) > _AT_ONCE,
        skip=skip,
        released=list_page(visit, lines, len(listed)),
        last=next((one for one in listed if one.id == last and one.withdrawn_at is None), None),
        standing=_standing,
        program=program,
        programs=await visit.programs(Permission.HAND_OUT),
        shortest=quotations.SHORTEST,
    )


async def release(visit: ConsoleVisit) -> Response:
    """Release the text that a form holds: a passage of words that were shown."""
    named = _SOURCE.fullmatch(visit.form.value("source"))
    if named is None:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There are no such words. Nothing was released.")
    source = QuotationSource(int(named[2]), is_remark=bool(named[1]))
    program = await visit.read(partial(scope.program_of_text, source=_as_text(source)))
    if program is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "There are no such words any more. Nothing was released.")
    visit.require(Permission.HAND_OUT, program)
    is_edited, text = "words" in visit.form.values, visible(visit.form.value("words"))
    theme = visit.form.value("theme") or None
    by, now = visit.coordinator.id, visit.now

    def work(connection: Connection) -> int:
        words = quotations.quotable_words(connection, source)
        whole = not is_edited or visible(words).strip() == text  # it was shown so: nothing was left out
        wanted = QuotationRelease(source, words if whole else text, theme)
        return quotations.release(connection, wanted, by=by, now=now)

    number = await visit.write(work)
    return visit.to(f"{PATH}?{_kept(visit, program)}released={number}", Done.RELEASED)


async def withdraw(visit: ConsoleVisit) -> Response:
    """Withdraw a quotation: it is shown to nobody from now on."""
    number = int(visit.request.path_params["number"])
    program = await visit.read(partial(quotations.program_of, number=number))
    if program is None or not visit.may(Permission.HAND_OUT, program):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such quotation in a programme of yours.")
    by, now = visit.coordinator.id, visit.now
    await visit.write(lambda connection: quotations.withdraw(connection, number, by=by, now=now))
    return visit.to(f"{PATH}?{_kept(visit, program)}".rstrip("?&"), Done.WITHDRAWN)


def _keep_shown(
    connection: Connection,
    *,
    visit: ConsoleVisit,
    waiting: tuple[WaitingQuotation, ...],
    lines: tuple[QuotationRecord, ...],
) -> None:
    """Keep in the audit trail which words were shown to the member: one entry for all of a page."""
    of, released = [str(one.source) for one in waiting], [one.id for one in lines]
    audit.record(
        connection, AuditKind.VIEW, participant_id=None, now=visit.now, what="quotations", of=of,
        released=released, by=visit.coordinator.code,
    )  # fmt: skip


def _themes(connection: Connection, *, program: str) -> tuple[tuple[str, str], ...]:
    """Return the themes of a program: codes with their titles."""
    known = programs.find(connection, program)
    file = None if known is None else programs.program_file(connection, known.id)
    return () if file is None else tuple((one.code, one.label) for one in file.themes)


def _as_text(source: QuotationSource) -> TextSource:
    return TextSource(TextKind.REMARK if source.is_remark else TextKind.ANSWER, source.number)


def _standing(one: QuotationRecord) -> str:
    """Say in a word whether a quotation may be shown now, and if not, who does not want it."""
    if one.withdrawn_at is not None:
        return noted("withdrawn")
    if one.is_shown:
        return noted("shown")
    return noted("identifiers") if has_identifiers(one.text) else noted("not permitted")


def _kept(visit: ConsoleVisit, program: str) -> str:
    """Return the beginning of the query that leads back to the same programme."""
    return f"program={program}&" if visit.form.value("program") == program else ""


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.HAND_OUT, show),
    ConsolePage("POST", f"{PATH}/release", Permission.HAND_OUT, release),
    ConsolePage("POST", f"{PATH}/{{number:int}}/withdraw", Permission.HAND_OUT, withdraw),
)
