"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lazy import CommandGroup, runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from storage.enums import PointDecision

Scripts = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Scripts and programme files of your own, with a folder `translations` beside them; the shipped ones"
        " if none.",
    ),
]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", "-l", metavar="CODE", help="Only this one, such as es; may stand again."),
]
OwnFolder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="The files in a folder of your own, as `languages.folder` in the settings names it, in place of the"
        " shipped ones.",
    ),
]


@runs("bot.cli.programs.check")
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Scripts and programme files; the shipped ones if none."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a script, for editors, and stop.")
    ] = False,
    program_schema: Annotated[
        bool, typer.Option("--program-schema", help="The same for programme files.")
    ] = False,
    grades: Annotated[
        bool,
        typer.Option(
            "--grades", help="Print at which school year patients' scripts are read in each language."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check scripts and programme files: file:line:column, a code, what is wrong, and what to do."""


@runs("bot.cli.programs.simulate")
def simulate(  # noqa: PLR0917 - the options of a command
    program: Annotated[
        str, typer.Argument(metavar="PROGRAM", help="A programme file, or a shipped programme's name.")
    ],
    database: Annotated[Path, typer.Option("--database", "-d", metavar="FILE", help="The database to make.")],
    patients: Annotated[int, typer.Option(min=0, help="Patients invited.")] = 200,
    hcps: Annotated[int, typer.Option(min=0, help="Clinicians invited.")] = 300,
    educators: Annotated[int, typer.Option(min=0, help="Education teams invited.")] = 12,
    months: Annotated[float, typer.Option(min=0.1, max=36, help="Simulated time.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed gives the same content.")] = 1,
    channels: Annotated[
        str | None,
        typer.Option(
            "--channels",
            metavar="SHARES",
            help="Where people talk, with shares: telegram=5,slack=2,web=2,email=1; telegram+email and slack+email are"
            " people with both. On none in particular if absent.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a database that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Rehearse a programme: the real runtime with a moved clock and synthetic people. Nothing is sent to anyone."""


_translate = typer.Typer(
    cls=CommandGroup, help="Translations: gettext PO files, one for each script or programme and language."
)


@_translate.command("extract")
@runs("bot.cli.programs.translate")
def extract(scripts: Scripts = None) -> None:
    """Write the templates (.pot): what there is to translate."""


@_translate.command("update")
@runs("bot.cli.programs.translate")
def update(scripts: Scripts = None, language: Languages = None, folder: OwnFolder = None) -> None:
    """Bring the translations (.po) up to date; what is translated stays, what has changed is marked fuzzy."""


@_translate.command("report")
@runs("bot.cli.programs.translate")
def report(
    scripts: Scripts = None, language: Languages = None, folder: OwnFolder = None, as_json: JsonOption = False
) -> None:
    """Show how far each file is translated, and placeholders that differ; those end with exit code 1."""


_program = typer.Typer(cls=CommandGroup, help="Programmes: what people are invited to.", no_args_is_help=True)


@_program.command("load")
@runs("bot.cli.programs.program")
def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The programme file (YAML).")],
    keep_translations: Annotated[
        bool,
        typer.Option("--keep-translations", help="Those that are loaded, in place of those beside the file."),
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load a programme file, or load it again after a change. Nothing that is in use is removed."""


@_program.command("list")
@runs("bot.cli.programs.loaded")
def list_programs(
    every: Annotated[bool, typer.Option("--all", help="Those that were put away, too.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the programmes that are loaded, without those that were put away."""


@_program.command("pause")
@runs("bot.cli.programs.program")
def pause(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Stop at once all that the bot sends of its own accord in a programme. Who writes is answered as ever."""


@_program.command("resume")
@runs("bot.cli.programs.program")
def resume(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Let a programme that was paused go on: what was put off meanwhile is decided on again, in its hours."""


@_program.command("close")
@runs("bot.cli.programs.close")
def close(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Close a programme for good: nobody new is let in, and who is in a talk or waits for something hears that it is over."""  # noqa: E501 - one line of help


@_program.command("archive")
@runs("bot.cli.programs.close")
def archive(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Put a closed programme away once nothing goes on in it: it is only read from then on."""


@_program.command("diff")
@runs("bot.cli.programs.diff")
def diff(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A programme file, or a script (YAML).")],
    keep_translations: Annotated[
        bool,
        typer.Option("--keep-translations", help="Those that are loaded, in place of those beside the file."),
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a file would touch if it were loaded: waves, talks that keep their version, translations. Nothing is changed."""  # noqa: E501 - one line of help


@_program.command("figures")
@runs("bot.cli.programs.program")
def figures(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what became of the commitments by wave, of those who responded and of all who were due. Self-reported."""


@_program.command("response")
@runs("bot.cli.programs.measures")
def response(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show response from link to last wave: by source, wave, reminder and question, with barriers and statuses."""


@_program.command("accreditation")
@runs("bot.cli.programs.measures")
def accreditation(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    people: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Who had which function in which activity, as people.csv of `said report`: without it nothing is"
            " known of patients among planners and faculty.",
        ),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which activities meet two criteria of ACCME's commendation, and how many more are needed."""


@_program.command("loop")
@runs("bot.cli.programs.measures")
def loop(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show by theme what patients raised, what was taught, promised and done, and what patients notice later."""


@_program.command("cuts")
@runs("bot.cli.programs.measures")
def cuts(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was handed to supporters: number, day, of whom, and by whom; `said report --again` takes the number."""


_review = typer.Typer(
    cls=CommandGroup, no_args_is_help=True, help="Answer the people who reviewed teaching content."
)


@_review.command("list")
@runs("bot.cli.programs.review")
def list_points(
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    undecided: Annotated[bool, typer.Option("--open", help="Only points without a decision.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what reviewers said, without what may tell who somebody is, and what became of it."""


@_review.command("answer")
@runs("bot.cli.programs.review")
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


_quote = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    help="Release people's words to be shown to others: list, withdraw.",
)
ByOption = Annotated[
    str, typer.Option("--by", metavar="CODE", help="Who of the team does it: a coordinator's code.")
]


@_quote.command("release")
@runs("bot.cli.programs.quote")
def release(
    source: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER",
            help="The answer, as `said export --quotes-only` numbers it; r12 for remark 12.",
        ),
    ],
    by: ByOption,
    text: Annotated[
        str | None,
        typer.Option(
            "--text",
            metavar="TEXT",
            help="The very words to show, [...] for what is left out. Without it you are shown all, and asked.",
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option("--theme", metavar="CODE", help="Of which theme of the programme they speak."),
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Release words that their author permits to quote, redacted: they may be shown to others from now on."""


@_quote.command("list")
@runs("bot.cli.programs.quote")
def list_quotations(
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was released, and whether it may be shown now: not once its author has taken the permission back."""


@_quote.command("withdraw")
@runs("bot.cli.programs.quote")
def withdraw(
    number: Annotated[int, typer.Argument(metavar="QUOTATION", help="As `said quote list` numbers it.")],
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Withdraw a quotation: it is shown to nobody from now on."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("check")(check)
    app.command("simulate")(simulate)
    app.add_typer(_translate, name="translate")
    app.add_typer(_program, name="program")
    app.add_typer(_review, name="review")
    app.add_typer(_quote, name="quote")
