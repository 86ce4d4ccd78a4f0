"""Put right what was read out of words with doubt: one text after the other, each with one key."""

from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.done import Done
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.programs import programs
from storage.safety import rereadings
from storage.safety.reading import NotShown
from storage.safety.rereadings import NoUncertainText, UncertainReading, UncertainText
from storage.safety.text_signals import TextKind, TextSource
from storage.team import scope

PATH: Final = "/rereading"
_MOST_LATER: Final = 40
"""Texts that can be put off in one browser."""
_DECIDED: Final = 20
"""What was said last, of which so many are shown."""
_KEYS: Final = 9
"""Choices that are set by a key, from 1 on."""
_KINDS: Final = (TextKind.ANSWER, TextKind.REMARK)


async def show_next(visit: ConsoleVisit) -> Response:
    """Show the next text that waits, or the one that is asked for, with what was read in it and what can be set."""
    program = await visit.program(Permission.CODE_WORDS)
    later, kind = _later(visit), _kind(visit)
    source = await _asked_for(visit)
    waiting = () if source else await visit.read(partial(_waiting, program=program, kind=kind, later=later))
    source = waiting[0].source if waiting else source
    shown = None if source is None else await _shown(visit, source)
    return visit.page(
        "rereading.html.jinja",
        here="/reading",
        text=shown,
        others=() if shown is None else await visit.open_with(shown.source),
        keys={code: place for place, (code, _) in enumerate(shown.choices[:_KEYS], 1)} if shown else {},
        kind=kind,
        counts=await visit.read(partial(_counts, program=program)),
        most=rereadings.MOST_COUNTED,
        decided=await visit.read(partial(_decided, program=program)),
        program=program,
        programs=await visit.programs(Permission.CODE_WORDS),
        later=",".join(later),
    )


async def decide(visit: ConsoleVisit) -> Response:
    """Keep what a text means that was shown to the member, or that it is left as it was read."""
    source = TextSource.read(visit.form.value("text"))
    if source is None or source.kind not in _KINDS:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There is no such text. Nothing was changed.")
    program = await visit.read(partial(scope.program_of_text, source=source))
    if program is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such text any more. Nothing was changed.")
    visit.require(Permission.CODE_WORDS, program)
    left = visit.form.value("leave") == "yes"
    codes = () if left else tuple(code for code in visit.form.all("choice") if code.strip())
    if not left and not codes:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Nothing was chosen. Nothing was changed.")
    by, now = visit.coordinator, visit.now
    try:
        await visit.write(lambda connection: rereadings.decide(connection, source, codes, by=by, now=now))
    except NotShown as error:
        raise PageRefused(
            HTTPStatus.CONFLICT, "These words were not shown to you yet. Nothing was changed."
        ) from error
    return _on(visit, program, Done.LEFT if left else Done.PUT_RIGHT)


def _on(visit: ConsoleVisit, program: str, done: Done) -> Response:
    """Lead to the next text, of the same kinds and with the same ones put off."""
    kind, later = visit.form.value("kind"), ",".join(_names(visit.form.value("later")))
    kept = {
        "program": program if visit.form.value("program") == program else "",
        "kind": kind if kind in set(_KINDS) else "",
        "later": later,
    }
    query = urlencode({name: value for name, value in kept.items() if value})
    return visit.to(f"{PATH}?{query}" if query else PATH, done)


async def _asked_for(visit: ConsoleVisit) -> TextSource | None:
    """Return the text that the address names, such as one that was decided before; None where it names none.

    Raises:
        PageRefused: there is none in a program that is theirs.
    """
    named = visit.query("text")
    if not named:
        return None
    source = TextSource.read(named)
    if source is None or source.kind not in _KINDS:
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such text in a programme of yours.")
    program = await visit.read(partial(scope.program_of_text, source=source))
    if program is None or not visit.may(Permission.CODE_WORDS, program):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such text in a programme of yours.")
    return source


async def _shown(visit: ConsoleVisit, source: TextSource) -> UncertainReading | None:
    """Show a text, which is kept and audited; None where its words went meanwhile."""
    try:
        return await visit.write(partial(rereadings.show, source=source, by=visit.coordinator, now=visit.now))
    except NoUncertainText:
        return None


def _waiting(
    connection: Connection, *, program: str | None, kind: TextKind | None, later: tuple[str, ...]
) -> tuple[UncertainText, ...]:
    """Return the texts that wait next, of one kind or both, without those that were put off."""
    number = _number(connection, program)
    for one in _KINDS if kind is None else (kind,):
        found = rereadings.waiting(connection, one, program=number, limit=len(later) + 1)
        left = tuple(text for text in found if text.source.name not in later)
        if left:
            return left
    return ()


def _counts(connection: Connection, *, program: str | None) -> dict[str, int]:
    number = _number(connection, program)
    return {kind.value: rereadings.count_waiting(connection, kind, program=number) for kind in _KINDS}


def _decided(connection: Connection, *, program: str | None) -> tuple[rereadings.KeptRereading, ...]:
    return rereadings.decided(connection, program=_number(connection, program), limit=_DECIDED)


def _number(connection: Connection, program: str | None) -> int | None:
    known = None if program is None else programs.find(connection, program)
    return None if known is None else known.id


def _kind(visit: ConsoleVisit) -> TextKind | None:
    named = visit.query("kind")
    return next((kind for kind in _KINDS if kind.value == named), None)


def _later(visit: ConsoleVisit) -> tuple[str, ...]:
    """Return the texts that are put off, by their names in the address."""
    return _names(visit.query("later"))


def _names(named: str) -> tuple[str, ...]:
    """Return the texts that are named with commas between, each once."""
    found = (TextSource.read(one) for one in named.split(","))
    return tuple(dict.fromkeys(one.name for one in found if one is not None))[-_MOST_LATER:]


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.CODE_WORDS, show_next),
    ConsolePage("POST", PATH, Permission.CODE_WORDS, decide),
)
