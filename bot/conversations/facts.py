"""What a conversation is told when it begins: the person, the programme, the activity and its schedule."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile, ReviewFile, program_facts
from flows.program.safety import country_of
from flows.schedule.local_time import wave_due
from flows.script.facts import Facts
from storage.conversations.conversations import ParticipantRecord
from storage.programs import programs
from storage.schema import ACTIVITY

_SLUG = sa.select(ACTIVITY.c.slug).where(ACTIVITY.c.id == sa.bindparam("activity"))


def conversation_facts(
    connection: Connection,
    *,
    person: ParticipantRecord,
    program_id: int,
    activity_id: int | None,
    now: datetime,
) -> Facts:
    """The facts of a new conversation, see `flows.script.facts.Facts`; the scheduler adds those of a follow-up."""
    program = programs.program_file(connection, program_id)
    country = country_of(person.timezone, None)
    slug = _slug(connection, activity_id)
    return {
        **program_facts(program, program.activity(slug), country),
        **_review(program.review(slug)),
        "participant": {
            "code": person.code,
            "role": person.role.value,
            "language": person.language or program.language,
            "timezone": person.timezone or program.timezone,
        },
        "schedule": _schedule(program, person.timezone or program.timezone, now),
    }


def _slug(connection: Connection, activity_id: int | None) -> str | None:
    """The short name of an event, or of a piece of teaching that is reviewed."""
    if activity_id is None:
        return None
    slug: str | None = connection.scalar(_SLUG, {"activity": activity_id})
    return slug


def _review(review: ReviewFile | None) -> Facts:
    return {} if review is None else {"review": review.model_dump(mode="json")}


def _schedule(program: ProgramFile, zone: str, now: datetime) -> Facts:
    """The waves as they would fall for a commitment made now, as the person's local dates."""
    schedule = program.schedule
    due = [wave_due(now, days, schedule.window, zone) for days in schedule.waves]
    return {
        "wave_days": list(schedule.waves),
        "wave_dates": [at.astimezone(ZoneInfo(zone)).date().isoformat() for at in due],
    }
