"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lazy import CommandGroup, runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption

ByOption = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Who of the team does it, see `said coordinator list`.")
]
ProgramOption = Annotated[
    str | None, typer.Option("--program", help="Of which programme, where several are loaded.")
]
ProgramArgument = Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")]
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
    """Code what people wrote: one excerpt after the other, each by two coordinators who do not see each other's codes.

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


_codebook = typer.Typer(
    cls=CommandGroup, no_args_is_help=True, help="The codebook of a programme: load, show, list its versions."
)


@_codebook.command("load")
@runs("bot.cli.coding.codebook")
def load_codebook(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The codebook (YAML).")],
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a version of a codebook: it is used from now on, and what was coded before stays as it was."""


@_codebook.command("show")
@runs("bot.cli.coding.codebook")
def show_codebook(
    program: ProgramArgument,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="VERSION", help="An earlier version; else the one in use."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", "-l", metavar="CODE", help="Labels in this language, such as de."),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a codebook: each code, what it means, and by which words it is suggested."""


@_codebook.command("list")
@runs("bot.cli.coding.codebook")
def list_codebooks(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the versions of the codebooks, who loaded them and when; the one in use comes first."""


_link = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Link themes to objectives, to what is promised, and to what patients are asked.",
)
EndHelp = "such as theme:body, objective:spring.plain_plan, suggestion:spring.teach_back, commitment:k7"


@_link.command("add")
@runs("bot.cli.coding.link")
def add_link(
    begin: Annotated[str, typer.Argument(metavar="FROM", help=f"Where it begins, {EndHelp}.")],
    end: Annotated[
        str, typer.Argument(metavar="TO", help="Where it leads, such as behaviour:spring.teach_back.")
    ],
    by: ByOption,
    why: WhyOption,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Link a theme to an objective, an objective to a suggestion or a commitment, and these to what patients see."""


@_link.command("list")
@runs("bot.cli.coding.link")
def list_links(
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List all links, those of the programme file too, with who made them and why."""


@_link.command("remove")
@runs("bot.cli.coding.link")
def remove_link(
    number: Annotated[int, typer.Argument(metavar="LINK", help="As `said link list` numbers it.")],
    by: ByOption,
    why: WhyOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Remove a link that somebody made; who, when and why is kept."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("show")(show)
    app.command("add")(add)
    app.command("list")(list_codings)
    app.command("settle")(settle)
    app.command("agreement")(agreement)
    app.command("people")(people)
    app.command("saturation")(saturation)
    app.add_typer(_codebook, name="codebook")
    app.add_typer(_link, name="link")
