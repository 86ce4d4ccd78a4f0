"""Read what people wrote and nobody has read: the riskiest first, each with one key."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.team import alerts
from bot.turn_context import TurnContext
from flows.safety.reading import ReadingClass
from storage.conversations import outbox
from storage.database.wakeups import WorkKind
from storage.safety import read_texts, reading
from storage.safety.manual_flags import ManualFlag, NoSuchWords, flag_words
from storage.safety.read_texts import MOST_LISTED, ReadFilter
from storage.safety.reading import NotUnread, TextToRead
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import SafetyKind
from storage.team import scope

PATH: Final = "/reading"
_MOST_LATER: Final = 40
"""Texts that can be put off in one browser."""
_TRIES: Final = 3
"""Texts that are tried to be shown, where each is read by somebody else at this very moment."""


async def show_next(visit: ConsoleVisit) -> Response:
    """Show the text that is to be read next, whole, and what can be done with it."""
    program = await visit.program(Permission.READ_WORDS)
    later = _later(visit)
    only = _class(visit)
    queue = await visit.queues.of(program, only)
    waiting = () if queue is None else queue.texts
    shown = await _first_shown(visit, [one.source for one in waiting if one.source.name not in later])
    if shown is None and not later:
        visit.queues.forget(program, only)
    return visit.page(
        "reading.html.jinja",
        here=PATH,
        text=shown,
        others=() if shown is None else await visit.open_with(shown.source),
        due=next((one for one in waiting if shown is not None and one.source == shown.source), None),
        queue=queue,
        program=program,
        programs=await visit.programs(Permission.READ_WORDS),
        later=",".join(later),
        only=only,
        classes=tuple(ReadingClass),
        kinds=tuple(SafetyKind),
        is_case=shown is not None and shown.source.kind is TextKind.CASE,
        may_open=visit.may(Permission.DECIDE_CASES, program) or visit.may(Permission.READ_WORDS, program),
    )


async def show_read(visit: ConsoleVisit) -> Response:
    """Show what was read lately, and by whom; nobody's words, but the way to them."""
    program = await visit.program(Permission.READ_WORDS)
    offered, only = await visit.programs(Permission.READ_WORDS), _class(visit)
    wanted = ReadFilter((program,) if program else offered, only)
    total = await visit.read(partial(read_texts.count_read, wanted=wanted))
    rows = await visit.read(
        partial(read_texts.list_read, wanted=wanted, limit=PER_PAGE, offset=offset_of(visit))
    )
    return visit.page(
        "reading_read.html.jinja",
        here=PATH,
        texts=list_page(visit, rows, total),
        most=MOST_LISTED,
        program=program,
        programs=offered,
        only=only,
        classes=tuple(ReadingClass),
    )


async def mark(visit: ConsoleVisit) -> Response:
    """Keep that the member has read a text that was shown to them, with all that have the same words if they say so."""
    source = await _source_in(visit)
    others, by = None, visit.coordinator
    if visit.form.value("same") == "yes":
        others = await visit.read(partial(reading.same_texts, sources=[source], by=by))
    try:
        await visit.write(partial(reading.mark_read, sources=[source], by=by, now=visit.now, same=others))
    except NotUnread:
        return _on(visit, Done.ALREADY_READ)
    return _on(visit, Done.READ)


async def open_case(visit: ConsoleVisit) -> Response:
    """Open a safety case for a text, or add it to the open one, and tell the others of the team."""
    source = await _source_in(visit)
    participant, kind = visit.form.value("person"), visit.form.value("kind")
    if kind not in set(SafetyKind) or source.kind is TextKind.CASE:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Say what kind of case it is. Nothing was changed.")
    flag = ManualFlag(participant, source.number, SafetyKind(kind), is_remark=source.kind is TextKind.REMARK)
    runtime = visit.parts.runtime

    def work(connection: Connection) -> None:
        turn = TurnContext(connection, visit.now)
        flagged = flag_words(connection, flag, by=visit.coordinator, now=visit.now)
        alerts.of_case(
            turn, runtime.localizations, flagged.case.id, is_new=flagged.is_new, apart_from=visit.coordinator
        )
        outbox.queue(connection, turn.writes.outbox)
        told = [row["address_id"] for row in turn.writes.outbox]
        runtime.wakeups.defer(connection, WorkKind.OUTBOX, told)

    try:
        await visit.write(work)
    except NoSuchWords:
        return _on(visit, Done.ALREADY_READ)
    return _on(visit, Done.CASE_OPENED)


async def _first_shown(visit: ConsoleVisit, wanted: Sequence[TextSource]) -> TextToRead | None:
    """Show the first of some texts that nobody has read meanwhile; None where there is none."""
    for source in (await visit.read(partial(reading.still_unread, sources=wanted)))[:_TRIES]:
        shown = await _shown(visit, source)
        if shown is not None:
            return shown
    assert visit.member is not None
    visit.open_pages.close_text(visit.member.session_id)
    return None


async def _shown(visit: ConsoleVisit, source: TextSource) -> TextToRead | None:
    """Show a text, which is kept and audited; None where it was read meanwhile."""
    same = await visit.read(partial(reading.count_same, source=source))
    try:
        return await visit.write(
            partial(reading.show_text, source=source, by=visit.coordinator, now=visit.now, same=same)
        )
    except NotUnread:
        return None


async def _source_in(visit: ConsoleVisit) -> TextSource:
    """Return the text that a form names, if the member may read it.

    Raises:
        PageRefused: there is none, or it is of a program that is not theirs.
    """
    source = TextSource.read(visit.form.value("text"))
    if source is None:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such text. Nothing was changed.")
    program = await visit.read(partial(scope.program_of_text, source=source))
    if program is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such text any more. Nothing was changed.")
    visit.require(Permission.READ_WORDS, program)
    return source


def _class(visit: ConsoleVisit) -> ReadingClass | None:
    """Return the class of texts that is asked for; None for any."""
    named = visit.query("noticed") or visit.form.value("noticed")
    return ReadingClass(named) if named in set(ReadingClass) else None


def _later(visit: ConsoleVisit) -> tuple[str, ...]:
    """Return the texts that are put off, by their names in the address."""
    named = visit.query("later") or visit.form.value("later")
    return tuple(dict.fromkeys(one for one in named.split(",") if TextSource.read(one) is not None))[
        -_MOST_LATER:
    ]


def _on(visit: ConsoleVisit, done: Done) -> Response:
    """Lead to the next text, or back to the sample that it was in."""
    sample = visit.form.value("sample")
    if sample.isascii() and sample.isdecimal() and len(sample) < 10:  # noqa: PLR2004 - digits
        return visit.to(f"/safety/samples/{int(sample)}", done)
    program, only, later = visit.form.value("program"), _class(visit), ",".join(_later(visit))
    asked = (("program", program), ("noticed", only.value if only else ""), ("later", later))
    query = "&".join(f"{name}={value}" for name, value in asked if value)
    return visit.to(f"{PATH}?{query}" if query else PATH, done)


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.READ_WORDS, show_next),
    ConsolePage("GET", f"{PATH}/done", Permission.READ_WORDS, show_read),
    ConsolePage("POST", f"{PATH}/read", Permission.READ_WORDS, mark),
    ConsolePage("POST", f"{PATH}/case", Permission.READ_WORDS, open_case),
)
