"""`said invitation`: how invitations stand, and their end, their extension and their replacement."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.cli.common import count, print_json, print_table, say, when
from bot.cli.people.invite import links_of, show_links
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.invitations.requests import expiry
from storage.database import audit
from storage.database.connection import Database
from storage.enums import InvitationSort, InvitationState
from storage.people import invitation_changes, invitation_states, invitations
from storage.people.invitation_changes import InvitationChange
from storage.people.invitation_states import InvitationFilter, InvitationRecord, SourceTally
from storage.schema import AuditKind


def list_all(
    *,
    program: str | None,
    source: str | None,
    state: InvitationState | None,
    sort: InvitationSort,
    by_source: bool,
    labels: bool,
    limit: int,
    page: int,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said invitation list`; `bot.cli.people.invitation_commands` says what each option is."""
    now, wanted = time_now(), InvitationFilter(program, source, state)
    with opened(config, database) as (_, found):
        if by_source:
            tallies = found.read_now(partial(invitation_states.tally_sources, now=now, program=program))
            _show_sources(tallies, as_json=as_json)
            return
        rows = found.read_now(
            lambda connection: invitation_states.list_invitations(
                connection, wanted, now, sort=sort, page=(limit, (page - 1) * limit)
            )
        )
        total = found.read_now(
            lambda connection: invitation_states.count_invitations(connection, wanted, now)
        )
        called = _labels(found, rows, now) if labels else {}
    if as_json:
        told = [_as_json(row, called) for row in rows]
        print_json({"total": total, "page": page, "invitations": told})
        return
    columns = ["number", "programme", "role", "flow", "source", "state", "uses", "until (UTC)", "made (UTC)"]
    print_table(
        [*columns, "mail", "label"],
        [
            (
                row.id,
                row.program,
                row.role.value,
                row.flow,
                row.source,
                row.state.value,
                row.uses if row.max_uses == 1 else f"{row.uses} of {row.max_uses or 'any'}",
                when(row.expires_at),
                when(row.created_at),
                "" if row.mail is None else row.mail.value,
                called.get(row.id, "" if row.label_sealed is None else "kept: --labels"),
            )
            for row in rows
        ],
        paged=True,
    )
    say(f"{len(rows)} of {total}" + (f", page {page}" if total > limit else ""), err=True)


def revoke(numbers: list[int], config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said invitation revoke`; `bot.cli.people.invitation_commands` says what each option is."""
    change = InvitationChange(time_now())
    with opened(config, database) as (_, found):
        found.write_now(partial(invitation_changes.revoke, numbers=numbers, change=change))
    if as_json:
        print_json({"revoked": numbers})
        return
    say(f"{count(len(numbers), 'link')} will let nobody in any more; whoever came in by them stays in.")
    say(f"Undo: said invitation extend {' '.join(map(str, numbers))} --expires 30d", err=True)


def extend(
    numbers: list[int], expires: str | None, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said invitation extend`; `bot.cli.people.invitation_commands` says what each option is."""
    change = InvitationChange(time_now())
    until = expiry(expires, change.now)
    with opened(config, database) as (_, found):
        found.write_now(partial(invitation_changes.extend, numbers=numbers, until=until, change=change))
    if as_json:
        print_json({"extended": numbers, "expires_at": until})
        return
    end = "without end" if until is None else f"until {when(until)} UTC"
    say(f"{count(len(numbers), 'link')} good {end}.")
    say(f"Undo: said invitation revoke {' '.join(map(str, numbers))}", err=True)


def replace(number: int, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said invitation replace`; `bot.cli.people.invitation_commands` says what each option is."""
    change, token = InvitationChange(time_now()), invitations.new_token()
    with opened(config, database) as (settings, found):
        hashed = found.identity.token_hash(token)
        new = found.write_now(
            partial(invitation_changes.replace, number=number, token_hash=hashed, change=change)
        )
    show_links(links_of(settings, [token]), new.expires_at, as_json=as_json)
    say(
        f"It is number {new.id}, and number {number} lets nobody in any more."
        f" Undo: said invitation revoke {new.id}; said invitation extend {number} --expires 30d",
        err=True,
    )


def _labels(found: Database, rows: Sequence[InvitationRecord], now: datetime) -> dict[int, str]:
    """Return what each link is called, by number; that they were shown is audited."""
    called = {row.id: found.identity.open(row.label_sealed) for row in rows if row.label_sealed is not None}

    def look(connection: Connection) -> None:
        audit.record(
            connection, AuditKind.VIEW, participant_id=None, now=now, what="labels", rows=len(called)
        )

    if called:
        found.write_now(look)
    return called


def _as_json(row: InvitationRecord, called: dict[int, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "number": row.id,
        "program": row.program,
        "activity": row.activity,
        "role": row.role,
        "flow": row.flow,
        "source": row.source,
        "kind": row.kind,
        "state": row.state,
        "uses": row.uses,
        "max_uses": row.max_uses,
        "language": row.language,
        "made_at": row.created_at.isoformat(),
        "expires_at": None if row.expires_at is None else row.expires_at.isoformat(),
        "revoked_at": None if row.revoked_at is None else row.revoked_at.isoformat(),
        "has_label": row.label_sealed is not None,
        "mail": row.mail,
    }
    return {**shown, "label": called[row.id]} if row.id in called else shown


def _show_sources(tallies: Sequence[SourceTally], *, as_json: bool) -> None:
    states = list(InvitationState)
    if as_json:
        print_json(
            [
                {
                    "program": one.program,
                    "source": one.source,
                    "links": one.total,
                    "uses": one.uses,
                    **{state.value: one.states[state] for state in states},
                }
                for one in tallies
            ]
        )
        return
    print_table(
        (
            "programme",
            "source",
            "links",
            "people let in",
            *(state.value.replace("_", " ") for state in states),
        ),
        [
            (one.program, one.source, one.total, one.uses, *(one.states[state] for state in states))
            for one in tallies
        ],
        paged=True,
    )
