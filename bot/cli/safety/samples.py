"""`said safety sample`, `looked`, `samples`: words that the rules found nothing in, drawn for people to read."""

from dataclasses import asdict
from pathlib import Path
from secrets import randbelow
from typing import Any

from sqlalchemy import Connection

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from storage.people import coordinators
from storage.safety import samples


def sample(
    by: str,
    share: int,
    seed: int | None,
    program: str | None,
    again: int | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said safety sample`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    chosen = randbelow(1_000_000) if seed is None else seed
    with opened(config, database) as (_, found):
        who = found.read_now(lambda c: coordinators.by_code(c, by))
        plan = samples.SamplePlan(chosen, share, program)
        drawn = None if again is not None else found.read_now(lambda c: samples.choose(c, plan))

        def work(connection: Connection) -> tuple[int, tuple[samples.SampledText, ...]]:
            number = again if drawn is None else samples.keep(connection, drawn, by=who, now=now)
            assert number is not None
            return number, samples.show_texts(connection, number, by=who, now=now)

        number, looks = found.write_now(work)
    if as_json:
        print_json({"sample": number, "texts": [asdict(look) for look in looks]})
        return
    print_table(
        ("words", "who", "asked", "said", "stored (UTC)", "looked at"),
        [
            (_name_of(look), look.participant, look.question, look.text, when(look.stored_at), _seen(look))
            for look in looks
        ],
        paged=True,
    )
    say(
        f"Sample {number}. If there is something in one: said safety flag WHO WORDS --by {by}."
        f" Then: said safety looked {number} --by {by}",
        err=True,
    )


def _name_of(look: samples.SampledText) -> str:
    """Return the number of an answer, or of a remark as `r12`: as `said safety flag` takes it."""
    return str(look.answer) if look.remark is None else f"r{look.remark}"


def _seen(look: Any) -> str:
    if look.looked_at is None:
        return "not yet"
    return f"{'flagged' if look.found else 'nothing'} ({look.looked_by})"


def looked(number: int, by: str, config: Path | None, database: str | None) -> None:
    """Run `said safety looked`; `bot.cli.safety.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        marked = found.write_now(
            lambda c: samples.mark_looked_at(c, number, by=coordinators.by_code(c, by), now=now)
        )
    say(f"Looked at, nothing found: {marked}.")


def list_samples(config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said safety samples`; `bot.cli.safety.commands` says what each option is."""
    with opened(config, database) as (_, found):
        rows = found.read_now(samples.list_samples)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    names = ("sample", "drawn (UTC)", "by", "programme", "seed", "share")
    print_table(
        (*names, "of", "drawn", "looked at", "flagged", "deleted unseen"),
        [
            (
                *(r.id, when(r.drawn_at), r.drawn_by, r.program or "all", r.seed, f"{r.share} %"),
                *(r.population, r.drawn, r.looked, r.found, r.gone),
            )
            for r in rows
        ],
    )
