"""What a coordinator writes about a programme: the programme file. Immutable; read by
`flows.loader.load_program`.
"""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator

from flows.events import Facts
from flows.script import Choice, Key, Model, Role


class Weekday(StrEnum):
    """Days of the week, as written in the file."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Window(Model):
    """When a person may be written to of our own accord, in their local time. The end is not included.

    Source of the default: doctors answer in the afternoon and evening, and early in the week (BMC Medical
    Education 2004, 4:17).
    """

    days: tuple[Weekday, ...] = Field(
        (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU),
        min_length=1,
        description="The days on which it is open.",
    )
    start: time = Field(time(12, 0), description="When it opens.")
    end: time = Field(time(19, 0), description="When it closes.")

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError('write each person\'s local time, such as "12:00", without a zone')
        if self.end <= self.start:
            raise ValueError(
                "the window's end must be later on the same day than its start, 23:59 at the latest"
            )
        return self


class Schedule(Model):
    """When follow-ups come. All numbers are days."""

    waves: tuple[Annotated[int, Field(ge=1, le=730)], ...] = Field(
        (30, 60, 90), min_length=1, description="Days from a commitment to each time of asking."
    )
    reminders: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (3, 7), description="Days from asking to each reminder, if there is no answer."
    )
    close_after: int = Field(14, ge=1, description="Days after which a wave without an answer is closed.")
    window: Window = Field(
        default_factory=Window, description="When people are written to of our own accord."
    )
    interview_reminder_hours: tuple[int, ...] = Field(
        (24, 72), description="Reminders of an unfinished talk, in hours."
    )
    expire_after: int = Field(14, ge=1, description="An unfinished talk may be resumed this long.")
    contacts_per_week: int = Field(4, ge=1, description="The most contacts of our own accord in seven days.")


class Objective(Model):
    """What an activity sets out to change."""

    code: Key = Field(description="Its name in tables.")
    text: str = Field(description="The objective in words.")
    theme: Key | None = Field(None, description="The theme that it answers.")


class Suggestion(Model):
    """A commitment to pick from."""

    code: Key = Field(description="What is stored. Never given another meaning later.")
    label: str = Field(min_length=1, description="What the clinician sees on the button.")
    type: Key | None = Field(None, description="The type of change, see the code list change_types.")
    objective: Key | None = Field(None, description="The objective that it serves.")
    theme: Key | None = Field(None, description="The theme of patients that it answers.")


class ActivityFile(Model):
    """An educational event."""

    slug: Key = Field(description="Its short name, used in commands.")
    title: str = Field(min_length=1, description="What people know it by.")
    held_on: date | None = Field(None, description="Its day, as 2026-03-19.")
    objectives: tuple[Objective, ...] = Field((), description="What it sets out to change.")
    suggestions: tuple[Suggestion, ...] = Field((), description="Four to seven work well.")


class ThemeFile(Model):
    """A code of the gap codebook."""

    code: Key = Field(description="Its name in tables.")
    label: str = Field(description="The theme in patients' words.")


class ProgramFile(Model):
    """A programme: one file."""

    program: Key = Field(description="Its short name, used in commands.")
    title: str = Field(min_length=1, description="What people see it called.")
    team: str = Field(min_length=1, description="Who asks, as people are told.")
    contact: str = Field(min_length=1, description="Where people reach the team.")
    condition: str = Field(min_length=1, description="The illness, as people call it.")
    language: str = Field(
        "en", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="For people whose own is not known."
    )
    timezone: str = Field("UTC", description="IANA name; for people whose own is not known.")
    emergency_numbers: dict[str, str] = Field(
        min_length=1, description="Emergency number by country code; 'default' for all others."
    )
    contact_again_weeks: int = Field(12, ge=1, description="When patients who agreed are asked again.")
    themes: tuple[ThemeFile, ...] = Field((), description="The gap codebook.")
    activities: tuple[ActivityFile, ...] = Field((), description="Its educational events.")
    schedule: Schedule = Field(default_factory=Schedule, description="When follow-ups and reminders come.")
    lists: dict[Key, tuple[Choice, ...]] = Field(
        default_factory=dict, description="Lists of choices of its own."
    )
    follow_ups: dict[Role, Key] = Field(
        default_factory=lambda: {Role.HCP: "hcp_follow_up"},
        description="The flow that asks at each wave, by role.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            message = f"{name!r} is not an IANA time zone; write one such as 'Europe/Vienna'"
            raise ValueError(message)
        return name

    def activity(self, slug: str | None) -> ActivityFile | None:
        """The activity of that slug; None if there is none."""
        return next((activity for activity in self.activities if activity.slug == slug), None)


def program_facts(program: ProgramFile, activity: ActivityFile | None) -> Facts:
    """What a talk knows of its programme and activity: the keys `program` and `activity` of `Facts`."""
    facts: dict[str, Any] = {
        "slug": program.program,
        "title": program.title,
        "team": program.team,
        "contact": program.contact,
        "condition": program.condition,
        "emergency_number": program.emergency_numbers.get(
            "default", next(iter(program.emergency_numbers.values()))
        ),
        "contact_again_weeks": program.contact_again_weeks,
    }
    return {
        "program": facts,
        "activity": activity.model_dump(mode="json")
        if activity
        else {"slug": "", "title": program.title, "suggestions": []},
    }
