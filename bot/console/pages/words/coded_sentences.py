"""Show what was coded: the sentences under a theme, with who coded each, and the places that were settled.

Whoever codes stays blind to what another alone has given. That words were shown is audited, one entry a page.
"""

from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import job_access
from bot.console.jobs import JobKind, JobState
from bot.console.lists import PER_PAGE, list_page, offset_of
from bot.console.pages import themes
from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from flows.coding.codebook import CodebookCode
from storage.coding import codebooks, coded_excerpts
from storage.coding.codebooks import KeptCodebook
from storage.coding.coded_excerpts import ListedExcerpt, SettledFigures
from storage.database import audit
from storage.schema import AuditKind

SENTENCES: Final = f"{themes.PATH}/sentences"
SETTLED: Final = f"{themes.PATH}/settled"


async def show_theme(visit: ConsoleVisit) -> Response:
    """Show the sentences under a theme, and under its parts, with who gave it to each, and when."""
    program, offset = await themes.required_program(visit), offset_of(visit)

    def look(
        connection: Connection,
    ) -> tuple[KeptCodebook, CodebookCode, tuple[ListedExcerpt, ...], int]:
        number = codebooks.program_number(connection, program)
        kept = codebooks.in_use(connection, number)
        named = () if kept is None else kept.codebook.codes
        theme = next((one for one in named if one.code == visit.query("code")), None)
        if kept is None or theme is None:
            raise PageRefused(HTTPStatus.NOT_FOUND, "There is no such theme in the codebook in use.")
        codes, by = coded_excerpts.codes_under(kept.codebook, theme.code), visit.coordinator
        found = coded_excerpts.of_codes(connection, number, by, codes, (PER_PAGE, offset))
        total = coded_excerpts.count_of_codes(connection, number, by, codes)
        _keep_shown(connection, visit, found, what="theme", theme=theme.code)
        return kept, theme, found, total

    kept, theme, found, total = await visit.write(look)
    return visit.page(
        "theme.html.jinja",
        here=themes.PATH,
        program=program,
        theme=theme,
        parts_of=coded_excerpts.codes_under(kept.codebook, theme.code) - {theme.code},
        sentences=list_page(visit, found, total),
        labels=_labels(kept),
    )


async def show_settled(visit: ConsoleVisit) -> Response:
    """Show the places where two differed and somebody has settled it: both opinions, the decision, and why."""
    program, offset = await themes.required_program(visit), offset_of(visit)

    def look(
        connection: Connection,
    ) -> tuple[KeptCodebook | None, tuple[ListedExcerpt, ...], SettledFigures]:
        number = codebooks.program_number(connection, program)
        found = coded_excerpts.settled_places(connection, number, visit.coordinator, (PER_PAGE, offset))
        _keep_shown(connection, visit, found, what="settled")
        figures = coded_excerpts.settled_figures(connection, number)
        return codebooks.in_use(connection, number), found, figures

    kept, found, figures = await visit.write(look)
    return visit.page(
        "themes_settled.html.jinja",
        here=themes.PATH,
        program=program,
        places=list_page(visit, found, figures.settled),
        figures=figures,
        agreement=_agreement(visit, program),
        share=themes.share_in_words,
        labels=_labels(kept),
    )


def _keep_shown(
    connection: Connection, visit: ConsoleVisit, found: tuple[ListedExcerpt, ...], **what: str
) -> None:
    """Keep in the audit trail that words of these excerpts were shown; nothing where there are none."""
    if not found:
        return
    named = [str(one.text.text.source) for one in found]
    audit.record(
        connection, AuditKind.VIEW, participant_id=None, now=visit.now, by=visit.coordinator.code, of=named, **what
    )  # fmt: skip


def _agreement(visit: ConsoleVisit, program: str) -> Any:
    """Return how pairs of coders agree, as counted last; None where that was not counted."""
    if visit.parts.jobs is None:
        return None
    job = job_access.runner(visit).newest(JobKind.AGREEMENT, program)
    return job.output() if job is not None and job.state is JobState.DONE else None


def _labels(kept: KeptCodebook | None) -> dict[str, str]:
    return {} if kept is None else {one.code: one.label for one in kept.codebook.codes}


PAGES: Final = (
    ConsolePage("GET", SENTENCES, Permission.CODE_WORDS, show_theme),
    ConsolePage("GET", SETTLED, Permission.CODE_WORDS, show_settled),
)
