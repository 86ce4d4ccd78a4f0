"""Count what clinicians report of their commitments, wave by wave, twice: of responders, and of all who were due."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import Connection

from storage.export.funnel import AFTER_START, LATEST, WAVES_QUERY, CommitmentWaves, commitment_waves
from storage.export.measures.measure import Figure, MeasureRow, MeasureSet, MeasureSource, MeasureTable
from storage.export.rates import RATES_QUERY, rate_changes
from storage.export.statistics import STATUSES, CommitmentStanding, WaveStanding, count_funnel
from storage.export.tables.table import ExportSelection
from storage.schema import ImplementationStatus

DONE: Final = frozenset({ImplementationStatus.FULL.value, ImplementationStatus.PARTIAL.value})
"""What counts as implemented; it was decided on beforehand, and full alone stands beside it."""
KEYS: Final = ("activity", "wave")
_Standings = list[CommitmentStanding]


def by_activity(
    connection: Connection, program: str
) -> Iterator[tuple[str, Sequence[CommitmentWaves], Mapping[str, _Standings]]]:
    """Yield each activity ('' for none), its commitments, and where these stand at each wave, in the waves' order."""
    for activity, group in groupby(commitment_waves(connection, program), key=lambda one: one.activity or ""):
        made = list(group)
        waves = sorted({wave for one in made for wave in one.standings}, key=_place)
        yield (
            activity,
            made,
            {wave: [one.standings[wave] for one in made if wave in one.standings] for wave in waves},
        )


def _place(wave: str) -> tuple[bool, bool, int]:
    """Return where a wave stands: those with days in order, then the one after a late start, then all together."""
    return wave == LATEST, wave == AFTER_START, int(wave) if wave.isdecimal() else 0


def implemented(standings: _Standings) -> tuple[Figure, Figure, Figure, Figure]:
    """Return what is implemented of commitments at one wave: full or partial, then full alone, each of two wholes.

    The first of each pair is of the commitments whose authors responded, the second of all that were due.
    """
    found = count_funnel(standings)
    people = found.places[WaveStanding.RESPONDED].people
    done = sum(found.statuses[status].n for status in sorted(DONE))
    full = found.statuses[ImplementationStatus.FULL.value].n
    return (
        Figure(done, found.responded, people),
        Figure(done, found.due, people),
        Figure(full, found.responded, people),
        Figure(full, found.due, people),
    )


def _statuses(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of statuses: those that somebody reported."""
    for activity, _, waves in by_activity(connection, program):
        for wave, standings in waves.items():
            found = count_funnel(standings)
            people = found.places[WaveStanding.RESPONDED].people
            for status in STATUSES:
                cell = found.statuses[status]
                if cell.n:
                    responders = Figure(cell.n, found.responded, people)
                    due = Figure(cell.n, found.due, people)
                    yield activity, wave, status, cell.n, cell.people, responders, due


def _implemented(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of what is implemented."""
    for activity, made, waves in by_activity(connection, program):
        committed = {one.person for one in made}
        for wave, standings in waves.items():
            found = count_funnel(standings)
            responded = found.places[WaveStanding.RESPONDED].people
            full = found.statuses[ImplementationStatus.FULL.value].people
            yield (
                *(activity, wave),
                *(found.committed, len(committed), found.due, found.responded, responded),
                *implemented(standings),
                Figure(full, responded, responded),
                Figure(full, len(committed), responded),
            )


def _rates(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of before and after."""
    for one in rate_changes(connection, ExportSelection(program)):
        change = one.change
        shares = 10 * change.before, 10 * change.after
        yield one.activity or "", one.wave, one.with_baseline, change.n, change.people, *shares, change


_DUE: Final = (
    "confirmed commitments that were due at the wave: also where somebody stopped or could not be reached"
)
_RESPONDED: Final = "confirmed commitments that were answered while the wave was open; under latest, ever"
_of_statuses = MeasureSet("response.statuses", MeasureSource.SELF_REPORTED, WAVES_QUERY)
_of_implemented = MeasureSet("response.implemented", MeasureSource.SELF_REPORTED, WAVES_QUERY)
_of_rates = MeasureSet("response.rates", MeasureSource.SELF_REPORTED, RATES_QUERY)

STATUS_TABLE: Final = MeasureTable(
    "response.statuses",
    "Status of commitments by wave",
    (*KEYS, "status"),
    (
        _of_statuses.count(
            "commitments", "Commitments reported with the status; latest: by the newest report."
        ),
        _of_statuses.count("people", "The clinicians whose they are."),
        _of_statuses.share("of_responders", "The share of responders.", "commitments", _RESPONDED),
        _of_statuses.share("of_due", "The share of all due.", "commitments", _DUE),
    ),
    "Self-reported. A status that nobody reported has no row.",
    _statuses,
)
IMPLEMENTED_TABLE: Final = MeasureTable(
    "response.implemented",
    "Implemented, of responders and of all who were due",
    KEYS,
    (
        _of_implemented.count("committed", "Confirmed commitments at the wave."),
        _of_implemented.count("clinicians", "Clinicians of the activity with a confirmed commitment."),
        _of_implemented.count("due", f"How many {_DUE}."),
        _of_implemented.count("responded", f"How many {_RESPONDED}."),
        _of_implemented.count("responders", "The clinicians whose these are."),
        _of_implemented.share(
            "done_of_responders", "Implemented in full or in part.", "full + partial", _RESPONDED
        ),
        _of_implemented.share("done_of_due", "Implemented in full or in part.", "full + partial", _DUE),
        _of_implemented.share("full_of_responders", "Implemented in full.", "full", _RESPONDED),
        _of_implemented.share("full_of_due", "Implemented in full.", "full", _DUE),
        _of_implemented.share(
            "people_of_responders",
            "Clinicians who implemented at least one commitment in full.",
            "clinicians with a commitment in full",
            "responders",
        ),
        _of_implemented.share(
            "people_of_committed",
            "Clinicians who implemented at least one commitment in full.",
            "clinicians with a commitment in full",
            "clinicians",
        ),
    ),
    "Self-reported. Published: in full about 54 to 70 % of responders, about a third of all who committed.",
    _implemented,
)
RATE_TABLE: Final = MeasureTable(
    "response.rates",
    "Of the last ten such patients, before and after",
    KEYS,
    (
        _of_rates.count("with_baseline", "Confirmed commitments with a number for before."),
        _of_rates.count("commitments", "Of these, commitments with a number for after, of the same words."),
        _of_rates.count("people", "The clinicians whose they are."),
        _of_rates.count("before", "The mean number of ten before, over the commitments."),
        _of_rates.count("after", "The mean number of ten at the wave, done or not."),
        _of_rates.share(
            "difference",
            "After minus before in percentage points, with the interval by Student's t, clinician by clinician.",
            "the sum of the differences",
            "commitments",
        ),
    ),
    "Self-reported, by intention: also where a plan is not done yet.",
    _rates,
)
