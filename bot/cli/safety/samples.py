"""`said safety sample`, `looked`, `samples`: words that the rules found nothing in, drawn for people to read."""

from dataclasses import asdict
from secrets import randbelow
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, print_json, print_table, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.cli.safety.shared import ByOption
from storage.people import coordinators
from storage.safety import samples


def register(app: typer.Typer) -> None:
    """Add the commands about samples (`sample`, `looked`, `samples`) to the group `said safety`."""
    app.command("sample")(sample)
    app.command("looked")(looked)
    app.command("samples")(list_samples)


def sample(
    by: ByOption,
    share: Annotated[
        int, typer.Option("--share", min=1, max=100, help="Per cent of the words that were not flagged.")
    ] = 10,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="To draw the same ones again; else one is chosen.")
    ] = None,
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    again: Annotated[
        int | None, typer.Option("--again", metavar="SAMPLE", help="Show this one, and draw none.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw words that the rules found nothing in, and show them for somebody to look at. It is kept who did."""
    now = time_now()
    chosen = randbelow(1_000_000) if seed is None else seed
    with opened(config, database) as (_, found):

        def work(connection: Connection) -> tuple[int, tuple[samples.SampledText, ...]]:
            who = coordinators.by_code(connection, by)
            number = again
            if number is None:
                number = samples.draw(connection, samples.SamplePlan(chosen, share, program), by=who, now=now)
            return number, samples.show_texts(connection, number, by=who, now=now)

        number, looks = found.write_now(work)
    if as_json:
        print_json({"sample": number, "texts": [asdict(look) for look in looks]})
        return
    print_table(
        ("answer", "who", "asked", "said", "stored (UTC)", "looked at"),
        [
            (look.answer, look.participant, look.question, look.text, when(look.stored_at), _seen(look))
            for look in looks
        ],
        paged=True,
    )
    typer.echo(
        f"Sample {number}. If there is something in one: said safety flag WHO ANSWER --by {by}."
        f" Then: said safety looked {number} --by {by}",
        err=True,
    )


def _seen(look: Any) -> str:
    if look.looked_at is None:
        return "not yet"
    return f"{'flagged' if look.found else 'nothing'} ({look.looked_by})"


def looked(
    number: Annotated[int, typer.Argument(metavar="SAMPLE", help="Which, see `said safety samples`.")],
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that all of a sample was looked at, and that there was nothing in what was not flagged."""
    now = time_now()
    with opened(config, database) as (_, found):
        marked = found.write_now(
            lambda c: samples.mark_looked_at(c, number, by=coordinators.by_code(c, by), now=now)
        )
    typer.echo(f"Looked at, nothing found: {marked}.")


def list_samples(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List the samples: how much was drawn of how much, looked at, and flagged."""
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
