"""Samples of words that the safety rules found nothing in: drawn by chance, and read by a person."""

from functools import partial
from http import HTTPStatus
from secrets import randbelow
from typing import Final

from starlette.responses import Response

from bot.console.done import Done
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from storage.safety import samples
from storage.safety.samples import SampledText, SampleFigures, SamplePlan
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import SafetyKind

PATH: Final = "/safety/samples"
SHARES: Final = (1, 2, 5, 10)
"""Per cent of the words that can be drawn here; `said safety sample` takes any share."""
_SEEDS: Final = 1_000_000


async def show_samples(visit: ConsoleVisit) -> Response:
    """Show the samples of the member's programs with their figures, the latest first. Nobody's words."""
    program = await visit.program(Permission.READ_WORDS)
    every = tuple(
        one
        for one in await visit.read(samples.list_samples)
        if _is_theirs(visit, one) and (program is None or one.program == program)
    )
    offset = offset_of(visit)
    return visit.page(
        "samples.html.jinja",
        here="/safety",
        samples=list_page(visit, every[offset : offset + PER_PAGE], len(every)),
        shares=SHARES,
        usual=samples.SHARE,
        program=program,
        programs=await visit.programs(Permission.READ_WORDS),
    )


async def draw(visit: ConsoleVisit) -> Response:
    """Draw a sample from the words of a program, or of all, and keep it."""
    program, share = visit.form.value("program") or None, visit.form.value("share")
    if share not in map(str, SHARES):
        raise PageRefused(HTTPStatus.BAD_REQUEST, "Say how much is to be drawn. Nothing was drawn.")
    if program is not None and program not in await visit.programs(Permission.READ_WORDS):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such programme, or it is not yours.")
    visit.require(Permission.READ_WORDS, program)
    plan, by, now = SamplePlan(randbelow(_SEEDS), int(share), program), visit.coordinator, visit.now
    drawn = await visit.read(partial(samples.choose, plan=plan))
    number = await visit.write(lambda connection: samples.keep(connection, drawn, by=by, now=now))
    return visit.to(f"{PATH}/{number}", Done.DRAWN)


async def show_sample(visit: ConsoleVisit) -> Response:
    """Show the words of a sample, redacted, some at a time. That they were shown is audited."""
    figures, by, now = await _sample(visit), visit.coordinator, visit.now
    part = slice(offset_of(visit), offset_of(visit) + PER_PAGE)
    texts = await visit.write(
        lambda connection: samples.show_texts(connection, figures.id, by=by, now=now, part=part)
    )
    return visit.page(
        "sample.html.jinja",
        here="/safety",
        sample=figures,
        texts=list_page(visit, texts, figures.drawn - figures.gone),
        name_of=_name_of,
        kinds=tuple(SafetyKind),
    )


async def mark_looked_at(visit: ConsoleVisit) -> Response:
    """Keep that the member looked at the words of a sample that they were shown, and found nothing else."""
    figures, by, now = await _sample(visit), visit.coordinator, visit.now
    await visit.write(
        lambda connection: samples.mark_looked_at(connection, figures.id, by=by, now=now, only_shown=True)
    )
    return visit.to(f"{PATH}/{figures.id}", Done.LOOKED)


async def _sample(visit: ConsoleVisit) -> SampleFigures:
    """Return the sample of the number in the address, if the member may read the words of all that it was drawn from.

    Raises:
        PageRefused: there is none of it that is theirs.
    """
    number = int(visit.request.path_params["number"])
    found = next((one for one in await visit.read(samples.list_samples) if one.id == number), None)
    if found is None or not _is_theirs(visit, found):
        raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such sample in a programme of yours.")
    return found


def _is_theirs(visit: ConsoleVisit, one: SampleFigures) -> bool:
    """Return whether the member may read what a sample was drawn from: of one program, or of all."""
    if one.program is not None:
        return visit.may(Permission.READ_WORDS, one.program)
    try:
        visit.require(Permission.READ_WORDS)
    except PageRefused:
        return False
    return True


def _name_of(text: SampledText) -> str:
    """Return how people name a text: an answer by its number, the remark 12 as `r12`."""
    if text.remark is not None:
        return TextSource(TextKind.REMARK, text.remark).name
    return str(text.answer)


PAGES: Final = (
    ConsolePage("GET", PATH, Permission.READ_WORDS, show_samples),
    ConsolePage("POST", PATH, Permission.READ_WORDS, draw),
    ConsolePage("GET", f"{PATH}/{{number:int}}", Permission.READ_WORDS, show_sample),
    ConsolePage("POST", f"{PATH}/{{number:int}}/looked", Permission.READ_WORDS, mark_looked_at),
)
