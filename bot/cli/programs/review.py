"""`said review`: list the points that reviewers made, and answer them."""

from dataclasses import asdict
from pathlib import Path

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from storage.follow_up import review_points
from storage.schema import PointDecision


def list_points(
    program: str | None, undecided: bool, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said review list`; `bot.cli.programs.commands` says what each option is."""
    now = SystemClock().now()
    with opened(config, database) as (_, found):
        points = found.write_now(lambda connection: review_points.look(connection, program=program, now=now))
    shown = [one for one in points if one.decision is None or not undecided]
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


def answer(
    code: str,
    key: str,
    decision: PointDecision,
    reason: str,
    item: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said review answer`; `bot.cli.programs.commands` says what each option is."""
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
    say(f"Kept. {left} of this review's points are open." if left else "Kept. The reviewer will be told.")
