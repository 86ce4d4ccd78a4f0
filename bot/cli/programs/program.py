"""`said program`: load program files, pause and resume programs, and show their figures."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any, Final

from bot.cli.common import print_json, print_table, say
from bot.cli.programs import medicine_question
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.conversations.reconsent import ChangedConsent, changed_consents
from bot.errors import UsageError
from bot.opening import all_flows
from flows.i18n.localized_program import ProgramTranslations, StoredTranslations, translations_beside
from flows.program.loader import load_program
from flows.program.model import ProgramFile
from storage.database.connection import Database
from storage.export.funnel import WaveFunnel, funnels
from storage.export.rates import RateChange, rate_changes
from storage.export.statistics import (
    SELF_REPORTED,
    Difference,
    Funnel,
    Share,
    WaveStanding,
    percent,
    share_in_words,
)
from storage.export.tables.table import ExportSelection
from storage.follow_up import follow_ons
from storage.privacy import resumed_programs
from storage.programs import programs

_AT_ONCE: Final = 200
"""Conversations that are looked at in one transaction."""
_BREATH_SECONDS: Final = 0.005
"""Between two: SQLite gives the file to whoever asks next, and a bot beside it would wait for all of them."""


def load(
    file: Path, keep_translations: bool, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said program load`; `bot.cli.programs.commands` says what each option is."""
    program = medicine_question.decided(file, load_program(file))
    now = SystemClock().now()
    with opened(config, database, create=True) as (settings, found):
        words = words_of(found, file, program, keeps=keep_translations)
        version = programs.program_hash(program, words)
        flows = all_flows(settings)
        loaded = found.write_now(lambda connection: programs.load(connection, program, version, now, words))
        told = _plan_changes(found, loaded.program_id, now)
        consents = found.read_now(lambda c: changed_consents(c, flows, loaded.program_id))
    if as_json:
        more = {
            "told_of_changes": told,
            "translations": sorted(words),
            "consents": list(map(asdict, consents)),
        }
        print_json(asdict(loaded) | more)
        return
    what = "Loaded" if loaded.created else "Updated" if loaded.changed else "Unchanged:"
    counts = f"activities: {loaded.activities}, objectives: {loaded.objectives}, themes: {loaded.themes}"
    say(f"{what} programme {loaded.slug} ({counts}).")
    for line in _translated(ProgramTranslations(program, words)):
        say(line)
    for line in _consents_told(consents):
        say(line)
    if told:
        say(f"Planned: {told} messages to people about what was changed, each on its day.")


def _plan_changes(database: Database, program_id: int, now: datetime) -> int:
    """Plan who is told of a program's changes, some a transaction; return how many.

    A bot beside it writes in between. What a crash leaves out is planned when the same file is loaded again.
    """
    asked = database.read_now(partial(follow_ons.asked_before_changes, program_id=program_id))
    planned = 0
    for first in range(0, len(asked), _AT_ONCE):
        some = asked[first : first + _AT_ONCE]
        step = partial(follow_ons.arm_changes, program_id=program_id, now=now, among=some)
        planned += database.write_now(step)
        sleep(_BREATH_SECONDS)
    return planned


def words_of(found: Database, file: Path, program: ProgramFile, *, keeps: bool) -> StoredTranslations:
    """Return the translations of a program that stand beside its file; those that are loaded, where it `keeps` them."""
    row = found.read_now(lambda connection: programs.find(connection, program.program)) if keeps else None
    if row is None:
        return translations_beside(file, program)
    return dict(found.read_now(lambda connection: programs.program_words(connection, row.id)).kept)


def _translated(words: ProgramTranslations) -> Iterator[str]:
    """Say how far a program's own words are translated, a line for each language."""
    for language in words.languages:
        lacking, former = len(words.missing(language)), words.outdated(language)
        done = f"{lacking} of {len(words.entries)} strings are missing" if lacking else "complete"
        yield f"Translation {language}: {words.status(language).value}, {done}."
        if former:
            yield (
                f"Translation {language}: {len(former)} of them are of an earlier text and said until they are looked"
                f" at: {', '.join(former)}"
            )


def _consents_told(found: Iterable[ChangedConsent]) -> Iterator[str]:
    """Say how many people keep a consent whose text was changed, and how many are asked anew: a line for each."""
    for one in found:
        where = f"Consent {one.purpose.value} of {one.flow}"
        if one.kept:
            people = "1 person keeps" if one.kept == 1 else f"{one.kept} people keep"
            yield f"{where}: {people} it, as the new text says the same (same_as)."
        if one.asked:
            people, are = ("1 person", "is") if one.asked == 1 else (f"{one.asked} people", "are")
            yield f"{where}: {people} agreed to another text, and {are} asked anew before more is sent on it."


def pause(program: str, config: Path | None, database: str | None) -> None:
    """Run `said program pause`; `bot.cli.programs.commands` says what each option is."""
    now = SystemClock().now()
    with opened(config, database) as (_, found):
        number = _number(found, program)
        found.write_now(lambda connection: programs.pause(connection, number, now))
    say(
        f"Programme {program} is paused: nothing more is sent of our own accord."
        f" To go on: said program resume {program}"
    )


def resume(program: str, config: Path | None, database: str | None) -> None:
    """Run `said program resume`; `bot.cli.programs.commands` says what each option is."""
    now = SystemClock().now()
    with opened(config, database) as (_, found):
        number = _number(found, program)
        found.write_now(lambda connection: programs.resume(connection, number, now))
        steps = (
            partial(resumed_programs.go_on, program_id=number, after=place, now=now)
            for place in found.read_now(resumed_programs.places)
        )
        due = sum(found.write_now(step) for step in steps)
    say(f"Programme {program} goes on; contacts that are due: {due}.")


def _number(database: Database, program: str) -> int:
    """Return the number of the programme of that short name."""
    row = database.read_now(lambda connection: programs.find(connection, program))
    if row is None:
        raise UsageError(f"there is no programme {program!r}", "see `said program list`")
    return row.id


def figures(program: str, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said program figures`; `bot.cli.programs.commands` says what each option is."""
    with opened(config, database) as (_, found):
        if found.read_now(lambda connection: programs.find(connection, program)) is None:
            raise UsageError(f"there is no programme {program!r}", "see `said program list`")
        waves = found.read_now(lambda connection: funnels(connection, ExportSelection(program)))
        rates = found.read_now(lambda connection: rate_changes(connection, ExportSelection(program)))
    if as_json:
        print_json([_as_object(wave, rates) for wave in waves])
        return
    if not waves:
        say("No commitments yet.")
        return
    _print_figures(waves)
    if rates:
        _print_rates(rates)


_PLACES = (
    "committed",
    "not due",
    "due",
    "responded",
    "waiting",
    "no response",
    "opted out",
    "late",
    "unconfirmed",
)
_FIGURES = ("activity", "wave", "status", "n", "people", "of those who responded", "of all who were due")


def _print_figures(waves: tuple[WaveFunnel, ...]) -> None:
    print_table(
        ("activity", "wave", *_PLACES),
        [(wave.activity, wave.wave, *_places(wave.funnel).values()) for wave in waves],
    )
    say()
    print_table(_FIGURES, [row for wave in waves for row in _statuses(wave)])
    say()
    say(
        "Self-reported by clinicians. n counts commitments; in brackets the 95 % interval (Wilson). `latest` is the"
        " newest report on each; `unconfirmed` were never saved by their authors, and are in no other number."
    )


_RATES = (
    *("activity", "wave", "committed", "with a baseline", "reported", "n", "people", "before", "after"),
    *("difference", "done: n", "difference of the done", "reported, not in n"),
)
_OUTSIDE = ("done", "not done", "not started", "no patients")
"""What was reported of plans that are outside of a rate."""


def _print_rates(rates: tuple[RateChange, ...]) -> None:
    say()
    rows = [
        (
            *(one.activity, one.wave, one.committed, one.with_baseline, one.reported),
            *(one.change.n, one.change.people),
            *(f"{percent(share)} %" for share in (one.change.before, one.change.after)),
            one.change.in_points,
            *((one.done.n, one.done.in_points) if one.done else (0, "-")),
            ", ".join(f"{n} {name}" for name, n in zip(_OUTSIDE, one.outside, strict=True) if n) or "-",
        )
        for one in rates
    ]
    print_table(_RATES, rows)
    say()
    say(
        "Of the last ten such patients, before and after, self-reported, by intention: also where a plan is not done"
        " yet. n counts commitments with both numbers; in brackets the 95 % interval of the difference (Student's t,"
        " by person). Commitments without a baseline, or with other words since, are outside, as is who told no number:"
        " the last column has what they reported. The two before it are of the plans alone that are done: they leave"
        " out who did less, and are no measure of change."
    )


def _places(funnel: Funnel) -> dict[str, int]:
    return {
        "committed": funnel.committed,
        WaveStanding.NOT_DUE.value: funnel.places[WaveStanding.NOT_DUE].n,
        "due": funnel.due,
        **{
            place.value: funnel.places[place].n
            for place in (
                WaveStanding.RESPONDED,
                WaveStanding.WAITING,
                WaveStanding.NO_RESPONSE,
                WaveStanding.OPTED_OUT,
            )
        },
        "late": funnel.late,
        "unconfirmed": funnel.unconfirmed,
    }


def _statuses(wave: WaveFunnel) -> Iterator[tuple[object, ...]]:
    """Make the table's rows of a wave: the statuses that somebody reported."""
    for status, cell in wave.funnel.statuses.items():
        if cell.n:
            proportion = wave.funnel.proportion(status)
            shares = share_in_words(proportion.of_responders), share_in_words(proportion.of_due)
            yield (wave.activity, wave.wave, status, cell.n, cell.people, *shares)


def _as_object(wave: WaveFunnel, rates: tuple[RateChange, ...]) -> dict[str, Any]:
    same = [one for one in rates if (one.activity, one.wave) == (wave.activity, wave.wave)]
    return {
        "program": wave.program,
        "activity": wave.activity,
        "wave": wave.wave,
        "basis": SELF_REPORTED,
        **_places(wave.funnel),
        "statuses": [
            {
                "implementation": status,
                "n": cell.n,
                "people": cell.people,
                "of_responders": _share(wave.funnel.proportion(status).of_responders),
                "of_due": _share(wave.funnel.proportion(status).of_due),
            }
            for status, cell in wave.funnel.statuses.items()
        ],
        "rate": next(map(_rate, same), None),
    }


def _rate(one: RateChange) -> dict[str, Any]:
    return {
        "with_baseline": one.with_baseline,
        "reported": one.reported,
        **_difference(one.change),
        "done": _difference(one.done) if one.done else None,
        "outside": one.outside._asdict(),
    }


def _difference(change: Difference) -> dict[str, Any]:
    shares = {"before": change.before, "after": change.after, "difference": change.mean}
    bounds = {"low": change.low, "high": change.high}
    return {
        "n": change.n,
        "people": change.people,
        **{name: percent(value) for name, value in {**shares, **bounds}.items()},
    }


def _share(share: Share) -> dict[str, float | int | None]:
    return {
        "of": share.of,
        "percent": percent(share.value),
        "low": percent(share.low),
        "high": percent(share.high),
    }
