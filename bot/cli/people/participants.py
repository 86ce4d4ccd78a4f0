"""`said participants` and `said stuck`: list codes to look up. No names and no addresses: they are shown nowhere."""

from dataclasses import asdict
from pathlib import Path

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from flows.script.roles import Role
from storage.enums import PeopleOrder, PersonState
from storage.reports import people, team
from storage.reports.people import PeopleFilter


def participants(  # noqa: PLR0917 - the options of a command
    program: str | None,
    state: PersonState | None,
    role: Role | None,
    activity: str | None,
    source: str | None,
    language: str | None,
    owes: int | None,
    sort: PeopleOrder,
    limit: int,
    page: int,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said participants`; `bot.cli.people.commands` says what each option is."""
    now, part = time_now(), slice((page - 1) * limit, page * limit)
    wanted = PeopleFilter(program, state, role, activity, source, language, owes)
    with opened(config, database) as (_, found):
        rows, total = found.read_now(lambda c: people.list_people(c, wanted, now, order=sort, part=part))
    if as_json:
        print_json({"total": total, "page": page, "participants": [asdict(row) for row in rows]})
        return
    print_table(
        ("code", "role", "status", "channels", "time zone", "language", "talks", "last turn (UTC)", "state"),
        [
            (
                *(r.code, r.role.value, r.status.value, r.channels, r.timezone or "programme's", r.language),
                *(r.conversations, when(r.last_turn_at), None if r.state is None else r.state.value),
            )
            for r in rows
        ],
        paged=True,
    )
    say(f"{len(rows)} of {total}" + (f", page {page}" if total > limit else ""), err=True)


def stuck(limit: int, page: int, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said stuck`; `bot.cli.people.commands` says what each option is."""
    now = time_now()
    with opened(config, database) as (_, found):
        lines = found.read_now(lambda connection: team.stuck_conversations(connection, now))
    shown = lines[(page - 1) * limit : page * limit]
    if as_json:
        told = [{"code": one.code, "flow": one.what, "last_turn_at": one.at} for one in shown]
        print_json({"total": len(lines), "page": page, "stuck": told})
        return
    rows = [(one.code, one.what, when(one.at), (now - one.at).days) for one in shown]
    print_table(("code", "flow", "last turn (UTC)", "days"), rows, paged=True)
    say(f"{len(shown)} of {len(lines)}" + (f", page {page}" if len(lines) > limit else ""), err=True)
