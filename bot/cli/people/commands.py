"""The commands of this folder as they are typed: options, and help. What each runs is loaded when it is run."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lazy import CommandGroup, runs
from bot.cli.options import ConfigOption, DatabaseOption, JsonOption
from flows.script.roles import Role
from storage.enums import PeopleOrder, PersonState

MOST = 10_000
"""Invitations at once."""

InvitedRoleOption = Annotated[Role, typer.Option("--role", help="Who is invited.")]
SourceOption = Annotated[
    str,
    typer.Option("--source", metavar="TEXT", help="Where these people come from, for your own figures."),
]
ActivityOption = Annotated[
    str | None,
    typer.Option("--activity", metavar="SLUG", help="The event; the programme's only one if absent."),
]
ItemOption = Annotated[
    str | None,
    typer.Option("--item", metavar="SLUG", help="What is reviewed; the programme's only one if absent."),
]
FlowOption = Annotated[
    str,
    typer.Option(
        "--flow",
        metavar="FLOW",
        help="commitment, interview, review, best-practice, cosign, or a flow's full name.",
    ),
]
SubmissionOption = Annotated[
    int | None,
    typer.Option(
        "--submission",
        metavar="NUMBER",
        help="What a partner is to co-sign: the talk's number, as the export's exemplars have it.",
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="CODE",
        help="The language of these people's talks, unless they choose one; their app's if absent.",
    ),
]


@runs("bot.cli.people.invite")
def invite(  # noqa: PLR0917 - the options of a command
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    role: InvitedRoleOption,
    flow: FlowOption,
    source: SourceOption,
    count: Annotated[int, typer.Option("--count", min=1, max=MOST, help="How many.")] = 1,
    activity: ActivityOption = None,
    item: ItemOption = None,
    submission: SubmissionOption = None,
    language: LanguageOption = None,
    group: Annotated[
        bool, typer.Option("--group", help="A link for many people instead of one each.")
    ] = False,
    max_uses: Annotated[
        int | None,
        typer.Option("--max-uses", min=1, help="How many people a group link lets in; all if absent."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="SPAN", help="30d, 12h, or a date; never if absent.")
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--label",
            metavar="TEXT",
            help="What you call this one link, such as a number of your own list; kept encrypted, in no export.",
        ),
    ] = None,
    qr: Annotated[
        Path | None, typer.Option("--qr", metavar="DIR", help="Write QR codes there, as PNG and SVG.")
    ] = None,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the links there, as CSV.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make invitations: a Telegram link, a Slack command and a QR code each. They are shown once, now."""


PageOption = Annotated[int, typer.Option("--page", min=1, help="Which page, from 1.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Lines of a page.")]


@runs("bot.cli.people.participants")
def participants(  # noqa: PLR0917 - the options of a command
    program: Annotated[str | None, typer.Option("--program", help="Of this programme only.")] = None,
    state: Annotated[
        PersonState | None,
        typer.Option(
            "--state",
            help="active, withdrawn or deleted; waiting (a question is open), stuck (silent for three days), paused"
            " (put off, away or held back), silent (has said nothing yet).",
        ),
    ] = None,
    role: Annotated[Role | None, typer.Option("--role", help="Who takes part as this.")] = None,
    activity: Annotated[
        str | None, typer.Option("--activity", metavar="SLUG", help="Who came in for this event.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="TEXT", help="Who came by links of this source.")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="CODE", help="Who chose this language, or has an app in it."),
    ] = None,
    owes: Annotated[
        int | None,
        typer.Option(
            "--owes",
            metavar="DAYS",
            min=1,
            help="Who was asked at the wave of this day and has not answered.",
        ),
    ] = None,
    sort: Annotated[PeopleOrder, typer.Option("--sort", help="In which order.")] = PeopleOrder.LAST_TURN,
    limit: LimitOption = 50,
    page: PageOption = 1,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List participants by code, the one who spoke last first."""


@runs("bot.cli.people.participants")
def stuck(
    limit: LimitOption = 50,
    page: PageOption = 1,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List conversations in which nobody has said anything for three days, the longest silence first."""


@runs("bot.cli.people.why")
def why(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A participant's code, see `said participants`.")
    ],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what was sent to a participant, deferred or not sent, and why; and what is still to come."""


RolesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE[:PROGRAM]",
        help="What they may do: viewer, coordinator, safety, author or admin, in one programme or in all."
        " Several may be given, in place of those that they have.",
    ),
]

_participant = typer.Typer(cls=CommandGroup, help="Do something for a participant.", no_args_is_help=True)


CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help="A participant's code, see `said participants`.")
]
ByOption = Annotated[str, typer.Option("--by", metavar="CODE", help="Your code as a coordinator.")]


@_participant.command("set")
@runs("bot.cli.people.participant")
def set_participant(
    code: CodeArgument,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Theirs: an IANA name.")] = None,
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="CODE", help="What they are written to in, such as es."),
    ] = None,
    role: Annotated[
        Role | None,
        typer.Option("--role", help="What they take part as: only of somebody who has said nothing yet."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="CODE", help="Your code as a coordinator.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Set a participant's time zone, from the next message on; their language, from the next talk on; their role."""


@_participant.command("move")
@runs("bot.cli.people.participant")
def move(
    code: CodeArgument,
    by: ByOption,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a code for somebody who has lost their account: who writes it to the bot goes on as them there."""


@_participant.command("erase")
@runs("bot.cli.people.participant")
def erase(
    code: CodeArgument,
    by: ByOption,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Confirm, as a second coordinator, and delete all.")
    ] = False,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take it back, while nobody has confirmed it.")
    ] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for all of a participant's data to be deleted; a second coordinator confirms it within 14 days."""


@_participant.command("resend")
@runs("bot.cli.people.participant")
def resend(
    code: CodeArgument, by: ByOption, config: ConfigOption = None, database: DatabaseOption = None
) -> None:
    """Send a participant the question that is open once more, at most once an hour and three times a week."""


_coordinator = typer.Typer(
    cls=CommandGroup, help="Who of the team gets alerts and may ask in chat.", no_args_is_help=True
)


@_coordinator.command("enrol")
@runs("bot.cli.people.coordinator")
def enrol(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A short code for them, not their name.")],
    timezone: Annotated[str, typer.Option("--timezone", help="Theirs: an IANA name.")] = "UTC",
    digest_hour: Annotated[
        int, typer.Option("--digest-hour", min=0, max=23, help="The hour of their daily digest.")
    ] = 9,
    language: Annotated[
        str | None,
        typer.Option("--language", help="What they are told things in, such as es; else their app's."),
    ] = None,
    role: RolesOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link that is good once, for a week: whoever opens it is this coordinator. It is shown once, now."""


@_coordinator.command("roles")
@runs("bot.cli.people.team_access")
def roles(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A coordinator's code.")],
    given: RolesOption = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what somebody of the team may do, or give them just these roles."""


@_coordinator.command("console")
@runs("bot.cli.people.team_access")
def console(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A coordinator's code.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link that lets a coordinator into the team's pages once. It is shown once, now."""


@_coordinator.command("reset-step")
@runs("bot.cli.people.team_access")
def reset_step(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A coordinator's code.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """Take away somebody's second step at the console, since their app or its secret is lost; they may set another."""


@_coordinator.command("list")
@runs("bot.cli.people.coordinator")
def list_all(
    config: ConfigOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """List coordinators by code."""


@_coordinator.command("remove")
@runs("bot.cli.people.coordinator")
def remove(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Whom.")],
    config: ConfigOption = None,
    database: DatabaseOption = None,
) -> None:
    """End alerts, digests and commands for a coordinator. What they settled keeps their code."""


def register(app: typer.Typer) -> None:
    """Add the commands of this folder to an app."""
    app.command("invite")(invite)
    app.command("participants")(participants)
    app.command("stuck")(stuck)
    app.command("why")(why)
    app.add_typer(_participant, name="participant")
    app.add_typer(_coordinator, name="coordinator")
