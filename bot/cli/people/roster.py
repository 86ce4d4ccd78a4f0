"""`said invitation roster`: a link for each line of a list of people, and a file for letters and mails."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.common import count, print_json, print_table, say
from bot.cli.people.invite import links_of
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.errors import UsageError
from bot.invitations.mail_merge import mail_merge
from bot.invitations.requests import InvitationMaker, InvitationRequest, RosterPlan, expiry
from bot.invitations.roster import MOST_BYTES, MOST_PROBLEMS, Roster, RosterProblem, read_roster
from bot.opening import all_flows
from flows.formats.plain_files import FileTooLarge, read_plain_file
from flows.script.roles import Role
from storage.database import audit
from storage.database.connection import Database
from storage.people.invitations import NewInvitation
from storage.private_files import make_private_file
from storage.schema import AuditKind


def roster(
    *,
    file: Path,
    program: str,
    role: Role,
    flow: str,
    source: str,
    activity: str | None,
    item: str | None,
    language: str | None,
    expires: str | None,
    to: Path | None,
    preview: bool,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said invitation roster`; `bot.cli.people.invitation_commands` says what each option is."""
    now = time_now()
    request = InvitationRequest(
        program, activity, item, role, flow, source, False, None, expiry(expires, now), None, language
    )
    _refuse(to, preview=preview)
    people = read_list(file)
    with opened(config, database) as (settings, found):
        maker = InvitationMaker(all_flows(settings), settings.localizations_now(), found.identity, now)

        plan = found.read_now(lambda connection: maker.planned_roster(connection, request, people))
        refuse_problems(file, plan.problems)
        if preview:
            _show_preview(people, plan, as_json=as_json)
            return
        assert to is not None  # else it was refused
        make_private_file(to)  # first: links that cannot be written down would be lost
        try:
            links = links_of(settings, _made(found, maker, plan.invitations))
        except BaseException:
            to.unlink()
            raise
    with to.open("wb") as target:
        target.write(mail_merge((one.label, link) for one, link in zip(people.lines, links, strict=True)))
    if as_json:
        print_json({"made": len(links), "file": str(to)})
        return
    say(f"{count(len(links), 'link')} made; labels and links are in {to}.")
    say("Keep that file: links are not shown again. Undo: said invitation revoke NUMBER...", err=True)


def _made(database: Database, maker: InvitationMaker, planned: Sequence[NewInvitation]) -> list[str]:
    """Keep the invitations of a roster, and return their tokens: a bot beside it writes between the parts."""
    drawn = maker.drawn(planned)

    def begin(connection: Connection, first: Callable[[Connection], None]) -> None:
        audit.record(
            connection, AuditKind.SETTINGS, participant_id=None, now=maker.now,
            command="invitation roster", rows=len(drawn.made),
        )  # fmt: skip
        first(connection)

    steps = maker.steps(drawn)
    database.write_now(partial(begin, first=next(steps)))
    for step in steps:
        database.write_now(step)
    return list(drawn.tokens)


def _refuse(to: Path | None, *, preview: bool) -> None:
    """Refuse what would make links that nobody gets to see, or overwrite a file.

    Raises:
        UsageError: with what to name.
    """
    if preview:
        return
    if to is None:
        raise UsageError("nothing says where labels and links go", "add --to FILE.csv, or --preview")
    if to.exists() or not to.parent.is_dir():
        raise UsageError(f"{to} is there already, or its folder is not", "name another file")


def read_list(file: Path, *, mailed: bool = False) -> Roster:
    """Read a roster out of a file; with `mailed` it has a column of e-mail addresses.

    Raises:
        UsageError: it cannot be read, or is too long.
    """
    try:
        return read_roster(read_plain_file(file, MOST_BYTES), mailed=mailed)
    except FileTooLarge as error:
        raise UsageError(f"{file} has {error.size:,} bytes", f"split it: {MOST_BYTES:,} are taken") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})", "name a CSV file") from error


def refuse_problems(file: Path, problems: Sequence[RosterProblem]) -> None:
    """Tell the problems of a roster, if there are any, and end.

    Raises:
        UsageError: there are some; nothing was made.
    """
    if not problems:
        return
    for one in problems[:MOST_PROBLEMS]:
        say(f"{file}:{one.line}: {one.what}" if one.line else f"{file}: {one.what}", err=True)
    raise UsageError(f"{count(len(problems), 'problem')} in {file}", "mend the file; nothing was made")


def _show_preview(people: Roster, plan: RosterPlan, *, as_json: bool) -> None:
    kinds = Counter(_kind(one) for one in plan.invitations)
    if as_json:
        names = ("role", "language", "source")
        made = [{**dict(zip(names, kind, strict=True)), "links": number} for kind, number in kinds.items()]
        print_json({"links": len(plan.invitations), "of": made})
        return
    print_table(("role", "language", "source", "links"), [(*kind, number) for kind, number in kinds.items()])
    say(f"{count(len(people.lines), 'link')} would be made; nothing was.", err=True)


def _kind(one: NewInvitation) -> tuple[str, str | None, str]:
    return one.role.value, one.language, one.source
