"""Show links that were made, once: as a sheet to print, and as a file for letters and mails."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

import segno
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.permissions import Permission
from bot.console.visit import ConsolePage, ConsoleVisit, PageRefused
from bot.invitations.links import InvitationLinks, invitation_links
from bot.invitations.mail_merge import mail_merge
from bot.invitations.roster import MOST_LINES
from storage.database import audit
from storage.people import invitation_states
from storage.schema import AuditKind

PATH: Final = "/invitations/mail-merge"
MOST_CODES: Final = 50
"""Links of a sheet that have a QR code: drawing one takes some milliseconds."""
MOST_SHOWN: Final = 500
"""Links that a page shows; of more, the file has all."""
_DIGITS: Final = 16
"""Of the number of a link, fewer than these."""


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link of the sheet: its label ('' for none), its ways in, and its QR code as SVG, where it has one."""

    label: str
    links: InvitationLinks
    code: Markup | None = None


async def show_made(
    visit: ConsoleVisit, tokens: Sequence[str], labels: Sequence[str], *, replaced: int | None = None
) -> Response:
    """Show the links of tokens that were made just now, which nobody can show again.

    `labels` are as many, '' where a link has none; `replaced` is the number of the link in whose place it stands.
    """
    hashed = visit.parts.database.identity.token_hash
    shown = tokens[:MOST_SHOWN]
    found = await visit.read(
        partial(invitation_states.by_tokens, token_hashes=[hashed(one) for one in tokens[:1]], now=visit.now)
    )
    made = await asyncio.to_thread(
        partial(_drawn, with_codes=len(tokens) <= MOST_CODES),
        [links_of(visit, token) for token in shown],
        labels,
    )
    await audit_labels(visit, sum(1 for label in labels if label))
    return visit.page(
        "made_links.html.jinja",
        here="/invitations",
        made=made,
        total=len(tokens),
        with_slack=visit.parts.settings.slack is not None,
        tokens=" ".join(tokens),
        first=found[hashed(tokens[0])],
        replaced=replaced,
    )


async def download(visit: ConsoleVisit) -> Response:
    """Give links that a page has just shown as a file; their labels are read from the database, and it is audited."""
    tokens = visit.form.value("tokens").split()
    if not tokens or len(tokens) > MOST_LINES:
        raise PageRefused(HTTPStatus.BAD_REQUEST, "There are no links in this form.")
    identity = visit.parts.database.identity
    hashes = [identity.token_hash(token) for token in tokens]
    found = await visit.read(partial(invitation_states.by_tokens, token_hashes=hashes, now=visit.now))
    if len(found) != len(set(hashes)):
        raise PageRefused(HTTPStatus.NOT_FOUND, "One of these links is not there.")
    for program in {one.program for one in found.values()}:
        visit.require(Permission.INVITE, program)
    rows = []
    for token, hashed in zip(tokens, hashes, strict=True):
        sealed = found[hashed].label_sealed
        rows.append(("" if sealed is None else identity.open(sealed), links_of(visit, token)))

    def note(connection: Connection) -> None:
        details = {"what": "mail merge", "rows": len(rows), "by": visit.coordinator.code}
        audit.record(connection, AuditKind.EXPORT, participant_id=None, now=visit.now, **details)

    await visit.write(note)
    name = f"invitations-{visit.now:%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(mail_merge(rows), headers=headers, media_type="text/csv; charset=utf-8")


def links_of(visit: ConsoleVisit, token: str) -> InvitationLinks:
    """Return a token as links."""
    settings = visit.parts.settings
    name = None if settings.telegram is None else settings.telegram.bot_name
    return invitation_links(None if name is None else name.removeprefix("@"), token, settings.web.public_url)


def refuse_if_others_made(connection: Connection, visit: ConsoleVisit, program: str) -> None:
    """Refuse to make links of a form that was posted before, or while somebody else made some to the same program.

    Raises:
        PageRefused: the team made links to it since the form's page was made; those that the bot made do not count.
    """
    if invitation_states.made_by_team_since(connection, newest_seen(visit), program):
        raise PageRefused(
            HTTPStatus.CONFLICT,
            "Links to this programme were made since you opened this page, by you or by somebody else. Nothing was made"
            " now: look at the list first.",
        )


def newest_seen(visit: ConsoleVisit) -> int:
    """Return the number of the link that was the newest as a form was made; 0, before all, for what is no number."""
    told = visit.form.value("newest")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < _DIGITS else 0


async def audit_labels(visit: ConsoleVisit, count: int) -> None:
    """Keep in the audit trail that a member was shown so many labels; nothing where there are none."""

    def look(connection: Connection) -> None:
        details = {"what": "labels", "rows": count, "by": visit.coordinator.code}
        audit.record(connection, AuditKind.VIEW, participant_id=None, now=visit.now, **details)

    if count:
        await visit.write(look)


def audit_made(connection: Connection, visit: ConsoleVisit, count: int, program: str) -> None:
    """Keep in the audit trail that a member made so many links."""
    details = {
        "command": "invitations made",
        "rows": count,
        "program": program,
        "coordinator": visit.coordinator.code,
    }
    audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=visit.now, **details)


def _drawn(links: Sequence[InvitationLinks], labels: Sequence[str], *, with_codes: bool) -> list[MadeLink]:
    codes = [_code(one.scanned) if with_codes else None for one in links]
    return [MadeLink(label, one, code) for label, one, code in zip(labels, links, codes, strict=False)]


def _code(text: str) -> Markup:
    """Return a QR code as SVG that stands in a page."""
    drawn = io.BytesIO()
    segno.make(text, micro=False).save(drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2)
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by us; the text is in its squares alone


PAGES: Final = (ConsolePage("POST", PATH, Permission.INVITE, download, most_bytes=500_000),)
