"""`said invite`: links and QR codes that let people in. Tokens are shown once; only their hashes are kept."""

import asyncio
import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.common import ConfigOption, DatabaseOption, JsonOption, opened, print_json, print_table, when
from bot.cli.people.links import Link, link, write_codes
from bot.errors import UsageError
from flows.script.model import Flow, Role
from flows.script.reconsent import may_be_opened

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flows.i18n.localized_flow import Localizations
    from storage.programs.programs import ProgramRow

ALIASES = {
    "commitment": "hcp_commitment",
    "interview": "patient_interview",
    "review": "content_review",
    "best-practice": "best_practice",
    "cosign": "best_practice_cosign",
}
"""Short names of the shipped flows."""
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


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """What was asked for on the command line."""

    program: str
    activity: str | None
    item: str | None
    role: Role
    flow: str
    source: str
    group: bool
    max_uses: int | None
    expires_at: datetime | None
    submission: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class InvitationBatch:
    """A wish with what it takes to fulfil it."""

    wish: InvitationRequest
    flow: Flow
    localizations: "Localizations"
    token_hash: Callable[[str], bytes]
    now: datetime


def register(app: typer.Typer) -> None:
    """Add `said invite`."""
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
    from bot.app import all_flows, telegram_name
    from bot.clock import SystemClock

    _refuse(max_uses, group=group, to_csv=to_csv)
    now = SystemClock().now()
    until = _expiry(expires, now)
    with opened(config, database) as (settings, found):
        known = _known_flow(all_flows(settings), flow, role)
        wish = InvitationRequest(
            program, activity, item, role, known.flow, source, group, max_uses, until, submission, language
        )
        making = InvitationBatch(wish, known, settings.localizations_now(), found.identity.token_hash, now)
        tokens = found.write_now(lambda connection: _make(connection, making, count))
    name = None if settings.telegram is None else asyncio.run(telegram_name(settings.telegram))
    links = [link(name, token) for token in tokens]
    if qr is not None:
        write_codes(qr, links)
    if to_csv is not None:
        _write_csv(to_csv, links)
    _show(links, wish, as_json=as_json)


def _refuse(max_uses: int | None, *, group: bool, to_csv: Path | None) -> None:
    """What does not go together, or would overwrite a file, before anything is made."""
    if max_uses is not None and not group:
        raise UsageError("--max-uses is for a group link", "add --group, or leave it out")
    if to_csv is not None and to_csv.exists():
        raise UsageError(f"{to_csv} is there already", "name another file")


def _known_flow(flows: Any, name: str, role: Role) -> Flow:
    full = ALIASES.get(name, name)
    opened = {known for known, one in flows.items() if may_be_opened(one)}
    open_to = ", ".join(sorted(opened | {alias for alias, known in ALIASES.items() if known in opened}))
    if full not in flows:
        raise UsageError(f"there is no flow {name!r}", f"use one of: {open_to}")
    flow: Flow = flows[full]
    if full not in opened:
        raise UsageError(
            f"nobody can be invited to flow {full!r}: it does not ask whether they take part",
            f"add a step of kind consent with `purpose: take_part`, or use one of: {open_to}",
        )
    if role not in flow.audience:
        audience = " or ".join(one.value for one in flow.audience)
        raise UsageError(f"flow {full!r} is not for the role {role.value!r}", f"use --role {audience}")
    return flow


def _check_language(connection: "Connection", making: InvitationBatch, program_id: int) -> None:
    """A talk would quietly begin in another language than the one on the leaflet."""
    from bot.conversations.language_choice import LanguageChoice

    wish = making.wish
    if wish.language is None:
        return
    offered = LanguageChoice(making.localizations).in_program(connection, program_id).offered(making.flow)
    if wish.language not in offered:
        raise UsageError(
            f"flow {wish.flow!r} is not offered in {wish.language!r} in this programme",
            f"use one of: {', '.join(offered)}; what is offered: docs/howto/translate.md",
        )


def _program(connection: "Connection", wish: InvitationRequest) -> "ProgramRow":
    from storage.programs import programs

    program = programs.find(connection, wish.program)
    if program is None:
        raise UsageError(
            f"there is no programme {wish.program!r}",
            "see `said program list`, or `said program load FILE` first",
        )
    return program


def _make(connection: "Connection", making: InvitationBatch, count: int) -> list[str]:
    from storage.people import invitations
    from storage.schema import InvitationKind

    wish = making.wish
    program = _program(connection, wish)
    _check_language(connection, making, program.id)
    new = invitations.NewInvitation(
        program_id=program.id,
        role=wish.role,
        flow=wish.flow,
        source=wish.source,
        activity_id=_activity(connection, program.id, wish, making.flow),
        kind=InvitationKind.GROUP if wish.group else InvitationKind.SINGLE,
        max_uses=wish.max_uses,
        expires_at=wish.expires_at,
        about_id=_submission(connection, wish),
        language=wish.language,
    )
    tokens = [invitations.new_token() for _ in range(count)]
    for token in tokens:
        invitations.make_invitation(connection, new, token_hash=making.token_hash(token), now=making.now)
    return tokens


def _submission(connection: "Connection", wish: InvitationRequest) -> int | None:
    """The submission that is to be co-signed; only that flow has one, and it needs one."""
    from storage.follow_up import cosignatures

    if wish.flow != cosignatures.COSIGN:
        if wish.submission is not None:
            raise UsageError(
                "--submission is for a partner who co-signs", "add --flow cosign, or leave it out"
            )
        return None
    if wish.submission is None or not cosignatures.is_in(connection, wish.submission, wish.program):
        raise UsageError(
            "a partner needs a submission of this programme to read"
            if wish.submission is None
            else f"there is no submission {wish.submission} in programme {wish.program!r}",
            "add --submission with a number from the column 'conversation' of the export's exemplars",
        )
    if wish.group:
        raise UsageError("a submission is co-signed by one partner with each link", "leave --group out")
    return wish.submission


def _activity(connection: "Connection", program_id: int, wish: InvitationRequest, flow: Flow) -> int | None:
    """The activity that was named, else the only one. A flow that speaks of it must be told which."""
    from storage.programs import programs

    if wish.item is not None or "review." in flow.model_dump_json():
        return _item(connection, program_id, wish)
    slugs = [one.slug for one in programs.program_file(connection, program_id).activities]
    if wish.activity is not None and wish.activity not in slugs:
        raise UsageError(
            f"programme {wish.program!r} has no activity {wish.activity!r}",
            f"use one of: {', '.join(slugs) or '(none)'}",
        )
    if wish.activity is None and len(slugs) > 1 and "activity." in flow.model_dump_json():
        raise UsageError(
            f"flow {flow.flow!r} needs an activity", f"add --activity with one of: {', '.join(slugs)}"
        )
    slug = wish.activity or (slugs[0] if len(slugs) == 1 else None)
    return None if slug is None else programs.activity_id(connection, program_id, slug)


def _item(connection: "Connection", program_id: int, wish: InvitationRequest) -> int | None:
    """What is reviewed: the item that was named, else the only one."""
    from storage.programs import programs

    slugs = [one.slug for one in programs.program_file(connection, program_id).reviews]
    slug = wish.item or (slugs[0] if len(slugs) == 1 else None)
    if slug not in slugs or slug is None:
        raise UsageError(
            f"programme {wish.program!r} has no item {wish.item!r} under `reviews`"
            if wish.item
            else "a review needs an item",
            f"use --item with one of: {', '.join(slugs) or '(none)'}",
        )
    return programs.activity_id(connection, program_id, slug)


def _expiry(text: str | None, now: datetime) -> datetime | None:
    from bot.durations import parse_duration, parse_moment

    if text is None:
        return None
    span = parse_duration(text)
    moment = now + span if span is not None else parse_moment(text)
    if moment is None or moment <= now:
        raise UsageError(
            f"--expires {text!r} is not a time to come", "write it as 30d, 12h or a date such as 2026-12-31"
        )
    return moment


def _write_csv(file: Path, links: list[Link]) -> None:
    with file.open("x", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(("number", "telegram", "slack", "terminal"))
        for number, one in enumerate(links, 1):
            writer.writerow((number, one.telegram or "", one.slack, one.terminal))


def _show(links: list[Link], wish: InvitationRequest, *, as_json: bool) -> None:
    import segno

    if as_json:
        expires = None if wish.expires_at is None else wish.expires_at.isoformat()
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
    until = "" if wish.expires_at is None else f", until {when(wish.expires_at)} UTC"
    typer.echo(
        f"{len(links)} made for {wish.flow}{until}. Keep them now: they are not shown again.", err=True
    )
