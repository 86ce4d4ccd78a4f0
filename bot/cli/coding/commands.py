"""The commands of `said code` as they are typed: options, and help. What each runs is loaded when it is run."""

from typing import Annotated

import typer

from bot.cli.lazy import runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption

ByOption = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Who of the team does it, see `said coordinator list`.")
]
ProgramOption = Annotated[
    str | None, typer.Option("--program", help="Of which programme, where several are loaded.")
]
SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="WORDS",
        help="Which words: 4711 is an answer, r12 a remark, k7 the own words of a commitment.",
    ),
]
CodesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CODE]...", help="The codes, as `said codebook show` has them."),
]
NoneOption = Annotated[bool, typer.Option("--none", help="No code fits.")]
WhyOption = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, in plain words.")]


def next_excerpts(
    context: typer.Context,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="CODE", help="Which coordinator codes, see `said coordinator list`."),
    ] = None,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Code what people wrote: one excerpt after the other, each by two who do not see each other's codes.

    What is suggested, by words of the codebook and by likeness to what was coded before, is marked so and never kept.
    """
    if context.invoked_subcommand is None:
        code_on(by=by, program=program, config=config, database=database)


@runs("bot.cli.coding.session")
def code_on(
    by: str | None, program: str | None, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Show one excerpt after the other."""


@runs("bot.cli.coding.codings")
def show(
    source: SourceArgument,
    by: ByOption,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show words that may be coded, with the codes that are suggested for them: a suggestion is no coding."""


@runs("bot.cli.coding.codings")
def add(  # noqa: PLR0917 - the options of a command
    source: SourceArgument,
    by: ByOption,
    codes: CodesArgument = None,
    none: NoneOption = False,
    passage: Annotated[
        str | None,
        typer.Option(
            "--passage",
            metavar="TEXT",
            help="Only this passage of the words, copied from them as they are shown.",
        ),
    ] = None,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give words the codes that fit, or none of them.

    Until the other coder has given theirs, the same command changes your own.
    """


@runs("bot.cli.coding.codings")
def list_codings(
    by: ByOption,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what waits for your codes.")] = False,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only what two coded differently and nobody has settled.")
    ] = False,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits for you, what you coded, and what two have coded; nobody's codes before you gave yours."""


@runs("bot.cli.coding.codings")
def settle(  # noqa: PLR0917 - the options of a command
    excerpt: Annotated[
        int, typer.Argument(metavar="EXCERPT", help="Which, as `said code list --open` numbers it.")
    ],
    by: ByOption,
    why: WhyOption,
    codes: CodesArgument = None,
    none: NoneOption = False,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Settle what two coded differently: the codes that hold, and why. What each gave stays as it was."""


@runs("bot.cli.coding.figures")
def agreement(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how two coders agree: Cohen's kappa of each code and of all together."""


@runs("bot.cli.coding.figures")
def people(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the people whose words were given each code by two: people, not mentions."""


@runs("bot.cli.coding.figures")
def saturation(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which interview brought the last new code, and the curve up to it. It is a hint, and no proof."""


def register(app: typer.Typer) -> None:
    """Add the commands of `said code` to an app."""
    app.command("show")(show)
    app.command("add")(add)
    app.command("list")(list_codings)
    app.command("settle")(settle)
    app.command("agreement")(agreement)
    app.command("people")(people)
    app.command("saturation")(saturation)
