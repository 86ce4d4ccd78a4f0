"""`said invite`: make links and QR codes that let people in. Tokens are shown once; only their hashes are kept."""

import asyncio
import csv
from pathlib import Path
from typing import Annotated

import segno
import typer

from bot.app import telegram_name
from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, print_json, print_table, when
from bot.cli.people.invitation_requests import (
    InvitationBatch,
    InvitationRequest,
    expiry,
    known_flow,
    make_invitations,
)
from bot.cli.people.links import InvitationLinks, invitation_links, write_codes
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import UsageError
from bot.opening import all_flows
from flows.script.model import Role

MOST = 10_000
"""Invitations at once."""


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


def register(app: typer.Typer) -> None:
    """Add the command `said invite` to an app."""
    app.command("invite")(invite)


def invite(  # noqa: PLR0917 - the options of a command
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The programme's short name.")],
    role: Annotated[Role, typer.Option("--role", help="Who is invited.")],
    flow: FlowOption,
    source: Annotated[
        str,
        typer.Option("--source", metavar="TEXT", help="Where these people come from, for your own figures."),
    ],
    count: Annotated[int, typer.Option("--count", min=1, max=MOST, help="How many.")] = 1,
    activity: Annotated[
        str | None,
        typer.Option("--activity", metavar="SLUG", help="The event; the programme's only one if absent."),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option("--item", metavar="SLUG", help="What is reviewed; the programme's only one if absent."),
    ] = None,
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
    _refuse(max_uses, group=group, to_csv=to_csv, qr=qr)
    now = SystemClock().now()
    until = expiry(expires, now)
    with opened(config, database) as (settings, found):
        known = known_flow(all_flows(settings), flow, role)
        request = InvitationRequest(
            program, activity, item, role, known.flow, source, group, max_uses, until, submission, language
        )
        batch = InvitationBatch(request, known, settings.localizations_now(), found.identity.token_hash, now)
        tokens = found.write_now(lambda connection: make_invitations(connection, batch, count))
    name = None if settings.telegram is None else asyncio.run(telegram_name(settings.telegram))
    links = [invitation_links(name, token) for token in tokens]
    if qr is not None:
        write_codes(qr, links)
    if to_csv is not None:
        _write_csv(to_csv, links)
    _show(links, request, as_json=as_json)


def _refuse(max_uses: int | None, *, group: bool, to_csv: Path | None, qr: Path | None) -> None:
    """Refuse what does not go together, or would overwrite a file, before anything is made.

    Raises:
        UsageError: with what to leave out, or to name instead.
    """
    if max_uses is not None and not group:
        raise UsageError("--max-uses is for a group link", "add --group, or leave it out")
    if to_csv is not None and to_csv.exists():
        raise UsageError(f"{to_csv} is there already", "name another file")
    if qr is not None and any(qr.glob("invitation-*")):
        raise UsageError(f"{qr} holds the codes of other invitations", "name another folder")


def _write_csv(file: Path, links: list[InvitationLinks]) -> None:
    with file.open("x", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(("number", "telegram", "slack", "terminal"))
        for number, one in enumerate(links, 1):
            writer.writerow((number, one.telegram or "", one.slack, one.terminal))


def _show(links: list[InvitationLinks], request: InvitationRequest, *, as_json: bool) -> None:
    if as_json:
        expires = None if request.expires_at is None else request.expires_at.isoformat()
        print_json(
            [
                {
                    "token": one.token,
                    "telegram": one.telegram,
                    "slack": one.slack,
                    "terminal": one.terminal,
                    "expires_at": expires,
                }
                for one in links
            ]
        )
        return
    columns = ["", *(["Telegram"] if links[0].telegram else []), "Slack", "terminal"]
    rows = [
        (number, *((one.telegram,) if one.telegram else ()), one.slack, one.terminal)
        for number, one in enumerate(links, 1)
    ]
    print_table(columns, rows)
    if len(links) == 1:
        segno.make(links[0].scanned, micro=False).terminal(compact=True)
    if links[0].telegram is None:
        typer.echo("For Telegram links, set telegram.bot_name (or telegram.token) in the settings.", err=True)
    until = "" if request.expires_at is None else f", until {when(request.expires_at)} UTC"
    typer.echo(
        f"{len(links)} made for {request.flow}{until}. Keep them now: they are not shown again.", err=True
    )
