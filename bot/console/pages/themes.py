"""Themes: what people wrote, coded by two who do not see each other's codes, and settled where they differ.

What counts over all words (progress, people by code, agreement, saturation) is counted by `said code`, beside the bot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import job_access
from bot.console.done import Done
from bot.console.jobs import ConsoleJob, JobKind, JobOrder, JobState
from bot.console.languages.marks import noted
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from flows.coding.proposals import proposed_by_rules
from storage.coding import codebooks, codings, excerpts, settlements, waiting_excerpts
from storage.coding.codebooks import KeptCodebook
from storage.coding.codings import NewCoding, VisibleCodes
from storage.coding.excerpts import CodedText
from storage.coding.texts import ExcerptSource

PATH: Final = "/themes"
CODE: Final = f"{PATH}/code"
SETTLE: Final = f"{PATH}/settle"
_KINDS: Final = (JobKind.PEOPLE_BY_CODE, JobKind.AGREEMENT, JobKind.SATURATION)
_FRESH: Final = timedelta(minutes=15)
_MOST_LATER: Final = 40
"""Excerpts that can be put off in one browser."""
_KEYS: Final = 9
"""Codes that are ticked by a key, from 1 on."""


@dataclass(frozen=True, slots=True)
class GivenCodes:
    """What a form says of an excerpt: the codes that are ticked, and whether that none fits was pressed."""

    codes: frozenset[str]
    none: bool

    @property
    def problem(self) -> str:
        """What is wrong with it, in a sentence; '' where nothing is."""
        if self.none and self.codes:
            return noted(
                "Codes are ticked, and you said that none fits. Nothing was kept: untick them, or give them."
            )
        if not self.none and not self.codes:
            return noted("Nothing was kept: tick the codes that fit, or say that no code fits.")
        return ""


async def show(visit: ConsoleVisit) -> Response:
    """Show the codebook in use, how far the coding is, and what came of it."""
    offered = await visit.programs(Permission.CODE_WORDS)
    program = await _program(visit, offered)
    kept = None if program is None else await visit.read(partial(_codebook, program=program))
    jobs = {} if program is None or kept is None else _counted(visit, program)
    told = {
        kind.name.lower(): job.output() if job.state is JobState.DONE else None for kind, job in jobs.items()
    }
    return job_access.waiting(
        visit.page(
            "themes.html.jinja",
            here=PATH,
            program=program,
            programs=offered,
            kept=kept,
            jobs={kind.name.lower(): job for kind, job in jobs.items()},
            told=told,
            share=share_in_words,
        ),
        *jobs.values(),
    )


async def count_anew(visit: ConsoleVisit) -> Response:
    """Count what comes of the coding anew."""
    program = await _posted_program(visit)
    for kind in _KINDS:
        job = job_access.runner(visit).newest(kind, program)
        if job is None or job.state.is_over:
            job_access.begin(visit, _order(visit, kind, program))
    return visit.to(f"{PATH}?program={program}")


async def show_next(visit: ConsoleVisit) -> Response:
    """Show an excerpt that waits for the member's codes, or one that they coded and the other has not."""
    program = await required_program(visit)
    number, later = visit.number("excerpt", least=0, default=0), _later(visit.query("later"))

    def find(connection: Connection) -> CodedText | None:
        program_id = codebooks.program_number(connection, program)
        if number:
            return waiting_excerpts.own(connection, program_id, visit.coordinator, number)
        return waiting_excerpts.next_waiting(connection, program_id, visit.coordinator, later)

    return await _code_page(visit, program, await visit.read(find), is_again=number > 0)


async def code(visit: ConsoleVisit) -> Response:
    """Keep the codes that the member gives an excerpt, or that none fits."""
    program, posted = await _posted_program(visit), _posted(visit)
    source, number = _source(visit.form.value("of")), _number(visit.form.value("excerpt"))
    later = _later(visit.form.value("later"))

    def find(connection: Connection) -> CodedText:
        found = excerpts.coded_texts(connection, codebooks.program_number(connection, program), [source])
        # Another coder's codes give the words a number, while they are new to the page of this one.
        whole = next((one for one in found if number == 0 and one.is_whole), None)
        one = next((one for one in found if (one.id or 0) == number), whole)
        if one is None:
            raise PageRefused(
                HTTPStatus.NOT_FOUND, "These words stand no more as they were. Nothing was kept."
            )
        return one

    one = await visit.read(find)
    if posted.problem:
        is_again = one.was_coded_by(visit.coordinator.code)
        return await _code_page(visit, program, one, is_again=is_again, posted=posted)
    new = NewCoding(source, posted.codes, excerpt=one.id)

    def work(connection: Connection) -> int:
        program_id = codebooks.program_number(connection, program)
        return codings.code(connection, program_id, new, by=visit.coordinator, now=visit.now)

    kept = await visit.write(work)
    return visit.to(f"{CODE}?program={program}&last={kept}{_and_later(later)}", Done.CODED)


async def show_disagreement(visit: ConsoleVisit) -> Response:
    """Show an excerpt that two coded differently, with what each gave."""
    program, later = await required_program(visit), _later(visit.query("later"))

    def find(connection: Connection) -> tuple[CodedText | None, int]:
        program_id = codebooks.program_number(connection, program)
        every = tuple(waiting_excerpts.open_disagreements(connection, program_id))
        return next((one for one in every if one.text.source not in later), None), len(every)

    one, total = await visit.read(find)
    return await _settle_page(visit, program, one, later, total=total)


async def settle(visit: ConsoleVisit) -> Response:
    """Keep which codes hold of an excerpt, and why."""
    program, posted = await _posted_program(visit), _posted(visit)
    number, reason = _number(visit.form.value("excerpt")), visit.form.value("reason")
    later = _later(visit.form.value("later"))
    problem = posted.problem
    if not problem and not reason:
        problem = noted("Nothing was kept: say why these codes hold.")
    if problem:
        one = await visit.read(
            lambda c: waiting_excerpts.of_number(c, codebooks.program_number(c, program), number)
        )
        if one is not None and one.is_open:
            return await _settle_page(visit, program, one, later, posted=posted, problem=problem)

    def work(connection: Connection) -> None:
        program_id, by = codebooks.program_number(connection, program), (visit.coordinator, visit.now)
        settlements.settle(connection, program_id, number, (posted.codes, reason), by=by)

    await visit.write(work)
    return visit.to(f"{SETTLE}?program={program}{_and_later(later)}", Done.SETTLED)


async def _code_page(
    visit: ConsoleVisit,
    program: str,
    one: CodedText | None,
    *,
    is_again: bool,
    posted: GivenCodes | None = None,
) -> Response:
    """Show an excerpt with the codes of the codebook: those that were ticked, or given before, are ticked."""
    later = _later(visit.query("later") or visit.form.value("later"))
    kept = await visit.read(partial(_codebook, program=program))
    words = None if one is None or kept is None else await _words(visit, one)
    own = None if one is None else next((o for o in one.codings if o.coder == visit.coordinator.code), None)
    ticked = posted.codes if posted is not None else frozenset() if own is None else own.codes
    return visit.page(
        "themes_code.html.jinja",
        HTTPStatus.OK if posted is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        here=PATH,
        program=program,
        kept=kept,
        excerpt=one,
        words=words,
        is_again=is_again,
        last=visit.number("last", least=0, default=0),
        problem="" if posted is None else posted.problem,
        proposed=_proposed(kept, words),
        **_choices(kept, ticked, later),
    )


async def _settle_page(
    visit: ConsoleVisit,
    program: str,
    one: CodedText | None,
    later: tuple[ExcerptSource, ...],
    **more: Any,
) -> Response:
    """Show a disagreement; `more` are `total`, and after a form that was not taken `posted` and the `problem`."""
    kept = await visit.read(partial(_codebook, program=program))
    words, seen = None, None
    if one is not None and kept is not None:
        words = await _words(visit, one)
        seen = await visit.read(partial(_seen, visit=visit, program=program, one=one))
    posted: GivenCodes | None = more.get("posted")
    return visit.page(
        "themes_settle.html.jinja",
        HTTPStatus.OK if posted is None else HTTPStatus.UNPROCESSABLE_ENTITY,
        here=PATH,
        program=program,
        kept=kept,
        excerpt=one,
        words=words,
        given=() if seen is None else (*((seen.own,) if seen.own else ()), *seen.others),
        total=more.get("total"),
        reason=visit.form.value("reason"),
        problem=more.get("problem", ""),
        **_choices(kept, frozenset() if posted is None else posted.codes, later),
    )


def _seen(
    connection: Connection, *, visit: ConsoleVisit, program: str, one: CodedText
) -> VisibleCodes | None:
    """Return what the member may see of an excerpt that was coded; None where it is gone."""
    number = codebooks.program_number(connection, program)
    every = codings.visible(connection, number, visit.coordinator, [one.text.source])
    return next((each for each in every if each.excerpt == one.id), None)


async def _words(visit: ConsoleVisit, one: CodedText) -> str:
    """Return the words of an excerpt, which were shown from now on: that is audited."""
    return await visit.write(
        lambda connection: excerpts.show(connection, one, by=visit.coordinator, now=visit.now)
    )


def _choices(
    kept: KeptCodebook | None, ticked: frozenset[str], later: tuple[ExcerptSource, ...]
) -> dict[str, Any]:
    """Return what the templates of codes need: which are ticked, their keys and labels, and what is put off."""
    names = () if kept is None else kept.codebook.names
    return {
        "ticked": ticked,
        "keys": {code: str(place) for place, code in enumerate(names[:_KEYS], 1)},
        "labels": {} if kept is None else {one.code: one.label for one in kept.codebook.codes},
        "later": ",".join(map(str, later)),
    }


def _proposed(kept: KeptCodebook | None, words: str | None) -> dict[str, str]:
    """Return the word of the codebook by which a code is proposed for an excerpt, by code; nothing is ticked for it."""
    if kept is None or words is None:
        return {}
    return {one.code: one.reason for one in proposed_by_rules(kept.codebook, words)}


def _codebook(connection: Connection, *, program: str) -> KeptCodebook | None:
    return codebooks.in_use(connection, codebooks.program_number(connection, program))


def _counted(visit: ConsoleVisit, program: str) -> dict[JobKind, ConsoleJob]:
    """Return the counts as they stand; what is older than a quarter of an hour is counted now."""
    runner = visit.parts.jobs
    found: dict[JobKind, ConsoleJob] = {}
    for kind in _KINDS if runner is not None else ():
        job = job_access.runner(visit).newest(kind, program)
        if job is None or (job.ended_at is not None and visit.now - job.ended_at > _FRESH):
            job = job_access.begin(visit, _order(visit, kind, program))
        found[kind] = job
    return found


def _order(visit: ConsoleVisit, kind: JobKind, program: str) -> JobOrder:
    arguments = ("code", kind.value, "--program", program)
    return JobOrder(kind, arguments, visit.coordinator.code, program)


def share_in_words(of: Mapping[str, Any]) -> str:
    """Write the share and kappa of one code, or of all, as `said code agreement --json` gives them."""
    share = "\u2013" if of["share"] is None else f"{of['share']:.0%}"
    kappa = "not defined" if of["kappa"] is None else f"{of['kappa']:.2f}"
    return f"{share}, \u03ba {kappa}"


async def _program(visit: ConsoleVisit, offered: tuple[str, ...]) -> str | None:
    """Return the program that is chosen, else the first in which the member may code; None if none is loaded."""
    return await visit.program(Permission.CODE_WORDS) or (offered[0] if offered else None)


async def required_program(visit: ConsoleVisit) -> str:
    """Return the program that is chosen, as `_program` does.

    Raises:
        PageRefused: none is loaded.
    """
    program = await _program(visit, await visit.programs(Permission.CODE_WORDS))
    if program is None:
        raise PageRefused(HTTPStatus.NOT_FOUND, "No programme is loaded yet.")
    return program


async def _posted_program(visit: ConsoleVisit) -> str:
    """Return the program that a form names.

    Raises:
        PageRefused: there is no such program, or the member may not code in it.
    """
    program = visit.form.value("program")
    if program not in await visit.programs(Permission.CODE_WORDS):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such programme, or it is not yours.")
    return program


def _posted(visit: ConsoleVisit) -> GivenCodes:
    return GivenCodes(frozenset(visit.form.all("code")), visit.form.value("none") == "yes")


def _source(name: str) -> ExcerptSource:
    """Return the words that a form names.

    Raises:
        PageRefused: it names none.
    """
    source = ExcerptSource.read(name)
    if source is None:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There are no such words. Nothing was kept.")
    return source


def _number(text: str) -> int:
    """Return the number of an excerpt; 0 where there is none that could be meant."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0  # noqa: PLR2004 - digits


def _later(named: str) -> tuple[ExcerptSource, ...]:
    """Return the words that are put off, by their names in the address."""
    found = (ExcerptSource.read(one) for one in named.split(","))
    return tuple(dict.fromkeys(one for one in found if one is not None))[-_MOST_LATER:]


def _and_later(later: tuple[ExcerptSource, ...]) -> str:
    return f"&later={','.join(map(str, later))}" if later else ""


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.CODE_WORDS, show),
    ConsolePage("POST", f"{PATH}/count", Permission.CODE_WORDS, count_anew),
    ConsolePage("GET", CODE, Permission.CODE_WORDS, show_next),
    ConsolePage("POST", CODE, Permission.CODE_WORDS, code),
    ConsolePage("GET", SETTLE, Permission.CODE_WORDS, show_disagreement),
    ConsolePage("POST", SETTLE, Permission.CODE_WORDS, settle),
)
