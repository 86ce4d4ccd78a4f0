"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from typing import Annotated

import typer

from bot.cli.lazy import runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from flows.safety.reading import ReadingClass

TextsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="TEXT...",
        help="Which, as `said read list` has them: 4711 is an answer, r12 a remark, c7 the words of a case.",
    ),
]
ByOption = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Which coordinator reads, see `said coordinator list`.")
]
ProgramOption = Annotated[str | None, typer.Option("--program", help="Of this programme only.")]


def next_texts(
    context: typer.Context,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="CODE", help="Which coordinator reads, see `said coordinator list`."),
    ] = None,
    program: ProgramOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Read what patients and carers write: one text after the other, until nothing is unread.

    What has waited for half of a business day comes first, then the riskiest. A text is read once it was shown whole to
    somebody who says so.
    """
    if context.invoked_subcommand is None:
        read_on(by=by, program=program, config=config, database=database)


@runs("bot.cli.reading.session")
def read_on(
    by: str | None,
    program: str | None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Show one text after the other."""


@runs("bot.cli.reading.texts")
def list_texts(
    program: ProgramOption = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="So many at most; the others are counted.")
    ] = 100,
    reading_class: Annotated[
        ReadingClass | None, typer.Option("--class", help="Those alone in which this was noticed.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the texts that nobody has read, in the order in which they are to be read: nobody's words."""


@runs("bot.cli.reading.texts")
def show(
    texts: TextsArgument,
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show texts whole, without what may tell who somebody is. That they were shown to whom is kept."""


@runs("bot.cli.reading.texts")
def mark(
    texts: TextsArgument,
    by: ByOption,
    same: Annotated[
        bool,
        typer.Option("--same", help="And all others with the same words under the same question."),
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say that you have read texts that were shown to you. There is nothing in them, or a case is open."""


@runs("bot.cli.reading.rereading")
def uncertain(
    program: ProgramOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="So many at most.")] = 100,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List answers that were read out of words with doubt, and remarks beside a choice: nobody's words."""


@runs("bot.cli.reading.rereading")
def fix(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="Which, as `said read uncertain` has them: 4711 or r12.")
    ],
    by: ByOption,
    choices: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHOICE]...",
            help="What it means: codes of choices, or a number. Without one the words and choices are shown.",
        ),
    ] = None,
    leave: Annotated[bool, typer.Option("--leave", help="Leave it as it was read.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Say what words mean that were read with doubt, or leave them. The words and the answer are never changed."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("list")(list_texts)
    app.command("uncertain")(uncertain)
    app.command("fix")(fix)
    app.command("show")(show)
    app.command("mark")(mark)
