"""`said link`: make, list and remove the links from themes to what is taught, promised, and asked of patients."""

from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.coding.shared import program_of
from bot.cli.common import print_json, print_table, say, when
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from storage.coding import theme_links
from storage.coding.theme_links import LinkEnd
from storage.people import coordinators


def add_link(
    begin: str,
    end: str,
    by: str,
    why: str,
    program: str | None,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said link add`; `bot.cli.coding.groups` says what each option is."""
    ends = (_end(begin), _end(end))

    def work(connection: Connection) -> int:
        who, number = coordinators.by_code(connection, by), program_of(connection, program)
        return theme_links.add(connection, number, ends, why, by=(who, time_now()))

    with opened(config, database) as (_, found):
        number = found.write_now(work)
    if as_json:
        print_json({"link": number, "from": str(ends[0]), "to": str(ends[1])})
        return
    say(f"Link {number}: {ends[0]} leads to {ends[1]}.")


def list_links(program: str | None, config: Path | None, database: str | None, as_json: bool) -> None:
    """Run `said link list`; `bot.cli.coding.groups` says what each option is."""
    with opened(config, database) as (_, found):
        links = found.read_now(lambda c: theme_links.list_links(c, program_of(c, program)))
    if as_json:
        print_json([{**asdict(one), "begin": str(one.begin), "end": str(one.end)} for one in links])
        return
    print_table(
        ("link", "from", "to", "by", "made (UTC)", "why"),
        [(one.id, str(one.begin), str(one.end), one.made_by, when(one.made_at), one.reason) for one in links],
        paged=True,
    )


def remove_link(number: int, by: str, why: str, config: Path | None, database: str | None) -> None:
    """Run `said link remove`; `bot.cli.coding.groups` says what each option is."""

    def work(connection: Connection) -> None:
        who = coordinators.by_code(connection, by)
        theme_links.remove(connection, number, why, by=who, now=time_now())

    with opened(config, database) as (_, found):
        found.write_now(work)
    say(f"Link {number} is removed.")


def _end(text: str) -> LinkEnd:
    """Read one end of a link.

    Raises:
        UsageError: it is none.
    """
    found = LinkEnd.read(text)
    if found is None:
        raise UsageError(
            f"{text!r} is no end of a link",
            "write a kind and a code: theme:body, objective:spring.plain_plan, suggestion:spring.teach_back,"
            " commitment:k7 or behaviour:spring.teach_back",
        )
    return found
