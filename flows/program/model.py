"""Define what a coordinator writes about a program: the program file.

The models are immutable; `flows.program.loader.load_program` reads them. They are also the JSON Schema that
editors use and the reference page, so their descriptions are written for coordinators.
"""

from datetime import date, time
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from babel.core import get_global
from pydantic import Field, ValidationInfo, field_validator, model_validator

from flows.program.inquiry_answers import InquiryAnswers as InquiryAnswers  # noqa: PLC0414 - a program has them
from flows.program.safety import DEFAULT, SafetySettings, country_of
from flows.program.weekdays import Weekday as Weekday  # noqa: PLC0414 - a window names them
from flows.script.bounds import CENTURY_DAYS, CENTURY_HOURS, CENTURY_WEEKS, KEPT, DateBounds, NumberBounds
from flows.script.facts import Facts
from flows.script.model import Choice, FrozenModel, Key, Purpose, Role

Days = Annotated[int, NumberBounds(1, 730, CENTURY_DAYS)]
Day = Annotated[date, DateBounds()]
MOST_WEEKS = 104


class Window(FrozenModel):
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
        """Refuse a window that never opens, or has a time zone."""
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError('write each person\'s local time, such as "12:00", without a zone')
        if self.end <= self.start:
            raise ValueError(
                "the window's end must be later on the same day than its start, 23:59 at the latest"
            )
        return self


class Schedule(FrozenModel):
    """When follow-ups come. All numbers are days."""

    waves: tuple[Annotated[int, Field(ge=1, le=730)], ...] = Field(
        (30, 60, 90), min_length=1, description="Days from a commitment to each time of asking."
    )
    reminders: tuple[Annotated[int, Field(ge=1), NumberBounds(1, 730, CENTURY_DAYS)], ...] = Field(
        (3, 7), description="Days from asking to each reminder, if there is no answer."
    )
    close_after: Days = Field(14, ge=1, description="Days after which a wave without an answer is closed.")
    channels: tuple[Key, ...] = Field(
        (),
        description="The channels in the order in which whoever has several addresses is tried, such as"
        " [telegram, email]; what people chose comes first. A wave without an answer goes by the next one.",
    )
    mails_show_question: bool = Field(
        False,
        exclude_if=lambda says_so: not says_so,  # so that a file without it keeps its hash
        description="Whether a mail holds the question that waits, with the words of theirs that it quotes. Mails are"
        " read by others, too: by default a mail says only that something waits.",
    )
    window: Window = Field(
        default_factory=Window, description="When people are written to of our own accord."
    )
    interview_reminder_hours: tuple[Annotated[int, NumberBounds(1, 8_760, CENTURY_HOURS)], ...] = Field(
        (24, 72), description="Reminders of an unfinished conversation, in hours."
    )
    expire_after: Days = Field(14, ge=1, description="An unfinished conversation may be resumed this long.")
    contacts_per_week: Annotated[int, NumberBounds(1, 100)] = Field(
        4, ge=1, description="The most contacts of our own accord in seven days."
    )
    quiet_days_after_talk: Annotated[int, NumberBounds(0, 365, CENTURY_DAYS)] = Field(
        1,
        ge=0,
        description="After a conversation has come to its end, nothing else of our own accord for so many days.",
    )


class Retention(FrozenModel):
    """How long what people said is kept. The defaults are our own; no rule that we know of sets them."""

    raw_text_months: int = Field(
        24,
        ge=1,
        le=600,
        description="Months that the words of a conversation are kept after the person was last heard of or asked in"
        " the program. Codes, numbers and dates stay.",
    )
    identity_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days that we know which account somebody had, after their last conversation or wave, and after"
        " `contact_again_weeks` for those who agreed to be asked again.",
    )
    inbox_days: int = Field(
        30, ge=1, le=3650, description="Days that messages are kept as the platform delivered them."
    )


class Objective(FrozenModel):
    """What an activity sets out to change."""

    code: Key = Field(description="Its name in tables.")
    text: str = Field(description="The objective in words.")
    theme: Key | None = Field(None, description="The theme that it answers.")


class Suggestion(FrozenModel):
    """A commitment to pick from."""

    code: Key = Field(description="What is stored. Never given another meaning later.")
    label: str = Field(min_length=1, description="What the clinician sees on the button.")
    type: Key | None = Field(None, description="The type of change, see the code list change_types.")
    objective: Key | None = Field(None, description="The objective that it serves.")
    theme: Key | None = Field(None, description="The theme of patients that it answers.")
    patient_label: str | None = Field(
        None,
        min_length=1,
        description="What a patient would see of it, on a button after 'did someone ...'. Without it patients"
        " are not asked about it. Carers see it too, so it says 'Gave a plan', and not 'Gave you a plan'.",
    )


class ActivityFile(FrozenModel):
    """An educational event."""

    slug: Key = Field(description="Its short name, used in commands.")
    title: str = Field(min_length=1, description="What people know it by.")
    held_on: Day | None = Field(None, description="Its day, as 2026-03-19.")
    objectives: tuple[Objective, ...] = Field((), description="What it sets out to change.")
    suggestions: tuple[Suggestion, ...] = Field((), description="Four to seven work well.")


class ThemeFile(FrozenModel):
    """A code of the gap codebook."""

    code: Key = Field(description="Its name in tables.")
    label: str = Field(description="The theme in patients' words.")


class Change(FrozenModel):
    """What was changed because of what people said, and when they are told."""

    code: Key = Field(description="Its name: nobody is told twice of the same one.")
    text: str = Field(min_length=1, description="What was changed, in a plain sentence or two.")
    theme: Key | None = Field(None, description="Tells only those who raised it; all, if absent.")
    on: Day = Field(description="The day on which those who were asked before it are told.")


class ReviewFile(FrozenModel):
    """A piece of teaching that patients or a committee review."""

    slug: Key = Field(description="Its short name, used in commands; no activity has the same.")
    title: str = Field(min_length=1, description="What reviewers know it by.")
    version: str = Field(min_length=1, description="Which version they are sent.")
    role: str = Field("patient reviewer", min_length=1, description="As what they look at it.")


_WHEN_THERE = frozenset({"changes", "points", "cosign"})
"""What a flow may need and come as soon as it is there."""


class FollowOn(FrozenModel):
    """One flow follows another: for whom, and when.

    It is decided when the earlier talk ends (or, for `unfinished`, begins), and looked at again at its time: the
    window, the budget, consent and other talks count then as for every contact of our own accord.
    """

    flow: Key = Field(description="The script that comes.")
    after: Key = Field(description="The script of the earlier conversation.")
    role: Role | None = Field(None, description="Only for this role; for all, if absent.")
    outcome: Literal["completed", "declined", "not_relevant"] = Field(
        "completed", description="How the earlier conversation must have ended."
    )
    unfinished: bool = Field(
        False,
        description="Instead: the earlier conversation was begun and has not ended. The script only says something;"
        " after it the question that is open there is put again.",
    )
    days: int | None = Field(None, ge=1, le=730, description="Days from then.")
    weeks: Annotated[int, Field(ge=1), NumberBounds(1, MOST_WEEKS, CENTURY_WEEKS)] | None = Field(
        None,
        description="Weeks from then. With neither, it comes once there is what it `needs`.",
    )
    needs_consent: Purpose | None = Field(
        Purpose.CONTACT_AGAIN,
        description="The consent without which it does not come; `null` for none. An unfinished conversation needs"
        " none.",
    )
    needs: Literal["commitments", "changes", "points", "cosign"] | None = Field(
        None, description="It does not come unless there are any of these to speak of."
    )
    items: Key | None = Field(
        None,
        description="The select_many of the earlier conversation whose picks are the fact `baseline`, to be asked about"
        " again.",
    )
    most: Annotated[int, NumberBounds(1, 100)] = Field(
        1, ge=1, description="How often it comes to a person, for each activity, at most."
    )

    @model_validator(mode="after")
    def _comes_at_some_time(self) -> Self:
        """Refuse an entry that never comes, or whose time is given twice."""
        if self.days is not None and self.weeks is not None:
            raise ValueError("give either `days` or `weeks`")
        if self.wait is None and self.needs not in _WHEN_THERE:
            raise ValueError(
                "say when it comes: add `days` or `weeks`, or `needs: changes`, `points` or `cosign`"
            )
        if self.wait is None and self.unfinished:
            raise ValueError("say after how many `days` an unfinished talk is taken up")
        return self

    @property
    def wait(self) -> int | None:
        """Days to wait after the earlier conversation; None if it comes as soon as there is what it `needs`."""
        return self.days if self.weeks is None else self.weeks * 7

    @property
    def consent(self) -> Purpose | None:
        """The consent without which it does not come; None if it needs none."""
        return None if self.unfinished else self.needs_consent


class ProgramFile(SafetySettings):
    """A programme: one file."""

    program: Key = Field(description="Its short name, used in commands.")
    title: str = Field(min_length=1, description="What people see it called.")
    team: str = Field(min_length=1, description="Who asks, as people are told.")
    contact: str = Field(min_length=1, description="Where people reach the team.")
    condition: str = Field(min_length=1, description="The illness, as people call it.")
    invitation_names: tuple[Literal["team", "title"], ...] = Field(
        (),
        exclude_if=lambda names: not names,  # so that a file without them keeps its hash
        description="What the page of a link says before anybody begins: `team`, `title`, or both. Others may open a"
        " link, too: name only what tells no illness and no role. Whom to ask stands there, and the minutes.",
    )
    language: str = Field(
        "en", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="For people whose own is not known."
    )
    timezone: str = Field("UTC", description="IANA name; for people whose own is not known.")
    countries: tuple[str, ...] | None = Field(
        None,
        exclude_if=lambda codes: codes is None,  # so that a file without them keeps its hash
        description="Where people are, as codes such as `GB`. Whose time zone is not known is asked for it once, where"
        " there is more than one. If absent: the country of `timezone`, and those with numbers of their own.",
    )
    emergency_numbers: dict[str, str] = Field(
        min_length=1, description="Emergency number by country code; 'default' for all others."
    )
    contact_again_weeks: Annotated[int, NumberBounds(1, MOST_WEEKS, CENTURY_WEEKS)] = Field(
        12, ge=1, description="When patients who agreed are asked again."
    )
    themes: tuple[ThemeFile, ...] = Field((), description="The gap codebook.")
    activities: tuple[ActivityFile, ...] = Field((), description="Its educational events.")
    schedule: Schedule = Field(default_factory=Schedule, description="When follow-ups and reminders come.")
    retention: Retention = Field(default_factory=Retention, description="How long what people said is kept.")
    lists: dict[Key, tuple[Choice, ...]] = Field(
        default_factory=dict, description="Lists of choices of its own."
    )
    help: dict[Key, str] | None = Field(
        None,
        exclude_if=lambda texts: texts is None,  # so that a file without them keeps its hash
        description="One line that helps against a barrier, by the barrier's code, such as `time` or `memory`. It is"
        " said to clinicians after they name that barrier.",
    )
    follow_ups: dict[Role, Key] = Field(
        default_factory=lambda: {Role.HCP: "hcp_follow_up"},
        description="The flow that asks at each wave, by role.",
    )
    follow_on: tuple[FollowOn, ...] | None = Field(
        None,
        description="Which flow follows which. If absent, that of the shipped ones, see below; `[]` for none.",
    )
    changes: tuple[Change, ...] = Field((), description="What was changed because of what people said.")
    at_close: Literal["end", "go_on"] = Field(
        "end", exclude_if=lambda how: how == "end", description="Once closed: all ends, or promises go on."
    )
    reviews: tuple[ReviewFile, ...] = Field((), description="Pieces of teaching that are reviewed.")
    answers: InquiryAnswers | None = Field(
        None,
        exclude_if=lambda answers: answers is None,  # so that a file without them keeps its hash
        description="What people are told who ask something of the bot, such as who reads this.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str, info: ValidationInfo) -> str:
        """Refuse a name that is no IANA time zone, unless it was one when it was kept."""
        if info.context != KEPT and name not in available_timezones():
            message = f"{name!r} is not an IANA time zone; write one such as 'Europe/Vienna'"
            raise ValueError(message)
        return name

    @field_validator("countries")
    @classmethod
    def _known_countries(cls, codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Refuse a code of a country whose time zones are not known."""
        for code in codes or ():
            if code not in get_global("territory_zones"):
                message = f"{code!r} is no country; write two capitals such as 'GB'"
                raise ValueError(message)
        return codes

    def activity(self, slug: str | None) -> ActivityFile | None:
        """Return the activity of that slug; None if there is none."""
        return next((activity for activity in self.activities if activity.slug == slug), None)

    def review(self, slug: str | None) -> ReviewFile | None:
        """Return the piece of teaching of that slug; None if there is none."""
        return next((review for review in self.reviews if review.slug == slug), None)

    def emergency_number(self, country: str | None) -> str:
        """Return the emergency number of a country (`GB`).

        The default where the country is not known (None) or the file does not name it.
        """
        numbers = self.emergency_numbers
        return numbers.get(country or "default") or numbers.get("default") or next(iter(numbers.values()))

    @property
    def whereabouts(self) -> tuple[str, ...]:
        """The countries (`GB`) people may be in: as the file says, else that of the time zone and those with help."""
        if self.countries is not None:
            return self.countries
        helped = () if self.crisis is None else self.crisis.countries
        named = dict.fromkeys((country_of(self.timezone, None) or "", *self.emergency_numbers, *helped))
        return tuple(country for country in named if country not in ("", DEFAULT))

    @property
    def follows(self) -> tuple[FollowOn, ...]:
        """Which flow follows which, for whom and when: as the file says, else as it is for the shipped flows."""
        return shipped_follow_ons(self.contact_again_weeks) if self.follow_on is None else self.follow_on

    def family_of(self, flow: str) -> frozenset[str]:
        """Return the names of the flow and of all that come before or after it, directly or through others.

        Consent to one of them counts for each.
        """
        return _family_of(flow, tuple((entry.after, entry.flow) for entry in self.follows))


@lru_cache(maxsize=256)
def _family_of(flow: str, pairs: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Return what is reached from a flow by pairs of a flow and the one that follows on it, in either direction."""
    family, grown = frozenset[str](), frozenset({flow})
    while grown != family:
        family = grown
        grown = family.union(*(pair for pair in pairs if not family.isdisjoint(pair)))
    return family


@cache
def shipped_follow_ons(weeks: int) -> tuple[FollowOn, ...]:
    """Return which flow follows which for a program file without `follow_on`.

    Patients are asked again after `weeks`, which were bounded where the program was loaded.
    """
    again = {"flow": "patient_follow_up", "weeks": weeks, "items": "a6"}
    return tuple(
        FollowOn.model_validate(entry, context=KEPT)
        for entry in (
            {"after": "patient_interview", **again},
            {"after": "patient_follow_up", **again},
            {"flow": "what_we_changed", "after": "patient_interview", "needs": "changes", "items": "a6"},
            {"flow": "commitment_reask", "after": "hcp_commitment", "unfinished": True, "days": 7},
            {"flow": "commitment_nudge", "after": "hcp_commitment", "days": 14, "needs": "commitments"},
            {"flow": "review_answer", "after": "content_review", "needs": "points"},
            {"flow": "best_practice_answer", "after": "best_practice", "needs": "cosign"},
        )
    )


def kept_program(settings: Any) -> ProgramFile:
    """Make the file of a program out of what was kept of it when it was loaded, as `model_dump` gives it.

    Whether its calendar and its time zone are known is not asked again: the calendars of all countries take a tenth of
    a second to import.
    """
    return ProgramFile.model_validate(settings, context=KEPT)


def program_facts(program: ProgramFile, activity: ActivityFile | None, country: str | None = None) -> Facts:
    """Return what a conversation knows of its program and activity: the keys `program`, `activity`, `help` of `Facts`.

    `country` is where the participant most likely is, for the emergency number; None where it is not known.
    """
    facts: dict[str, Any] = {
        "slug": program.program,
        "title": program.title,
        "team": program.team,
        "contact": program.contact,
        "condition": program.condition,
        "emergency_number": program.emergency_number(country),
        "contact_again_weeks": program.contact_again_weeks,
        "ask_about_medicine": program.asks_about_medicine,
    }
    helps = [{"code": code, "text": text.strip()} for code, text in (program.help or {}).items()]
    return {
        "program": facts,
        **({"help": helps} if helps else {}),
        "activity": activity.model_dump(mode="json")
        if activity
        else {"slug": "", "title": program.title, "suggestions": []},
    }
