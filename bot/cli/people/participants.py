"""`said participants`: list codes to look up. No names and no addresses: they are not shown anywhere."""

from dataclasses import asdict
from pathlib import Path

from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import opened
from storage.reports import operators


def participants(
    program: str | None, limit: int, page: int, config: Path | None, database: str | None, as_json: bool
) -> None:
    """Run `said participants`; `bot.cli.people.commands` says what each option is."""
    with opened(config, database) as (_, found):
        rows = found.read_now(
            lambda connection: operators.list_participants(
                connection, program=program, limit=limit, offset=(page - 1) * limit
            )
        )
        total = found.read_now(lambda connection: operators.count_participants(connection, program))
    if as_json:
        print_json({"total": total, "page": page, "participants": [asdict(row) for row in rows]})
        return
    print_table(
        ("code", "role", "status", "channels", "time zone", "talks", "last turn (UTC)"),
        [
            (
                r.code,
                r.role.value,
                r.status.value,
                r.channels,
                r.timezone or "programme's",
                r.conversations,
                when(r.last_turn_at),
            )
            for r in rows
        ],
        paged=True,
    )
    say(f"{len(rows)} of {total}" + (f", page {page}" if total > limit else ""), err=True)
