"""Gather what a conversation is told when it begins: participant, program, activity and schedule."""

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
    participant: ParticipantRecord,
    *,
    program_id: int,
    activity_id: int | None,
    now: datetime,
) -> Facts:
    """Return what a new conversation is told from outside: its facts, by the names in `flows.script.facts.FACTS`.

    They are of the participant, the program, the activity or review (`activity_id`, None for none), and the local
    dates on which waves would fall for a commitment made at `now`. The scheduler adds the facts of a follow-up.
    """
    program = programs.program_file(connection, program_id)
    country = country_of(participant.timezone, None)
    slug = _slug(connection, activity_id)
    return {
        **program_facts(program, program.activity(slug), country),
        **_review(program.review(slug)),
        "participant": {
            "code": participant.code,
            "role": participant.role.value,
            "language": participant.language or program.language,
            "timezone": participant.timezone or program.timezone,
        },
        "schedule": _schedule(program, participant.timezone or program.timezone, now),
    }


def _slug(connection: Connection, activity_id: int | None) -> str | None:
    """Return the short name of an event, or of a piece of teaching that is reviewed; None for none."""
    if activity_id is None:
        return None
    slug: str | None = connection.scalar(_SLUG, {"activity": activity_id})
    return slug


def _review(review: ReviewFile | None) -> Facts:
    return {} if review is None else {"review": review.model_dump(mode="json")}


def _schedule(program: ProgramFile, zone: str, now: datetime) -> Facts:
    """Return the waves as they would fall for a commitment made now, as the participant's local dates."""
    schedule = program.schedule
    due = [wave_due(now, days, schedule.window, zone) for days in schedule.waves]
    return {
        "wave_days": list(schedule.waves),
        "wave_dates": [at.astimezone(ZoneInfo(zone)).date().isoformat() for at in due],
    }
