"""Count the first page of the outcomes report: a row for all of a program, from what was heard to what was noticed."""

from collections import defaultdict
from collections.abc import Iterator
from statistics import fmean
from typing import Final

from sqlalchemy import Connection

from storage.export.funnel import LATEST, WAVES_QUERY, commitment_waves
from storage.export.measures.care_ratings import (
    BETTER,
    CANNOT_SAY,
    PICKED,
    RATED,
    CareOfTheme,
    care_by_theme,
    raised,
)
from storage.export.measures.loop import CAVEAT, NO_THEME, OBJECTIVES, merged_themes
from storage.export.measures.measure import (
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.measures.statuses import implemented

WORSE: Final = "worse"


def _summary(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the one row of the table."""
    merged = merged_themes(connection)
    picked = raised(connection, program, merged)
    heard = frozenset[int]().union(*picked.values())
    themes = {theme for theme, people in picked.items() if people} - NO_THEME
    objectives = rows_of(connection, OBJECTIVES, program)
    taught = {merged.get(row.theme, row.theme) for row in objectives}
    made = list(commitment_waves(connection, program))
    clinicians = {one.person for one in made}
    care = list(care_by_theme(connection, program, merged).values())
    asked = frozenset[int]().union(*(theme.asked for theme in care))
    yield (
        program,
        *(len(heard), len(themes)),
        *(len({row.activity for row in objectives}), Figure(len(themes & taught), len(themes), len(heard))),
        *(len(made), len(clinicians)),
        *implemented([one.standings[LATEST] for one in made]),
        len(asked),
        *_rated(care),
        *_judged(care),
    )


def _rated(care: list[CareOfTheme]) -> tuple[Figure, Figure]:
    """Return of how many people the mean of the later ratings is higher, and lower, than that of those before."""
    differences: dict[int, list[int]] = defaultdict(list)
    for theme in care:
        for person, (before, later) in theme.pairs.items():
            differences[person].append(later - before)
    means = [fmean(found) for found in differences.values()]
    return (
        Figure(sum(one > 0 for one in means), len(means), len(means)),
        Figure(sum(one < 0 for one in means), len(means), len(means)),
    )


def _judged(care: list[CareOfTheme]) -> tuple[Figure, Figure]:
    """Return how many people say of a theme that it got better, and worse, of those who said whether any did."""
    told: dict[int, set[str]] = defaultdict(set)
    for theme in care:
        for person, word in theme.judged.items():
            if word != CANNOT_SAY:
                told[person].add(word)
    return (
        Figure(sum(BETTER in words for words in told.values()), len(told), len(told)),
        Figure(sum(WORSE in words for words in told.values()), len(told), len(told)),
    )


_of: Final = "outcomes.summary"
_picked = MeasureSet(_of, MeasureSource.PATIENT_REPORTED, PICKED)
_rated_later = MeasureSet(_of, MeasureSource.PATIENT_REPORTED, RATED)
_taught = MeasureSet(_of, MeasureSource.SYSTEM, OBJECTIVES)
_made = MeasureSet(_of, MeasureSource.SELF_REPORTED, WAVES_QUERY)
_RESPONDED: Final = "confirmed commitments with any report"
_DUE: Final = "confirmed commitments that were due at any wave: also where nobody answered"
_BOTH: Final = "people with both ratings on some theme"
_TOLD: Final = "people who say better, same or worse of some theme"

SUMMARY: Final = MeasureTable(
    _of,
    "From what was heard to what was noticed",
    ("program",),
    (
        _picked.count(
            "heard",
            "Patients and carers who began the interview and picked some theme, finished or not.",
        ),
        _picked.count("themes", "Themes that somebody picked, but for other and none."),
        _taught.count("activities", "Activities with an objective that names a theme."),
        _taught.share(
            "taught",
            "Themes that somebody picked and an objective names.",
            "themes picked that an objective names",
            "themes",
        ),
        _made.count("commitments", "Confirmed commitments."),
        _made.count("clinicians", "Clinicians whose they are."),
        _made.share("done_of_responders", "Implemented in full or in part.", "full + partial", _RESPONDED),
        _made.share("done_of_due", "Implemented in full or in part.", "full + partial", _DUE),
        _made.share("full_of_responders", "Implemented in full.", "full", _RESPONDED),
        _made.share("full_of_due", "Implemented in full.", "full", _DUE),
        _rated_later.count("asked_later", "Patients and carers who were asked about some theme again."),
        _rated_later.share(
            "better",
            "Patients whose later ratings are higher in the mean than the newest ones before, of the same themes.",
            "people with a higher mean",
            _BOTH,
        ),
        _rated_later.share(
            "worse", "Patients whose later ratings are lower in the mean.", "people with a lower mean", _BOTH
        ),
        _rated_later.share(
            "judged_better",
            "Patients who say themselves of some theme that it got better.",
            "people who say better of some theme",
            _TOLD,
        ),
        _rated_later.share(
            "judged_worse",
            "Patients who say themselves of some theme that it got worse.",
            "people who say worse of some theme",
            _TOLD,
        ),
    ),
    CAVEAT,
    _summary,
)
