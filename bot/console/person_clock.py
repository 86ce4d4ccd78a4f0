"""Tell what time it is where a person is, and when something goes to them next of our own accord."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from flows.schedule.local_time import next_in_window
from storage.conversations.conversations import ParticipantRecord
from storage.follow_up import holds
from storage.follow_up.planned_contacts import planned_contacts
from storage.programs import programs
from storage.reports.operators import Story
from storage.schema import TimerKind

_UNKNOWN: Final = "UTC"
_REMINDERS: Final = frozenset({TimerKind.WAVE_REMINDER, TimerKind.INTERVIEW_REMINDER, TimerKind.RESUME})


@dataclass(frozen=True, slots=True)
class PersonClock:
    """The zone by which a person is written to, theirs or (`is_own` False) their program's, and what goes next.

    `next_at` is the earliest moment at which something is due and may go: after all holds, within the hours of the
    program there. None where nothing is planned.
    """

    zone: str
    is_own: bool
    next_at: datetime | None


def clock_of(
    connection: Connection, person: ParticipantRecord, slugs: tuple[str, ...], story: Story, now: datetime
) -> PersonClock:
    """Return the clock of a person; what is planned is looked up in the programs of these short names."""
    rows = [row for row in (programs.find(connection, slug) for slug in slugs) if row is not None]
    files = {row.id: programs.program_file(connection, row.id) for row in rows}
    zone = person.timezone or next((one.timezone for one in files.values()), _UNKNOWN)
    held = holds.contact_hold(connection, person.id) or now
    found = [
        next_in_window(max(at, held), file.schedule.window, zone)
        for number, file in files.items()
        for at in planned_contacts(connection, person.id, number, now)[:1]
    ]
    found += [max(line.at, held, now) for line in story.to_come if line.fields.get("what") in _REMINDERS]
    return PersonClock(zone, person.timezone is not None, min(found, default=None) if person.active else None)
