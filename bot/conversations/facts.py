"""Gather what a conversation is told when it begins: participant, program, activity and schedule."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.turn_context import TurnContext
from flows.engine.events import Started
from flows.program.model import ProgramFile, ReviewFile, program_facts
from flows.program.safety import country_of
from flows.schedule.local_time import known_zone, wave_due
from flows.schedule.time_zones import countries_meant
from flows.script.facts import Facts
from flows.script.model import Flow
from storage.conversations.conversations import ConversationRecord, ParticipantRecord
from storage.database.statements import TupleQuery, among, numbers
from storage.follow_up import loop_facts
from storage.programs import programs
from storage.schema import ACTIVITY

_SLUGS = TupleQuery(sa.select(ACTIVITY.c.id, ACTIVITY.c.slug).where(among(ACTIVITY.c.id, "activities")))


def conversation_facts(
    connection: Connection,
    participant: ParticipantRecord,
    *,
    program_id: int,
    activity_id: int | None,
    now: datetime,
) -> Facts:
    """Return what a new conversation of a participant is told from outside, see `facts_of_many`."""
    [facts] = facts_of_many(connection, [(participant, program_id, activity_id)], now)
    return facts


def facts_of_many(
    connection: Connection, begun: Sequence[tuple[ParticipantRecord, int, int | None]], now: datetime
) -> list[Facts]:
    """Return what new conversations are told from outside: their facts, by the names in `flows.script.facts.FACTS`.

    Each is given by its participant and the numbers of its program and of its activity or review (None for none). The
    facts are of these, and the local dates on which waves would fall for a commitment made at `now`. The scheduler
    adds the facts of a follow-up.
    """
    activities = {activity_id for _, _, activity_id in begun if activity_id is not None}
    slugs: dict[int | None, str] = (
        dict(_SLUGS.run(connection, activities=numbers(activities))) if activities else {}
    )
    shared: dict[tuple[int, int | None, str | None, str | None], Facts] = {}
    found = []
    for participant, program_id, activity_id in begun:
        program = programs.program_file(connection, program_id)
        country = likely_country(participant.timezone, participant.zone_asked_at, None, program.whereabouts)
        key = program_id, activity_id, participant.timezone, country
        if key not in shared:
            zone = known_zone(participant.timezone, program.timezone)
            shared[key] = {
                **program_facts(program, program.activity(slugs.get(activity_id)), country),
                **_review(program.review(slugs.get(activity_id))),
                "schedule": _schedule(program, zone, now),
            }
        theirs = {
            "code": participant.code,
            "role": participant.role.value,
            "language": participant.language or program.language,
            "timezone": participant.zone(program.timezone),
            "countries": list(program.whereabouts) if participant.may_be_asked_for_zone else [],
        }
        found.append({**shared[key], "participant": theirs})
    return found


def likely_country(
    timezone: str | None, asked_at: datetime | None, locale: str | None, countries: tuple[str, ...]
) -> str | None:
    """Return the country (`GB`) that a participant is most likely in; None where nothing tells.

    Their time zone tells it, else the region of their app's locale (`en-GB`). A zone that they were asked for
    (`asked_at`) may have been chosen by the clock alone: where it is the same in several of the program's `countries`,
    the region tells, and help lines of a neighbouring country are not shown.
    """
    country = country_of(timezone, locale)
    if timezone is None or asked_at is None:
        return country
    meant = countries_meant(timezone, countries, asked_at)
    if meant <= {country}:
        return country
    region = country_of(None, locale)
    return region if region in meant else None


def facts_at_start(
    turn: TurnContext,
    conversation: ConversationRecord,
    flow: Flow,
    started: Started,
) -> Facts:
    """Return the facts of a conversation that begins, with what its script tells of other people."""
    program = programs.program_file(turn.connection, conversation.program_id)
    told = loop_facts.LoopConversation(conversation, program, started.language, turn.now)
    known = started.facts.get("program") or {}
    # One that is begun again has the facts of its first beginning, which may be of before this was asked.
    facts = {**started.facts, "program": {**known, "ask_about_medicine": program.asks_about_medicine}}
    return loop_facts.with_others(turn.connection, flow, told, facts)


def _review(review: ReviewFile | None) -> Facts:
    return {} if review is None else {"review": review.model_dump(mode="json")}


def _schedule(program: ProgramFile, zone: str, now: datetime) -> Facts:
    """Return the waves as they would fall for a commitment made now, as the participant's local dates.

    With the settings by which the days are computed anew once commitments are made, each with its start.
    """
    schedule = program.schedule
    due = [wave_due(now, days, schedule.window, zone) for days in schedule.waves]
    return {
        "wave_days": list(schedule.waves),
        "wave_dates": [at.astimezone(ZoneInfo(zone)).date().isoformat() for at in due],
        "rules": schedule.model_dump(mode="json", include={"waves", "close_after", "window"}),
    }
