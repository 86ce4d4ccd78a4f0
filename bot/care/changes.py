"""Set what is known of a participant: their time zone, the language that they are written to in, their role."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import Connection

from bot.care.parts import CareParts, CareRefused
from flows.script.roles import Role
from storage.database import audit
from storage.people import participants, role_change
from storage.schema import AuditKind


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be set of a participant; None leaves it as it is. `timezone` is an IANA name, `language` a tag.

    `by` is the code of the coordinator who wants it; None where the command line was not told.
    """

    timezone: str | None = None
    language: str | None = None
    role: Role | None = None
    by: str | None = field(default=None, compare=False)


def change_person(
    connection: Connection,
    parts: CareParts,
    participant_id: int,
    change: PersonChange,
    now: datetime,
) -> int:
    """Set what is to be set, with an entry in the audit trail; return how many conversations a new role has ended.

    Raises:
        CareRefused: there is no such zone, or the bot does not speak that language.
        RoleRefused: the role has to stay.
    """
    person = participants.get(connection, participant_id)
    values: dict[str, str] = {}
    if change.timezone is not None:
        if change.timezone not in available_timezones():
            raise CareRefused(f"{change.timezone!r} is no IANA time zone; write one such as Europe/Vienna")
        values["timezone"] = change.timezone
    if change.language is not None:
        if parts.localizations.spoken((change.language,)) != change.language:
            offered = ", ".join(parts.languages)
            raise CareRefused(f"the bot does not speak {change.language!r}; it speaks {offered}")
        values["language"] = change.language
    ended = 0
    if change.role is not None:
        allows = parts.policy.allows
        ended = role_change.set_role(connection, person, change.role, allows=allows, now=now)
    if values:
        participants.update(connection, participant_id, values)
    told = values if change.role is None else {**values, "role": change.role.value, "ended": ended}
    who = {} if change.by is None else {"by": change.by}
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=participant_id, now=now, command="participant set",
        **told, **who,
    )  # fmt: skip
    return ended
