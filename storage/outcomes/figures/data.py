"""Count what the figures are made of, from a database, by the same rules and queries as the tables of the report."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.funnel import AFTER_START, LATEST, commitment_waves
from storage.export.measures.barriers import BARRIERS
from storage.export.measures.measure import Figure, rows_of
from storage.export.measures.waves import LATER_ASKED, SENT
from storage.export.statistics import STATUSES, CommitmentStanding, WaveStanding, count_funnel
from storage.outcomes.figures.loop_data import loop_figure
from storage.outcomes.figures.model import (
    UNANSWERED,
    BarrierDots,
    BarrierFigure,
    FunnelFigure,
    FunnelStep,
    OutcomesFigure,
    ResponseFigure,
    ResponseSeries,
    StatusBand,
    StatusFigure,
    WaveBar,
)
from storage.outcomes.figures.wording import (
    ending_labels,
    list_labels,
    program_settings,
    wave_label,
    wave_place,
)
from storage.outcomes.tables.funnel import ALL, ANSWERED_ANY, FUNNEL

_STEPS: Final = {
    "invited": "Invited",
    "came": "Came in",
    "started": "Started",
    "agreed": "Agreed to take part",
    "committed": "Committed to a change",
    ANSWERED_ANY: "Answered at all",
}
PATIENTS: Final = "Patients and carers, asked again"


def funnel_figure(connection: Connection, program: str) -> FunnelFigure:
    """Return the funnel of all clinicians of a program, by its short name, as in the table `outcomes.funnel`."""
    steps = []
    for by, _, step, people, of_previous, of_committed in FUNNEL.count(connection, program):
        if by == ALL and isinstance(people, int):
            share = of_committed if isinstance(of_committed, Figure) else of_previous
            part_of = "who committed" if isinstance(of_committed, Figure) else "of the step before"
            told = share if isinstance(share, Figure) else None
            steps.append(FunnelStep(_step_label(str(step)), people, told, part_of))
    return FunnelFigure(tuple(steps))


def _step_label(step: str) -> str:
    days = step.removeprefix("answered_")
    return _STEPS.get(step) or f"Answered after {days} days"


def status_figure(connection: Connection, program: str) -> StatusFigure:
    """Return what became of the confirmed commitments of a program at each wave, and by their newest report."""
    waves: dict[str, list[CommitmentStanding]] = defaultdict(list)
    for one in commitment_waves(connection, program):
        for wave, standing in one.standings.items():
            waves[wave].append(standing)
    return StatusFigure(tuple(_wave_bar(wave, waves[wave]) for wave in sorted(waves, key=wave_place)))


def _wave_bar(wave: str, standings: list[CommitmentStanding]) -> WaveBar:
    found = count_funnel(standings)
    counts = {status: found.statuses[status].n for status in STATUSES}
    counts |= {place.value: found.places[place].n for place in UNANSWERED}
    labels = ending_labels()
    return WaveBar(
        wave_label(wave),
        tuple(StatusBand(code, labels[code], n) for code, n in counts.items()),
        found.places[WaveStanding.RESPONDED].people,
        found.places[WaveStanding.NOT_DUE].n,
    )


def barrier_figure(connection: Connection, program: str) -> BarrierFigure:
    """Return the barriers of a program as in the table `response.barriers`, those that most people met first."""
    labels = list_labels(program_settings(connection, program), "barriers")
    barriers, responders = [], 0
    for code, foreseen, met, *_, of_asked in BARRIERS.count(connection, program):
        if isinstance(foreseen, int) and isinstance(met, int) and isinstance(of_asked, Figure):
            barriers.append(BarrierDots(labels.get(str(code), str(code)), foreseen, met))
            responders = of_asked.responders
    return BarrierFigure(tuple(barriers), responders)


def response_figure(connection: Connection, program: str) -> ResponseFigure:
    """Return on which day after they were asked people answered: clinicians at each wave, and patients asked again.

    Who had several commitments at a wave counts by the first that they answered on.
    """
    sent: dict[tuple[int, str], list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, SENT, program):
        sent[row.commitment, AFTER_START if row.after_start else str(row.wave_days)].append(row)
    due: dict[str, set[int]] = defaultdict(set)
    days: dict[str, dict[int, int]] = defaultdict(dict)
    for one in commitment_waves(connection, program):
        for wave, standing in one.standings.items():
            if wave == LATEST or standing.place is WaveStanding.NOT_DUE:
                continue
            due[wave].add(one.person)
            if standing.place is WaveStanding.RESPONDED:
                day = min(
                    (_days(row.sent_at, row.answered_at) for row in sent[one.commitment, wave]), default=0
                )
                days[wave][one.person] = min(day, days[wave].get(one.person, day))
    series = [
        ResponseSeries(wave_label(wave), len(due[wave]), tuple(sorted(days[wave].values())))
        for wave in sorted(due, key=wave_place)
    ]
    return ResponseFigure((*series, *_patients(connection, program)))


def _days(asked_at: datetime | None, answered_at: datetime | None) -> int:
    """Return how many whole days lie between asking and answer; 0 where either is not known."""
    if asked_at is None or answered_at is None:
        return 0
    return max(0, (answered_at - asked_at).days)


def _patients(connection: Connection, program: str) -> tuple[ResponseSeries, ...]:
    """Return the series of patients and carers; nothing where the time of none has come."""
    rows = rows_of(connection, LATER_ASKED, program)
    due = {row.person for row in rows}
    days: dict[int, int] = {}
    for row in rows:
        if row.answered_at is not None:
            day = _days(row.started_at, row.answered_at)
            days[row.person] = min(day, days.get(row.person, day))
    return (ResponseSeries(PATIENTS, len(due), tuple(sorted(days.values()))),) if due else ()


FIGURES: Final[Mapping[str, Callable[[Connection, str], OutcomesFigure]]] = {
    "funnel": funnel_figure,
    "statuses": status_figure,
    "barriers": barrier_figure,
    "loop": loop_figure,
    "response": response_figure,
}
"""The figures of the report by name, in the order of its sections: T1, T3, T4, T7, and beside the first."""
