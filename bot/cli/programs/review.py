"""`said review`: list the points that reviewers made, and answer them."""

from dataclasses import asdict, replace
from typing import Annotated

import typer

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, print_json, print_table, when
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from flows.text.pii import find_identifiers, redact
from storage.follow_up import review_points
from storage.follow_up.review_points import Point
from storage.schema import PointDecision

group = typer.Typer(no_args_is_help=True, help="Answer the people who reviewed teaching content.")


def register(app: typer.Typer) -> None:
    """Add the group of commands `said review` to an app."""
    app.add_typer(group, name="review")


@group.command("list")
def list_points(
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    undecided: Annotated[bool, typer.Option("--open", help="Only points without a decision.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what reviewers said, without what may tell who somebody is, and what became of it."""
    now = SystemClock().now()
    with opened(config, database) as (_, found):
        points = found.write_now(lambda connection: review_points.look(connection, program=program, now=now))
    shown = [_redacted(one) for one in points if one.decision is None or not undecided]
    if as_json:
        print_json([asdict(one) for one in shown])
        return
    print_table(
        ("who", "item", "key", "point", "decision", "reason", "said (UTC)"),
        [
            (
                one.participant,
                one.item,
                one.key,
                one.text,
                one.decision.value if one.decision else "",
                one.reason or "",
                when(one.said_at),
            )
            for one in shown
        ],
        paged=True,
    )


def _redacted(point: Point) -> Point:
    return replace(point, text=redact(point.text, find_identifiers(point.text)))


@group.command("answer")
def answer(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Who made the point.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="Which point, as `said review list` has it.")],
    decision: Annotated[PointDecision, typer.Argument(metavar="DECISION", help="used, partly or not_used.")],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, in plain words: the reviewer reads it.")
    ],
    item: Annotated[
        str | None, typer.Option("--item", metavar="SLUG", help="Of which review, if there are several.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a point. With the last one of a review, its reviewer is told of all, at a good hour."""
    if not reason.strip():
        raise UsageError(
            "a decision needs a reason", 'add --reason "..." in a sentence that the reviewer reads'
        )
    now = SystemClock().now()
    with opened(config, database) as (_, found):
        left = found.write_now(
            lambda connection: review_points.decide(
                connection, review_points.DecisionOnPoint(code, key, item, decision, reason), now=now
            )
        )
    if as_json:
        print_json({"open": left})
        return
    typer.echo(
        f"Kept. {left} of this review's points are open." if left else "Kept. The reviewer will be told."
    )
