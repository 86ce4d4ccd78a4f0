"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from typing import Annotated

import typer

from bot.cli.lazy import runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from storage.enums import SafetyKind

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Which, as `said safety list` has it.")]
ByOption = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Which coordinator does it, see `said coordinator list`.")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the case.")]


@runs("bot.cli.safety.cases")
def list_cases(
    every: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the cases, the one that is due first above the others: codes, states and clocks, nobody's words."""


@runs("bot.cli.safety.one_case")
def show(
    number: NumberArgument,
    by: Annotated[
        str | None, typer.Option("--by", metavar="CODE", help="Which coordinator looks; kept in the trail.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one case with what was said, without what may tell who somebody is. That it was looked at is kept."""


@runs("bot.cli.safety.case_actions")
def review(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Take a case on: it is being looked at, and it is this coordinator's."""


@runs("bot.cli.safety.case_actions")
def sent(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Say that the report has been passed on. From now on it is kept, whatever the person has deleted."""


@runs("bot.cli.safety.case_actions")
def acknowledged(
    number: NumberArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Say that whoever the report was passed on to has confirmed that they have it."""


@runs("bot.cli.safety.case_actions")
def not_event(
    number: NumberArgument,
    by: ByOption,
    reason: ReasonOption,
    same: Annotated[
        bool,
        typer.Option("--same", help="And all open ones with the same words under the same questions."),
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that it is no event. Open until a second coordinator says the same, each with a reason."""


@runs("bot.cli.safety.case_actions")
def clear(
    number: NumberArgument,
    by: ByOption,
    reason: ReasonOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that somebody saw to a person at risk. What was held for them, reminders too, goes on."""


@runs("bot.cli.safety.flag")
def flag(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Whose words.")],
    by: ByOption,
    answer: Annotated[
        str | None,
        typer.Argument(
            metavar="[ANSWER]",
            help="Its number, from `said safety sample` or an export; `r12` is the remark 12.",
        ),
    ] = None,
    remark: Annotated[
        int | None,
        typer.Option("--remark", metavar="N", help="The number of a remark, in place of an answer."),
    ] = None,
    kind: Annotated[SafetyKind, typer.Option("--kind", help="What it tells of.")] = SafetyKind.ADVERSE_EVENT,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Open a case for an answer, or a remark, that the rules missed. Its clock runs from when it was stored."""


@runs("bot.cli.safety.samples")
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


@runs("bot.cli.safety.samples")
def looked(
    number: Annotated[int, typer.Argument(metavar="SAMPLE", help="Which, see `said safety samples`.")],
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that all of a sample was looked at, and that there was nothing in what was not flagged."""


@runs("bot.cli.safety.samples")
def list_samples(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List the samples: how much was drawn of how much, looked at, and flagged."""


@runs("bot.cli.safety.reconcile")
def reconcile(
    program: Annotated[str | None, typer.Option("--program", help="This programme only.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Stored on this day or later (UTC).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Stored before this day (UTC).")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the cases of each programme by kind and state, zeros included: what the sponsor compares with theirs."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("list")(list_cases)
    app.command("show")(show)
    app.command("review")(review)
    app.command("sent")(sent)
    app.command("acknowledged")(acknowledged)
    app.command("not-event")(not_event)
    app.command("clear")(clear)
    app.command("flag")(flag)
    app.command("sample")(sample)
    app.command("looked")(looked)
    app.command("samples")(list_samples)
    app.command("reconcile")(reconcile)
