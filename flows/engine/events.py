"""What happened, in the past tense: the only things that move a conversation."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flows.script.facts import Facts


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
