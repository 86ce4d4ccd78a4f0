"""What happened, in the past tense: the only things that move a conversation."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

Facts = dict[str, Any]
"""What a conversation knows from outside, as JSON values. Frozen when it starts, but for the programme's own
words, which are those of its language. Keys that the engine knows:

participant  {code, role, language, timezone}
program      {slug, title, team, contact, condition, emergency_number, ...}
activity     {slug, title, suggestions: [{code, label, type, theme, objective, raised_by}]}
schedule     {wave_days: [30, 60, 90], wave_dates: ["2026-04-01", ...]}
commitments  (follow-up) [{id, follow_up_id, statement, made_on, level, foreseen_barriers, ...}], oldest first
wave         (follow-up) {days, last: bool, next_on: date or None, last_on: the same of the last wave}

In a talk that follows on an earlier one, beside its commitments:
earlier      {on: its day, again: whether this flow would come once more, points: n, used: n of them}
baseline     [{code, label}]: what was picked there, to be asked about again
behaviours   [{code, label, theme, activity}]: what clinicians promised for these themes, in patients' words
peers        {top: [{code, people, label}]}: what others chose most, with how many people did
changes      [{code, text, theme, on}]: what was changed because of what people said
points       [{text, decision, reason}]: what a review said, and what became of it

In a review, and after it:
review       {slug, title, version, role}: what is looked at, and as what

For a patient partner who is to co-sign a submission, and for who made it once the partner has answered:
submission   {there: bool, language, activity, team, did, partners, found, changed, without, evidence, not_well,
             tips}: what was submitted, in texts; only `there` where it was taken back
cosign       {answer: agree, changes or rather_not, changes, activity}: what the partner said to it
"""


class MediaKind(StrEnum):
    """What came instead of words."""

    VOICE = "voice"
    PHOTO = "photo"
    STICKER = "sticker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Started:
    """The conversation begins."""

    facts: Facts
    language: str


@dataclass(frozen=True, slots=True)
class Replied:
    """The person typed. `message_id` is the platform's, so that a later edit finds the answer; None without one."""

    text: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button was tapped. `ask` is the number of the question that it stood under, `option` its place from 0."""

    ask: int
    option: int


@dataclass(frozen=True, slots=True)
class Picked:
    """The whole set of picks was sent at once (checkboxes). `options` are places from 0."""

    ask: int
    options: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DatePicked:
    """A date picker was used."""

    ask: int
    day: date


@dataclass(frozen=True, slots=True)
class TextSubmitted:
    """A form under a question was filled in (a modal for long text)."""

    ask: int
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """The person edited an earlier message."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MediaSent:
    """Something other than words came."""

    kind: MediaKind


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder for the open question is due."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A pause is over: the hour that the person chose has come, or the person wrote again."""


@dataclass(frozen=True, slots=True)
class LanguageDetected:
    """The person's last answers in their own words were surely in this language, and not in the talk's."""

    language: str


Event = (
    Started
    | Replied
    | Tapped
    | Picked
    | DatePicked
    | TextSubmitted
    | Edited
    | MediaSent
    | Reminded
    | Resumed
    | LanguageDetected
)
