"""`said invitation mail`: mail a link to each line of a list of people; nobody is mailed twice."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.channels.email.channel import EmailChannel
from bot.channels.email.options import EmailConfig
from bot.cli.common import count, print_json, print_table, progress_bar, say
from bot.cli.people.roster import read_list, refuse_problems
from bot.cli.resources import now as time_now
from bot.cli.resources import opened
from bot.clock import SystemClock
from bot.errors import BotError, UsageError
from bot.invitations.mailing import (
    AGAIN,
    InvitationMailing,
    MailedLine,
    MailingOutcome,
    PlannedMail,
    count_outcomes,
)
from bot.invitations.requests import InvitationMaker, InvitationRequest, expiry
from bot.invitations.roster import Roster
from bot.mail.token_keeper import TokenKeeper
from bot.opening import all_flows
from bot.settings.mail import email_config
from bot.settings.settings import Settings
from flows.script.roles import Role
from storage.database import audit
from storage.programs import programs
from storage.schema import AuditKind

SETTLED = frozenset(
    {MailingOutcome.TO_MAIL, MailingOutcome.MAILED, MailingOutcome.BEFORE, MailingOutcome.USED}
)
"""What needs no line of its own: all is well."""


class MailingError(BotError):
    """Not all of a list could be mailed; the same command goes on where it ended."""


def mail(
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
    again: bool,
    preview: bool,
    config: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Run `said invitation mail`; `bot.cli.people.invitation_commands` says what each option is."""
    now = time_now()
    request = InvitationRequest(
        program, activity, item, role, flow, source, False, None, expiry(expires, now), None, language
    )
    people = read_list(file, mailed=True)
    with opened(config, database) as (settings, found):
        mails = _mails(settings)
        maker = InvitationMaker(all_flows(settings), settings.localizations_now(), found.identity, now)
        plan = found.read_now(lambda connection: maker.planned_roster(connection, request, people))
        refuse_problems(file, plan.problems)
        planned = found.read_now(
            lambda connection: _with_languages(connection, maker, people, plan.invitations)
        )
        _refuse_roles(settings, planned)
        mailing = InvitationMailing(TokenKeeper(found, SystemClock()), EmailChannel(mails), again)
        if preview:
            lines = found.read_now(lambda connection: mailing.preview(connection, planned))
            _show(lines, as_json=as_json)
            return

        def note(connection: Connection) -> None:
            audit.record(
                connection, AuditKind.SETTINGS, participant_id=None, now=now,
                command="invitation mail", rows=len(planned),
            )  # fmt: skip

        found.write_now(note)
        lines = _run(mailing, planned)
    _show(lines, as_json=as_json)
    left = sum(one.outcome in AGAIN for one in lines)
    if left:
        reason = next(one.reason for one in lines if one.outcome in AGAIN)
        raise MailingError(f"{count(left, 'invitation')} not mailed ({reason})", "run the same again later")


def _run(mailing: InvitationMailing, planned: Sequence[PlannedMail]) -> list[MailedLine]:
    with progress_bar() as bar:
        task = bar.add_task("mails", total=len(planned))
        return asyncio.run(mailing.run(planned, lambda _: bar.advance(task)))


def _mails(settings: Settings) -> EmailConfig:
    """Return how mails go out.

    Raises:
        UsageError: the settings do not say, or there are no pages to which links could lead.
    """
    if settings.email is None:
        raise UsageError("the settings name no mail server", "set [email], see docs/howto/connect-email.md")
    if settings.web.public_url is None:
        raise UsageError("there are no pages that links could lead to", "set web.public_url")
    return email_config(settings.email, settings.web.public_url)


def _with_languages(
    connection: Connection, maker: InvitationMaker, people: Roster, made: Sequence[Any]
) -> list[PlannedMail]:
    """Return what is to be mailed, each in the language of its invitation, else in that of its program."""
    own: dict[int, str] = {}
    planned = []
    for line, one in zip(people.lines, made, strict=True):
        if one.program_id not in own:
            own[one.program_id] = programs.program_file(connection, one.program_id).language
        spoken = maker.localizations.spoken((one.language, own[one.program_id]))
        planned.append(PlannedMail(line, one, spoken))
    return planned


def _refuse_roles(settings: Settings, planned: Sequence[PlannedMail]) -> None:
    """Refuse to mail links to people who may not be served where these lead.

    Raises:
        UsageError: there are some.
    """
    policy = settings.policy_now()
    for role in sorted({one.invitation.role for one in planned}):
        if not (policy.allows(role, "web") and policy.allows(role, "email")):
            what = f"the role {role.value!r} is not served on the web, or not by e-mail"
            raise UsageError(what, "see docs/howto/privacy.md")


def _show(lines: Sequence[MailedLine], *, as_json: bool) -> None:
    counts = count_outcomes(lines)
    if as_json:
        print_json(
            {
                "counts": {outcome.value: number for outcome, number in counts.items()},
                "lines": [
                    {
                        "line": one.line.line,
                        "label": one.line.label,
                        "outcome": one.outcome.value,
                        "reason": one.reason or None,
                        "invitation": one.invitation,
                    }
                    for one in lines
                ],
            }
        )
        return
    others = [one for one in lines if one.outcome not in SETTLED]
    if others:
        rows = [(one.line.line, one.line.label, _words(one.outcome), one.reason) for one in others]
        print_table(("line", "label", "", "the mail server's answer"), rows)
    print_table(("", "people"), [(_words(outcome), number) for outcome, number in counts.items()])
    if MailingOutcome.TO_MAIL in counts:
        say("Nothing was mailed: leave out --preview for that.", err=True)


def _words(outcome: MailingOutcome) -> str:
    """Return an outcome in words, for a table."""
    return {
        MailingOutcome.TO_MAIL: "to be mailed",
        MailingOutcome.MAILED: "mailed now",
        MailingOutcome.BEFORE: "mailed before, not used yet",
        MailingOutcome.USED: "mailed before, and came in",
        MailingOutcome.OVER: "mailed before, link expired or revoked: --again",
        MailingOutcome.ENDED: "wants no mails: passed over",
        MailingOutcome.REFUSED: "refused by the mail server: --again",
        MailingOutcome.BOUNCED: "came back: --again",
        MailingOutcome.UNKNOWN: "not known whether it went: --again",
        MailingOutcome.PUT_OFF: "put off by the mail server: run it again",
        MailingOutcome.LEFT: "not tried: run it again",
    }[outcome]
