"""The commands `said invitation` as they are typed: options, and help."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lazy import CommandGroup, runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from bot.cli.people.commands import (
    ActivityOption,
    FlowOption,
    InvitedRoleOption,
    ItemOption,
    LanguageOption,
    SourceOption,
)
from storage.enums import InvitationSort, InvitationState

_app = typer.Typer(
    cls=CommandGroup,
    help="Invitations that were made: list, revoke, extend, replace; and links for a list of people.",
    no_args_is_help=True,
)

NumbersArgument = Annotated[
    list[int], typer.Argument(metavar="NUMBER...", help="Their numbers, see `said invitation list`.")
]
ExpiresOption = Annotated[
    str | None, typer.Option("--expires", metavar="SPAN", help="30d, 12h, or a date; never if absent.")
]


@_app.command("list")
@runs("bot.cli.people.invitation")
def list_all(  # noqa: PLR0917 - the options of a command
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Of this source only.")] = None,
    state: Annotated[InvitationState | None, typer.Option("--state", help="As they stand.")] = None,
    sort: Annotated[InvitationSort, typer.Option("--sort", help="In which order.")] = InvitationSort.NEWEST,
    by_source: Annotated[
        bool, typer.Option("--by-source", help="How many of each source are used and unused, instead.")
    ] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="With what you call each link; that it was shown is audited.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Lines of a page.")] = 50,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page, from 1.")] = 1,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List invitations by number. Their links cannot be shown again: `said invitation replace` makes new ones."""


@_app.command("revoke")
@runs("bot.cli.people.invitation")
def revoke(
    numbers: NumbersArgument,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """End links: they let in nobody any more, and say so kindly. `said invitation extend` takes it back."""


@_app.command("extend")
@runs("bot.cli.people.invitation")
def extend(
    numbers: NumbersArgument,
    expires: ExpiresOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have links be good until then, also those that were revoked. It can be done again, and revoked, at any time."""


@_app.command("replace")
@runs("bot.cli.people.invitation")
def replace(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Which, see `said invitation list`.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a new link like an old one, which is revoked. It is shown once, now; the old one can be extended again."""


@_app.command("roster")
@runs("bot.cli.people.roster")
def roster(  # noqa: PLR0917 - the options of a command
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with a column `label`; `language`, `role` and `source` where they differ.",
        ),
    ],
    program: Annotated[str, typer.Option("--program", help="The programme's short name.")],
    role: InvitedRoleOption,
    flow: FlowOption,
    source: SourceOption,
    activity: ActivityOption = None,
    item: ItemOption = None,
    language: LanguageOption = None,
    expires: ExpiresOption = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write labels and links there, as CSV for a mail merge."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would be made, and make nothing.")
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link for each line of a list of people, all of them or none; `--preview` says what it would be."""


@_app.command("mail")
@runs("bot.cli.people.mail")
def mail(  # noqa: PLR0917 - the options of a command
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with the columns `label` and `email`; `language`, `role` and `source` where they differ.",
        ),
    ],
    program: Annotated[str, typer.Option("--program", help="The programme's short name.")],
    role: InvitedRoleOption,
    flow: FlowOption,
    source: SourceOption,
    activity: ActivityOption = None,
    item: ItemOption = None,
    language: LanguageOption = None,
    expires: ExpiresOption = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Also mail where it was refused, came back, is not known to have gone, or where the link is over.",
        ),
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would become of each line, and mail nothing.")
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mail a link to each line of a list of people. Run again, it mails only those who were not mailed yet."""


def register(app: typer.Typer) -> None:
    """Add the group to an app."""
    app.add_typer(_app, name="invitation")
