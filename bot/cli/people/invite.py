"""`said invite`: make links and QR codes that let people in. Tokens are shown once; only their hashes are kept."""

import asyncio
import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import segno

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import opened, telegram_name
from bot.clock import SystemClock
from bot.errors import UsageError
from bot.invitations.links import InvitationLinks, invitation_links, write_codes
from bot.invitations.requests import InvitationMaker, InvitationRequest, expiry
from bot.opening import all_flows
from bot.settings.settings import Settings
from flows.script.roles import Role
from storage.private_files import make_private_file


def invite(
    *,
    program: str,
    role: Role,
    flow: str,
    source: str,
    count: int,
    activity: str | None,
    item: str | None,
    submission: int | None,
    language: str | None,
    group: bool,
    max_uses: int | None,
    expires: str | None,
    label: str | None,
    qr: Path | None,
    to_csv: Path | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said invite`; `bot.cli.people.commands` says what each option is."""
    _refuse(max_uses, group=group, to_csv=to_csv, qr=qr)
    now = SystemClock().now()
    until = expiry(expires, now)
    if label is not None and count > 1:
        raise UsageError("--label is for one link", "make them with `said invitation roster FILE`")
    request = InvitationRequest(
        program, activity, item, role, flow, source, group, max_uses, until, submission, language, label
    )
    with opened(config, database) as (settings, found):
        maker = InvitationMaker(all_flows(settings), settings.localizations_now(), found.identity, now)
        tokens = found.write_now(
            lambda connection: maker.make(connection, [maker.planned(connection, request)] * count)
        )
    links = links_of(settings, tokens)
    if qr is not None:
        write_codes(qr, links)
    if to_csv is not None:
        _write_csv(to_csv, links)
    show_links(links, until, as_json=as_json)


def links_of(settings: Settings, tokens: Sequence[str]) -> list[InvitationLinks]:
    """Return the tokens of invitations as links; Telegram may be asked for the bot's name."""
    name = None if settings.telegram is None else asyncio.run(telegram_name(settings.telegram))
    return [invitation_links(name, token, settings.web.public_url) for token in tokens]


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
    make_private_file(file)  # whoever has a link is let in by it
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(("number", "telegram", "slack", "terminal", "web"))
        for number, one in enumerate(links, 1):
            writer.writerow((number, one.telegram or "", one.slack, one.terminal, one.web or ""))


def show_links(links: list[InvitationLinks], expires_at: datetime | None, *, as_json: bool) -> None:
    """Print links that were made, with a QR code where it is one, and until when they are good."""
    if as_json:
        expires = None if expires_at is None else expires_at.isoformat()
        print_json(
            [
                {
                    "token": one.token,
                    "telegram": one.telegram,
                    "slack": one.slack,
                    "terminal": one.terminal,
                    "expires_at": expires,
                    "web": one.web,
                }
                for one in links
            ]
        )
        return
    ways = [("Telegram", [one.telegram for one in links]), ("a browser", [one.web for one in links])]
    known = [(name, found) for name, found in ways if found[0] is not None]
    columns = ["", *(name for name, _ in known), "Slack", "terminal"]
    rows = [
        (number, *(found[number - 1] for _, found in known), one.slack, one.terminal)
        for number, one in enumerate(links, 1)
    ]
    print_table(columns, rows)
    if len(links) == 1:
        segno.make(links[0].scanned, micro=False).terminal(compact=True)
    if links[0].telegram is None and links[0].web is None:
        say(
            "For links, set telegram.bot_name (or telegram.token) or web.public_url in the settings.",
            err=True,
        )
    until = "" if expires_at is None else f", good until {when(expires_at)} UTC"
    say(f"{len(links)} made{until}. Keep them now: they are not shown again.", err=True)
