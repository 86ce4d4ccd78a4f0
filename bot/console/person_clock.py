"""Tell what time it is where a person is, and when something goes to them next of our own accord."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from flows.program.model import Window
from flows.schedule.local_time import next_in_window
from storage.conversations.contact_log import OF_OUR_OWN_ACCORD
from storage.conversations.conversations import ParticipantRecord
from storage.follow_up import holds
from storage.follow_up.planned_contacts import planned_contacts
from storage.programs import programs
from storage.reports.operators import Story, StoryLine
from storage.schema import TimerKind

_UNKNOWN: Final = "UTC"
_CONTACTS: Final = frozenset(OF_OUR_OWN_ACCORD)
_HELD: Final = _CONTACTS | {TimerKind.RESUME}
"""What waits for the end of a hold; a resume at the hour that they chose is no contact of ours, and heeds no window."""

_ALSO: Final = frozenset({TimerKind.WAVE_REMINDER, TimerKind.INTERVIEW_REMINDER, TimerKind.RESUME})
"""What goes beside what is planned."""


@dataclass(frozen=True, slots=True)
class PersonClock:
    """The zone by which a person is written to, theirs or (`is_own` False) their program's, and what goes next.

    `next_at` is the earliest moment at which something is due and may go: after all holds, within the hours of the
    program there. None where nothing is planned. `held_until` is the end of their holds, None without one, and `window`
    that of their program, None where they are in several.
    """

    zone: str
    is_own: bool
    now: datetime
    held_until: datetime | None = None
    window: Window | None = None
    next_at: datetime | None = None

    def goes_at(self, line: StoryLine) -> datetime:
        """Return when what a line tells of goes at the earliest, as things stand now."""
        kind = line.fields.get("what")
        if kind not in _HELD:
            return line.at
        at = max(line.at, self.held_until or self.now, self.now)
        return (
            at if self.window is None or kind not in _CONTACTS else next_in_window(at, self.window, self.zone)
        )

    def is_held(self, line: StoryLine) -> bool:
        """Return whether what a line tells of would go earlier, but for a hold."""
        return line.fields.get("what") in _HELD and self.held_until is not None and line.at < self.held_until


def clock_of(
    connection: Connection, person: ParticipantRecord, slugs: tuple[str, ...], story: Story, now: datetime
) -> PersonClock:
    """Return the clock of a person; what is planned is looked up in the programs of these short names."""
    rows = [row for row in (programs.find(connection, slug) for slug in slugs) if row is not None]
    files = {row.id: programs.program_file(connection, row.id) for row in rows}
    zone = person.timezone or next((one.timezone for one in files.values()), _UNKNOWN)
    held = holds.contact_hold(connection, person.id)
    windows = [one.schedule.window for one in files.values()]
    clock = PersonClock(
        zone, person.timezone is not None, now, held, windows[0] if len(windows) == 1 else None
    )
    if not person.active:
        return clock
    found = [
        next_in_window(max(at, held or now), file.schedule.window, zone)
        for number, file in files.items()
        for at in planned_contacts(connection, person.id, number, now)[:1]
    ]
    found += [clock.goes_at(line) for line in story.to_come if line.fields.get("what") in _ALSO]
    return replace(clock, next_at=min(found, default=None))
